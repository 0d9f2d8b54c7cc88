"""Later: operations that are compiled when somebody asks what is in them.

A document may have a thousand of them, of which a run calls a few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.program.operation import Operation


class LaterOperation(Operation):
    """An operation of which only its name and its address are known yet.

    Reading any other field compiles it; from then on it is an `Operation` like the others.
    """

    def __init__(self, compile_it: Callable[[], Operation], **known: Any) -> None:
        self.__dict__.update(known, compile_it=compile_it)


class _Compiled:
    """A field of an operation that is not compiled yet."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, operation: LaterOperation | None, owner: type) -> Any:
        if operation is None:
            raise AttributeError(self._name)
        held = operation.__dict__
        compile_it = held.get("compile_it")
        if compile_it is not None:  # else it has been compiled meanwhile
            for name, found in vars(compile_it()).items():
                held.setdefault(name, found)
            object.__setattr__(operation, "__class__", Operation)
            held.pop("compile_it", None)
        return getattr(operation, self._name)


for _name in Operation.__annotations__:
    setattr(LaterOperation, _name, _Compiled(_name))
