"""Keys: what a provider signs with, as `keys` says."""

from __future__ import annotations

from importlib.util import find_spec

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.program.keys import ALGORITHMS, KeyPolicy
from emulator.spec.document import Pointer

LIBRARIES = ("jwt", "cryptography")
"""What the extra `jwt` installs."""


def key_names(source: Source) -> dict[str, bool]:
    """The names under `keys`, and whether keys of that kind have a public part."""
    return {
        str(pointer[-1]): (written or {}).get("kind") != "hmac"
        for pointer, written in source.entries("keys")
    }


def compile_keys(source: Source) -> dict[str, KeyPolicy]:
    """The entries of `keys`. Without the libraries that sign, they are refused."""
    entries = [*source.entries("keys")]
    if entries and not can_sign(source, ("keys",)):
        return {}
    policies = {}
    for pointer, written in entries:
        policy = compile_key(source, pointer, written)
        if policy is not None:
            policies[policy.name] = policy
    return policies


def can_sign(source: Source, pointer: Pointer) -> bool:
    """Whether there are the libraries that sign and verify; if not, that is reported."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        source.problem(
            pointer,
            "missing-extra",
            f"{source.name} has signed tokens, and {' and '.join(missing)} cannot be"
            " imported",
            "signing needs PyJWT and cryptography, which the extra `jwt` installs",
            "run `pip install 'provider-emulator[jwt]'`",
            key=True,
        )
    return not missing


def compile_key(source: Source, pointer: Pointer, written: Json) -> KeyPolicy | None:
    """One entry of `keys`; None where it cannot be, which is reported."""
    kind = written["kind"]
    sizes = ALGORITHMS[kind]
    bits = written.get("bits", next(iter(sizes)))
    if bits not in sizes:
        source.problem(
            (*pointer, "bits"),
            "wrong-form",
            f"there are no {kind} keys of {bits} bits here",
            "each size has its algorithm",
            f"write {' or '.join(map(str, sizes))}",
        )
        return None
    secret = written.get("secret", "")
    if secret:
        _check_secret(source, pointer, written, bits)
    rotate = source.duration(*pointer, "rotate")
    if "rotate" in written and not rotate:
        source.problem(
            (*pointer, "rotate"),
            "wrong-form",
            "keys that are rotated after no time at all",
            "`rotate` is the time for which a key signs",
            "write a longer time, such as 30d, or leave `rotate` out",
        )
    return KeyPolicy(
        name=str(pointer[-1]),
        provider=source.name,
        kind=kind,
        bits=bits,
        rotate=rotate,
        keep=written.get("keep", 1),
        announce=written.get("announce", False),
        secret=secret,
    )


def _check_secret(source: Source, pointer: Pointer, written: Json, bits: int) -> None:
    """Report a secret that is no HMAC key, that changes, or that is too short for one."""
    if written["kind"] != "hmac":
        what, fix = "only keys of the kind hmac are a secret", "remove `secret`"
    elif written.keys() & {"rotate", "keep", "announce"}:
        what = "a secret that is written down is never rotated"
        fix = "remove `rotate`, `keep` and `announce`, or `secret`"
    elif len(written["secret"].encode()) * 8 < bits:
        what = f"the secret has fewer than {bits} bits (RFC 7518, 3.2)"
        fix = f"write at least {bits // 8} characters"
    else:
        return
    source.problem(
        (*pointer, "secret"), "wrong-form", what, "it is the HMAC key itself", fix
    )
