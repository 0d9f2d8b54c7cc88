"""Keys: how an operation finds the record that its path names."""

from __future__ import annotations

from emulator.inference.names import reading
from emulator.inference.resources import Resource
from emulator.inference.samples import expression
from emulator.inference.shapes import Shape
from emulator.spec.description import OperationDoc, Parameter


def parameter_of(operation: OperationDoc, name: str) -> Parameter | None:
    """What an operation says of the parameter of its path that has this *name*."""
    there = (p for p in operation.parameters if p.where == "path" and p.name == name)
    return next(there, None)


def key_expression(
    resource: Resource, parameter: Parameter | None = None
) -> str | None:
    """How an operation finds the key of its record; None where that is not certain.

    The *parameter* has its value where that is not the one of the resource: it has another
    name further down, or another type.
    """
    if resource.single:
        return expression(resource.thing)
    parameter = parameter or resource.parameter
    if resource.inside:
        names = [*resource.parents, parameter.name]
        return " + '/' + ".join(reading("path", name) for name in names)
    schema = Shape(parameter.schema)
    types = schema.types or frozenset[str]().union(
        *(each.types for each in schema.alternatives() or ())
    )
    sent, stored = schema.type or ("string" if not types else ""), ""
    if resource.key:
        stored = resource.shape.member(resource.key).type
    name = reading("path", parameter.name)
    if sent == stored:
        return name
    if (sent, stored) == ("integer", "string"):
        return f"text({name})"
    if not sent and {"integer", "string"} <= types and stored in types:
        sent, name = "string", f"text({name})"
        if stored == "string":
            return name
    if (sent, stored) == ("string", "integer"):
        return f"integer({name}) if matches({name}, '^[0-9]{{1,15}}$') else null"
    return None
