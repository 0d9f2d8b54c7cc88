"""Structure: `behavior.yaml` held against its JSON Schema, and what is sound of it.

What has the wrong shape is reported and taken out, so that the rest can still be
compiled and checked: an author is told of all mistakes at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from emulator.diagnostics import Report, did_you_mean, nearest
from emulator.json_type import Json
from emulator.spec.document import Document, Pointer, kind_of
from emulator.spec.keywords import Keywords, keywords

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}


_BEGINS = (
    "a behavior is a mapping with `provider` and `operations`",
    "start it with `provider: <name>`",
)
_BEGINS_WITH_NAMES = (
    "its keys are the names of what it describes",
    "start it with `<name>: {says: ...}`",
)


def behavior_keywords() -> Keywords:
    """The JSON Schema of `behavior.yaml`."""
    return keywords("behavior.schema.json")


def scenarios_keywords() -> Keywords:
    """The JSON Schema of `scenarios.yaml`."""
    return keywords("scenarios.schema.json")


def behavior_schema() -> Mapping[str, Json]:
    """The JSON Schema of `behavior.yaml`."""
    return behavior_keywords().schema


def scenarios_schema() -> Mapping[str, Json]:
    """The JSON Schema of `scenarios.yaml`."""
    return scenarios_keywords().schema


def check_structure(
    behavior: Document, report: Report, schema: Mapping[str, Json] | None = None
) -> tuple[Document | None, frozenset[str]]:
    """Report what has the wrong shape. The answer is the rest, and what is missing in it:
    the names that were taken out, of which nothing more need be said.

    *schema* is that of `behavior.yaml`, when it is not another one.
    """
    if not isinstance(behavior.data, dict):
        report.add(
            behavior.diagnostic(
                (),
                "yaml-not-a-mapping",
                f"the file holds {kind_of(behavior.data)}, not a mapping",
                *(_BEGINS if schema is None else _BEGINS_WITH_NAMES),
            )
        )
        return None, frozenset()
    schema = schema or behavior_schema()
    if _is_sound(schema, behavior.data):
        return behavior, frozenset()
    # It is slow, and says what is wrong better: it is imported for what is not sound.
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)
    errors = _mistakes(validator, behavior.data)
    for error in errors:
        _report(behavior, error, report)
    sound = deepcopy(behavior.data) if errors else behavior.data
    taken: set[str] = set()
    while errors:
        cut = [pointer for error in errors for pointer in _faulty(error)]
        gone = sum(_take_out(sound, pointer, taken) for pointer in cut)
        if not gone:
            break
        errors = _mistakes(validator, sound)
    return replace(behavior, data=sound), frozenset(taken)


def _is_sound(schema: Mapping[str, Json], data: Json) -> bool:
    """Whether *data* fits *schema*, one of the schemas that are never discarded."""
    known = _VALIDATORS.get(id(schema))
    if known is None:
        from jsonschema_rs import Draft202012Validator

        known = _VALIDATORS[id(schema)] = schema, Draft202012Validator(dict(schema))
    try:
        return bool(known[1].is_valid(data))
    except ValueError:  # a number beyond all measure, say
        return False


_VALIDATORS: dict[int, tuple[Mapping[str, Json], Any]] = {}
"""Validators by the identity of their schemas, which they hold."""


def _mistakes(validator: Any, data: Json) -> list[Any]:
    return [leaf for error in validator.iter_errors(data) for leaf in _leaves(error)]


def _leaves(error: Any) -> Iterator[Any]:
    """The errors inside a `oneOf` that come nearest to what was meant."""
    if error.validator not in ("oneOf", "anyOf") or not error.context:
        yield error
        return
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    deepest = max(
        branches.values(),
        key=lambda found: max(
            (len(cause.absolute_path), cause.validator != "type") for cause in found
        ),
    )
    if all(_is_of_kind(cause) and not cause.path for cause in deepest):
        yield error
        return
    for inner in deepest:
        yield from _leaves(inner)


def _is_of_kind(error: Any) -> bool:
    """Whether the value is of another kind than the one that would do."""
    is_word = error.validator in ("enum", "const")
    return error.validator == "type" or (
        is_word and not isinstance(error.instance, str)
    )


def _faulty(error: Any) -> Iterator[Pointer]:
    """What must go so that this *error* goes."""
    pointer = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        for name in set(error.instance) - set(error.schema.get("properties", {})):
            yield (*pointer, name)
    elif pointer:
        yield pointer


def _take_out(data: Json, pointer: Pointer, taken: set[str]) -> bool:
    """Remove what stands at *pointer*; an item takes its whole list with it, since
    places are counted. The answer says whether there was anything."""
    while pointer and isinstance(pointer[-1], int):
        pointer = pointer[:-1]
    for part in pointer[:-1]:
        inside = part in data if isinstance(data, dict) else isinstance(data, list)
        if not inside:
            return False
        data = data[part]
    if not pointer or not isinstance(data, dict) or pointer[-1] not in data:
        return False
    del data[pointer[-1]]
    taken.add(str(pointer[-1]))
    return True


def _report(behavior: Document, error: Any, report: Report) -> None:
    pointer = tuple(error.absolute_path)
    where = ".".join(map(str, pointer)) or behavior.file.rpartition("/")[2]
    schema = error.schema if isinstance(error.schema, dict) else {}
    says = _says(pointer[-1] if pointer else "", schema)
    if error.validator == "additionalProperties":
        known = schema.get("properties", {})
        for name in sorted(set(error.instance) - set(known)):
            report.add(
                behavior.diagnostic(
                    (*pointer, name),
                    "unknown-key",
                    f"{name!r} is not a key of {where}",
                    f"it accepts {', '.join(sorted(known))}",
                    _where_it_is(name, known) or did_you_mean(name, known),
                    key=True,
                )
            )
        return
    if error.validator == "required":
        for name in error.validator_value:
            if name in error.instance:
                continue
            report.add(
                behavior.diagnostic(
                    pointer,
                    "missing-key",
                    f"{where} has no {name!r}",
                    _says(name, schema.get("properties", {}).get(name, {})),
                    f"add `{name}:`",
                    key=True,
                )
            )
        return
    kind = kind_of(error.instance)
    if error.validator == "enum":
        code, what = "unknown-value", f"{error.instance!r} is not a value of {where}"
        fix = did_you_mean(error.instance, map(str, error.validator_value))
        if error.instance is None and "null" in error.validator_value:
            fix = 'put it in quotes: "null"'
    elif error.validator in ("type", "oneOf"):
        code, what = "wrong-type", f"{where} is {kind}"
        fix = _retyped(error) or f"write {' or '.join(_wanted(error))}"
    else:
        code, what = "wrong-form", f"{where} is {_shown(error)}"
        form = _FORMS.get(error.validator, "write it as that says")
        fix = form.format(error.validator_value)
        if schema.get("pattern") == _DURATION:
            fix = _near_word(error) or (
                f"write a number and its unit: `{_duration(error.instance) or '5m'}`"
            )
    report.add(behavior.diagnostic(pointer, code, what, says, fix))


_FORMS = {
    "minimum": "write {} or more",
    "maximum": "write {} or less",
    "minItems": "write {} item at least",
    "maxItems": "write {} items at most",
    "minProperties": "write {} member at least",
    "uniqueItems": "write each of them once",
    "pattern": "write it as that says, so that it fits {}",
}


def _says(name: str | int, schema: Mapping[str, Json]) -> str:
    """What the schema says of a key: `status: The status.`"""
    description = schema.get("description", "")
    return f"{name}: {description}" if description else ""


def _shown(error: Any) -> str:
    return "empty" if error.instance in ([], {}) else repr(error.instance)


def _wanted(error: Any) -> list[str]:
    """What would have been accepted, as an author calls it."""
    inner = error.context if error.validator == "oneOf" else [error]
    found: dict[str, None] = {}
    for cause in inner:
        value = cause.validator_value
        if cause.validator == "type":
            kinds = [value] if isinstance(value, str) else value
            found.update(dict.fromkeys(_TYPES[kind] for kind in kinds))
        elif cause.validator == "const":
            found[f"`{value}`"] = None
    return [*found] or ["another one"]


def _retyped(error: Any) -> str:
    """The same value as it should have been written, if that is clear; or nothing."""
    value, wanted = error.instance, _wanted(error)
    if isinstance(value, str):
        if "a whole number" in wanted and re.fullmatch("[0-9]{1,9}", value):
            return f"write `{value}`, without quotes"
        truth = _TRUTHS.get(value.lower())
        if "true or false" in wanted and truth:
            return f"write `{truth}`"
    if type(value) in (int, float) and "a text" in wanted:
        schemas = [cause.schema for cause in error.context or [error]]
        if any(schema.get("pattern") == _DURATION for schema in schemas):
            return f"write it with its unit: `{_duration(str(value)) or '5m'}`"
    return ""


def _near_word(error: Any) -> str:
    """The word that could stand in the place of the value and is near it; or nothing."""
    others = error.parent.context if error.parent is not None else ()
    words = [cause.validator_value for cause in others if cause.validator == "enum"]
    near = nearest(str(error.instance), [str(word) for some in words for word in some])
    return f"did you mean {near!r}?" if near else ""


_TRUTHS = {"yes": "true", "on": "true", "y": "true", "true": "true"} | dict.fromkeys(
    ("no", "off", "n", "false"), "false"
)
_DURATION = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
_WRITTEN = re.compile(r"\s*(?:P?T?)([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\.?\s*")
"""A length of time as other languages have it: `5 min`, `PT1M`, `60`."""
_UNITS = {"ms": "ms", "milli": "ms", "s": "s", "m": "m", "h": "h", "d": "d"}


def _duration(text: str) -> str:
    """What *text* would be as a duration, if that is clear; or nothing."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return ""
    number, unit = match[1], match[2].lower() or "s"
    return next(
        (number + short for long, short in _UNITS.items() if unit.startswith(long)), ""
    )


def _where_it_is(name: str, known: Mapping[str, Json]) -> str:
    """Which of the *known* keys has a key called so; or nothing."""
    if nearest(name, known):
        return ""
    for key, schema in known.items():
        if name in _members(schema):
            return f"write it into `{key}`: `{key}: {{{name}: ...}}`"
    return ""


def _members(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The keys of the mapping that *schema* describes, or its first alternative."""
    if "oneOf" in schema:
        schema = schema["oneOf"][0]
    reference = schema.get("$ref", "")
    if reference:
        name = reference.rpartition("/")[2]
        schema = behavior_schema()["$defs"].get(name, {})
    members: Mapping[str, Json] = schema.get("properties", {})
    return members
