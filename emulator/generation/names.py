"""Names: what a member is likely to hold, by what it is called.

`billing_email` holds an address of mail, `createdAt` a time, `price` an amount. People,
places and sentences are Faker's, which is imported when the first one is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from emulator.world.chance import Chance

_WORDS = (
    "amber", "basil", "cedar", "delta", "ember", "fern", "garnet", "hazel", "indigo",
    "juniper", "kestrel", "linen", "maple", "nectar", "olive", "pebble", "quartz",
    "raven", "saffron", "timber", "umber", "violet", "willow", "zephyr",
)  # fmt: skip
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HEX = "0123456789abcdef"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FAKER = Lock()


def words(chance: Chance, many: int = 1) -> str:
    return " ".join(chance.pick(_WORDS) for _ in range(many))


@cache
def parts_of(name: str) -> tuple[str, ...]:
    """`createdAt`, `created_at`  ->  ("created", "at")"""
    return tuple(part.lower() for part in _PARTS.findall(name))


@cache
def _faker() -> Any:
    from faker import Faker

    return Faker("en_US")


def _fake(method: str) -> Callable[[Chance], str]:
    def make(chance: Chance) -> str:
        seed = chance.number(0, 2**32)
        with _FAKER:  # calls in other threads have it as well
            faker = _faker()
            faker.seed_instance(seed)
            return str(getattr(faker, method)())

    return make


def date(chance: Chance) -> str:
    year, month, day = (
        chance.number(*bounds) for bounds in ((2023, 2025), (1, 12), (1, 28))
    )
    return f"{year}-{month:02}-{day:02}"


def time(chance: Chance) -> str:
    hour, minute, second = (chance.number(0, most) for most in (23, 59, 59))
    return f"{hour:02}:{minute:02}:{second:02}Z"


def moment(chance: Chance) -> str:
    return f"{date(chance)}T{time(chance)}"


def address(chance: Chance) -> str:
    return f"https://{words(chance)}.example/{words(chance)}"


def mail(chance: Chance) -> str:
    return f"{words(chance)}.{words(chance)}{chance.number(1, 99)}@example.com"


def identifier(chance: Chance) -> str:
    return chance.token(12, _HEX)


def _phone(chance: Chance) -> str:
    return f"+1-202-555-01{chance.number(0, 99):02}"


def _ip(chance: Chance) -> str:
    return f"192.0.2.{chance.number(1, 254)}"


_TEXTS: Mapping[str, Callable[[Chance], str]] = {
    "email": mail, "mail": mail, "first name": _fake("first_name"),
    "given name": _fake("first_name"), "last name": _fake("last_name"),
    "family name": _fake("last_name"), "surname": _fake("last_name"),
    "full name": _fake("name"), "display name": _fake("name"), "name": _fake("name"),
    "author": _fake("name"), "owner": _fake("name"),
    "user name": _fake("user_name"), "username": _fake("user_name"),
    "login": _fake("user_name"), "nickname": _fake("first_name"),
    "city": _fake("city"), "town": _fake("city"), "street": _fake("street_address"),
    "address": _fake("street_address"), "country": _fake("country"),
    "country code": _fake("country_code"), "state": _fake("state"),
    "zip": _fake("postcode"), "postal code": _fake("postcode"),
    "postcode": _fake("postcode"), "zip code": _fake("postcode"),
    "company": _fake("company"), "organization": _fake("company"),
    "job": _fake("job"), "job title": _fake("job"), "occupation": _fake("job"),
    "title": _fake("catch_phrase"), "subject": _fake("catch_phrase"),
    "headline": _fake("catch_phrase"),
    "description": _fake("sentence"), "summary": _fake("sentence"),
    "message": _fake("sentence"), "comment": _fake("sentence"),
    "text": _fake("sentence"), "body": _fake("sentence"), "bio": _fake("sentence"),
    "note": _fake("sentence"), "content": _fake("sentence"), "detail": _fake("sentence"),
    "phone": _phone, "phone number": _phone, "mobile": _phone, "fax": _phone,
    "url": address, "uri": address, "href": address, "link": address,
    "website": address, "homepage": address, "avatar": address, "image": address,
    "id": identifier, "key": identifier, "token": lambda c: c.token(24, _HEX),
    "uid": lambda c: c.uuid(), "uuid": lambda c: c.uuid(), "guid": lambda c: c.uuid(),
    "sha": lambda c: c.token(40, _HEX), "hash": lambda c: c.token(32, _HEX),
    "date": date, "time": moment, "at": moment, "timestamp": moment, "on": date,
    "birthday": date, "ip": _ip, "ip address": _ip,
    "currency": lambda c: str(c.pick(("EUR", "USD", "GBP", "CHF"))),
    "language": lambda c: str(c.pick(("en", "de", "fr", "es"))),
    "locale": lambda c: str(c.pick(("en-US", "de-DE", "fr-FR"))),
    "time zone": lambda c: str(c.pick(("UTC", "Europe/Berlin", "Asia/Tokyo"))),
    "timezone": lambda c: str(c.pick(("UTC", "Europe/Berlin", "Asia/Tokyo"))),
    "color": lambda c: "#" + c.token(6, _HEX), "colour": lambda c: "#" + c.token(6, _HEX),
    "slug": lambda c: f"{words(c)}-{words(c)}",
    "version": lambda c: f"{c.number(0, 9)}.{c.number(0, 20)}.{c.number(0, 20)}",
    "sku": lambda c: c.token(3, _LETTERS).upper() + f"-{c.number(1000, 9999)}",
    "price": lambda c: f"{c.number(100, 99_900) / 100:.2f}",
    "amount": lambda c: f"{c.number(100, 99_900) / 100:.2f}",
    "file name": lambda c: f"{words(c)}.txt", "filename": lambda c: f"{words(c)}.txt",
}  # fmt: skip
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "id": (1, 99_999), "number": (1, 9_999), "age": (18, 90), "year": (1990, 2025),
    "month": (1, 12), "day": (1, 28), "hour": (0, 23), "minute": (0, 59),
    "count": (0, 100), "quantity": (1, 20), "total": (1, 500), "price": (1, 500),
    "amount": (1, 500), "cost": (1, 500), "latitude": (-80, 80), "lat": (-80, 80),
    "longitude": (-170, 170), "lng": (-170, 170), "lon": (-170, 170),
    "percent": (0, 100), "percentage": (0, 100), "rating": (1, 5), "score": (0, 100),
    "size": (1, 5_000), "width": (1, 2_000), "height": (1, 2_000), "status": (200, 200),
    "at": (1_700_000_000, 1_760_000_000), "timestamp": (1_700_000_000, 1_760_000_000),
    "created": (1_700_000_000, 1_760_000_000), "port": (1_024, 65_535),
}  # fmt: skip


def text_for(name: str, chance: Chance) -> str | None:
    """A text for the member *name*; None where its name says nothing."""
    make = _maker(name)
    return None if make is None else make(chance)


@lru_cache(4_096)
def _maker(name: str) -> Callable[[Chance], str] | None:
    found: Callable[[Chance], str] | None = _found(parts_of(name), _TEXTS)
    return found


def number_for(name: str) -> tuple[int, int] | None:
    """Between which numbers the member *name* is likely to be."""
    bounds: tuple[int, int] | None = _found(parts_of(name), _NUMBERS)
    return bounds


def _found(parts: tuple[str, ...], table: Mapping[str, Any]) -> Any:
    """What *table* says of the longest end of a name."""
    for many in (2, 1):
        if len(parts) >= many:
            found = table.get(" ".join(parts[-many:]))
            if found is not None:
                return found
    return None
