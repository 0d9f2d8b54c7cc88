"""Find: the exchange that an address names."""

from __future__ import annotations

from emulator.admin.request import AdminError, AdminRequest, problem_error
from emulator.exchange.entry import Entry
from emulator.world.world import World


def entry_of(request: AdminRequest, world: World) -> Entry:
    """The exchange that the address names. Raises `AdminError` where there is none."""
    text, journal = request.names["exchange"], world.journal
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    entry: Entry | None = journal.get(int(text)) if is_number else None
    if entry is None:
        raise no_exchange(world, text)
    return entry


def no_exchange(world: World, text: str) -> AdminError:
    """The problem of an exchange that the journal does not hold."""
    journal = world.journal
    kept = f"it holds {journal.first} to {journal.written}"
    if not len(journal):
        kept = "it is empty"
    detail = f"the journal of {world.id!r} has no exchange {text[:40]!r}: {kept}"
    return problem_error(404, "no such exchange", detail)
