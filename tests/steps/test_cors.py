"""What a provider tells a browser of calls from pages of other origins (Fetch standard)."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

APP = "https://app.example"
ASKED = {
    "Origin": APP,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "x-key,content-type",
}
TOLD = ("access-control-", "vary")


def told(reply: Any) -> dict[str, str]:
    """What the reply tells a browser."""
    return {
        name.removeprefix("access-control-"): value
        for name, value in reply.headers.items()
        if name.startswith(TOLD)
    }


def shelf(**cors: Any) -> Tiny:
    return Tiny("shelf", {"http": {"cors": cors}})


def asks(tiny: Tiny, path: str = "/books/1", **headers: str) -> Any:
    return tiny.call("OPTIONS", path, headers={**ASKED, **headers})


def test_a_preflight_is_told_what_may_be_called() -> None:
    """The methods of the path, and the headers that were asked for."""
    reply = asks(shelf(origins=[APP]))

    assert reply.status_code == 204
    assert told(reply) == {
        "allow-origin": APP,
        "allow-methods": "DELETE, GET, OPTIONS, PATCH, PUT",
        "allow-headers": "x-key,content-type",
        "vary": "Origin, Access-Control-Request-Headers",
    }


def test_a_preflight_is_told_what_is_written() -> None:
    """Methods, headers and how long to remember them; with credentials, nothing is `*`."""
    tiny = shelf(
        origins=["https://other.example", APP],
        methods=["GET", "PUT"],
        headers=["X-Key"],
        expose=["X-Total"],
        credentials=True,
        max_age="10m",
    )

    assert told(asks(tiny)) == {
        "allow-origin": APP,
        "allow-credentials": "true",
        "allow-methods": "GET, PUT",
        "allow-headers": "X-Key",
        "max-age": "600",
        "vary": "Origin",
    }
    assert told(tiny.get("/books/1", headers={"Origin": APP})) == {
        "allow-origin": APP,
        "allow-credentials": "true",
        "expose-headers": "X-Total",
        "vary": "Origin",
    }


def test_any_page_may_call_where_any_origin_is_let_in() -> None:
    """`*` is the same for everybody, so nothing varies."""
    reply = shelf(origins=["*"]).get("/books/1", headers={"Origin": APP})

    assert told(reply) == {"allow-origin": "*"}


@pytest.mark.parametrize("path", ["/books/99999", "/nothing", "/notes"])
def test_a_refusal_can_be_read_by_the_page(path: str) -> None:
    """A page that cannot read a 401 or a 404 is told of a network failure."""
    reply = shelf(origins=[APP]).get(path, headers={"Origin": APP})

    assert reply.status_code in (401, 404)
    assert told(reply) == {"allow-origin": APP, "vary": "Origin"}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", APP + ".evil.example"]
)
def test_another_origin_is_told_nothing(origin: str) -> None:
    """The browser then keeps the page from it; caches are told that it depends."""
    tiny = shelf(origins=[APP])

    assert told(asks(tiny, Origin=origin)) == {
        "vary": "Origin, Access-Control-Request-Headers"
    }
    assert told(tiny.get("/books/1", headers={"Origin": origin})) == {"vary": "Origin"}


@pytest.mark.parametrize("origin", ["", APP])
def test_nothing_is_said_to_browsers_by_default(origin: str) -> None:
    """As before: an OPTIONS says what the path allows, and no more."""
    tiny = Tiny("shelf")

    assert told(asks(tiny)) == {}
    assert (
        told(tiny.get("/books/1", headers={"Origin": origin} if origin else {})) == {}
    )


def test_an_options_of_a_client_is_no_preflight() -> None:
    """Without the method that is asked about, it is a call as any other."""
    reply = shelf(origins=[APP]).call("OPTIONS", "/books/1", headers={"Origin": APP})

    assert (reply.status_code, told(reply)) == (
        204,
        {"allow-origin": APP, "vary": "Origin"},
    )
