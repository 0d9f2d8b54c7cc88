"""A host with a final dot is the same host, wherever a name is looked at."""

from __future__ import annotations

import httpx
import pytest

import emulator
from emulator.http.url import host_name

ADDRESS = "https://dev.jobriver.de./api/v1/status"


def test_a_served_provider_goes_by_its_name_with_a_dot() -> None:
    with emulator.start("jobriver") as server:
        key = server.default.provider("jobriver").credentials["full"].headers
        url = f"{server.url}/api/v1/status"

        answers = [
            httpx.get(url, headers={**key, "Host": host})
            for host in ("dev.jobriver.de", "dev.jobriver.de.", "DEV.jobriver.de.:8080")
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def test_an_intercepted_provider_goes_by_its_name_with_a_dot() -> None:
    with emulator.intercept("jobriver", on_other="refuse") as world:
        key = world.provider("jobriver").credentials["full"].headers

        assert httpx.get(ADDRESS, headers=key).status_code == 200


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dev.Example.", "dev.example"),
        ("dev.example..", "dev.example."),
        ("[::1]", "::1"),
        ("", ""),
    ],
)
def test_one_dot_is_no_part_of_a_name(text: str, name: str) -> None:
    assert host_name(text) == name
