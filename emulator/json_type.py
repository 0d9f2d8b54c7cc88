"""Json: the type of what JSON or YAML can say, which a type checker does not look into."""

from typing import Any, TypeAlias

Json: TypeAlias = Any


def present(**members: Json) -> dict[str, Json]:
    """The *members* that are not None: present(id=None, at=3)  ->  {"at": 3}."""
    return {name: value for name, value in members.items() if value is not None}
