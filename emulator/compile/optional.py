"""Optional: the values of a call that may be missing, as the schemas say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from emulator.json_type import Json
from emulator.program.bodies import BodyPolicy
from emulator.program.parameters import ParameterPolicy
from emulator.program.schemas import types_of
from emulator.spec.description import OperationDoc

_DEEP = 3


def optional_parameters(parameters: ParameterPolicy) -> Iterator[str]:
    """`query.per_page`, for each parameter that is not required and has no default."""
    for place in ("query", "header", "cookie"):
        for name, typed in parameters.typed(place).items():
            if not typed.required and typed.default is None:
                yield f"{place}.{name}"


def optional_in_some(
    operations: Collection[OperationDoc], of: Collection[OperationDoc] | None = None
) -> frozenset[str]:
    """`query.per_page`, where not each call of one of *operations* has a value of it.

    The names are those of the parameters of all operations *of* which they are some.
    """
    known = {
        (parameter.where, parameter.name)
        for operation in (operations if of is None else of)
        for parameter in operation.parameters
    }
    sure = Counter(
        (parameter.where, parameter.name)
        for operation in operations
        for parameter in operation.parameters
        if parameter.required or "default" in parameter.schema
    )
    return frozenset(
        ".".join(name) for name in known if sure[name] < max(len(operations), 1)
    )


def optional_members(body: BodyPolicy | None) -> Iterator[str]:
    """`body.title`, for each member that a body may lack, or may have as null."""
    for schema in body.schemas.values() if body else ():
        yield from _members(schema.schema, "body", _DEEP)


def _members(schema: Json, above: str, deep: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or not deep:
        return
    # A schema that is none was reported, and is read as far as it can be.
    required, properties = schema.get("required"), schema.get("properties")
    if not isinstance(required, list):
        required = []
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        has_default = isinstance(inner, Mapping) and "default" in inner
        if (name not in required and not has_default) or (
            isinstance(inner, Mapping) and "null" in types_of(inner)
        ):
            yield f"{above}.{name}"
        yield from _members(inner, f"{above}.{name}", deep - 1)
