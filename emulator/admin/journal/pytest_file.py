"""Pytest file: an exchange as a test that brings its situation about and makes its call.

The test has a world of its own, with other secrets: those of the exchange's world are
written as what they are of (`full.value`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from keyword import kwlist
from typing import NamedTuple

from emulator.admin.journal.curl import OF_CONNECTION
from emulator.admin.journal.entry import decoded
from emulator.admin.journal.recipe import exact
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.acts import Act
from emulator.world.world import World

_LEAST = 8
"""A shorter text is no secret, and may be a word of something else."""
_BREAKS = frozenset(("reset", "empty", "garbage", "malformed", "truncate"))
"""Faults after which a client has no reply."""
_WIDTH = 80
_TAKEN = frozenset(
    ("STATE", *kwlist, "emulator", "emulator_server", "pytest", "reply", "requests")
)
_PARTS = (
    "value",
    "refresh_token",
    "client_secret",
    "client_id",
    "password",
    "username",
)


class Secret(NamedTuple):
    """A text of one of the world's credentials, and how a test says it."""

    text: str
    provider: str
    credential: str
    part: str
    """`.value`, or `.headers["Authorization"]`."""


class Secrets:
    """The texts of credentials in what a call sends."""

    def __init__(self, credentials: Mapping[str, Sequence[Mapping[str, Json]]]) -> None:
        known: dict[str, Secret] = {}
        headers: dict[tuple[str, str], Secret] = {}
        for provider, listed in credentials.items():
            for credential in listed:
                for part, text in _texts(credential):
                    secret = Secret(text, provider, credential["name"], part)
                    known.setdefault(text, secret)
                for name, text in credential["headers"].items():
                    part = f".headers[{_py(name)}]"
                    secret = Secret(text, provider, credential["name"], part)
                    headers.setdefault((name.lower(), text), secret)
        self._known = known
        self._headers = headers
        longest = sorted(known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest)) or r"(?!)")

    def parts(self, text: str, header: str = "") -> Iterator[str | Secret]:
        """*text* in pieces: what is a credential's, and what stands between.

        A short one is known only as the whole value of its own *header*.
        """
        if (header.lower(), text) in self._headers:
            yield self._headers[header.lower(), text]
            return
        end = 0
        for match in self._pattern.finditer(text):
            if match.start() > end:
                yield text[end : match.start()]
            yield self._known[match[0]]
            end = match.end()
        if end < len(text):
            yield text[end:]


