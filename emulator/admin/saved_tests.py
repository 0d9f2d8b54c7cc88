"""Saved tests: an exchange as a pytest file, tried before it is given.

The shortest story that ends in the same reply is written: what was arranged and the call
itself; where that is not enough, all calls before it as well, or the state of the world
right before it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson

from emulator.admin.journal.find import entry_of
from emulator.admin.journal.pytest_file import Secret, Secrets, call_again, pytest_file
from emulator.admin.journal.recipe import NoRecipe, exact, steps
from emulator.admin.request import AdminRequest, problem_error, world_of
from emulator.admin.retrace import Moment, NotExact, retraced
from emulator.admin.schemas import text
from emulator.admin.table import Answer, Rows, Work, problems
from emulator.admin.trial import Trial
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.snapshots import snapshot
from emulator.exchange.call import Call, Reply
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.world.acts import Act
from emulator.world.world import World


class Story(NamedTuple):
    """What a test does: put its world into a state, if that is not how it begins, and ask."""

    steps: Sequence[Act | Entry]
    state: bytes = b""
    """A snapshot; empty: the world begins with its fixtures."""


PYTHON = "text/x-python"
_MOST = 300
"""The most calls that a test makes before the one that it is about."""
_LARGEST = 65_536
"""The longest snapshot that stands in a test, in bytes."""
_TRIAL = "trial"
_DIFFERS = (
    "it did not come out the same when it was tried: what has become of the world is not"
    " all known. It began in another way, or its clock was running."
)


row = Rows("journal")


@row(
    "GET /worlds/{world}/journal/{exchange}/test",
    {
        200: Answer("the file", text(), (PYTHON,)),
        409: problems("the journal has not kept the call, or a stub answered it"),
    },
)
def get_test(request: AdminRequest) -> Work:
    """Show an exchange as a pytest file that brings it about.

    The test has a world with the same seed and clock, repeats what was arranged, and
    makes the call; calls before it are repeated where the reply depends on them, or a
    snapshot is restored. It was tried before it is given, and says so if it did not
    come out the same.
    """
    world = world_of(request)
    entry = entry_of(request, world)
    if entry.provider not in request.dispatcher.programs:
        raise problem_error(
            409,
            "no provider",
            f"{entry.provider} is no provider: a stub answered for it",
            fix="write the stub into a test of yours: world.stub(...)",
        )
    if entry.long_body is not None:
        raise problem_error(
            409,
            "not kept",
            f"the body of the exchange {entry.id} was too long for the journal to keep",
            fix="make the call again with less in it",
        )
    secrets = Secrets(_credentials(request.dispatcher, world))
    story, notes = yield from _story(request.dispatcher, world, entry, secrets)
    text = pytest_file(
        world,
        story.steps,
        request.dispatcher.programs,
        secrets,
        notes,
        story.state.decode(),
    )
    name = f"test_exchange_{entry.id}.py"
    headers = [
        ("Content-Type", f"{PYTHON}; charset=utf-8"),
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Cache-Control", "no-store"),
    ]
    return Reply(headers=headers, body=text.encode())


def _story(
    dispatcher: Dispatcher, world: World, entry: Entry, secrets: Secrets
) -> Generator[None, str | None, tuple[Story, list[str]]]:
    """The shortest story that ends as *entry* did, and what has to be said of it."""
    stories = [*_stories(world, entry)]
    for story in stories:
        if _ends_alike(dispatcher, world, story, secrets):
            return story, []
    state = yield from _state_before(dispatcher, world, entry)
    story = Story([entry], state)
    if 0 < len(state) <= _LARGEST and _ends_alike(dispatcher, world, story, secrets):
        return story, []
    return stories[0], [_DIFFERS]


def _stories(world: World, entry: Entry) -> Iterator[Story]:
    try:
        found = steps(world, entry.id)
    except NoRecipe:
        found = [*_in_force(world, entry), entry]
    acts = [step for step in found if isinstance(step, Act)]
    yield Story([*(act for act in acts if _concerns(act, entry.provider)), entry])
    yield Story([*acts, entry])
    if len(found) - len(acts) <= _MOST and world.start is None:
        yield Story(found)
    yield Story([entry])


def _state_before(
    dispatcher: Dispatcher, world: World, entry: Entry
) -> Generator[None, str | None, bytes]:
    """A snapshot of *world* as it was right before *entry*; empty where nobody knows."""
    try:
        moment = Moment(entry.id, before=True)
        return snapshot((yield from retraced(dispatcher, world, moment)))
    except NotExact:
        return b""


def _concerns(act: Act, provider: str) -> bool:
    """Whether *act* may make a difference to calls of *provider*."""
    parts = act.path.split("/")
    if len(parts) > 2 and parts[1] in ("scenarios", "records", "arrange", "webhooks"):
        return parts[2] == provider
    if parts[1:2] == ["faults"] and act.body:
        return bool(orjson.loads(act.body).get("provider") == provider)
    return True


def _in_force(world: World, entry: Entry) -> Iterator[Act]:
    """What is in force in a world whose story is not known, as acts before the call."""
    for name in world.scenarios:
        yield Act(0, entry.at, "POST", f"/scenarios/{name}", b"", "")


def _ends_alike(
    dispatcher: Dispatcher, world: World, story: Story, secrets: Secrets
) -> bool:
    """Whether *story*, told to a world that nobody else sees, ends in the same reply."""
    board = Dispatcher(dispatcher.programs, None, dispatcher.settings)
    made = board.worlds.create(
        _TRIAL,
        seed=world.seed,
        at=world.began,
        frozen=True,
        providers=world.providers,
        scenarios=world.beginning.scenarios,
    )
    if story.state:
        board.worlds.restore(made, story.state)
    trial, listed = Trial(board, made), _credentials(board, made)
    reply = Reply()
    for step in story.steps:
        if step.at != made.clock.now():
            body = orjson.dumps({"set": exact(step.at)})
            trial.act(Act(0, step.at, "PATCH", "/clock", body, "application/json"))
        if isinstance(step, Act):
            trial.act(step)
        else:
            reply = board.answer(_resolved(step, secrets, listed))
    last = story.steps[-1]
    assert isinstance(last, Entry)  # noqa: S101 - as above
    ended = made.journal.get(made.journal.written)
    return (
        ended is not None
        and (reply.status, ended.refusal) == (last.status, last.refusal)
        # How long a delay is may be chance; that there is one is not.
        and [fault.kind for fault in ended.faults]
        == [fault.kind for fault in last.faults]
    )


def _resolved(
    entry: Entry, secrets: Secrets, listed: Mapping[str, Sequence[Mapping[str, Json]]]
) -> Call:
    """The call of *entry*, with the secrets of the world that it is tried in."""

    def said(text: str, header: str = "") -> str:
        return "".join(
            part if isinstance(part, str) else _secret(part, listed)
            for part in secrets.parts(text, header)
        )

    call = call_again(entry)
    path, _, query = said(call.path).partition("?")
    body = call.body
    sent = said(body).encode() if isinstance(body, str) else body or b""
    headers = [
        (name.lower().encode("latin-1"), said(value, name).encode("latin-1"))
        for name, value in call.headers
    ]
    if sent:
        headers.append((b"content-length", b"%d" % len(sent)))
    return Call(
        method=entry.method,
        path=f"/@{_TRIAL}/{entry.provider}{path}",
        query=query.encode("latin-1"),
        raw_headers=[(b"host", b"127.0.0.1"), *headers],
        body=sent,
        client=entry.client,
        base_url="http://127.0.0.1",
    )


def _secret(secret: Secret, listed: Mapping[str, Sequence[Mapping[str, Json]]]) -> str:
    found = next(
        one for one in listed[secret.provider] if one["name"] == secret.credential
    )
    if secret.part.startswith(".headers"):
        name = secret.part[len(".headers['") : -2]
        return str(found["headers"][name])
    return str(found[secret.part[1:]])


def _credentials(
    dispatcher: Dispatcher, world: World
) -> dict[str, Sequence[Mapping[str, Json]]]:
    return {
        name: dispatcher.worlds.credentials(world, name)
        for name in dispatcher.programs
        if world.providers is None or name in world.providers
    }
