"""Whether the calls came that were expected, and what is said when they did not."""

from __future__ import annotations

from typing import Any

import pytest
from front_door import JOB, Api
from tiny import Tiny

from emulator.admin.journal.patterns import glob
from emulator.admin.journal.question import BadQuestion
from emulator.admin.journal.verify import CannotProve, verify
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import World


def asked(api: Tiny | Api, **question: Any) -> dict[str, Any]:
    return verify(api.world.journal, {api.program.name: api.program}, question)


def passes(api: Tiny | Api, **question: Any) -> bool:
    passed: bool = asked(api, **question)["passed"]
    return passed


def wrong(api: Tiny | Api, **question: Any) -> list[dict[str, str]]:
    """All that is wrong with a question."""
    with pytest.raises(BadQuestion) as caught:
        asked(api, **question)
    return caught.value.problems


def test_a_call_that_came_is_proven_by_its_id(jobriver: Api) -> None:
    """A whole answer: how many, which ones, and what was expected, in words."""
    jobriver.get("/jobs")
    jobriver.post("/jobs", json=JOB)

    assert asked(jobriver, operation="createJob", status=201, times=1) == {
        "passed": True,
        "count": 1,
        "expected": "createJob with status 201 came exactly once",
        "message": "as expected, createJob with status 201 came exactly once",
        "matches": [2],
        "nearest": [],
    }


def test_a_call_that_was_refused_is_told_with_the_reason() -> None:
    """The answer is most often that the call came, and why it was not let in."""
    doors = Tiny("doors")
    doors.get("/open")
    doors.clock.advance(3_603)
    doors.get("/token", headers={"Authorization": "Bearer t-hal"})

    assert asked(doors, operation="token", status=200, credential="hal") == {
        "passed": False,
        "count": 0,
        "expected": "token with status 200, credential hal came at least once",
        "message": """\
expected that token with status 200, credential hal came at least once; it came never
token came once but was refused by authenticate: credential_expired: the credential \
'hal' expired 3 s ago
nearest of what came:
  #2 2026-03-02 11:00:03 GET /token -> 401 token by 'hal', refused: credential_expired
    status: expected 200, came 401
    refused by authenticate: credential_expired: the credential 'hal' expired 3 s ago
  #1 2026-03-02 10:00:00 GET /open -> 200 open
    operation: expected token, came open
    credential: expected hal, came none""",
        "matches": [],
        "nearest": [
            {
                "id": 2,
                "summary": "#2 2026-03-02 11:00:03 GET /token -> 401 token by 'hal',"
                " refused: credential_expired",
                "differs": [{"matcher": "status", "expected": 200, "actual": 401}],
            },
            {
                "id": 1,
                "summary": "#1 2026-03-02 10:00:00 GET /open -> 200 open",
                "differs": [
                    {"matcher": "operation", "expected": "token", "actual": "open"},
                    {"matcher": "credential", "expected": "hal", "actual": None},
                ],
            },
        ],
    }


def test_the_nearest_miss_is_the_one_that_differs_least(jobriver: Api) -> None:
    """Each is told with the first place where it differs."""
    jobriver.get("/jobs")
    jobriver.post("/jobs", json={**JOB, "title": "Frontend Developer"})
    jobriver.post("/jobs", json={**JOB, "location": "Rome"}, key="read_only")
    answer = asked(
        jobriver,
        operation="createJob",
        status=201,
        body={"title": {"matches": "Backend*"}, "location": "Berlin, Germany"},
    )

    assert [(one["id"], one["differs"]) for one in answer["nearest"]] == [
        (
            2,
            [
                {
                    "matcher": "body.title",
                    "expected": {"matches": "Backend*"},
                    "actual": "Frontend Developer",
                }
            ],
        ),
        (
            3,
            [
                {"matcher": "status", "expected": 201, "actual": 403},
                {
                    "matcher": "body.location",
                    "expected": "Berlin, Germany",
                    "actual": "Rome",
                },
            ],
        ),
    ]


