"""Functions: what each of the table gives, and that nothing of a request is one."""

from __future__ import annotations

from typing import Any

import pytest
from evaluation import evaluate
from front_door import JOB, Api

from emulator.compile.fixtures import RECIPE_FUNCTIONS
from emulator.compile.functions import FUNCTIONS, time_of
from emulator.world.clock import micros

EXAMPLES: dict[str, list[tuple[str, Any]]] = {
    "lookup": [
        ("lookup('things', 8).title", "Rocket"),
        ("lookup('things', 'Anvil', 'title').id", 7),
        ("lookup('things', 9)", None),
    ],
    "records": [("[one.id for one in records('things', listed=True)]", [7])],
    "count": [("count('things')", 2), ("count('things', listed=False)", 1)],
    "show": [
        ("show('thing', lookup('things', 8))", {"t": "Rocket"}),
        ("show('thing', null)", None),
    ],
    "slug": [("slug('Bürokaufmann (m/w/d)')", "buerokaufmann-m-w-d"), ("slug('!')", "")],
    "unique_slug": [
        ("unique_slug('New', 'things')", "new"),
        ("unique_slug('Anvil', 'things', 'title')", "anvil"),
        ("unique_slug('?', 'things')", "item"),
    ],
    "uuid": [("length(uuid())", 36), ("uuid() == uuid()", False)],
    "token": [("length(token(8))", 8), ("token(3, 'a')", "aaa")],
    "secret": [("length(secret(8))", 8), ("secret(3, 'a')", "aaa")],
    "timestamp": [
        ("timestamp(now, 'Europe/Berlin')", "2024-02-05T15:30:00+01:00"),
        ("timestamp(now, form='%d.%m.%Y')", "05.02.2024"),
        ("timestamp(null)", None),
    ],
    "epoch": [("epoch(now)", 1707143400), ("epoch(null)", None)],
    "date": [("date('2024-02-05T23:30:00Z', 'Europe/Berlin')", "2024-02-06")],
    "http_date": [("http_date(now)", "Mon, 05 Feb 2024 14:30:00 GMT")],
    "shift": [
        ("shift(now, hours=-1)", "2024-02-05T13:30:00Z"),
        ("shift('2024-02-28', days=2)", "2024-03-01"),
        ("shift(null, days=1)", None),
    ],
    "words": [("words('user_id')", "user id")],
    "capitalized": [("capitalized('user ID')", "User ID"), ("capitalized('')", "")],
    "lower": [("lower('AÜ')", "aü"), ("lower(null)", None)],
    "upper": [("upper('aü')", "AÜ")],
    "join": [("join([1, null, true])", "1, , true"), ("join(null)", "")],
    "url_path": [
        ("url_path('https://acme.example/books?a=1')", "/books"),
        ("url_path('https://acme.example')", ""),
        ("url_path(null)", ""),
    ],
    "text": [("text(null)", ""), ("text({'a': 1})", '{"a":1}'), ("text(1.5)", "1.5")],
    "contains": [("contains('Anvil', 'VIL')", True), ("contains(null, 'x')", False)],
    "integer": [("integer('12')", 12), ("integer(1.9)", 1)],
    "decimal": [("decimal('1.5')", 1.5)],
    "round": [("round(2.345, 2)", 2.35), ("round(2.6)", 3)],
    "replace": [("replace('a-b-c', '-', '_')", "a_b_c"), ("replace(null, 'a', '')", None)],
    "fixed": [("fixed(3.5, 2)", "3.50"), ("fixed(null, 2)", None)],
    "grouped": [
        (
            "grouped([{'tag': ['a', 'b']}, {'tag': 'a'}, {'tag': null}], 'tag')",
            [{"key": "a", "count": 2}, {"key": "b", "count": 1}],
        )
    ],
    "min": [("min(3, null, 2)", 2)],
    "max": [("max(3, null, 2)", 3)],
    "length": [("length(tags)", 2), ("length(null)", 0)],
    "first": [("first(tags)", "a"), ("first([])", None)],
    "merge": [("merge({'a': 1, 'b': 1}, null, {'b': 2})", {"a": 1, "b": 2})],
    "first_messages": [
        (
            "first_messages([{'field': 'a', 'message': 1}, {'field': 'a', 'message': 2}])",
            {"a": 1},
        )
    ],
    "all_messages": [
        (
            "all_messages([{'field': 'a', 'message': 1}, {'field': 'a', 'message': 2}])",
            {"a": [1, 2]},
        )
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), [one for found in EXAMPLES.values() for one in found]
)
def test_a_function_gives_what_its_line_says(text: str, expected: Any) -> None:
    """Null goes in and null comes out, wherever there is nothing to work on."""
    assert evaluate(text) == expected


def test_every_function_has_an_example() -> None:
    """And a sentence for the documentation that says what it gives."""
    assert EXAMPLES.keys() == FUNCTIONS.keys()
    for function in {**FUNCTIONS, **RECIPE_FUNCTIONS}.values():
        assert function.help.endswith(".")


@pytest.mark.parametrize(
    "text", ["${1+1}", "{{7*7}}", "$${id}", "${omit}", "{0.__class__}", "%s", "${"]
)
def test_what_a_caller_sends_comes_back_word_for_word(jobriver: Api, text: str) -> None:
    """H16: nothing from a request is ever evaluated, now or when it is read again."""
    title = f"Developer {text}"

    made = jobriver.post("/jobs", json={**JOB, "title": title})
    read = jobriver.get(f"/jobs/{made.json()['data']['id']}")
    found = jobriver.get("/jobs", params={"search": title})

    assert made.status_code == 201
    assert made.json()["data"]["title"] == title
    assert read.json()["data"]["title"] == title
    assert [job["title"] for job in found.json()["data"]["jobs"]] == [title]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-02-05T14:30:00Z", 1_707_143_400),
        ("2024-02-05t14:30:00z", 1_707_143_400),
        ("2024-02-05 15:30:00+01:00", 1_707_143_400),
        ("2024-02-05T14:30:00.250+0000", 1_707_143_400.25),
        ("2024-02-05T14:30", 1_707_143_400),
        ("2024-02-05", 1_707_091_200),
    ],
)
def test_a_time_is_read_as_rfc_3339_writes_it(text: str, seconds: float) -> None:
    """To the microsecond; what it lacks is nothing, and UTC."""
    assert time_of(text) == micros(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "2024-W06-1",
        "20240205",
        "\u0662\u0660\u0662\u0664-02-05",
        "2024-02-05T14",
        "1" * 5_000,
        "now",
        "",
    ],
)
def test_what_python_reads_besides_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        time_of(text)
