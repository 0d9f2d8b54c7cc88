"""Traffic: mixed calls to every bundled provider in one world, as its clients send them.

What a visit creates it deletes again where the provider can, so that a world which is
visited for ever stays as large as it is. Where it cannot (tokens, applications), a
visit that *leaves* something is for a world that is reset now and then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.world.world import World

JOB = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
}
POST = {
    "title": "Senior Frontend Engineer",
    "company": "JobSphere Inc.",
    "location": "San Francisco, CA",
    "description": "Build the pages that people look for work on.",
}
SEARCH = {"query_string": {"default_field": "job_title", "query": "developer"}}
APPLICANT = {"first_name": "Fleur", "last_name": "Hoekstra"}
VACANCY = "senior-software-engineer-amsterdam"
MINUTE = 61.0
"""Every quota of a minute is whole again after a visit."""


class Unexpected(RuntimeError):
    """A reply that the traffic was not to get: what is measured is not what is meant."""


class Visitor:
    """The clients of one world; nothing but their credentials says which it is.

    *board* and *world* may be those of another process, that answer as these would.
    """

    def __init__(self, board: Dispatcher | Any, world: World | Any) -> None:
        self.world = world
        self.calls = 0
        self.visits = 0
        self._board = board
        self._keys = {
            (provider, credential["name"]): credential
            for provider in board.programs
            for credential in board.worlds.credentials(world, provider)
        }

    def visit(self, *, leaves: bool = False) -> int:
        """Some twenty calls, no two visits alike; how many they were."""
        before = self.calls
        self.visits += 1
        self._numbered_jobs()
        self._posted_jobs()
        self._searches()
        self._vacancies(leaves=leaves)
        self._tokens(leaves=leaves)
        self.world.clock.advance(MINUTE)
        return self.calls - before

    def drop_in(self) -> int:
        """The few calls that a test makes, with a token and what it leaves."""
        before = self.calls
        self.visits += 1
        self.call("jobriver", "/jobs", query="per_page=5")
        self.call("jobriver", "/jobs", name="unknown", is_=403)
        self._posted_jobs()
        self.call("jobspikr", "/data", "POST", json={}, is_=400)
        self._apply()
        self._tokens(leaves=True)
        return self.calls - before

    def _numbered_jobs(self) -> None:
        n, path = self.visits, "/jobs"
        self.call("jobriver", path, query=f"page={n % 3 + 1}&per_page=10")
        self.call("jobriver", path, query=f"search=developer{n}")
        self.call(
            "jobriver", path, name="unknown", client=f"192.0.2.{n % 250}", is_=403
        )
        self.call("jobriver", path, name=None, is_=401)
        self.call("jobriver", f"/jobs/{10_000_000 + n}", is_=404)
        self.call("jobriver", path, "POST", json={"title": "x"}, is_=422)
        title = f"{JOB['title']} {n}"
        made = self.call(
            "jobriver", path, "POST", json={**JOB, "title": title}, is_=201
        )
        own = f"/jobs/{json.loads(made.body)['data']['id']}"
        self.call("jobriver", own, "PATCH", json={"title": f"{title} again"})
        self.call("jobriver", own)
        self.call("jobriver", own, "DELETE")
        self.call("jobriver", f"/nowhere/{n}", is_=404)

    def _posted_jobs(self) -> None:
        made = self.call("jobsphere", "/jobs", "POST", json=POST, is_=201)
        own = f"/jobs/{json.loads(made.body)['data']['id']}"
        self.call("jobsphere", own)
        self.call("jobsphere", "/jobs", query=f"q=engineer{self.visits}")
        self.call("jobsphere", own, "DELETE", is_=204)

    def _searches(self) -> None:
        asked = {"search_query_json": SEARCH}
        self.call("jobspikr", "/data", "POST", json=asked)
        self.call("jobspikr", "/data", "POST", json=asked, name="sandbox")
        self.call("jobspikr", "/data", "POST", json={}, is_=400)

    def _vacancies(self, *, leaves: bool) -> None:
        self.call("recruitsome", "/vacancies", query=f"page={self.visits % 3 + 1}")
        self.call("recruitsome", f"/vacancies/{VACANCY}")
        self.call("recruitsome", "/vacancies/facets")
        if leaves:
            self._apply()

    def _apply(self) -> None:
        email = f"fleur.{self.visits}@example.net"
        sent = {"vacancy": VACANCY, "candidate": {**APPLICANT, "email": email}}
        self.call("recruitsome", "/applications", "POST", json=sent, is_=201)

    def _tokens(self, *, leaves: bool) -> None:
        self.call("jobspace", "/api/job", query="page[size]=5")
        full = self._keys["jobspace", "full"]
        if leaves:
            names = ("client_id", "client_secret", "username", "password")
            form = {"grant_type": "password", **{name: full[name] for name in names}}
            given = self.call("jobspace", "/oauth/token", "POST", name=None, form=form)
            token = json.loads(given.body)["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            self.call("jobspace", "/api/job/150", name=None, headers=bearer)

    def call(
        self,
        provider: str,
        path: str,
        method: str = "GET",
        *,
        name: str | None = "full",
        query: str = "",
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        client: str = "192.0.2.251",
        is_: int = 200,
    ) -> Reply:
        """Send one call with the credential *name*. Raises `Unexpected`."""
        sent = {"Accept": "application/json", **(headers or {})}
        if name is not None:
            sent.update(self._keys[provider, name]["headers"])
        body = b""
        if json is not None:
            body, sent["Content-Type"] = _written(json), "application/json"
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        base = self._board.programs[provider].base_path
        reply = self._board.answer(
            Call(
                method=method,
                path=f"/{provider}{base}{path}",
                query=query.encode(),
                body=body,
                base_url="http://127.0.0.1:8080",
                client=client,
                raw_headers=[
                    (one.lower().encode(), value.encode())
                    for one, value in sent.items()
                ],
            )
        )
        self.calls += 1
        if reply.status != is_:
            raise Unexpected(
                f"{method} {path} of {provider} answered {reply.status}, not {is_}, in"
                f" visit {self.visits} of the world {self.world.id}: {reply.body[:200]!r}"
            )
        return reply


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()
