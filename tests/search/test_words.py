"""Words in a row, against a naive reading of both texts."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from emulator.search.words import in_a_row

TEXTS = st.text(st.sampled_from("abB_ -.\nßSs1²é\0"), max_size=30)


@given(text=TEXTS, wanted=TEXTS)
@example(text="senior Full-stack engineer", wanted="full stack")
@example(text="bab ab", wanted="AB")
@example(text="x" * 150, wanted="x" * 150)
@example(text="GROSS", wanted="groß")
def test_words_in_a_row_are_found_as_a_naive_reading_finds_them(
    text: str, wanted: str
) -> None:
    have, want = (re.findall(r"\w+", part.casefold()) for part in (text, wanted))
    starts = range(len(have) - len(want) + 1)
    expected = bool(want) and any(have[at : at + len(want)] == want for at in starts)
    assert in_a_row(wanted)(text.casefold()) is expected
