"""Minted: which fields of a provider's records hold secrets that each world has its own of."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.collections import check_field
from emulator.compile.source import Source
from emulator.program.authentication import PAIRS, SchemePolicy
from emulator.world.collection import Base


def compile_minted(
    source: Source, schemes: Mapping[str, SchemePolicy], bases: Mapping[str, Base]
) -> dict[str, tuple[str, ...]]:
    """The fields by collection: what schemes compare, and what `secret_fields` names besides.

    A field that is a collection's key stays, since other records refer to it.
    """
    found: dict[str, dict[str, None]] = {}
    for scheme in schemes.values():
        if scheme.jwt is not None:
            continue  # its tokens are secrets, and not the names of those they are for
        fields = found.setdefault(scheme.collection, {})
        fields[scheme.field] = None
        if scheme.kind in PAIRS:
            fields[scheme.password] = None
    for pointer, names in source.entries("authentication", "secret_fields"):
        collection = str(pointer[-1])
        if not source.known(pointer, collection, source.fields, "collection"):
            continue
        for at, name in enumerate(names):
            if not check_field(source, (*pointer, at), name, collection):
                continue
            if name == bases[collection].key:
                source.problem(
                    (*pointer, at),
                    "minted-key",
                    f"{name!r} is the key of {collection!r}",
                    "other records refer to a key, so it is the same in every world",
                    "leave it out, or give the collection another `key`",
                )
            found.setdefault(collection, {})[name] = None
    return {
        collection: tuple(field for field in fields if field != bases[collection].key)
        for collection, fields in found.items()
    }
