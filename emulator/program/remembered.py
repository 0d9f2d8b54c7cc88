"""Remembered: a program that was found in order before, made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.program.program import Program


class Example(NamedTuple):
    """A call to show: where it goes, who calls, and what is sent."""

    method: str
    path: str
    """Empty where only a credential can be shown."""
    credential: Mapping[str, Json] | None
    body: Json = None
    form: bool = False
    """The body is sent as a form."""


class RememberedProgram(Program):
    """A program whose summary is known, and whose other parts are made on first use.

    A server that nobody calls needs no more than the summary to start.
    """

    example: Example | None

    def __init__(
        self,
        make: Callable[[], Program],
        *,
        name: str,
        title: str,
        hosts: tuple[str, ...],
        base_path: str,
        files: tuple[str, ...],
        max_body: int,
        functions: bool,
        unsound: int,
        example: Example | None,
    ) -> None:
        self.__dict__.update(
            _make=make,
            _making=Lock(),
            name=name,
            title=title,
            hosts=hosts,
            base_path=base_path,
            files=files,
            max_body=max_body,
            has_functions=functions,
            unsound=unsound,
            example=example,
        )
        object.__setattr__(self, "__class__", _Unmade)


class _Unmade(RememberedProgram):
    """One whose other parts nobody has needed yet.

    It is no more when it is made: Python reads each field of a class that has a
    `__getattr__` in ten times the time, also those that are there.
    """

    def __getattr__(self, name: str) -> Any:
        """Make the program, of which *name* is the first part that is needed."""
        if name not in Program.__annotations__:
            raise AttributeError(f"a program has no {name!r}")
        with self._making:
            if name not in self.__dict__:
                self.__dict__.update(self._make().__dict__)
                object.__setattr__(self, "__class__", RememberedProgram)
        return self.__dict__[name]
