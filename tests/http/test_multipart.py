"""The parts of a multipart form, as bytes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.http.multipart import BadForm, read_parts

MEDIA = "multipart/form-data; boundary=b-1"
NAMES = st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\\'), min_size=1)
CONTENT = st.binary().filter(lambda one: b"--b-1" not in one)


@settings(deadline=None)
@given(
    fields=st.lists(st.tuples(NAMES, st.none() | NAMES, CONTENT)),
    end=st.sampled_from(["\r\n", "\n"]),
    around=st.tuples(CONTENT, CONTENT),
)
def test_what_is_written_is_read(
    fields: list[tuple[str, str | None, bytes]], end: str, around: tuple[bytes, bytes]
) -> None:
    """Any bytes, with either line end, and with anything before and behind."""
    before, behind = around
    body = before + end.encode()
    for name, file, content in fields:
        named = f'name="{name}"' + ("" if file is None else f'; filename="{file}"')
        head = f"--b-1{end}Content-Disposition: form-data; {named}{end}{end}"
        if end == "\n":  # with bare line ends, this one would belong to the next
            content = content.removesuffix(b"\r")
        body += head.encode() + content + end.encode()
    body += f"--b-1--{end}".encode() + behind

    read = read_parts(MEDIA, body)

    assert [(one.name, one.filename) for one in read] == [f[:2] for f in fields]
    if end == "\r\n":
        assert [one.content for one in read] == [f[2] for f in fields]


@settings(deadline=None)
@given(st.binary(), st.text(), st.lists(st.sampled_from(list(range(7)))))
def test_any_bytes_are_a_form_or_none(
    noise: bytes, boundary: str, order: list[int]
) -> None:
    """Whatever comes, it is read or it is a `BadForm`."""
    pieces = [
        b"--b-1",
        b"--",
        b"\r\n",
        b"\n",
        b'Content-Disposition: form-data; name="a"',
        b'; filename*="',
        noise,
    ]
    body = b"".join(pieces[one] for one in order)
    for media in (MEDIA, f"multipart/form-data; boundary={boundary}"):
        with suppress(BadForm):
            assert isinstance(read_parts(media, body), list)


@pytest.mark.parametrize(
    "boundary",
    ['"b-1"', "b-1", "b-1; charset=utf-8", '"b-1";charset="utf-8"'],
)
def test_a_boundary_may_be_quoted_and_have_neighbours(boundary: str) -> None:
    """RFC 2046, 5.1.1."""
    body = b'--b-1\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b-1--'

    (read,) = read_parts(f"Multipart/Form-Data; Boundary={boundary}", body)

    assert (read.name, read.text) == ("a", "1")


@pytest.mark.parametrize("piece", [b"--b-1", b"--b-1\n", b'\n;a="', b"\r\n ", b"="])
def test_a_form_that_is_made_to_be_hard_ends_soon(piece: bytes) -> None:
    """A megabyte of it: what were quadratic would be noticed in minutes."""
    start = b"--b-1\r\nContent-Disposition: form-data"

    with pytest.raises(BadForm):
        read_parts(MEDIA, start + piece * (1_000_000 // len(piece)))
