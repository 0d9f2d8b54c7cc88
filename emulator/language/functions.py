"""Functions: what an expression may call; the table that documents them too.

Every function takes and gives JSON values. One that needs the world takes the
exchange first, as *x*. Times are texts in UTC (`2024-02-05T14:30:00Z`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta, tzinfo
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from emulator.json_type import Json
from emulator.language import codecs, parts
from emulator.language.function import Function
from emulator.language.sizes import DIGITS, DRAWN, TEXT, fits, whole
from emulator.language.texts import to_text
from emulator.times import SECOND, counted, http_date, instant, iso, time_of

_SHORT = 40
"""The most characters of a time that is remembered with its date."""
_SPELLED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "å": "aa",
        "\u0131": "i",
        "ł": "l",
        "đ": "d",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
    }
)
"""What is written in ASCII otherwise than without its accents."""
_NO_SLUG = re.compile("[^a-z0-9]+")


def slug(text: Json) -> str:
    """`Bürokaufmann (m/w/d)` becomes `buerokaufmann-m-w-d`."""
    plain = to_text(text).lower()
    if not plain.isascii():
        spelled = unicodedata.normalize("NFKD", plain.translate(_SPELLED))
        plain = spelled.encode("ascii", "ignore").decode()
    return _NO_SLUG.sub("-", plain).strip("-")


def unique_slug(x: Any, text: Json, collection: str, field: str = "slug") -> str:
    """The slug of *text*, with `-2`, `-3`, ... when a record of *collection* has it."""
    stem = slug(text) or "item"
    records = x.collection(collection)

    def taken(number: int) -> bool:
        candidate = stem if number == 1 else f"{stem}-{number}"
        return records.first(field, candidate) is not None

    # Numbers are given in order, so the first free one is found by halving.
    free = 1
    while taken(free):
        free *= 2
    low = free // 2
    while free - low > 1:
        middle = (low + free) // 2
        low, free = (middle, free) if taken(middle) else (low, middle)
    return stem if free == 1 else f"{stem}-{free}"


def lookup(x: Any, collection: str, key: Json, field: str = "") -> Json:
    """The record of *collection* with this key (or this value of *field*), or null."""
    records = x.collection(collection)
    return records.first(field, key) if field else records.get(key)


def records(x: Any, collection: str, **equals: Json) -> list[Json]:
    """All records of *collection* whose fields equal what is named."""
    matches: list[Json] = x.collection(collection).where(equals)
    return matches


def count(x: Any, collection: str, **equals: Json) -> int:
    """How many records of *collection* have fields that equal what is named."""
    number: int = x.collection(collection).count(equals)
    return number


def show(x: Any, view: str, record: dict[str, Json] | None) -> Json | None:
    """*record* as *view* shows it; null for null."""
    return None if record is None else x.program.views[view].show(x, record)


def timestamp(time: str | None, zone: str = "UTC", form: str = "") -> str | None:
    """*time* in *zone* with its offset, or in a strftime *form*; null for null."""
    if time is None:
        return None
    local = instant(time).astimezone(_zone(zone))
    if form:
        return local.strftime(form)
    return local.isoformat(timespec="seconds")


def epoch(time: str | None) -> int | None:
    """*time* in whole seconds since 1970; null for null."""
    return None if time is None else time_of(time) // SECOND


def http_time(time: str | None) -> str | None:
    """*time* as HTTP headers write it: `Mon, 05 Feb 2024 14:30:00 GMT`; null for null."""
    return None if time is None else http_date(time_of(time))


def date(time: str | None, zone: str = "UTC") -> str | None:
    """The date of *time* in *zone*: `2024-02-05`; null for null."""
    if time is None:
        return None
    # Counters of a day ask at every call, and of few times.
    if isinstance(time, str) and len(time) <= _SHORT:
        return _date(time, zone)
    return instant(time).astimezone(_zone(zone)).date().isoformat()


@lru_cache(maxsize=256)
def _date(time: str, zone: str) -> str:
    return instant(time).astimezone(_zone(zone)).date().isoformat()


def shift(
    time: str | None,
    *,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
) -> str | None:
    """*time* moved by as much as is named; a date stays a date; null for null."""
    if time is None:
        return None
    moved = instant(time) + timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds
    )
    if "T" not in time:
        return str(moved.date().isoformat())
    return iso(counted(moved))


def uuid(x: Any) -> str:
    """A fresh UUID (version 4) of the world's chance."""
    return str(x.world.chance.uuid())


