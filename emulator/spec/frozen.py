"""Frozen: what the recipes of a fixture file made, kept beside it.

    fixtures/acme/books.yaml         literal records and recipes: this is edited
    fixtures/acme/books.frozen.json  what the recipes made: this is written by a command

Faker makes other records in other versions. What is frozen is the same for everybody,
and a start needs no Faker for it. It holds as long as the recipes, and the records
that they look up, are those that it was made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.files import read_file, shown_name

SUFFIX = ".frozen.json"
MAX_FROZEN = 512 * 1024 * 1024

_KEYS = ("about", "faker", "made_from", "digest", "records")
_ABOUT = (
    "Made by `emulator fixtures freeze` from the recipes of {}."
    " Do not edit: change those, and freeze again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """Records that were made, and from what."""

    faker: str
    """The version of Faker."""
    made_from: str
    """The digest of all that they depend on (see `compile.fixtures`)."""
    records: Sequence[dict[str, Any]]


class TooMuch(ValueError):
    """More than a frozen file may hold."""


def path_of(folder: Path, collection: str) -> Path:
    """Where the frozen records of a collection stand."""
    return folder / (collection + SUFFIX)


def write(frozen: Frozen, fixture: str) -> bytes:
    """The content of the file: one record on each line. Raises `TooMuch`."""
    lines = [orjson.dumps(record) for record in frozen.records]
    head = {
        "about": _ABOUT.format(fixture),
        "faker": frozen.faker,
        "made_from": frozen.made_from,
        "digest": _digest(frozen.records),
    }
    members = [
        *(
            orjson.dumps(key) + b": " + orjson.dumps(value)
            for key, value in head.items()
        ),
        b'"records": [\n' + b",\n".join(lines) + b"\n]",
    ]
    content = b"{\n" + b",\n".join(members) + b"\n}\n"
    if len(content) > MAX_FROZEN:
        raise TooMuch(
            f"what the recipes of {fixture} make takes {len(content):,} bytes, and"
            f" {MAX_FROZEN:,} are read"
        )
    return content


def read(path: Path, report: Report) -> Frozen | None:
    """The frozen records of a file, or None where it is not as it was written."""
    at = Location(shown_name(path))
    content = read_file(path.name, path.parent, report, at, most=MAX_FROZEN)
    if content is None:
        return None

    def refuse(what: str, why: str) -> None:
        fix = "freeze the recipes again, or remove the file"
        report.add(Diagnostic(at, "fixture-frozen", what, why, fix))

    try:
        kept = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        refuse("frozen records cannot be read", str(error))
        return None
    if not (
        isinstance(kept, dict)
        and tuple(kept) == _KEYS
        and all(isinstance(kept[key], str) for key in _KEYS[:-1])
        and isinstance(kept["records"], list)
        and all(isinstance(record, dict) for record in kept["records"])
    ):
        refuse("these are no frozen records", f"they have {', '.join(_KEYS)}")
        return None
    if _digest(kept["records"]) != kept["digest"]:
        refuse(
            "these frozen records are not as they were written",
            "they are made from the recipes, which is where to change them",
        )
        return None
    return Frozen(
        faker=kept["faker"], made_from=kept["made_from"], records=kept["records"]
    )


def _digest(records: Sequence[dict[str, Any]]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(orjson.dumps(record) + b"\n")
    return digest.hexdigest()
