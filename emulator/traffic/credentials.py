"""Credentials: where calls say who they are, and which of them were let in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.http.cookies import cookie_pairs
from emulator.json_type import Json
from emulator.traffic.recorded import Recorded
from emulator.traffic.sensitive import kind_by_name
from emulator.traffic.standing import Standing, standing

_COMPANION = re.compile(
    r"^(x-)?(client|app|application|account|user|key)[-_]?(id|name)$"
)

_PROOF = re.compile(r"(?i)(^|[-_])(signature|sig|hmac|nonce|digest)$")
_PROVING = re.compile(
    r"(?i)(aws|hmac|sharedkey|hawk|mac|digest|signature|oauth|negotiate|ntlm|scram|kerberos)"
    r"([-_0-9].*|lite|v4)?"
)
"""Words of Authorization before what is made anew for each call, or each connection."""
_MANY, _SOME = 12, 4
"""A credential that is another one in most of so many calls is none."""
_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9_-]{0,20} +([^\s,=\"]+=*|[A-Za-z_]+=(\"[^\s,=\"]+=*\"|[^\s,=\"]+=*))"
)
"""A word and one text, or one named text, behind it: `token ghp_1`, `Token token="ghp_1"`."""
_WORD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,20}) +\S")
_EMPTY = ("null", "undefined", "none", "nan")
"""What a program sends that has no credential."""
OF_HTTP = ("bearer", "basic")
"""The words that are schemes of HTTP; any other is a word of the API's own."""


class Place(NamedTuple):
    """Where a secret stands: `header` and its name, and the scheme of Authorization."""

    where: str
    name: str
    scheme: str = ""


@dataclass
class Credentials:
    """The schemes of an API, and the values that were sent."""

    schemes: dict[str, Place] = field(default_factory=dict)
    values: dict[str, dict[str, bool]] = field(default_factory=dict)
    """By scheme: each value, and whether a call with it ever succeeded."""

    let_in: set[tuple[str, ...]] = field(default_factory=set)
    """The schemes that were sent together in calls that were answered."""

    unchecked: list[str] = field(default_factory=list)
    """What calls prove themselves by, and is not looked at, as sentences."""

    pairs: list[tuple[str, ...]] = field(default_factory=list)
    """Schemes that are always sent together."""

    standing: dict[str, Standing] = field(default_factory=dict)
    """By scheme: what becomes of those that are refused."""

    def described(self) -> dict[str, Json]:
        """As `components.securitySchemes`."""
        return {name: _described(place) for name, place in self.schemes.items()}

    def uses(self, where: str, name: str) -> bool:
        return any((p.where, p.name) == (where, name) for p in self.schemes.values())

    def judge(self, calls: Iterable[tuple[Recorded, str]]) -> None:
        """Find out what refused callers lack: *calls*, each with its operation's id."""
        every = [*calls]
        for name, place in self.schemes.items():
            told = [(call, sent(call, place), operation) for call, operation in every]
            self.standing[name] = standing(told, self.values[name])

    def code(self, call: Recorded) -> str:
        """The refusal of a caller that a reply is; "" where it is none, or not known."""
        codes = [each.codes.get(id(call), "") for each in self.standing.values()]
        return next(filter(None, codes), "")

    def scopes_of(self, name: str, calls: Iterable[Recorded]) -> list[str]:
        """What callers lacked who were refused in *calls*."""
        known = self.standing[name].scopes if name in self.standing else {}
        return sorted({known[id(call)] for call in calls if id(call) in known})

    def sent_by(self, call: Recorded) -> tuple[str, ...]:
        """The schemes of which *call* sends something."""
        return tuple(name for name, place in self.schemes.items() if sent(call, place))

    def _strange(self, call: Recorded) -> bool:
        """Whether *call* has a credential that is never let in."""
        return any(
            not self.values[name].get(value, False)
            for name, place in self.schemes.items()
            if (value := sent(call, place))
        )

    def needed(
        self, calls: Sequence[Recorded], refused: Sequence[Recorded] = ()
    ) -> list[dict[str, list[str]]] | None:
        """The `security` of an operation by its calls; None where the API has no schemes.

        Of those that were *refused*, the scopes that it needs are seen.
        """
        if not self.schemes:
            return None
        sets = {*map(self.sent_by, calls)}
        # Who is refused for what a call says has been let in before that.
        late = [call for call in refused if call.status in (400, 404, 409, 422)]
        sets |= {*map(self.sent_by, late)} & self.let_in
        # What is always sent together is one alternative; what goes without needs none.
        smallest = [
            names
            for names in sorted(sets, key=len)
            if not any({*other} < {*names} and other for other in sets)
        ]
        if () in sets:
            # Who says nothing is let in; who says something wrong may not be.
            turned = any(call.status == 401 and self._strange(call) for call in refused)
            turned = turned and not any(map(self._strange, calls))
            smallest = sorted({*sets} - {()}, key=len) if turned else []
        made: list[dict[str, list[str]]] = [
            {name: self.scopes_of(name, refused) for name in names}
            for names in smallest
            if names
        ]
        return [{}, *made] if () in sets and made else made