def _texts(credential: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, text in credential["headers"].items():
        if len(text) >= _LEAST:
            yield f".headers[{_py(name)}]", text
    for part in _PARTS:
        text = credential.get(part)
        if isinstance(text, str) and len(text) >= _LEAST:
            yield f".{part}", text


class CallAgain(NamedTuple):
    """A call as a test makes it."""

    entry: Entry
    path: str
    """What follows the provider's prefix, with the query."""
    headers: list[tuple[str, str]]
    body: str | bytes | None


def call_again(entry: Entry) -> CallAgain:
    """The call of *entry*, without what is the connection's."""
    query = f"?{entry.query.decode('latin-1')}" if entry.query else ""
    headers = [
        (name, value)
        for name, value in decoded(entry.request_headers)
        if name.lower() not in OF_CONNECTION
    ]
    body: str | bytes | None = entry.request_body or None
    if body is not None:
        try:
            body = entry.request_body.decode()
        except UnicodeDecodeError:
            body = entry.request_body
    return CallAgain(entry, entry.path + query, headers, body)


def pytest_file(
    world: World,
    found: Sequence[Act | Entry],
    programs: Mapping[str, Program],
    secrets: Secrets,
    notes: Sequence[str],
    state: str = "",
) -> str:
    """The file; the last step of *found* is the call that it is about.

    *notes* are said of it in the file. *state* is a snapshot that the test begins from.
    """
    last = found[-1]
    assert isinstance(last, Entry)  # noqa: S101 - who asks has put it there
    used: dict[tuple[str, str], str] = {}
    now = last.at if state else world.began
    body = [*_lines(now, found, programs, _Spelling(secrets, used))]
    named = [
        f"    {name} = emulator.provider({_py(provider)}).credentials[{_py(credential)}]"
        for (provider, credential), name in used.items()
    ]
    return "\n".join(
        [
            *_head(world, last, notes),
            *_state(state),
            *_mark(world, _about(found, programs)),
            f"def {_name(last)}(emulator_server, emulator):",
            *(["    emulator.restore(STATE)"] if state else []),
            *named,
            *body,
            "",
        ]
    )


class _Spelling:
    """Texts as Python writes them."""

    def __init__(self, secrets: Secrets, used: dict[tuple[str, str], str]) -> None:
        self._secrets = secrets
        self._used = used

    def __call__(self, text: str | bytes, header: str = "") -> str:
        if isinstance(text, bytes):
            return repr(text)
        pieces = [
            _py(part) if isinstance(part, str) else self._secret(part)
            for part in self._secrets.parts(text, header)
        ]
        return " + ".join(pieces) or '""'

    def _secret(self, secret: Secret) -> str:
        key = secret.provider, secret.credential
        name = self._used.get(key)
        if name is None:
            name = re.sub(r"\W", "_", secret.credential)
            if not name.isidentifier() or name in {*_TAKEN, *self._used.values()}:
                name = re.sub(r"\W", "_", f"key_{name}_of_{secret.provider}")
            self._used[key] = name
        return f"{name}{secret.part}"


def _head(world: World, entry: Entry, notes: Sequence[str]) -> Iterator[str]:
    told = f", {entry.refusal}" if entry.refusal else ""
    yield f'"""{_plain(entry.method)} {_plain(entry.path)} answers {entry.status}{told}.'
    yield ""
    yield f"Exchange {entry.id} of the world {world.id!r}, saved by the emulator as a test."
    yield "It needs the packages provider-emulator, pytest and requests, and runs with"
    yield "`pytest FILE`; for providers of your own add `--emulator-specs FOLDER`."
    for note in notes:
        yield ""
        yield f"NOTE: {note}"
    yield '"""'
    yield ""
    yield "import pytest"
    yield "import requests"
    yield ""
    yield ""


def _plain(text: str) -> str:
    """*text* where it cannot end what it stands in."""
    return re.sub(r'[^ -~]|["\\]', "?", text)[:200]


def _state(state: str) -> Iterator[str]:
    """A snapshot as a constant; each line of it is a text of its own."""
    if not state:
        return
    yield "# What the world was right before the call: a snapshot, which this version of"
    yield "# the emulator and these fixtures take."
    yield "STATE = ("
    for start in range(0, len(state), _WIDTH):
        yield f"    {state[start : start + _WIDTH].encode()!r}"
    yield ")"
    yield ""
    yield ""


def _about(
    found: Sequence[Act | Entry], programs: Mapping[str, Program]
) -> Sequence[str]:
    """The providers that the steps name; those of the gallery are served for that."""
    names = (
        name
        for step in found
        for name in (
            [step.provider] if isinstance(step, Entry) else step.path.split("/")
        )
    )
    return [*dict.fromkeys(name for name in names if name in programs)]


def _mark(world: World, providers: Sequence[str]) -> Iterator[str]:
    about = _py(providers[0]) if len(providers) == 1 else repr(providers)
    named = [
        f"provider={about}",
        f'clock="frozen {exact(world.began)}"',
        f"seed={_py(world.seed)}",
    ]
    if world.beginning.scenarios:
        named.append(f"scenario={[*world.beginning.scenarios]!r}")
    yield f"@pytest.mark.emulator({', '.join(named)})"


def _name(entry: Entry) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", entry.operation or "a_call").lower()
    end = (
        f"is_refused_as_{entry.refusal}" if entry.refusal else f"answers_{entry.status}"
    )
    return re.sub(r"[^a-z0-9_]", "_", f"test_{words}_{end}")


def _lines(
    now: int,
    found: Sequence[Act | Entry],
    programs: Mapping[str, Program],
    spelt: _Spelling,
) -> Iterator[str]:
    for step in found[:-1]:
        yield from _clock(step.at, now)
        now = step.at
        if isinstance(step, Act):
            yield from _act(step)
        else:
            yield from _call(step, programs, spelt, last=False)
    last = found[-1]
    yield from _clock(last.at, now)
    assert isinstance(last, Entry)  # noqa: S101 - as above
    yield ""
    yield from _call(last, programs, spelt, last=True)


def _clock(at: int, now: int) -> Iterator[str]:
    if at != now:
        yield f"    emulator.clock.set({_py(exact(at))})"


def _act(act: Act) -> Iterator[str]:
    applied = re.fullmatch(r"/scenarios/([^/]+)/([^/]+)", act.path)
    if applied and act.method == "POST":
        yield f"    emulator.apply_scenario({_py('/'.join(applied.groups()))})"
        return
    body = ""
    if act.body:
        body = f", {_literal(json.loads(act.body))}"
    path = f'f"/worlds/{{emulator.id}}" + {_py(act.path)}'
    yield f"    emulator_server.admin({_py(act.method)}, {path}{body})"


def _call(
    entry: Entry, programs: Mapping[str, Program], spelt: _Spelling, *, last: bool
) -> Iterator[str]:
    call = call_again(entry)
    base = programs[entry.provider].base_path
    url = f"emulator.provider({_py(entry.provider)}).url"
    path = call.path
    if path.startswith(base):
        path = path[len(base) :]
    else:
        url = f"{url}.removesuffix({_py(base)})"
    breaks = any(fault.kind in _BREAKS for fault in entry.faults)
    inside = "    "
    if breaks:
        yield "    with pytest.raises(requests.RequestException):"
        inside = "        "
    yield f"{inside}{'' if breaks or not last else 'reply = '}requests.request("
    yield f"{inside}    {_py(entry.method)},"
    yield f"{inside}    {url} + {spelt(path)},"
    if call.headers:
        yield f"{inside}    headers={{"
        for name, value in call.headers:
            yield f"{inside}        {_py(name)}: {spelt(value, name)},"
        yield f"{inside}    }},"
    if call.body is not None:
        sent = spelt(call.body)
        coded = "" if isinstance(call.body, bytes) else ".encode()"
        yield f"{inside}    data=({sent}){coded},"
    yield f"{inside}    allow_redirects=False,"
    yield f"{inside}    timeout=60,"
    yield f"{inside})"
    if last:
        yield ""
        if not breaks:
            yield f"    assert reply.status_code == {entry.status}"
        asked = f"provider={_py(entry.provider)}, status={entry.status}"
        if entry.refusal:
            asked += f", refusal={_py(entry.refusal)}"
        yield f"    emulator.verify({asked}, at_least=1)"


def _py(value: Json) -> str:
    """A text or a number as Python writes it, in double quotes and ASCII."""
    plain = json.dumps(value, ensure_ascii=False)
    return plain.encode("ascii", "backslashreplace").decode()


def _literal(value: Json) -> str:
    """JSON as Python writes it."""
    return repr(value)
