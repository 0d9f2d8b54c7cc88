"""Generate: write the reference pages that say what the code says.

python docs/generate.py            write them
python docs/generate.py --check    tell whether they are as they should be
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import admin_api
import commands
import fidelity
import pytest_plugin
import python_api

from emulator import pipeline
from emulator.compile import operations
from emulator.compile.faking import MOST_ITEMS, MOST_MADE, MOST_TOGETHER, PACKAGES
from emulator.compile.fixtures import RECIPE_FUNCTIONS
from emulator.compile.names import later_than
from emulator.compile.program import ROOTS as KNOWN_ROOTS
from emulator.language import sizes
from emulator.language.expressions import GRAMMAR, REQUEST
from emulator.language.functions import FUNCTIONS, Function
from emulator.program.violations import FACTS
from emulator.settings import table
from emulator.spec.structure import behavior_schema, scenarios_schema
from emulator.step import Finish, Step
from emulator.world.fault import FORMS

Json = Any

FOLDER = Path(__file__).parent / "reference"

ROOTS = {
    "authenticated": "whether the caller has proved its claim",
    "base_url": "what stands before the path in an absolute address of this call",
    "body": "the input, with its defaults; of a type that is neither JSON nor a form nor a text only its `size`",
    "caller": "the credential that was proved; null before that",
    "client": "the caller's IP address",
    "cookie": "the cookies that openapi.yaml declares",
    "header": "the headers that openapi.yaml declares",
    "matched": "the records that a list found, all pages of it",
    "method": "the request's method",
    "now": "the time of the world's clock: `2024-02-05T14:30:00Z`",
    "operation_id": "the operationId; null where there is no route",
    "path": "the path's parameters",
    "query": "the query's parameters",
    "raw_path": "the path as it was sent",
    "refused": "the code of the refusal; null where there is none",
    "request_id": "the identifier of this call",
}
IN_FULL = {
    "request": f"the request, whatever a record's fields are called: {', '.join(sorted(REQUEST))}",
    "this": "the record whose fields are plain names, whatever the request has",
}
RESULTS = {
    "before": "the record as it was before an update",
    "item": "the record that the action is about, shown by its view, or whole without one",
    "items": "the records of this page, shown by their view, or whole without one",
    "page": f"of a list: {', '.join(sorted(operations.PAGE))}",
    "quota": f"of the limit that is shown: {', '.join(sorted(operations.QUOTA))}",
    "record": "the record that the action is about, as it is stored",
    "results": "the records of this page, as they are stored",
}


_WHEN_KNOWN = (
    "## When a name is known",
    "",
    (
        "What a call says (`path`, `query`, `header`, `cookie`, `body`) is read when it is"
        " first named, at whichever step."
    ),
    "What cannot be read is empty there, and is refused by the step that owns it.",
    "Other names are known from a step on, in the `order` of the provider:",
    "",
)
_BY_STEP = (
    "In the default order of the [steps](steps.md), that is:",
    "",
)
_KNOWN_LATE = (
    (
        "`refused` is known when every step has been asked: in `errors`, `headers` and the"
        " `effects` of every call."
    ),
    (
        "`requires` may name `quota` and, where the operation reads, updates or deletes a"
        " record, `record`, at a step that comes late enough."
    ),
    (
        "A name that is asked for too early is a mistake that `emulator check` finds:"
        " [not-yet-known](diagnostics.md#not-yet-known)."
    ),
    "",
    (
        "An expression that fails while a call is answered is a mistake of the spec: the"
        " call gets a problem with status 500 and the title `spec error`, which has the"
        " place, the expression and the values that it met."
    ),
    "",
)


def main() -> int:
    stale = []
    for name, page in pages().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == page:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name}: {'stale' if '--check' in sys.argv else 'made'}")
    return 1 if stale and "--check" in sys.argv else 0


def pages() -> dict[str, str]:
    """The text of every page, by file name."""
    made = {
        "admin-api.md": admin_api.page(),
        "behavior.md": behavior(),
        "commands.md": commands.page(),
        "expressions.md": expressions(),
        "faults.md": faults(),
        "pytest.md": pytest_plugin.page(),
        "python-api.md": python_api.page(),
        "refusals.md": refusals(),
        "scenarios.md": scenarios(),
        "settings.md": settings(),
        "steps.md": steps(),
    }
    found = {name: "\n".join(lines).rstrip() + "\n" for name, lines in made.items()}
    return found | {
        f"providers/{name}": text for name, text in fidelity.pages().items()
    }


def behavior() -> Iterator[str]:
    schema = behavior_schema()
    yield from _title("behavior.yaml", f"{schema['description']}")
    yield "A key in bold is required. A type in brackets is described further down."
    yield ""
    yield from _keys("Top level", schema)
    for name, part in schema["$defs"].items():
        yield from _keys(name, part)


def _keys(title: str, schema: Mapping[str, Json], depth: int = 2) -> Iterator[str]:
    """A heading, what it is for, its keys in a table, and the mappings inside them."""
    yield from ("#" * depth + f" {title}", "")
    if depth > 2 or title != "Top level":
        says = _plain(schema)
        yield from (says, "") if says else ()
    keys = _mapping(schema).get("properties", {})
    required = _mapping(schema).get("required", ())
    if not keys:
        return
    rows = [
        (
            f"**{name}**" if name in required else name,
            _type(one),
            f"`{_word(one['default'])}`" if "default" in one else "",
            one.get("description", ""),
        )
        for name, one in keys.items()
    ]
    yield from _table(("key", "type", "default", "meaning"), rows)
    for name, one in keys.items():
        inner = one.get("items", one)
        if "$ref" not in inner and _mapping(inner).get("properties"):
            where = name if title == "Top level" else f"{title}.{name}"
            yield from _keys(where, inner, 3)


def _mapping(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The schema itself, or the one of its alternatives that has keys."""
    found: Mapping[str, Json] = next(
        (one for one in schema.get("oneOf", ()) if "properties" in one), schema
    )
    return found