def find_credentials(calls: Iterable[Recorded]) -> Credentials:
    """The schemes that *calls* show, in the order of their first use."""
    every = [*calls]
    places: dict[Place, None] = {}
    for call in every:
        for place in _places(call):
            places.setdefault(place)
    lasting = [place for place in places if not _is_proof(place, every, places)]
    strong = [place for place in lasting if place.where != "cookie"]
    chosen = strong or lasting
    found = Credentials(unchecked=_unchecked(every, places, lasting))
    for place in chosen:
        found.schemes[_name(place, found.schemes)] = place
    guarded = _guarded(every, [*found.schemes.values()])
    for name, place in found.schemes.items():
        found.values[name] = values_of(guarded, place)
    sets = {found.sent_by(call) for call in guarded if call.status < 400} - {()}
    found.let_in = sets
    found.pairs = [
        names
        for names in sorted(sets)
        if len(names) > 1
        and not any({*names} & {*other} for other in sets if other != names)
    ]
    return found


def _unchecked(
    calls: Iterable[Recorded], places: Iterable[Place], lasting: Collection[Place]
) -> list[str]:
    """What is said of the proofs of calls."""
    words = {
        f"Authorization: {found[1]}"
        for call in calls
        if (found := _WORD.match(call.header("authorization")))
        and not any(sent(call, place) for place in lasting)
    }
    names = {
        f"{place.where} {place.name}"
        for place in places
        if place not in lasting and place.name != "authorization"
    }
    return [
        f"`{what}` is not checked: it is made for one call, and calls with any are let in"
        for what in sorted(words | names)
    ]


def _is_proof(place: Place, calls: Sequence[Recorded], places: Iterable[Place]) -> bool:
    """Whether what stands at *place* is made anew for each call, as a signature is.

    It is then always sent with something at another place, which says who signs.
    """
    if _PROOF.search(place.name) or _PROVING.fullmatch(place.scheme):
        return True
    signed = [call for call in calls if sent(call, place)]
    of_its_own = place.scheme and place.scheme not in OF_HTTP
    if of_its_own and len(signed) >= _SOME:
        return len({sent(call, place) for call in signed}) * 2 > len(signed)
    if len(signed) < _MANY or len({sent(c, place) for c in signed}) * 2 <= len(signed):
        return False
    others = ([sent(call, other) for call in signed] for other in places)
    return any(all(each) and len({*each}) * 2 <= len(signed) for each in others)


def _guarded(calls: Sequence[Recorded], places: Sequence[Place]) -> list[Recorded]:
    """The calls of what not everybody may call: their success proves something."""
    free = {
        (call.method, call.path)
        for call in calls
        if call.succeeded and not any(sent(call, place) for place in places)
    }
    return [call for call in calls if (call.method, call.path) not in free]


def values_of(calls: Iterable[Recorded], place: Place) -> dict[str, bool]:
    """What *calls* send at *place*, and whether somebody with it was ever let in.

    Whoever is told that there is no such thing, and never that they may not ask, was.
    """
    statuses: dict[str, set[int]] = {}
    for call in calls:
        value = sent(call, place)
        if value:
            statuses.setdefault(value, set()).add(call.status)
    return {
        value: any(status < 400 for status in seen)
        or (not seen & {401, 402, 403} and bool(seen & {404, 409, 410, 412, 422, 429}))
        for value, seen in statuses.items()
    }


def sent(call: Recorded, place: Place) -> str:
    """What *call* sends at *place*; "" for nothing."""
    if place.where == "query":
        return next((value for name, value in call.query if name == place.name), "")
    if place.where == "cookie":
        pairs = dict(cookie_pairs(call.header("cookie")))
        return pairs.get(place.name, "")
    value = call.header(place.name)
    if place.scheme:
        scheme, _, rest = value.partition(" ")
        rest = rest.strip()
        known = scheme.lower() == place.scheme and rest.lower() not in _EMPTY
        return rest if known else ""
    if place.name == "authorization" and " " in value:
        return ""
    return value


def _places(call: Recorded) -> Iterable[Place]:
    names = [name for name, _ in call.headers]
    secret = [
        name
        for name in names
        if name not in ("authorization", "cookie", "proxy-authorization")
        and kind_by_name(name) == "secret"
        and "csrf" not in name
        and "xsrf" not in name
        and not name.startswith(("sec-", "x-emulator-", "idempotency-"))
    ]
    value = call.header("authorization")
    if value:
        scheme, space, _ = value.partition(" ")
        known = scheme.lower() if space else ""
        if known and (known in OF_HTTP or _PLAIN.fullmatch(value.strip())):
            yield Place("header", "authorization", known)
        elif not space:
            yield Place("header", "authorization")
    for name in names if secret else ():
        if _COMPANION.match(name):
            yield Place("header", name)
    for name in secret:
        yield Place("header", name)
    for name, _ in call.query:
        if kind_by_name(name) == "secret":
            yield Place("query", name)
    for name, _ in cookie_pairs(call.header("cookie")):
        if re.search(r"(?i)sess|sid|auth|token", name):
            yield Place("cookie", name)


def _name(place: Place, taken: Iterable[str]) -> str:
    if place.scheme:
        name = re.sub(r"[^A-Za-z0-9]", "", place.scheme).capitalize()
    else:
        words = re.sub(r"[^A-Za-z0-9]+", " ", place.name.removeprefix("x-")).split()
        name = "".join(word.capitalize() for word in words) or "Key"
    known = {*taken}
    number = 2
    made = name
    while made in known:
        made, number = f"{name}{number}", number + 1
    return made


def _described(place: Place) -> Json:
    if place.scheme in OF_HTTP:
        return {"type": "http", "scheme": place.scheme}
    return {"type": "apiKey", "in": place.where, "name": place.name}
