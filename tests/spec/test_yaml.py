"""A file is plain JSON values with their places, or a list of what is wrong."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import orjson
import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.document import Document
from emulator.spec.yaml import MAX_BYTES, parse, parse_mapping


def read(text: str | bytes, file: str = "a.yaml") -> Document:
    report = Report()
    document = parse(text.encode() if isinstance(text, str) else text, file, report)
    assert not report.diagnostics
    assert document is not None
    return document


def problems(text: str | bytes) -> list[Diagnostic]:
    report = Report()
    raw = text.encode() if isinstance(text, str) else text
    assert parse(raw, "a.yaml", report) is None
    return report.diagnostics


def codes(text: str | bytes) -> list[tuple[str, int, int]]:
    return [
        (problem.code, problem.at.line, problem.at.column) for problem in problems(text)
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("TRUE", True), ("~", None), ("null", None),
        ("0", 0), ("-7", -7), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5),
        ("9223372036854775807", 2**63 - 1), ("'1'", "1"), ('"true"', "true"),
    ],
)  # fmt: skip
def test_plain_values_are_json(text: str, value: Any) -> None:
    """Truth values, null and decimal numbers are what they look like."""
    read_value = read(f"a: {text}").data["a"]

    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no", "yes", "on", "off", "y", "No", "1:30", "012", "2026-11-21", "0o7", "0x1f",
        "1_000", "2026-11-21T10:00:00Z", "+49", "1.2.3", "5.", "0b1", "=", "tRue",
    ],
)  # fmt: skip
def test_yaml_1_1_surprises_stay_text(text: str) -> None:
    """H05: what only YAML 1.1 takes for something else is text as written."""
    assert read(f"a: {text}").data == {"a": text}


def test_keys_are_text() -> None:
    """H05: a status and a word are keys as they are written."""
    data = read("200: a\nno: b\ntrue: c\n1.0: d\nnull: e\n").data

    assert list(data) == ["200", "no", "true", "1.0", "null"]


def test_every_value_and_key_has_its_place() -> None:
    """Lines and columns count from 1, characters and not bytes."""
    document = read("ä:\n  - é: [1, two]\n")

    assert document.locate(("ä", 0, "é", 1)) == Location("a.yaml", 2, 12)
    assert document.locate(("ä", 0, "é"), key=True) == Location("a.yaml", 2, 5)
    assert document.locate(("ä", 0, "x", 9)) == Location("a.yaml", 2, 5)
    assert document.locate(("nowhere",)) == Location("a.yaml", 1, 1)
    assert document.diagnostic(("ä", 0), "c", "w").snippet == "  - é: [1, two]"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x]\n"
        + "".join(
            f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "a: &a {x: 1}\n"
        + "".join(
            f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 9)}]}}\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "&a [*a]",
        "<<: {a: 1}",
        "*a : 1",
        "- *a\n" * 200_000,
    ],
)
def test_aliases_are_refused_at_once(text: str) -> None:
    """H01, H02, H03: no bomb is ever expanded, and each has a place and the limit."""
    start = process_time()
    found = problems(text)

    assert process_time() - start < 1
    assert {one.code for one in found} == {"yaml-alias"}
    assert "limit 0" in found[0].why
    assert found[0].snippet


def test_tags_are_refused() -> None:
    """H04: no tag builds anything."""
    found = codes("a: !!python/object/apply:os.system [id]\nb: !!str 1\nc: !x {}\n")

    assert found == [("yaml-tag", 1, 4), ("yaml-tag", 2, 4), ("yaml-tag", 3, 4)]


def test_all_mistakes_are_reported_together() -> None:
    """H06: every duplicate is found, and says where the first one stands."""
    found = problems("a: 1\nb: {c: 1, c: 2}\na: *x\n? [1]\n: 2\n")

    assert [(one.code, one.at.line) for one in found] == [
        ("yaml-duplicate-key", 2),
        ("yaml-duplicate-key", 3),
        ("yaml-alias", 3),
        ("yaml-syntax", 4),
    ]
    assert found[1].why == "the first one stands at a.yaml:1:1"


def test_a_tab_is_named() -> None:
    """H08: a tab in the indentation has a line and a way out."""
    (found,) = problems("a:\n\tb: 1\n")

    assert (found.code, found.at.line) == ("yaml-syntax", 2)
    assert "spaces" in found.fix


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2\nb: 3\n", (2, 2)),
        ("a: b: c", (1, 5)),
        ("a: @x", (1, 4)),
        ("a: 'x", (1, 6)),
        ("a: {x: ${y}}", (1, 9)),
    ],
)
def test_a_syntax_error_has_a_place_and_a_fix(
    text: str, place: tuple[int, int]
) -> None:
    """The parser's error is a diagnostic like any other."""
    (found,) = problems(text)

    assert (found.code, found.at.line, found.at.column) == ("yaml-syntax", *place)
    assert found.fix


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"a: 1\nb: \xe4", (2, 4)),
        ("a: 1".encode("utf-16"), (1, 1)),
        (b"a: 1\nbc: \x00", (2, 5)),
        (b"a: \x1b[0m", (1, 4)),
    ],
)
def test_only_utf_8_text_is_read(raw: bytes, place: tuple[int, int]) -> None:
    """H09: Latin-1, UTF-16 and NUL are refused where they stand."""
    assert codes(raw) == [("yaml-encoding", *place)]