def token(x: Any, length: int, alphabet: str = "0123456789abcdef") -> str:
    """*length* fresh characters of *alphabet*, of the world's chance."""
    whole(length, 0, DRAWN, "the length of a token")
    return str(x.world.chance.token(length, alphabet))


def secret(x: Any, length: int, alphabet: str = "0123456789abcdef") -> str:
    """*length* fresh characters of *alphabet* that no other world gives out: for tokens."""
    whole(length, 0, DRAWN, "the length of a secret")
    return str(x.world.secrets.token(length, alphabet))


def words(name: Json) -> str:
    """A field's name as words: `user_id` becomes `user id`."""
    return to_text(name).replace("_", " ")


def capitalized(text: Json) -> str:
    """*text* with its first letter in upper case and the rest as it is."""
    plain = to_text(text)
    return plain[:1].upper() + plain[1:]


def join(
    items: list[Json] | dict[str, Json] | str | None, separator: str = ", "
) -> str:
    """The items as texts, with *separator* between them."""
    texts = [to_text(item) for item in items or ()]
    fits(sum(map(len, texts)) + len(separator) * len(texts), TEXT, "characters")
    return separator.join(texts)


def lower(value: Json) -> str | None:
    """A text in lower case; null for null."""
    return None if value is None else str(value).lower()


def upper(value: Json) -> str | None:
    """A text in upper case; null for null."""
    return None if value is None else str(value).upper()


def replace(text: Json, old: str, new: str) -> str | None:
    """A text with *new* wherever it has *old*; null for null."""
    if text is None:
        return None
    found = str(text)
    if len(new) > len(old):
        longer = found.count(old) * (len(new) - len(old))
        fits(len(found) + longer, TEXT, "characters")
    return found.replace(old, new)


def fixed(value: float | None, digits: int) -> str | None:
    """A number as a text with *digits* decimals: `3.50`; null for null."""
    whole(digits, 0, DIGITS, "the number of digits")
    return None if value is None else f"{value:.{digits}f}"


def length(value: list[Json] | dict[str, Json] | str | None) -> int:
    """How many characters, items or members; 0 for null."""
    return 0 if value is None else len(value)


def text(value: Json) -> str:
    """A value as a reply shows it inside a text: null is empty, true is `true`."""
    return to_text(value)


def integer(value: str | float) -> int:
    """A number or a text as a whole number."""
    return int(value)


