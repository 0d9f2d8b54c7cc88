"""Authentication: the part of a spec that says how callers prove who they are."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from emulator.compile.credential_places import CredentialPlace, compile_place
from emulator.compile.kinds import kinds_in_all
from emulator.compile.names import without_call
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean, some
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.authentication import (
    PAIRS,
    Alternative,
    BoundPolicy,
    DigestPolicy,
    SchemePolicy,
    leading_first,
)
from emulator.program.keys import KeyPolicy
from emulator.program.tokens import TokenPolicy
from emulator.spec.document import Pointer
from emulator.times import SECOND

_LISTED = "it is shown where credentials are listed"
UNPROVED = "credential_unproved"


def compile_schemes(
    source: Source, keys: Mapping[str, KeyPolicy]
) -> dict[str, SchemePolicy]:
    """The schemes under `authentication`, by the name they have in `openapi.yaml`."""
    schemes = {}
    for pointer, written in source.entries("authentication", "schemes"):
        name = str(pointer[-1])
        known = source.openapi.security_schemes
        if not source.known(pointer, name, known, "security-scheme"):
            continue
        place = compile_place(source, pointer, known[name], written)
        if place is None:
            continue
        collection = written.get("credentials")
        if not source.known(
            (*pointer, "credentials"), collection, source.fields, "collection"
        ):
            continue
        signing = None
        if "jwt" in written:
            signing = _token_keys(source, pointer, written, place.kind, keys)
            if signing is None:
                continue
        schemes[name] = _scheme(source, pointer, name, place, collection, signing)
    return schemes


def _token_keys(
    source: Source,
    pointer: Pointer,
    written: Mapping[str, Json],
    kind: str,
    keys: Mapping[str, KeyPolicy],
) -> KeyPolicy | None:
    """The keys of a scheme with `jwt`; None where it can read no tokens, as is reported."""
    at, name = (*pointer, "jwt", "keys"), written["jwt"]["keys"]
    found = None
    if isinstance(name, dict):
        from emulator.compile.issuers import issuer_keys  # few have an issuer elsewhere

        found = issuer_keys(source, at)
    elif source.known(at, name, keys, "signing-key"):
        found = keys[name]
    if found is None or (kind not in PAIRS and "password" not in written):
        return found
    source.problem(
        (*pointer, "jwt"),
        "unsupported-scheme",
        "a JSON Web Token has no user and no password",
        "it is sent alone, mostly as a bearer token (RFC 6750)",
        "describe the scheme in openapi.yaml as `{type: http, scheme: bearer}`",
        key=True,
    )
    return None


def _tokens(
    source: Source, pointer: Pointer, listed: Scope, keys: KeyPolicy
) -> TokenPolicy:
    """What `jwt` of a scheme says."""
    at = (*pointer, "jwt")
    written = source.get(*at)
    fixed = source.scope.without(
        without_call("tokens are also made where nobody calls")
    )
    return TokenPolicy(
        keys=keys,
        issuer=source.optional((*at, "issuer"), fixed),
        audience=source.optional((*at, "audience"), fixed),
        leeway=source.duration(*at, "leeway") // SECOND,
        subject=written.get("subject", "sub"),
        known=written.get("known", False),
        claims=source.optional((*at, "claims"), listed),
        lifetime=source.duration(*at, "lifetime", default=3_600 * SECOND) // SECOND,
    )


def _scheme(
    source: Source,
    pointer: Pointer,
    name: str,
    place: CredentialPlace,
    collection: str,
    keys: KeyPolicy | None,
) -> SchemePolicy:
    written, kind = source.get(*pointer), place.kind
    fields = source.fields[collection]
    own = source.scope.with_fields(fields)
    if not source.trusted:
        own = own.with_kinds(kinds_in_all(source.openapi.operations.values()))
    listed = own.without(without_call(_LISTED))
    if "jwt" in written:
        own = own.with_fields({*fields, "claims"})
    scope = source.scope_at("authenticate", own, known=("caller",))
    matched, password = _compared(source, pointer, kind, collection)
    proves = _proofs(source, pointer, scope)
    requires = tuple(
        (source.condition((*at, "check"), scope), str(entry.get("refuse")))
        for at, entry in source.entries(*pointer, "requires")
    )
    return SchemePolicy(
        name=name,
        kind=kind,
        parameter=place.parameter,
        prefixes=place.prefixes,
        words=frozenset(map(str.lower, place.prefixes)),
        pattern=place.pattern,
        plain=kind == "header" and not place.prefixes and place.pattern is None,
        collection=collection,
        field=matched,
        password=password,
        digest=_digest(source, pointer) if kind == "digest" else None,
        dpop=_bound(source, pointer, kind) if "dpop" in written else None,
        state=source.optional((*pointer, "state"), scope),
        active=tuple(written.get("active", ["active"])),
        expires=source.optional((*pointer, "expires"), scope),
        scopes=source.optional((*pointer, "scopes"), scope),
        allowed_ips=source.optional((*pointer, "allowed_ips"), scope),
        account=source.optional((*pointer, "account"), source.scope_at("lockout", own)),
        proves=proves,
        signing=_signing(proves, fields),
        requires=requires,
        jwt=_tokens(source, pointer, listed, keys) if keys else None,
        show={
            str(at[-1]): source.template(at, listed)
            for at, _ in source.entries(*pointer, "show")
        },
        about=source.optional((*pointer, "about"), listed),
    )


def _compared(
    source: Source, pointer: Pointer, kind: str, collection: str
) -> tuple[str, str]:
    """The fields that what a caller sends is compared with: its key, and its password."""
    written, fields = source.get(*pointer), source.fields[collection]
    usual = "username" if kind in PAIRS else "key"
    if "jwt" in written:
        usual = source.get("collections", collection, "key", default="id")
    matched = written.get("field", usual)
    password = written.get("password", "password")
    asked = (
        {"field": matched, "password": password}
        if kind in PAIRS
        else {"field": matched}
    )
    for key, field in asked.items():
        if field not in fields:
            source.problem(
                (*pointer, key),
                "unknown-field",
                f"the records of {collection!r} have no field {field!r}",
                f"`{key}` is the field that what a caller sends is compared with",
                did_you_mean(field, fields),
            )
    return matched, password


def _proofs(
    source: Source, pointer: Pointer, scope: Scope
) -> tuple[tuple[Template, str], ...]:
    """What has to hold of a credential, each with what refuses the call where it does not."""
    written = source.get(*pointer, "proves")
    if written is None:
        return ()
    if not isinstance(written, list):
        return ((source.condition((*pointer, "proves"), scope), UNPROVED),)
    return tuple(
        (source.condition((*at, "check"), scope), entry.get("refuse", UNPROVED))
        for at, entry in source.entries(*pointer, "proves")
    )


def _signing(
    proves: tuple[tuple[Template, str], ...], fields: Collection[str]
) -> tuple[str, ...]:
    """The fields of the credential that are part of a key of `hmac`.

    "sig == hmac(hmac('v1' + secret, day), raw_query, key_as='hex')"  ->  ("secret",)
    """
    found: dict[str, None] = {}
    for check, _ in proves:
        try:
            tree = ast.parse(str(check.tree).strip(), mode="eval")
        except SyntaxError:  # reported where it stands
            continue
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "hmac":
                named = [word.value for word in call.keywords if word.arg == "key"]
                for key in (*call.args[:1], *named):
                    found.update(dict.fromkeys(_names_in(key)))
    return tuple(name for name in found if name in fields)


def _names_in(key: ast.expr) -> Iterator[str]:
    """The fields that may be meant in *key*: `secret`, `this.secret`, `caller.secret`."""
    for node in ast.walk(key):
        if isinstance(node, ast.Name):
            yield node.id
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("caller", "this")
        ):
            yield node.attr


def _bound(source: Source, pointer: Pointer, kind: str) -> BoundPolicy | None:
    """What `dpop` of a scheme says."""
    at = (*pointer, "dpop")
    words = source.get(*pointer, "prefixes", default=())
    if kind != "bearer" or "dpop" not in [word.lower() for word in words]:
        source.problem(
            at,
            "unsupported-scheme",
            "tokens that are bound to keys are sent after the word DPoP",
            "RFC 9449, 7.1: `Authorization: DPoP <token>`, with a proof beside it",
            "describe the scheme in openapi.yaml as `{type: http, scheme: bearer}`, and"
            " add `prefixes: [Bearer, DPoP]`",
            key=True,
        )
        return None
    return BoundPolicy(
        required=source.get(*at, "required", default=False),
        nonce_for=source.duration(*at, "nonce_for"),
    )


def _digest(source: Source, pointer: Pointer) -> DigestPolicy:
    written = source.get(*pointer, "digest", default={})
    return DigestPolicy(
        realm=written.get("realm", source.name),
        algorithm=written.get("algorithm", "MD5"),
        lifetime=source.duration(*pointer, "digest", "lifetime", default=300 * SECOND),
    )


def compile_alternatives(
    source: Source, id: str, schemes: Mapping[str, SchemePolicy]
) -> tuple[tuple[Alternative, ...], bool, tuple[str, ...]]:
    """What `security` of an operation asks for: alternatives, is it open, and scopes."""
    alternatives: list[Alternative] = []
    is_open = False
    scopes: list[str] = []
    document = source.openapi.operations[id]
    bodiless: list[Alternative] = []
    for requirement in document.security:
        if not requirement:
            is_open = True
            continue
        missing = [name for name in requirement if name not in schemes]
        names = leading_first(requirement)
        named = tuple(schemes[name] for name in names if name in schemes)
        tokens = [scheme.name for scheme in named if scheme.jwt]
        if tokens and len(requirement) > 1:
            source.problem(
                ("operations", id),
                "unsupported-scheme",
                f"{id} asks for {tokens[0]!r} together with another scheme",
                "a JSON Web Token proves a caller alone",
                "make them alternatives in `security` of openapi.yaml",
                key=True,
            )
            continue
        if document.body is None and any(scheme.kind == "body" for scheme in named):
            bodiless.append(named)
        elif not missing:
            alternatives.append(named)
        for asked in requirement.values():
            scopes.extend(scope for scope in asked if scope not in scopes)
    if bodiless and not alternatives and not is_open:
        source.problem(
            ("operations", id),
            "unsupported-scheme",
            f"{id} takes no body, and the credential of {bodiless[0][0].name!r} stands"
            " in one",
            "nobody could call it",
            f"give {id} a requestBody, or another alternative under `security`, in"
            " openapi.yaml",
            key=True,
        )
    return tuple(alternatives), is_open or not document.security, tuple(scopes)


def check_asked(source: Source, schemes: Mapping[str, SchemePolicy]) -> None:
    """Report each scheme that operations ask for and nothing describes, once."""
    if source.trusted:
        return
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
