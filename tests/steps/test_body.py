"""What a request body says, in every media type."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

FORM = "application/x-www-form-urlencoded"
BOUNDED = {"Content-Type": "multipart/form-data; boundary=b"}
NAMED = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nA\r\n'


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("name=A+B%C3%A4", {"name": "A Bä"}),
        ("name=a&name=b", {"name": "b"}),
        ("name=a&age=7&member=1", {"name": "a", "age": 7, "member": True}),
        ("name=a&tags=x", {"name": "a", "tags": ["x"]}),
        ("name=a&tags=x&tags=y", {"name": "a", "tags": ["x", "y"]}),
        ("name=a&tags[]=x&tags%5B%5D=y", {"name": "a", "tags": ["x", "y"]}),
        ("name=a&other=1", {"name": "a", "other": "1"}),
    ],
)
def test_a_form_is_typed_by_its_schema(
    forms: Tiny, sent: str, understood: dict[str, Any]
) -> None:
    """A form has only texts; the schema says what they stand for."""
    headers = {"Content-Type": FORM}

    answer = forms.answer("/form", method="POST", content=sent, headers=headers)

    assert answer == (200, {"member": False, **understood})


@pytest.mark.parametrize("content", [b"name=%ff", b"name=\xff", b"", b"a=&" * 1_001])
def test_a_form_that_cannot_be_read_is_malformed(forms: Tiny, content: bytes) -> None:
    """Bytes that are no UTF-8, nothing at all, and more fields than anyone sends."""
    headers = {"Content-Type": FORM}

    answer = forms.answer("/form", method="POST", content=content, headers=headers)

    assert answer == (400, {"error": "malformed_body"})


def test_a_form_that_breaks_its_schema_is_refused(forms: Tiny) -> None:
    """Fields of a form are reported as those of a JSON body are."""
    answer = forms.answer("/form", method="POST", data={"name": "", "age": "old"})

    facts = {"name": "body minLength", "age": "body type"}
    assert answer == (422, {"error": "invalid_request", "facts": facts})


def test_a_multipart_form_says_the_same(forms: Tiny) -> None:
    """Fields without a file are those of an ordinary form."""
    fields = {"name": (None, "Ä"), "age": (None, "7"), "tags": (None, "x")}

    answer = forms.answer("/form", method="POST", files=fields)

    assert answer == (200, {"name": "Ä", "age": 7, "tags": ["x"], "member": False})


def test_a_file_is_known_by_its_name_type_and_size(forms: Tiny) -> None:
    """What is in a file is nobody's business; `format: binary` asks for a file."""
    files = [
        ("file", ("cv.pdf", b"%PDF-1.7", "application/pdf")),
        ("title", (None, "CV")),
        ("more", ("ä.txt", b"", "text/plain")),
        ("more", ("b.bin", b"\x00" * 100_000)),
    ]

    status, body = forms.answer("/upload", method="POST", files=files)

    assert (status, body) == (
        200,
        {
            "file": {
                "filename": "cv.pdf",
                "content_type": "application/pdf",
                "size": 8,
            },
            "title": "CV",
            "more": [
                {"filename": "ä.txt", "content_type": "text/plain", "size": 0},
                {
                    "filename": "b.bin",
                    "content_type": "application/octet-stream",
                    "size": 100_000,
                },
            ],
        },
    )


def test_a_file_that_is_required_and_missing_is_reported(forms: Tiny) -> None:
    """A form without its file lacks a field."""
    answer = forms.answer("/upload", method="POST", files={"title": (None, "CV")})

    facts = {"file": "body required"}
    assert answer == (422, {"error": "invalid_request", "facts": facts})


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("multipart/form-data", b"--b\r\n"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\n\r\n--b--"),
        ("multipart/form-data; boundary=b", NAMED),
        ("multipart/form-data; boundary=b", NAMED + b"--b"),
        ("multipart/form-data; boundary=b", NAMED * 1_001 + b"--b--"),
        ("multipart/form-data; boundary=b", NAMED + b"--b\r\nA: " + b"x" * 20_000),
        (
            "multipart/form-data; boundary=b",
            NAMED.replace(b'="name"', b'="name"; filename="%s"' % (b"x" * 20_000))
            + b"--b--",
        ),
    ],
)
def test_a_multipart_form_that_cannot_be_read_is_malformed(
    forms: Tiny, content_type: str, content: bytes
) -> None:
    """No boundary, no parts, no name of any; no end, too many, too long a head."""
    headers = {"Content-Type": content_type}

    answer = forms.answer("/form", method="POST", content=content, headers=headers)

    assert answer == (400, {"error": "malformed_body"})