def decimal(value: str | float) -> float:
    """A text or a number as a number that may have a fraction."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{to_text(value)[:60]!r} is not a number")
    return number


def url_path(url: str | None) -> str:
    """The path of an address: `https://acme.example/books` becomes `/books`; empty for what is none."""
    try:
        return urlsplit(url or "").path
    except ValueError:  # `http://[`
        return ""


def first(items: list[Json] | str | None) -> Json:
    """The first item, or null."""
    return items[0] if items else None


def merged(*mappings: dict[str, Json] | None) -> dict[str, Json]:
    """The members of all mappings; the last one wins."""
    return {
        key: value for mapping in mappings for key, value in (mapping or {}).items()
    }


def lowest(*values: float | str) -> Json:
    """The smallest of the values that are not null."""
    return min(_present(values))


def highest(*values: float | str) -> Json:
    """The largest of the values that are not null."""
    return max(_present(values))


def _present(values: Iterable[Json]) -> Iterator[Json]:
    return (value for value in values if value is not None)


def rounded(value: float, digits: int = 0) -> Json:
    """A number rounded to *digits* places; to a whole number where there are none."""
    whole(digits, -DIGITS, DIGITS, "the number of digits")
    return round(value, digits) if digits else round(value)


def contains(value: Json, part: str) -> bool:
    """Whether a text has *part* in it, whatever the case."""
    return value is not None and part.lower() in str(value).lower()


def first_messages(violations: list[Json]) -> dict[str, Json]:
    """Violations as {field: the first message}."""
    by_field: dict[str, Json] = {}
    for violation in violations:
        by_field.setdefault(violation["field"], violation["message"])
    return by_field


def all_messages(violations: list[Json]) -> dict[str, list[Json]]:
    """Violations as {field: [every message]}."""
    by_field: dict[str, list[Json]] = {}
    for violation in violations:
        by_field.setdefault(violation["field"], []).append(violation["message"])
    return by_field


def grouped(records: list[Json], by: str, then: str = "", name: str = "") -> list[Json]:
    """How many records have each value of the field *by*, most first: [{key, count}].

    With *then*, each group is grouped again, by that field, in its member *name* (or
    *then*). A list counts for each of its items, null for nothing.
    """
    groups: dict[str, tuple[Json, list[Json]]] = {}
    for record in records:
        value = record.get(by)
        for key in value if isinstance(value, list) else [value]:
            if key is not None:
                groups.setdefault(to_text(key), (key, []))[1].append(record)
    found = []
    for _, (key, members) in sorted(
        groups.items(), key=lambda group: (-len(group[1][1]), group[0])
    ):
        group = {"key": key, "count": len(members)}
        if then:
            group[name or then] = grouped(members, then)
        found.append(group)
    return found


def jwt(x: Any, claims: dict[str, Json], keys: str, typ: str = "JWT") -> str:
    """A signed JSON Web Token (RFC 7519) of *claims*, by the current key of *keys*.

    It gets an `iat` and a `jti` if they are missing.
    """
    return str(x.program.keys[keys].sign(x.world, claims, typ))


def jwks(x: Any, keys: str) -> Json:
    """The public keys of *keys*, as a JSON Web Key Set (RFC 7517)."""
    return x.program.keys[keys].jwks(x.world)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def content(x: Any, file: Json) -> Any:
    """The bytes of an uploaded *file* that a record of a collection with `files` has, or of a file of fixtures, with its `text` or its `base64`; null where there is none."""
    if not isinstance(file, Mapping):
        return None
    digest = file.get("digest")
    if isinstance(digest, str):
        return x.world.files.get(x.program.name, digest)
    if isinstance(file.get("text"), str):
        return file["text"].encode()
    return codecs.bytes_of(file.get("base64"))


def _table(*rows: Function) -> Mapping[str, Function]:
    return {row.name: row for row in rows}


_WORDS: Mapping[str, tuple[str, ...]] = {
    "algorithm": codecs.ALGORITHMS,
    "encoding": codecs.FORMS,
    "key_as": codecs.READ_AS,
    "text_as": codecs.READ_AS,
    "space": codecs.SPACES,
}

FUNCTIONS = _table(
    Function("lookup", lookup, world=True, names="collection", finds=True),
    Function("records", records, world=True, names="collection"),
    Function("count", count, world=True, names="collection"),
    Function("show", show, world=True, names="view"),
    Function("slug", slug),
    Function("unique_slug", unique_slug, world=True, fresh=True, names="collection"),
    Function("uuid", uuid, world=True, fresh=True),
    Function("token", token, world=True, fresh=True),
    Function("secret", secret, world=True, fresh=True),
    Function("timestamp", timestamp),
    Function("epoch", epoch),
    Function("http_date", http_time),
    Function("date", date),
    Function("shift", shift),
    Function("content", content, world=True, fresh=True, finds=True),
    Function("jwt", jwt, world=True, fresh=True, names="key"),
    Function("jwks", jwks, world=True, fresh=True, names="public_key"),
    Function("words", words),
    Function("capitalized", capitalized),
    Function("lower", lower),
    Function("upper", upper),
    Function("replace", replace),
    Function("fixed", fixed),
    Function("url_path", url_path),
    Function("join", join),
    Function("text", text),
    Function("contains", contains),
    Function("integer", integer),
    Function("decimal", decimal),
    Function("round", rounded),
    Function("min", lowest),
    Function("max", highest),
    Function("length", length),
    Function("first", first, finds=True),
    Function("merge", merged),
    Function("grouped", grouped),
    Function("split", parts.split),
    Function("matches", parts.matches, pattern="pattern"),
    Function("starts_with", parts.starts_with),
    Function("ends_with", parts.ends_with),
    Function("trim", parts.trim),
    Function("parse_json", parts.parse_json, finds=True),
    Function("type_of", parts.type_of),
    Function("sorted", parts.in_order),
    Function("unique", parts.unique),
    Function("numbers", parts.counted),
    Function("sum", parts.total),
    Function("any", parts.any_of),
    Function("all", parts.all_of),
    Function("only", parts.only),
    Function("without", parts.without),
    Function("first_messages", first_messages),
    Function("all_messages", all_messages),
    Function("hash", codecs.hash_of, words=_WORDS),
    Function("hmac", codecs.hmac_of, words=_WORDS),
    Function("digest", codecs.digest),
    Function("hex", codecs.to_hex),
    Function("base64", codecs.to_base64, words=_WORDS),
    Function("base64url", codecs.to_base64url, words=_WORDS),
    Function("from_base64", codecs.from_base64, finds=True),
    Function("url", codecs.url),
    Function("query_string", codecs.query_string, words=_WORDS),
)
"""What every expression may call."""
