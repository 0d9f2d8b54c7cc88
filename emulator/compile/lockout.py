"""Lockout: the part of a spec that says who is shut out after too many failures."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.lockout import LockoutPolicy

_PER = ("ip", "credential", "account", "operation")


def compile_lockout(source: Source) -> LockoutPolicy | None:
    """What `authentication.lockout` says."""
    pointer = ("authentication", "lockout")
    written = source.get(*pointer)
    if written is None:
        return None
    subject, scope = None, source.scope_at("lockout")
    per = source.word((*pointer, "per"), scope) if "per" in written else "ip"
    if per is None:
        subject = source.template((*pointer, "per"), scope)
        per = "expression"
    else:
        source.known((*pointer, "per"), per, _PER, "partition")
    if written.get("all_calls") and per in ("credential", "account"):
        source.problem(
            (*pointer, "all_calls"),
            "wrong-form",
            f"failures are counted per {per}, and a call without a credential has none",
            "a lock of all calls is one of an address, of an operation or of what an"
            " expression names",
            "write `per: ip`, or remove `all_calls`",
            key=True,
        )
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
        all_calls=written.get("all_calls", False),
    )
