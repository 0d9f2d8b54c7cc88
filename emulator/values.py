"""Values: classes that hold what they were made with, and are quick to define.

`@value` is a frozen dataclass with keyword arguments to the type checker, which
refuses every assignment. At run time nothing is generated for it: a dataclass compiles
its methods from text, and sixty of them are most of what a start would spend on
importing this package.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make *cls* hold the fields that it declares; one with a default may be left out."""
    names = frozenset(cls.__annotations__)
    needed = frozenset(name for name in names if name not in cls.__dict__)

    def __init__(self: Any, **fields: Any) -> None:  # noqa: N807
        if not needed <= fields.keys() <= names:
            wrong = sorted((needed - fields.keys()) | (fields.keys() - names))
            raise TypeError(f"{cls.__name__} is made without, or with: {wrong}")
        self.__dict__.update(fields)

    cls.__init__ = __init__  # type: ignore[method-assign]
    return cls
