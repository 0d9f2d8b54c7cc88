"""Interception: a block, or a function, in which hosts are answered in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Self

from emulator.concurrency.block_decorators import BlockDecorator
from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Call, Reply
from emulator.interception import patching as patches
from emulator.interception import registry as stack
from emulator.settings import Settings

_ON_OTHER = ("pass", "refuse")


class Interception(BlockDecorator):
    """A context manager and a decorator, of whatever `block_decorators.within` takes.

    It can be entered again after it was left; what is decorated opens one of its own
    with every call.
    """

    def __init__(
        self,
        answer: Callable[[Call], Reply],
        hosts: Iterable[str],
        *,
        wait: Callable[[float], object] | None = None,
        on_other: str = "pass",
        allow: Iterable[str] = (),
        settings: Settings | None = None,
        refused: Callable[[stack.ForeignHost], object] | None = None,
        longest_body: Callable[[Call], int] | None = None,
        answers_for: Callable[[str], bool] | None = None,
    ) -> None:
        if on_other not in _ON_OTHER:
            fix = did_you_mean(on_other, _ON_OTHER)
            raise ValueError(f"on_other={on_other!r} is not known: {fix}")
        self._entry = stack.Entry(
            answer,
            stack.read_hosts(hosts, "hosts"),
            wait,
            on_other == "refuse",
            stack.read_hosts(allow, "allow"),
            settings,
            refused,
            longest_body,
            answers_for=answers_for,
        )
        self._entered = False

    def __enter__(self) -> Self:
        if self._entered:
            raise RuntimeError(
                "this interception is open already: call intercept() again for another"
            )
        patches.hold()
        stack.put(self._entry)
        self._entered = True
        return self

    def __exit__(self, *_: object) -> None:
        self._entered = False
        stack.take(self._entry)
        patches.release()

    def _another(self) -> Interception:
        another = copy(self)
        another._entry, another._entered = copy(self._entry), False
        return another
