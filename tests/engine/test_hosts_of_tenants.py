"""Hosts with parts that vary: a tenant's name in the host, in every way in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from hypothesis import given
from hypothesis import strategies as st
from small import small

import emulator
from emulator.diagnostics import SpecError
from emulator.http.hosts import Hosts, filled, parts_of

PATHS = {"/things": {"get": {"operationId": "read", "responses": {}}}}
SEEN = "${[host.shop, server.version, server.shop, base_url]}"
OPERATIONS = {"read": {"reply": {"body": SEEN}}}
SERVERS = [
    {
        "url": "https://{shop}.acme.example/admin/{version}",
        "variables": {
            "shop": {"default": "demo"},
            "version": {"default": "v2", "enum": ["v1", "v2"]},
        },
    }
]
HOSTS = ["{shop}.acme.example", "www.acme.example"]


def shop(folder: Path, hosts: Any = None, **behavior: Any) -> Api:
    openapi = {"servers": SERVERS}
    hosts = HOSTS if hosts is None else hosts
    return small(folder, PATHS, OPERATIONS, openapi=openapi, hosts=hosts, **behavior)


def at(api: Api, host: str, path: str = "/admin/v1/things") -> Any:
    return api.client.get(path, headers={"Host": host})


@pytest.mark.parametrize(
    ("host", "tenant"),
    [
        ("first.acme.example", "first"),
        ("FIRST.Acme.Example", "first"),
        ("first-2.acme.example.", "first-2"),
        ("first.acme.example:8443", "first"),
        ("www.acme.example", "demo"),
    ],
)
def test_the_host_says_who_the_tenant_is(
    tmp_path: Path, host: str, tenant: str
) -> None:
    """A host that is written out comes first, and has no parts: it gets the default."""
    api = shop(tmp_path)

    name, version, same, base_url = at(api, host).json()

    assert (name, version, same) == (tenant, "v1", tenant)
    assert base_url == f"http://{host}"


@pytest.mark.parametrize("host", ["acme.example", "a.b.acme.example", "-.acme.example"])
def test_another_host_is_nobodys(tmp_path: Path, host: str) -> None:
    reply = at(shop(tmp_path), host)

    assert reply.status_code in (404, 421)


def test_below_the_name_of_the_provider_it_is_the_default(tmp_path: Path) -> None:
    """As the server's variable has it, which OpenAPI demands."""
    api = shop(tmp_path)

    name, version, same, _ = api.get("/admin/v2/things", None).json()

    assert (name, version, same) == ("demo", "v2", "demo")
    assert api.get("/admin/v3/things", None).status_code == 404


def test_a_prefix_of_a_world_goes_with_a_host(tmp_path: Path) -> None:
    api = shop(tmp_path)
    made = api.client.post("/_emulator/worlds", json={"id": "w1"})
    assert made.status_code == 201

    reply = at(api, "first.acme.example", "/@w1/admin/v1/things")

    assert reply.json()[0] == "first"
    assert len([*api.board.worlds["w1"].journal]) == 1


def test_an_intercepted_host_says_it_as_well(tmp_path: Path) -> None:
    """The code under test keeps its address, with its tenant."""
    import httpx
    import requests

    shop(tmp_path)
    url = "https://first.acme.example/admin/v1/things"
    with emulator.intercept("small", specs=tmp_path, on_other="refuse"):
        assert requests.get(url, timeout=5).json()[0] == "first"
        assert httpx.get(url).json()[0] == "first"
        with pytest.raises(emulator.ForeignHost, match=r"\{shop\}\.acme\.example"):
            requests.get("https://acme.example/", timeout=5)


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("*.acme.example", "has a wildcard"),
        ("{shop}.{shop}.acme.example", "cannot be told from each other"),
        ("{shop}{version}.acme.example", "cannot be told from each other"),
        ("{tenant}.acme.example", "nothing says what 'tenant' is"),
        ("https://acme.example", "is not the name of a host"),
        ("acme.example:80", "is not the name of a host"),
        ("{shop.acme.example", "is not the name of a host"),
        ("", "is not the name of a host"),
    ],
)
def test_what_is_no_host_is_told(tmp_path: Path, host: str, told: str) -> None:
    with pytest.raises(SpecError, match=re.escape(told)):
        shop(tmp_path, [host])


@pytest.mark.parametrize(
    ("expression", "told"),
    [("host.tenant", "'host' has no 'tenant'"), ("server.x", "'server' has no 'x'")],
)
def test_a_part_that_no_host_has_is_told(
    tmp_path: Path, expression: str, told: str
) -> None:
    operations = {"read": {"reply": {"body": f"${{{expression}}}"}}}
    with pytest.raises(SpecError, match=told):
        small(
            tmp_path, PATHS, operations, openapi={"servers": SERVERS}, hosts=HOSTS
        )  # fmt: skip


def test_where_no_host_varies_there_is_no_such_name(tmp_path: Path) -> None:
    operations = {"read": {"reply": {"body": "${host.shop}"}}}
    with pytest.raises(SpecError, match="there is no 'host' here"):
        small(tmp_path, PATHS, operations, hosts=["acme.example"])


def test_an_address_without_a_call_has_the_default(tmp_path: Path) -> None:
    assert shop(tmp_path).program.home == "https://demo.acme.example"


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(st.sampled_from(["{a}", "{b}", "x", "y", "x-{c}"]), min_size=1, max_size=4)  # fmt: skip


@given(st.lists(NAMES, max_size=6), st.lists(LABELS, min_size=1, max_size=4))
def test_a_host_is_found_as_by_looking_at_every_one(
    names: list[list[str]], labels: list[str]
) -> None:
    """Label by label; a name that is written out first, then the one that says more."""
    named = [".".join(parts) for parts in names if len(set(parts)) == len(parts)]
    sent = ".".join(labels)

    def fits(name: str) -> bool:
        pairs = [*zip(name.split("."), labels, strict=False)]
        return len(name.split(".")) == len(labels) and all(
            part == label
            if "{" not in part
            else label.startswith(part.partition("{")[0])
            and not label[len(part.partition("{")[0]) :].startswith("-")
            and label != part.partition("{")[0]
            for part, label in pairs
        )

    def says(name: str) -> int:
        return len(re.sub(r"\{\w+\}", "", name)) + (100 if "{" not in name else 0)

    expected = [name for name in named if fits(name)]
    match = Hosts(named).match(sent)

    if not expected:
        assert match is None
        return
    assert match is not None
    assert says(match[0]) == max(map(says, expected))
    assert filled(match[0], match[1]) == sent
    assert [*match[1]] == parts_of(match[0])
