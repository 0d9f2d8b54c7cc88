"""Planted secrets: drawn in the shapes that are known, put everywhere, and found nowhere.

What has a shape is found wherever it stands; what has none, such as a password, where a
name says what it is, and then wherever it is repeated.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_archives import archive, call

from emulator.diagnostics import Report
from emulator.traffic.har import read_archive
from emulator.traffic.learning import learn
from emulator.traffic.redaction import Redactor
from emulator.traffic.sensitive import iban_remainder, luhn

Json = Any
SMALL = "abcdefghijklmnopqrstuvwxyz"
LETTERS = SMALL + SMALL.upper()
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"


def drawn(letters: str, many: int) -> st.SearchStrategy[str]:
    """As keys are drawn: not twenty times the same letter, as a shrunk example has it."""
    return st.integers(0, 2**64).map(
        lambda seed: "".join(
            letters[(seed * 6364136223846793005 + at * at * 1442695040888963407 >> 33) % len(letters)]
            for at in range(1, many + 1)
        )
    )  # fmt: skip


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def bare(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def with_check(body: str) -> str:
    return body + next(digit for digit in DIGITS if luhn(body + digit))


def iban(body: str) -> str:
    return f"DE{98 - iban_remainder('DE00' + body):02}{body}"


WORD = LETTERS + DIGITS
KEYS = st.one_of(
    *(
        st.builds(form.format, drawn(letters, many))
        for form, letters, many in (
            ("sk_live_{}", WORD, 24), ("rk_test_{}", WORD, 24), ("whsec_{}", WORD, 32),
            ("ghp_{}", WORD, 36), ("github_pat_11{}", WORD, 70), ("glpat-{}", WORD, 20),
            ("xoxb-2417{}", DIGITS + "-" + WORD, 40), ("AKIA{}", SMALL.upper() + DIGITS, 16),
            ("AIza{}", WORD, 35), ("SG.{}", WORD, 66), ("npm_{}", WORD, 36),
            ("sk-proj-{}", WORD, 48), ("shpat_{}", HEX, 32), ("key-{}", HEX, 32),
            ("SK{}", HEX, 32), ("hf_{}", WORD, 34), ("dop_v1_{}", HEX, 64),
            ("ya29.{}", WORD, 60), ("EAAC{}", WORD, 80), ("{}", HEX, 32), ("{}", HEX, 40),
            ("{}", HEX, 64), ("{}", WORD, 32), ("{}", WORD + "+/", 40),
        )
    )
)  # fmt: skip
TOKENS = st.builds(
    lambda claims, signed: f"{bare(json.dumps({'alg': 'RS256'}))}.{bare(json.dumps(claims))}.{signed}",
    st.fixed_dictionaries({"sub": drawn(SMALL, 8), "exp": st.integers(0, 2**31)}),
    drawn(WORD, 43),
)  # fmt: skip
MAILS = st.builds(
    "{}{}{}@{}.{}".format,
    drawn(SMALL, 5),
    st.sampled_from([".", "+", "_", "-"]),
    drawn(SMALL, 4),
    drawn(SMALL, 7),
    st.sampled_from(["test", "co.uk", "de", "photography"]),
)
PHONES = st.builds(
    str.format,
    st.sampled_from([
        "+49 30 {}", "+1 415-555-{}", "(415) 555-{:.4}", "+4930{}", "0171 {}",
        "03-1234-{:.4}", "02 9876 {:.4}", "(03) 9876 {:.4}", "01 23 45 67 {:.2}",
        "06.12.34.56.{:.2}",
    ]),
    drawn("23456789", 7),
)  # fmt: skip
CARDS = st.builds(
    lambda first, rest: with_check(first + rest),
    st.sampled_from(["4", "52"]),
    drawn(DIGITS, 14),
).map(lambda card: card[:16] if luhn(card[:16]) else with_check(card[:15]))
IBANS = drawn(DIGITS, 18).map(iban)
SHAPED = st.one_of(KEYS, TOKENS, MAILS, PHONES, CARDS, IBANS)
PASSWORDS = st.builds(
    "{}{}{}".format,
    drawn(LETTERS, 6),
    st.sampled_from(["-", "!", ".", "§", " ", "%", "&"]),
    drawn(WORD, 4),
)

Plant = Callable[[str], dict[str, Json]]
"""Members of a call, as `traffic_archives.call` takes them, that have the secret in them."""
PLACES: dict[str, Plant] = {
    "path": lambda s: {"url": f"/x/{quote(s, safe='')}"},
    "query": lambda s: {"url": f"/x?q={quote_plus(s)}"},
    "query, twice encoded": lambda s: {"url": f"/x?next={quote('/y?m=' + quote(s, safe=''), safe='')}"},
    "header": lambda s: {"headers": {"X-Note": f"of {s}".encode().decode("latin-1")}},
    "name of a member": lambda s: {"reply": {"by": {s: 1}}},
    "nested": lambda s: {"json": {"a": [[{"b": {"c": [s]}}]]}},
    "sentence": lambda s: {"reply": {"error": f'Unknown caller "{s}", sorry.'}},
    "base64": lambda s: {"reply": {"blob": encoded(f"it is {s} here")}},
    "JSON in JSON": lambda s: {"reply": {"raw": json.dumps({"a": {"b": s}})}},
    "JSON in base64": lambda s: {"reply": {"raw": encoded(json.dumps({"a": s}))}},
    "address": lambda s: {"reply": {"url": f"https://b.test/y?z=1&w={quote(s, safe='')}#f"}},
    "fragment": lambda s: {"headers": {"REFERER": f"https://b.test/#/y/{quote(s, safe='')}"}},
    "form": lambda s: {"form": {"note": s}},
    "XML": lambda s: {"reply_text": f"<r><a b='1'>{s.replace('&', '&amp;')}</a></r>"},
    "Location": lambda s: {"reply_headers": {"LOCATION": f"/x/{quote(s, safe='')}"}},
}  # fmt: skip
PROOFS: dict[str, Plant] = {
    "bearer": lambda s: {"headers": {"AUTHORIZATION": f"Bearer {s}"}},
    "basic": lambda s: {"headers": {"authorization": f"basic {encoded('jo:' + s)}"}},
    "cookie": lambda s: {"headers": {"cOOkie": f"theme=dark; sid={quote(s)}"}},
    "set-cookie": lambda s: {"reply_headers": {"Set-Cookie": f"sid={quote(s)}; Path=/"}},
    "key in a header": lambda s: {"headers": {"X-API-KEY": quote(s)}},
    "key in a query": lambda s: {"url": f"/x?apikey={quote_plus(s)}"},
    "form": lambda s: {"form": {"user[password]": s}},
    "member": lambda s: {"json": {"login": {"newPassword": s}}},
    "reply": lambda s: {"reply": [{"client": {"clientsecret": s}}]},
    "assigned": lambda s: {"reply": {"help": f'use password="{s}" then'}},
    "address": lambda s: {"reply": {"hook": f"https://jo:{quote(s, safe='')}@b.test/"}},
}  # fmt: skip


def entry(plant: dict[str, Json], number: int, status: int = 200) -> Json:
    url = f"https://a.test/v{number}" + plant.pop("url", "/x")
    posted = "json" in plant or "form" in plant
    return call("POST" if posted else "GET", url, status=status, **plant)


def forms(secret: str) -> set[str]:
    """As it may be written."""
    once = quote(secret, safe="")
    inner = (
        {encoded("x" * pad + secret)[4:-4] for pad in (1, 2)}
        if len(secret) > 11
        else set()
    )
    escaped = json.dumps(secret)[1:-1]
    return {secret, once, quote(once, safe=""), quote_plus(secret), encoded(secret).rstrip("="), escaped} | inner  # fmt: skip


def left_of(secret: str, entries: list[Json]) -> list[str]:
    """What is left of *secret* in all that is learnt, and in what is told of it."""
    report, redactor = Report(), Redactor()
    calls = read_archive(archive(*entries), "a.har", report).entries
    assert report.diagnostics == []
    learnt = learn(calls, "acme")
    everything = (
        redactor.redact(calls),
        redactor.replaced(),
        learnt.document,
        learnt.observed,
    )
    text = "\n".join(map(repr, everything))
    return [form for form in forms(secret) if form in text]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(secret=SHAPED, places=st.lists(st.sampled_from([*PLACES]), min_size=4, max_size=4, unique=True))  # fmt: skip
def test_what_has_the_shape_of_a_secret_is_found_everywhere(
    secret: str, places: list[str]
) -> None:
    for place in places:
        left = left_of(secret, [entry(PLACES[place](secret), 1)])
        assert not left, (place, left)


@settings(max_examples=25, deadline=None)
@given(
    secret=PASSWORDS,
    proof=st.sampled_from([*PROOFS]),
    places=st.lists(st.sampled_from([*PLACES]), min_size=3, max_size=3, unique=True),
)
def test_what_a_name_says_to_be_secret_is_found_where_it_is_repeated(
    secret: str, proof: str, places: list[str]
) -> None:
    """Also before it, and in the words of an error."""
    around = [entry(PLACES[place](secret), at, 400) for at, place in enumerate(places)]

    left = left_of(secret, [*around, entry(PROOFS[proof](secret), 9)])

    assert not left, (proof, places, left)
