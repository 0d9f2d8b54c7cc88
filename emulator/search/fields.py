"""Fields: the names that a query may use, and what a record has under them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.search.predicate import BadQuery

Record = Mapping[str, Json]
Get = Callable[[Record], Json]


class Fields:
    """The names that a query may use, each with how a record's value is got."""

    def __init__(
        self,
        known: Iterable[str],
        given: Mapping[str, str | Get] | None = None,
        *,
        words: Sequence[str] = (),
        joined_by: str = "or",
    ) -> None:
        """*known* fields of records, or, where names are *given*, those alone.

        A given name stands for a field, or a path to one, or for what a function gives.
        """
        self._given = {name: name for name in known} if given is None else given
        self._folded = {name.casefold(): name for name in self._given}
        self.words = tuple(words)
        """The fields whose texts are searched word by word."""
        self.joined_by = joined_by
        """What joins words without an operator between them: `and` or `or`."""

    def field(self, name: str, inside: Sequence[str] = ()) -> Get:
        """What records have under *name*, and *inside* of that. Raises `BadQuery`."""
        given = self._given.get(name)
        if given is None:
            given = self._given.get(self._folded.get(name.casefold(), ""))
        if given is None:
            near = did_you_mean(name, self._given) if len(name) < 100 else ""
            raise BadQuery(
                f"there is no field {name[:100]!r}" + (f": {near}" if near else "")
            )
        if isinstance(given, str):
            return path(*given.split("."), *inside)
        if not inside:
            return given
        get = given
        return lambda record: entered(get(record), inside)

    def is_worded(self, name: str) -> bool:
        """Whether *name* stands for a field that is searched word by word."""
        return self._given.get(name) in self.words

    def searched(self) -> tuple[Get, ...]:
        """The fields that a word without a name is looked for in; none: in all texts."""
        return tuple(path(*word.split(".")) for word in self.words)


class AnyField(Fields):
    """Whatever members a value has: what stands inside of a record is not described."""

    def __init__(self) -> None:
        super().__init__(())

    def field(self, name: str, inside: Sequence[str] = ()) -> Get:
        return path(name, *inside)


def path(first: str, *inside: str) -> Get:
    """What a record has under *first*, and *inside* of that."""
    if not inside:
        return lambda record: _member(record, first)
    return lambda record: entered(_member(record, first), inside)


def entered(value: Json, names: Sequence[str]) -> Json:
    """What stands inside of *value*; of a list, what stands in each of its items."""
    for name in names:
        if isinstance(value, list):
            inner = [_member(item, name) for item in value if isinstance(item, dict)]
            value = [item for item in inner if item is not None]
        elif isinstance(value, dict):
            value = _member(value, name)
        else:
            return None
    return value


def _member(value: Mapping[str, Json], name: str) -> Json:
    if name in value:
        return value[name]
    folded = name.casefold()
    return next((value[key] for key in value if key.casefold() == folded), None)


def values(value: Json) -> Sequence[Json]:
    """The items of a list; anything else by itself; nothing for null."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