def test_too_many_are_listed() -> None:
    """Which they were is what is wanted then."""
    doors = Tiny("doors")
    for _ in range(12):
        doors.get("/open")
    answer = asked(doors, operation="open", times=0)
    lines = answer["message"].splitlines()

    assert (answer["passed"], answer["count"], answer["nearest"]) == (False, 12, [])
    assert lines[0] == "expected that open came never; it came 12 times"
    assert lines[1] == "  came: #1 2026-03-02 10:00:00 GET /open -> 200 open"
    assert lines[-1] == "  and 2 more"


def test_an_empty_journal_says_so() -> None:
    """A client that never called is told from one that called something else."""
    doors = Tiny("doors")

    assert asked(doors, operation="open")["message"].splitlines() == [
        "expected that open came at least once; it came never",
        "nothing was called at all",
    ]


@pytest.mark.parametrize(
    ("counts", "passed"),
    [
        ({}, True),
        ({"times": 3}, True),
        ({"times": 2}, False),
        ({"at_least": 3}, True),
        ({"at_least": 4}, False),
        ({"at_most": 3}, True),
        ({"at_most": 2}, False),
        ({"at_least": 1, "at_most": 5}, True),
        ({"at_least": 4, "at_most": 5}, False),
        ({"at_least": 0}, True),
        ({"times": None, "at_most": None}, True),
    ],
)
def test_calls_are_counted_as_is_asked(counts: dict[str, Any], passed: bool) -> None:
    """Without a count, once is enough."""
    doors = Tiny("doors")
    for _ in range(3):
        doors.get("/open")

    assert passes(doors, operation="open", **counts) is passed


@pytest.mark.parametrize(
    "question",
    [
        {"provider": "jobriver"},
        {"operation": {"matches": "create*"}},
        {"method": "post"},
        {"path": "/api/v1/jobs"},
        {"path": "/jobs"},
        {"path": {"matches": "*/jobs"}},
        {"status": 422},
        {"status": "4xx"},
        {"status": "422"},
        {"refused_by": "validate"},
        {"refusal": "invalid_request"},
        {"credential": "full"},
        {"query": {"dry": "1"}},
        {"query": {"dry": 1, "tag": ["a", "b"]}},
        {"query": {"tag": "b", "none": None}},
        {"query": {"flag": True}},
        {"headers": {"X-Note": "one two"}},
        {"headers": {"x-note": {"matches": "one*"}, "x-other": None}},
        {"body": {"title": "x"}},
        {"body": {"salary": {"min": 1}, "tags": ["a", {"b": True}]}},
        {"body": {"tags": [{"matches": "*"}, {}]}},
        {"since": 0},
        {"since": "2026-03-02T10:00:00Z"},
    ],
    ids=str,
)
def test_what_agrees_is_found(question: dict[str, Any], jobriver: Api) -> None:
    """A part of the body is enough, and of the query, and of the headers."""
    jobriver.post(
        "/jobs?dry=1&tag=a&tag=b&flag=true",
        json={"title": "x", "salary": {"min": 1, "max": 2}, "tags": ["a", {"b": True}]},
        headers={"X-Note": "one two"},
    )

    assert passes(jobriver, **question)


@pytest.mark.parametrize(
    ("question", "matcher", "actual"),
    [
        ({"operation": "listJobs"}, "operation", "createJob"),
        ({"method": "GET"}, "method", "POST"),
        ({"path": "/job"}, "path", "/api/v1/jobs"),
        ({"status": 200}, "status", 422),
        ({"status": "2xx"}, "status", 422),
        ({"refused_by": None}, "refused_by", "validate"),
        ({"refusal": "not_found"}, "refusal", "invalid_request"),
        ({"credential": None}, "credential", "full"),
        ({"credential": "unknown"}, "credential", "full"),
        ({"query": {"dry": "2"}}, "query.dry", "1"),
        ({"query": {"wet": "1"}}, "query.wet", "(absent)"),
        ({"query": {"tag": ["b", "a"]}}, "query.tag", ["a", "b"]),
        ({"headers": {"X-Note": None}}, "headers.X-Note", "one two"),
        ({"body": {"title": "y"}}, "body.title", "x"),
        ({"body": {"count": True}}, "body.count", 1),
        ({"body": {"count": "1"}}, "body.count", 1),
        ({"body": {"tags": ["a"]}}, "body.tags", "2 items"),
        ({"body": {"tags": ["a", "c"]}}, "body.tags.1", "b"),
        ({"body": {"more": 1}}, "body.more", "(absent)"),
        ({"body": "x"}, "body", {"title": "x", "count": 1, "tags": ["a", "b"]}),
    ],
    ids=str,
)
def test_what_differs_is_told_with_its_place(
    question: dict[str, Any], matcher: str, actual: Any, jobriver: Api
) -> None:
    """The first difference of each matcher, and what came there."""
    jobriver.post(
        "/jobs?dry=1&tag=a&tag=b",
        json={"title": "x", "count": 1, "tags": ["a", "b"]},
        headers={"X-Note": "one two"},
    )
    (nearest,) = asked(jobriver, **question)["nearest"]
    (differs,) = nearest["differs"]

    assert (differs["matcher"], differs["actual"]) == (matcher, actual)


