"""Values: classes that hold what they were made with, and are quick to define.

`@value` is a frozen dataclass with keyword arguments to the type checker, which
refuses every assignment, as the class does at run time. Nothing is generated for it: a
dataclass compiles its methods from text, and sixty of them are most of what a start
would spend on importing this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from typing import (
    Any,
    Generic,
    NoReturn,
    TypeVar,
    dataclass_transform,
    overload,
)

T = TypeVar("T")

make = tuple.__new__
"""Makes a `NamedTuple` of all its fields, as a tuple: for those that every call makes, it
takes less than half the time."""


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
    cls.__setattr__ = cls.__delattr__ = _frozen  # type: ignore[method-assign]
    cls.__repr__ = _shown  # type: ignore[method-assign]
    cls.__eq__ = _equal  # type: ignore[method-assign]
    return cls


def _frozen(self: Any, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} does not change")


def _shown(self: Any) -> str:
    fields = (f"{name}={value!r}" for name, value in vars(self).items())
    return f"{type(self).__name__}({', '.join(fields)})"


def _equal(self: Any, other: object) -> Any:
    """Whether both hold the same. As keys they are themselves: fields may be mappings."""
    if type(self) is not type(other):
        return NotImplemented
    names = vars(self).keys() | vars(other).keys()
    return self is other or all(
        getattr(self, name) == getattr(other, name) for name in names
    )


class Partly:
    """A mixin for values: some of their fields are worked out when one is first read."""

    def __init__(
        self, later: Mapping[str, Callable[[], Mapping[str, Any]]], **known: Any
    ) -> None:
        """*later* gives the fields that are read together, by the name of each."""
        self.__dict__.update(known, later=later)

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        work_out = held.get("later", {}).get(name)
        if work_out is None:
            raise AttributeError(name)
        for field, found in work_out().items():
            held.setdefault(field, found)
        return held[name]


class lazy(Generic[T]):  # noqa: N801 - it is used like `property`
    """A value that is worked out when it is first read, and then held.

    It costs an object nothing until then. It may also be set, and is then what was set.
    """

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> lazy[T]: ...
    @overload
    def __get__(self, holder: object, owner: type) -> T: ...
    def __get__(self, holder: object | None, owner: type) -> lazy[T] | T:
        if holder is None:
            return self
        value = self._work_out(holder)
        # Not into `__dict__`: an object whose dict nobody asks for is quicker without.
        object.__setattr__(holder, self._name, value)
        return value
