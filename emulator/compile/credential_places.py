"""Credential places: where in a call the credential of a scheme stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.program.authentication import PAIRS
from emulator.program.patterns import HOLE, Pattern, pattern
from emulator.spec.description import TALKS, SecurityScheme
from emulator.spec.document import Pointer


class CredentialPlace(NamedTuple):
    """Where the credential stands, as a `SchemePolicy` has it."""

    kind: str
    parameter: str
    prefixes: tuple[str, ...] = ()
    pattern: Pattern | None = None


def compile_place(
    source: Source,
    pointer: Pointer,
    scheme: SecurityScheme,
    written: Mapping[str, Json],
) -> CredentialPlace | None:
    """Where the credentials of *scheme* stand; None where that is reported as a mistake."""
    place = _described(source, pointer, scheme, written)
    if place is None:
        return None
    kind, parameter, prefixes, _ = place
    if kind not in PAIRS:
        prefixes = tuple(written.get("prefixes", prefixes))
    found = None
    if "pattern" in written:
        try:
            found = pattern(written["pattern"])
        except ValueError as error:
            source.problem(
                (*pointer, "pattern"),
                "wrong-form",
                str(error),
                f"{HOLE} stands for the credential, and the rest for what is around it",
                f"write 'Credential={HOLE}/', for example",
            )
    return CredentialPlace(kind, parameter, prefixes, found)


def _described(
    source: Source,
    pointer: Pointer,
    scheme: SecurityScheme,
    written: Mapping[str, Json],
) -> CredentialPlace | None:
    """What openapi.yaml says of the place, and `in` and `certificate_header` add."""
    if "in" in written:
        if scheme.kind != "apiKey":
            _unsupported(
                source,
                (*pointer, "in"),
                f"the scheme {scheme.name!r} is of the kind {_kind(scheme)}",
                "a credential in the body is described as an apiKey in openapi.yaml,"
                " which has no word for that place",
                "write `{type: apiKey, in: query, name: ...}` there",
            )
            return None
        member = str(written.get("member", scheme.parameter))
        return CredentialPlace("body", member)
    if scheme.kind == "mutualTLS":
        header = written.get("certificate_header")
        if header is None:
            _unsupported(
                source,
                pointer,
                f"the scheme {scheme.name!r} is of the kind mutualTLS, and the emulator"
                " sees no client certificate",
                "a proxy checks it, and says in a header whose it is",
                "name that header: `certificate_header: X-SSL-Client-S-DN`",
            )
            return None
        return CredentialPlace("header", str(header).lower())
    if scheme.kind == "apiKey":
        name = scheme.parameter or ""
        where = scheme.where or ""
        return CredentialPlace(where, name.lower() if where == "header" else name)
    if scheme.kind in ("oauth2", "openIdConnect"):
        return CredentialPlace("bearer", "authorization", ("Bearer",))
    word = scheme.scheme or ""
    if scheme.kind != "http" or word in TALKS:
        _unsupported(
            source,
            pointer,
            f"the scheme {scheme.name!r} is of the kind {_kind(scheme)}",
            "there are apiKey, http basic, digest and bearer, other words before a credential"
            " in Authorization, oauth2, openIdConnect and mutualTLS",
            "describe it in openapi.yaml as one of those",
        )
        return None
    if word in PAIRS:
        return CredentialPlace(word, "authorization", (word.capitalize(),))
    # RFC 9110, 11.1: the word is the same in any case.
    return CredentialPlace(
        "bearer", "authorization", ("Bearer" if word == "bearer" else word,)
    )


def _kind(scheme: SecurityScheme) -> str:
    return " ".join(filter(None, (scheme.kind, scheme.scheme)))


def _unsupported(
    source: Source, pointer: Pointer, what: str, why: str, fix: str
) -> None:
    source.problem(pointer, "unsupported-scheme", what, why, fix, key=True)
