"""OpenAI, called by openai as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import emulator

openai = pytest.importorskip("openai")

MODEL = "gpt-4o-mini"
FERRY = [{"role": "user", "content": "When does the ferry leave?"}]
ANSWER = "The ferry leaves at nine in the morning."
TOOL = {"type": "function", "function": {"name": "timetable", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}},
}}}  # fmt: skip


def client(world: Any, name: str = "full", **more: Any) -> Any:
    """The library, pointed at the world with the key of this name."""
    provider = world.provider("openai")
    key = provider.credentials[name].value
    more = {"max_retries": 0, **more}
    return openai.OpenAI(api_key=key, base_url=provider.url, **more)


def a_days_work(ai: Any) -> None:
    """What a program does: ask, stream, call a tool, embed, keep a file."""
    assert MODEL in [model.id for model in ai.models.list()]
    plain = ai.chat.completions.create(model=MODEL, messages=FERRY)
    assert plain.choices[0].message.content == ANSWER
    assert plain.choices[0].finish_reason == "stop"
    assert plain.usage.total_tokens == plain.usage.prompt_tokens + 8

    cut = ai.chat.completions.create(
        model=MODEL, messages=FERRY, max_completion_tokens=3
    )
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == (
        "The ferry leaves",
        "length",
    )

    chunks = [*ai.chat.completions.create(
        model=MODEL, messages=FERRY, stream=True, stream_options={"include_usage": True}
    )]  # fmt: skip
    words = [part.choices[0].delta.content or "" for part in chunks if part.choices]
    assert "".join(words) == ANSWER
    assert chunks[-1].usage.completion_tokens == 8
    assert len({part.id for part in chunks}) == 1

    asked = ai.chat.completions.create(model=MODEL, messages=FERRY, tools=[TOOL])
    (call,) = asked.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == (
        "timetable",
        {"place": "harbor"},
    )
    result = {"role": "tool", "tool_call_id": call.id, "content": "the ferry: 9:00"}
    after = [*FERRY, asked.choices[0].message.model_dump(exclude_none=True), result]
    told = ai.chat.completions.create(model=MODEL, messages=after, tools=[TOOL])
    assert told.choices[0].message.content == ANSWER

    with ai.chat.completions.stream(
        model=MODEL, messages=FERRY, tools=[TOOL]
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.tool_calls[0].function.name == "timetable"

    response = ai.responses.create(model=MODEL, input="How is the weather?")
    assert response.output_text == "It is raining in the harbor."
    assert ai.responses.retrieve(response.id).output_text == response.output_text
    events = [
        *ai.responses.create(model=MODEL, input="How is the weather?", stream=True)
    ]
    deltas = [
        event.delta for event in events if event.type == "response.output_text.delta"
    ]
    assert "".join(deltas) == response.output_text
    assert events[-1].response.output_text == response.output_text
    ai.responses.delete(response.id)

    vectors = ai.embeddings.create(
        model="text-embedding-3-small", input=["a ferry", "the ferries"]
    ).data
    assert [vector.index for vector in vectors] == [0, 1]
    assert len(vectors[0].embedding) == 26
    assert ai.moderations.create(input="a calm day").results[0].flagged is False

    kept = ai.files.create(file=("plan.jsonl", b'{"a": 1}\n\xff'), purpose="batch")
    assert [one.id for one in ai.files.list()] == [kept.id]
    assert ai.files.content(kept.id).read() == b'{"a": 1}\n\xff'
    assert ai.files.delete(kept.id).deleted


def test_a_days_work_over_a_socket(world: Any) -> None:
    a_days_work(client(world))


def test_a_days_work_by_interception() -> None:
    """At the address that the library knows."""
    with emulator.intercept("openai", sleepless=True) as world:
        key = world.provider("openai").credentials["full"].value
        a_days_work(openai.OpenAI(api_key=key, max_retries=0))


@pytest.mark.parametrize(
    ("key", "arguments", "error", "code"),
    [
        ("unknown", {}, openai.AuthenticationError, "invalid_api_key"),
        ("no_credits", {}, openai.RateLimitError, "insufficient_quota"),
        ("full", {"model": "gpt-0"}, openai.NotFoundError, "model_not_found"),
        ("full", {"temperature": 3}, openai.BadRequestError, "decimal_above_max_value"),
        ("full", {"messages": []}, openai.BadRequestError, "empty_array"),
        ("full", {"model": "gpt-3.5-turbo", "max_tokens": 100}, openai.BadRequestError, "context_length_exceeded"),
    ],
)  # fmt: skip
def test_a_refusal_raises_the_librarys_exception(
    world: Any, key: str, arguments: Any, error: Any, code: str
) -> None:
    """With the code and the request's id that it reads."""
    with pytest.raises(error) as raised:
        client(world, key).chat.completions.create(
            **{"model": MODEL, "messages": FERRY, **arguments}
        )

    assert raised.value.code == code
    assert raised.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 3}, "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead."),
        ({"max_tokens": 0}, "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead."),
        ({"max_tokens": "9"}, "Invalid type for 'max_tokens': expected an integer, but got a string instead."),
        ({"messages": "Hello"}, "Invalid type for 'messages': expected an array, but got a string instead."),
        ({"messages": [{"role": "wizard", "content": "Hello"}]}, "Invalid value: 'wizard'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'."),
        ({"messages": [{"content": "Hello"}]}, "Missing required parameter: 'messages[0].role'."),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_as_openai_names_it(
    world: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client(world).chat.completions.create(
            **{"model": MODEL, "messages": FERRY, **arguments}
        )

    assert raised.value.body["message"] == message


def test_a_key_in_a_message_is_hidden_but_for_its_ends(world: Any) -> None:
    with pytest.raises(openai.AuthenticationError) as raised:
        client(world, "unknown").models.list()

    found = re.search(r"provided: (\S+)\. You can", raised.value.body["message"])
    assert found is not None
    assert re.fullmatch(r"\S{8}\*+\S{4}", found[1])


def test_a_missing_parameter_is_named(world: Any) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client(world).post("/chat/completions", body={"model": MODEL}, cast_to=object)

    assert (raised.value.code, raised.value.param) == (
        "missing_required_parameter",
        "messages",
    )


def test_no_key_is_told(world: Any) -> None:
    with pytest.raises(openai.AuthenticationError, match="didn't provide an API key"):
        client(world).with_options(default_headers={"Authorization": ""}).models.list()


def test_requests_and_tokens_have_limits_of_their_own(world: Any) -> None:
    """Every authenticated reply says how both stand; tokens are those of the answer."""
    ai = client(world, "small")
    raw = ai.chat.completions.with_raw_response
    headers = raw.create(model=MODEL, messages=FERRY).headers

    assert headers["x-ratelimit-limit-requests"] == "3"
    assert headers["x-ratelimit-remaining-requests"] == "2"
    assert headers["x-ratelimit-limit-tokens"] == "120"
    spent = raw.create(model=MODEL, messages=FERRY).parse().usage.total_tokens
    headers = raw.create(model=MODEL, messages=FERRY).headers
    assert headers["x-ratelimit-remaining-tokens"] == str(120 - 3 * spent)

    with pytest.raises(openai.RateLimitError) as raised:
        ai.chat.completions.create(model=MODEL, messages=FERRY)
    assert (raised.value.type, raised.value.code) == ("requests", "rate_limit_exceeded")
    wait = int(raised.value.response.headers["retry-after-ms"])
    world.clock.advance(seconds=wait / 1000)
    ai.chat.completions.create(model=MODEL, messages=FERRY)


def test_a_long_question_meets_the_limit_of_tokens(world: Any) -> None:
    """Before that of requests."""
    long = [{"role": "user", "content": "word " * 130}]

    with pytest.raises(openai.RateLimitError) as raised:
        client(world, "small").chat.completions.create(model=MODEL, messages=long)

    assert raised.value.type == "tokens"


def test_the_librarys_retries_wait_as_they_are_told() -> None:
    """It reads retry-after-ms; the world's clock goes on while it sleeps."""
    with emulator.intercept("openai", sleepless=True) as world:
        provider = world.provider("openai")
        provider.apply_scenario("rate_limited")
        ai = openai.OpenAI(api_key=provider.credentials["full"].value, max_retries=2)

        answer = ai.chat.completions.create(model=MODEL, messages=FERRY)

        assert answer.choices[0].message.content == ANSWER
        calls = world.journal.where(operation="createChatCompletion")
        assert [entry.status for entry in calls] == [429, 200]


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_the_server_raises_its_exception(world: Any, status: int) -> None:
    """A client with patience tries again."""
    provider = world.provider("openai")
    provider.apply_scenario("overloaded" if status == 503 else "server_errors")
    ai = client(world)
    if status == 500:
        ai.models.list()

    with pytest.raises(openai.InternalServerError) as raised:
        ai.models.list()

    assert raised.value.status_code == status


def test_a_stream_breaks_off_after_three_tokens(world: Any) -> None:
    """The library's own exception; what came before is there."""
    world.provider("openai").apply_scenario("stream_breaks_off")
    stream = client(world).chat.completions.create(
        model=MODEL, messages=FERRY, stream=True
    )
    words: list[str] = []

    with pytest.raises(openai.APIConnectionError):
        words.extend(chunk.choices[0].delta.content or "" for chunk in stream)

    assert words == ["", "The", " ferry", " leaves"]


def test_what_is_answered_is_a_record(world: Any) -> None:
    """A test says what the model is to say."""
    answers = world.provider("openai").records("answers")
    answers.put(9, {"id": 9, "about": "ship", "text": "Aye.", "arguments": "{}"})
    asked = [{"role": "user", "content": "Where is the ship?"}]

    said = client(world).chat.completions.create(model=MODEL, messages=asked)

    assert said.choices[0].message.content == "Aye."


def test_the_example_of_its_page_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "openai.md"
    (code,) = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)

    exec(compile(code, str(page), "exec"), {})
