"""RecruitSome's quota: sixty requests a minute for each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recruits import START, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api


def test_sixty_go_through_and_the_next_does_not(recruitsome: Api) -> None:
    """[primary] §3: 60 a minute and 429; [assumed] §3: text and Retry-After."""
    left = [
        int(recruitsome.get("/health").headers["X-RateLimit-Remaining"])
        for _ in range(60)
    ]
    recruitsome.clock.advance(18)
    answer = recruitsome.get("/health")

    assert left == list(range(59, -1, -1))
    expected = reply(429, {"message": "Too Many Attempts."}, 0, retry_after="42")
    assert shown(answer) == expected.replace("10:00:00 GMT", "10:00:18 GMT")


def test_a_window_starts_with_the_first_request(recruitsome: Api) -> None:
    """[assumed] §3: sixty seconds from the first request, not from the clock's minute."""
    recruitsome.clock.advance(50)
    first = recruitsome.get("/health")
    recruitsome.clock.advance(59)
    within = recruitsome.get("/health")
    recruitsome.clock.advance(1)
    after = recruitsome.get("/health")

    seen = [
        (one.headers["X-RateLimit-Remaining"], int(one.headers["X-RateLimit-Reset"]))
        for one in (first, within, after)
    ]
    assert seen == [
        ("59", START + 110),
        ("58", START + 110),
        ("59", START + 170),
    ]


def test_each_key_has_a_quota_of_its_own(recruitsome: Api) -> None:
    """[assumed] §3: the counter belongs to the key."""
    for _ in range(61):
        spent = recruitsome.get("/health")

    assert spent.status_code == 429
    assert recruitsome.get("/health", "read_only").status_code == 200


def test_refused_requests_are_counted_too(recruitsome: Api) -> None:
    """[assumed] §3: a 4xx of an authenticated caller carries the headers."""
    for path, status in [
        ("/vacancies", 403),
        ("/candidates/1", 403),
        ("/health", 200),
    ]:
        assert recruitsome.get(path, "no_scopes").status_code == status

    last = recruitsome.get("/articles/nothing")
    assert last.status_code == 404
    assert last.headers["X-RateLimit-Remaining"] == "59"
    again = recruitsome.get("/health", "no_scopes")
    assert again.headers["X-RateLimit-Remaining"] == "56"


def test_only_a_429_says_when_to_come_back(recruitsome: Api) -> None:
    """[assumed] §3: Retry-After is on no other reply."""
    assert "Retry-After" not in recruitsome.get("/vacancies?page=0").headers