@pytest.mark.parametrize(
    "content",
    [
        NAMED + b"--b--",
        NAMED.replace(b"\r", b"") + b"--b--",
        b"This is a multi-part message.\r\n" + NAMED + b"--b--\r\nepilogue",
        NAMED.replace(b"--b", b"--b \t") + b"--b--  \r\n",
        NAMED.replace(b"Content-Disposition", b"content-disposition") + b"--b--",
        NAMED.replace(b" name", b"\r\n name") + b"--b--",
        NAMED + b"--b\r\n\r\nof nobody\r\n--b--",
        NAMED.replace(b'"name"', b"name") + b"--b--",
        NAMED.replace(
            b"\r\n\r\nA", b"\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ=="
        )
        + b"--b--",
    ],
)
def test_a_multipart_form_is_read_as_tolerantly_as_it_may_be_sent(
    forms: Tiny, content: bytes
) -> None:
    """RFC 2046 (5.1.1) and 7578: bare line ends, a preamble, padding, an odd part."""
    answer = forms.answer("/form", method="POST", content=content, headers=BOUNDED)

    assert answer == (200, {"name": "A", "member": False})


@pytest.mark.parametrize(
    ("part", "read"),
    [
        (b'name="title"\r\n\r\n\xe9\x00', {"title": "é\x00"}),
        (b'name="more"; filename="ol\xe9"\r\n\r\nx', {"more": "olé"}),
        (b"name=more; filename*=UTF-8''ol%C3%A9\r\n\r\nx", {"more": "olé"}),
        (b'name="more"; filename="a\\"b"\r\n\r\n\xff', {"more": 'a"b'}),
    ],
)
def test_one_odd_part_leaves_the_rest_of_a_form_as_it_is(
    forms: Tiny, part: bytes, read: dict[str, str]
) -> None:
    """What is no UTF-8 is Latin-1, and a file may be named in either way."""
    head = b"--b\r\nContent-Disposition: form-data; "
    file = head + b'name="file"; filename="f"\r\n\r\n1\r\n'
    content = file + head + part + b"\r\n--b--"

    answer = forms.answer("/upload", method="POST", content=content, headers=BOUNDED)

    facts = {"content_type": None, "size": 1}
    more = [{"filename": one, **facts} for key, one in read.items() if key == "more"]
    others = {"more": more} if more else read
    assert answer == (200, {"file": {"filename": "f", **facts}, **others})


@pytest.mark.parametrize(
    ("media", "content", "status", "understood"),
    [
        ("text/plain", "Ä", 200, "Ä"),
        ("text/markdown; charset=utf-8", "# x", 200, "# x"),
        ("text/plain", b"\xff", 400, None),
        ("application/vnd.acme+json", '{"a": 1}', 200, {"a": 1}),
        ("Application/VND.acme+JSON; v=2", '{"a": 1}', 200, {"a": 1}),
        ("application/vnd.acme+json", "[1]", 400, None),
        ("image/png", b"\x89PNG", 200, {"size": 4}),
        ("application/json", "{}", 415, None),
        ("image/gif", b"GIF", 415, None),
        ("", b"?", 415, None),
    ],
)
def test_a_body_is_read_by_its_media_type(
    forms: Tiny, media: str, content: Any, status: int, understood: Any
) -> None:
    """Texts, JSON by its suffix, and bytes of which only the number counts."""
    got, body = forms.answer(
        "/text", method="POST", content=content, headers={"Content-Type": media}
    )

    assert got == status
    if status == 200:
        assert body == understood
