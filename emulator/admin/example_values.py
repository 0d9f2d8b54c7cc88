"""Values of examples: what a schema allows, and the parameters that a call must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.generation.directions import REQUEST
from emulator.generation.failures import NotGenerated
from emulator.json_type import Json
from emulator.program.operation import Operation
from emulator.program.writing import one_text, written

_EXAMPLES = ("example", "examples")


def value_of(schema: Mapping[str, Json], name: str = "") -> Json:
    """A value of *schema* that a call may send, the same at any time; else None.

    Integers are 1 where they can be, which is the id of many a record, and no example says
    otherwise.
    """
    from emulator.generation.values import Generator  # not loaded at a start

    generator = Generator(schema, REQUEST)

    def fits(value: Json) -> bool:
        return generator.fits((generator.schema,), value)

    try:
        value = generator.value("example", name=name)
    except NotGenerated:
        return None
    if type(value) is int:
        return 1 if fits(1) and not has_example(schema) else value
    if isinstance(value, dict):
        members = schema.get("properties", {})
        for member in [name for name in value if type(value[name]) is int]:
            known = has_example(members.get(member, {})) or has_example(schema)
            if not known and fits(value | {member: 1}):
                value[member] = 1
    return value


def has_example(schema: Json) -> bool:
    """Whether the document says what a value may look like."""
    return isinstance(schema, dict) and not schema.keys().isdisjoint(_EXAMPLES)


def needed(operation: Operation, place: str) -> Iterator[tuple[str, str]]:
    """The parameters that a call must have there, as they are sent."""
    for name, typed in operation.parameters.typed(place).items():
        if not typed.required:
            continue
        value = value_of(typed.schema, name)
        if operation.validators and name.lower() == "if-match":
            value = _any_state(typed.schema, value)
        if value in ([], {}):
            value = value_of({**typed.schema, "minItems": 1, "minProperties": 1}, name)
        if place == "query":
            yield from written(typed, value)
        elif value is not None:
            yield name, one_text(typed, value)


def _any_state(schema: Mapping[str, Json], value: Json) -> Json:
    """What holds for whatever there is, where the document lets it be sent; else *value*."""
    from emulator.generation.values import Generator  # not loaded at a start

    generator = Generator(schema, REQUEST)
    return "*" if generator.fits((generator.schema,), "*") else value
