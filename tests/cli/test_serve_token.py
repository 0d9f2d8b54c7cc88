"""`emulator serve` where others can reach it: a token is made, and printed once."""

from __future__ import annotations

from pathlib import Path

import requests
from command import serving


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_made_where_none_is_given(tmp_path: Path) -> None:
    """Each start makes another; on loopback there is none."""
    tokens = []
    for _ in range(2):
        with serving(tmp_path, "jobriver", "--host", "0.0.0.0") as server:
            line = server.printed().splitlines()[0]
            says, _, token = line.rpartition(" ")
            address = f"{server.url}/_emulator/providers"

            assert says == "/_emulator asks for the token"
            assert server.process.stdout is not None
            last = [server.process.stdout.readline() for _ in range(2)][-1]
            assert last == f"in a browser: {server.url}/_emulator/#token={token}\n"
            assert requests.get(address).status_code == 401
            assert requests.get(address, headers=as_bearer(token)).status_code == 200
            tokens.append(token)

    assert len({*tokens}) == 2
    assert min(map(len, tokens)) >= 32


def test_a_token_that_is_given_is_never_printed(tmp_path: Path) -> None:
    words = ("jobriver", "--host", "0.0.0.0", "--admin-token", "s3cret")
    with serving(tmp_path, *words) as server:
        address = f"{server.url}/_emulator/providers"

        assert "s3cret" not in server.printed()
        assert requests.get(address, headers=as_bearer("s3cret")).status_code == 200


def test_a_port_of_its_own_is_announced(tmp_path: Path) -> None:
    with serving(tmp_path, "jobriver", "--admin-port", "0") as server:
        says, _, url = server.printed().splitlines()[0].rpartition(" ")

        assert says == "/_emulator is at"
        assert requests.get(f"{url}/_emulator/version").status_code == 200
        assert requests.get(f"{server.url}/_emulator/version").status_code == 404