def test_a_form_is_compared_as_texts(api_of: Any) -> None:
    """What is sent as a form has no numbers."""
    api = api_of("jobspace")
    api.post("/oauth/token", key=None, data={"grant_type": "password", "client_id": 4})

    assert passes(api, operation="createToken", body={"client_id": 4})
    assert passes(api, body={"matches": "*client_id=4*"})
    assert not passes(api, body={"client_id": 5})


def test_who_nobody_knows_is_unknown() -> None:
    """A claim that no credential has can be asked for as well."""
    doors = Tiny("doors")
    doors.get("/header", headers={"X-Key": "k-nobody"})
    doors.get("/header")

    assert asked(doors, credential="unknown")["matches"] == [1]
    assert asked(doors, credential=None)["matches"] == [2]


def test_only_what_came_since_is_looked_at() -> None:
    """Since an entry, or since a time of the world."""
    doors = Tiny("doors")
    doors.get("/open")
    doors.clock.advance(60)
    doors.get("/open")

    assert asked(doors, operation="open", since=1)["matches"] == [2]
    assert asked(doors, operation="open", since="1")["matches"] == [2]
    assert asked(doors, since="2026-03-02T10:00:30Z")["matches"] == [2]
    assert asked(doors, since=2, times=0)["passed"]


def test_a_wrong_question_is_told_all_that_is_wrong_with_it(jobriver: Api) -> None:
    """Before a journal is looked at, and with what was probably meant."""
    assert wrong(
        jobriver,
        operation="createJobs",
        statsu=200,
        status=99,
        refused_by="authentication",
        refusal="not_fund",
        credential="ful",
        query=["a"],
        headers={"x": {"y": 1}},
        since="yesterday",
        path=7,
        method="GET /",
        times=-1,
        at_least=1.5,
    ) == [
        {
            "pointer": "/operation",
            "detail": "there is no operation 'createJobs': did you mean 'createJob'?",
        },
        {
            "pointer": "/statsu",
            "detail": "it is no part of a question: did you mean 'status'?",
        },
        {
            "pointer": "/status",
            "detail": "'99' is not a status such as 404, or a class of them such as"
            " '4xx'",
        },
        {
            "pointer": "/refused_by",
            "detail": "there is no step 'authentication': did you mean 'authenticate'?",
        },
        {
            "pointer": "/refusal",
            "detail": "there is no refusal 'not_fund': did you mean 'not_found'?",
        },
        {
            "pointer": "/credential",
            "detail": "there is no credential 'ful': did you mean 'full'?",
        },
        {
            "pointer": "/query",
            "detail": "\"['a']\" is not an object of names and values",
        },
        {
            "pointer": "/headers/x",
            "detail": "\"{'y': 1}\" is not a text, a number, null for none, or"
            " {'matches': a text with *}",
        },
        {
            "pointer": "/since",
            "detail": "'yesterday' is not the id of an entry, or a time such as"
            " 2026-03-02T10:00:00Z",
        },
        {
            "pointer": "/path",
            "detail": "'7' is not a text, or {'matches': a text with *}",
        },
        {"pointer": "/method", "detail": "'GET /' is not a method such as GET"},
        {"pointer": "/times", "detail": "'-1' is not a whole number from 0"},
        {"pointer": "/at_least", "detail": "'1.5' is not a whole number from 0"},
    ]


