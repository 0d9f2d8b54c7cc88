"""What was learnt, served and called: records, bodies and replies as the calls have shown them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from traffic_archives import archive, call

import emulator
from emulator.cli.learn import Wanted, init_from_archives

Json = Any


@contextmanager
def served(folder: Path, *entries: Json) -> Iterator[httpx.Client]:
    """A client of the provider that is learnt of *entries*."""
    (folder / "a.har").write_bytes(archive(*entries))
    init_from_archives("acme", str(folder), Wanted([str(folder / "a.har")]))
    made = str(folder / "acme")
    with (
        emulator.start(["acme"], specs=[made], log_format="none") as server,
        httpx.Client(base_url=server.default.provider("acme").url) as client,
    ):
        yield client


def test_a_field_that_is_called_body_does_not_hide_the_body(tmp_path: Path) -> None:
    """An issue with a `body`, changed: its labels by their names, and its state."""

    def issue(**changed: Json) -> Json:
        labels = [{"name": "bug", "color": "red"}]
        return {"id": 7, "body": "Blank.", "state": "open", "labels": labels, **changed}

    url = "https://api.acme.test/v1/issues"
    wrong = {"message": "state is not one of the states"}
    entries = (
        call("GET", url, reply=[issue(), issue(id=8)]),
        call("GET", f"{url}/7", reply=issue()),
        call("GET", f"{url}/8", reply=issue(id=8)),
        call("PATCH", f"{url}/7", json={"labels": ["bug"]}, reply=issue()),
        call("PATCH", f"{url}/7", json={"state": "none"}, status=422, reply=wrong),
        call("PATCH", f"{url}/7", json={"state": "closed"}, reply=issue(state="closed")),
        call("PATCH", f"{url}/8", json={"body": "White."}, reply=issue(id=8, body="White.")),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        sent = {"state": "closed", "labels": ["ui"], "body": "White."}
        changed = client.patch("/issues/7", json=sent).json()

    assert changed["labels"][0]["name"] == "ui"
    assert (changed["state"], changed["body"]) == ("closed", "White.")


def test_json_is_read_as_json_where_it_was_taken_as_such(tmp_path: Path) -> None:
    """curl calls JSON a form, and browsers call it plain text: where it was taken, it is."""
    url = "https://api.acme.test/v1/notes"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    entries = (
        call("POST", url, json={"text": "One"}, status=201, reply={"id": 1, "text": "One"}),
        call("POST", url, headers=form, media=form["Content-Type"], text='{"text": "Two"}',
             status=201, reply={"id": 2, "text": "Two"}),
        call("GET", f"{url}/1", reply={"id": 1, "text": "One"}),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        made = client.post("/notes", headers=form, content='{"text": "Three"}')

    assert made.status_code == 201
    assert made.json()["text"] == "Three"


def test_stateless_replies_look_as_the_call_wants_it(tmp_path: Path) -> None:
    """Sums by country have a country, and those by city a city; any other is the usual one."""
    url = "https://api.acme.test/v1/sums"
    by_country, by_city = {"sums": [{"country": 3}]}, {"sums": [{"city": 1}], "of": 9}
    entries = (
        call("GET", f"{url}?by=country", reply=by_country),
        call("GET", f"{url}?by=country&deep=2", reply=by_country),
        call("GET", f"{url}?by=city", reply=by_city, reply_headers={"X-Cost": "5"}),
        call("GET", f"{url}?by=country&deep=7", reply={"sums": [], "none": "none"}),
    )

    with served(tmp_path, *entries) as client:
        replies = [
            client.get("/sums", params=query).json()
            for query in ({"by": "city"}, {"by": "x"}, {"by": "country", "deep": 7})
        ]

    assert replies == [by_city, by_country, {"sums": [], "none": "none"}]


def test_what_is_read_and_not_found_to_change_is_somebody_elses(tmp_path: Path) -> None:
    url = "https://api.acme.test/v1/jobs"
    jobs = [{"id": number, "title": f"Job {number}"} for number in (1, 2, 3, 4)]
    none = {"message": "There is no such job"}
    entries = (
        call("GET", url, reply=jobs),
        *(call("GET", f"{url}/{job['id']}", reply=job) for job in jobs),
        call("GET", f"{url}/9", status=404, reply=none),
        call("PUT", f"{url}/1", json={"title": "New"}, reply={**jobs[0], "title": "New"}),
        call("PUT", f"{url}/2", json={"title": "New"}, status=404, reply=none),
        call("DELETE", f"{url}/2", status=404, reply=none),
        call("DELETE", f"{url}/3", status=204),
        call("DELETE", f"{url}/3", status=404, reply=none),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        changed = [
            client.put(f"/jobs/{key}", json={"title": "Newer"}) for key in (1, 2)
        ]
        removed = [client.delete(f"/jobs/{key}") for key in (1, 2, 3, 4)]

    assert [each.status_code for each in changed] == [200, 404]
    assert changed[1].json() == none
    assert [each.status_code for each in removed] == [204, 404, 204, 204]


def test_a_record_is_shown_as_single_reads_show_it(tmp_path: Path) -> None:
    """Lists show a place as a number, and a shop that single reads leave out."""
    url = "https://api.acme.test/v1/jobs"
    full = [{"id": n, "place": {"id": n, "city": "Ulm"}} for n in (1, 2)]
    entries = (
        call("GET", url, reply=[{"id": n, "place": n, "shop": "x"} for n in (1, 2)]),
        *(call("GET", f"{url}/{job['id']}", reply=job) for job in full),
    )

    with served(tmp_path, *entries) as client:
        assert [client.get(f"/jobs/{n}").json() for n in (1, 2)] == full
