"""Authentication: the part of a spec that says how callers prove who they are."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.names import without_call
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean, some
from emulator.program.authentication import Alternative, LockoutPolicy, SchemePolicy
from emulator.spec.document import Pointer

_LISTED = "it is shown where credentials are listed"
_PER = ("ip", "credential", "account", "operation")


def compile_schemes(source: Source) -> dict[str, SchemePolicy]:
    """The schemes under `authentication`, by the name they have in `openapi.yaml`."""
    schemes = {}
    for pointer, written in source.entries("authentication", "schemes"):
        name = str(pointer[-1])
        known = source.openapi.security_schemes
        if not source.known(pointer, name, known, "security-scheme"):
            continue
        scheme = known[name]
        kind = scheme.where if scheme.kind == "apiKey" else scheme.scheme
        if scheme.kind in ("oauth2", "openIdConnect"):
            kind = "bearer"
        if kind is None or kind not in ("header", "query", "cookie", "basic", "bearer"):
            source.problem(
                pointer,
                "unsupported-scheme",
                f"the scheme {name!r} is of the kind "
                + " ".join(filter(None, (scheme.kind, scheme.scheme))),
                "there are apiKey, http basic, http bearer, oauth2 and openIdConnect",
                "describe it in openapi.yaml as one of those",
                key=True,
            )
            continue
        collection = written.get("credentials")
        if not source.known(
            (*pointer, "credentials"), collection, source.fields, "collection"
        ):
            continue
        schemes[name] = _scheme(
            source, pointer, name, kind, scheme.parameter or "", collection
        )
    return schemes


def _scheme(
    source: Source,
    pointer: Pointer,
    name: str,
    kind: str,
    parameter: str,
    collection: str,
) -> SchemePolicy:
    written = source.get(*pointer)
    fields = source.fields[collection]
    own = source.scope.with_fields(fields)
    listed = own.without(without_call(_LISTED))
    scope = source.scope_at("authenticate", own, known=("caller",))
    matched = written.get("field", "username" if kind == "basic" else "key")
    password = written.get("password", "password")
    for key, field in (("field", matched), ("password", password)):
        if (key == "field" or kind == "basic") and field not in fields:
            source.problem(
                (*pointer, key),
                "unknown-field",
                f"the records of {collection!r} have no field {field!r}",
                f"`{key}` is the field that what a caller sends is compared with",
                did_you_mean(field, fields),
            )
    requires = tuple(
        (source.condition((*at, "check"), scope), str(entry.get("refuse")))
        for at, entry in source.entries(*pointer, "requires")
    )
    return SchemePolicy(
        name=name,
        kind=kind,
        parameter=parameter.lower() if kind == "header" else parameter,
        collection=collection,
        field=matched,
        password=password,
        state=source.optional((*pointer, "state"), scope, bare=True),
        active=tuple(written.get("active", ["active"])),
        expires=source.optional((*pointer, "expires"), scope, bare=True),
        scopes=source.optional((*pointer, "scopes"), scope, bare=True),
        allowed_ips=source.optional((*pointer, "allowed_ips"), scope, bare=True),
        account=source.optional(
            (*pointer, "account"), source.scope_at("lockout", own), bare=True
        ),
        requires=requires,
        show={
            str(at[-1]): source.template(at, listed)
            for at, _ in source.entries(*pointer, "show")
        },
        about=source.optional((*pointer, "about"), listed),
    )


def compile_alternatives(
    source: Source, id: str, schemes: Mapping[str, SchemePolicy]
) -> tuple[tuple[Alternative, ...], bool, tuple[str, ...]]:
    """What `security` of an operation asks for: alternatives, is it open, and scopes."""
    alternatives: list[Alternative] = []
    is_open = False
    scopes: list[str] = []
    document = source.openapi.operations[id]
    for requirement in document.security:
        if not requirement:
            is_open = True
            continue
        missing = [name for name in requirement if name not in schemes]
        if not missing:
            alternatives.append(tuple(schemes[name] for name in requirement))
        for names in requirement.values():
            scopes.extend(scope for scope in names if scope not in scopes)
    return tuple(alternatives), is_open or not document.security, tuple(scopes)


def check_asked(source: Source, schemes: Mapping[str, SchemePolicy]) -> None:
    """Report each scheme that operations ask for and nothing describes, once."""
    asked: dict[str, list[str]] = {}
    for id, operation in source.openapi.operations.items():
        for requirement in operation.security:
            for name in requirement:
                asked.setdefault(name, []).append(id)
    for name, ids in asked.items():
        described = source.get("authentication", "schemes", name)
        known = name in source.openapi.security_schemes
        if name in schemes or not known or described or name in source.broken:
            continue
        source.problem(
            ("authentication",),
            "missing-scheme",
            f"{some(ids)} ask{'s' if len(set(ids)) == 1 else ''} for {name!r}, which"
            " `authentication` says nothing about",
            "somebody must say which records hold its credentials",
            f"add `{name}: {{credentials: ...}}` under authentication.schemes",
            key=True,
        )


def compile_lockout(source: Source) -> LockoutPolicy | None:
    """What `authentication.lockout` says."""
    pointer = ("authentication", "lockout")
    written = source.get(*pointer)
    if written is None:
        return None
    per = written.get("per", "ip")
    subject = None
    if per not in _PER:
        if "${" not in str(per):
            source.known((*pointer, "per"), per, _PER, "partition")
        else:
            scope = source.scope_at("lockout")
            subject = source.template((*pointer, "per"), scope)
            per = "expression"
    lengths = written.get("for")
    many = isinstance(lengths, list)
    durations = tuple(
        source.duration(*pointer, "for", *([at] if many else []))
        for at in range(len(lengths) if many else 1)
    )
    return LockoutPolicy(
        counts=frozenset(written.get("counts", ())),
        per=per,
        subject=subject,
        after=written.get("after", 1),
        within=source.duration(*pointer, "within"),
        durations=durations or (0,),
        reset_on_success=written.get("reset_on_success", True),
    )