def test_counts_that_exclude_each_other_are_refused(jobriver: Api) -> None:
    """No journal could ever satisfy them."""
    assert wrong(jobriver, times=1, at_most=2) == [
        {
            "pointer": "/times",
            "detail": "it says all: leave out at_least and at_most",
        }
    ]
    assert wrong(jobriver, at_least=3, at_most=2) == [
        {"pointer": "/at_least", "detail": "it is more than at_most, 2"}
    ]


def test_an_operation_of_another_provider_is_told_whose_it_is(
    programs: dict[str, Any],
) -> None:
    """Two names that are each right can be wrong together."""
    with pytest.raises(BadQuestion) as caught:
        verify(
            Journal(), programs, {"provider": "jobspikr", "operation": "createToken"}
        )

    assert str(caught.value) == (
        "/operation: 'createToken' is an operation of jobspace, not of jobspikr"
    )


def short(kept: int, calls: int) -> Tiny:
    """A world whose journal keeps so many entries, after so many calls."""
    world = World(clock=Clock(micros(1_000), frozen=True), journal=Journal(kept))
    doors = Tiny("doors", world=world)
    for _ in range(calls):
        doors.get("/open")
        world.clock.advance(1)
    return doors


@pytest.mark.parametrize(
    "question",
    [
        {"operation": "header", "times": 0},
        {"operation": "open", "times": 5},
        {"operation": "open", "at_most": 5},
        {"operation": "open", "at_least": 4},
        {"operation": "header"},
        {"operation": "open", "at_most": 9, "since": 1},
        {"operation": "open", "at_most": 9, "since": "1970-01-01T00:16:41Z"},
    ],
    ids=str,
)
def test_a_journal_with_gaps_refuses_to_prove(question: dict[str, Any]) -> None:
    """What has been dropped might have been it."""
    with pytest.raises(CannotProve):
        asked(short(3, 5), **question)


@pytest.mark.parametrize(
    ("question", "passed"),
    [
        ({"operation": "open", "at_least": 3}, True),
        ({"operation": "open", "times": 2}, False),
        ({"operation": "open", "at_most": 2}, False),
        ({"operation": "open", "times": 3, "since": 2}, True),
        ({"operation": "header", "times": 0, "since": 2}, True),
        ({"operation": "open", "times": 3, "since": "1970-01-01T00:16:42Z"}, True),
    ],
    ids=str,
)
def test_what_the_rest_proves_stays_proven(
    question: dict[str, Any], passed: bool
) -> None:
    """Enough is enough, too many are too many, and nothing is missing since then."""
    assert passes(short(3, 5), **question) is passed


def test_who_cannot_prove_says_what_to_change() -> None:
    """The numbers, the setting, and what would do without it."""
    with pytest.raises(CannotProve) as caught:
        asked(short(3, 5), operation="header", times=0)
    error = caught.value

    assert (error.kept, error.dropped, error.first) == (3, 2, 3)
    assert str(error) == (
        "cannot prove that header came never: the journal has dropped 2 of 5 entries"
        " to make room, and an answer may have been among them; raise journal_entries"
        " (now 3) or journal_bytes (now 8388608), clear the journal before what is to"
        " be verified, or ask with since=2"
    )


def test_a_journal_that_is_off_proves_nothing() -> None:
    """Nothing was called, or nothing was written: it cannot tell."""
    with pytest.raises(CannotProve, match="the journal is off: journal_entries is 0"):
        asked(short(0, 2), operation="open", times=0)


@pytest.mark.parametrize(
    ("pattern", "text", "agrees"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*", "", True),
        ("a*c", "ac", True),
        ("a*a", "a", False),
        ("*b*", "abc", True),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "axcxb", False),
        ("a**c", "abc", True),
        ("a.c", "abc", False),
        ("*" * 50 + "x", "a" * 5_000, False),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, text: str, agrees: bool) -> None:
    """And nothing else stands for anything but itself."""
    assert glob(pattern, text) is agrees
