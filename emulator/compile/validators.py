"""Validators: the part of a spec that says what tells states of records apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.program.operation import Action
from emulator.program.validators import ValidatorPolicy
from emulator.program.views import View
from emulator.spec.document import Pointer

_READS = ("read", "list")


def compile_validators(
    source: Source,
    operation: Pointer,
    action: Action,
    scope: Scope,
    views: Mapping[str, View],
) -> ValidatorPolicy | None:
    """What holds for an operation: what it says itself, its collection, or the provider."""
    at = next(_places(source, operation, action), None)
    if at is None:
        return None
    written = source.get(*at)
    if written is False:
        return None
    _check(source, at, action, written)
    fields = source.fields.get(action.collection, frozenset())
    known = scope.with_fields(fields).with_roots(record=None, item=None)
    if action.kind == "list":
        known = scope.with_roots(results=None, items=None, page=None)
    tag = written.get("etag", True)
    if action.kind == "list" and at[0] != "operations" and tag is not False:
        tag = True  # what is said of records says nothing of a list of them
    return ValidatorPolicy(
        has_tag=tag is not False,
        etag=None if isinstance(tag, bool) else source.template((*at, "etag"), known),
        view=views.get(_view(source, action)),
        weak=written.get("weak", False),
        last_modified=source.template((*at, "last_modified"), known)
        if "last_modified" in written and action.kind != "list"
        else None,
        required=written.get("required", False),
    )


def _check(source: Source, at: Pointer, action: Action, written: Json) -> None:
    """Report validators that tell nothing apart, or that let nobody write."""
    tag = written.get("etag", True)
    if action.kind == "reply" and tag is True:
        source.problem(
            at,
            "missing-key",
            "`validators` does not say what differs between two states",
            "this operation is about no record, of which a digest could be made",
            "add `etag: digest(...)` of what it shows",
            key=True,
        )
    if tag is False and "last_modified" not in written:
        source.problem(
            (*at, "etag"),
            "wrong-form",
            "`validators` without an ETag and without a date are none",
            "a state is told from another by one of the two",
            "add `last_modified`, or write `validators: false`",
        )
    if (
        written.get("weak")
        and written.get("required")
        and "last_modified" not in written
    ):
        source.problem(
            (*at, "weak"),
            "wrong-form",
            "no write can be let through",
            "`required` asks for If-Match, which never holds for a weak entity-tag"
            " (RFC 9110, 13.1.1)",
            "remove `weak`, or add `last_modified` for If-Unmodified-Since",
        )


def _places(source: Source, operation: Pointer, action: Action) -> Iterator[Pointer]:
    """Where it may be said what holds, the most particular first."""
    places: list[Pointer] = [(*operation, "validators")]
    view = _view(source, action)
    if view:
        places.append(("views", view, "validators"))
    if action.collection:
        places += [
            ("collections", action.collection, "validators"),
            ("validators",),
        ]
    for at in places:
        if source.get(*at) is not None:
            yield at


def _view(source: Source, action: Action) -> str:
    """The view of those who read what *action* writes: both have to speak of the same."""
    if action.kind in _READS:
        return action.view
    return source.views_read.get(action.collection, action.view)
