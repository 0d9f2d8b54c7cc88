"""Callers: the credentials that calls were made with, and who was let in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from emulator.json_type import Json
from emulator.traffic.credentials import OF_HTTP, sent
from emulator.traffic.learning import Learnt
from emulator.traffic.standing import Standing

if TYPE_CHECKING:
    from emulator.inference.draft import Draft


def refine_callers(draft: Draft, learnt: Learnt) -> None:
    """The credentials that were let in; those that never were are not there."""
    for name, values in learnt.credentials.values.items():
        scheme = draft.schemes.get(name)
        if scheme is None:
            continue
        good = [value for value, succeeded in values.items() if succeeded]
        collection, field = scheme["credentials"], scheme.get("field", "key")
        place = learnt.credentials.schemes[name]
        if place.scheme and place.scheme not in OF_HTTP:
            scheme["prefixes"] = [place.scheme]
        standing = learnt.credentials.standing.get(name, Standing())
        good += [value for value in standing.lacks if value not in good]
        known = [
            _credential(at, place.scheme, field, value)
            for at, value in enumerate(good, 1)
        ]
        # Where nobody was let in, the credential that was made up is: scenarios name it.
        names = {record["name"] for record in known if record is not None}
        others = [
            record
            for record in draft.fixtures.get(collection, ())
            if record.get("name") != "full" or "full" not in names
        ]
        for value, state in standing.states.items():
            at = len(known) + 1
            record = _credential(at, place.scheme, field, value)
            if record is not None:
                known.append(record | {"name": f"{state}_{at}", "state": state})
        records = [record for record in known if record is not None]
        if "scopes" in scheme:
            for record, value in zip(known, good, strict=False):
                if record is not None:
                    record["scopes"] = _scopes(draft, standing.lacks.get(value, set()))
            for record in records[len(good) :]:
                record["scopes"] = None
        for record in others:
            records.append({**record, "id": len(records) + 1})
        if known:
            draft.fixtures[collection] = records
    _together(draft, learnt)


def _scopes(draft: Draft, lacks: set[str]) -> list[str]:
    """All scopes that operations need but for those that a credential *lacks*."""
    named = {
        scope
        for operation in draft.openapi.operations.values()
        for alternative in operation.security or ()
        for scopes in alternative.values()
        for scope in scopes
    }
    return sorted(named - lacks)


def _together(draft: Draft, learnt: Learnt) -> None:
    """Make one credential of what is always sent together: a client's id and its key."""
    places = learnt.credentials.schemes
    for names in learnt.credentials.pairs:
        first, *others = [name for name in names if name in draft.schemes]
        collection = draft.schemes[first]["credentials"]
        fields = {first: draft.schemes[first].get("field", "key")}
        for name in others:
            alone = draft.schemes[name]["credentials"]
            draft.collections.pop(alone, None)
            draft.fixtures.pop(alone, None)
            fields[name] = re.sub(r"[^a-z0-9]+", "_", places[name].name.lower()).strip(
                "_"
            )
            draft.schemes[name] |= {"credentials": collection, "field": fields[name]}
        records = _pairs_of(learnt, names, fields)
        if records:
            draft.fixtures[collection] = records


def _pairs_of(
    learnt: Learnt, names: tuple[str, ...], fields: Mapping[str, str]
) -> list[Json]:
    """What was sent together and let in, or refused for the state that it is in."""
    places, standing = learnt.credentials.schemes, learnt.credentials.standing
    records: list[Json] = []
    for call in learnt.calls:
        values = {name: sent(call, places[name]) for name in names if name in fields}
        states = [
            standing[name].states[value]
            for name, value in values.items()
            if name in standing and value in standing[name].states
        ]
        held: dict[str, Json] = {}
        for name, value in values.items():
            if places[name].scheme == "basic":
                made = _credential(1, "basic", fields[name], value) if value else None
                made = made or {}
                held |= {k: made[k] for k in (fields[name], "password") if k in made}
            else:
                held[fields[name]] = value
        known = any(held.items() <= record.items() for record in records)
        let_in = all(
            learnt.credentials.values[name].get(value) for name, value in values.items()
        )
        if known or not all(values.values()) or not (states or let_in):
            continue
        at = len(records) + 1
        name = "full" if at == 1 else f"{states[0] if states else 'other'}_{at}"
        state = states[0] if states else "active"
        records.append(
            {"id": at, "name": name, **held, "state": state, "expires_at": None}
        )
    return records


def _credential(number: int, scheme: str, field: str, value: str) -> Json:
    record: dict[str, Json] = {
        "id": number,
        "name": "full" if number == 1 else f"other_{number}",
    }
    if scheme == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        record |= {field: user, "password": password}
    else:
        record[field] = value
    return {**record, "state": "active", "expires_at": None}
