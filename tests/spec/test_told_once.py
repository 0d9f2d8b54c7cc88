"""Told once: each mistake where it was made, in one diagnostic, and all kinds together."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Diagnostic, Report, SpecError

BEHAVIOR = """\
provider: acme
collections:
  things:
views:
  thing: {collection: things, show: {id: "${id}", name: "${name}"}}
operations:
  listThings:
    list: {collection: things, view: thing}
    reply: {body: "${items}"}
  countThings:
    requires:
      - {check: "true", refuse: too_many, facts: {value: 3}}
    reply: {body: 1}
errors:
  envelopes:
    default: {error: "${code}", says: "${message}"}
  values: {message: no}
  table:
    no_route: {status: 404, code: not_found}
    wrong_method: {status: 405, code: wrong_method}
    malformed_query: {status: 400, code: bad_query}
    too_many: {status: 409, code: many}
spec: 1
"""
OPENAPI = """\
openapi: 3.1.0
info: {title: Acme, version: "1"}
paths:
  /things: {get: {operationId: listThings, responses: {"200": {description: All}}}}
  /count: {get: {operationId: countThings, responses: {"200": {description: Many}}}}
"""
FIXTURES = "- {id: 1, name: anvil}\n"


def told(
    folder: Path, *changes: tuple[str, str], openapi: tuple[str, str] = ("", "")
) -> list[Diagnostic]:
    """What is said of the provider with parts of its behavior replaced."""
    behavior = BEHAVIOR
    for old, new in changes:
        assert old in behavior
        behavior = behavior.replace(old, new)
    spec = folder / "acme"
    (spec / "fixtures").mkdir(parents=True)
    (spec / "behavior.yaml").write_text(behavior)
    (spec / "openapi.yaml").write_text(OPENAPI.replace(*openapi))
    (spec / "fixtures" / "things.yaml").write_text(FIXTURES)
    report = Report()
    with suppress(SpecError):
        load(Place(spec, spec / "fixtures"), None, report)
    return sorted(report.diagnostics)


def codes(found: list[Diagnostic]) -> list[tuple[int, str]]:
    return [(one.at.line, one.code) for one in found]


TABLE = "    malformed_query: {status: 400, code: bad_query}\n"


def test_the_provider_itself_is_in_order(tmp_path: Path) -> None:
    """What follows changes one thing each."""
    assert told(tmp_path) == []


@pytest.mark.parametrize("alias", ["no_route", "{same_as: no_route, code: gone}"])
def test_an_alias_is_told_of_where_it_stands(tmp_path: Path, alias: str) -> None:
    """Not where the entry stands that it takes after."""
    found = told(tmp_path, (TABLE, f"{TABLE}    not_acceptable: {alias}\n"))

    assert codes(found) == [(22, "unreachable-error")]
    assert "not_acceptable" in found[0].snippet


def test_a_word_that_an_alias_changes_is_told_of_where_it_stands(
    tmp_path: Path,
) -> None:
    """In the line of the alias, too."""
    alias = '    too_many: {same_as: no_route, code: "${wrong}"}\n'
    table = "    too_many: {status: 409, code: many}\n"

    assert codes(told(tmp_path, (table, alias))) == [(22, "unknown-name")]


def test_a_refusal_without_words_is_told_of_once(tmp_path: Path) -> None:
    """With the operations that can give it."""
    found = told(tmp_path, (TABLE, ""))

    assert codes(found) == [(18, "unrenderable-refusal")]
    assert "'malformed_query' on listThings, countThings, which" in found[0].what


def test_a_scheme_that_nothing_describes_is_told_of_once(tmp_path: Path) -> None:
    """With the operations that ask for it."""
    scheme = (
        "paths:",
        (
            "security: [{Key: []}]\ncomponents: {securitySchemes: {Key: {type: apiKey,"
            " in: header, name: X-Key}}}\npaths:"
        ),
    )
    found = told(tmp_path, openapi=scheme)

    assert [one.code for one in found] == ["missing-scheme"]
    assert found[0].what.startswith("listThings, countThings ask for 'Key'")


def test_a_word_that_an_envelope_lacks_is_told_of_at_the_entry(tmp_path: Path) -> None:
    """There it has to be added, unless all entries are to have it."""
    lacking = ("  values: {message: no}\n", "")
    worded = ("code: not_found}", "code: not_found, message: x}")
    found = told(tmp_path, lacking, worded, ("code: many}", "code: many, message: y}"))

    assert codes(found) == [(19, "missing-key"), (20, "missing-key")]
    assert [one.what for one in found] == [
        "errors.table.wrong_method has no 'message'",
        "errors.table.malformed_query has no 'message'",
    ]


def test_a_word_inside_an_expression_of_an_envelope_is_that_of_the_entry(
    tmp_path: Path,
) -> None:
    """`${upper(code)}` too, and an entry that lacks it is told so itself."""
    changes = ('error: "${code}"', 'error: "${upper(code)}"')
    assert told(tmp_path, changes) == []


def test_an_entry_lacks_the_word_that_an_expression_of_the_envelope_reads(
    tmp_path: Path,
) -> None:
    found = told(
        tmp_path,
        ('error: "${code}"', 'error: "${upper(code)}"'),
        ("status: 409, code: many", "status: 409"),
    )

    assert codes(found) == [(22, "missing-key")]
    assert found[0].what == "errors.table.too_many has no 'code'"


def test_a_word_that_is_no_value_cannot_be_computed_with(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        ('error: "${code}"', 'error: "${upper(code)}"'),
        ("code: many", "code: {a: 1}"),
    )

    assert codes(found) == [(16, "unknown-name")]
    assert found[0].fix == (
        "the words of an entry stand by themselves in its envelope: `${code}`"
    )


@pytest.mark.parametrize(
    "word", ["code: many, message: '${value}'", "code: '${value}'"]
)
def test_a_fact_that_all_give_need_not_be_named_in_the_entry(
    tmp_path: Path, word: str
) -> None:
    assert told(tmp_path, ("code: many", word)) == []


def test_a_fact_that_only_some_give_is_named_in_the_entry_too(tmp_path: Path) -> None:
    """The message says where it is given, and what to write."""
    found = told(
        tmp_path,
        ("code: many", "code: '${value}'"),
        (
            "facts: {value: 3}}",
            "facts: {value: 3}}\n      - {check: now, refuse: too_many}",
        ),
    )

    assert codes(found) == [(23, "unknown-name")]
    assert found[0].fix == (
        "operations.countThings.requires.0 gives it, and something else that refuses so"
        " does not: write `facts: [value]` here, and it is null then"
    )


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("${from or 'x'}", "from"),
        ("${lower(class)}", "class"),
        ("${body.from}", "from"),
        ("${pass}", "pass"),
        ("${'from' + from}", "from"),
    ],
)
def test_a_word_of_python_is_told_to_be_one(
    tmp_path: Path, written: str, word: str
) -> None:
    """With the ways to name a field or a member that is called so."""
    found = told(tmp_path, ('name: "${name}"', f'name: "{written}"'))

    assert [one.code for one in found] == ["expression-syntax"]
    assert found[0].what.startswith(f"{word!r} is a word of the language, and no name")
    assert f"body['{word}']" in found[0].fix
    assert f"`${{{word}}}`" in found[0].fix


@pytest.mark.parametrize("written", ["${a b}", "${'from'(}", "${name if}"])
def test_what_is_wrong_for_another_reason_is_not_put_down_to_a_word(
    tmp_path: Path, written: str
) -> None:
    """Words in quotes, and those that the language has itself, are in order."""
    found = told(tmp_path, ('name: "${name}"', f'name: "{written}"'))

    assert "is a word of the language" not in found[0].what


def test_all_kinds_of_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    """A wrong shape hides no wrong name, and neither hides a refusal without words."""
    found = told(
        tmp_path,
        ("provider: acme\n", "provider: acme\nhttp: {accept: mabye}\n"),
        ('"${items}"', '"${itmes}"'),
        ("list: {collection: things", "list: {collection: thigns"),
        (TABLE, ""),
    )

    assert codes(found) == [
        (2, "unknown-value"),
        (9, "unknown-collection"),
        (10, "unknown-name"),
        (19, "unrenderable-refusal"),
    ]


def test_a_key_that_stands_twice_hides_nothing(tmp_path: Path) -> None:
    """The rest of the file is looked at with the one that stands last."""
    found = told(
        tmp_path,
        ("provider: acme\n", "provider: acme\nprovider: acme\n"),
        ('"${items}"', '"${itmes}"'),
    )

    assert codes(found) == [(2, "yaml-duplicate-key"), (10, "unknown-name")]


@pytest.mark.parametrize("part", ["errors", "table"])
def test_what_was_taken_out_is_not_missed(tmp_path: Path, part: str) -> None:
    """A table of the wrong shape is one mistake, not one for each refusal."""
    start = BEHAVIOR.index("errors:" if part == "errors" else "  table:")
    wrong = "errors: 3\n" if part == "errors" else "  table: 3\n"

    found = told(tmp_path, (BEHAVIOR[start:], wrong))

    assert "unrenderable-refusal" not in {one.code for one in found}
    assert "wrong-type" in {one.code for one in found}


def test_an_effect_on_a_collection_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """And nothing that follows from its records, of which there are none."""
    effect = (
        "    reply: {body: 1}\n",
        ("    effects: [{create: thigns, set: {name: x}}]\n    reply: {body: 1}\n"),
    )

    found = told(tmp_path, effect)

    assert [(one.code, one.fix) for one in found] == [
        ("unknown-collection", "did you mean 'things'?")
    ]
