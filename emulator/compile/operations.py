"""Operations: each operation's part of a spec, put together with what OpenAPI says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from emulator.compile.actions import compile_action, has_records_beside
from emulator.compile.authentication import compile_alternatives
from emulator.compile.batch import compile_batch
from emulator.compile.bodies import compile_body
from emulator.compile.conditions import asked_before, compile_conditions
from emulator.compile.definitions import define
from emulator.compile.documented import (
    Shared,
    compile_documented,
    stateless_operations,
)
from emulator.compile.effects import compile_effects
from emulator.compile.encodings import error_media
from emulator.compile.errors import compile_errors
from emulator.compile.idempotency import compile_idempotency
from emulator.compile.kinds import (
    any_texts,
    any_values,
    kinds_of_members,
    kinds_of_parameters,
)
from emulator.compile.optional import optional_members, optional_parameters
from emulator.compile.parameters import compile_parameters
from emulator.compile.paths import names_in_path
from emulator.compile.replies import compile_replies
from emulator.compile.rules import compile_limit, compile_rules
from emulator.compile.source import Source
from emulator.compile.validators import compile_validators
from emulator.compile.violations import compile_wording
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.authentication import SchemePolicy
from emulator.program.bodies import BodyPolicy
from emulator.program.documented import REPLIES
from emulator.program.errors import Errors
from emulator.program.later import LaterOperation
from emulator.program.oauth2 import GrantPolicy, OAuthPolicy
from emulator.program.operation import (
    Action,
    Operation,
    Rule,
)
from emulator.program.pages import PagePolicy
from emulator.program.parameters import ParameterPolicy
from emulator.program.rate_limits import LimitPolicy
from emulator.program.replies import ReplyPolicy
from emulator.program.views import View
from emulator.program.violations import Wording
from emulator.spec.document import Pointer

DOCUMENTED = "documented"
"""The word for a reply that is the document's."""
_WRITES = ("create", "update")


class Parts(NamedTuple):
    """What operations are put together from."""

    schemes: Mapping[str, SchemePolicy]
    limits: tuple[LimitPolicy, ...]
    pages: Mapping[str, PagePolicy]
    views: Mapping[str, View]
    errors: Errors
    wording: Wording
    repeated: str
    accept: str
    max_body: int | None
    server: OAuthPolicy | None


def compile_operations(source: Source, parts: Parts) -> dict[str, Operation]:
    """The operations of `openapi.yaml`, as `operations` and `unlisted` say they behave."""
    for pointer, _ in source.entries("operations"):
        source.known(pointer, pointer[-1], source.openapi.operations, "operation")
    if source.get("unlisted") is None:
        _check_listed(source)
    made = later_operation if source.trusted else _operation
    operations = {
        id: made(source, parts, id)
        for id in source.openapi.operations
        if source.get("operations", id) is not None
    }
    if source.get("unlisted") == "stateless":
        operations.update(stateless_operations(source, _shared(parts)))
    return operations


def _shared(parts: Parts) -> Shared:
    """What operations that are answered from the document have of *parts*."""
    return Shared(
        schemes=parts.schemes,
        limits=parts.limits,
        errors=parts.errors,
        wording=parts.wording,
        repeated=parts.repeated,
        accept=parts.accept,
        max_body=parts.max_body,
    )


def _check_listed(source: Source) -> None:
    """Report each operation of openapi.yaml that `operations` does not list."""
    for id in source.openapi.operations:
        if source.get("operations", id) is None and id not in source.broken:
            source.problem(
                ("operations",),
                "missing-operation",
                f"the operation {id!r} of openapi.yaml has no behavior",
                "every operation does something, or it is not offered",
                f"add `{id}:` under operations, take it out of openapi.yaml, or write"
                " `unlisted: stateless` (or `not_emulated`) at the top for all that is not"
                " listed",
                key=True,
            )


def unlisted_operations(source: Source, parts: Parts) -> Iterator[Operation]:
    """The operations of openapi.yaml that are not emulated, as `unlisted` says."""
    for id, document in source.openapi.operations.items():
        unlisted = source.get("unlisted") == "not_emulated"
        if unlisted and source.get("operations", id) is None:
            names = [each.name for each in document.parameters if each.where == "path"]
            yield plain_operation(
                source,
                parts,
                id=id,
                method=document.method,
                path=document.path,
                parameter_names=tuple(names),
                summary=document.summary,
                listed=False,
            )


