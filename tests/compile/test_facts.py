"""Facts: what is known of a part of a spec stands beside it, and what else might be so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from front_door import Api
from small import small

from emulator.client.emulator import start
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.world.world import World

Json = Any
PATHS = {
    "/a": {
        "get": {
            "operationId": "a",
            "parameters": [{"name": "q", "in": "query", "schema": {"maxLength": 3}}],
            "responses": {},
        }
    }
}
LIMIT = {"quota": 1, "window": "1m", "per": "ip"}
TABLE = {
    "rate_limited": {"status": 429},
    "invalid_request": {"status": 422},
    "down": {"status": 503},
}
SOURCES = {"sources": {"docs": {"title": "D", "read": "2026-11-22"}}, "default": "docs"}


def place(folder: Path, **behavior: Any) -> Place:
    """A provider whose parts say what is known of them."""
    operation = {"reply": {"body": 1}, **behavior.pop("operation", {})}
    parts: Json = {
        "table": TABLE,
        "rate_limits": [LIMIT],
        "evidence": SOURCES,
        **behavior,
    }
    small(folder, PATHS, {"a": operation}, **parts)
    return Place(folder / "small", folder / "small" / "fixtures")


@pytest.mark.parametrize(
    ("behavior", "paths"),
    [
        ({"rate_limits": [{**LIMIT, "assumed": ["quota", "starts"]}]},
         {"rate_limits.0.quota": "assumed", "rate_limits.0.starts": "assumed"}),
        ({"rate_limits": [{**LIMIT, "assumed": True}]}, {"rate_limits.0": "assumed"}),
        ({"rate_limits": [{**LIMIT, "source": "docs"}]}, {"rate_limits.0": "docs"}),
        ({"table": {**TABLE, "down": {"status": 503, "assumed": ["status"]}}},
         {"errors.table.down.status": "assumed"}),
        ({"operation": {"assumed": ["reply.body", "parameters.q.bounds"]}},
         {"operations.a.reply.body": "assumed",
          "operations.a.parameters.q.bounds": "assumed"}),
        ({"hosts": ["a.example"], "assumed": ["provider"], "sources": {"docs": ["hosts.0"]}},
         {"hosts.0": "docs"}),
    ],
)  # fmt: skip
def test_what_is_said_beside_a_part_is_about_it(
    tmp_path: Path, behavior: Json, paths: Json
) -> None:
    """By keys, by paths into them, for all of a mapping, and by the name of a source."""
    report = Report()

    program = load(place(tmp_path, **behavior), report=report)

    assert report.diagnostics == []
    known = dict(program.evidence.paths)
    assert known.pop("provider") == "assumed"
    assert known == paths


@pytest.mark.parametrize(
    ("behavior", "code", "what"),
    [
        ({"rate_limits": [{**LIMIT, "assumed": ["quotas"]}]},
         "evidence-path", "'rate_limits.0.quotas' leads nowhere"),
        ({"rate_limits": [{**LIMIT, "source": "dosc"}]},
         "unknown-evidence-source", "there is no evidence source 'dosc'"),
        ({"rate_limits": [{**LIMIT, "otherwise": {"quotas": 2}}]},
         "evidence-path", "'rate_limits.0.quotas' leads nowhere"),
        ({"rate_limits": [{**LIMIT, "assumed": "quota"}]},
         "wrong-type", "rate_limits.0.assumed is a text"),
        ({"rate_limits": [{**LIMIT, "assumed": False}]},
         "wrong-type", "rate_limits.0.assumed is a truth value"),
        ({"rate_limits": [{**LIMIT, "sources": ["docs"]}]},
         "wrong-type", "rate_limits.0.sources is a list"),
        ({"rate_limits": [{**LIMIT, "otherwise": ["quota"]}]},
         "wrong-type", "rate_limits.0.otherwise is a list"),
        ({"rate_limits": [{**LIMIT, "assumes": ["quota"]}]},
         "unknown-key", "'assumes' is not a key of rate_limits.0"),
    ],
)  # fmt: skip
def test_what_is_said_of_nothing_is_a_mistake(
    tmp_path: Path, behavior: Json, code: str, what: str
) -> None:
    """Evidence cannot outlive the part that it was for."""
    with pytest.raises(SpecError) as caught:
        place(tmp_path, **behavior)

    assert [(each.code, each.what) for each in caught.value.diagnostics] == [
        (code, what)
    ]


def test_the_alternative_can_be_tried_out(tmp_path: Path) -> None:
    """One call a minute, or two; the rest is the same, also from the cache."""
    limit = {**LIMIT, "assumed": ["quota"], "otherwise": {"quota": 2}}
    place(tmp_path, rate_limits=[limit])
    statuses = []

    for paths in ([], ["small.rate_limits.0.quota"], ["small.rate_limits.0.quota"]):
        with start(
            ["small"],
            specs=[str(tmp_path)],
            otherwise=paths,
            frozen=True,
            cache_dir=str(tmp_path / "cache"),
        ) as emulator:
            calls = [httpx.get(f"{emulator.url}/small/a") for _ in range(3)]
            statuses.append([reply.status_code for reply in calls])

    assert statuses == [[200, 429, 429], [200, 200, 429], [200, 200, 429]]


def test_an_alternative_of_nothing_takes_the_key_away(tmp_path: Path) -> None:
    """Null is no value here."""
    written = {"body": 1, "status": 202, "otherwise": {"status": None}}
    found = place(tmp_path, operation={"reply": written})

    usual = load(found).operations["a"].replies[0]
    other = (
        load(found, otherwise=["operations.a.reply.status"]).operations["a"].replies[0]
    )

    assert (usual.status, other.status) == (202, 200)


def test_an_alternative_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With those that are."""
    found = place(tmp_path, rate_limits=[{**LIMIT, "otherwise": {"quota": 2}}])

    with pytest.raises(SpecError) as caught:
        load(found, otherwise=["rate_limits.0.window"])

    (told,) = caught.value.diagnostics
    assert (told.code, told.why) == (
        "unknown-alternative",
        "alternatives are rate_limits.0.quota",
    )


