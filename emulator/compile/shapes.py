"""Shapes: what a call may say of how an operation shows its records."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.embedded import Spliced
from emulator.language.static_scope import Scope
from emulator.language.templates import WholeRecord
from emulator.program.shaping import ExpandPolicy, FieldsPolicy, Shape
from emulator.program.views import View
from emulator.spec.document import Pointer


def compile_shape(
    source: Source, pointer: Pointer, scope: Scope, views: Mapping[str, View]
) -> Shape | None:
    """`expand` and `fields` of the action at *pointer*, whose names are in *scope*."""
    written = source.get(*pointer)
    if not {"expand", "fields"} & written.keys():
        return None
    view = views.get(written.get("view", ""))
    return Shape(
        expand=_expand(source, (*pointer, "expand"), scope, view),
        fields=_fields(source, (*pointer, "fields"), scope, view),
    )


def _expand(
    source: Source, pointer: Pointer, scope: Scope, view: View | None
) -> ExpandPolicy | None:
    written = source.get(*pointer)
    if written is None:
        return None
    if view is None or not view.expansions.get(view.name):
        source.problem(
            pointer,
            "missing-key",
            "nothing that is shown can be expanded",
            "`expand` of the operation's view says what each member refers to",
            "add `expand: {<member>: <view>}` to the view"
            if view
            else "add `view:` beside it, with a view that has `expand`",
            key=True,
        )
        return None
    return ExpandPolicy(
        of=source.condition((*pointer, "of"), scope),
        depth=written.get("depth", 4),
        prefix=written.get("prefix", ""),
        beside=written.get("place", "inside") == "beside",
        unknown=written.get("unknown", "ignore"),
        field=written.get("field", "expand"),
    )


def _fields(
    source: Source, pointer: Pointer, scope: Scope, view: View | None
) -> FieldsPolicy | None:
    written = source.get(*pointer)
    if written is None:
        return None
    inside = tuple(written.get("inside", ()))
    shown = _members(source, pointer, view)
    known: set[str] = set()
    for name in inside:
        if shown is not None and source.known(
            (*pointer, "inside", inside.index(name)), name, shown, "field"
        ):
            member = _plain(shown[name])
            known |= member.keys() if isinstance(member, dict) else set()
    if not inside and shown is not None:
        known = {*shown}
    if not known and written.get("unknown") == "violation":
        source.problem(
            (*pointer, "unknown"),
            "wrong-form",
            "which members there are is known for each record alone",
            "what is shown is no mapping with names",
            "write `unknown: ignore`, or let the view show a mapping",
        )
    for at, name in source.entries(*pointer, "always"):
        if known:
            source.known(at, name, known, "field")
    return FieldsPolicy(
        of=source.condition((*pointer, "of"), scope),
        always=frozenset(written.get("always", ())),
        inside=inside,
        known=frozenset(known),
        unknown=written.get("unknown", "ignore"),
        field=written.get("field", "fields"),
    )


def _members(
    source: Source, pointer: Pointer, view: View | None
) -> Mapping[str, Json] | None:
    """The members of what is shown, each with what stands there; None: unknown."""
    if view is None or isinstance(view.template, WholeRecord):
        collection = view.of if view else source.get(*pointer[:-1], "collection")
        return dict.fromkeys(source.fields.get(collection, ()))
    tree = _plain(view.template.tree)
    if not isinstance(tree, dict):
        return None
    return {**tree, **dict.fromkeys(view.expansions.get(view.name, ()))}


def _plain(tree: Json) -> Json:
    return tree.tree if isinstance(tree, Spliced) else tree