def _plain(schema: Mapping[str, Json]) -> str:
    inner = _mapping(schema)
    text = schema.get("description") or inner.get("description") or ""
    kind = "" if "properties" in inner else f" Type: {_type(schema)}."
    return f"{text}{kind}".strip()


def _type(schema: Mapping[str, Json]) -> str:
    """How a value is written: `[duration]`, `list of text`, `` `a` or `b` ``."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "enum" in schema:
        return " or ".join(f"`{_word(one)}`" for one in schema["enum"])
    if "oneOf" in schema:
        return " or ".join(dict.fromkeys(map(_type, schema["oneOf"])))
    kinds = schema.get("type", "any")
    if isinstance(kinds, list):
        return " or ".join(_WORDS.get(one, str(one)) for one in kinds)
    if kinds == "array":
        return f"list of {_type(schema.get('items', {}))}"
    values = schema.get("additionalProperties")
    if kinds == "object" and isinstance(values, dict) and "properties" not in schema:
        return f"mapping to {_type(values)}"
    return _WORDS.get(str(kinds), str(kinds))


_WORDS = {"object": "mapping", "string": "text", "integer": "whole number"}
_WORDS |= {"boolean": "true or false", "array": "list"}


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def expressions() -> Iterator[str]:
    yield from _title(
        "Expressions",
        "What may stand between `${` and `}`: a closed part of Python's expressions.",
        "A value that is only an expression keeps its type; with text around it, it "
        "becomes a text.",
        "`$${` is a plain `${`. A member, an item or a header whose value is `omit` is left out.",
        "Nothing that comes in a request is ever read as an expression.",
        "",
        "An expression makes a text of at most"
        f" {sizes.TEXT} characters and a list of {sizes.ITEMS} items; a loop has"
        f" {sizes.ITEMS} rounds, and one inside of another {sizes.ROUNDS} together.",
        f"`token` and `secret` draw up to {sizes.DRAWN} characters.",
        "One that goes over this fails, and the call is answered with 500.",
    )
    yield from ("## Grammar", "")
    rows = [(node.__name__, text) for node, text in GRAMMAR.items()]
    yield from _table(("node of Python", "what it is here"), rows)
    yield from (
        "## Names",
        "",
        "Everywhere, besides the fields of a record at hand:",
        "",
    )
    yield from _table(("name", "what it is"), _explained(KNOWN_ROOTS, ROOTS))
    yield from ("Where a field of a record has such a name, it is written in full:", "")
    yield from _table(("name", "what it is"), IN_FULL.items())
    yield from ("In `reply` and `effects` of an operation:", "")
    yield from _table(("name", "what it is"), _explained(RESULTS, RESULTS))
    yield from ("In the wording of violations:", "")
    yield from _table(("name", "what it is"), FACTS.items())
    yield from (
        "In `errors.table`, the facts of the refusal: see [refusals.md](refusals.md).",
        "In an effect with `each`, `it` is the item.",
        "In `set` of an update plain names are the fields after the input has been put in; `before` is known there.",
        "In `webhooks`, `record`, `before`, `item` and `event` (`name`, `id`).",
        "In a recipe, `n` is the number of the record, from 1.",
        "There, `fake.` is followed by [a method of Faker](#faker-in-recipes).",
        "",
        *_WHEN_KNOWN,
    )
    yield from _table(("name", "known from"), pipeline.FOUND_BY.items())
    yield from _BY_STEP
    yield from _table(("step", "names that are known before it asks"), _by_step())
    yield from _KNOWN_LATE
    yield from ("## Functions", "")
    yield from _functions(FUNCTIONS)
    yield from ("## Functions of recipes", "")
    lacking = sorted(FUNCTIONS.keys() - RECIPE_FUNCTIONS.keys())
    yield from (f"Without {', '.join(lacking)}; and besides:", "")
    yield from _functions(
        {name: one for name, one in RECIPE_FUNCTIONS.items() if name not in FUNCTIONS}
    )
    yield from ("## Faker in recipes", "")
    yield "`fake.city()` calls the provider of the recipe's `locale` for one value."
    yield (
        "What can be called are methods of these of [Faker's own providers]"
        "(https://faker.readthedocs.io/en/master/providers.html), and nothing else of"
        " Faker; a locale may have more or fewer of them."
    )
    yield ""
    rows = [
        (f"`{package}`" if package else "all", ", ".join(sorted(names or ())) or "all")
        for package, names in sorted(PACKAGES.items())
    ]
    yield from _table(("provider", "what can be called"), rows)
    yield (
        "Arguments and results are JSON values: times come as texts (those without an"
        " offset are in UTC), and what is none fails."
    )
    yield (
        f"A size (`length`, `nb_words`) is at most {MOST_ITEMS:,}, those of one call"
        f" multiply to at most {MOST_TOGETHER:,}, and a call gives at most"
        f" {MOST_MADE:,} characters and items."
    )
    yield (
        "Faker counts many times from the day on which it is run (`date_time`,"
        " `date_of_birth`): where they should be the same tomorrow, write"
        " `shift('2026-03-02', days=-number(0, 30))`,"
        " or [freeze the records](../how-to/add-a-provider.md#3-add-records)."
    )
    yield ""


def _by_step() -> Iterator[tuple[str, str]]:
    """Each step in the default order, with what is known by then besides the call."""
    for step in pipeline.STEPS:
        later = later_than(step, pipeline.STEPS)
        known = [f"`{name}`" for name in pipeline.FOUND_BY if name not in later]
        yield f"`{step}`", ", ".join(["what a call says", *known])
    every = [f"`{name}`" for name in pipeline.FOUND_BY]
    yield "`effects` and `reply`", ", ".join(["what a call says", *every])


def _explained(
    names: Iterable[str], meanings: Mapping[str, str]
) -> list[tuple[str, str]]:
    return [(name, meanings[name]) for name in sorted(names)]


def _functions(functions: Mapping[str, Function]) -> Iterator[str]:
    rows = [(f"`{one.signature}`", one.help) for one in functions.values()]
    return _table(("function", "what it gives"), rows)


def refusals() -> Iterator[str]:
    yield from _title(
        "Refusals",
        "The codes that a call can be refused with, by the step that does it.",
        "They are the keys of `errors.table`, what `X-Emulator-Refuse` takes, and what a "
        "journal shows.",
        "A refusal that is asked for comes where its step asks: what an earlier step refuses is "
        "refused for that, and a body that is missing or wrong has no credits to lack.",
        "The facts are names that the wording of a refusal may use.",
    )
    rows = [
        (f"`{code}`", kind.step, kind.when, ", ".join(kind.facts))
        for code, kind in pipeline.REFUSALS.codes.items()
    ]
    for prefix, kind in pipeline.REFUSALS.families.items():
        if prefix:
            code = f"`{prefix}<{kind.facts[0]}>`"
            rows.append((code, kind.step, kind.when, ", ".join(kind.facts)))
    yield from _table(("code", "step", "when", "facts"), rows)
    yield "A spec may add codes of its own wherever it says `refuse:` or `missing:`."


def faults() -> Iterator[str]:
    yield from _title(
        "Faults",
        "What can go wrong on purpose, by the text that names it.",
        "`X-Emulator-Fault` takes such texts, with commas between them; `fault` of a "
        "scenario and of a rule of the admin API takes one, or a list of them.",
        "Lengths of time have a unit (`ms`, `s` or `m`; a bare number is seconds) and end at an hour.",
    )
    rows = [(f"`{form}`", says) for form, says in FORMS.items()]
    yield from _table(("fault", "what the client sees"), rows)
    yield (
        "A time that is drawn comes from the world's chance, when a call is struck: "
        "the same seed gives the same times, and the journal tells them."
    )


def scenarios() -> Iterator[str]:
    schema = scenarios_schema()
    yield from _title(
        "scenarios.yaml",
        schema["description"],
        "It is a mapping of names to what is described here under `scenario`.",
        "A key in bold is required. A type in brackets is described further down.",
    )
    for name, part in schema["$defs"].items():
        yield from _keys(name, part)


def settings() -> Iterator[str]:
    yield from _title(
        "Settings",
        "How the emulator runs; how a provider behaves is a spec.",
        "A flag wins over a variable, a variable over the default.",
    )
    rows = [
        (f"`{one.flag}`", f"`{one.variable}`", _default(one.default), one.help)
        for one in table()
    ]
    yield from _table(("flag", "variable", "default", "meaning"), rows)


def _default(value: Json) -> str:
    return "" if value in ("", ()) else f"`{_word(value)}`"


def steps() -> Iterator[str]:
    yield from _title(
        "Steps",
        "What happens to every call, in order.",
        "A call walks down the first table until a step refuses it, and then down the "
        "whole of the second.",
        "`order` of behavior.yaml changes the order of the first.",
        "What a step does for a provider is said by the keys of behavior.yaml that stand "
        "beside it; `{operation}`, `{scheme}` and the like are those of the call.",
    )
    yield from ("## Decide", "")
    head = ("step", "question", "said by", "refuses with")
    rows = [(*_step(step), _refused_by(step)) for step in pipeline.DECIDE]
    yield from _table(head, rows)
    yield from ("## Finish", "")
    yield from _table(head[:3], map(_step, pipeline.FINISH))


def _step(step: Step | Finish) -> tuple[str, str, str]:
    """A step's name, its question, and the keys of behavior.yaml that answer it."""
    keys = ", ".join(f"`{key}`" for key in step.keys)
    return f"`{step.name}`", step.question, keys


def _refused_by(step: Step) -> str:
    """What a step refuses with, each with its facts, and what a spec adds to that."""
    of_states = {f"{one}&lt;state>": step.families[one] for one in step.families if one}
    codes = {**step.codes, **of_states}
    found = [
        f"{code} ({', '.join(about.facts)})" if about.facts else code
        for code, about in codes.items()
    ]
    return ", ".join(filter(None, (*found, step.of_spec)))


def _title(title: str, *sentences: str) -> Iterator[str]:
    yield from (f"# {title}", "", "<!-- Made by docs/generate.py: do not edit. -->", "")
    yield from (*sentences, "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""


if __name__ == "__main__":
    sys.exit(main())
