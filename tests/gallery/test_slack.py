"""Slack, called by slack_sdk as it is."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, ClassVar

import pytest

import emulator

slack_sdk = pytest.importorskip("slack_sdk")
from slack_sdk.errors import SlackApiError  # noqa: E402
from slack_sdk.http_retry.builtin_handlers import (  # noqa: E402
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier  # noqa: E402

GENERAL = "C0GENERAL1"


def client(world: Any, name: str = "full", **more: Any) -> Any:
    """The library, pointed at the world with the token of this name."""
    slack = world.provider("slack")
    token = slack.credentials[name].value
    return slack_sdk.WebClient(token=token, base_url=f"{slack.url}/", **more)


def a_days_work(web: Any, wait: Callable[[], object]) -> None:
    """What a bot does: see who it is, find a channel, write, thread, react, tidy up."""
    assert web.auth_test()["team"] == "harbor"
    names = [
        channel["name"]
        for page in web.conversations_list(limit=1)
        for channel in page["channels"]
    ]
    assert names == ["general", "old-plans", "random"]
    ada = web.users_lookupByEmail(email="ada@harbor.example")["user"]
    assert web.users_info(user=ada["id"])["user"]["real_name"] == "Ada Stone"
    posted = web.chat_postMessage(channel=GENERAL, text="Hello <@U0ADA00001>")
    wait()  # one message per second and channel
    web.chat_postMessage(channel=GENERAL, text="more", thread_ts=posted["ts"])
    web.reactions_add(channel=GENERAL, name="ferry", timestamp=posted["ts"])
    web.chat_update(channel=GENERAL, ts=posted["ts"], text="Hello")
    history = web.conversations_history(channel=GENERAL, limit=1)
    (message,) = history["messages"]
    assert (message["text"], message["user"]) == ("Hello", "U0BOT00001")
    assert message["reactions"] == [
        {"name": "ferry", "users": ["U0BOT00001"], "count": 1}
    ]
    assert history["has_more"]
    assert history["response_metadata"]["next_cursor"]
    thread = web.conversations_replies(channel=GENERAL, ts=posted["ts"])["messages"]
    assert [one["text"] for one in thread] == ["more", "Hello"]
    news = web.conversations_create(name="news")["channel"]
    assert news["is_member"] is True
    web.conversations_archive(channel=news["id"])
    web.chat_delete(channel=GENERAL, ts=posted["ts"])


def error_of(call: Any, *arguments: Any, **named: Any) -> tuple[int, str]:
    """The status and the word of the library's own exception."""
    with pytest.raises(SlackApiError) as error:
        call(*arguments, **named)
    response = error.value.response
    return response.status_code, response["error"]


def test_a_days_work_over_a_socket(world: Any) -> None:
    a_days_work(client(world), lambda: world.clock.advance(seconds=1))


def test_a_days_work_by_interception() -> None:
    """At the address that the library knows."""
    with emulator.intercept("slack", sleepless=True) as world:
        token = world.provider("slack").credentials["full"].value
        a_days_work(slack_sdk.WebClient(token=token), lambda: time.sleep(1))


@pytest.mark.parametrize(
    ("token", "call", "arguments", "word"),
    [
        ("unknown", "auth_test", {}, "invalid_auth"),
        ("revoked", "auth_test", {}, "token_revoked"),
        ("inactive", "auth_test", {}, "account_inactive"),
        ("read_only", "chat_postMessage", {"channel": GENERAL, "text": "x"}, "missing_scope"),
        ("full", "chat_postMessage", {"channel": "C0NOBODY", "text": "x"}, "channel_not_found"),
        ("full", "chat_postMessage", {"channel": "C0LIGHT001", "text": "x"}, "channel_not_found"),
        ("full", "chat_postMessage", {"channel": "C0OLD00001", "text": "x"}, "is_archived"),
        ("full", "chat_postMessage", {"channel": "C0RANDOM01", "text": "x"}, "not_in_channel"),
        ("full", "chat_postMessage", {"channel": GENERAL, "text": "x" * 40_001}, "msg_too_long"),
        ("full", "chat_update", {"channel": GENERAL, "ts": "1700000400.000001", "text": "x"}, "cant_update_message"),
        ("full", "chat_delete", {"channel": GENERAL, "ts": "1700000400.000001"}, "cant_delete_message"),
        ("full", "conversations_create", {"name": "general"}, "name_taken"),
        ("full", "conversations_create", {"name": "No Spaces"}, "invalid_name_specials"),
        ("full", "conversations_archive", {"channel": "C0OLD00001"}, "already_archived"),
        ("full", "conversations_list", {"cursor": "bm9uc2Vuc2U="}, "invalid_cursor"),
        ("full", "users_info", {"user": "U0NOBODY"}, "user_not_found"),
        ("full", "users_lookupByEmail", {"email": "x@y.example"}, "users_not_found"),
        ("full", "reactions_add", {"channel": GENERAL, "name": "x", "timestamp": "1"}, "message_not_found"),
    ],
)  # fmt: skip
def test_a_refusal_is_200_and_the_librarys_exception(
    world: Any, token: str, call: str, arguments: Any, word: str
) -> None:
    """`ok` is false, and `error` says why."""
    assert error_of(getattr(client(world, token), call), **arguments) == (200, word)


