"""Flattening: what a value must keep to, gathered from a schema and all that it includes.

Keywords that judge the same value (`allOf`, `$ref`, the branch of `oneOf`, `anyOf` or `if`
that is tried) are gathered in one `Demands`; what members and items must keep to stays a
list of schemas, each of which holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from emulator.json_type import Json

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_OF_TYPE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "properties", "required", "additionalProperties", "patternProperties",
            "minProperties", "maxProperties", "propertyNames", "dependentRequired",
            "dependentSchemas", "unevaluatedProperties",
        ),
        "object",
    ),
    **dict.fromkeys(
        (
            "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains",
            "unevaluatedItems",
        ),
        "array",
    ),
    **dict.fromkeys(
        ("minLength", "maxLength", "pattern", "format", "contentEncoding"), "string"
    ),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        "number",
    ),
}  # fmt: skip
_NONE: Mapping[str, Json] = {}


@dataclass(eq=False, repr=False)
class Demands:
    """What a value must keep to."""

    types: frozenset[str] | None = None
    said: dict[str, None] = field(default_factory=dict)
    """The types whose keywords occur, in their order."""
    allowed: list[Json] | None = None
    low: tuple[Fraction, bool] | None = None
    """The least number, and whether it is excluded itself."""
    high: tuple[Fraction, bool] | None = None
    multiples: list[Fraction] = field(default_factory=list)
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)
    contents: list[Json] = field(default_factory=list)
    """Schemas of what is written in a text."""
    unique: bool = False
    objects: list[Mapping[str, Json]] = field(default_factory=list)
    """Schemas whose `properties`, `patternProperties` and `additionalProperties` hold."""
    arrays: list[Mapping[str, Json]] = field(default_factory=list)
    unevaluated: dict[str, list[Json]] = field(default_factory=dict)
    """Schemas of members and items that nothing else says anything of, by the keyword."""
    contains: list[Mapping[str, Json]] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    names: list[Json] = field(default_factory=list)
    needs: list[Mapping[str, list[str]]] = field(default_factory=list)
    proposals: list[Json] = field(default_factory=list)
    """What examples and defaults propose."""
    hints: dict[str, Json] = field(default_factory=dict)
    """What discriminators say of members."""
    references: set[str] = field(default_factory=set)
    """The names in `$defs` that it comes from."""
    choices: int = 1
    """In how many ways the alternatives can be combined, as far as they were met."""
    varied: bool = False
    """There are alternatives: where nothing can be made of one, another may do."""
    checked: bool = False
    """What is made must be looked at: there is more to keep to than stands here."""
    impossible: str = ""

    def restrict(self, types: frozenset[str]) -> None:
        before = types if self.types is None else self.types
        both = before & types
        for one, other in ((before, types), (types, before)):
            if "number" in one and "integer" in other:
                both |= {"integer"}
        self.types = both
        if not both:
            self.impossible = "its types exclude each other"

    def allow(self, values: list[Json]) -> None:
        if self.allowed is not None:
            values = [value for value in self.allowed if value in values]
        self.allowed = values
        if not values:
            self.impossible = "none of its values is allowed"

    def raise_low(self, low: Fraction, excluded: bool) -> None:
        if self.low is None or (low, excluded) > self.low:
            self.low = low, excluded

    def lower_high(self, high: Fraction, excluded: bool) -> None:
        if self.high is None or (high, not excluded) < (self.high[0], not self.high[1]):
            self.high = high, excluded


def fraction(number: Json) -> Fraction:
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


class Flattening:
    """Gathers the demands of schemas, whose references lead into *definitions*."""

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self.definitions = definitions
        self._referred: dict[str, frozenset[str]] = {}
        """The definitions that each one names itself."""

    def demands(
        self, schemas: tuple[Json, ...], number: int, active: frozenset[str], lean: bool
    ) -> Demands:
        """What *schemas* demand together, with the alternatives of that *number*.

        Those that lead back to a definition which is *active* come last; *lean*: so do
        those that ask for members.
        """
        demands = Demands()
        left = [number]
        for schema in schemas:
            self._add(demands, schema, left, active, frozenset(), lean)
        return demands

    def reached(self, schemas: tuple[Json, ...]) -> set[str]:
        """The definitions that *schemas* refer to, and those that they refer to in turn."""
        reached: set[str] = set()
        waiting = [*_named(schemas)]
        while waiting:
            name = waiting.pop()
            if name in reached or name not in self.definitions:
                continue
            reached.add(name)
            if name not in self._referred:
                self._referred[name] = frozenset(_named(self.definitions[name]))
            waiting += self._referred[name]
        return reached

    def leads_to(self, schema: Json, names: frozenset[str]) -> bool:
        """Whether a value of *schema* always is one of a definition among *names*."""
        if not names or not isinstance(schema, Mapping):
            return False
        if name_of(schema) in names:
            return True
        for word in ("anyOf", "oneOf"):
            branches = schema.get(word)
            if branches and all(self.leads_to(branch, names) for branch in branches):
                return True
        return any(self.leads_to(part, names) for part in schema.get("allOf", ()))

    def _add(
        self,
        demands: Demands,
        schema: Json,
        left: list[int],
        active: frozenset[str],
        seen: frozenset[str],
        lean: bool,
    ) -> None:
        if schema is True:
            return
        if not isinstance(schema, Mapping):
            demands.impossible = "nothing is allowed"
            return
        name = name_of(schema)
        if name is not None:
            if name in seen or name not in self.definitions:
                return
            demands.references.add(name)
            inner = self.definitions[name]
            self._add(demands, inner, left, active, seen | {name}, lean)
        self._keywords(demands, schema)
        parts = () if "x-kinds" in schema else schema.get("allOf", ())
        for part in (*parts, *_instead(schema.get("not"))):
            self._add(demands, part, left, active, seen, lean)
        for word, branches in self._alternatives(schema, active, lean):
            demands.choices *= max(1, len(branches))
            demands.varied = True
            demands.checked |= word != "anyOf"  # of which one branch is enough
            if not branches:
                continue
            for part in branches[left[0] % len(branches)]:
                self._add(demands, part, left, active, seen, lean)
            left[0] //= len(branches)

    def _alternatives(
        self, schema: Mapping[str, Json], active: frozenset[str], lean: bool
    ) -> Iterator[tuple[str, list[tuple[Json, ...]]]]:
        """Keywords with lists of which one entry each is to be kept to, the best first."""
        for word in ("oneOf", "anyOf"):
            branches = schema.get(word)
            if branches:
                order = sorted(
                    branches,
                    key=lambda branch: (
                        self.leads_to(branch, active),
                        is_null(branch),
                    ),
                )
                yield word, [(branch,) for branch in order]
        if "x-kinds" in schema:
            kinds = _kinds(schema)
            kinds.sort(key=lambda parts: self.leads_to(parts[0], active))
            yield "x-kinds", kinds
        if "if" in schema and {"then", "else"} & schema.keys():
            condition = schema["if"]
            holds = condition, schema.get("then", True)
            yield "if", [holds, ({"not": condition}, schema.get("else", True))]
        excluded = schema.get("not")
        if isinstance(excluded, Mapping) and excluded.keys() == {"allOf"}:
            yield "not", [({"not": part},) for part in excluded["allOf"]]
        for name, part in schema.get("dependentSchemas", _NONE).items():
            ways: list[tuple[Json, ...]] = [
                ({"required": [name]}, part),
                ({"properties": {name: False}},),
            ]
            yield "dependentSchemas", ways[::-1] if lean else ways

    def _keywords(self, demands: Demands, schema: Mapping[str, Json]) -> None:
        for keyword, value in schema.items():
            kind = _OF_TYPE.get(keyword)
            if kind is not None:
                demands.said.setdefault(kind)
            match keyword:
                case "type":
                    types = [value] if isinstance(value, str) else value
                    demands.restrict(frozenset(types))
                case "enum":
                    demands.allow(list(value))
                case "const":
                    demands.allow([value])
                case "minimum" | "exclusiveMinimum":
                    demands.raise_low(fraction(value), keyword != "minimum")
                case "maximum" | "exclusiveMaximum":
                    demands.lower_high(fraction(value), keyword != "maximum")
                case "multipleOf":
                    demands.multiples.append(fraction(value))
                case "minLength" | "minItems" | "minProperties":
                    least = int(value)
                    demands.least[keyword] = max(demands.least.get(keyword, 0), least)
                case "maxLength" | "maxItems" | "maxProperties":
                    most = int(value)
                    demands.most[keyword] = min(demands.most.get(keyword, most), most)
                case "pattern":
                    demands.patterns.append(value)
                case "format":
                    demands.formats.append(value)
                case "contentEncoding":
                    demands.encodings.append(value)
                case "contentSchema" if "json" in schema.get(
                    "contentMediaType", "json"
                ):
                    demands.contents.append(value)
                case "uniqueItems":
                    demands.unique |= value is True
                case "contains":
                    demands.contains.append(schema)
                    demands.checked = True
                case "required":
                    demands.required.update(dict.fromkeys(value))
                case "dependentRequired":
                    demands.needs.append(value)
                case "propertyNames":
                    demands.names.append(value)
                    demands.checked = True
                case "not":
                    self._exclude(demands, value)
                case "unevaluatedProperties" | "unevaluatedItems":
                    demands.unevaluated.setdefault(keyword, []).append(value)
                    demands.checked = True
                case "x-discriminated":
                    demands.hints.update(value)
                case "example" | "default":
                    demands.proposals.append(value)
                case "examples" if isinstance(value, list):
                    demands.proposals += value
        if {"properties", "patternProperties", "additionalProperties"} & schema.keys():
            demands.objects.append(schema)
            if "patternProperties" in schema:
                demands.checked = True
        if {"items", "prefixItems"} & schema.keys():
            demands.arrays.append(schema)

    @staticmethod
    def _exclude(demands: Demands, schema: Json) -> None:
        """Note what *schema* must not allow, as far as that can be said."""
        demands.checked = True
        if schema is True or schema == {}:
            demands.impossible = "nothing is allowed"
            return
        if not isinstance(schema, Mapping):
            return
        if schema.keys() == {"required"} and len(schema["required"]) == 1:
            demands.forbidden.add(schema["required"][0])
        elif schema.keys() == {"type"}:
            named = schema["type"]
            excluded = {named} if isinstance(named, str) else set(named)
            if "number" in excluded:
                excluded.add("integer")
            demands.restrict(frozenset(set(TYPES) - excluded))
            demands.types = (demands.types or frozenset()) - excluded


def _kinds(schema: Mapping[str, Json]) -> list[tuple[Json, ...]]:
    """The kinds that a discriminator tells apart, and at last whatever is none of them."""
    rules = zip(schema["x-kinds"], schema["allOf"], strict=False)
    return [
        *((rule["then"], {"x-discriminated": hint}) for hint, rule in rules),
        (True,),
    ]


def _instead(excluded: Json) -> Iterator[Json]:
    """What must hold where *excluded* must not, as far as schemas say it."""
    if isinstance(excluded, Mapping) and excluded.keys() == {"not"}:
        yield excluded["not"]
    if isinstance(excluded, Mapping) and excluded.keys() == {"anyOf"}:
        yield from ({"not": part} for part in excluded["anyOf"])


def _named(schema: Json) -> Iterator[str]:
    """The definitions that *schema* refers to somewhere."""
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            name = name_of(part)
            if name is not None:
                yield name
                yield name.partition("/")[0]  # where it refers to a part of that
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part


def name_of(schema: Mapping[str, Json]) -> str | None:
    """The name in `$defs` that *schema* refers to."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    return reference.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")


def is_null(schema: Json) -> bool:
    return isinstance(schema, Mapping) and (
        schema.get("type") == "null" or schema.get("const", "") is None
    )
