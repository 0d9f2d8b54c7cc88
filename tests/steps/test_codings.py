"""Request bodies that come in a content coding (RFC 9110, 8.4 and 15.5.16)."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Tiny

from emulator.admin.journal.entry import shown
from emulator.http.codings import BrokenCoding, TooLong, UnknownCoding, decoded

FORM = b"name=A"
READ = (200, {"name": "A", "member": False})
RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(FORM) + RAW.flush()


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


def send(forms: Tiny, body: bytes, coding: str) -> Any:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return forms.post(
        "/form", content=body, headers={**headers, "Content-Encoding": coding}
    )


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FORM)),
        ("X-GZIP", gzip.compress(FORM)),
        ("gzip", gzip.compress(FORM[:3]) + gzip.compress(FORM[3:])),
        ("deflate", zlib.compress(FORM)),
        ("deflate", BARE),
        ("identity", FORM),
        ("", FORM),
        ("deflate, gzip", gzip.compress(zlib.compress(FORM))),
        ("identity,gzip , ", gzip.compress(FORM)),
    ],
    ids=range(9),
)
def test_a_coded_body_is_read_as_what_it_was(
    forms: Tiny, coding: str, body: bytes
) -> None:
    """One coding or several, the last of which was put on last."""
    reply = send(forms, body, coding)

    assert (reply.status_code, reply.json()) == READ


@pytest.mark.parametrize("coding", ["br", "gzip, zstd", "nonsense", "gzip;q=1"])
def test_a_coding_that_is_not_known_is_415_with_those_that_are(
    forms: Tiny, coding: str
) -> None:
    """In the provider's words, and with Accept-Encoding (RFC 9110, 15.5.16)."""
    reply = send(forms, gzip.compress(FORM), coding)

    assert (reply.status_code, reply.json()["error"]) == (415, "unsupported_media")
    assert reply.headers["Accept-Encoding"] == "gzip, deflate"


def test_strict_notices_a_coding_that_is_not_known() -> None:
    """Such a call is not acted on, and raises an alarm."""
    forms = Tiny("forms", strict=True)

    reply = send(forms, b"?", "br")

    assert (reply.status_code, reply.json()["unknown"]) == (
        501,
        [{"what": "content coding", "asked": "br", "nearest": None}],
    )
    assert [alarm.kind for alarm in forms.world.alarms] == ["not emulated"]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", FORM),
        ("gzip", gzip.compress(FORM)[:-1]),
        ("gzip", gzip.compress(FORM) + b"x"),
        ("deflate", FORM),
        ("deflate", zlib.compress(FORM) + b"x"),
        ("gzip, gzip, gzip, gzip, gzip", gzip.compress(FORM)),
    ],
    ids=range(6),
)
def test_a_body_that_is_not_what_its_coding_says_is_malformed(
    forms: Tiny, coding: str, body: bytes
) -> None:
    """Cut short, too long, no such thing, or coded more often than anyone does."""
    reply = send(forms, body, coding)

    assert (reply.status_code, reply.json()["error"]) == (400, "malformed_body")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
def test_a_body_that_grows_over_the_limit_is_too_large(coding: str) -> None:
    """A bomb of 200 MB in 200 kB: no more of it is made than shows that it is one."""
    forms = Tiny("forms", {"http.max_body": "1MB"}, max_body=300_000)
    bomb = bytes(200_000_000)
    for one in coding.split(", "):
        bomb = gzip.compress(bomb, 1) if one == "gzip" else zlib.compress(bomb, 1)

    reply = send(forms, bomb[:300_000] if coding == "deflate" else bomb, coding)

    assert (reply.status_code, reply.json()["error"]) == (413, "body_too_large")


def test_the_journal_shows_what_was_coded_and_in_what(forms: Tiny) -> None:
    """The body as it was read; the step says what it came out of."""
    send(forms, gzip.compress(FORM), "gzip")
    (entry,) = forms.world.journal
    told = shown(entry, forms.program)
    (body,) = [step for step in told["steps"] if step["step"] == "body"]

    assert (told["request"]["body"], told["request"]["size"]) == ("name=A", 6)
    assert json.dumps(body).count("6 bytes out of gzip") == 1


@settings(deadline=None)
@given(
    st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate"]), max_size=4)
)
def test_what_is_coded_is_decoded_within_its_limit(
    body: bytes, codings: list[str]
) -> None:
    """Any bytes, in any codings, in exactly so many bytes as they have."""
    coded = body
    sizes = [len(body)]
    for coding in codings:
        coded = gzip.compress(coded) if coding == "gzip" else zlib.compress(coded)
        sizes.append(len(coded))
    most = max(sizes[:-1], default=0)

    assert decoded(coded, ",".join(codings), most) == body
    if codings and most:
        with pytest.raises(TooLong):
            decoded(coded, ",".join(codings), most - 1)


@settings(deadline=None)
@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate"]))
def test_any_bytes_are_decoded_or_refused(body: bytes, coding: str) -> None:
    """Whatever comes, it is decoded or it is one of three refusals."""
    try:
        found = decoded(body, coding, 1_000)
    except (UnknownCoding, BrokenCoding, TooLong):
        return
    assert isinstance(found, bytes)
