"""Python API: the page of its reference, from what the public names say of themselves."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from written import WORDS, Attribute, attributes, beneath, methods, raw, signature

import emulator
from emulator import strategies
from emulator.client import clock
from emulator.client import emulator as emulating
from emulator.client import keywords as words
from emulator.interception import versions

ALSO = {
    "Intercepted": "client.in_process",
    "Sleepless": "virtual_time",
    "DrawnCall": "strategies.drawn_calls",
    "Invalid": "strategies.invalid",
}
"""The home of each class that the public names give, and that nobody has to import."""

ALIASES = {"Begins": emulating, "Length": clock, "Paths": emulating, "Text": words}


class Shown(NamedTuple):
    """A function or a method, as somebody calls it."""

    title: str
    call: str
    made: Callable[..., Any]


def page() -> Iterator[str]:
    """The lines of the page."""
    public = {name: getattr(emulator, name) for name in emulator.__all__}
    also = {name: _from(name, home) for name, home in ALSO.items()}
    kinds = {name: one for name, one in {**public, **also}.items() if _is_class(one)}
    raised = {
        name: one for name, one in kinds.items() if issubclass(one, BaseException)
    }
    yield from (
        "# Python API",
        "",
        "<!-- Made by docs/generate.py: do not edit. -->",
        "",
        "`import emulator` gives these names; none is imported before it is asked for.",
        "For pytest there are [fixtures](pytest.md).",
        "[Test an integration](../tutorials/test-an-integration.md) shows them in use.",
        "",
    )
    rows = [(_link(name, one), _first(one)) for name, one in public.items()]
    yield from _table(("name", "what it is"), rows)
    yield from ("## Functions", "")
    for name, one in public.items():
        if not _is_class(one):
            yield from _shown(Shown(f"emulator.{name}", f"emulator.{name}", one))
    yield from ("## Classes", "")
    yield from (
        "Functions and other objects give them; import one to name it in an annotation.",
        "",
    )
    for name, one in kinds.items():
        if name not in raised and name not in ("DrawnCall", "Invalid"):
            yield from _class(name, one)
    yield from ("## Exceptions", "")
    for name, one in raised.items():
        yield from _class(name, one)
        found = ", ".join(
            f"[{each}](#{_anchor(each)})" for each in _raising(name, kinds)
        )
        yield from (f"Raised by {found}.", "") if found else ()
    yield from ("## Keywords", "")
    for name, one in WORDS.items():
        yield from (f"### {name}", "", _said(one), "")
        yield from _attributes("keyword", attributes(one))
    yield from (
        "## Types",
        "",
        "How values are written that several functions take; `Json` is whatever JSON can say.",
        "",
    )
    yield from _table(
        ("type", "is", "meaning"),
        [
            (f"`{alias.name}`", f"`{alias.type}`", " ".join(alias.says.split()))
            for alias in _aliases()
        ],
    )
    yield from ("## Strategies", "", _plain_start(strategies), "")
    for name in strategies.__all__:
        title = f"emulator.strategies.{name}"
        yield from _shown(Shown(title, name, getattr(strategies, name)))
    for name in ("DrawnCall", "Invalid"):
        yield from _class(name, kinds[name])
    yield from _versions()


def _versions() -> Iterator[str]:
    """The client libraries that interception was tested with."""
    yield from (
        "## Versions",
        "",
        "[`emulator.intercept`](#emulatorintercept) replaces functions of these libraries,",
        "which are no public part of them.",
        "Versions outside of what was tested are taken as long as all of those functions",
        "are there, without a warning, and raise `UnknownVersion` otherwise.",
        "",
    )
    rows = [
        (f"`{name}`", one.lowest, one.highest, one.serves)
        for name, one in versions.TESTED.items()
    ]
    yield from _table(("library", "lowest", "highest", "on which is built"), rows)


def _from(name: str, home: str) -> Any:
    return getattr(import_module(f"emulator.{home}"), name)


def _is_class(one: Any) -> bool:
    return inspect.isclass(one)


def _class(name: str, one: type) -> Iterator[str]:
    yield from (f"### {name}", "", _said(one), "")
    if name != "Settings":  # they have a page of their own
        yield from _attributes("attribute", attributes(one))
    for method in methods(one):
        call = f"{_variable(name)}.{method.__name__}"
        yield from _shown(Shown(f"{name}.{method.__name__}", call, method), depth=4)


def _variable(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _shown(one: Shown, depth: int = 3) -> Iterator[str]:
    yield from ("#" * depth + f" {one.title}", "", "```python")
    yield from (signature(one.call, one.made), "```", "", _said(one.made), "")


def _attributes(head: str, found: Iterable[Attribute]) -> Iterator[str]:
    rows = [
        (f"`{one.name}`", _type(one.type), linked(" ".join(one.says.split())))
        for one in found
    ]
    if rows:
        yield from _table((head, "type", "meaning"), rows)


def _type(text: str) -> str:
    """`list[Entry]`  ->  list of [Entry](#entry)"""
    inner = re.fullmatch(r"list\[(\w+)\]", text)
    if inner is not None and inner[1] in _known():
        return f"list of {_type(inner[1])}"
    if text in _known():
        return f"[{text}](#{_anchor(text)})"
    return f"`{text}`" if text else ""


def _known() -> set[str]:
    return {*emulator.__all__, *ALSO, *WORDS}


def _aliases() -> Iterator[Attribute]:
    for name, module in ALIASES.items():
        body = ast.parse(inspect.getsource(module)).body
        for at, one in enumerate(body):
            if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == name:
                yield Attribute(name, ast.unparse(one.value), beneath(body, at))


def _raising(name: str, kinds: Mapping[str, type]) -> Iterator[str]:
    """What promises in its docstring to raise the exception of that name."""
    for each in emulator.__all__:
        one = getattr(emulator, each)
        if not _is_class(one) and _promises(one, name):
            yield f"emulator.{each}"
    for each, one in kinds.items():
        for method in methods(one):
            if _promises(method, name):
                yield f"{each}.{method.__name__}"


def _promises(made: Callable[..., Any], name: str) -> bool:
    told = re.findall(r"\b[Rr]aises?\b.*?(?=\.(?:\s|$))", raw(made), re.DOTALL)
    return any(f"`{name}`" in one for one in told)


def _said(one: Any) -> str:
    """What *one* says of itself, with links to what it names."""
    return linked(raw(one))


def linked(text: str) -> str:
    """Link names that have a heading here, and pages of the documentation.

    "see `World.fault`"  ->  "see [`World.fault`](#worldfault)"
    """
    titles = _titles()

    def link(found: re.Match[str]) -> str:
        name = found[1]
        title = next((one for one in (name, f"emulator.{name}") if one in titles), "")
        return f"[`{name}`](#{_anchor(title)})" if title else found[0]

    text = re.sub(r"`([\w.]+)`", link, text)
    return re.sub(r"docs/(reference/)?((\w+/)?([\w-]+)\.md)", _page_link, text)


def _page_link(found: re.Match[str]) -> str:
    path = found[2] if found[1] else f"../{found[2]}"
    return f"[{found[4]}]({path})"


@cache
def _titles() -> set[str]:
    """What has a heading on the page."""
    found = {*WORDS}
    for name in (*emulator.__all__, *ALSO):
        home = ALSO.get(name, "")
        one = _from(name, home) if home else getattr(emulator, name)
        found |= {name} if _is_class(one) else {f"emulator.{name}"}
        if _is_class(one):
            found |= {f"{name}.{method.__name__}" for method in methods(one)}
    return found


def _plain_start(module: Any) -> str:
    """What a module says of itself, without the word that it begins with."""
    start, _, rest = raw(module).partition(": ")
    assert start.isalpha()
    return rest[0].upper() + rest[1:]


def _first(one: Any) -> str:
    """The first sentence of what *one* says of itself."""
    paragraph = " ".join(raw(one).partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].removesuffix(".") + "."


def _link(name: str, one: Any) -> str:
    title = name if _is_class(one) else f"emulator.{name}"
    return f"[{title}](#{_anchor(title)})"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        # Some cells are code, in which an entity would be shown as it is written.
        cells = [cell.replace("|", "\\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
    yield ""
