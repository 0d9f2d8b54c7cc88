"""Json: the type of what JSON or YAML can say, which a type checker does not look into."""

from typing import Any, TypeAlias

Json: TypeAlias = Any
