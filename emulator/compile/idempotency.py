"""Idempotency: the part of a spec that says which replies are given again."""

from __future__ import annotations

from emulator.compile.headers import compile_headers
from emulator.compile.outcomes import compile_outcomes
from emulator.compile.source import Source
from emulator.language.static_scope import Scope
from emulator.program.idempotency import IdempotencyPolicy
from emulator.program.outcomes import Outcomes
from emulator.spec.document import Pointer

_AT: Pointer = ("idempotency",)
_SUCCESS = Outcomes(codes=frozenset(), statuses=frozenset(range(200, 300)))
DAY = 86_400_000_000


def compile_idempotency(
    source: Source, operation: Pointer, method: str, scope: Scope
) -> IdempotencyPolicy | None:
    """What holds for an operation: what it says itself, or else what the provider says."""
    own = source.get(*operation, "idempotency")
    if own is False:
        return None
    if own is None:
        methods = source.get(*_AT, "methods", default=["POST"])
        if source.get(*_AT) is None or method not in methods:
            return None
    return _policy(source, _AT if own is None else (*operation, "idempotency"), scope)


def _policy(source: Source, at: Pointer, scope: Scope) -> IdempotencyPolicy | None:
    def place(key: str) -> Pointer:
        """Where *key* is written: at the operation, or for the whole provider."""
        return (*at, key) if source.get(*at, key) is not None else (*_AT, key)

    if source.get(*place("key")) is None:
        source.problem(
            at,
            "missing-key",
            "`idempotency` does not say what the key of a call is",
            "a call that comes again is known by a key that its client has made up",
            "add `key: header_lines['idempotency-key']`",
            key=True,
        )
        return None
    per = source.get(*place("per"), default="credential")
    fields = scope.with_fields({"original"})
    return IdempotencyPolicy(
        key=source.template(place("key"), source.scope_at("idempotency", scope)),
        per=tuple(per) if isinstance(per, list) else (per,),
        lasts=source.duration(*place("for"), default=DAY),
        takes=source.duration(*place("takes")),
        max_length=source.get(*place("max_length"), default=255),
        required=source.get(*place("required"), default=False),
        keeps=compile_outcomes(source, place("keeps")) or _SUCCESS,
        headers=compile_headers(source, place("headers"), fields),
    )