def test_what_is_missing_is_told(world: Any) -> None:
    """Scopes as they are needed and there; arguments by name."""
    with pytest.raises(SlackApiError) as error:
        client(world, "read_only").chat_postMessage(channel=GENERAL, text="x")
    assert error.value.response["needed"] == "chat:write"
    assert error.value.response["provided"] == "channels:read,users:read"
    assert error.value.response.headers["X-OAuth-Scopes"] == "channels:read,users:read"
    with pytest.raises(SlackApiError) as error:
        client(world).api_call("chat.postMessage", json={"text": "x"})
    assert error.value.response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: channel"
    ]
    web = client(world)
    assert error_of(web.api_call, "fleet.list") == (200, "unknown_method")
    world.clock.advance(seconds=1)
    nothing = {"channel": GENERAL}
    assert error_of(web.api_call, "chat.postMessage", json=nothing) == (200, "no_text")


def test_a_token_may_stand_in_the_body(world: Any) -> None:
    """In a form or in JSON, instead of the header."""
    slack = world.provider("slack")
    web = slack_sdk.WebClient(base_url=f"{slack.url}/")
    token = slack.credentials["full"].value

    assert web.api_call("auth.test", data={"token": token})["ok"]
    assert error_of(web.api_call, "auth.test") == (200, "not_authed")


def test_one_message_per_second_and_channel(world: Any) -> None:
    """429 with Retry-After; another channel, and the next second, are free."""
    web = client(world)
    web.conversations_join(channel="C0RANDOM01")
    web.chat_postMessage(channel=GENERAL, text="one")

    with pytest.raises(SlackApiError) as error:
        web.chat_postMessage(channel=GENERAL, text="two")
    assert error.value.response.status_code == 429
    assert error.value.response["error"] == "ratelimited"
    assert error.value.response.headers["Retry-After"] == "1"

    web.chat_postMessage(channel="C0RANDOM01", text="two")
    world.clock.advance(seconds=1)
    web.chat_postMessage(channel=GENERAL, text="two")


def test_tiers_are_of_a_method_and_a_workspace(world: Any) -> None:
    """Tier 2: twenty lists a minute; another method and another workspace are free."""
    web = client(world)
    for _ in range(20):
        web.conversations_list()

    assert error_of(web.conversations_list) == (429, "ratelimited")
    web.users_list()
    client(world, "other_team").conversations_list()
    world.clock.advance(minutes=1)
    web.conversations_list()


def test_the_librarys_retries_wait_as_they_are_told() -> None:
    """Its handler reads Retry-After; the world's clock goes on while it sleeps."""
    handlers = [RateLimitErrorRetryHandler(max_retry_count=1)]
    with emulator.intercept("slack", sleepless=True) as world:
        token = world.provider("slack").credentials["full"].value
        web = slack_sdk.WebClient(token=token, retry_handlers=handlers)
        world.provider("slack").apply_scenario("ratelimited")

        assert web.chat_postMessage(channel=GENERAL, text="x")["ok"]

        assert len(world.journal.where(operation="chat_postMessage")) == 2


def test_scenarios_bring_failures_about(world: Any) -> None:
    """Each by one word."""
    web = client(world)
    slack = world.provider("slack")
    slack.apply_scenario("token_revoked")
    assert error_of(web.auth_test) == (200, "token_revoked")


def test_an_outage_is_survived_by_retries(world: Any) -> None:
    """Every third call fails; the library's handler tries again."""
    world.provider("slack").apply_scenario("outage")
    handlers = [ServerErrorRetryHandler(max_retry_count=2)]
    web = client(world, retry_handlers=handlers)

    assert all(web.auth_test()["ok"] for _ in range(6))


class Inbox(BaseHTTPRequestHandler):
    """Takes one delivery."""

    received: ClassVar[Queue[tuple[dict[str, str], bytes]]] = Queue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.put((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_an_event_carries_a_signature_that_the_library_verifies(world: Any) -> None:
    """The Events API: `v0` and the time in front of the body."""
    slack = world.provider("slack")
    with HTTPServer(("127.0.0.1", 0), Inbox) as inbox:
        url = f"http://127.0.0.1:{inbox.server_port}/slack"
        subscription = slack.subscribe(url, events=["message"])
        client(world).chat_postMessage(channel=GENERAL, text="hi")
        inbox.timeout = 10
        inbox.handle_request()
    headers, body = Inbox.received.get(timeout=1)

    verifier = SignatureVerifier(subscription.secret, Clock(headers))
    assert verifier.is_valid_request(body, headers)
    event = json.loads(body)
    assert (event["type"], event["event"]["text"]) == ("event_callback", "hi")


class Clock(slack_sdk.signature.Clock):
    """The time at which a delivery was sent, by its own header."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._at = int(headers["X-Slack-Request-Timestamp"])

    def now(self) -> float:
        return self._at


def test_the_example_of_its_page_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "slack.md"
    (code,) = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)

    exec(compile(code, str(page), "exec"), {})
