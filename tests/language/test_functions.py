"""Functions: what each of the table gives, and that nothing of a request is one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from evaluation import RECORD, evaluate, exchange, template
from front_door import JOB, Api

from emulator.compile.fixtures import RECIPE_FUNCTIONS
from emulator.language import parts
from emulator.language.failures import ExpressionFailed
from emulator.language.functions import FUNCTIONS
from emulator.times import micros, time_of

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
    "slug": [
        ("slug('Bürokaufmann (m/w/d)')", "buerokaufmann-m-w-d"),
        ("slug('Y\u0131lmaz, Łódź')", "yilmaz-lodz"),
        ("slug('!')", ""),
    ],
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
    "jwt": [
        ("length(jwt({'sub': 'ada'}, 'signing')) > 150", True),
        ("jwt({'jti': '1'}, 'signing') == jwt({'jti': '1'}, keys='signing')", True),
    ],
    "jwks": [
        ("length(jwks('signing')['keys'])", 1),
        ("jwks('signing')['keys'][0].alg", "ES256"),
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
    "hash": [
        ("hash('a', 'md5')", "0cc175b9c0f1b6a831c399e269772661"),
        # RFC 7636, appendix B
        (
            "hash('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', encoding='base64url')",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("hash('61', text_as='hex') == hash('a')", True),
        ("hash('6', text_as='hex')", None),
        ("hash(null)", None),
    ],
    "hmac": [
        # RFC 4231, 4.3
        (
            "hmac('Jefe', 'what do ya want for nothing?')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("hmac('4a656665', 'a', key_as='hex') == hmac('Jefe', 'a')", True),
        ("hmac(null, 'a')", None),
    ],
    "digest": [
        ("digest({'a': 1, 'b': [2]}) == digest({'b': [2], 'a': 1})", True),
        ("digest({'a': 1}) == digest({'a': 2})", False),
        ("length(digest(null))", 16),
    ],
    "hex": [("hex('ü') + hex('a')", "c3bc61"), ("hex(null)", "")],
    "base64": [
        ("base64('user:pass')", "dXNlcjpwYXNz"),
        ("base64('ff', text_as='hex')", "/w=="),
        ("base64(null)", None),
    ],
    "base64url": [("base64url('ff', text_as='hex')", "_w"), ("base64url(null)", None)],
    "content": [
        ("length(content({'text': 'abc'}))", 3),
        ("content({'base64': '?'})", None),
        ("content(None)", None),
    ],
    "from_base64": [
        ("from_base64('dXNlcjpwYXNz')", "user:pass"),
        ("from_base64('w7w') + from_base64('w7w=')", "üü"),
        ("from_base64('_w')", None),
        ("from_base64('?')", None),
    ],
    "url": [
        ("url('a b&c/ü')", "a%20b%26c%2F%C3%BC"),
        ("url('a/b', safe='/')", "a/b"),
        ("url(null)", ""),
    ],
    "query_string": [
        ("query_string({'b': 'x y', 'a': [1, true], 'c': null})", "b=x%20y&a=1&a=true"),
        ("query_string({'b': 'x y', 'a': 1}, sort=True, space='+')", "a=1&b=x+y"),
        ("query_string(null)", ""),
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
    of_keys = {"jwt", "jwks"}  # test_jwt.py has theirs, which need a key
    of_parts = {
        name
        for name, function in FUNCTIONS.items()
        if function.call.__module__ == parts.__name__  # test_parts.py tries theirs out
    }
    assert EXAMPLES.keys() | of_keys | of_parts == FUNCTIONS.keys()
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


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("token(4097)", "the length of a token is a whole number from 0 to 4096"),
        ("token(-1)", "the length of a token is a whole number from 0 to 4096"),
        ("token(2.5)", "the length of a token is a whole number from 0 to 4096"),
        ("token(true)", "the length of a token is a whole number from 0 to 4096"),
        (
            "secret(1000000000)",
            "the length of a secret is a whole number from 0 to 4096",
        ),
        (
            "fixed(1, 1000000000)",
            "the number of digits is a whole number from 0 to 100",
        ),
        ("fixed(1, '9')", "the number of digits is a whole number from 0 to 100"),
        (
            "round(5, -1000000000)",
            "the number of digits is a whole number from -100 to 100",
        ),
        (
            "replace(query.long, 'a', query.long)",
            "it would make 16000000 characters, and 10000000 are the most",
        ),
        (
            "replace(query.long, '', query.long)",
            "it would make 16008000 characters, and 10000000 are the most",
        ),
        (
            "join(query.many, query.long)",
            "it would make 400100000 characters, and 10000000 are the most",
        ),
        (
            "[[1 for b in query.many] for a in query.many]",
            "it would make 10000000000 rounds, and 1000000 are the most",
        ),
        (
            "[1 for a in query.most]",
            "it would make 100001 rounds, and 100000 are the most",
        ),
        (
            "[hex(join(query.many, part)) for part in [query.longer]]",
            "it would make 12199880 characters, and 10000000 are the most",
        ),
        ("hash('a', query.word)", "an algorithm is one of md5, sha1, sha224, sha256"),
        ("hash('a', encoding=query.word)", "an encoding is one of hex, base64"),
        ("hmac('?', 'a', key_as='base64')", "the key is not written in base64"),
        ("query.many + [1]", "it would make 100001 items, and 100000 are the most"),
    ],
)
def test_what_a_caller_chooses_does_not_say_how_much_is_made(
    expression: str, reason: str
) -> None:
    """More than a bound is a failure of the expression, and costs nothing."""
    asked = {
        "word": "?",
        "longer": "b" * 60,
        "long": "a" * 4_000,
        "many": ["x"] * 100_000,
        "most": [1] * 100_001,
    }
    names = exchange()
    names.query = asked

    with pytest.raises(ExpressionFailed, match=re.escape(reason)):
        template(expression, bare=True).value(names, RECORD)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("length(token(4096))", 4_096),
        ("fixed(1, 0)", "1"),
        ("round(123, -2)", 100),
        ("length(replace('abc', '', '--'))", 11),
        ("length([[a + b for b in query.some] for a in query.some])", 1_000),
        ("[[a for a in [a, a]] for a in [1, 2]]", [[1, 1], [2, 2]]),
        ("[a for a in [b + 1 for b in [1, 2]] if a > 2]", [3]),
    ],
)
def test_what_is_within_the_bounds_is_made(expression: str, value: Any) -> None:
    """Loops inside of loops have a million rounds, and names of their own."""
    names = exchange()
    names.query = {"some": [1] * 1_000}

    assert template(expression, bare=True).value(names, RECORD) == value
