"""Migration: what was written before version 1 means the same afterwards, and looks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.compile.migration import Migration, carry_over
from emulator.compile.places import Place, bundled, places
from emulator.diagnostics import Report
from emulator.spec.document import Pointer
from emulator.spec.keywords import EXPRESSION, FACT, Keywords
from emulator.spec.structure import behavior_keywords
from emulator.spec.yaml import parse

Json = Any
SAMPLES = Path(__file__).parent.parent / "spec" / "version_0"
BEFORE = (SAMPLES / "before.yaml").read_text("utf-8")
AFTER = (SAMPLES / "after.yaml").read_text("utf-8")


def migrated(text: str) -> Migration:
    document = parse(text.encode(), "behavior.yaml", Report())
    assert document is not None
    return carry_over(document, text, behavior_keywords())


def data_of(text: str) -> Json:
    document = parse(text.encode(), "behavior.yaml", Report())
    assert document is not None
    return document.data


def test_a_file_is_carried_over_as_a_person_would_do_it() -> None:
    """Comments, blank lines, quotes, brackets and order stay; the rest is version 1."""
    done = migrated(BEFORE)

    assert done.text == AFTER
    assert done.undecided == []
    lines = BEFORE.splitlines()
    for change in done.changes:
        assert change.severity == "fixed"
        assert change.snippet in (lines[change.at.line - 1], "")


def test_what_is_of_version_1_stays_byte_for_byte_the_same() -> None:
    """Twice is once."""
    done = migrated(AFTER)

    assert (done.text, done.changes, done.undecided) == (AFTER, [], [])


def test_line_ends_of_windows_stay() -> None:
    """Also of the lines that are added."""
    done = migrated(BEFORE.replace("\n", "\r\n"))

    assert done.text == AFTER.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "{spec: 1}"),
        ('{"provider": "a"}', '{"spec": 1, "provider": "a"}'),
        ("{provider: a}", "{spec: 1, provider: a}"),
        ("{evidence: {assumed: [hosts]}, hosts: [a.example]}",
         "{spec: 1, hosts: [a.example], assumed: [hosts]}"),
        ("hosts: [a.example]\nevidence: {default: x, assumed: [hosts.0]}\n",
         "spec: 1\n\nhosts: [a.example]\nevidence: {default: x}\nassumed: [hosts.0]\n"),
        ("provider: a\nhttp:\n  accept: ignore\nevidence:\n  assumed: [http]\n",
         "spec: 1\nprovider: a\nhttp:\n  accept: ignore\n  assumed: true\n"),
        ("provider: a\noperations: {a: {read: {from: b, key: \"a-${path.id}: '\"}}}\n",
         "spec: 1\nprovider: a\noperations: {a: {read: {collection: b, key: \"'a-' + text(path.id) + \\\": '\\\"\"}}}\n"),
    ],
)  # fmt: skip
def test_other_styles_are_kept_too(text: str, expected: str) -> None:
    """A mapping in brackets, JSON, evidence that was all there was."""
    assert migrated(text).text == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("provider: a\nviews: {v: {of: b, collection: c}}\n",
         "'of' stands beside 'collection', its name in version 1"),
        ("provider: a\noperations: {o: {list: {from: b, sort: {by: now, allowed: {}}}}}\n",
         "'now' was a text, and is the name of a value in version 1"),
        ("provider: a\nerrors: {table: {gone: {status: 404, step: two}}}\n",
         "'step' was a word for the envelope, and is a key in version 1"),
        ("provider: a\nerrors: {table: {gone: {status: 404, source: x}}}\n",
         "'source' was a word for the envelope, and is a key in version 1"),
        ("provider: a\norder:\n  - route\n  # first\n  - validate\n",
         "the order has comments between its steps"),
    ],
)  # fmt: skip
def test_what_may_mean_two_things_is_left_to_a_person(text: str, what: str) -> None:
    """The rest is carried over, and the file can still be read."""
    done = migrated(text)

    assert [each.what for each in done.undecided] == [what]
    assert data_of(done.text)["spec"] == 1


@pytest.mark.parametrize("style", ["yaml", "json"])
@pytest.mark.parametrize("place", places(*bundled()), ids=lambda place: place.name)
def test_a_bundled_provider_comes_back_from_version_0(place: Place, style: str) -> None:
    """Written with the old words, it is afterwards what it was, value for value."""
    data = data_of((place.spec / "behavior.yaml").read_text("utf-8"))
    old = _as_version_0(data, behavior_keywords())
    text = orjson.dumps(old).decode() if style == "json" else yaml.safe_dump(old)

    done = migrated(text)

    assert done.undecided == []
    assert _comparable(data_of(done.text)) == _comparable(data)


_NOTES = st.builds(
    lambda text: f"# note {text}".rstrip(), st.text("abc:#'\"[]{}-$ ", max_size=8)
)
_LINES = BEFORE.splitlines()
_FOLDED = _LINES.index("    cost: >-")
_PLACES = st.tuples(
    # Between the lines of a text, and behind them, a comment is part of the text.
    st.sampled_from([*range(_FOLDED + 1), *range(_FOLDED + 4, len(_LINES))]),
    st.integers(0, 8),
    st.booleans(),
    _NOTES,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_PLACES, max_size=6, unique_by=lambda place: place[0]))
def test_comments_survive(places: list[tuple[int, int, bool, str]]) -> None:
    """Wherever one stands, above a line or behind it, it is there afterwards."""
    lines = [*_LINES]
    for at, indent, behind, note in sorted(places, reverse=True):
        line = lines[at]
        if behind and line.strip() and "#" not in line and not line.endswith(">-"):
            lines[at] = f"{line}  {note}"
        else:
            lines.insert(at, " " * indent + note)

    done = migrated("\n".join(lines) + "\n")

    assert [each.what for each in done.undecided] == []
    found = re.findall(r"# note.*", done.text)
    assert sorted(found) == sorted(note for *_, note in places)
    assert data_of(done.text) == data_of(AFTER)


def _as_version_0(data: Json, keywords: Keywords) -> Json:
    """*data* with the old names of keys, `${...}` everywhere, and evidence in one place."""
    old_names = {
        part.pointer: name
        for part in keywords.parts(data)
        if isinstance(part.value, dict) and part.holds_facts
        for name in [_old_names(part.pointer, data, keywords)]
    }
    kinds = {part.pointer: part for part in keywords.parts(data)}
    listed: dict[str, list[str]] = {}

    def old(value: Json, pointer: Pointer, path: tuple[str, ...]) -> Json:
        part = kinds.get(pointer)
        wrapped = part and part.kind == EXPRESSION and isinstance(value, str)
        if part and wrapped and value not in part.words:
            return f"${{{value.strip()}}}"
        if isinstance(value, list):
            return [
                old(item, (*pointer, at), (*path, str(at)))
                for at, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            return value
        made = {}
        names = old_names.get(pointer, {})
        for key, item in value.items():
            inner = kinds.get((*pointer, key))
            if inner and inner.kind == FACT:
                _list(listed, key, item, path)
                continue
            name = names.get(key, key)
            made[name] = old(item, (*pointer, key), (*path, name))
        return made

    made = {key: value for key, value in old(data, (), ()).items() if key != "spec"}
    evidence = dict(made.pop("evidence", {}))
    evidence["assumed"] = listed.pop("assumed", [])
    evidence["from"] = listed
    return {**made, "evidence": evidence}


def _old_names(pointer: Pointer, data: Json, keywords: Keywords) -> Mapping[str, str]:
    """What the keys of the mapping at *pointer* were called, by their names of today."""
    renamed = {
        name: old
        for schema in keywords.schemas_of(pointer)
        for old, name in schema.get("x-renamed", {}).items()
    }
    value = data
    for part in pointer:
        value = value[part]
    return {name: old for name, old in renamed.items() if name in value}


def _list(
    listed: dict[str, list[str]], key: str, fact: Json, path: tuple[str, ...]
) -> None:
    """Write what is known of the mapping at *path* as `evidence` listed it."""
    if key == "otherwise":
        return  # nothing was said of it
    by_source = fact if key == "sources" else {fact if key == "source" else key: fact}
    for source, names in by_source.items():
        whole = names is True or key == "source"
        for name in [""] if whole else names:
            listed.setdefault(source, []).append(
                ".".join([*path, *([name] if name else [])])
            )


def _comparable(value: Json) -> Json:
    """*value* without alternatives, and without the order in which facts are listed."""
    if isinstance(value, dict):
        made = {
            key: _comparable(inner)
            for key, inner in value.items()
            if key != "otherwise"
        }
        if isinstance(made.get("assumed"), list):
            made["assumed"] = sorted(made["assumed"])
        if isinstance(made.get("sources"), dict):
            sources = made["sources"].items()
            made["sources"] = {
                key: sorted(names) if isinstance(names, list) else names
                for key, names in sources
            }
        return made
    return [*map(_comparable, value)] if isinstance(value, list) else value
