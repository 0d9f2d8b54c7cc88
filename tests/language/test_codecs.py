"""Codecs: what hashes and encodings give, against those of Python's own library."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from evaluation import RECORD, SCOPE, exchange, template
from hypothesis import given
from hypothesis import strategies as st

from emulator.language.codecs import ALGORITHMS, FORMS
from emulator.language.expressions import rebuild
from emulator.language.grammar import BadExpression

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
WRITE = {
    "hex": bytes.hex,
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "base64url": lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
}


def evaluated(expression: str, **query: Any) -> Any:
    """What *expression* gives when the call has this *query*."""
    names = exchange()
    names.query = query
    return template(expression, bare=True).value(names, RECORD)


@given(TEXTS, st.sampled_from(ALGORITHMS), st.sampled_from(FORMS))
def test_a_hash_is_that_of_the_text_in_utf_8(
    text: str, algorithm: str, form: str
) -> None:
    expression = "hash(query.text, query.algorithm, query.form)"
    expected = WRITE[form](hashlib.new(algorithm, text.encode()).digest())

    assert evaluated(expression, text=text, algorithm=algorithm, form=form) == expected


@given(TEXTS, st.binary(max_size=200), st.sampled_from(ALGORITHMS))
def test_an_hmac_is_that_of_the_standard_library(
    text: str, key: bytes, algorithm: str
) -> None:
    """Whichever way the bytes of its key are written."""
    expected = hmac.new(key, text.encode(), algorithm).hexdigest()
    for form in FORMS:
        made = evaluated(
            f"hmac(query.key, query.text, query.algorithm, key_as='{form}')",
            key=WRITE[form](key),
            text=text,
            algorithm=algorithm,
        )
        assert made == expected


@given(st.binary(max_size=200), TEXTS)
def test_what_one_function_gives_goes_into_the_next(raw: bytes, text: str) -> None:
    """A signature of bytes that are no text: a path and a hash, one after the other."""
    digest = hashlib.sha256(raw).digest()
    expected = hmac.new(b"k", text.encode() + digest, "sha512").digest()

    made = evaluated(
        "hmac('k', hex(query.text) + hash(query.raw, text_as='base64'),"
        " 'sha512', 'base64', text_as='hex')",
        text=text,
        raw=base64.b64encode(raw).decode(),
    )

    assert made == base64.b64encode(expected).decode()


@given(TEXTS)
def test_what_is_encoded_is_read_again(text: str) -> None:
    """Base64 with its padding or without, and by either alphabet."""
    assert evaluated("from_base64(base64(query.text))", text=text) == text
    assert evaluated("from_base64(base64url(query.text))", text=text) == text
    assert unquote(evaluated("url(query.text)", text=text)) == text


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS)), st.booleans())
def test_a_query_string_says_what_its_mapping_says(
    mapping: dict[str, Any], plus: bool
) -> None:
    space = "+" if plus else "%20"
    made = evaluated(f"query_string(query.mapping, space='{space}')", mapping=mapping)
    pairs = [
        (name, text)
        for name, value in mapping.items()
        for text in (value if isinstance(value, list) else [value])
    ]

    assert parse_qsl(made, keep_blank_values=True) == pairs
    assert made.isascii()


@given(st.recursive(st.none() | st.integers(-9, 9) | TEXTS, st.lists))
def test_the_same_json_has_the_same_digest(value: Any) -> None:
    made = evaluated("[digest(query.value), digest({'a': query.value})]", value=value)

    assert made[0] == evaluated("digest(query.value)", value=value)
    assert made[0] != made[1]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("hash('a', 'sha-256')", "did you mean 'sha256'?"),
        ("hash('a', encoding='Hex')", "did you mean 'hex'?"),
        ("hmac('a', 'b', key_as='base_64')", "did you mean 'base64'?"),
    ],
)
def test_a_misspelt_word_is_reported_where_it_stands(text: str, fix: str) -> None:
    with pytest.raises(BadExpression) as caught:
        rebuild(text, SCOPE)

    assert caught.value.code == "function-arguments"
    assert caught.value.fix == fix


@pytest.mark.parametrize("text", ["\ud800", "\udfff" * 9])
def test_half_a_character_has_a_hash_too(text: str) -> None:
    """A text of a call that cannot be written in UTF-8 is no failure."""
    for call in ("hash", "url", "hex", "base64", "base64url"):
        assert evaluated(f"{call}(query.text)", text=text)
