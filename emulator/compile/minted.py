"""Minted: which fields of a provider's records hold secrets that each world has its own of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.compile.collections import check_field
from emulator.compile.source import Source
from emulator.program.authentication import PAIRS, SchemePolicy
from emulator.world.base import Base


def compile_minted(
    source: Source, schemes: Mapping[str, SchemePolicy], bases: Mapping[str, Base]
) -> dict[str, tuple[str, ...]]:
    """The fields by collection: what schemes compare, and what `secret_fields` names besides.

    A field that is a collection's key stays, since other records refer to it, and so does
    the name of a user with a password to whom others refer. A field that is declared to
    refer to a secret is minted with it.
    """
    found: dict[str, dict[str, None]] = {}
    for scheme in schemes.values():
        if scheme.jwt is not None:
            continue  # its tokens are secrets, and not the names of those they are for
        fields = found.setdefault(scheme.collection, {})
        if not _is_name(source, scheme, bases):
            fields[scheme.field] = None
        if scheme.kind in PAIRS:
            fields[scheme.password] = None
        fields.update(dict.fromkeys(scheme.signing))
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
    for collection, field, (to, by) in _references(source):
        if by in found.get(to, ()):
            found.setdefault(collection, {})[field] = None
    return {
        collection: tuple(field for field in fields if field != bases[collection].key)
        for collection, fields in found.items()
    }


def _is_name(source: Source, scheme: SchemePolicy, bases: Mapping[str, Base]) -> bool:
    """Whether the field of *scheme* names users to whom other records refer.

    The password that is sent with it is then enough to tell worlds apart.
    """
    records = bases[scheme.collection].records.values()
    if scheme.kind != "basic" or not all(map(_get(scheme.password), records)):
        return False
    place = (scheme.collection, scheme.field)
    texts = (record.get(scheme.field) for record in records)
    named = {text for text in texts if isinstance(text, str) and text}
    return any(referred == place for _, _, referred in _references(source)) or any(
        isinstance(text, str) and text in named
        for collection, base in bases.items()
        if collection != scheme.collection
        for record in base.records.values()
        for text in record.values()
    )


def _get(field: str) -> Any:
    return lambda record: record.get(field)


def _references(source: Source) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """The fields that are declared to refer to another: (collection, field, that)."""
    for pointer, _ in source.entries("collections"):
        for at, written in source.entries(*pointer, "references"):
            full = written if isinstance(written, dict) else {"to": written}
            referred = (str(full.get("to")), str(full.get("by", "")))
            yield str(pointer[-1]), str(at[-1]), referred
