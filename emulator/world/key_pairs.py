"""Key pairs: makes the same key from the same text, in every process.

The keys protect nothing: anybody who knows the seed can make them. What counts is that
they are valid keys, and the same ones tomorrow. No library makes an RSA key from a seed,
so its two primes are found here, and `cryptography` checks the key that they make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from hashlib import shake_256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Private = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | bytes

_EXPONENT = 65_537
_REMEMBERED = 64
"""Keys of one process: worlds with the same seed have the same ones."""
_SIEVED = 20_000
"""Candidates with a factor below this are not looked at."""
_WITNESSES = (2, 3, 5, 7, 11)


@lru_cache(maxsize=_REMEMBERED)
def key_pair(kind: str, bits: int, seed: str) -> Private:
    """The private key of that *kind* that follows from *seed*.

    A key of the kind `hmac` is its bytes. An RSA key of 2048 bits takes some 0.15 seconds.
    """
    return _MAKERS[kind](bits, seed)


def _rsa(bits: int, seed: str) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = (_prime(bits // 2, f"{seed}\x1f{name}") for name in "pq")
    private = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p,
        q,
        private,
        rsa.rsa_crt_dmp1(private, p),
        rsa.rsa_crt_dmq1(private, q),
        rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(_EXPONENT, p * q),
    ).private_key()


def _ec(bits: int, seed: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 521: ec.SECP521R1()}[bits]
    # Each order is above 2 ** (bits - 1), so a shorter number is always in range.
    number = int.from_bytes(_drawn(bits // 8 + 1, seed)) >> (bits // 8 * 8 + 9 - bits)
    return ec.derive_private_key(number or 1, curve)


def _ed25519(_: int, seed: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return ed25519.Ed25519PrivateKey.from_private_bytes(_drawn(32, seed))


def _hmac(bits: int, seed: str) -> bytes:
    return _drawn(bits // 8, seed)


_MAKERS: Mapping[str, Callable[[int, str], Private]] = {
    "rsa": _rsa,
    "ec": _ec,
    "ed25519": _ed25519,
    "hmac": _hmac,
}


def _drawn(size: int, seed: str) -> bytes:
    return shake_256(seed.encode(errors="surrogatepass")).digest(size)


def _prime(bits: int, seed: str) -> int:
    """The first prime from a number on that follows from *seed*.

    Its two highest bits are set, so that the product of two has all its bits.
    """
    start = int.from_bytes(_drawn(bits // 8, seed)) | 3 << (bits - 2) | 1
    span = bits * 20
    while True:
        composite = bytearray(span)
        for factor in _small_primes():
            # The first odd number from *start* on that *factor* divides.
            first = -start * pow(2, -1, factor) % factor
            composite[first::factor] = b"\1" * len(range(first, span, factor))
        for at in range(span):
            candidate = start + 2 * at
            if not composite[at] and _is_prime(candidate):
                return candidate
        start += 2 * span


@cache
def _small_primes() -> tuple[int, ...]:
    composite = bytearray(_SIEVED)
    primes = []
    for number in range(3, _SIEVED, 2):
        if not composite[number]:
            primes.append(number)
            multiples = range(number * number, _SIEVED, number)
            composite[number * number :: number] = b"\1" * len(multiples)
    return tuple(primes)


def _is_prime(number: int) -> bool:
    """Whether *number*, which is odd and large, passes the test of Miller and Rabin.

    The exponent of RSA must not divide what is below it.
    """
    if number % _EXPONENT == 1:
        return False
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    for witness in _WITNESSES:
        power = pow(witness, (number - 1) >> twos, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
