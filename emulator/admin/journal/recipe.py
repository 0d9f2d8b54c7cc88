"""Recipe: all that a world was asked, in order, as a shell script that asks it again.

It has the world's seed, the time of each call and of each act, what was arranged
through the admin API, and the calls: the same spec gives the same replies.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from emulator.admin.journal.curl import Again, Secrets, curl_line
from emulator.admin.journal.shell import plain, variable, word
from emulator.exchange.entry import Entry
from emulator.http.secret_places import is_secret
from emulator.json_type import Json
from emulator.times import SECOND
from emulator.version import __version__
from emulator.world.acts import Act
from emulator.world.world import World

URL = variable("EMULATOR_URL")
"""Where the script finds the emulator."""


class NoRecipe(Exception):
    """The world does not know all that has become of it; the message says what."""


def steps(
    world: World, until: int | None = None, *, before: bool = False
) -> list[Act | Entry]:
    """What was asked of *world* since it began, up to the exchange *until*, or *before* it.

    Raises `NoRecipe`.
    """
    acts, journal = world.acts, world.journal
    last = journal.written if until is None else until - before
    if until is not None and until <= acts.since:
        raise NoRecipe(
            f"the world {world.id!r} began anew after exchange {acts.since},"
            f" {acts.origin}"
        )
    if journal.off:
        raise NoRecipe("the journal is off: journal_entries is 0")
    if journal.first > acts.since + 1:
        first = acts.since + 1
        raise NoRecipe(
            f"exchanges {first} to {journal.first - 1} are no longer in the journal"
        )
    if acts.gap is not None and (until is None or acts.gap.after < until):
        raise NoRecipe(f"after exchange {acts.gap.after}, {acts.gap.why}")
    entries = [entry for entry in journal.after(acts.since) if entry.id <= last]
    for entry in entries:
        if entry.long_body is not None:
            size = entry.long_body.size
            says = (
                f"the body of exchange {entry.id} was too long to be kept: {size} bytes"
            )
            raise NoRecipe(says)
    found: list[Act | Entry] = [
        act for act in acts if until is None or act.after < until
    ]
    # An act stands behind the exchange that it came after.
    return sorted(
        [*found, *entries],
        key=lambda step: (step.after, 1) if isinstance(step, Act) else (step.id, 0),
    )


def beginning(world: World) -> dict[str, Json]:
    """The body that makes a world like *world*, with its clock standing still."""
    return {
        "id": world.id,
        "rng_seed": world.seed,
        "clock": {"set": exact(world.began), "freeze": True},
        **(
            {"providers": sorted(world.providers)}
            if world.providers is not None
            else {}
        ),
        **(
            {"scenario": [*world.beginning.scenarios]}
            if world.beginning.scenarios
            else {}
        ),
    }


def exact(at: int) -> str:
    """A time to the microsecond."""
    when = datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND)
    return when.isoformat().replace("+00:00", "Z")


def script(
    world: World,
    found: list[Act | Entry],
    call: Callable[[Entry], Again],
    served: Mapping[str, Json],
    secrets: Secrets,
    state: bytes = b"",
) -> str:
    """The script; *served* are the settings of its server, *call* makes a call again.

    *state* is a snapshot of what the world began as, if that was not its fixtures.
    """
    calls = [*_steps(world, found, call, secrets, state)]
    head = [*_head(world, found, served), *secrets.needed()]
    functions = [*_FUNCTIONS, *(_RESTORE if state else ())]
    return "\n".join([*head, *functions, *calls])


_FUNCTIONS = r"""
# METHOD PATH [JSON]: ask the admin API of the world.
admin() {
  curl -sSf -o /dev/null -X "$1" "$EMULATOR_URL/_emulator$2" \
    ${3:+-H 'Content-Type: application/json' --data-raw "$3"} \
    ${EMULATOR_ADMIN_TOKEN:+-H "Authorization: Bearer $EMULATOR_ADMIN_TOKEN"}
}
""".splitlines()
_RESTORE = r"""
# PATH: restore the snapshot that is sent in.
restore() {
  curl -sSf -o /dev/null -T - "$EMULATOR_URL/_emulator$1" \
    -H 'Content-Type: application/vnd.emulator.snapshot+json' \
    ${EMULATOR_ADMIN_TOKEN:+-H "Authorization: Bearer $EMULATOR_ADMIN_TOKEN"}
}
""".splitlines()
_SHOWN = "-sS -w '\\n-> %{http_code}\\n\\n'"


def _head(
    world: World, found: list[Act | Entry], served: Mapping[str, Json]
) -> Iterator[str]:
    entries = [step.id for step in found if isinstance(step, Entry)]
    upto = f", up to exchange {entries[-1]}" if entries else ""
    yield "#!/bin/sh"
    yield f"# What was asked of the world {plain(repr(world.id))}{upto} (emulator {__version__})."
    yield "# It asks this server, or that of EMULATOR_URL:"
    yield f"#   {plain(' '.join(_serve(world, served)))}"
    yield "set -eu"
    yield "EMULATOR_URL=${EMULATOR_URL:-http://127.0.0.1:8080}"


def _serve(world: World, served: Mapping[str, Json]) -> Iterator[str]:
    yield "emulator serve"
    shown = {**served}
    if world.id == "default":
        begins = {"seed": world.seed, "clock": exact(world.began), "frozen": True}
        shown |= {**begins, "scenario": world.beginning.scenarios}
    for name, value in shown.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            yield flag
        elif isinstance(value, tuple):
            yield from (f"{flag} {shlex.quote(str(each))}" for each in value)
        elif value not in (False, "", None):
            yield f"{flag} {shlex.quote(str(value))}"


def _steps(
    world: World,
    found: list[Act | Entry],
    call: Callable[[Entry], Again],
    secrets: Secrets,
    state: bytes,
) -> Iterator[str]:
    address = f"/worlds/{world.id}"
    if world.id == "default":
        yield f"admin POST {address}/reset"
    else:
        yield _admin("POST", "/worlds", json.dumps(beginning(world)))
    now = world.began
    if state:
        now = world.start.clock.now() if world.start else now
        yield f"restore {address}/snapshot <<'SNAPSHOT'"
        yield state.decode()
        yield "SNAPSHOT"
    for step in found:
        if step.at != now:
            now = step.at
            yield _admin("PATCH", f"{address}/clock", json.dumps({"set": exact(now)}))
        if isinstance(step, Act):
            yield _admin(
                step.method, f"{address}{step.path}", _shown(step.body, secrets)
            )
        else:
            yield ""
            name = step.refusal or step.operation or ""
            yield plain(f"# {step.id}: {step.status} {name}")
            # A connection that broke then breaks again, and the script goes on.
            yield f"{curl_line(call(step), _SHOWN)} || true"


def _shown(body: bytes, secrets: Secrets) -> str:
    """The JSON of an act, byte for byte unless there is a secret in it."""
    if not body:
        return ""
    sent = json.loads(body)
    shown = _without(sent, secrets)
    return body.decode() if shown == sent else json.dumps(shown, ensure_ascii=False)


def _without(value: Json, secrets: Secrets, name: str = "") -> Json:
    """*value*, in which secrets are as *secrets* has them; *name* is its member's."""
    if isinstance(value, dict):
        return {key: _without(each, secrets, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, secrets, name) for each in value]
    return secrets(value) if isinstance(value, str) and is_secret(name) else value


def _admin(method: str, path: str, body: str) -> str:
    words = ["admin", method, word(path), *([word(body)] if body else [])]
    return " ".join(words)
