"""Faking: what of Faker a recipe may call, with what, and what it gets.

A recipe is written by somebody else, and checking it must not run what is theirs. So
of all that Faker can do there are only methods of its own providers that make a value:
none of Faker's machinery, none that reads a text of the recipe as a pattern of other
calls, none that makes files or objects of Python. What goes in and what comes out are
JSON values, and how much is made by one call is bounded before it is made.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from inspect import BoundArguments, isfunction, signature
from math import prod
from typing import Any

from emulator.json_type import Json
from emulator.times import counted, iso


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PACKAGES: Mapping[str, frozenset[str] | None] = {
    "": _names(
        "bothify hexify language_code lexify locale numerify random_choices"
        " random_digit random_digit_above_two random_digit_not_null"
        " random_digit_not_null_or_empty random_digit_or_empty random_element"
        " random_elements random_int random_letter random_letters"
        " random_lowercase_letter random_number random_sample"
        " random_uppercase_letter randomize_nb_elements"
    ),
    **dict.fromkeys(
        _names(
            "address automotive bank barcode color company credit_card currency"
            " date_time doi emoji file geo internet isbn job lorem passport person"
            " phone_number profile sbn ssn user_agent"
        )
    ),
    "misc": _names("boolean md5 null_boolean password sha1 sha256 uuid4"),
    "python": _names("pybool pydecimal pyfloat pyint pystr"),
}
"""The packages of Faker's providers, and what may be called of each (None: all).

The empty name is what all providers have in common.
"""

MOST_ITEMS = 10_000
"""The largest size that a call may ask for."""
MOST_TOGETHER = 1_000_000
"""What the sizes of one call may come to when they are multiplied."""
MOST_TEXT = 1_000
"""Characters of a text that a call may be given, and items of a list."""
MOST_MADE = 100_000
"""Characters and items that one call may give."""

_VALUES = _names(
    "min max min_value max_value start end start_date end_date start_datetime"
    " end_datetime date_start date_end datetime_start datetime_end year month day"
    " version_from version_to build_from build_to step center radius hue seed base"
)
"""Parameters whose number is a value; that of any other one is a size."""


class NotFaked(ValueError):
    """A call of Faker that is not made, and why."""


class Faking:
    """The methods of Faker in one locale that a recipe may call, by name."""

    def __init__(self, locale: str | None, seed: str) -> None:
        """Raises `AttributeError` for a locale that Faker does not have."""
        from faker import Faker

        faker = Faker(locale or "en_US")
        faker.seed_instance(seed)
        # Faker asks the provider that was added last first, which stands first.
        self.methods: dict[str, Callable[..., Any]] = {}
        for provider in faker.factories[0].providers:
            for name in _callable(type(provider)):
                self.methods.setdefault(name, getattr(provider, name))

    def __getitem__(self, name: str) -> Callable[..., Json]:
        method = self.methods[name]

        def call(*args: Json, **named: Json) -> Json:
            given = signature(method).bind(*args, **named)
            _check(given)  # which adds what was left out
            return _json(method(*given.args, **given.kwargs), [MOST_MADE])

        return call


def _callable(provider: type) -> Iterator[str]:
    """The names of *provider* that stand in a class which `PACKAGES` lists."""
    for kind in provider.__mro__:
        root, _, rest = kind.__module__.partition("faker.providers")
        package = rest.removeprefix(".").partition(".")[0]
        if root or not kind.__module__.startswith("faker.providers"):
            continue
        listed = PACKAGES.get(package, frozenset())
        for name, what in vars(kind).items():
            if name.startswith("_") or not isfunction(what):
                continue
            if listed is None or name in listed:
                yield name


def _check(given: BoundArguments) -> None:
    """Raises `NotFaked` for arguments that are no JSON values, or ask for too much."""
    for name, value in given.arguments.items():
        _check_texts(name, value, [MOST_TEXT])
        for size in _sizes(name, value):
            if abs(size) > MOST_ITEMS:
                raise NotFaked(f"{name} is {size}: a size is at most {MOST_ITEMS:,}")
    given.apply_defaults()
    # One that is a least is within the most that stands beside it.
    names = [argument for argument in given.arguments if not argument.startswith("min")]
    sizes = [size for one in names for size in _sizes(one, given.arguments[one])]
    if prod(max(1, abs(size)) for size in sizes) > MOST_TOGETHER:
        raise NotFaked(f"its sizes together ask for more than {MOST_TOGETHER:,}")


def _sizes(name: str, value: Json) -> Iterator[float]:
    """The numbers of an argument that say how much to make."""
    if name not in _VALUES:
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if type(item) in (int, float):
                yield item


def _check_texts(name: str, value: Json, left: list[int]) -> None:
    """Raises `NotFaked` for texts that Faker might take for a pattern, or are long."""
    if isinstance(value, str):
        left[0] -= len(value)
        if "{" in value or "}" in value:
            raise NotFaked(f"{name} has braces in it, which are no part of a value")
    elif isinstance(value, (list, tuple, dict)):
        left[0] -= len(value)
        members = [*value, *value.values()] if isinstance(value, dict) else value
        for member in members if left[0] >= 0 else ():
            _check_texts(name, member, left)
    elif value is not None and not isinstance(value, (bool, int, float, Decimal)):
        raise NotFaked(f"{name} is {type(value).__name__}, which is no JSON value")
    if left[0] < 0:
        raise NotFaked(f"{name} is longer than {MOST_TEXT:,} characters and items")


def _json(value: Any, left: list[int]) -> Json:
    """What Faker gave, with times as texts. Raises `NotFaked` for what is no JSON value.

    A Decimal stays a number while the expression goes on; the record has it as a text.
    """
    left[0] -= len(value) if isinstance(value, (str, list, tuple, dict)) else 1
    if left[0] < 0:
        raise NotFaked(f"more than {MOST_MADE:,} characters and items were made")
    if value is None or isinstance(value, (bool, float, str, Decimal)):
        return value
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise NotFaked("the number has more than 64 bits")
        return value
    if isinstance(value, (list, tuple)):
        return [_json(item, left) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(member, left) for key, member in value.items()}
    if isinstance(value, datetime.datetime):
        return iso(counted(value.replace(tzinfo=value.tzinfo or datetime.UTC)))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    raise NotFaked(f"{type(value).__name__} is no JSON value")