def later_operation(source: Source, parts: Parts, id: str) -> Operation:
    """An operation of files that have been checked, which is compiled when it is asked for."""
    document = source.openapi.operations[id]
    written = source.get("operations", id)
    return LaterOperation(
        lambda: _operation(source, parts, id),
        id=id,
        method=document.method,
        path=document.path,
        parameter_names=names_in_path(document.path),
        summary=document.summary,
        path_aliases=tuple(written.get("path_aliases", ())),
        listed=True,
        dispatch=None,
        behavior=source.behavior,
        pointer=("operations", id),
    )


def _operation(source: Source, parts: Parts, id: str) -> Operation:
    document = source.openapi.operations[id]
    pointer: Pointer = ("operations", id)
    written = source.get(*pointer)
    parameters = compile_parameters(source, id, pointer, parts.repeated)
    body = compile_body(source, id, parts.max_body)
    scope = _scope(source, parameters, body)
    if "let" in written:
        whole = scope.with_roots(**RESULT)
        scope = define(source, (*pointer, "let"), scope, whole)
    alternatives, is_open, scopes = compile_alternatives(source, id, parts.schemes)
    if "scope" in written:
        given = written["scope"]
        scopes = tuple(given) if isinstance(given, list) else (str(given),)
    if is_open:
        scope = scope.with_optional({*scope.optional, "caller"})
    plain, scope = scope, asked_before("paginate", source, pointer, scope)
    action = compile_action(source, pointer, scope, parts.pages, parts.views)
    result = scope.with_roots(**RESULT).without(
        {"refused": _ANSWERED, **_lacks(action)}
    )
    errors = compile_errors(source, parts.errors, *pointer, "errors")
    shown = result.with_roots(included=None) if has_records_beside(action) else result
    is_documented = written.get("reply") == DOCUMENTED
    replies = REPLIES
    if not is_documented:
        kind = "batch" if "batch" in written else action.kind
        at = (*pointer, "reply")
        replies = compile_replies(source, at, shown, kind, document.responses)
    asked = asked_before("validate", source, pointer, plain)
    return Operation(
        id=id,
        method=document.method,
        path=document.path,
        parameter_names=tuple(parameter.name for parameter in parameters.path),
        summary=document.summary,
        security=alternatives,
        open=is_open,
        scopes=scopes,
        parameters=parameters,
        body=body,
        produces=_produces(document.responses, replies),
        accept=written.get("accept", parts.accept),
        action=action,
        rules=_rules(source, pointer, source.scope_at("validate", asked), action, body),
        requires=tuple(compile_conditions(source, pointer, plain, action)),
        limit=compile_limit(source, action.collection)
        if action.kind in _WRITES
        else None,
        limits=tuple(
            limit
            for limit in parts.limits
            if limit.operations is None or id in limit.operations
        ),
        effects=compile_effects(source, (*pointer, "effects"), result),
        replies=replies,
        error_media=error_media(source, document.responses),
        errors=errors,
        batch=compile_batch(source, pointer, scope),
        wording=compile_wording(source, (*pointer, "violations"), parts.wording),
        behavior=source.behavior,
        pointer=pointer,
        path_aliases=tuple(written.get("path_aliases", ())),
        grant=_grant(source, pointer, parts.server),
        secret_members=_secret_members(source, pointer, body),
        validators=compile_validators(source, pointer, action, scope, parts.views),
        idempotency=compile_idempotency(source, pointer, document.method, scope),
        documented=compile_documented(source, id) if is_documented else None,
        from_document=None
        if is_documented
        else partial(compile_documented, source, id),
    )


def _lacks(action: Action) -> dict[str, str]:
    """Which names of RESULT an operation with this *action* never has, and why."""
    if action.kind == "list":
        lacks = dict.fromkeys(
            ("record", "item", "before"), "a list has several records"
        )
        return lacks if action.page else {**lacks, "page": "the list names no `page`"}
    if action.kind in ("read", "create", "update", "delete"):
        why = f"`{action.kind}` is about one record: `record`, or `item` as it is shown"
        return dict.fromkeys(("items", "results", "matched", "page"), why)
    return {"page": "only a `list` has one"} if action.kind == "reply" else {}


def _grant(
    source: Source, pointer: Pointer, server: OAuthPolicy | None
) -> GrantPolicy | None:
    """What `grant` says, which few operations have."""
    if source.get(*pointer, "grant") is None:
        return None
    from emulator.compile.oauth2.policy import compile_grant

    return compile_grant(source, pointer, server)


