"""Preferences: which documented reply a call asks for, by `Prefer` (RFC 7240) or a query.

    Prefer: code=404, example=missing, dynamic=true
    ?__code=404&__example=missing&__dynamic=true

A status that the provider has a refusal with is answered by that refusal, in the
provider's own words; any other one by the response that its document describes.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call
from emulator.http.accept import preferred
from emulator.http.prefer import applied, preferences
from emulator.pipeline import REFUSALS
from emulator.program.documented import (
    PREFERENCES,
    DocumentedPolicy,
    Preferences,
    ResponsePolicy,
)
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.stateless import as_documented

PREFER = "prefer"
MARK = b"__"
"""What the names of the parameters begin with."""
_NAMES = ("code", "example", "dynamic")
_WORDS = {"true": True, "false": False}


class NotDocumented(LookupError):
    """The document does not describe the reply that a call would like."""


class BadPreference(ValueError):
    """A preference that says nothing we can do."""


class Preferred:
    """What a call would like, and how it is answered because of that."""

    def __init__(self, wanted: Preferences, refusal: str = "") -> None:
        self.wanted = wanted
        self.refusal = refusal
        """The refusal that has the status; empty: the document has the reply."""

    @property
    def line(self) -> tuple[str, str]:
        """The header that says which preferences were followed (RFC 7240, 3)."""
        wanted = self.wanted
        shown = {
            "code": None if wanted.code is None else str(wanted.code),
            "example": wanted.example,
            "dynamic": None if wanted.dynamic is None else str(wanted.dynamic).lower(),
        }
        followed = ((name, text) for name, text in shown.items() if text is not None)
        return "Preference-Applied", applied(followed)


def prefer(addressed: Addressed) -> Preferred | None:
    """What the call would like of its reply; its operation is the one that gives it.

    None: nothing, or what it is answered anyway. Raises `NotDocumented` and
    `BadPreference`.
    """
    operation = addressed.operation
    said = _said(addressed.call, operation)
    if not said or operation is None or not operation.listed:
        return None
    wanted = _read(said)
    code = wanted.code
    policy = operation.documented
    stateful = policy is None
    if policy is None:
        if operation.from_document is None:
            return None  # an OPTIONS that nobody describes
        policy = operation.from_document()
    exact = code is not None and _describes(policy, code)
    if code is not None and wanted.example is None and (stateful or not exact):
        refusal = _refusal(addressed.program, operation, code)
        if refusal:
            return Preferred(wanted, refusal)
    if stateful and wanted == Preferences(code=operation.replies[0].status):
        return Preferred(wanted)  # what it does says best how that is answered
    response = policy.success if code is None else policy.of(code)
    if code is not None and response is None:
        raise NotDocumented(_unknown_code(operation, policy, code))
    _check(addressed, operation, wanted, response)
    if stateful:
        addressed.operation = _twin(operation, policy)
    return Preferred(wanted)


def _said(call: Call, operation: Operation | None) -> dict[str, str]:
    """The preferences of the call, by name: those of its query count before the others."""
    header = call.headers.get(PREFER)
    said = preferences(header) if header is not None else {}
    found = {name: said[name] for name in _NAMES if name in said}
    if MARK in call.query:
        declared = operation.parameters.query if operation is not None else {}
        for name, text in parse_qsl(
            call.query.decode(errors="replace"), keep_blank_values=True
        ):
            if name in PREFERENCES and name not in declared:
                found[name.removeprefix("__")] = text
    return found


def _read(said: Mapping[str, str]) -> Preferences:
    code, dynamic = said.get("code"), said.get("dynamic")
    number = None
    if code is not None:
        if not (code.isascii() and code.isdigit() and 200 <= int(code[:9]) <= 599):
            raise BadPreference(f"code={code[:40]!r} is no status from 200 to 599")
        number = int(code)
    if dynamic is not None and dynamic.lower() not in _WORDS:
        raise BadPreference(f"dynamic={dynamic[:40]!r} is neither true nor false")
    return Preferences(
        code=number,
        example=said.get("example"),
        dynamic=None if dynamic is None else _WORDS[dynamic.lower()],
    )


def _describes(policy: DocumentedPolicy, code: int) -> bool:
    """Whether the document says something of this status, and not of all others too."""
    return str(code) in policy.responses or f"{code // 100}XX" in policy.responses


def _refusal(program: Program, operation: Operation, status: int) -> str:
    """The refusal of *operation* with this status; empty where it has none."""
    possible = REFUSALS.of(program, operation)
    found = [
        code
        for code, step in possible.items()
        if (policy := operation.errors.of(code, step)) is not None
        and policy.status == status
    ]
    own = [code for code in found if code not in REFUSALS.without_operation]
    rows = [code for code in own if code in operation.errors]
    return next(iter((*rows, *own)), "")


def _check(
    addressed: Addressed,
    operation: Operation,
    wanted: Preferences,
    response: ResponsePolicy | None,
) -> None:
    """Raise `NotDocumented` where the response has no such example, or no schema."""
    contents = () if response is None else response.contents
    names = [content.described for content in contents]
    at = preferred(addressed.call.accept, names) or 0
    content = contents[at] if contents else None
    if wanted.example is not None:
        examples = {} if content is None else content.examples
        if wanted.example not in examples:
            known = ", ".join(name for name in examples if name) or "none"
            raise NotDocumented(
                f"{operation.id} has no example {wanted.example[:80]!r} for"
                f" {names[at] if names else 'this response'}: it has {known}"
            )
    elif wanted.dynamic and content is not None and content.schema is None:
        raise NotDocumented(
            f"{operation.id} has no schema for {names[at]}, so nothing can be generated"
        )


def _unknown_code(operation: Operation, policy: DocumentedPolicy, code: int) -> str:
    known = ", ".join(policy.responses) or "none"
    return f"{operation.id} has no response {code}: the document describes {known}"


def _twin(operation: Operation, policy: DocumentedPolicy) -> Operation:
    """*operation* as it is answered from the document, made once."""
    twin: Operation | None = operation.__dict__.get("twin")
    if twin is None:
        twin = operation.__dict__["twin"] = as_documented(operation, policy)
    return twin
