"""OAuth clients as people use them, against The Job Space over a socket.

They know the base URL, a vendor's client pair and a user's name and password.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import (
    InvalidClientError,
    LegacyApplicationClient,
    OAuth2Error,
)
from requests_oauthlib import OAuth2Session

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z"""

JOB = {
    "job_category": "ACCOUNTS_MANAGER",
    "job_type": "perm_fulltime",
    "reference": "1234567894",
    "name": "Job Title",
    "description": "A description of the job.",
    "open_date": "2026-03-02",
    "premise": "123 Main Road",
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "postal_code": "S1 4DP",
    "country": "GB",
    "location_display": "Sheffield, South Yorkshire",
    "show_map": "1",
    "salary_frequency": "ANNUALLY",
    "salary_currency": "GBP",
    "salary_to": "0",
    "salary_text": "Competitive",
    "apply_type": "SIGNUP",
}
ACCEPT = {"Accept": "application/vnd.jb.v1+json"}


@dataclass(frozen=True)
class Board:
    """Where it is, who may come in, and, for the test, the clock it goes by."""

    url: str
    known: dict[str, Any]
    clock: Clock

    @property
    def token_url(self) -> str:
        return f"{self.url}/oauth/token"

    @property
    def client(self) -> dict[str, str]:
        return {name: self.known[name] for name in ("client_id", "client_secret")}

    @property
    def user(self) -> dict[str, str]:
        return {name: self.known[name] for name in ("username", "password")}


@pytest.fixture
def board(
    programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Board]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    settings = Settings(port=0, log_format="none")
    clock = Clock(micros(START), frozen=True)
    dispatcher = Dispatcher(programs, World(clock=clock), settings)
    known = {
        credential["name"]: credential
        for credential in credentials(programs["jobspace"])
    }
    with running(dispatcher, settings) as server:
        yield Board(f"{server.url}/jobspace", known["full"], clock)


def legacy_session(board: Board) -> OAuth2Session:
    client = LegacyApplicationClient(client_id=board.client["client_id"])
    return OAuth2Session(client=client)


@pytest.mark.parametrize("include_client_id", [True, False])
def test_requests_oauthlib_fetches_a_token(
    board: Board, include_client_id: bool
) -> None:
    """The client pair in the form, as documented, or as Basic, as it does by itself."""
    with legacy_session(board) as session:
        token = session.fetch_token(
            board.token_url,
            **board.user,
            **board.client,
            include_client_id=include_client_id,
        )
        job = session.get(f"{board.url}/api/job/142", headers=ACCEPT)

    assert (token["token_type"], token["expires_in"]) == ("Bearer", 86400)
    assert job.json()["data"]["job_title"] == "PHP Developer"


def test_requests_oauthlib_refreshes_its_token(board: Board) -> None:
    """When the day is over; the old refresh token is then good for nothing."""
    with legacy_session(board) as session:
        old = session.fetch_token(
            board.token_url, **board.user, **board.client, include_client_id=True
        )
        board.clock.advance(86_400)
        assert session.get(f"{board.url}/api/job/142").status_code == 401
        new = session.refresh_token(board.token_url, **board.client)
        assert session.get(f"{board.url}/api/job/142").status_code == 200
        with pytest.raises(OAuth2Error):
            session.refresh_token(
                board.token_url, refresh_token=old["refresh_token"], **board.client
            )

    assert new["access_token"] != old["access_token"]
    assert new["refresh_token"] != old["refresh_token"]


def test_requests_oauthlib_refreshes_by_itself(board: Board) -> None:
    """With `auto_refresh_url`, a token that it takes for expired is replaced on its way."""
    kept: list[dict[str, Any]] = []
    with legacy_session(board) as first:
        token = first.fetch_token(
            board.token_url, **board.user, **board.client, include_client_id=True
        )
    with OAuth2Session(
        client=LegacyApplicationClient(client_id=board.client["client_id"]),
        token={**token, "expires_in": -1, "expires_at": 1},
        auto_refresh_url=board.token_url,
        auto_refresh_kwargs=board.client,
        token_updater=kept.append,
    ) as session:
        answer = session.get(f"{board.url}/api/job/142")

    assert answer.status_code == 200
    assert [one["expires_in"] for one in kept] == [86400]


def test_requests_oauthlib_understands_the_errors(board: Board) -> None:
    """They are those of OAuth 2.0, flat, so that a client can tell them apart."""
    wrong = {**board.client, "client_secret": "no"}
    with legacy_session(board) as session:
        with pytest.raises(InvalidClientError):
            session.fetch_token(
                board.token_url, **board.user, **wrong, include_client_id=True
            )
        with pytest.raises(OAuth2Error, match="invalid_credentials"):
            session.fetch_token(
                board.token_url,
                username=board.user["username"],
                password="no",
                **board.client,
                include_client_id=True,
            )


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_authlib_fetches_and_refreshes(board: Board, method: str) -> None:
    """Both ways to send the client pair."""
    with AuthlibSession(**board.client, token_endpoint_auth_method=method) as session:
        first = session.fetch_token(board.token_url, **board.user)
        second = session.refresh_token(board.token_url)
        options = session.get(f"{board.url}/admin/api/job/options", headers=ACCEPT)

    assert first["access_token"] != second["access_token"]
    assert options.json()["data"]["salary_currency"][0]["iso_code"] == "USD"


def test_authlib_posts_changes_and_deletes_a_job(board: Board) -> None:
    """A day in the life of a vendor, in multipart forms."""
    form = {name: (None, value) for name, value in JOB.items()}
    with AuthlibSession(**board.client) as session:
        session.fetch_token(board.token_url, **board.user)
        made = session.post(f"{board.url}/admin/api/job", files=form, headers=ACCEPT)
        job = made.json()["data"]
        address = f"{board.url}/admin/api/job/{job['id']}"
        changed = session.post(f"{address}/update", data={**JOB, "name": "Other"})
        listed = session.get(
            f"{board.url}/api/job", params={"page[size]": 1, "page[number]": 1}
        )
        gone = session.post(f"{address}/delete")
        again = session.post(f"{address}/delete")

    assert job["links"]["self"] == f"{board.url}/api/job/{job['id']}"
    assert changed.json()["data"]["job_title"] == "Other"
    assert listed.json()["data"][0]["slug"] == f"test/{job['id']}/other"
    assert gone.json() == {"data": {"acknowledged": True}}
    assert (again.status_code, again.json()["data"]["errors"]) == (
        422,
        {"job_id": ["Invalid job id."]},
    )
