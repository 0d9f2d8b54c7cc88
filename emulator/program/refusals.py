"""Refusals: the catalogue of the codes that steps stop an exchange with.

The codes are public: a spec's `errors` table, triggers, scenarios and journals name
them. A provider may add codes of its own where a spec says `refuse:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from emulator.compile.authentication import SchemePolicy
from emulator.compile.collections import CollectionPolicy
from emulator.compile.program import Operation, Program
from emulator.language.expressions import BadExpression
from emulator.language.failures import ExpressionFailed
from emulator.language.templates import Template
from emulator.program.credentials import find_credential, state
from emulator.world.references import restricting


class Kind(NamedTuple):
    """One code: the step that owns it, and the facts that its wording may use."""

    step: str
    facts: tuple[str, ...]
    help: str


REFUSALS: Mapping[str, Kind] = {
    "no_route": Kind("route", (), "no operation has this path"),
    "wrong_method": Kind(
        "route", ("allow", "methods"), "the path is known, the method is not"
    ),
    "https_required": Kind("transport", (), "the outer scheme is http"),
    "credential_missing": Kind("identify", (), "nothing says who calls"),
    "credential_malformed": Kind("identify", ("why",), "what says it cannot be read"),
    "locked_out": Kind("lockout", ("retry_after",), "too many failures before"),
    "credential_unknown": Kind("authenticate", (), "no such credential"),
    "credential_expired": Kind("authenticate", (), "the credential's time is over"),
    "ip_not_allowed": Kind("authenticate", (), "not from this address"),
    "rate_limited": Kind(
        "rate_limit",
        ("limit", "remaining", "reset", "retry_after", "window"),
        "the quota is spent",
    ),
    "scope_missing": Kind("authorize", ("scope",), "the credential lacks a scope"),
    "malformed_query": Kind("parameters", ("why",), "the query string cannot be read"),
    "invalid_path": Kind("parameters", ("violations",), "a path parameter is wrong"),
    "not_acceptable": Kind("negotiate", ("accept",), "no media type in common"),
    "version_unknown": Kind(
        "negotiate", ("version",), "the media type asks for a version there is not"
    ),
    "unsupported_media": Kind(
        "negotiate",
        ("media_type", "coding"),
        "the body's type, or the coding it comes in, is not taken",
    ),
    "body_too_large": Kind("body", (), "the body is longer than is taken"),
    "malformed_body": Kind("body", ("why",), "the body cannot be read"),
    "not_found": Kind("find", ("collection", "key"), "no such record"),
    "invalid_request": Kind("validate", ("violations",), "the input breaks rules"),
    "conflict": Kind(
        "act", ("field", "value"), "another record has this value, or this key"
    ),
    "still_referenced": Kind("act", ("collection",), "other records refer to it"),
    "limit_reached": Kind("act", ("at_most", "count"), "no more such records"),
    "invalid_page": Kind("paginate", ("parameter", "value"), "no such page"),
    "invalid_cursor": Kind("paginate", ("parameter", "value"), "no such cursor"),
}

STATES = "credential_"
"""A credential in a state other than active refuses `credential_<state>`."""

OWN = Kind("act", (), "of the provider's own")
"""What is known of a code that a spec adds."""


def kind(code: str) -> Kind:
    """The catalogue's row for *code*; those of a spec's own belong to `act`."""
    found = REFUSALS.get(code)
    if found is None and code.startswith(STATES):
        return Kind("authenticate", ("state",), "the credential is in another state")
    return found or OWN


def can_refuse(program: Program, operation: Operation) -> Mapping[str, str]:
    """What a call of *operation* can be refused with, and the step that does it.

    The provider's own faults (errors of 500 and more) are among them: nothing brings
    them about but a wish.
    """
    found = dict(refusals(program, operation))
    found |= {"no_route": "route", "wrong_method": "route"}
    for code, policy in operation.errors.items():
        on = policy.on is None or operation.id in policy.on
        if policy.fault and on:
            found.setdefault(code, policy.step)
    return found


_KNOWN: WeakKeyDictionary[Program, WeakKeyDictionary[Operation, Mapping[str, str]]] = (
    WeakKeyDictionary()
)


def known_refusals(program: Program, operation: Operation) -> Mapping[str, str]:
    """What `can_refuse` gives for a whole program, worked out once for each operation."""
    known = _KNOWN.get(program)
    if known is None:
        known = _KNOWN[program] = WeakKeyDictionary()
    found = known.get(operation)
    if found is None:
        found = known[operation] = can_refuse(program, operation)
    return found


def with_status(
    program: Program, operation: Operation | None, status: int
) -> str | None:
    """The provider's own error with this status: that of the operation, or of all."""
    table = operation.errors if operation else program.errors
    found = [one for one in table.values() if one.status == status]
    own = [one for one in found if one.on and operation and operation.id in one.on]
    general = [one for one in found if one.on is None]
    return next((one.code for one in (*own, *general)), None)


