"""Names: what a member is likely to hold, by what it is called.

`billing_email` holds an address of mail, `createdAt` a time, `price` an amount. People,
places and sentences are Faker's, which is imported when the first one is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
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
_NEW_YEAR = 1_672_531_200
"""2023, in seconds since 1970."""
_SECONDS_OF_YEAR = 31_557_600


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


def _year(name: str) -> int:
    """The year of the day that *name* is for: what comes first has an earlier one."""
    parts = {*parts_of(name)}
    for year, said in _YEARS:
        if parts & said:
            return year
    return 2024


_YEARS = (
    (2032, {"exp", "expires", "expire", "expiry", "expiration"}),
    (2031, {"to", "until", "end", "ends", "ended", "stop"}),
    (2026, {"due", "deadline", "next"}),
    (2023, {"first"}),
    (2025, {
        "update", "updated", "modified", "changed", "edited", "deleted", "closed", "completed",
        "finished", "merged", "resolved", "cancelled", "canceled", "shipped", "delivered",
        "paid", "published", "seen", "last", "latest",
    }),
    (2023, {
        "create", "created", "creation", "added", "joined", "registered", "signup", "opened", "ordered", "start",
        "starts", "started", "begin", "from", "since",
    }),
)  # fmt: skip
"""Years, and the words of names of days in them: nothing ends before it has begun."""


def date(chance: Chance, name: str = "") -> str:
    """A day of the year that fits the member *name*; of a birth, that of a grown-up."""
    year, month, day = _year(name), chance.number(1, 12), chance.number(1, 28)
    if not _BIRTH.isdisjoint(parts_of(name)):
        year = chance.number(1950, 2004)
    return f"{year}-{month:02}-{day:02}"


_BIRTH = {"birth", "birthday", "birthdate", "born", "dob"}


def time(chance: Chance) -> str:
    hour, minute, second = (chance.number(0, most) for most in (23, 59, 59))
    return f"{hour:02}:{minute:02}:{second:02}Z"


def moment(chance: Chance, name: str = "") -> str:
    return f"{date(chance, name)}T{time(chance)}"


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


def _sentence(chance: Chance) -> str:
    return str(chance.pick(_SENTENCES))


_SENTENCES = (
    "Agreed with the team on Monday.", "Checked and ready to use.",
    "Everything is in order.", "Needs a second look next week.",
    "No further action is needed.", "Replaces the earlier version.",
    "See the notes below for details.", "A short summary of what was done.",
    "Thanks for the quick reply!", "Updated after the last review.",
    "Waiting for an answer.", "Works as described.",
    "Please have a look before Friday.", "The second of three parts.",
    "Takes about ten minutes.", "Only for internal use.",
)  # fmt: skip


_TITLES = (
    "A guide for beginners", "A letter from the editor", "How we work",
    "Ideas for the summer", "News of the week", "Notes of the first meeting",
    "Plans for next spring", "Questions and answers", "Ten things to know",
    "The long way home", "What to do first", "What we have learnt",
)  # fmt: skip


def _name(chance: Chance) -> str:
    """Whoever or whatever it is: a queue is not called Jasmine Rangel, MD."""
    return words(chance, 2).title()


_PEOPLE = (
    "artist", "assignee", "author", "contact", "customer", "driver", "employee", "guest",
    "holder", "manager", "member", "owner", "passenger", "patient", "person", "player",
    "recipient", "sender", "student", "teacher",
)  # fmt: skip


def _thing(chance: Chance) -> str:
    return f"{words(chance).capitalize()} {chance.pick(_THINGS)}"


_THINGS = (
    "Backpack", "Bottle", "Chair", "Desk", "Headphones", "Jacket", "Keyboard", "Lamp",
    "Mug", "Notebook", "Sofa", "Table",
)  # fmt: skip


def _one_of(*choices: str) -> Callable[[Chance], str]:
    return lambda chance: str(chance.pick(choices))


def _digits(many: int) -> Callable[[Chance], str]:
    return lambda chance: chance.token(many, "123456789")


def _hex(many: int) -> Callable[[Chance], str]:
    return lambda chance: chance.token(many, _HEX)


def _amount(chance: Chance) -> str:
    return f"{chance.number(100, 99_900) / 100:.2f}"


def _host(chance: Chance) -> str:
    return f"{words(chance)}.example"


def _path(chance: Chance) -> str:
    return f"/{words(chance)}/{words(chance)}"


_CURRENCIES = _one_of("EUR", "USD", "GBP", "CHF")
_LANGUAGES = _one_of("en", "de", "fr", "es")
_ZONES = _one_of("UTC", "Europe/Berlin", "Asia/Tokyo")
_NAME, _COMPANY, _CITY = _fake("name"), _fake("company"), _fake("city")
_LOGIN, _STREET, _POSTCODE = (
    _fake("user_name"),
    _fake("street_address"),
    _fake("postcode"),
)
_TEXTS: Mapping[str, Callable[[Chance], str]] = {
    **dict.fromkeys(("email", "mail", "email address"), mail),
    **dict.fromkeys(("first name", "given name", "nickname"), _fake("first_name")),
    **dict.fromkeys(("last name", "family name", "surname"), _fake("last_name")),
    "name": _name,
    **dict.fromkeys(("full name", "author", "owner", "holder", "assignee"), _NAME),
    **{f"{person} name": _NAME for person in _PEOPLE},
    **dict.fromkeys(
        ("user name", "username", "login", "handle", "created by", "updated by",
         "modified by"), _LOGIN,
    ),
    **dict.fromkeys(("city", "city name", "town", "locality", "location"), _CITY),
    **dict.fromkeys(
        ("street", "address", "line 1", "address 1", "street 1", "street address"), _STREET,
    ),
    "line 2": lambda chance: f"Apt. {chance.number(1, 99)}",
    **dict.fromkeys(("country", "country name"), _fake("country")),
    "country code": _fake("country_code"),
    "state": _fake("state"), "province": _fake("state"),
    **dict.fromkeys(("zip", "postal code", "postcode", "zip code"), _POSTCODE),
    **dict.fromkeys(
        ("company", "organization", "organisation", "vendor", "manufacturer", "publisher",
         "merchant", "supplier", "brand", "company name", "organization name",
         "business name", "legal name", "merchant name", "vendor name"), _COMPANY,
    ),
    **dict.fromkeys(("job", "job title", "occupation"), _fake("job")),
    **dict.fromkeys(("title", "subject", "headline"), _one_of(*_TITLES)),
    **dict.fromkeys(("product", "product name", "item name"), _thing),
    **dict.fromkeys(
        ("description", "summary", "message", "comment", "comments", "text", "body", "bio",
         "note", "notes", "content", "detail", "details", "reason", "explanation", "info",
         "information", "instructions", "caption", "msg", "desc"), _sentence,
    ),
    **dict.fromkeys(("phone", "phone number", "mobile", "fax", "telephone"), _phone),
    **dict.fromkeys(
        ("url", "uri", "href", "link", "website", "homepage", "avatar", "image", "icon",
         "logo", "endpoint"), address,
    ),
    **dict.fromkeys(("host", "hostname", "host name", "domain", "domain name", "fqdn"), _host),
    **dict.fromkeys(("path", "file path"), _path),
    **dict.fromkeys(("id", "key", "identifier"), identifier),
    **dict.fromkeys(("token", "secret"), _hex(24)),
    **dict.fromkeys(("uid", "uuid", "guid"), lambda chance: chance.uuid()),
    "sha": _hex(40),
    **dict.fromkeys(
        ("hash", "etag", "checksum", "digest", "fingerprint", "signature", "thumbprint"),
        _hex(32),
    ),
    **dict.fromkeys(
        ("date", "on", "birthday", "birthdate", "dob", "of birth", "deadline"), date
    ),
    **dict.fromkeys(
        ("time", "at", "timestamp", "created", "updated", "modified", "expires", "expiry",
         "expiration"), moment,
    ),
    "year": lambda chance: str(chance.number(2015, 2025)),
    "month": lambda chance: f"{chance.number(1, 12):02}",
    **dict.fromkeys(("expiry year", "exp year"), _one_of("2030", "2031", "2032")),
    **dict.fromkeys(("ip", "ip address"), _ip),
    **dict.fromkeys(("currency", "currency code"), _CURRENCIES),
    **dict.fromkeys(("language", "language code", "lang"), _LANGUAGES),
    "locale": _one_of("en-US", "de-DE", "fr-FR"),
    **dict.fromkeys(("time zone", "timezone"), _ZONES),
    **dict.fromkeys(("color", "colour"), lambda chance: f"#{chance.token(6, _HEX)}"),
    "slug": lambda chance: f"{words(chance)}-{words(chance)}",
    "version": lambda chance: ".".join(str(chance.number(0, 9)) for _ in range(3)),
    "sku": lambda chance: f"{chance.token(3, _LETTERS).upper()}-{chance.number(1000, 9999)}",
    **dict.fromkeys(
        ("price", "amount", "cost", "total", "subtotal", "balance", "fee", "tax", "discount",
         "salary"), _amount,
    ),
    **dict.fromkeys(("file name", "filename"), lambda chance: f"{words(chance)}.txt"),
    **dict.fromkeys(
        ("content type", "mime type", "media type"), _one_of("application/json", "text/plain")
    ),
    "gender": _one_of("female", "male", "other"),
    "status": _one_of("active", "pending", "inactive"),
    "branch": _one_of("main", "develop"),
    "iban": _one_of(
        "DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606"
    ),
    **dict.fromkeys(("bic", "swift"), _one_of("COBADEFFXXX", "DEUTDEFF", "BNPAFRPP")),
    **dict.fromkeys(("last 4", "last four"), _digits(4)),
    "mcc": _one_of("5411", "5732", "5812", "7372"),
    **dict.fromkeys(("number", "account number", "order number", "reference"), _digits(8)),
}  # fmt: skip
_MOMENTS = (-1, -1)
"""Seconds since 1970, in the year that fits the name."""
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "id": (1, 99_999), "number": (1, 9_999), "age": (18, 90), "year": (1990, 2025),
    "month": (1, 12), "day": (1, 28), "hour": (0, 23), "minute": (0, 59),
    "expiry year": (2030, 2035), "exp year": (2030, 2035),
    "count": (0, 100), "quantity": (1, 20), "total": (1, 500), "price": (1, 500),
    "amount": (1, 500), "cost": (1, 500), "tax": (1, 50), "fee": (1, 50),
    "discount": (1, 50), "latitude": (-80, 80), "lat": (-80, 80),
    "longitude": (-170, 170), "lng": (-170, 170), "lon": (-170, 170),
    "percent": (0, 100), "percentage": (0, 100), "rating": (1, 5), "score": (0, 100),
    "size": (1, 5_000), "width": (1, 2_000), "height": (1, 2_000), "status": (200, 200),
    "seconds": (1, 600), "minutes": (1, 59), "hours": (1, 23), "days": (1, 30),
    "version": (1, 9), "index": (0, 9), "position": (1, 20), "rank": (1, 20),
    "priority": (1, 5), "attempts": (1, 3), "limit": (10, 100), "page": (1, 1),
    **dict.fromkeys(
        ("at", "timestamp", "created", "updated", "modified", "expires", "expiry",
         "expiration"), _MOMENTS,
    ),
    **{
        f"{word} time": _MOMENTS
        for word in ("create", "creation", "update", "modified", "start", "end", "expiry")
    },
    "port": (1_024, 65_535),
}  # fmt: skip


def text_for(name: str, chance: Chance) -> str | None:
    """A text for the member *name*; None where its name says nothing."""
    make = _maker(name)
    return None if make is None else make(chance)


@lru_cache(4_096)
def _maker(name: str) -> Callable[[Chance], str] | None:
    found: Callable[[Chance], str] | None = _found(parts_of(name), _TEXTS)
    return partial(found, name=name) if found in (date, moment) else found


def number_for(name: str) -> tuple[int, int] | None:
    """Between which numbers the member *name* is likely to be."""
    bounds: tuple[int, int] | None = _found(parts_of(name), _NUMBERS)
    if bounds is None:
        return _of_limit(name)
    if bounds is not _MOMENTS:
        return bounds
    start = _NEW_YEAR + (_year(name) - 2023) * _SECONDS_OF_YEAR
    return start, start + _SECONDS_OF_YEAR - 1


def _of_limit(name: str) -> tuple[int, int] | None:
    """Small numbers for what is the least of something, and large ones for the most."""
    parts = {*parts_of(name)}
    if parts & {"min", "minimum"}:
        return 1, 10
    return (100, 1_000) if parts & {"max", "maximum"} else None


def _found(parts: tuple[str, ...], table: Mapping[str, Any]) -> Any:
    """What *table* says of the longest end of a name."""
    for many in (2, 1):
        if len(parts) >= many:
            found = table.get(" ".join(parts[-many:]))
            if found is not None:
                return found
    return None
