"""Conditional requests agree with the steps of RFC 9110, 13.2.2, read one by one."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from emulator.http.conditional import outcome
from emulator.times import SECOND, http_date

NOW = 1_772_445_600
TAGS = st.sampled_from(['"a"', '"b"', 'W/"a"', 'W/"b"', '""'])
FIELDS = st.none() | st.just("*") | st.lists(TAGS, min_size=1, max_size=3)
DATES = st.none() | st.integers(-2, 2) | st.just("yesterday")


def strong(one: str, other: str) -> bool:
    """8.8.3.2: both are not weak, and the same character by character."""
    return one == other and not one.startswith("W/")


def weak(one: str, other: str) -> bool:
    """8.8.3.2: the same, weak or not."""
    return one.replace("W/", "") == other.replace("W/", "")


def is_after(changed: int | None, date: int | str | None) -> bool | None:
    """13.1.3, 13.1.4: what is no date, or has none to be compared with, says nothing."""
    if changed is None or not isinstance(date, int):
        return None
    return changed > NOW + date


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"]),
    FIELDS,
    FIELDS,
    DATES,
    DATES,
    st.none() | TAGS,
    st.none() | st.just(NOW),
    st.booleans(),
)
@example("GET", ['"a"'], ['"a"'], None, None, '"a"', None, True)
def test_preconditions_agree_with_the_steps_of_the_standard(
    method: str,
    match: list[str] | str | None,
    none_match: list[str] | str | None,
    unmodified: int | str | None,
    modified: int | str | None,
    tag: str | None,
    changed: int | None,
    exists: bool,
) -> None:
    tag, changed = (tag, changed) if exists else (None, None)
    headers: dict[str, str] = {}
    for name, field in (("if-match", match), ("if-none-match", none_match)):
        if field is not None:
            headers[name] = field if isinstance(field, str) else ", ".join(field)
    for name, date in (
        ("if-unmodified-since", unmodified),
        ("if-modified-since", modified),
    ):
        if date is not None:
            headers[name] = (
                date if isinstance(date, str) else http_date((NOW + date) * SECOND)
            )

    def steps() -> str:
        # 1 and 2
        if match is not None:
            held = (
                exists if match == "*" else any(strong(one, tag or "") for one in match)
            )
            if not held:
                return "412"
        elif is_after(changed, unmodified) is True:
            return "412"
        # 3 and 4
        safe = method in ("GET", "HEAD")
        if none_match is not None:
            same = exists if none_match == "*" else (
                tag is not None and any(weak(one, tag) for one in none_match)
            )  # fmt: skip
            if same:
                return "304" if safe else "412"
        elif safe and is_after(changed, modified) is False:
            return "304"
        return "200"

    refused = outcome(
        method, headers, tag, None if changed is None else changed * SECOND, exists
    )
    status = {None: "200", "not_modified": "304", "precondition_failed": "412"}

    assert status[refused and refused[0]] == steps()
