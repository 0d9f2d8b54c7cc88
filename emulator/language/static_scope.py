"""Static scope: the names that an expression may use, and what is known of each.

It is known when a spec is loaded. What the names stand for in a call, `scope.py` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from emulator.language.function import Function
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import BadExpression
from emulator.values import value

REQUEST = frozenset(
    {
        "authenticated", "base_url", "body", "caller", "client", "cookie", "header",
        "host", "server",
        "header_lines", "method", "now", "operation_id", "path", "query", "raw_body",
        "raw_body_base64", "raw_path", "raw_query", "request_id",
    }
)  # fmt: skip
"""What `request` has, whatever a record's fields are called."""
LITERAL_WORDS = {"true": True, "false": False, "null": None}
WORDS = frozenset({*LITERAL_WORDS, "omit"})
"""Names that stand for values of their own, everywhere."""
_NOTHING: Mapping[str, Any] = {}


class Defined(Protocol):
    """A name that a spec has given to a value, or to a function of its own."""

    @property
    def parameters(self) -> tuple[str, ...] | None: ...
    @property
    def uses(self) -> Uses: ...
    @property
    def template(self) -> Any: ...
    def read(self, x: Any) -> Any: ...


class Uses(NamedTuple):
    """What expressions depend on besides the record at hand."""

    roots: frozenset[str]
    fields: frozenset[str]
    collections: frozenset[str]
    views: frozenset[str]
    members: frozenset[tuple[str, str]]
    """The members of roots that they read by name."""
    fresh: bool

    @property
    def repeatable(self) -> bool:
        """The same record and the same collections give the same value."""
        return not self.roots and not self.fresh


@value
class Scope:
    """The names that an expression may use, and what is known of them."""

    roots: Mapping[str, frozenset[str] | None] = _NOTHING
    """Names that the exchange has, with the members they can have (None: any)."""
    fields: frozenset[str] = frozenset()
    """Names of the record at hand; they win over roots of the same name."""
    guarded: bool = False
    """A field that hides one of the REQUEST is not named by that name alone."""
    collections: frozenset[str] = frozenset()
    views: Mapping[str, tuple[str, ...]] = _NOTHING
    """The names of views, and the names that each takes besides a record's fields."""
    keys: Mapping[str, bool] = _NOTHING
    """The names of `keys`, and whether they have a public part."""
    functions: Mapping[str, Function] = FUNCTIONS
    definitions: Mapping[str, Defined] = _NOTHING
    """Names that the spec has defined, with what each depends on."""
    fake: Collection[str] | None = None
    """In a recipe, the methods of Faker that it may call."""
    optional: frozenset[str] = frozenset()
    """Dotted names whose values may be missing: `query.per_page`."""
    asked: frozenset[str] = frozenset()
    """Those of them that are there, since a condition has asked for them before."""
    kinds: Mapping[str, str] = _NOTHING
    """Dotted names whose values are of a known kind, or null; `this.` are the record's."""
    texts: frozenset[str] = frozenset()
    """Those of them that are any text: no format and no pattern says which."""
    untyped: frozenset[str] = frozenset()
    """Dotted names whose values may be anything, since no schema says what they are."""
    signed: frozenset[str] = frozenset()
    """Dotted names whose values are numbers that may be less than 0."""
    later: Mapping[str, str] = _NOTHING
    """Names that stand for nothing yet where the expression is asked, and why."""

    hints: Mapping[str, str] = _NOTHING
    """What to do about names that are not in scope, but somewhere near."""

    def with_fields(self, fields: Iterable[str], *, guarded: bool = False) -> Scope:
        return self._changed(fields=frozenset(fields), guarded=guarded)

    def with_roots(self, **roots: frozenset[str] | None) -> Scope:
        later = {name: why for name, why in self.later.items() if name not in roots}
        return self._changed(roots={**self.roots, **roots}, later=later)

    def with_definition(self, name: str, defined: Defined) -> Scope:
        """The same with one more definition; one with parameters is called."""
        return self._changed(definitions={**self.definitions, name: defined})

    def with_optional(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be missing."""
        return self._changed(optional=frozenset(names))

    def with_asked(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* are there as well."""
        return self._changed(asked=self.asked | frozenset(names))

    def with_kinds(self, kinds: Mapping[str, str]) -> Scope:
        """The same, in which the values of the dotted names are of these kinds."""
        return self._changed(kinds={**self.kinds, **kinds})

    def with_texts(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* are any text."""
        return self._changed(texts=frozenset(names))

    def with_untyped(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be anything."""
        return self._changed(untyped=frozenset(names))

    def with_signed(self, names: Iterable[str]) -> Scope:
        """The same, in which the values of the dotted *names* may be less than 0."""
        return self._changed(signed=frozenset(names))

    def with_function(self, function: Function) -> Scope:
        return self._changed(functions={**self.functions, function.name: function})

    def hinting(self, hints: Mapping[str, str]) -> Scope:
        return self._changed(hints={**self.hints, **hints})

    def without(self, later: Mapping[str, str]) -> Scope:
        """The same without names that are *later* known, or never."""
        return self._changed(later={**self.later, **later})

    def _changed(self, **fields: Any) -> Scope:
        return Scope(**{**vars(self), **fields})


def check_uses(name: str, uses: Uses, scope: Scope) -> None:
    """Check that *scope* has what the definition *name* reads. Raises `BadExpression`."""
    for root in sorted(uses.roots):
        if root in scope.later:
            raise BadExpression(
                "not-yet-known",
                f"{name!r} reads {root!r}, which is not known where this is asked",
                scope.later[root],
                "have a later step ask, or name something that is known by then",
            )
        if root not in scope.roots:
            raise BadExpression(
                "unknown-name",
                f"{name!r} reads {root!r}, and there is no {root!r} here",
                f"in scope are {', '.join(sorted(scope.roots)) or 'no names'}",
                "write the expression here, with what there is",
            )
    for root, member in sorted(uses.members):
        known = scope.roots[root]
        if known is not None and member not in known:
            raise BadExpression(
                "unknown-name",
                f"{name!r} reads {root}.{member}, and {root!r} has no {member!r} here",
                f"{root} has {', '.join(sorted(known)) or 'no members'}",
                "write the expression here, with what there is",
            )
