"""Text: an exchange for a terminal: in one line, or explained in several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from emulator.admin.journal.credential_names import credential_of
from emulator.admin.journal.entry import shown
from emulator.admin.journal.mask import Mask
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.times import moment

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST = 600


def escaped(text: str) -> str:
    """*text* without what a terminal would obey."""
    return _UNSEEN.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def line(entry: Entry, program: Program) -> str:
    """`#7 10:00:00 POST /jobs -> 401 createJob by 'old', refused: credential_expired`.

    Where it is another day in the world than here, the time has its date.
    """
    mask = Mask(entry, program)
    operation = program.operations.get(entry.operation or "")
    path = mask.path(entry.path, operation.path if operation else None)
    if entry.query:
        path += f"?{mask.query(entry.query)}"
    name = credential_of(entry)
    who = f" by {name!r}" if name is not None else ""
    refused = f", refused: {entry.refusal}" if entry.refusal else ""
    if entry.stubbed is not None:
        refused = f", stubbed: {entry.stubbed}"
    faults = "".join(f", fault: {fault.text}" for fault in entry.faults)
    return escaped(
        f"#{entry.id} {_when(entry)} {entry.method} {path} -> {entry.status}"
        f" {entry.operation or 'no operation'}{who}{refused}{faults}"
    )


def _when(entry: Entry) -> str:
    day, _, time = moment(entry.at).rstrip("Z").partition("T")
    return time if moment(entry.real).startswith(day) else f"{day} {time}"


def explained(entry: Entry, program: Program) -> str:
    """The request, every decision with its reason, and the reply."""
    return "\n".join(map(escaped, _lines(entry, program)))


def _lines(entry: Entry, program: Program) -> Iterator[str]:
    exchange = shown(entry, program)
    request, reply = exchange["request"], exchange["reply"]
    yield line(entry, program)
    yield f"  world {exchange['world'] or '-'}, {exchange['at']} there, {exchange['real']} here"
    yield f"  > {request['method']} {request['url']}"
    for name, value in request["headers"]:
        yield f"  > {name}: {value}"
    if request["body"] is not None:
        yield f"  > {_short(request['body'])}"
    width = max((len(step["step"]) for step in exchange["steps"]), default=0)
    for step in exchange["steps"]:
        mark = "x" if step["step"] == entry.refused_by else " "
        yield f"  {mark} {step['step']:{width}}  {step['decision']}"
    yield f"  < {reply['status']}"
    for name, value in reply["headers"]:
        yield f"  < {name}: {value}"
    if reply["body"] is not None:
        yield f"  < {_short(reply['body'])}"


def _short(body: Json) -> str:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
