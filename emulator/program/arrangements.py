"""Arrangements: single steps of a scenario, read from what somebody has written, and checked."""

from __future__ import annotations

from emulator.json_type import Json
from emulator.program.fault_policies import known_credential
from emulator.program.program import Program
from emulator.program.scenarios import Drain, LockOut, Rotate
from emulator.program.written import Written
from emulator.spec.document import Pointer


def read_drain(_: Written, pointer: Pointer, written: Json) -> Drain:
    """The step of `arrange` at *pointer* that says `drain`."""
    step = written["drain"]
    return Drain(
        at=(*pointer, "drain"),
        credential=step["credential"],
        limit=step.get("limit", ""),
        leave=step.get("leave", 0),
        ip=step.get("ip", "127.0.0.1"),
    )


def read_lock_out(source: Written, pointer: Pointer, written: Json) -> LockOut | None:
    """The step of `arrange` at *pointer* that says `lock_out`."""
    step = written["lock_out"]
    if len(step) != 1 or not all(step.values()):
        source.problem(
            (*pointer, "lock_out"),
            "wrong-form",
            "`lock_out` does not say whom",
            "it has one of ip, credential, everyone",
            "write `lock_out: {everyone: true}`",
        )
        return None
    return LockOut(
        at=(*pointer, "lock_out"),
        ip=step.get("ip", ""),
        credential=step.get("credential", ""),
        everyone=step.get("everyone", False),
    )


def read_rotate(_: Written, pointer: Pointer, written: Json) -> Rotate:
    """The step of `arrange` at *pointer* that says `rotate`."""
    return Rotate(at=(*pointer, "rotate"), keys=written["rotate"])


def check_rotate(source: Written, program: Program, step: Rotate) -> None:
    """Report keys that there are not, or that never change."""
    if not source.known(step.at, step.keys, program.keys, "signing-key"):
        return
    if program.keys[step.keys].secret:
        source.problem(
            step.at,
            "wrong-form",
            f"the key {step.keys!r} is never rotated",
            "its `secret` is written down in behavior.yaml",
            "remove the step, or the `secret` there",
        )


def check_drain(source: Written, program: Program, step: Drain) -> None:
    """Report a credential or a limit that there is not."""
    known_credential(source, program, step.at, step.credential)
    names = {limit.name for limit in program.limits}
    if step.limit:
        source.known((*step.at, "limit"), step.limit, names, "limit")
    elif not names:
        source.problem(
            step.at,
            "unknown-limit",
            f"{program.name} has no limit to drain",
            "limits are those of `rate_limits` in behavior.yaml",
            "add one there, or remove the step",
            key=True,
        )


def check_lock(source: Written, program: Program, step: LockOut) -> None:
    """Report a lock that is not about what this provider counts failures for."""
    pointer = step.at
    policy = program.lockout
    if policy is None:
        source.problem(
            pointer,
            "missing-lockout",
            f"{program.name} never shuts anybody out",
            "`lock_out` does what authentication.lockout of behavior.yaml says",
            "add a `lockout:` there, or remove the step",
            key=True,
        )
        return
    if step.credential:
        known_credential(source, program, pointer, step.credential)
    word = {"account": "credential"}.get(policy.per, policy.per)
    if not step.everyone and not getattr(step, word, ""):
        source.problem(
            pointer,
            "wrong-form",
            "`lock_out` is not about what failures are counted for",
            f"authentication.lockout counts them per {policy.per}",
            f"write `{{{word}: ...}}`"
            if word in ("ip", "credential")
            else "write `{everyone: true}`",
        )
