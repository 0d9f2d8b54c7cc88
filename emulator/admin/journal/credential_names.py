"""Credential names: the credential that a call claimed, as its fixture calls it."""

from __future__ import annotations

from emulator.admin.journal.mask import masked
from emulator.exchange.entry import Entry
from emulator.program.program import Program


def credential_of(entry: Entry) -> str | None:
    """The name of the credential; masked where nobody has it; None without a claim."""
    if entry.claim is None or entry.credential is not None:
        return entry.credential
    return masked(next(iter(entry.claim.fields.values()), ""))


def names_of(program: Program) -> list[str]:
    """The names of all credentials of the fixtures."""
    collections = dict.fromkeys(
        scheme.collection for scheme in program.schemes.values()
    )
    return [
        str(record.get("name", key))
        for collection in collections
        for key, record in program.bases[collection].records.items()
    ]
