"""Credential names: the credential that a call claimed, as its fixture calls it."""

from __future__ import annotations

from emulator.admin.journal.mask import masked
from emulator.program.program import Program
from emulator.world.journal import Entry


def credential_of(entry: Entry, program: Program) -> str | None:
    """The name of the credential; masked where nobody has it; None without a claim."""
    claim = entry.claim
    if claim is None:
        return None
    if entry.caller is not None:
        key = program.bases[claim.collection].key
        return str(entry.caller.get("name", entry.caller.get(key)))
    return masked(str(next(iter(claim.fields.values()), "")))


def names_of(program: Program) -> list[str]:
    """The names of all credentials of the fixtures."""
    collections = dict.fromkeys(one.collection for one in program.schemes.values())
    return [
        str(record.get("name", key))
        for collection in collections
        for key, record in program.bases[collection].records.items()
    ]
