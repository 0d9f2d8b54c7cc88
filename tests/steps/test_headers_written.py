"""Headers as a spec writes them: each once, in the reply's own words, and fit to be sent."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Tiny

from emulator.program.headers import as_address

READ = "operations.readBook.reply"


def read(headers: Any, **general: Any) -> Any:
    """The reply of an operation with these headers, beside those of every reply."""
    tiny = Tiny(
        "shelf", {READ: {"headers": headers, "body": "${item}"}, "headers": general}
    )
    return tiny.get("/books/3")


def listed(answer: Any, name: str) -> list[str]:
    """All lines of a header, in order."""
    found: list[str] = answer.headers.get_list(name)
    return found


def test_a_reply_says_its_content_type_once() -> None:
    """Its own, where it says one, whatever the case; else the general one."""
    assert listed(read({"content-type": "application/hal+json"}), "content-type") == [
        "application/hal+json"
    ]
    assert listed(read({}), "content-type") == ["application/json"]


def test_a_header_of_every_reply_gives_way_to_the_reply_s_own() -> None:
    """It is sent once; null leaves it out of this reply."""
    general = {"X-Version": "1", "X-Kind": "${method}"}

    own = read({"x-version": "2", "X-Kind": None}, **general)

    assert listed(own, "x-version") == ["2"]
    assert listed(own, "x-kind") == []
    assert listed(read({}, **general), "x-version") == ["1"]


def test_an_error_s_own_header_replaces_the_general_one() -> None:
    """Also the Allow of a method that there is not."""
    wrong = {"status": 405, "headers": {"Allow": "NONE", "X-Version": "e"}}
    tiny = Tiny(
        "shelf", {"headers": {"X-Version": "1"}, "errors.table.wrong_method": wrong}
    )

    reply = tiny.call("DELETE", "/tickets")

    assert (listed(reply, "allow"), listed(reply, "x-version")) == (["NONE"], ["e"])


def test_two_dialects_of_one_name_are_said_once() -> None:
    """The first that speaks is heard."""
    dialect = {"remaining": "X-Left", "replies": "always"}
    tiny = Tiny(
        "meters", {"rate_limit_headers": [dialect, {**dialect, "shows": "minute"}]}
    )

    assert listed(tiny.get("/several"), "x-left") == ["1"]


def test_a_list_is_several_headers() -> None:
    """As Set-Cookie and WWW-Authenticate have them; what is null or left out is none."""
    reply = read(
        {"Set-Cookie": ["a=1; HttpOnly", "${omit}", "b=${item.id}", None], "X-No": []}
    )

    assert listed(reply, "set-cookie") == ["a=1; HttpOnly", "b=3"]
    assert listed(reply, "x-no") == []


@pytest.mark.parametrize(
    "value", ["${omit}", "${null}", "${item.nothing or omit}", None]
)
def test_what_is_left_out_is_not_sent(value: Any) -> None:
    """No header has the word `omit` in it."""
    assert "x-a" not in read({"X-A": value}).headers


@pytest.mark.parametrize(
    ("name", "template", "sent"),
    [
        ("Location", "/b/${query.text}", "/b/a%20b&c=d/%E2%82%AC%0D%0A"),
        ("Location", "/b?state=${query.text}&x=1", "/b?state=a%20b%26c%3Dd%2F%E2%82%AC%0D%0A&x=1"),
        ("Location", "/b?state=${url(query.text)}&x=1", "/b?state=a%20b%26c%3Dd%2F%E2%82%AC%0D%0A&x=1"),
        ("Link", '</b/${query.text}>; rel="next"', '</b/a%20b&c=d/%E2%82%AC%0D%0A>; rel="next"'),
        ("Location", "https://münchen.example/${1}", "https://m%C3%BCnchen.example/1"),
    ],
)  # fmt: skip
def test_what_a_caller_sends_is_encoded_in_an_address(
    name: str, template: str, sent: str
) -> None:
    """A parameter's value wholly, and elsewhere what an address cannot hold."""
    tiny = Tiny("shelf", {"operations.listBooks.reply": {"headers": {name: template}}})

    assert tiny.get("/books", params={"text": "a b&c=d/€\r\n"}).headers[name] == sent


@given(st.text(), st.sampled_from(["Location", "Link"]))
def test_an_address_can_always_be_sent(text: str, name: str) -> None:
    """It is one line of ASCII but for what a Link says besides, and encoded once."""
    clean = text.encode("utf-8", "replace").decode()
    sent = as_address(name, f"</{clean}>")

    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", sent.encode("latin-1"))
    assert as_address(name, sent) == sent


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_parameter_in_an_address_arrives_as_it_was(text: str) -> None:
    """Whatever is put behind a `=` is the value of that parameter, and of no other."""
    tiny = Tiny(
        "shelf",
        {
            "operations.listBooks.reply": {
                "headers": {"Location": "/b?s=${query.text}&t=1"}
            }
        },
    )

    sent = tiny.get("/books", params={"text": text}).headers["location"]

    assert parse_qsl(urlsplit(sent).query, keep_blank_values=True) == [
        ("s", text),
        ("t", "1"),
    ]


def test_what_cannot_be_sent_names_its_line() -> None:
    """Elsewhere nothing is encoded: it is the spec that must not send it."""
    tiny = Tiny(
        "shelf",
        {"operations.listBooks.reply": {"headers": {"X-Text": "${query.text}"}}},
    )

    reply = tiny.get("/books", params={"text": "a\r\nX-Evil: 1"})

    assert (reply.status_code, "x-evil" in reply.headers) == (500, False)
    assert "behavior.yaml:1:" in reply.json()["detail"]
    assert "the header X-Text cannot carry" in reply.json()["detail"]
