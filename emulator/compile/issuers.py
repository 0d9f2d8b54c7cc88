"""Issuers: other providers whose tokens a provider takes, by the keys that they have.

    jwt: {keys: {provider: identity, name: signing}}

Keys follow from the seed of a world and from what `keys` of their provider says. So they
are read from its files when the spec is loaded, and no provider asks another in a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from emulator.compile.keys import can_sign, compile_key
from emulator.compile.places import GALLERY, bundled
from emulator.compile.source import Source
from emulator.diagnostics import Location, Report, did_you_mean
from emulator.program.keys import KeyPolicy
from emulator.spec.document import Document, Pointer
from emulator.spec.files import read_document

_NAMED = re.compile(rb"""\bprovider["']?\s*:\s*["']?([A-Za-z0-9][A-Za-z0-9_-]*)""")


def issuer_files(folder: Path, behavior: bytes) -> Iterator[Path]:
    """The `behavior.yaml` of each provider that the text *behavior* of another names.

    It is not parsed, so a provider too many may be among them, which is of no harm.
    """
    for name in {match.decode() for match in _NAMED.findall(behavior)} - {folder.name}:
        found = _folder_of(folder, name)
        if found is not None:
            yield found / "behavior.yaml"


def issuer_keys(source: Source, pointer: Pointer) -> KeyPolicy | None:
    """The keys of another provider that stand at *pointer*; None where that is reported."""
    if not can_sign(source, pointer):
        return None
    written = source.get(*pointer)
    name = written["provider"]
    document = _behavior_of(source, (*pointer, "provider"), name)
    if document is None:
        return None
    theirs = document.data.get("keys")
    theirs = theirs if isinstance(theirs, dict) else {}
    wanted = written.get("name", next(iter(theirs)) if len(theirs) == 1 else None)
    if wanted not in theirs or not isinstance(theirs[wanted], dict):
        source.problem(
            (*pointer, "name") if "name" in written else pointer,
            "unknown-signing-key",
            f"the provider {name!r} has no keys {wanted!r}"
            if "name" in written
            else f"it is not said which keys of the provider {name!r} these are",
            f"its `keys` are {', '.join(map(repr, theirs)) or 'none'}",
            did_you_mean(wanted, theirs)
            if "name" in written
            else "add `name:`, one of them",
        )
        return None
    other = replace(source, name=name, behavior=document, report=Report())
    policy = compile_key(other, ("keys", wanted), theirs[wanted])
    if policy is None or other.report.failed:
        _cannot_be_read(source, pointer, name)
        return None
    return policy


def _behavior_of(source: Source, pointer: Pointer, name: str) -> Document | None:
    """The `behavior.yaml` of the provider *name*; None where that is reported."""
    folder = _folder_of(source.folder, name)
    if name == source.name or folder is None:
        source.problem(
            pointer,
            "unknown-provider",
            "these are the provider's own keys"
            if name == source.name
            else f"there is no provider {name!r}",
            "a provider is a folder beside this one, or came with the emulator",
            "write the name of the keys alone"
            if name == source.name
            else did_you_mean(name, _known(source.folder)),
        )
        return None
    report = Report()
    where = Location(str(folder / "behavior.yaml"))
    document = read_document("behavior.yaml", folder, report, where)
    if document is None or not isinstance(document.data, dict):
        _cannot_be_read(source, pointer, name)
        return None
    return document


def _cannot_be_read(source: Source, pointer: Pointer, name: str) -> None:
    source.problem(
        pointer,
        "unknown-provider",
        f"the keys of the provider {name!r} cannot be read",
        "there are mistakes in its behavior.yaml",
        f"see what `emulator check {name}` says",
    )


def _around(folder: Path) -> Iterator[Path]:
    """The folders that other providers are in."""
    own = bundled()[0]
    yield from (folder.parent, own, own / GALLERY)


def _folder_of(folder: Path, name: str) -> Path | None:
    for place in _around(folder):
        if (place / name / "behavior.yaml").is_file():
            return place / name
    return None


def _known(folder: Path) -> Iterator[str]:
    for place in _around(folder):
        yield from (path.parent.name for path in place.glob("*/behavior.yaml"))
