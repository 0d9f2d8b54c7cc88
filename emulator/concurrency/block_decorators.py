"""Block decorators: a decorator that runs whatever it decorates inside a block of its own.

A block is open for as long as the code of what it decorates runs: a generator is run
later than it is called, and so is a coroutine. What would run outside of it all the same
is refused, where it is decorated if that shows there.
"""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, _GeneratorContextManager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Given = ParamSpec("_Given")
_Yielded = TypeVar("_Yielded")
Another = Callable[[], AbstractContextManager[object]]
"""Makes a block that was not open before."""

_TEST = "test"
"""What the names of test methods begin with, as for `unittest.mock.patch`."""
_CASES = "Test"
"""What the names of classes within a class begin with, in which pytest looks for tests."""


def within(another: Another, function: _Function) -> _Function:
    """*function* in the block that *another* makes for each call.

    Plain or async, a generator or an async generator, or a class, of which each test
    method has a block. Raises `TypeError` for what would run outside of its block.
    """
    if isinstance(function, type):
        return _tests_within(another, function)  # type: ignore[return-value]
    return _wrapped(another, function)  # type: ignore[no-any-return]


def as_block(
    make: Callable[_Given, Iterator[_Yielded]],
) -> Callable[_Given, Block[_Yielded]]:
    """`contextlib.contextmanager`, but what its blocks decorate runs `within` them."""

    @wraps(make)
    def made(*args: _Given.args, **more: _Given.kwargs) -> Block[_Yielded]:
        return Block(cast("Any", make), args, more)

    return made


class BlockDecorator:
    """A context manager that also decorates: each call gets a block of its own."""

    def __call__(self, function: _Function) -> _Function:
        return within(self._another, function)

    def _another(self) -> AbstractContextManager[object]:
        """A block like this one that was not open before."""
        raise NotImplementedError


class Block(_GeneratorContextManager[_Yielded]):
    """What a function gives that `as_block` decorates: a context manager and a decorator."""

    def __call__(self, function: _Function) -> _Function:
        return within(self._recreate_cm, function)


def _tests_within(another: Another, cases: type) -> type:
    """The class *cases*, with its test methods wrapped."""
    if not _wrap_tests(another, cases):
        raise TypeError(
            f"the class {cases.__qualname__} has no test methods: decorate its methods"
            f" one by one, or have their names begin with {_TEST!r}"
        )
    return cases


def _wrap_tests(another: Another, cases: type) -> bool:
    """Wrap those of *cases* and of the classes in it; whether there are any."""
    any_wrapped = False
    for name in dir(cases):
        member = inspect.getattr_static(cases, name)
        if isinstance(member, type):
            if not name.startswith(_CASES):
                continue
            if name not in vars(cases):  # that of a base stays as it is
                member = type(member)(name, (member,), {"__module__": cases.__module__})
            if not _wrap_tests(another, member):
                continue
        elif name.startswith(_TEST) and _is_method(member):
            member = _wrapped(another, member)
        else:
            continue
        setattr(cases, name, member)
        any_wrapped = True
    return any_wrapped


def _is_method(member: object) -> bool:
    return callable(member) or isinstance(member, staticmethod | classmethod)


def _wrapped(another: Another, function: Any) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_wrapped(another, function.__func__))
    if _is_fixture(function):
        raise TypeError(
            f"{function!r} is a fixture already: write this decorator below"
            " @pytest.fixture, next to the function"
        )
    if not callable(function):
        raise TypeError(
            f"{function!r} cannot be decorated: a function, a method or a class can"
        )
    for is_kind, wrap in _KINDS:
        called = getattr(type(function), "__call__", None)  # noqa: B004 - what it is
        if is_kind(function) or is_kind(called):
            return wrap(another, function)
    return _plain(another, function)


def _is_fixture(function: object) -> bool:
    """Whether pytest has made a fixture of it, and calls what it was made of."""
    return (
        hasattr(function, "_pytestfixturefunction")  # before pytest 8.4
        or type(function).__name__ == "FixtureFunctionDefinition"
    )


def _coroutine(another: Another, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    async def awaited(*args: Any, **more: Any) -> Any:
        with another():
            return await function(*args, **more)

    return awaited


def _generator(another: Another, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def generated(*args: Any, **more: Any) -> Generator[Any, Any, Any]:
        with another():
            return (yield from function(*args, **more))

    return generated


def _async_generator(
    another: Another, function: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(function)
    async def generated(*args: Any, **more: Any) -> AsyncGenerator[Any, Any]:
        with another():
            source = function(*args, **more)
            try:
                value = await anext(source)
                while True:  # there is no `yield from` for these
                    try:
                        sent = yield value
                    except GeneratorExit:
                        await source.aclose()
                        raise
                    except BaseException as error:
                        value = await source.athrow(error)
                    else:
                        value = await source.asend(sent)
            except StopAsyncIteration:
                return

    return generated


def _plain(another: Another, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def called(*args: Any, **more: Any) -> Any:
        with ExitStack() as opened:
            opened.enter_context(another())
            result = function(*args, **more)
            if _runs_later(result):
                return _held(result, opened.pop_all())
            return result

    return called


def _runs_later(result: object) -> bool:
    return (
        inspect.isawaitable(result)
        or isinstance(result, Future)
        or inspect.isgenerator(result)
        or inspect.isasyncgen(result)
    )


def _held(result: Any, opened: ExitStack) -> Any:
    """*result*, with the block open until it is over, or forgotten."""
    if isinstance(result, Future) or asyncio.isfuture(result):
        result.add_done_callback(lambda _: opened.close())
        return result
    held: Any
    if isinstance(result, Coroutine) or inspect.isawaitable(result):
        held = _until_awaited(result, opened)
    elif inspect.isgenerator(result):
        held = _until_exhausted(result, opened)
    else:
        held = _async_generator(lambda: opened, lambda: result)()
    weakref.finalize(held, opened.close)
    return held


async def _until_awaited(result: Any, opened: ExitStack) -> Any:
    with opened:
        return await result


def _until_exhausted(
    result: Generator[Any, Any, Any], opened: ExitStack
) -> Generator[Any, Any, Any]:
    with opened:
        return (yield from result)


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[..., Any]], ...] = (
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
    (inspect.isasyncgenfunction, _async_generator),
)
"""What runs later than it is called, and what wraps it."""