def test_the_longest_name_is_meant_where_names_have_dots(tmp_path: Path) -> None:
    """An operation may be called `a.list` beside one called `a`, and its parameter `q.x`."""
    get = {
        "operationId": "a.list",
        "parameters": [{"name": "q.x", "in": "query", "schema": {"maxLength": 3}}],
        "responses": {},
    }
    assumed = ["reply.body", "parameters.q.x.bounds"]
    listing = {
        "reply": {"body": 1},
        "assumed": assumed,
        "otherwise": {"reply.body": 2},
    }
    operations = {"a": {"reply": {"body": 0}}, "a.list": listing}
    table = {"invalid_request": {"status": 422}}
    small(tmp_path, {**PATHS, "/list": {"get": get}}, operations, table=table)
    folder = Place(tmp_path / "small", tmp_path / "small" / "fixtures")
    report = Report()

    program = load(folder, report=report, otherwise=["operations.a.list.reply.body"])

    assert report.diagnostics == []
    for path in assumed:
        assert program.evidence.paths[f"operations.a.list.{path}"] == "assumed"
    small_api = Api(program, Dispatcher({"small": program}, World()), "/small")
    assert small_api.get("/list", key=None).json() == 2


def test_a_whole_file_may_be_assumed(tmp_path: Path) -> None:
    """At the top, `true` is about every key of the file, as it is elsewhere."""
    report = Report()
    program = load(place(tmp_path, assumed=True, evidence=None), None, report)

    assert report.diagnostics == []
    assert {"operations", "errors", "rate_limits"} <= {*program.evidence.paths}


@pytest.mark.parametrize(
    "evidence", [3.5, "docs", ["docs"], {"sources": 3}, {"from": 3, "assumed": 3}]
)
def test_evidence_of_another_kind_is_told(tmp_path: Path, evidence: Any) -> None:
    """However wrong it is, with facts that stand beside it."""
    with pytest.raises(SpecError) as told:
        place(tmp_path, evidence=evidence, rate_limits=[{**LIMIT, "assumed": True}])

    assert "evidence" in str(told.value)
