"""The page of features: each example is in order, and gives the replies beneath it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from front_door import client_of, served
from pages import DOCS, agree

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report
from emulator.durations import duration
from emulator.engine.dispatcher import Dispatcher
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

PAGE = DOCS / "reference" / "features.md"
START = 1_772_445_600.0
"""2026-03-02T10:00:00Z."""
_BLOCK = re.compile(r"^(?:`([\w/.]+)`\n\n)?```(yaml|)\n(.*?)^```", re.M | re.S)
_HEADERS = re.compile(r"\[([A-Za-z][\w-]*): ((?:[^\[\]]|\[[^\]]*\])*)\] ?")


class Example:
    """One feature: the files that it adds to, and the calls that show it."""

    def __init__(self, name: str, files: Mapping[str, Any], calls: str) -> None:
        self.name = name
        self.files = files
        self.calls = calls


def merged(one: Any, other: Any) -> Any:
    """*other* added to *one*: mappings member by member, parameters after those there
    are, anything else in its place; null takes a member away."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    result = dict(one)
    for name, value in other.items():
        if value is None and name in ("delete", "fixtures"):
            result.pop(name, None)
        elif name == "parameters" and isinstance(value, list):
            result[name] = [*result.get(name, []), *value]
        else:
            result[name] = merged(result[name], value) if name in result else value
    return result


def read(text: str) -> tuple[dict[str, Any], str]:
    files: dict[str, Any] = {}
    calls = ""
    for name, language, block in _BLOCK.findall(text):
        if language:
            name = name or "behavior.yaml"
            files[name] = merged(files.get(name, {}), yaml.safe_load(block))
        else:
            calls += block
    return files, calls


def examples() -> Iterator[Example]:
    """Each has the files of the page's beginning, and those of its chapter's."""
    first, *chapters = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.M)
    page, _ = read(first)
    for chapter in chapters:
        start, *parts = re.split(r"^### ", chapter, flags=re.M)
        common, _ = read(start)
        for part in parts:
            files, calls = read(part)
            if calls:
                all_files = merged(merged(page, common), files)
                yield Example(part.partition("\n")[0], all_files, calls)


EXAMPLES = [*examples()]


def program(folder: Path, example: Example) -> Any:
    for name, tree in example.files.items():
        path = folder / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(tree, default=str), "utf-8")
    report = Report()
    place = Place(folder / "library", folder / "library" / "fixtures")
    made = load(place, None, report)
    told = "\n".join(map(str, report.diagnostics))
    assert not told, told
    return made


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_what_the_page_says_is_what_comes(example: Example, tmp_path: Path) -> None:
    made = program(tmp_path, example)
    world = World(clock=Clock(micros(START), frozen=True))
    board = Dispatcher({"library": made}, world, Settings(log_format="none"))
    client = client_of(served(board), follow_redirects=False)
    seen: dict[str, str] = {}
    for kind, line in re.findall(r"^([>~<]) (.*)$", example.calls, re.M):
        for name, value in seen.items():
            line = line.replace(name, value)
        if kind == "~":
            world.clock.advance(duration(line) / 1_000_000)
        elif kind == ">":
            asked, reply = line, send(client, line)
        else:
            compare(asked, line, reply, seen)


def send(client: Any, line: str) -> Any:
    method, _, rest = line.partition(" ")
    found = re.match(r"(\S+(?: (?![\[{])\S+)*)(?: (.*))?$", rest)
    assert found is not None
    path, rest = found[1], found[2] or ""
    headers = dict(_HEADERS.findall(rest))
    body = _HEADERS.sub("", rest)
    if " " in path and "?" not in path:
        path, _, body = path.partition(" ")
    if "X-Signature" in headers and headers["X-Signature"] == "SIGNATURE":
        digest = hmac.new(b"secret-of-ann", body.encode(), hashlib.sha256)
        headers["X-Signature"] = digest.hexdigest()
    if body and "Content-Type" not in headers:
        headers["Content-Type"] = "application/json"
    root = "" if "Host" in headers else "/library"
    return client.request(method, root + path, headers=headers, content=body or None)


def compare(asked: str, line: str, reply: Any, seen: dict[str, str]) -> None:
    status, _, rest = line.partition(" ")
    said = f"{asked}\n{reply.status_code} {dict(reply.headers)} {reply.text}"
    assert reply.status_code == int(status), said
    for name, value in _HEADERS.findall(rest):
        pattern = re.escape(value).replace(r"\.\.\.", ".*")
        came = reply.headers.get(name, "-")
        assert re.fullmatch(pattern, came), said
    body = _HEADERS.sub("", rest).replace("\\n", "\n")
    came = reply.text
    if "NEXT" in body:
        seen["NEXT"] = reply.json()["next"]
        body = body.replace("NEXT", seen["NEXT"])
    assert agree(body, came), said