def test_a_byte_order_mark_is_accepted() -> None:
    """H09: a UTF-8 mark is no part of the text."""
    document = read(b"\xef\xbb\xbfa: 1")

    assert document.data == {"a": 1}
    assert document.locate(("a",), key=True) == Location("a.yaml", 1, 1)


def test_a_file_has_a_largest_size() -> None:
    """H07: more than the limit is not even parsed."""
    assert codes(b"a" * (MAX_BYTES + 1)) == [("yaml-too-large", 1, 1)]


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 5_000, "- " * 5_000 + "a"])
def test_a_file_has_a_largest_depth(text: str) -> None:
    """Nesting ends in a diagnostic, not in a RecursionError."""
    assert [code[0] for code in codes(text)] == ["yaml-too-deep"]


def test_a_hundred_levels_are_read() -> None:
    """The limit itself is fine."""
    assert read("[" * 100 + "]" * 100).data


@pytest.mark.parametrize(
    "text",
    [".inf", "-.INF", ".nan", "1e999", "9" * 5_000, "9223372036854775808"],
)
def test_numbers_fit_json(text: str) -> None:
    """A number that JSON or 64 bits cannot hold is refused."""
    assert codes(f"a: {text}") == [("yaml-number", 1, 4)]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "--- \n...\n"])
def test_an_empty_file_is_reported(text: str) -> None:
    """Nothing is not a value."""
    assert [code[0] for code in codes(text)] == ["yaml-empty"]


def test_a_file_is_one_document() -> None:
    """A second document would be lost silently."""
    assert codes("a: 1\n---\nb: 2\n") == [("yaml-multiple-documents", 2, 1)]


def test_a_mapping_can_be_demanded() -> None:
    """A list is not a mapping."""
    report = Report()

    assert parse_mapping(b"- 1", "a.yaml", report) is None
    assert [diagnostic.code for diagnostic in report.diagnostics] == [
        "yaml-not-a-mapping"
    ]
    assert parse_mapping(b"a: 1", "a.yaml", report) is not None


def test_escapes_beyond_the_basic_plane_are_read_from_json() -> None:
    """JSON writes them as two halves."""
    text = '{"a": "\\ud83d\\ude00", "b": "\\\\ud83d\\\\ude00", "c":"\\/"}'

    assert read(text, "a.json").data == json.loads(text)


def test_a_document_survives_being_stored() -> None:
    """Values and places come back from JSON."""
    document = read("a:\n  - {b: 1, c: [x, {}]}\n  - []\nd: ~\n")

    stored = orjson.loads(orjson.dumps(document.to_json()))
    assert Document.from_json(stored, document.lines) == document
    assert Document.from_json(stored).lines == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc: #'\"", max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_what_json_says_is_read_as_it_is(value: Any) -> None:
    """JSON text is YAML text, with the same values."""
    assert read(json.dumps([value]), "a.json").data == [value]


@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!|>'\"\n\t #,?%@", max_size=80))
def test_no_input_raises(raw: str | bytes) -> None:
    """Whatever the bytes are, they end in values or diagnostics."""
    report = Report()
    text = raw.encode() if isinstance(raw, str) else raw

    document = parse(text, "a.yaml", report)
    assert (document is None) == report.failed
    if document is not None:
        assert document == Document.from_json(document.to_json(), document.lines)


def test_the_c_parser_is_used() -> None:
    """The tests above are about the parser that runs."""
    assert hasattr(pyyaml, "CSafeLoader")