_ANSWERED = "this comes about when nothing has refused the call"


def _secret_members(
    source: Source, pointer: Pointer, body: BodyPolicy | None
) -> tuple[str, ...]:
    """The members of the body that hold secrets, as `secret_members` names them."""
    names: list[str] = source.get(*pointer, "secret_members", default=[])
    known = frozenset(body.members if body else ())
    return tuple(
        name
        for at, name in enumerate(names)
        if source.known((*pointer, "secret_members", at), name, known, "field")
    )


def implied_options(source: Source, parts: Parts, path: str, allow: str) -> Operation:
    """The OPTIONS (RFC 9110, 9.3.7) of a path for which the provider describes none."""
    return plain_operation(
        source,
        parts,
        id=f"OPTIONS {path}",
        method="OPTIONS",
        path=path,
        parameter_names=(),
        summary="What can be done here",
        headers=(("Allow", source.template(("operations",), tree=allow)),),
    )


def plain_operation(
    source: Source,
    parts: Parts,
    *,
    headers: tuple[tuple[str, Template], ...] = (),
    **about: Any,
) -> Operation:
    """An operation that asks nothing and does nothing."""
    about.setdefault("body", None)
    if "parameters" not in about:
        about["parameters"] = _no_parameters()
    return Operation(
        security=(),
        open=True,
        scopes=(),
        produces=(),
        accept="ignore",
        action=Action(kind="reply"),
        rules=(),
        requires=(),
        limit=None,
        limits=(),
        effects=(),
        replies=(ReplyPolicy(status=204, headers=headers, body=None),),
        error_media={},
        errors=parts.errors,
        wording=parts.wording,
        behavior=source.behavior,
        pointer=("operations",),
        **about,
    )


def _no_parameters() -> ParameterPolicy:
    return ParameterPolicy(
        path=(), query={}, header=(), cookie=(), schemas={},
        defaults={place: {} for place in ("query", "header", "cookie")},
        needed=frozenset(), repeated="last",
    )  # fmt: skip


PAGE = frozenset(
    {
        "number", "size", "total", "count", "offset", "start", "end", "shown",
        "next", "prev", "cursor", "next_cursor", "prev_cursor", "has_more", "has_next",
        "has_prev", "urls",
    }
)  # fmt: skip


RESULT: Mapping[str, frozenset[str] | None] = {
    "page": PAGE,
    "items": None,
    "item": None,
    "record": None,
    "before": None,
    "results": None,
    "matched": None,
}
"""What a reply, and the effects of an operation, may name besides."""


def _scope(
    source: Source, parameters: ParameterPolicy, body: BodyPolicy | None
) -> Scope:
    places = {
        place: frozenset(parameters.typed(place))
        for place in ("path", "query", "header", "cookie")
    }
    optional = {*optional_parameters(parameters), *optional_members(body)}
    if body is not None and not body.required:
        optional.add("body")
    kinds = {**kinds_of_parameters(parameters), **kinds_of_members(body)}
    scope = source.scope.with_optional(optional).with_kinds(kinds)
    scope = scope.with_texts(any_texts(parameters, body))
    scope = scope.with_untyped(any_values(body))
    return scope.with_roots(
        **places, body=frozenset(body.members) if body and body.members else None
    )


def _rules(
    source: Source,
    pointer: Pointer,
    scope: Scope,
    action: Action,
    body: BodyPolicy | None,
) -> tuple[Rule, ...]:
    """The operation's own rules, and those of the collection that is written to."""
    inputs = frozenset(body.properties) if body else frozenset()
    places: list[Pointer] = [(*pointer, "rules")]
    if action.kind in _WRITES:
        places.append(("collections", action.collection, "rules"))
    return tuple(
        rule
        for at in places
        for rule in compile_rules(source, at, scope, action.collection, inputs)
    )


def _produces(
    responses: Mapping[str, Mapping[str, Json]], replies: Iterable[ReplyPolicy]
) -> tuple[str, ...]:
    """The media types of the replies that are no errors."""
    media: dict[str, None] = {}
    for status, content in responses.items():
        if status.startswith("2") or status == "default":
            media.update(dict.fromkeys(content))
    for reply in replies:
        media.update(
            dict.fromkeys(policy.name for policy in reply.media if policy.name)
        )
    return tuple(media)
