"""Numbers: one that keeps to its bounds, is a multiple of all that it has to be, and is likely."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor, lcm

from emulator.generation import names
from emulator.generation.failures import NotGenerated
from emulator.generation.flattening import Demands
from emulator.json_type import Json
from emulator.world.chance import Chance

_ATTEMPTS = 12
_INT = 2**63
_HUNDREDTH = Fraction(1, 100)


def number_of(demands: Demands, kind: str, name: str, chance: Chance) -> Json:
    """A number that keeps to *demands*. Raises `NotGenerated`."""
    low, high = demands.low, demands.high
    bottom, top = Fraction(-_INT), Fraction(_INT - 1)
    likely = names.number_for(name) if name else None
    least = low[0] if low else None
    most = high[0] if high else None
    for format_ in demands.formats:
        if format_ in ("int32", "int16", "int8"):
            bits = int(format_[3:]) - 1
            bottom, top = Fraction(-(2**bits)), Fraction(2**bits - 1)
    start = max(bottom, least) if least is not None else bottom
    end = min(top, most) if most is not None else top
    step = _step(demands.multiples, kind)
    first, last = _multiples(start, end, step, low, high)
    if first > last and not demands.multiples and kind == "number":
        step = _finer(start, end)
        first, last = _multiples(start, end, step, low, high)
    if first > last:
        if bottom == -_INT and (start > top or end < bottom):
            raise NotGenerated("all that is within its bounds has more than 64 bits")
        raise NotGenerated("no number is within its bounds")
    lower, upper = _likely(first, last, step, likely)
    value = chance.number(lower, upper) * step
    for _ in range(_ATTEMPTS):
        if _divides(float(value), demands.multiples):
            break
        value = chance.number(lower, upper) * step
    return value.numerator if value.denominator == 1 else float(value)


def _divides(value: float, multiples: list[Fraction]) -> bool:
    """Whether *value* is a multiple for those too who divide binary fractions.

    17.22 is a multiple of 0.01, and 17.22 / 0.01 is 1721.9999999999998.
    """
    return all((value / float(multiple)).is_integer() for multiple in multiples)


def _multiples(
    start: Fraction,
    end: Fraction,
    step: Fraction,
    low: tuple[Fraction, bool] | None,
    high: tuple[Fraction, bool] | None,
) -> tuple[int, int]:
    """The first and the last multiple of *step* from *start* to *end*."""
    first, last = ceil(start / step), floor(end / step)
    if low and low[1] and first * step == low[0]:
        first += 1
    if high and high[1] and last * step == high[0]:
        last -= 1
    return first, last


def _step(multiples: list[Fraction], kind: str) -> Fraction:
    """What a number is a multiple of."""
    steps = [*multiples]
    if kind == "integer":
        steps.append(Fraction(1))
    if not steps:
        return _HUNDREDTH
    step = steps[0]
    for other in steps[1:]:
        numerator = lcm(
            step.numerator * other.denominator, other.numerator * step.denominator
        )
        step = Fraction(numerator, step.denominator * other.denominator)
    return step


def _finer(start: Fraction, end: Fraction) -> Fraction:
    """A step of which some multiples are between two numbers that are close."""
    step = _HUNDREDTH
    while step > end - start and step > Fraction(1, 10**300):
        step /= 16
    return step / 4


def _likely(
    first: int,
    last: int,
    step: Fraction,
    likely: tuple[int, int] | None,
) -> tuple[int, int]:
    """The part of the multiples from *first* to *last* that values are taken from."""
    lower, upper = likely or (1, 1_000)
    inner = max(first, ceil(Fraction(lower) / step))
    outer = min(last, floor(Fraction(upper) / step))
    if inner <= outer:
        return inner, outer
    if first > 0 or first > -(10**6):
        return first, min(last, first + 1_000)
    if last < 10**6:
        return max(first, last - 1_000), last
    return max(first, 0), max(first, 0)
