"""Snapshot schema: what the state of a world looks like that was written down.

A snapshot comes from outside: whoever made it may have changed it, and made its digest
fit again. What does not look like this is not taken up, so a world is never left with
a clock that is a text, or with a window that is no time long.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from emulator.json_type import Json
from emulator.times import LATEST
from emulator.world.calendar import UNITS

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 2**53}
_TIME = {"type": "integer", "minimum": 0, "maximum": 2 * LATEST}
_AMOUNT = {"type": "number", "minimum": -1e15, "maximum": 1e15}
_WINDOW = {"type": "integer", "minimum": 1, "maximum": LATEST}
_ZONE = {
    "type": "string",
    "pattern": "^[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,2}$",
}
_KEY = {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}


def _all(*items: Json) -> Json:
    """An array of these, in this order."""
    many = len(items)
    return {"type": "array", "prefixItems": items, "minItems": many, "maxItems": many}


def _many(item: Json) -> Json:
    return {"type": "array", "items": item}


def _or_null(schema: Mapping[str, Json]) -> Json:
    return {**schema, "type": [schema["type"], "null"]}


def _whole(**members: Json) -> Json:
    """An object that has these members and no others."""
    return {
        "type": "object",
        "required": [*members],
        "properties": members,
        "additionalProperties": False,
    }


_CHANCE = {
    "type": "object",
    "required": ["seed"],
    "properties": {"seed": {"type": ["integer", "string"]}, "state": _TEXT},
    "additionalProperties": False,
}
_METER = {
    "oneOf": [
        _whole(
            kind={"const": "FixedWindow"},
            aligned={"type": "boolean"},
            start=_or_null(_TIME),
            used=_AMOUNT,
            window=_WINDOW,
        ),
        _whole(
            kind={"const": "CalendarWindow"},
            start=_or_null(_TIME),
            unit={"enum": [*UNITS]},
            used=_AMOUNT,
            zone=_ZONE,
        ),
        _whole(
            kind={"const": "InFlight"},
            taken=_many(_all(_TIME, _AMOUNT)),
            takes=_COUNT,
        ),
        _whole(
            kind={"const": "SlidingWindow"},
            taken=_many(_all(_TIME, _AMOUNT)),
            used=_AMOUNT,
            window=_WINDOW,
        ),
        _whole(
            kind={"const": "TokenBucket"},
            at=_TIME,
            burst=_or_null(_AMOUNT),
            spent=_AMOUNT,
            window=_WINDOW,
        ),
    ]
}
_KEPT_REPLY = _all(
    _KEY,
    _whole(
        fingerprint=_TEXT,
        exchange=_COUNT,
        request_id=_TEXT,
        over=_TIME,
        until=_TIME,
        code=_or_null(_TEXT),
        status={"type": "integer", "minimum": 0, "maximum": 599},
        lines=_many(_all(_TEXT, _TEXT)),
        own=_COUNT,
        body=_TEXT,
    ),
)
_SUBSCRIPTION = _whole(
    id=_TEXT,
    provider=_TEXT,
    url=_TEXT,
    secrets=_many(_TEXT),
    events=_or_null(_many(_TEXT)),
)
_WHOLE_DELIVERY = _whole(
    id=_TEXT,
    subscription=_TEXT,
    next_at=_TIME,
    tries=_COUNT,
    message=_all(_TEXT, _TEXT, _TEXT, _TEXT, _many(_all(_TEXT, _TEXT)), _many(_TIME)),
)
_DELIVERY = {
    **_WHOLE_DELIVERY,
    "properties": {
        **_WHOLE_DELIVERY["properties"],
        "to": _all(_TEXT, _many(_TEXT), {"type": ["string", "integer", "null"]}),
    },
}
_RULE = _whole(
    id=_TEXT,
    provider=_TEXT,
    faults=_many(_TEXT),
    refuse=_TEXT,
    status={"type": "integer", "minimum": 0, "maximum": 599},
    operations=_or_null(_many(_TEXT)),
    credential=_or_null(_all(_TEXT, {"type": ["string", "integer"]})),
    credential_name=_TEXT,
    calls=_TEXT,
    probability={"type": "number", "minimum": 0, "maximum": 1},
    starts=_or_null(_TIME),
    ends=_or_null(_TIME),
    source=_TEXT,
    counted=_COUNT,
    struck=_COUNT,
    ended={"type": "boolean"},
)
_CHANGES = _whole(
    base=_TEXT,
    replaced=_many({"type": "object"}),
    deleted=_many({"type": ["string", "integer"]}),
    added=_many({"type": "object"}),
    next=_COUNT,
)
_TIMER = _all(
    _TEXT, _TEXT, {"type": ["string", "integer"]}, _or_null(_TIME), _TIME, _TEXT
)
_NONCE = _all({**_TEXT, "maxLength": 200}, _TIME, _COUNT)
_STUB = _whole(
    id=_TEXT,
    met=_COUNT,
    provider=_TEXT,
    host=_TEXT,
    method=_TEXT,
    path=_TEXT,
    query={"type": "object"},
    headers={"type": "object"},
    body={},
    times=_or_null(_COUNT),
    status={"type": "integer", "minimum": 200, "maximum": 599},
    reply_headers=_many(_all(_TEXT, _TEXT)),
    reply_body=_TEXT,
    faults=_many(_TEXT),
)
_LATER: Mapping[str, Json] = {
    "timers": _many(_TIMER),
    "nonces": _many(_NONCE),
    "files": _many(_all(_TEXT, _TEXT)),
    "stubs": _whole(given=_COUNT, set=_many(_STUB)),
    "kept_replies": _many(_KEPT_REPLY),
}
"""What snapshots have not had from the beginning: they are taken up without it too."""
_STATE = _whole(
    clock=_whole(now={**_TIME, "maximum": LATEST}, frozen={"type": "boolean"}),
    began={**_TIME, "maximum": LATEST},
    scenarios=_many(_TEXT),
    chance=_CHANCE,
    secrets=_CHANCE,
    keys=_whole(
        seed={"type": ["integer", "string"]},
        rotations=_many(_all(_TEXT, _TEXT, _COUNT)),
    ),
    tally=_whole(
        meters=_many(_all(_KEY, _METER)),
        failures=_many(_all(_KEY, _many(_TIME), _TIME, _COUNT)),
        everyone=_many(_all(_KEY, _TIME)),
    ),
    faults=_whole(given=_COUNT, rules=_many(_RULE), over=_many(_RULE)),
    outbox=_whole(
        subscribed=_COUNT,
        subscriptions=_many(_SUBSCRIPTION),
        made=_COUNT,
        deliveries=_many(_DELIVERY),
    ),
    providers={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _CHANGES},
    },
)


def misfit(state: Json) -> str:
    """Where *state* is not what `World.dump` gives, and why; empty where it is."""
    for error in _validator().iter_errors(state):
        place = "/".join(map(str, error.instance_path))
        return f"/{place}: {error.message}"
    return ""


@cache
def _validator() -> Any:
    from jsonschema_rs import Draft202012Validator

    # There may be secrets in it: no message quotes them.
    properties = {**_STATE["properties"], **_LATER}
    return Draft202012Validator({**_STATE, "properties": properties}, mask="it")
