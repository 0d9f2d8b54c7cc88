"""Values: classes that only hold what they were made with, and are quick to define.

`@value` is a frozen dataclass with keyword arguments to the type checker, which
refuses every assignment. At run time it is a plain one: guarding, comparing and
printing would be generated for each of some sixty classes at every start, and a start
is what people wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[T]) -> type[T]:
    """Make *cls* hold the fields that it declares."""
    return dataclass(eq=False, repr=False, kw_only=True)(cls)
