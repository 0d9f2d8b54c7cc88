"""Texts: what a text may be that keeps to formats, patterns and lengths."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from emulator.generation import names
from emulator.generation.failures import MOST_TEXT, NotGenerated, TooMuch
from emulator.generation.flattening import Demands
from emulator.generation.patterns import Unreadable, is_open, text_of
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.world.chance import Chance

_ATTEMPTS = 12
_GROWTH = (0, 1, 2, 4, 8, 12, 20, 40, 80, 200, 1_000, 10_000)
"""How far the repetitions of a pattern go, one attempt after the other."""
_SHORT_WORDS = ("name", "title", "id", "key", "code")


def _base64(chance: Chance) -> str:
    return base64.b64encode(names.words(chance, 2).encode()).decode()


_FORMATS: Mapping[str, Callable[[Chance], str]] = {
    "date-time": names.moment,
    "date": names.date,
    "time": names.time,
    "duration": lambda chance: f"P{chance.number(1, 30)}D",
    "email": names.mail,
    "idn-email": names.mail,
    "hostname": lambda chance: f"{names.words(chance)}.example",
    "idn-hostname": lambda chance: f"{names.words(chance)}.example",
    "ipv4": lambda chance: f"192.0.2.{chance.number(1, 254)}",
    "ipv6": lambda chance: f"2001:db8::{chance.number(1, 9_999):x}",
    "uri": names.address,
    "url": names.address,
    "iri": names.address,
    "uri-reference": lambda chance: f"/{names.words(chance)}",
    "iri-reference": lambda chance: f"/{names.words(chance)}",
    "uri-template": lambda chance: f"/{names.words(chance)}/{{id}}",
    "uuid": lambda chance: chance.uuid(),
    "json-pointer": lambda chance: f"/{names.words(chance)}",
    "relative-json-pointer": lambda chance: f"0/{names.words(chance)}",
    "regex": lambda chance: f"^{names.words(chance)}$",
    "byte": _base64,
    "base64": _base64,
    "password": lambda chance: chance.token(16, "abcdefghjkmnpqrstuvwxyz23456789"),
    "phone": lambda chance: f"+1-202-555-01{chance.number(0, 99):02}",
}


_OF_DAYS: Mapping[str, Callable[[Chance, str], str]] = {
    "date": names.date,
    "date-time": names.moment,
}


def _always(text: str) -> Callable[[Chance], str]:
    return lambda _: text


_SHORT: Mapping[str, Callable[[Chance], str]] = {
    "email": lambda chance: (
        f"{chance.token(1, 'abcdefgh')}@{chance.token(1, 'xyz')}.de"
    ),
    "idn-email": lambda chance: f"{chance.token(1, 'abcdefgh')}@b.de",
    "hostname": lambda chance: chance.token(1, "abcdefgh"),
    "idn-hostname": lambda chance: chance.token(1, "abcdefgh"),
    "uri": lambda chance: f"{chance.token(1, 'abcdefgh')}:",
    "iri": lambda chance: f"{chance.token(1, 'abcdefgh')}:",
    "url": lambda chance: f"http://{chance.token(1, 'abcdefgh')}.de",
    "uri-reference": _always(""),
    "iri-reference": _always(""),
    "uri-template": _always(""),
    "regex": _always(""),
    "json-pointer": _always(""),
    "relative-json-pointer": _always("0"),
    "duration": _always("P1D"),
    "ipv6": _always("::"),
    "ipv4": _always("1.1.1.1"),
    "byte": _always(""),
}
_LENGTHENED: Mapping[str, Callable[[str, int], str]] = {
    **dict.fromkeys(
        ("uri", "url", "iri", "uri-reference", "iri-reference", "uri-template",
         "json-pointer", "relative-json-pointer", "regex", "password"),
        lambda text, lack: text.removesuffix("$") + "a" * lack,
    ),
    "email": lambda text, lack: "a" * lack + text,
    "idn-email": lambda text, lack: "a" * lack + text,
    "hostname": lambda text, lack: _labels(lack) + text,
    "idn-hostname": lambda text, lack: _labels(lack) + text,
    "byte": lambda text, lack: "QUJD" * (lack // 4 + 1) + text,
    "base64": lambda text, lack: "QUJD" * (lack // 4 + 1) + text,
    "date-time": lambda text, lack: f"{text[:-1]}.{'0' * max(1, lack - 1)}Z",
    "ipv6": lambda text, _: f"2001:0db8:0000:0000:0000:0000:0000:{len(text):04}",
}  # fmt: skip
"""How a text of a format is made longer."""


def _labels(lack: int) -> str:
    return ("a" * 20 + ".") * (lack // 21) + "a" * (lack % 21)


def text(demands: Demands, name: str, chance: Chance) -> str:
    """A text that keeps to *demands*, for a member *name*. Raises `NotGenerated`."""
    least = demands.least.get("minLength", 0)
    most = demands.most.get("maxLength", max(least, MOST_TEXT))
    if least > MOST_TEXT:
        raise TooMuch(
            f"a text of at least {least} characters; {MOST_TEXT} are generated"
        )
    if least > most:
        raise NotGenerated(f"minLength is {least} and maxLength {most}")
    asks = demands.patterns or demands.formats
    check = _check(*map(tuple, (demands.patterns, demands.formats))) if asks else None
    for candidate in _candidates(demands, name, chance, least, most):
        fits = least <= len(candidate) <= most
        if fits and (check is None or check.is_valid(candidate)):
            return candidate
    rules = [f"the pattern {pattern}" for pattern in demands.patterns]
    rules += [f"the format {name}" for name in demands.formats]
    bounds = f"from {least} to {most} characters"
    raise NotGenerated(f"no text was found for {' and '.join(rules)}, {bounds}")


@lru_cache(256)
def _check(patterns: tuple[str, ...], formats: tuple[str, ...]) -> Schema:
    parts: list[Json] = [{"pattern": pattern} for pattern in patterns]
    parts += [{"format": name} for name in formats]
    return Schema({"allOf": parts})


def of_format(name: str, chance: Chance) -> str | None:
    """A text of the format *name*; None where it is not known."""
    return _FORMATS[name](chance) if name in _FORMATS else None


def _candidates(
    demands: Demands, name: str, chance: Chance, least: int, most: int
) -> Iterator[str]:
    """Texts that may be right, the most promising first."""
    if not demands.patterns and not demands.formats and demands.encodings:
        yield from _of_format("byte", chance, least)
    if not demands.patterns:
        for format_ in demands.formats:
            if format_ in _OF_DAYS:
                yield _OF_DAYS[format_](chance, name)
            yield from _of_format(format_, chance, least)
    plain = names.text_for(name, chance) if name else None
    if plain is not None:
        yield plain
        if len(plain) > most:
            yield plain[:most].rstrip()
    for pattern in demands.patterns:
        yield from _of_pattern(pattern, chance, least)
    if demands.patterns:
        for format_ in demands.formats:
            yield from _of_format(format_, chance, least)
    yield from _free(chance, least, most)


def _of_format(name: str, chance: Chance, least: int) -> Iterator[str]:
    makes = [table[name] for table in (_FORMATS, _SHORT) if name in table]
    for make in makes:
        for _ in range(3):
            made = make(chance)
            yield made
            if len(made) < least and name in _LENGTHENED:
                yield _LENGTHENED[name](made, least - len(made))


def _of_pattern(pattern: str, chance: Chance, least: int) -> Iterator[str]:
    """Texts of a pattern: short ones, then longer ones up to what is asked for."""
    for growth in _GROWTH:
        if growth > 8 and growth > 2 * max(least, 8) and growth > 20:
            return
        for _ in range(_ATTEMPTS if growth < 100 else 2):
            try:
                made = text_of(pattern, chance, growth)
            except (Unreadable, TooMuch, ValueError, IndexError):
                break
            yield made
            if len(made) < least and is_open(pattern):
                yield made + "a" * (least - len(made))
                yield made + "0" * (least - len(made))
            if len(made) < least and not pattern.startswith("^"):
                yield "a" * (least - len(made)) + made


def _free(chance: Chance, least: int, most: int) -> Iterator[str]:
    word = names.words(chance)
    if least <= len(word) <= most:
        yield word
    yield "" if most == 0 else word[:most]
    if least:
        long = names.words(chance, least // 4 + 2)[:least]
        yield long.rstrip().ljust(least, "a")
        yield chance.token(least, "abcdefghijklmnopqrstuvwxyz")
    for _ in range(_ATTEMPTS):
        size = min(max(least, 8), most)
        yield chance.token(size, "0123456789abcdefghijklmnopqrstuvwxyz")
    yield ""