def refusals(program: Program, operation: Operation) -> Iterator[tuple[str, str]]:
    """The refusals that a call of *operation* can meet, each with its step."""
    if program.http.https == "required":
        yield "https_required", "transport"
    if operation.security:
        yield from _of_credentials(program, operation)
    if operation.limits:
        yield "rate_limited", "rate_limit"
    if operation.scopes:
        yield "scope_missing", "authorize"
    for requirement in operation.requires:
        yield requirement.refuse, requirement.step
    yield "malformed_query", "parameters"
    if operation.parameters.path:
        yield "invalid_path", "parameters"
    if operation.body is not None:
        yield "unsupported_media", "negotiate"
        yield "body_too_large", "body"
        yield "malformed_body", "body"
    if operation.accept == "enforce":
        yield "not_acceptable", "negotiate"
        if program.http.version:
            yield "version_unknown", "negotiate"
    action = operation.action
    if action.kind in ("read", "update", "delete"):
        yield action.missing, "find"
    if validates(program, operation):
        yield "invalid_request", "validate"
    if operation.limit is not None:
        yield operation.limit.refuse, "act"
    policy = program.collections.get(action.collection)
    if policy is not None and action.kind in ("create", "update"):
        yield from _of_creation(policy, action.clashes)
    for effect in operation.effects:
        if effect.rules:
            yield "invalid_request", "act"
        if effect.limit is not None:
            yield effect.limit.refuse, "act"
        if effect.kind == "create" or effect.clashes:
            found = program.collections.get(effect.collection)
            if found is not None:  # else its name is a mistake, which is told
                yield from _of_creation(found, effect.clashes)
    if action.kind == "delete" and _restricted(program, action.collection):
        yield "still_referenced", "act"
    page = action.page
    if page is not None:
        if "refuse" in (page.below_min, page.beyond_max, page.invalid, page.beyond_end):
            yield "invalid_page", "paginate"
        if page.style == "cursor" and page.wrong_cursor == "refuse":
            yield "invalid_cursor", "paginate"


def _of_creation(policy: CollectionPolicy, clashes: bool) -> Iterator[tuple[str, str]]:
    """What a record is refused with that is too much like another."""
    codes = {one.fields: one.refuse for one in policy.unique}
    if clashes:
        code = codes.pop((policy.key,), "conflict")
        yield ("invalid_request" if code == "violation" else code), "act"
    for code in codes.values():
        if code != "violation":
            yield code, "act"


def _of_credentials(
    program: Program, operation: Operation
) -> Iterator[tuple[str, str]]:
    if not operation.open:
        yield "credential_missing", "identify"
    if program.lockout is not None:
        yield "locked_out", "lockout"
    schemes = {
        one.name: one for alternative in operation.security for one in alternative
    }
    if any(one.kind in ("basic", "bearer") for one in schemes.values()):
        yield "credential_malformed", "identify"
    yield "credential_unknown", "authenticate"
    for scheme in schemes.values():
        if scheme.expires is not None:
            yield "credential_expired", "authenticate"
        if scheme.allowed_ips is not None:
            yield "ip_not_allowed", "authenticate"
        for _, code in scheme.requires:
            yield code, "authenticate"
        for found in states(program, scheme):
            yield STATES + found, "authenticate"
        if scheme.state is not None:
            # Records can be put into any state while the emulator runs.
            for code in operation.errors:
                if is_of_state(code) and code[len(STATES) :] not in scheme.active:
                    yield code, "authenticate"


def is_of_state(code: str) -> bool:
    """Whether *code* is that of a credential in a state of the provider's own."""
    return code.startswith(STATES) and code not in REFUSALS


def states(program: Program, scheme: SchemePolicy) -> list[str]:
    """The states other than active that the spec knows of: those that the fixtures'
    credentials are in, and those that something in the spec puts one into."""
    found: dict[str, None] = {}
    for record in program.bases[scheme.collection].records.values():
        try:
            found[state(program, scheme, record)] = None
        except (ExpressionFailed, BadExpression):
            continue  # `compile.checks` reports it
    found |= dict.fromkeys(_set_states(program, scheme))
    return [one for one in found if one not in scheme.active]


def _set_states(program: Program, scheme: SchemePolicy) -> Iterator[str]:
    """The states that are written out where the spec sets the field that holds them."""
    field = None if scheme.state is None else str(scheme.state.tree).strip()
    for collection, values in _set(program):
        if collection == scheme.collection and values is not None:
            tree = values.tree
            found = tree.get(field) if isinstance(tree, dict) else None
            if isinstance(found, str) and "${" not in found:
                yield found


def _set(program: Program) -> Iterator[tuple[str, Template | None]]:
    """Everything that sets fields of records: (collection, what it sets)."""
    for name, policy in program.collections.items():
        yield name, policy.on_create
        yield name, policy.on_update
    for effect in program.effects:
        yield effect.collection, effect.values
    for operation in program.operations.values():
        if operation.action.kind in ("create", "update"):
            yield operation.action.collection, operation.action.values
        for effect in operation.effects:
            yield effect.collection, effect.values
    for scenario in program.scenarios.values():
        steps: tuple[Any, ...] = scenario.arrange
        for step in steps:
            values = getattr(step, "values", None)
            if values is None:
                continue  # it changes no record
            collection = step.collection
            if step.credential:
                with suppress(KeyError):  # `compile.scenario_checks` reports it
                    collection, _ = find_credential(program, step.credential)
            yield collection, values


def validates(program: Program, operation: Operation) -> bool:
    refused = [
        one
        for place, one in operation.parameters.all()
        if place != "path" and not one.tolerance
    ]
    policy = program.collections.get(operation.action.collection)
    writes = operation.action.kind in ("create", "update")
    return bool(
        operation.body is not None
        or refused
        or operation.rules
        or operation.action.query
        or (writes and policy and (policy.references or policy.unique))
    )


def _restricted(program: Program, collection: str) -> bool:
    return any(True for _ in restricting(collection, program.references))
