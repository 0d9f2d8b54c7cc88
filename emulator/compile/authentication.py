"""Authentication: the part of a spec that says how callers prove who they are."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from emulator.compile.machine import without_call
from emulator.compile.source import Pointer, Source
from emulator.diagnostics import did_you_mean, some
from emulator.language.failures import in_plain_words
from emulator.language.failures import kind as kind_of
from emulator.language.functions import time_of
from emulator.language.templates import Template
from emulator.values import value

Json = Any

_TEXTS = {str}


@value
class SchemePolicy:
    """One security scheme: where its material stands, and the records that prove it."""

    name: str
    kind: str
    """`header`, `query`, `cookie`, `basic` or `bearer`."""
    parameter: str
    """The header (in lower case), query parameter or cookie that holds the material."""
    collection: str
    field: str
    """The field of the credential that the material equals; Basic's user name."""
    password: str
    """The field that Basic's password equals."""
    state: Template | None
    active: tuple[str, ...]
    expires: Template | None
    scopes: Template | None
    allowed_ips: Template | None
    account: Template | None
    requires: tuple[tuple[Template, str], ...]
    """(condition, refusal): what else must hold of the credential."""
    show: Mapping[str, Template]
    """What belongs to a credential besides what is sent, by name."""
    about: Template | None
    """What a credential is for, in words."""

    def state_of(self, x: Any, record: Mapping[str, Json]) -> str:
        """The state that a credential is in. Raises `ExpressionFailed`."""
        if self.state is None:
            return "active"
        found = self.state.value(x, record)
        if not isinstance(found, str):
            why = f"a state is a text, and this is {kind_of(found)}"
            raise self.state.unusable(why, x, record)
        return found

    def ends_at(self, x: Any, record: Mapping[str, Json]) -> int | None:
        """When a credential expires, in microseconds since 1970. Raises `ExpressionFailed`."""
        if self.expires is None:
            return None
        found = self.expires.value(x, record)
        try:
            return None if found is None else time_of(found)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.expires.unusable(in_plain_words(error), x, record) from None

    def scopes_of(self, x: Any, record: Mapping[str, Json]) -> list[str] | None:
        """The scopes of a credential; None: all. Raises `ExpressionFailed`.

        "read write"  ->  ["read", "write"]
        """
        if self.scopes is None:
            return None
        found = self.scopes.value(x, record)
        if isinstance(found, str):
            return found.split()
        if found is None or (isinstance(found, list) and {*map(type, found)} <= _TEXTS):
            return found
        why = f"scopes are a list of texts, or a text, and this is {kind_of(found)}"
        raise self.scopes.unusable(why, x, record)

    def lets_in(self, x: Any, record: Mapping[str, Json], address: str) -> bool:
        """Whether a credential may be used from *address*. Raises `ExpressionFailed`."""
        if self.allowed_ips is None:
            return True
        networks = self.allowed_ips.value(x, record)
        if networks is None or isinstance(networks, list):
            try:
                return allows(networks, address)
            except (TypeError, ValueError) as error:
                raise self.allowed_ips.unusable(str(error), x, record) from None
        why = f"networks are a list, and this is {kind_of(networks)}"
        raise self.allowed_ips.unusable(why, x, record)

    def judge(self, x: Any, record: Mapping[str, Json]) -> None:
        """Work out all that a call would ask of a credential. Raises `ExpressionFailed`."""
        self.state_of(x, record)
        self.ends_at(x, record)
        self.scopes_of(x, record)
        self.lets_in(x, record, "127.0.0.1")
        for template in (self.account, *(check for check, _ in self.requires)):
            if template is not None:
                template.value(x, record)


Alternative = tuple[SchemePolicy, ...]
"""Schemes that prove a caller together."""


@value
class LockoutPolicy:
    """Who is shut out, after how many failures, and for how long."""

    counts: frozenset[str]
    per: str
    """`ip`, `credential`, `account`, `operation`, or `expression`."""
    subject: Template | None
    after: int
    within: int
    """Failures older than this many seconds do not count; 0: all count."""
    durations: tuple[int, ...]
    """Seconds of the first lock, the second, ...; the last one repeats."""
    reset_on_success: bool

    def subject_of(self, x: Any, claim: Any = None) -> tuple[str, str, str]:
        """Whom failures of *x* are counted for, or those of one *claim* that it makes."""
        subject, claim = x.client, claim or x.claim
        if self.per == "credential" and claim is not None:
            subject = claim.subject
        elif self.per == "account" and claim is not None:
            subject = _account(x, claim)
        elif self.per == "operation":
            subject = x.operation_id
        elif self.subject is not None:
            subject = str(self.subject.value(x))
        return (x.program.name, self.per, subject)


def _account(x: Any, claim: Any) -> str:
    """Whose credential is claimed; the claim itself where nobody's is."""
    account = x.program.schemes[claim.schemes[0]].account
    field, value = next(iter(claim.fields.items()))
    record = x.collection(claim.collection).first(field, value)
    if account is None or record is None:
        return str(value)
    return str(account.value(x, record))


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
        (source.condition((*at, "check"), scope), str(one.get("refuse")))
        for at, one in source.entries(*pointer, "requires")
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
            scopes.extend(one for one in names if one not in scopes)
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


def allows(networks: Json, address: str) -> bool:
    """Whether *address* is in one of *networks* (CIDR, IPv4 or IPv6).

    An empty list allows everyone. Raises `ValueError` for what is not a network.
    """
    if not networks:
        return True
    try:
        caller = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(caller, "ipv4_mapped", None)
    if mapped is not None:
        caller = mapped
    return any(caller in ip_network(one, strict=False) for one in networks)
