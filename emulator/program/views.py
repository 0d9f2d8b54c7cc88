"""Views: how a record is shown in one place of a reply."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from emulator.json_type import Json
from emulator.language.failures import kind
from emulator.language.scope import EMPTY
from emulator.language.templates import Template
from emulator.program.shaping import Expansion


class View:
    """How a record is shown in one place of a reply."""

    def __init__(
        self,
        name: str,
        template: Template,
        views: Mapping[str, View],
        of: str = "",
        expansions: Mapping[str, Mapping[str, Expansion]] = EMPTY,
        parameters: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.of = of
        """The collection whose records it shows; empty where it has `parameters`."""
        self.template = template
        self.expansions = expansions
        """What can be shown as a record, by the name of each view, and of its members."""
        self.parameters = parameters
        """The names that are given to it, where it shows no record."""
        self._views = views
        """All views of the provider, which this one may show parts with."""

    def show(self, x: Any, shown: Json) -> Json:
        """What the view makes of a record, or of what is given for its parameters."""
        if type(shown) is not dict and not isinstance(shown, Mapping):
            raise TypeError(
                f"the view {self.name!r} takes a mapping, and this is {kind(shown)}"
            )
        if self.parameters:
            lacking = sorted(self.parameters - shown.keys())
            if lacking:
                raise TypeError(
                    f"the view {self.name!r} takes {lacking[0]!r}, which is not given"
                )
        return self.template.value(x, shown)

    @cached_property
    def _uses(self) -> tuple[bool, tuple[str, ...], frozenset[str]]:
        repeatable, collections, roots = True, set[str](), set[str]()
        seen, waiting = set[str](), [self.name]
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._views:
                continue
            seen.add(name)
            uses = self._views[name].template.uses
            repeatable = repeatable and uses.repeatable
            collections |= uses.collections
            roots |= uses.roots
            waiting.extend(uses.views)
        return repeatable, tuple(sorted(collections)), frozenset(roots)

    @cached_property
    def repeatable(self) -> bool:
        """The same record and collections give the same bytes, so they can be kept."""
        return self._uses[0]

    @cached_property
    def collections(self) -> tuple[str, ...]:
        """Those that the view looks things up in, other views' included."""
        return self._uses[1]

    @property
    def roots(self) -> frozenset[str]:
        """The names that the view reads besides those of its record, likewise."""
        return self._uses[2]
