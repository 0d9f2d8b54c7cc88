"""Blocks: a function that runs inside a block of its own each time it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


def within(
    another: Callable[[], AbstractContextManager[object]], function: _Function
) -> _Function:
    """*function*, plain or async, in the block that *another* makes for each call."""
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def awaited(*args: Any, **more: Any) -> Any:
            with another():
                return await function(*args, **more)

        return awaited  # type: ignore[return-value]

    @wraps(function)
    def called(*args: Any, **more: Any) -> Any:
        with another():
            return function(*args, **more)

    return called  # type: ignore[return-value]
