"""Each dialect reads what its grammar has, and says what is wrong with anything else."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from time import process_time
from typing import Any

import pytest

from emulator.search.fields import Fields
from emulator.search.predicate import BadQuery

NURSE = {
    "id": 1, "title": "Night nurse", "price": 12.5, "open": True, "sold": None,
    "made": "2024-03-05T10:00:00Z", "tags": ["urgent", "new"], "note": "a'b",
    "owner": {"name": "Ada", "langs": ["en", "de"]},
    "emails": [{"type": "work", "value": "ada@acme.example"}, {"type": "home", "value": "a@b.example"}],
}  # fmt: skip
CLERK = {
    "id": 2, "title": "Clerk", "price": 7, "open": False, "sold": "2024-01-01",
    "made": "2024-03-06T00:00:00+02:00", "tags": [], "note": "", "owner": None, "emails": None,
}  # fmt: skip
BOTH = [NURSE, CLERK]


def found(dialect: str, query: str, **more: Any) -> list[int]:
    fields = Fields([*NURSE], **more)
    test = import_module(f"emulator.search.{dialect}").compile_query(query, fields)
    return [record["id"] for record in BOTH if test(record) is True]


ODATA = [
    ("price gt 10", [1]),
    ("price gt 10 or title eq 'Clerk'", [1, 2]),
    ("price gt 10 and title eq 'Clerk'", []),
    ("title eq 'clerk'", []),
    ("tolower(title) eq 'clerk'", [2]),
    ("note eq 'a''b'", [1]),
    ("open", [1]),
    ("open eq true", [1]),
    ("not open", [2]),
    ("not (price gt 10)", [2]),
    ("sold eq null", [1]),
    ("sold ne null", [2]),
    ("owner/name eq 'Ada'", [1]),
    ("contains(title,'urs')", [1]),
    ("not contains(sold,'x')", [2]),  # of null, nothing is known
    ("startswith(title,'N') and endswith(title,'e')", [1]),
    ("id in (2, 3)", [2]),
    ("title in ('Clerk','Cook')", [2]),
    ("made gt 2024-03-05T12:00:00Z", [2]),
    ("made lt 2024-03-06", [1, 2]),  # the second is at 22:00 in UTC
    ("made eq 2024-03-05T11:00:00+01:00", [1]),
    ("length(title) lt 6", [2]),
    ("year(made) eq 2024 and month(made) eq 3", [1, 2]),
    ("price gt -1 and price lt 1e2", [1, 2]),
    ("5 lt price and price lt 10", [2]),
    ("id eq 1 or id eq 2 and price gt 10", [1]),
    ("true", [1, 2]),
]
SCIM = [
    ('title eq "night NURSE"', [1]),
    ('TITLE Eq "clerk"', [2]),
    ('title co "urs" or title sw "c"', [1, 2]),
    ('title ew "nurse"', [1]),
    ("sold pr", [2]),
    ("note pr", [1]),
    ("not (price gt 10)", [2]),
    ("open eq true and price ge 12.5", [1]),
    ('owner.name eq "ada"', [1]),
    ('tags eq "new"', [1]),
    ("sold eq null", [1]),
    ("owner ne null", [1]),
    ('emails co "acme"', [1]),
    ('emails.type eq "home"', [1]),
    ('emails[type eq "work" and value co "acme"]', [1]),
    ('emails[type eq "home" and value co "acme"]', []),
    ('made gt "2024-03-05T12:00:00Z"', [2]),
    ('made eq "2024-03-05T11:00:00+01:00"', [1]),
    ('urn:ietf:params:scim:schemas:core:2.0:User:owner.name sw "A"', [1]),
    ("id eq 1 or id eq 2 and price gt 10", [1]),
]
AIP = [
    ("", [1, 2]),
    ("price > 10", [1]),
    ("price>10 AND title = Clerk", []),
    ("price > 10 OR title = clerk", [1, 2]),
    ("nurse", [1]),
    ('"night nurse"', [1]),
    ("-nurse", [2]),
    ("NOT nurse price<=7", [2]),
    ("-(nurse OR clerk)", []),
    ("tags:urgent", [1]),
    ("tags:*", [1]),
    ("owner:name", [1]),
    ("owner.name = A*", [1]),
    ('owner.name = "ada"', [1]),
    ("owner.langs:de", [1]),
    ("emails.type:work", [1]),
    ("title:urs", [1]),
    ("open = true", [1]),
    ("sold = null", [1]),
    ("price != 7", [1]),
    ("made > 2024-03-05T12:00:00Z", [2]),
    ('made >= "2024-03-06"', [2]),
    ("price = 7 OR price > 10 AND open = true", [1]),
]
LUCENE = [
    ("", [1, 2]),
    ("nurse", [1]),
    ("night AND nurse", [1]),
    ("nurse OR clerk", [1, 2]),
    ("nurse clerk", [1, 2]),
    ("+nurse clerk", [1]),
    ("clerk -nurse", [2]),
    ("NOT nurse", [2]),
    ('"night nurse"', [1]),
    ('"nurse night"', []),
    ("title:clerk", [2]),
    ("title:nurse", []),  # as a whole
    ('title:"night nurse"', [1]),
    ("title:*urse", [1]),
    ("title:Cl?rk", [2]),
    ("title:(clerk OR *urse)", [1, 2]),
    ("tags:urgent", [1]),
    ("open:true", [1]),
    ("price:12.5", [1]),
    ("price:>10", [1]),
    ("price:<=7", [2]),
    ("price:[7 TO 12]", [2]),
    ("price:{7 TO *]", [1]),
    ("price:5..8", [2]),
    ("made:2024-03-05", [1]),
    ("made:>2024-03-05", [2]),
    ("made:2024-03-01..2024-03-05", [1]),
    ("owner.name:ada", [1]),
    ("sold:*", [2]),
    ("(nurse OR clerk) AND -title:clerk", [1]),
    ("nurse OR clerk AND open:false", [1, 2]),
    ("open:false && (nurse || clerk)", [2]),
]


@pytest.mark.parametrize(
    ("dialect", "query", "ids"),
    [
        (dialect, *row)
        for dialect, rows in (
            ("odata", ODATA),
            ("scim", SCIM),
            ("aip160", AIP),
            ("lucene", LUCENE),
        )
        for row in rows
    ],
)
def test_a_query_finds_what_it_asks_for(
    dialect: str, query: str, ids: list[int]
) -> None:
    """As the grammar of its dialect has it."""
    assert found(dialect, query) == ids


WRONG = {
    "odata": [
        "", "'a'", "price gt", "gt 5", "price gt 'a", "price eq 5 eq 6", "price gt 5)",
        "(price gt 5", "nothing eq 1", "price has 5", "f(price)", "contains(title)", "open gt true",
        "5 eq 'a'", "not", "a and", "price gt 5 and", "price in ()", "price in 5", "made gt 2024-99-99",
        "price eq 5 § 6", "price gt 1" + "0" * 60, "1" * 5000 + " eq 1",
    ],
    "scim": [
        "", "title", "title eq", 'title eq "a', "title xx 5", "title gt true", "price co 5", "nothing pr",
        'emails[type eq "a"', "not title pr", "title eq nurse", "and", "title pr and", "(title pr",
        'emails[type eq "a"].value eq "b"', 'title eq "\\q"', "price gt 1e999",
    ],
    "aip160": [
        "AND", "a AND", "(a", "a)", "price >", "> 5", "nothing = 5", "f()", "a , b", '"a', "price > > 5",
    ],
    "lucene": [
        "AND", "a AND", "a OR", "(a", "a)", '"a', "nothing:5", "title:(a", "title:(price:5)",
        "price:[1 TO]", "[1 TO 2]", "NOT", "OR a", "title:" + "*a" * 60,
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "query"),
    [(dialect, query) for dialect, queries in WRONG.items() for query in queries],
)
def test_what_is_no_query_says_why(dialect: str, query: str) -> None:
    """`BadQuery`, in words that fit on a line, and nothing else."""
    with pytest.raises(BadQuery) as caught:
        found(dialect, query)

    assert 5 < len(str(caught.value)) < 200


LARGE = {
    "odata": ("price eq 1 or ", "not ", "(", "contains(", "'' ", "a/", "1,"),
    "scim": ("title pr or ", "not (", "(", 'emails[type eq "a" or ', '"', "a."),
    "aip160": ("a OR ", "NOT ", "(", "-", "a:", "'a' ", "a."),
    "lucene": ("a OR ", "NOT ", "(", "title:", "[", "[ ", '"a" ', "\\", "*a ", "{1 "),
}


@pytest.mark.parametrize(
    ("dialect", "piece", "times"),
    [
        (dialect, piece, times)
        for dialect, pieces in LARGE.items()
        for piece in pieces
        for times in (1_000, 5_000, 100_000)
    ],
)
def test_a_large_query_is_read_or_refused_at_once(
    dialect: str, piece: str, times: int
) -> None:
    """However deep or long: no recursion error, and no time that grows with a power."""
    text = (piece * times)[: times * 20]
    began = process_time()

    with suppress(BadQuery):
        found(dialect, text)

    assert process_time() - began < 1


def test_names_can_be_given_to_what_is_asked_for() -> None:
    """A name stands for a field, a path, or what a function gives of the record."""
    given = {
        "is": lambda record: "open" if record["open"] else "closed",
        "user": "owner.name",
        "label": "tags",
    }
    more = {"given": given, "words": ("title",), "joined_by": "and"}

    assert found("lucene", "is:open user:ada label:new nurse", **more) == [1]
    assert found("lucene", "is:closed nurse", **more) == []
    assert found("lucene", "-is:open", **more) == [2]
    with pytest.raises(BadQuery, match="there is no field 'tags'"):
        found("lucene", "tags:new", **more)


@pytest.mark.parametrize("dialect", WRONG)
@pytest.mark.parametrize("query", [5, None, True, ["a"], {"a": 1}])
def test_a_query_is_a_text(dialect: str, query: Any) -> None:
    """A body can send anything."""
    with pytest.raises(BadQuery, match="it is not a text"):
        found(dialect, query)
