"""Hooks: functions of a provider's own, in Python, that its expressions may call."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from emulator.json_type import Json

_LONGEST = 300


class HookFailed(RuntimeError):
    """A function of a provider's own did not give a value."""


class Hooks:
    """The functions of one file, which are there once it has been run."""

    def __init__(self, file: str, path: str) -> None:
        self.file = file
        """As diagnostics call it."""
        self.path = path
        self.functions: dict[str, Callable[..., Json]] = {}

    def call(self, name: str, *given: Json, **named: Json) -> Json:
        """What the function *name* makes of copies of JSON values: a JSON value.

        Raises `HookFailed`.
        """
        function = self.functions.get(name)
        if function is None:
            raise HookFailed(f"{self.file} has not been run: start with --hooks")
        given, named = _copy((given, named))
        try:
            made = function(*given, **named)
        except Exception as error:
            line = self._line(error)
            said = f"{type(error).__name__}: {error}"[:_LONGEST]
            raise HookFailed(f"{name}() in {self.file}:{line} raised {said}") from error
        try:
            return _copy(made)
        except orjson.JSONEncodeError as error:
            raise HookFailed(
                f"{name}() in {self.file} gave {type(made).__name__}, which holds more"
                f" than JSON can say: {error}"
            ) from None

    def _line(self, error: BaseException) -> int:
        """The last line of the file that *error* came through."""
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.path:
                line = trace.tb_lineno
            trace = trace.tb_next
        return line


def _copy(value: Json) -> Json:
    """*value*, so that nobody changes in place what somebody else holds."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return orjson.loads(orjson.dumps(value))
