"""Pages: what stands in a page of the documentation, and what comes of it on a server."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import emulator
from emulator.settings import table

DOCS = Path(__file__).parents[2] / "docs"
USUAL = "http://127.0.0.1:8080"

_SERVE = re.compile(r"^emulator serve(.*)$", re.MULTILINE)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of *language*, in order."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[tuple[str, str]]:
    """The commands of a page's `console` blocks, each with what it prints."""
    found = [
        pair for block in blocks(page, "console") for pair in _COMMAND.findall(block)
    ]
    assert len(found) == page.read_text(encoding="utf-8").count("\n$ ")
    return found


def serving(page: Path) -> emulator.Emulator:
    """The server that the page's `emulator serve` line starts, on a free port."""
    (line,) = (one for text in blocks(page, "sh") for one in _SERVE.findall(text))
    words = iter(shlex.split(line))
    rows = {row.flag: row for row in table()}
    providers, given = [], dict[str, Any]()
    for word in words:
        if word in rows:
            row = rows[word]
            given[row.name] = True if row.type is bool else row.type(next(words))
        else:
            providers.append(word)
    return emulator.start(providers or None, **given)


def printed(url: str, command: str, folder: Path) -> str:
    """What a `curl` of a page prints, asked of the server at *url*."""
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    target, method, output = "", "", None
    headers: dict[str, str] = {}
    body: bytes | None = None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = next(words)
        elif word == "-d":
            body = next(words).encode()
        elif word == "-T":
            body, method = (folder / next(words)).read_bytes(), "PUT"
        elif word == "-o":
            output = folder / next(words)
        else:
            assert word.startswith(USUAL), word
            target = word
    method = method or ("GET" if body is None else "POST")
    answer = _answer(target.replace(USUAL, url), method, headers, body)
    if output is None:
        return answer.decode().replace(url, USUAL)
    output.write_bytes(answer)
    return ""


def agree(expected: str, came: str) -> bool:
    """Whether *came* is what a page says; `...` is anything, and space between is nothing.

    Inside of texts, spaces count.
    """
    pattern = re.escape(_tight(expected)).replace(r",\.\.\.", "(?:,.*)?")
    pattern = pattern.replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, _tight(came), re.DOTALL) is not None


def _tight(text: str) -> str:
    return "".join(
        one if one.startswith('"') else re.sub(r"\s+", "", one)
        for one in re.split(r'("(?:[^"\\]|\\.)*")', _plain(text))
    )


def _plain(text: str) -> str:
    """JSON as everybody writes it, whichever escapes it came with."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _answer(
    url: str, method: str, headers: Mapping[str, str], body: bytes | None
) -> bytes:
    request = Request(url, body, dict(headers), method=method)
    try:
        with urlopen(request) as reply:
            found: bytes = reply.read()
    except HTTPError as error:
        with error:
            found = error.read()
    return found


def names(page: Path) -> Iterator[str]:
    """What stands in backquotes in the first column of the page's tables."""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield from re.findall(r"`([^`]+)`", line.split(" | ")[0])
