"""Program: every part of a spec, made and put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.compile.authentication import (
    check_asked,
    compile_schemes,
)
from emulator.compile.bodies import fields_of_inputs
from emulator.compile.collections import compile_collections
from emulator.compile.cors import compile_cors
from emulator.compile.definitions import define
from emulator.compile.described_events import with_described
from emulator.compile.dispatch import dispatched
from emulator.compile.effects import compile_effects
from emulator.compile.errors import compile_errors
from emulator.compile.evidence import compile_evidence
from emulator.compile.formats import compile_formats
from emulator.compile.given_facts import given_facts
from emulator.compile.headers import compile_headers
from emulator.compile.hooks import compile_hooks
from emulator.compile.hosts import (
    compile_hosts,
    host_defaults,
    server_names,
    servers_of,
)
from emulator.compile.keys import compile_keys, key_names
from emulator.compile.lockout import compile_lockout
from emulator.compile.minted import compile_minted
from emulator.compile.operations import (
    RESULT,
    Parts,
    compile_operations,
    implied_options,
    unlisted_operations,
)
from emulator.compile.optional import optional_in_some
from emulator.compile.order import compile_order_of_steps
from emulator.compile.pages import compile_pages
from emulator.compile.paths import route_of
from emulator.compile.rate_limits import (
    compile_limits,
    compile_quota_headers,
    limit_names,
)
from emulator.compile.scenarios import compile_scenarios
from emulator.compile.source import Source
from emulator.compile.times import compile_times
from emulator.compile.views import compile_views
from emulator.compile.violations import compile_wording
from emulator.compile.webhooks import compile_webhooks
from emulator.json_type import Json
from emulator.language.kinds import BOOLEAN, TEXT
from emulator.language.static_scope import Scope
from emulator.program.bodies import inner_schema
from emulator.program.hooks import Hooks
from emulator.program.http_policy import HttpPolicy
from emulator.program.keys import KeyPolicy
from emulator.program.later import LaterOperation
from emulator.program.oauth2 import OAuthPolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.rate_limits import QUOTA
from emulator.program.routes import Routes, allowed
from emulator.program.schemas import properties_of
from emulator.program.stateless import StatelessOperation
from emulator.world.base import Base

ROOTS: Mapping[str, frozenset[str] | None] = {
    "caller": None,
    "authenticated": None,
    "now": None,
    "request_id": None,
    "client": None,
    "method": None,
    "operation_id": None,
    "base_url": None,
    "raw_path": None,
    "raw_query": None,
    "raw_body": None,
    "raw_body_base64": None,
    "header_lines": None,
    "path": None,
    "query": None,
    "header": None,
    "cookie": None,
    "body": None,
    "refused": None,
    "matched": None,
    "quota": QUOTA,
    "quotas": None,
}
"""What every expression of a spec may name, whatever the operation."""
_TEXTS = (
    "now", "request_id", "client", "method", "operation_id", "base_url", "raw_path",
    "raw_query",
)  # fmt: skip
KINDS = {**dict.fromkeys(_TEXTS, TEXT), "authenticated": BOOLEAN}
"""Of which kind they are."""


def collection_keys(source: Source) -> dict[str, str]:
    """The field that identifies a record, by collection."""
    return {
        str(pointer[-1]): (written or {}).get("key", "id")
        for pointer, written in source.entries("collections")
    }


def compile_program(
    source: Source, records: Mapping[str, list[dict[str, Json]]]
) -> Program:
    keys = collection_keys(source)
    source.fields = _fields(source, records, keys)
    times = compile_times(source, records, keys)
    bases = {
        name: Base(records.get(name, []), keys.get(name, "id"), times.get(name))
        for name in source.fields
    }
    source.given = given_facts(source)
    source.order = compile_order_of_steps(source)
    source.scope = _scope(source)
    hooks = compile_hooks(source, source.folder)
    if source.get("let"):
        whole = source.scope.with_roots(**RESULT)
        source.scope = define(source, ("let",), source.scope, whole)
    program = _program(source, bases, hooks)
    for name, policy in program.collections.items():
        if name in bases:
            bases[name].prepare(policy.order)
    return program


def _http(source: Source) -> HttpPolicy:
    written = source.get("http", default={})
    made = {"max_body": source.size("http", "max_body"), "cors": compile_cors(source)}
    written = {key: member for key, member in written.items() if key != "read_as"}
    return HttpPolicy(**{**written, **made})


def _program(source: Source, bases: Mapping[str, Base], hooks: Hooks | None) -> Program:
    keys = compile_keys(source)
    schemes = compile_schemes(source, keys)
    check_asked(source, schemes)
    limits = compile_limits(source)
    views = compile_views(source)
    http = _http(source)
    wording = compile_wording(source, ("errors", "violations"))
    errors = compile_errors(source, None, "errors", "table")
    parts = Parts(
        schemes,
        limits,
        compile_pages(source),
        views,
        errors,
        wording,
        http.repeated,
        http.accept,
        http.max_body,
        _server(source, keys, bases),
    )
    operations = compile_operations(source, parts)
    every = [*operations.values(), *unlisted_operations(source, parts)]
    fronts = tuple(dispatched(source, parts, every))
    return Program(
        name=source.name,
        unsound=source.openapi.unsound,
        title=source.get("title", default=source.openapi.title),
        hosts=compile_hosts(source),
        host_defaults=host_defaults(source),
        servers=servers_of(source),
        base_path=source.openapi.base_path,
        order=source.order,
        http=http,
        schemes=schemes,
        alternatives=source.get("authentication", "alternatives", default="any"),
        keys=keys,
        hooks=hooks,
        lockout=compile_lockout(source),
        limits=limits,
        quota_headers=compile_quota_headers(source),
        collections=compile_collections(source),
        bases=bases,
        views=views,
        headers=compile_headers(source, ("headers",), _of_any_call(source)),
        effects=compile_effects(source, ("effects",), source.scope),
        operations=operations,
        routes=_routes(source, parts, every, fronts),
        fronts=fronts,
        errors=errors,
        evidence=compile_evidence(source),
        openapi=source.openapi.raw,
        files=(source.behavior.file, source.openapi.document.file),
        texts=source.texts,
        formats=compile_formats(source),
        scenarios=compile_scenarios(source),
        webhooks=with_described(source, compile_webhooks(source)),
        minted=compile_minted(source, schemes, bases),
    )


def _fields(
    source: Source,
    records: Mapping[str, list[dict[str, Json]]],
    keys: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """The fields that the records of each collection are known to have."""
    names = [*keys, *(name for name in records if name not in keys)]
    fields: dict[str, set[str]] = {name: {keys.get(name, "id")} for name in names}
    for name, found in records.items():
        fields[name].update(*found)
    for pointer, written in source.entries("collections"):
        for part in ("on_create", "on_update", "owned_by", "fields"):
            fields[str(pointer[-1])].update((written or {}).get(part, ()))
        soft = (written or {}).get("soft_delete")
        if soft is not None:
            field = soft["field"] if isinstance(soft, dict) else soft
            fields[str(pointer[-1])].add(field)
        states = (written or {}).get("states")
        if states is not None:
            fields[str(pointer[-1])].add(states["field"])
            for move in states["moves"].values():
                fields[str(pointer[-1])].update(move.get("set", ()))
    for _, event in source.entries("webhooks", "events"):
        if event.get("store") in fields and isinstance(event["payload"], dict):
            fields[event["store"]].update(event["payload"])
    for pointer, written in source.entries("operations"):
        for kind in ("create", "update"):
            collection = ((written or {}).get(kind) or {}).get("collection")
            if not isinstance(collection, str) or collection not in fields:
                continue
            id = str(pointer[-1])
            document = source.openapi.operations.get(id)
            if document is not None and document.body:
                fields[collection].update(written[kind].get("set", ()))
                names_of_fields = (name for name, _ in fields_of_inputs(source, id))
                fields[collection].update(names_of_fields)
    return {name: frozenset(found) for name, found in fields.items()}


def _scope(source: Source) -> Scope:
    callers: set[str] = set()
    for _, written in source.entries("authentication", "schemes"):
        callers |= source.fields.get(str(written.get("credentials")), frozenset())
        callers |= {"claims"} if "jwt" in written else set()
    return Scope(
        roots={
            **ROOTS,
            # Which names calls have is asked by those who check alone.
            **({} if source.trusted else _said(source)),
            **_places(source),
            "caller": frozenset(callers) or None,
            "quotas": limit_names(source),
        },
        kinds=KINDS,
        collections=frozenset(source.fields),
        views={
            str(pointer[-1]): tuple(written.get("parameters", ()))
            for pointer, written in source.entries("views")
        },
        keys=key_names(source),
    )


def _of_any_call(source: Source) -> Scope:
    """The scope of the provider, where every operation is asked."""
    if source.trusted:
        return source.scope
    operations = [*source.openapi.operations.values()]
    return source.scope.with_optional(optional_in_some(operations))


def _places(source: Source) -> dict[str, frozenset[str]]:
    """The parts of hosts and servers that vary, where there are some."""
    names = {
        "host": frozenset(host_defaults(source)),
        "server": server_names(source),
    }
    return {name: members for name, members in names.items() if members}


def _said(source: Source) -> dict[str, frozenset[str] | None]:
    """What the calls of any operation can say, by place."""
    found: dict[str, set[str]] = {
        place: set() for place in ("path", "query", "header", "cookie")
    }
    members: set[str] | None = set()
    for operation in source.openapi.operations.values():
        for parameter in operation.parameters:
            found[parameter.where].add(parameter.name)
        if operation.body is not None and members is not None:
            schemas = operation.body.content.values()
            named = {
                name
                for schema in schemas
                for name in properties_of(inner_schema(schema, ()) or {})
            }
            members = members | named if named else None
    return {
        **{place: frozenset(names) for place, names in found.items()},
        "body": None if members is None else frozenset(members),
    }


def _server(
    source: Source, keys: Mapping[str, KeyPolicy], bases: Mapping[str, Base]
) -> OAuthPolicy | None:
    """What `oauth2` says, which few providers have."""
    if source.get("oauth2") is None:
        return None
    from emulator.compile.oauth2.checks import check_people
    from emulator.compile.oauth2.policy import compile_oauth2

    if not source.trusted:
        check_people(source, bases)
    return compile_oauth2(source, keys)


def _route(source: Source, operation: Operation) -> str:
    """The path of *operation*, as the routes need it.

    An operation that is answered from the document is not compiled for that.
    """
    later = isinstance(operation, (StatelessOperation, LaterOperation))
    if later and source.get("operations", operation.id, "greedy") is None:
        document = source.openapi.operations[operation.id]
        of_path = [each for each in document.parameters if each.where == "path"]
        if all(each.style == "simple" and not each.greedy for each in of_path):
            return operation.path
    return route_of(operation.path, operation.parameters)


def _routes(
    source: Source,
    parts: Parts,
    operations: Iterable[Operation],
    fronts: Iterable[Operation],
) -> Routes[Operation]:
    """Where each operation is reached, for every value of the server's variables; every
    path answers OPTIONS besides."""
    found: list[tuple[str, str, Operation]] = []
    methods: dict[str, set[str]] = {}
    for operation in [*operations, *fronts]:
        if "#" in operation.path:
            continue  # no call has it: another operation stands there for it
        path = _route(source, operation)
        found.append((operation.method, path, operation))
        methods.setdefault(path, set()).add(operation.method)
    for operation in operations:
        for further in operation.path_aliases:
            path = route_of(further, operation.parameters)
            found.append((operation.method, path, operation))
            methods.setdefault(path, set())
    for path, known in methods.items():
        if known and "OPTIONS" not in known:
            implied = implied_options(source, parts, path, allowed(known))
            found.append(("OPTIONS", path, implied))
    routes: Routes[Operation] = Routes()
    for base_path in (source.openapi.base_path, *source.openapi.further_paths):
        for method, path, operation in found:
            routes.add(method, base_path + path, operation)
    return routes
