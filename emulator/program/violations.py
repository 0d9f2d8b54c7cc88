"""Violations: what is wrong with an input, in the provider's own words.

A violation is a mapping with the names in `FACTS`. Which words it gets is looked up
from the most particular to the most general: `<rule>.<type>` (such as `type.integer` or
`format.date`), `<rule>`, `default`, first of `fields.<field>` and then of `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.schemas import Schema, main_type, types_of
from emulator.values import value

Violation = dict[str, Json]
_PLACES = 1_000
"""Places of inputs whose words are remembered: each item of a list is one."""
FACTS: Mapping[str, str] = {
    "field": "the field's name, as `names` writes it",
    "label": "the field's label, or its name",
    "rule": "the keyword of JSON Schema, `reference`, `unique`, or the rule's own name",
    "path": "the field's path, as a list",
    "where": "`body`, `query`, `path`, `header` or `cookie`",
    "limit": "what the keyword says: 3 for `minLength: 3`",
    "allowed": "the values of an `enum`, as a list",
    "type": "the type that the schema asks for",
    "format": "the format that the schema asks for",
    "minimum": "the field's `minimum`",
    "maximum": "the field's `maximum`",
    "value": "what was sent",
}
"""What is known of each violation, besides its `message`."""


@value
class Wording:
    """How a provider words violations."""

    rules: Mapping[str, Template]
    fields: Mapping[str, Mapping[str, Template]]
    labels: Mapping[str, str]
    names: str
    """`top`: the first part of a field's path; `dotted`: `a.0.b`; `brackets`: `a[0][b]`;
    `indexed`: `a[0].b`; `last`: `b`, the last name of the path."""
    one_per_field: bool
    missing_when: frozenset[str]
    """What counts as missing in a required field: `null`, `empty`, `blank`."""

    def told(self, found: list[dict[str, Json]]) -> list[dict[str, Json]]:
        """Those of *found* that get words: the first of each field, if that is all.

        A value that is none of several alternatives is told by what it comes nearest to,
        unless there are words for that.
        """
        for violation in found:
            if "nearest" in violation:
                found = [*self.nearest(found)]
                break
        if len(found) < 2 or not self.one_per_field:
            return found
        first: dict[str, dict[str, Json]] = {}
        for violation in found:
            first.setdefault(self._name(_plain(violation["path"])), violation)
        return [*first.values()]

    def nearest(self, found: Iterable[Mapping[str, Json]]) -> Iterator[dict[str, Json]]:
        """*found*, with what a value comes nearest to where it is none of alternatives."""
        for violation in found:
            own = self.fields.get(self._name(_plain(violation["path"])), {})
            inside = violation.get("nearest")
            if inside is None or violation["rule"] in {*self.rules, *own}:
                yield dict(violation)
            else:
                yield from self.nearest(inside)

    def violation(
        self, x: Any, where: str, found: Mapping[str, Json], schema: Schema | None
    ) -> Violation:
        """Name and word what was *found*: a path, a rule and a limit."""
        rule = found["rule"]
        place = (schema, rule, *found["path"])
        known = self._places.get(place) or self._of_place(schema, rule, found["path"])
        violation, limit = known.facts.copy(), found.get("limit")
        violation["path"] = [*known.facts["path"]]
        violation["where"] = where
        violation["limit"] = limit
        violation["value"] = found.get("value")
        if rule == "enum":
            violation["allowed"] = limit
        elif rule in ("type", "format") and violation[rule] is None:
            # it is said by a part of the schema that no plain path leads to
            kinds = [kind for kind in types_of({"type": limit}) if kind != "null"]
            violation[rule] = " or ".join(map(str, kinds)) or None
        words = found.get("message") or known.words
        violation["message"] = words.value(x, violation) if words else ""
        return violation

    @cached_property
    def _places(self) -> dict[tuple[Json, ...], _Place]:
        return {}

    def _of_place(self, schema: Schema | None, rule: str, at: list[Json]) -> _Place:
        """What is the same for all violations of a *rule* at one path."""
        known = schema.at(at) if schema is not None else {}
        path = _plain(at)
        field = self._name(path)
        facts: Violation = {
            "field": field,
            "label": self.labels.get(
                field, self.labels.get("default", field or "The input")
            ),
            "rule": rule,
            "path": path,
            "where": None,
            "limit": None,
            "allowed": known.get("enum"),
            "type": main_type(known),
            "format": known.get("format"),
            "minimum": known.get("minimum"),
            "maximum": known.get("maximum"),
            "value": None,
        }
        place = _Place(facts, self._words(facts))
        if known or schema is None:  # the spec names it: it is no text of a client's
            if len(self._places) >= _PLACES:
                self._places.clear()
            self._places[schema, rule, *at] = place
        return place

    def _name(self, path: list[Json]) -> str:
        if not path:
            return ""
        if self.names == "top":
            return str(path[0])
        if self.names == "brackets":
            return str(path[0]) + "".join(f"[{part}]" for part in path[1:])
        if self.names == "indexed":
            parts = [
                f"[{part}]" if isinstance(part, int) else f".{part}" for part in path
            ]
            return "".join(parts).removeprefix(".")
        if self.names == "last":
            names = [part for part in path if isinstance(part, str)]
            return names[-1] if names else str(path[-1])
        return ".".join(map(str, path))

    def _words(self, violation: Violation) -> Template | None:
        rule = violation["rule"]
        kind = violation["format"] if rule == "format" else violation["type"]
        own = self.fields.get(violation["field"], {})
        for words in (own, self.rules):
            for name in (f"{rule}.{kind}", rule, "default"):
                if name in words:
                    return words[name]
        return None


class _Place(NamedTuple):
    """What is known of a rule and a place of an input before something is wrong there."""

    facts: Violation
    words: Template | None


def _plain(path: list[Json]) -> list[Json]:
    """*path* as it is told: a query's `tags[]` is the list `tags`."""
    if path and str(path[0]).endswith("[]"):
        return [str(path[0]).removesuffix("[]"), *path[1:]]
    return path
