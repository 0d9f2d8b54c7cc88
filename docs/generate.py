"""Generate: write the reference pages that say what the code says.

python docs/generate.py            write them
python docs/generate.py --check    tell whether they are as they should be
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import admin_api
import commands
import fidelity
import pictures
import pytest_plugin
import python_api

from emulator import pipeline
from emulator.admin.agents import guide
from emulator.compile import operations
from emulator.compile.faking import MOST_ITEMS, MOST_MADE, MOST_TOGETHER, PACKAGES
from emulator.compile.fixtures import RECIPE_FUNCTIONS
from emulator.compile.names import later_than
from emulator.compile.program import ROOTS as KNOWN_ROOTS
from emulator.inference import KINDS
from emulator.language import sizes
from emulator.language.function import Function
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import GRAMMAR
from emulator.language.static_scope import REQUEST
from emulator.program.rate_limits import LIMIT, QUOTA
from emulator.program.violations import FACTS
from emulator.settings import table
from emulator.spec.keywords import for_editors
from emulator.spec.structure import behavior_schema, scenarios_schema
from emulator.step import Finish, Step
from emulator.world.fault import FORMS

Json = Any

FOLDER = Path(__file__).parent / "reference"

ROOTS = {
    "authenticated": "whether the caller's credential was accepted",
    "base_url": "the part before the path in absolute addresses of this call",
    "body": "the request body, with defaults; if it is neither JSON nor a form nor a text, only its `size`",
    "caller": "the record of the accepted credential; null before that",
    "client": "the caller's IP address",
    "cookie": "the cookies that openapi.yaml declares",
    "header": "the headers that openapi.yaml declares",
    "header_lines": "every header as it was sent, as text: `header_lines['content-type']`; names are in lower case, and lines of the same name are joined by `, `",
    "host": "the parts of the host that have names: `host.shop` for `hosts: [\"{shop}.acme.example\"]`; below the provider's name, the defaults of the server's variables",
    "matched": "the records of a list, of all its pages",
    "method": "the request's method",
    "now": "the time of the world's clock: `2024-02-05T14:30:00Z`",
    "operation_id": "the operationId; null if the path has none",
    "path": "the path's parameters",
    "query": "the query's parameters",
    "raw_body": "the body as it was sent, as a text in UTF-8, without its Content-Encoding; U+FFFD where it is no UTF-8",
    "raw_body_base64": "the same in base64, byte for byte: `hash(raw_body_base64, text_as='base64')`",
    "raw_path": "the path as it was sent",
    "raw_query": "the query as it was sent, percent-encoded, without `?`; empty if there is none",
    "refused": "the code of the refusal; null if the call was not refused",
    "request_id": "the identifier of this call",
    "server": "the variables of the OpenAPI server that was called: `server.version`",
    "quota": "how the limit stands that has the least left, of those that count this call;"
    f" null without one: {', '.join(sorted(QUOTA))}",
    "quotas": "how each limit stands for this caller, by the limit's name, whether or not"
    f" it counts this call: {', '.join(sorted(LIMIT))}",
}
IN_FULL = {
    "request": f"the request, even if a field of the record has the same name: {', '.join(sorted(REQUEST))}",
    "this": "the record: `this.body` is its field, even if the request has one of that name, and"
    " `this` alone is all of it: `without(this, ['password'])`",
}
RESULTS = {
    "before": "the record as it was before an update",
    "item": "the action's record, as its view shows it, or whole without a view",
    "items": "the records of this page, as their view shows them, or whole without a view",
    "page": f"of a list: {', '.join(sorted(operations.PAGE))}",
    "record": "the action's record, as it is stored",
    "results": "the records of this page, as they are stored",
}


_WHEN_KNOWN = (
    "## When a name is known",
    "",
    (
        "The values of the call (`path`, `query`, `header`, `cookie`, `body`, and `raw_query`, `raw_body`, `header_lines`) are available"
        " at every step, and are read when they are first used."
    ),
    "A value that cannot be read is empty; the step that owns it refuses the call.",
    "Other names are available from a certain step on, in the `order` of the provider:",
    "",
)
_BY_STEP = (
    "In the default order of the [steps](steps.md), that is:",
    "",
)
_KNOWN_LATE = (
    (
        "`refused` is available after all steps: in `errors`, `headers` and the `effects`"
        " of every call."
    ),
    (
        "`requires` can use `quota` and, if the operation reads, updates or deletes a"
        " record, `record`, at a step that comes late enough."
    ),
    (
        "`emulator check` reports a name that is used too early:"
        " [not-yet-known](diagnostics.md#not-yet-known)."
    ),
    "",
    (
        "If an expression fails during a call, that is a mistake in the spec: the reply is"
        " a problem document with status 500 and the title `spec error`, which has the"
        " place, the expression and its values."
    ),
    (
        "Before `validate`, parameters and bodies may still be wrong: `query.page * 10`"
        " fails with `?page=twelve`. A call that is wrong by its schema is then refused for"
        " that, as it would have been later, and the journal names the expression."
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
    if pictures.stale():
        print("docs/how-to/*.png: the console has changed: python docs/pictures.py")
    return 1 if (stale or pictures.stale()) and "--check" in sys.argv else 0


def pages() -> dict[str, str]:
    """The text of every page, by file name."""
    made = {
        "admin-api.md": admin_api.page(),
        "behavior.md": behavior(),
        "behavior.schema.json": editor_schema(behavior_schema()),
        "scenarios.schema.json": editor_schema(scenarios_schema()),
        "commands.md": commands.page(),
        "expressions.md": expressions(),
        "faults.md": faults(),
        "llms.txt": guide("http://127.0.0.1:8080").splitlines(),
        "inferences.md": inferences(),
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


def editor_schema(schema: Mapping[str, Json]) -> Iterator[str]:
    """A JSON Schema for an editor."""
    made = {"$comment": "Made by docs/generate.py: do not edit.", **for_editors(schema)}
    yield from json.dumps(made, indent=2, ensure_ascii=False).splitlines()


def behavior() -> Iterator[str]:
    schema = behavior_schema()
    yield from _title("behavior.yaml", f"{schema['description']}")
    yield "Keys in bold are required; linked types are described below."
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
        if "x-moved" not in one
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
        return " or ".join(_WORDS.get(kind, str(kind)) for kind in kinds)
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
        "Expressions stand between `${` and `}`, and are a restricted subset of Python's.",
        "A value that consists of one expression keeps its type; with text around it, it "
        "becomes a text.",
        "`$${` stands for a literal `${`. A member, an item or a header whose value is `omit` is left out.",
        "Text from a request is never evaluated as an expression.",
        "",
        "An expression can produce a text of at most"
        f" {sizes.TEXT} characters and a list of at most {sizes.ITEMS} items; a loop has"
        f" at most {sizes.ITEMS} rounds, and two nested loops at most {sizes.ROUNDS} together.",
        f"`token` and `secret` return at most {sizes.DRAWN} characters.",
        "An expression that exceeds a limit fails, and the reply is 500.",
    )
    yield from ("## Grammar", "")
    rows = [(node.__name__, text) for node, text in GRAMMAR.items()]
    yield from _table(("Python syntax node", "meaning"), rows)
    yield from (
        "## Names",
        "",
        "Everywhere, in addition to the fields of the current record:",
        "",
    )
    yield from _table(
        ("name", "what it is"), _explained([*KNOWN_ROOTS, "host", "server"], ROOTS)
    )
    yield from ("If a field of the record has one of these names, write:", "")
    yield from _table(("name", "what it is"), IN_FULL.items())
    yield from ("In `reply` and `effects` of an operation:", "")
    yield from _table(("name", "what it is"), _explained(RESULTS, RESULTS))
    yield from ("In the messages of violations:", "")
    yield from _table(("name", "what it is"), FACTS.items())
    yield from (
        "In `errors.table`, the facts of the refusal are available: see [refusals.md](refusals.md).",
        "In an effect with `each`, `it` is the item.",
        "In `set` of an update, plain names are the fields after the input was merged in; `before` is the record before the update.",
        "In `webhooks`, what the reply can use is available, and `before` and `event` (`name`, `id`); where a move that time makes causes the event, no name of a call is.",
        "In a recipe, `n` is the number of the record, from 1.",
        "In a recipe, `fake.` is followed by [a method of Faker](#faker-in-recipes).",
        "",
        *_WHEN_KNOWN,
    )
    yield from _table(("name", "available from"), pipeline.FOUND_BY.items())
    yield from _BY_STEP
    yield from _table(("step", "names available to it"), _by_step())
    yield from _KNOWN_LATE
    yield from ("## Functions", "")
    yield from _functions(FUNCTIONS)
    yield from ("## Functions of recipes", "")
    lacking = sorted(FUNCTIONS.keys() - RECIPE_FUNCTIONS.keys())
    yield from (
        f"Recipes have all functions except {', '.join(lacking)}, and in addition:",
        "",
    )
    yield from _functions(
        {name: one for name, one in RECIPE_FUNCTIONS.items() if name not in FUNCTIONS}
    )
    yield from ("## Faker in recipes", "")
    yield "`fake.city()` returns one value of Faker, in the recipe's `locale`."
    yield (
        "You can call methods of these of [Faker's own providers]"
        "(https://faker.readthedocs.io/en/master/providers.html), and nothing else of"
        " Faker; a locale may have more or fewer of them."
    )
    yield ""
    rows = [
        (f"`{package}`" if package else "all", ", ".join(sorted(names or ())) or "all")
        for package, names in sorted(PACKAGES.items())
    ]
    yield from _table(("provider", "methods"), rows)
    yield (
        "Arguments and results are JSON values: times are texts (in UTC if they have no"
        " offset), and a result that is not a JSON value fails."
    )
    yield (
        f"A size (`length`, `nb_words`) is at most {MOST_ITEMS:,}, those of one call"
        f" multiply to at most {MOST_TOGETHER:,}, and a call gives at most"
        f" {MOST_MADE:,} characters and items."
    )
    yield (
        "Many of Faker's times are relative to the present day (`date_time`,"
        " `date_of_birth`). To get the same times tomorrow, write"
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
    rows = [
        (f"`{function.signature}`", function.help) for function in functions.values()
    ]
    return _table(("function", "what it gives"), rows)


def refusals() -> Iterator[str]:
    yield from _title(
        "Refusals",
        "The codes with which a call can be refused, by the step that refuses it.",
        "The same codes are the keys of `errors.table`, the values of `X-Emulator-Refuse`, and "
        "`refusal` in the journal.",
        "A forced refusal happens at its step, so if an earlier step refuses the call, its refusal "
        "is the one that the client gets.",
        "The facts are names that the text of a refusal can use.",
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
    yield "A spec can add its own codes wherever it has `refuse:` or `missing:`."


def faults() -> Iterator[str]:
    yield from _title(
        "Faults",
        "Faults that you can cause, and how to write each.",
        "The header `X-Emulator-Fault` has one or several of them, separated by commas; `fault` of a "
        "rule, in a scenario or in the admin API, has one of them or a list.",
        "Durations have a unit (`ms`, `s` or `m`; a number alone is in seconds) and are at most an hour.",
    )
    rows = [(f"`{form}`", says) for form, says in FORMS.items()]
    yield from _table(("fault", "what the client sees"), rows)
    yield (
        "Random times come from the world's seeded generator: "
        "the same seed gives the same times, and the journal shows them."
    )


def inferences() -> Iterator[str]:
    yield from _title(
        "Inferences",
        "What is inferred of an OpenAPI document, by `--openapi FILE` and by `emulator init NAME"
        " --openapi FILE`: all of it as parts of `behavior.yaml`, `scenarios.yaml` and fixtures.",
        "`--without` leaves a kind out, an operation, or a kind at an operation:"
        " `--without pages,deletePet,filters:listPets`.",
        "How to read and refine it is in"
        " [emulate-an-openapi-document.md](../how-to/emulate-an-openapi-document.md).",
    )
    rows = [(f"`{kind.name}`", kind.from_what, kind.gives) for kind in KINDS.values()]
    yield from _table(("kind", "looks at", "writes"), rows)
    yield "Whatever is left is answered from the document: `unlisted: stateless`."


def scenarios() -> Iterator[str]:
    schema = scenarios_schema()
    yield from _title(
        "scenarios.yaml",
        schema["description"],
        "The file maps names to scenarios; `scenario` below describes each.",
        "Keys in bold are required; linked types are described below.",
    )
    for name, part in schema["$defs"].items():
        yield from _keys(name, part)


def settings() -> Iterator[str]:
    yield from _title(
        "Settings",
        "Settings control how the emulator runs; a spec controls how a provider behaves.",
        "A flag wins over its variable, and the variable over the default.",
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
        "`order` of behavior.yaml changes the order of the first table.",
        "The keys of behavior.yaml beside a step control what it does; `{operation}`, "
        "`{scheme}` and the like stand for those of the call.",
    )
    yield from ("## Decide", "")
    head = ("step", "question", "keys of behavior.yaml", "refuses with")
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
    of_states = {
        f"{family}&lt;state>": step.families[family]
        for family in step.families
        if family
    }
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
