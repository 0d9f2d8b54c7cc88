"""Names: what the providers are called that OpenAPI documents are made into."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable
from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_SAYS_NOTHING = {
    "", "api", "apis", "index", "main", "openapi", "root", "schema", "spec", "swagger",
}  # fmt: skip
"""Names of files that do not say whose API it is."""
_VERSION = re.compile(r"v?[0-9]+([.-][0-9]+)*")
_TITLE = re.compile(
    rb"""\binfo["']?\s*:.{0,2000}?\btitle["']?\s*:\s*["']?([^"'\r\n,}]+)""", re.DOTALL
)
_HEAD = 65_536
"""Bytes of a document in which its title is looked for."""


class NotADocument(ValueError):
    """What was given names no OpenAPI document, or no provider."""


def named(given: Iterable[str]) -> dict[str, Path]:
    """The file of each provider that is *given* as `FILE` or `NAME=FILE`.

    Raises `NotADocument` for a name that is none, or given twice.
    """
    files: dict[str, Path] = {}
    unnamed: list[Path] = []
    for text in given:
        name, sign, file = text.partition("=")
        if not sign or "/" in name or os.sep in name or Path(text).is_file():
            unnamed.append(_file(text))
            continue
        if not _NAME.fullmatch(name):
            raise NotADocument(
                f"{name!r} cannot be the name of a provider: write small letters,"
                " digits, `-` and `_`, a letter first"
            )
        if name in files:
            raise NotADocument(f"two OpenAPI documents are called {name!r}")
        files[name] = _file(file)
    for path in unnamed:
        if path not in files.values():
            files[_unique(name_of(path), files)] = path
    return files


def name_of(path: Path) -> str:
    """What the provider of the document at *path* is called.

    `pets.openapi.yaml`  ->  `pets`;  `openapi.json`  ->  the title of the document
    """
    stem = re.sub(r"\.(ya?ml|json)$", "", path.name, flags=re.IGNORECASE)
    words = [word for word in re.split(r"[^A-Za-z0-9]+", stem.lower()) if word]
    if all(word in _SAYS_NOTHING or _VERSION.fullmatch(word) for word in words):
        return _valid(_title(path)) or _valid(path.absolute().parent.name) or "api"
    while words[-1] in ("openapi", "swagger"):
        words.pop()
    return _valid("-".join(words)) or "api"


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir():
        raise NotADocument(
            f"{text!r} is a folder: name the OpenAPI document in it; providers of your"
            " own with a behavior.yaml go by --specs"
        )
    if not path.exists():
        raise NotADocument(f"there is no OpenAPI document {text!r}")
    return path.absolute()


def _title(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return ""
    found = _TITLE.search(head)
    return found[1].decode(errors="replace") if found else ""


def _valid(text: str) -> str:
    """*text* as the name of a provider; empty where nothing is left of it."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    if name and not name[0].isalpha():
        name = f"api-{name}"
    return name


def _unique(name: str, taken: Container[str]) -> str:
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}-{number}", number + 1
    return unique
