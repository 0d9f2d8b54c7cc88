"""Generated values: what is made of any schema is one of its values, says jsonschema."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from time import process_time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from emulator.generation.directions import REQUEST
from emulator.generation.failures import NotGenerated
from emulator.generation.values import Generator
from emulator.program.schemas import Schema

NAMES = ("id", "name", "email", "tags", "price", "x-more", "created_at", "kids")
FORMATS = ("date", "email", "uuid", "ipv4", "ipv6", "byte")
"""Those that jsonschema knows by itself, and one that is unknown to it."""
PATTERNS = (
    "^[A-Z]{2}-\\d{4}$",
    "^(?:ab|cd)+$",
    "^[^\\s@]+@[a-z]+\\.[a-z]{2,3}$",
    "^x-",
    "[0-9]$",
    "^(a)(b)\\1\\2$",
    "^.{3,5}$",
    "",
)


def bounded(low: str, high: str, most: int) -> Any:
    pairs = st.tuples(st.integers(0, most), st.integers(0, most)).map(sorted)
    return st.one_of(
        st.just({}),
        pairs.map(lambda pair: {low: pair[0], high: pair[1]}),
        pairs.map(lambda pair: {low: pair[0]}),
        pairs.map(lambda pair: {high: pair[1]}),
    )


TEXTS = st.one_of(
    bounded("minLength", "maxLength", 40).map(lambda more: {"type": "string", **more}),
    st.sampled_from(FORMATS).map(lambda name: {"type": "string", "format": name}),
    st.sampled_from(PATTERNS).map(lambda text: {"type": "string", "pattern": text}),
)
NUMBERS = st.builds(
    lambda kind, bounds, step: {"type": kind, **bounds, **step},
    st.sampled_from(["integer", "number"]),
    st.one_of(
        bounded("minimum", "maximum", 100),
        bounded("exclusiveMinimum", "maximum", 30),
    ),
    st.sampled_from(
        [{}, {"multipleOf": 3}, {"multipleOf": 0.25}, {"multipleOf": 0.01}]
    ),
)
LEAVES = st.one_of(
    TEXTS,
    NUMBERS,
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({}),
    st.just(True),
    st.just({"$ref": "#/$defs/Node"}),
    st.lists(
        st.sampled_from([None, 1, 2.5, "a", True, [], {}]), min_size=1, max_size=3
    ).map(lambda values: {"enum": values}),
)


def composed(inner: Any) -> Any:
    members = st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    lists = st.builds(
        lambda items, bounds, unique, prefix: {
            "type": "array", "items": items, **bounds, **unique, **prefix,
        },
        inner,
        bounded("minItems", "maxItems", 4),
        st.sampled_from([{}, {"uniqueItems": True}]),
        st.one_of(st.just({}), st.lists(inner, min_size=1, max_size=2).map(
            lambda parts: {"prefixItems": parts})),
    )  # fmt: skip
    objects = st.builds(
        lambda properties, required, more, needs, patterns, dependent: {
            "type": "object",
            "properties": properties,
            "required": [name for name in properties if name in required],
            **more, **needs, **patterns, **dependent,
        },
        members,
        st.sets(st.sampled_from(NAMES)),
        st.one_of(st.just({}), st.just({"additionalProperties": False}), inner.map(
            lambda part: {"additionalProperties": part}),
            st.just({"unevaluatedProperties": False}),
            st.just({"minProperties": 2}), st.just({"maxProperties": 2})),
        st.sampled_from([{}, {"dependentRequired": {"name": ["email"], "email": ["id"]}}]),
        st.one_of(st.just({}), inner.map(lambda part: {"patternProperties": {"^x-": part}})),
        st.one_of(st.just({}), inner.map(lambda part: {"dependentSchemas": {"id": part}})),
    )  # fmt: skip
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        lists,
        objects,
        objects,
        several.map(lambda parts: {"allOf": parts}),
        several.map(lambda parts: {"anyOf": parts}),
        several.map(lambda parts: {"oneOf": parts}),
        inner.map(lambda part: {"not": part}),
        st.tuples(inner, inner, inner).map(
            lambda three: {"if": three[0], "then": three[1], "else": three[2]}
        ),
        st.tuples(inner, inner).map(
            lambda two: {**lists_of(two[0]), "contains": two[1]}
        ),
        st.tuples(objects, objects).map(lambda two: {**two[0], "allOf": [two[1]]}),
    )


def lists_of(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


SCHEMAS = st.recursive(LEAVES, composed, max_leaves=8)
NODE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
        "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Node"}]},
    },
}


@settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])
@given(schema=SCHEMAS, dynamic=st.booleans())
def test_what_is_generated_fits(schema: Any, dynamic: bool) -> None:
    """A schema may have no value: then there is none, and a reason."""
    whole = {"allOf": [schema], "$defs": {"Node": NODE}}
    try:
        value = Generator(whole).value("seed", dynamic=dynamic)
    except NotGenerated:
        return

    validator = Draft202012Validator(
        whole, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(value)] == []


HOSTILE: Any = [
    ({"type": "array", "minItems": 10**9}, "a list of at least 1000000000 items"),
    ({"type": "string", "minLength": 10**9}, "a text of at least 1000000000 characters"),
    ({"type": "object", "minProperties": 10**9}, "an object of at least 1000000000"),
    ({"type": "string", "pattern": "^a{99999999}$"}, "the schema is none"),
    ({"type": "integer", "minimum": 3, "maximum": 2}, "no number is within its bounds"),
    ({"type": "integer", "minimum": 2**63, "maximum": 2**64}, "has more than 64 bits"),
    ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength is 3 and maxLength 2"),
    ({"not": {}}, "nothing is allowed"),
    ({"allOf": [{"type": "string"}, {"type": "object"}]}, "its types exclude each other"),
    ({"enum": []}, "none of its values is allowed"),
    ({"$ref": "#/$defs/A", "$defs": {"A": {
        "type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/A"}}}}},
     "values are more than 60 levels deep"),
    ({"type": "object", "required": ["a"], "properties": {"a": False}}, "nothing is allowed"),
    ({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "boolean"}},
     "there are not enough different items"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "why"), HOSTILE)
def test_what_cannot_be_made_is_told_in_time(schema: Any, why: str) -> None:
    before = process_time()
    with pytest.raises(NotGenerated, match=re.escape(why)):
        Generator(schema).value("seed")
    assert process_time() - before < 5


def test_what_leads_back_to_itself_ends() -> None:
    """Each level has three parts that lead back: what is optional is left out."""
    definition = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            **{f"part{at}": {"$ref": "#/$defs/A"} for at in range(3)},
            "list": {"type": "array", "items": {"$ref": "#/$defs/A"}},
        },
    }
    value = Generator({"$ref": "#/$defs/A", "$defs": {"A": definition}}).value("seed")

    assert list(value) == ["name", "list"]
    assert value["list"] == []


def test_wide_and_deep_schemas_are_bounded() -> None:
    wide = {"type": "object", "properties": {f"p{at}": {} for at in range(5_000)}}
    deep: Any = {"type": "string"}
    for _ in range(40):
        deep = {"type": "array", "items": deep}
    levels: Any = {"L0": {"type": "string"}}
    for at in range(12):
        inner = {f"p{number}": {"$ref": f"#/$defs/L{at}"} for number in range(10)}
        levels[f"L{at + 1}"] = {"type": "object", "properties": inner}
    tree = {"$ref": "#/$defs/L12", "$defs": levels}

    assert len(Generator(wide).value("seed")) <= 200
    assert Generator(deep).value("seed")
    before = process_time()
    assert len(orjson.dumps(Generator(tree).value("seed"))) < 10**6
    assert process_time() - before < 5


def test_members_that_may_be_expanded_cost_no_more_than_they_are() -> None:
    """Of sixty definitions that lead to one another, each is compiled a few times at most."""
    many = 60
    definitions = {
        f"D{at}": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "note": {"type": "string", "example": "hi"},
                **{
                    f"part{part}": {"anyOf": [
                        {"$ref": f"#/$defs/D{(at * 7 + part * 11 + 1) % many}"},
                        {"type": "string", "maxLength": 50},
                    ]}
                    for part in range(8)
                },
            },
        }
        for at in range(many)
    }  # fmt: skip
    before = process_time()
    schema = {"$ref": "#/$defs/D0", "$defs": definitions}
    value = Generator(schema).value("seed")

    assert process_time() - before < 2  # it took four seconds, and half a gigabyte
    assert Schema(schema).is_valid(value)
    assert isinstance(value["part0"]["part0"]["part0"], dict)


def test_prices_are_multiples_for_those_too_who_divide_floats() -> None:
    """17.22 / 0.01 is 1721.9999999999998."""
    generator = Generator({"type": "number", "multipleOf": 0.01, "maximum": 99})
    prices = [generator.value(f"seed {at}") for at in range(200)]

    assert [price for price in prices if not (price / 0.01).is_integer()] == []
    assert len({*prices}) > 150


def test_a_reply_has_nothing_that_is_write_only() -> None:
    schema = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "password": {"type": "string", "writeOnly": True},
        },
    }

    assert list(Generator(schema).value("seed")) == ["id"]
    assert list(Generator(schema, REQUEST).value("seed")) == ["password"]


def test_examples_and_defaults_are_taken_where_they_fit() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "example": "Ada"},
            "age": {"type": "integer", "examples": ["old", 36]},
            "kind": {"type": "string", "default": "user"},
            "size": {"type": "integer", "example": "big"},
        },
    }
    value, dynamic = (
        Generator(schema).value("s", dynamic=dynamic) for dynamic in (0, 1)
    )

    assert {**value, "size": 0} == {"name": "Ada", "age": 36, "kind": "user", "size": 0}
    assert isinstance(value["size"], int)
    assert dynamic["name"] != "Ada"


def test_names_say_what_members_hold() -> None:
    names = ("email", "city", "createdAt", "website_url", "phone")
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
    }
    value = Generator(schema).value("seed")

    assert re.fullmatch(r"[a-z.0-9]+@example\.com", value["email"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", value["createdAt"])
    assert value["website_url"].startswith("https://")


LIKELY = {
    "iban": r"[A-Z]{2}\d{2}[A-Z0-9]{18,}",
    "lastFour": r"\d{4}",
    "expiry_month": r"0[1-9]|1[0-2]",
    "expiryYear": r"203\d",
    "address_line1": r"\d+ .+",
    "currencyCode": r"[A-Z]{3}",
    "date_of_birth": r"(19[5-9]\d|200[0-4])-\d\d-\d\d",
    "unit_price": r"\d+\.\d\d",
    "hostname": r"[a-z]+\.example",
    "mime_type": r"[a-z]+/[a-z]+",
    "reason": r"[A-Z][A-Za-z ]+[.!]",
}


def test_names_of_payments_places_and_people_say_what_they_hold() -> None:
    properties = {name: {"type": "string"} for name in LIKELY}
    generator = Generator({"type": "object", "properties": properties})

    for at in range(20):
        value = generator.value(f"seed {at}")
        wrong = [name for name in LIKELY if not re.fullmatch(LIKELY[name], value[name])]
        assert wrong == [], value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "integer"},
    ],
)
def test_nothing_ends_before_it_has_begun(schema: Any) -> None:
    order = ("created_at", "updated_at", "expires_at")
    properties = dict.fromkeys(reversed(order), schema)
    generator = Generator({"type": "object", "properties": properties})

    for at in range(50):
        value = generator.value(f"seed {at}")
        assert value["created_at"] < value["updated_at"] < value["expires_at"]


@pytest.mark.parametrize(
    "pattern",
    ["^\\p{L}+$", "^[\\w.-]+@[\\w-]+$", "^(?=.*[A-Z])(?=.*\\d)\\w{8,}$", "\\bcat\\b",
     "^(\\d{4})-\\1$", "^[^a-z]{3}$", "^\\u00e4+$", "^#(?:[0-9a-f]{3}){1,2}$"],
)  # fmt: skip
def test_patterns_of_ecma_262(pattern: str) -> None:
    value = Generator({"type": "string", "pattern": pattern}).value("seed")

    assert Schema({"pattern": pattern}).is_valid(value)


def test_the_same_seed_gives_the_same_in_another_process() -> None:
    script = (
        "import sys, orjson\n"
        "from emulator.generation.values import Generator\n"
        "schema = orjson.loads(sys.argv[1])\n"
        "sys.stdout.buffer.write(orjson.dumps(Generator(schema).value('seed')))\n"
    )
    parts = {name: {"type": "string"} for name in NAMES}
    schema = {
        "type": "object",
        "properties": parts,
        "dependentRequired": {"id": ["name"]},
    }
    given = orjson.dumps(schema).decode()
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, given],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert outputs == {orjson.dumps(Generator(schema).value("seed"))}


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"type": "integer"}, "contains": {"const": 3}, "minContains": 2, "maxContains": 3},
        {"type": "array", "uniqueItems": True, "items": {"enum": [1, 2, 3]}, "minItems": 3},
        {"type": "object", "unevaluatedProperties": {"type": "integer"}, "minProperties": 2},
        {"prefixItems": [{"type": "string"}], "unevaluatedItems": {"type": "integer"}, "minItems": 3},
        {"required": ["b"], "allOf": [{"properties": {"b": {}}}], "unevaluatedProperties": False},
        {"type": "string", "format": "email", "pattern": "@acme\\.com$", "minLength": 20, "maxLength": 30},
        {"type": "string", "format": "date-time", "pattern": "Z$", "minLength": 24},
        {"type": "number", "multipleOf": 0.3, "exclusiveMinimum": 0, "maximum": 0.3},
        {"oneOf": [{"const": 1}, {"enum": [1, 2]}]},
        {"type": "array", "minItems": 3, "uniqueItems": True},
        {"if": {"type": "integer"}, "then": {"enum": ["a"]}, "else": {"type": ["array", "integer"]}},
        {"if": {"const": None}, "then": {"type": "string"}, "else": {"type": ["boolean", "null"]}},
    ],
)  # fmt: skip
def test_keywords_that_are_rare(schema: Any) -> None:
    for seed in range(3):
        assert Schema(schema).is_valid(Generator(schema).value(str(seed)))


def test_a_type_that_is_none_is_told() -> None:
    with pytest.raises(NotGenerated):
        Generator({"type": []}).value("1")
