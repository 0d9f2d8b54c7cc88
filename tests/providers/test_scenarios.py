"""Every scenario of every provider, as a client meets it.

A story is what a client does and sees: `list=200` is a call and the status of its
reply, `list=200+delay` one whose reply a fault meets on its way, `60s` the passing of
time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from emulator.compile.places import bundled, places
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.scenarios import apply
from emulator.exchange.call import Call, Reply
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0  # 2026-03-02T10:00:00Z
FORM = "application/x-www-form-urlencoded"


class Way(NamedTuple):
    """One call of a story."""

    method: str
    path: str
    body: Any = None
    type: str = "application/json"
    key: str | None = "full"
    secure: bool | None = None


RESUME = (
    b'--x\r\nContent-Disposition: form-data; name="user_id"\r\n\r\n5\r\n'
    b'--x\r\nContent-Disposition: form-data; name="resume"; filename="cv.pdf"\r\n\r\n'
    b"%PDF\r\n--x--\r\n"
)
SPACE_JOB = {
    "job_category": "ACCOUNTS_MANAGER",
    "job_type": "perm_fulltime",
    "name": "Job Title",
    "description": "A description of the job.",
    "open_date": "2026-03-02",
    "premise": "123 Main Road",
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "postal_code": "S1 4DP",
    "country": "GB",
    "location_display": "Sheffield, South Yorkshire",
    "salary_frequency": "ANNUALLY",
    "salary_currency": "GBP",
    "salary_text": "Competitive",
    "apply_type": "SIGNUP",
}
RIVER_JOB = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
}
SPHERE_JOB = {
    "title": "Engineer",
    "company": "JobSphere Inc.",
    "location": "Remote",
    "description": "Builds things.",
}
SEARCH = {
    "search_query_json": {"query_string": {"default_field": "job_title", "query": "*"}}
}
CANDIDATE = {"first_name": "Mila", "last_name": "Bos", "email": "mila@example.com"}

WAYS: dict[str, dict[str, Way]] = {
    "jobriver": {
        "status": Way("GET", "/status"),
        "list": Way("GET", "/jobs"),
        "none": Way("GET", "/jobs?search=nothing-like-it"),
        "other": Way("GET", "/jobs", key="other_company"),
        "create": Way("POST", "/jobs", RIVER_JOB),
        "change": Way("PATCH", "/jobs/123", {"title": "Frontend Developer"}),
        "delete": Way("DELETE", "/jobs/123"),
        "anonymous": Way("GET", "/jobs", key=None),
        "read": Way("GET", "/jobs/123"),
    },
    "jobspace": {
        "list": Way("GET", "/api/job"),
        "read": Way("GET", "/api/job/140"),
        "create": Way("POST", "/admin/api/job", SPACE_JOB),
        "other": Way("GET", "/api/job", key="other_vendor"),
        "basic": Way("GET", "/api/job", key="basic"),
        "grant": Way("POST", "/oauth/token", "password", FORM, None),
        "refresh": Way("POST", "/oauth/token", "refresh_token", FORM, None),
    },
    "jobspikr": {
        "search": Way("POST", "/data", SEARCH),
        "other": Way("POST", "/data", SEARCH, key="production"),
        "counts": Way("GET", "/aggregate_data?query=job_category&group_by=location"),
        "expired": Way(
            "GET", "/expired_jobs?start_date=2019-01-01&end_date=2026-12-31"
        ),
    },
    "recruitsome": {
        "health": Way("GET", "/health"),
        "list": Way("GET", "/vacancies"),
        "team": Way("GET", "/team"),
        "other": Way("GET", "/vacancies", key="other_tenant"),
        "upload": Way("POST", "/candidates", RESUME, "multipart/form-data; boundary=x"),
        "apply": Way("POST", "/applications", {"vacancy": "", "candidate": CANDIDATE}),
    },
    "jobsphere": {
        "list": Way("GET", "/jobs"),
        "other": Way("GET", "/jobs", key="pro"),
        "create": Way("POST", "/jobs", SPHERE_JOB),
        "anonymous": Way("GET", "/jobs", key=None),
        "secure": Way("GET", "/jobs", secure=True),
    },
}

STORIES: dict[str, str] = {
    "jobriver/rate_limited": "list=429 other=200 59s list=429 1s list=200",
    "jobriver/quota_nearly_gone": "list=200 status=200 list=429 60s list=200",
    "jobriver/small_quota": "list=200 list=200 list=200 list=429 60s list=200",
    "jobriver/locked_out": "list=403 other=403 60s list=200",
    "jobriver/credential_revoked": "list=403 other=200",
    "jobriver/credential_inactive": "list=403 other=200",
    "jobriver/credential_expired": "list=403 other=200",
    "jobriver/credential_expires_soon": "list=200 9s list=200 1s list=403",
    "jobriver/permissions_withdrawn": "list=200 create=403",
    "jobriver/ip_not_allowed": "list=403 other=200",
    "jobriver/job_limit_reached": "create=403 delete=200 create=201",
    "jobriver/last_job_of_the_plan": "create=201 create=403",
    "jobriver/no_jobs": "list=200 read=404 create=201",
    "jobriver/server_errors_then_recovery": "list=500 create=500 list=500 list=200",
    "jobriver/maintenance": "list=503 anonymous=503 create=503 3600s list=503",
    "jobriver/short_outage": "list=503 29s list=503 1s list=200",
    "jobriver/flaky_writes": "create=201 create=500 create=201 change=500 delete=500",
    "jobriver/slow": "list=200+delay create=201+delay",
    "jobriver/connection_resets": "list=200 list=200 list=200+reset list=200",
    "jobriver/truncated_lists": "list=200+truncate status=200",
    "jobspace/rate_limited": "list=429 other=200 60s list=200",
    "jobspace/quota_nearly_gone": "list=200 list=200 list=429 60s list=200",
    "jobspace/no_refresh_tokens": "grant=200 list=200",
    "jobspace/token_expired": "list=401 refresh=200",
    "jobspace/token_expires_mid_pagination": "list=200 list=200 list=401 list=401 refresh=200",
    "jobspace/token_revoked": "list=401 refresh=401 grant=200",
    "jobspace/refresh_expired": "list=401 refresh=401 grant=200",
    "jobspace/credits_exhausted": "list=200 create=402",
    "jobspace/one_credit_left": "create=200 create=402",
    "jobspace/admin_withdrawn": "list=200 create=403",
    "jobspace/basic_switched_off": "basic=401 list=200",
    "jobspace/no_jobs": "list=200 read=404",
    "jobspace/server_errors_then_recovery": "list=500 list=500 list=500 list=200",
    "jobspace/maintenance": "list=503 grant=503 3600s list=503",
    "jobspace/no_new_tokens": "list=200 grant=503 600s grant=200",
    "jobspace/flaky_writes": "create=200 create=500 create=200",
    "jobspace/job_gone": "list=200 read=410",
    "jobspace/slow": "list=200+delay create=200",
    "jobspace/connection_resets": "list=200 list=200 list=200+reset list=200",
    "jobspikr/rate_limited": "search=429 counts=200 other=200 60s search=200",
    "jobspikr/hour_spent": "search=429 60s search=429 3540s search=200",
    "jobspikr/aggregates_spent": "counts=429 search=200 60s counts=200",
    "jobspikr/quota_nearly_gone": "search=200 search=200 search=429 counts=200",
    "jobspikr/credits_exhausted": "search=402 other=200",
    "jobspikr/credits_nearly_gone": "search=200 search=402",
    "jobspikr/account_disabled": "search=403 other=200",
    "jobspikr/key_replaced": "search=401 other=200",
    "jobspikr/no_data": "search=200",
    "jobspikr/server_errors_then_recovery": "search=500 counts=500 search=500 search=200",
    "jobspikr/error_mid_walk": "search=200 search=200 search=500 search=200",
    "jobspikr/cursor_lost": "search=200 counts=200 search=200 search=400 search=200",
    "jobspikr/maintenance": "search=500 counts=500 expired=500 3600s search=500",
    "jobspikr/slow": "search=200+delay counts=200",
    "jobspikr/connection_resets": "search=200 counts=200 search=200+reset search=200",
    "jobspikr/truncated_replies": "search=200 search=200+truncate search=200",
    "recruitsome/rate_limited": "list=429 other=200 60s list=200",
    "recruitsome/quota_nearly_gone": "list=200 team=200 list=429 60s list=200",
    "recruitsome/credential_revoked": "list=401 other=200",
    "recruitsome/credential_revoked_soon": "list=200 10s list=401 other=200",
    "recruitsome/tenant_disabled": "list=403 health=403 other=200",
    "recruitsome/scopes_withdrawn": "list=200 team=403",
    "recruitsome/no_vacancies": "list=200 apply=422 other=200",
    "recruitsome/vacancies_ended": "list=200 apply=422",
    "recruitsome/server_errors_then_recovery": "list=500 team=500 list=500 list=200",
    "recruitsome/bad_gateway": "list=200 list=502 team=200 team=502",
    "recruitsome/maintenance": "list=503 health=503 upload=503",
    "recruitsome/short_outage": "list=503 29s list=503 1s list=200",
    "recruitsome/flaky_writes": "upload=202 upload=500 apply=201 apply=500 upload=202",
    "recruitsome/slow": "list=200+delay",
    "recruitsome/connection_resets": "list=200 team=200 list=200+reset",
    "jobsphere/rate_limited": "list=429 other=200 60s list=200",
    "jobsphere/quota_nearly_gone": "list=200 list=200 list=429 60s list=200",
    "jobsphere/downgraded": "list=429 60s list=200",
    "jobsphere/credential_revoked": "list=401 other=200",
    "jobsphere/credential_rolled": "list=401 other=200",
    "jobsphere/write_scope_withdrawn": "list=200 create=403",
    "jobsphere/no_jobs": "list=200 create=201",
    "jobsphere/jobs_closed": "list=200 create=201",
    "jobsphere/server_errors_then_recovery": "list=500 list=500 list=500 list=200",
    "jobsphere/maintenance": "list=503 anonymous=503 3600s list=503",
    "jobsphere/short_outage": "list=503 29s list=503 1s list=200",
    "jobsphere/flaky_writes": "create=201 create=500 create=201",
    "jobsphere/https_enforced": "list=403 anonymous=403 secure=200",
    "jobsphere/slow": "list=200+delay",
    "jobsphere/connection_resets": "list=200 list=200 list=200+reset",
}

BY_CHANCE = {"jobriver/unreliable": ("list", 500, 0.3)}
"""A call, and the share of its replies that have a status."""

TEXTS: dict[str, tuple[str, bytes]] = {
    "jobriver/rate_limited": ("list", b'"RATE_LIMIT_EXCEEDED"'),
    "jobriver/locked_out": ("list", b'"API_KEY_BLOCKED"'),
    "jobriver/credential_revoked": ("list", b'"API_KEY_REVOKED"'),
    "jobriver/credential_inactive": ("list", b'"API_KEY_INACTIVE"'),
    "jobriver/credential_expired": ("list", b'"API_KEY_EXPIRED"'),
    "jobriver/permissions_withdrawn": ("create", b"Permission denied: create"),
    "jobriver/ip_not_allowed": ("list", b'"IP_NOT_ALLOWED"'),
    "jobriver/job_limit_reached": ("create", b'"JOB_LIMIT_EXCEEDED"'),
    "jobriver/no_jobs": ("list", b'"jobs":[]'),
    "jobriver/flaky_writes": ("change", b'"UPDATE_FAILED"'),
    "jobspace/credits_exhausted": ("create", b"Insufficient Credits"),
    "jobspace/refresh_expired": ("refresh", b"Token has expired"),
    "jobspace/token_revoked": ("refresh", b"Token has been revoked"),
    "jobspace/no_jobs": ("list", b'"data":[]'),
    "jobspikr/credits_nearly_gone": ("search", b'"size":2,"job_credit_remaining":0'),
    "jobspikr/credits_exhausted": ("search", b"Job credits are exhausted."),
    "jobspikr/account_disabled": ("search", b"This account is disabled."),
    "jobspikr/no_data": ("search", b'"status":"no_data"'),
    "recruitsome/tenant_disabled": ("list", b"API access is not enabled"),
    "recruitsome/scopes_withdrawn": ("team", b"team:read"),
    "recruitsome/no_vacancies": ("list", b'"data":[]'),
    "recruitsome/vacancies_ended": ("list", b'"data":[]'),
    "jobsphere/downgraded": ("list", b'"limit":100'),
    "jobsphere/no_jobs": ("list", b'"data":[]'),
    "jobsphere/jobs_closed": ("list", b'"data":[]'),
    "jobsphere/https_enforced": ("list", b'"https_required"'),
}
"""What the first reply to a call says, where the status alone does not tell."""


class Client:
    """One provider in a world of its own that a scenario was applied to."""

    def __init__(self, programs: dict[str, Program], name: str, scenario: str) -> None:
        self.program = programs[name]
        self.world = World(clock=Clock(micros(START), frozen=True))
        self._known = {
            credential["name"]: credential for credential in credentials(self.program)
        }
        self._ways = WAYS[name]
        self._sent = 0
        settings = Settings(log_format="none")
        self._board = Dispatcher({name: self.program}, self.world, settings)
        if scenario:
            apply(self.program.scenarios[scenario], self.program, self.world)

    def call(self, name: str) -> Reply:
        way = self._ways[name]
        path, _, query = way.path.partition("?")
        sent = dict(self._known[way.key]["headers"]) if way.key else {}
        sent |= {"Content-Type": way.type} if way.body else {}
        return self._board.answer(
            Call(
                method=way.method,
                path=f"/{self.program.name}{self.program.base_path}{path}",
                query=query.encode(),
                raw_headers=[
                    (key.lower().encode(), text.encode()) for key, text in sent.items()
                ],
                body=self._body(way),
                base_url="http://testserver",
                secure=way.secure,
            )
        )

    def _body(self, way: Way) -> bytes:
        self._sent += 1
        if way.body is None or isinstance(way.body, bytes):
            return way.body or b""
        if way.type == FORM:
            full = self._known["full"]
            names = ["client_id", "client_secret"]
            names += (
                ["refresh_token"]
                if way.body == "refresh_token"
                else ["username", "password"]
            )
            form = [
                f"grant_type={way.body}",
                *(f"{name}={full[name]}" for name in names),
            ]
            return "&".join(form).encode()
        body = dict(way.body)
        if "job_category" in body:
            body["reference"] = f"ref-{self._sent}"
        if "vacancy" in body:
            body["vacancy"] = self._open_vacancy()
        return json.dumps(body).encode()

    def _open_vacancy(self) -> str:
        """One that the fixtures have open at the start."""
        found = [
            record["slug"]
            for record in self.program.bases["vacancies"].records.values()
            if record["tenant_id"] == "grachtenwerk"
            and record["status"] == "published"
            and record["published_at"] <= "2026-03-02T10:00:00Z"
            and not record["ends_at"]
        ]
        return str(found[0])

    def walk(self, story: str) -> Iterator[str]:
        """The story as it happens."""
        for word in story.split():
            name, _, _ = word.partition("=")
            if name not in self._ways:
                self.world.clock.advance(float(name.removesuffix("s")))
                yield word
                continue
            reply = self.call(name)
            kinds = "".join(f"+{fault.kind}" for fault in reply.faults)
            yield f"{name}={reply.status}{kinds}"


def known() -> list[str]:
    return [place.name for place in places(*bundled())]


def test_every_scenario_has_a_story(programs: dict[str, Program]) -> None:
    """What a scenario does to a client is known of each."""
    found = {
        f"{program.name}/{name}"
        for program in programs.values()
        for name in program.scenarios
    }

    assert found == {*STORIES, *BY_CHANCE}
    assert set(TEXTS) <= found


@pytest.mark.parametrize("name", known())
def test_every_provider_has_scenarios_with_a_sentence(
    name: str, programs: dict[str, Program]
) -> None:
    """Eight at least."""
    scenarios = programs[name].scenarios.values()

    assert len(scenarios) >= 8
    assert [
        scenario.name for scenario in scenarios if not scenario.says.endswith(".")
    ] == []


@pytest.mark.parametrize("scenario", STORIES)
def test_a_client_meets_the_scenario(
    scenario: str, programs: dict[str, Program]
) -> None:
    """Call by call, as the story has it."""
    provider, _, name = scenario.partition("/")
    client = Client(programs, provider, name)

    assert " ".join(client.walk(STORIES[scenario])) == STORIES[scenario]


@pytest.mark.parametrize("scenario", BY_CHANCE)
def test_some_calls_fail_by_chance(scenario: str, programs: dict[str, Program]) -> None:
    """About as many as the scenario says, and the same ones every time."""
    provider, _, name = scenario.partition("/")
    call, status, share = BY_CHANCE[scenario]
    story = " ".join([call, "60s"] * 300)

    walks = [[*Client(programs, provider, name).walk(story)] for _ in range(2)]
    seen = [one for one in walks[0] if "=" in one]
    assert walks[0] == walks[1]
    assert abs(seen.count(f"{call}={status}") / len(seen) - share) < 0.08
    assert set(seen) == {f"{call}={status}", f"{call}=200"}


@pytest.mark.parametrize("scenario", TEXTS)
def test_a_scenario_speaks_with_the_providers_voice(
    scenario: str, programs: dict[str, Program]
) -> None:
    """For the reason that the scenario gives, and no other."""
    provider, _, name = scenario.partition("/")
    call, text = TEXTS[scenario]

    assert text in Client(programs, provider, name).call(call).body


@pytest.mark.parametrize("provider", known())
def test_without_a_scenario_the_calls_of_the_stories_work(
    provider: str, programs: dict[str, Program]
) -> None:
    """So what goes wrong in a story goes wrong because of its scenario."""
    wrong = {
        name: status
        for name in WAYS[provider]
        if (status := Client(programs, provider, "").call(name).status) >= 300
    }

    assert wrong == {name: 401 for name in wrong if name == "anonymous"}
