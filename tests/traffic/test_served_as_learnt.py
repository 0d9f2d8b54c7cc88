"""What was learnt, served and called: records, bodies and replies as the calls have shown them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from traffic_archives import archive, call

import emulator
from emulator.cli.learn import Wanted, init_from_archives

Json = Any


@contextmanager
def served(folder: Path, *entries: Json) -> Iterator[httpx.Client]:
    """A client of the provider that is learnt of *entries*, who names no credential."""
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


def test_inputs_that_are_compared_may_be_null(tmp_path: Path) -> None:
    url = "https://api.acme.test/v1/jobs"
    more = {"errors": {"pay_to": ["pay to must be greater than pay from"]}}

    def post(*pay: Json, status: int = 201, reply: Json = None) -> Json:
        sent = {"pay_from": pay[0], "pay_to": pay[1]}
        return call(
            "POST", url, json=sent, status=status, reply=reply or {"id": 1, **sent}
        )

    entries = (
        post(1, 2), post(None, 2), post(3, None), post(5, 4, status=422, reply=more),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        pays = ((1, 2), (None, 2), (3, None), (5, 4))
        sent = [{"pay_from": start, "pay_to": end} for start, end in pays]
        statuses = [client.post("/jobs", json=each).status_code for each in sent]

    assert statuses == [201, 201, 201, 422]


def test_a_signature_of_each_call_is_no_credential(tmp_path: Path) -> None:
    """Calls with the key, and a signature that nobody sent before, are let in."""
    url = "https://api.acme.test/v1/balance"
    key = {"X-Api-Key": "live-8f14e45fceea167a5a36dedd4bea2543"}
    entries = (
        *(
            call("GET", f"{url}?token={at:032x}", headers=key, reply={"cents": 5})
            for at in range(20)
        ),
        call("GET", url, status=401, reply={"message": "Who is it?"}),
    )

    with served(tmp_path, *entries) as client:
        (found,) = yaml.safe_load(
            (tmp_path / "acme/fixtures/api_keys.yaml").read_text()
        )[:1]
        held = {"X-Api-Key": found["key"]}
        known = client.get("/balance?token=ffffffffffffffff", headers=held)
        unknown = client.get("/balance?token=ffffffffffffffff")

    assert (known.status_code, unknown.status_code) == (200, 401)


def test_stateless_replies_refuse_find_and_are_kept_as_recorded(tmp_path: Path) -> None:
    """What is not there, a name that is not one, an ETag, and a header of few replies."""
    url = "https://api.acme.test/v1"
    lost = {"message": "There is no such sum"}
    wrong = {"error": "unknown_country"}

    def read(path: str, **reply: Any) -> Json:
        return call("GET", url + path, **reply)

    tag = {"ETag": '"1"'}
    entries = (
        *(read(f"/sums/{n}/details", reply={"of": n}, reply_headers=tag) for n in (1, 2)),
        read("/sums/3/details", reply={"of": 3}, reply_headers={**tag, "X-Rare": "1"}),
        read("/sums/77/details", status=404, reply=lost),
        read("/rates?country=de", reply={"rate": 7}),
        read("/rates?country=zz", status=400, reply=wrong),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        there, gone = client.get("/sums/2/details"), client.get("/sums/78/details")
        known = {"If-None-Match": there.headers["ETag"]}
        again = client.get("/sums/2/details", headers=known)
        rates = [client.get(f"/rates?country={name}") for name in ("de", "zz", "fr")]

    assert (there.status_code, "X-Rare" in there.headers) == (200, False)
    assert (gone.status_code, gone.json(), again.status_code) == (404, lost, 304)
    assert [each.json() for each in rates] == [{"rate": 7}, wrong, {"rate": 7}]


def test_what_is_refused_for_a_field_that_was_never_taken_is_no_condition(
    tmp_path: Path,
) -> None:
    """The document does not know it; a field called `now` does not hide the time."""
    url = "https://api.acme.test/v1"
    at = "2026-01-01T10:00:00Z"
    wrong = {"message": "key is unknown"}
    entries = (
        call("POST", f"{url}/pings", json={"data": 1}, status=204),
        call("POST", f"{url}/pings", json={"data": 1, "key": "a"}, status=409, reply=wrong),
        call("POST", f"{url}/pings", json={"data": 2, "a b": "a"}, status=422,
             reply={"message": "data needs a b if data is 2"}),
        call("GET", f"{url}/events", reply=[{"id": 1, "now": "x", "created_at": at}]),
        call("GET", f"{url}/events/1", reply={"id": 1, "now": "x", "created_at": at}),
        call("POST", f"{url}/events", json={"now": "y"}, status=201,
             reply={"id": 2, "now": "y", "created_at": at}),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        assert client.post("/pings", json={"data": 1}).status_code == 204
        made = client.post("/events", json={"now": "z"}).json()

    assert (made["now"], made["created_at"] > at) == ("z", True)


def test_refusals_look_as_the_input_that_they_are_about_was_refused(
    tmp_path: Path,
) -> None:
    """An amount has its name told, and a page that is not there a code as well."""
    url = "https://api.acme.test/v1/sums"

    def no(param: str, **more: str) -> Json:
        return {"error": {"param": param, "message": f"{param} is not good", **more}}

    entries = (
        call("GET", f"{url}?size=3&after=10", reply={"sums": [3]}),
        call("GET", f"{url}?size=5&after=12", reply={"sums": [3]}),
        call("GET", f"{url}?size=x", status=400, reply=no("size")),
        call("GET", f"{url}?size=y", status=400, reply=no("size")),
        call("GET", f"{url}?after=x", status=400, reply=no("after", code="gone")),
    )

    with served(tmp_path, *entries) as client:
        replies = [
            client.get(f"/sums?{query}") for query in ("size=z", "after=z", "size=4")
        ]

    assert [each.status_code for each in replies] == [400, 400, 200]
    told = [each.json()["error"] for each in replies[:2]]
    assert [each.keys() - {"message"} for each in told] == [
        {"param"},
        {"param", "code"},
    ]


def test_what_nobody_found_is_not_found(tmp_path: Path) -> None:
    """Although a call without a key was answered 401 there, as all others are."""
    url = "https://api.acme.test/v1"
    key = {"X-Api-Key": "live-8f14e45fceea167a5a36dedd4bea2543"}
    lost, who = {"message": "No such refund"}, {"message": "Who is it?"}
    entries = (
        call("GET", f"{url}/me", headers=key, reply={"name": "x"}),
        call("GET", f"{url}/me", status=401, reply=who),
        call("GET", f"{url}/refunds/1", headers=key, status=404, reply=lost),
        call("GET", f"{url}/refunds/2", headers=key, status=404, reply=lost),
        call("GET", f"{url}/refunds/2", status=401, reply=who),
    )

    with served(tmp_path, *entries) as client:
        (found, *_) = yaml.safe_load(
            (tmp_path / "acme/fixtures/api_keys.yaml").read_text()
        )
        reply = client.get("/refunds/3", headers={"X-Api-Key": found["key"]})
        unknown = client.get("/refunds/3")

    assert (reply.status_code, reply.json()) == (404, lost)
    assert (unknown.status_code, unknown.json()) == (401, who)


def test_a_header_of_all_replies_but_those_of_one_operation(tmp_path: Path) -> None:
    url = "https://api.acme.test/v1"
    told = {"X-Api-Group": "core"}
    entries = (
        *(
            call("GET", f"{url}/me", reply={"n": n}, reply_headers=told)
            for n in range(99)
        ),
        *(call("GET", f"{url}/limits", reply={"n": n}) for n in range(4)),
    )

    with served(tmp_path, *entries) as client:
        paths = ("/me", "/limits", "/none")
        groups = [client.get(path).headers.get("X-Api-Group") for path in paths]

    assert groups == ["core", None, "core"]


def test_replies_to_reads_are_those_that_were_recorded(tmp_path: Path) -> None:
    """Each rate is its own; links and what was created lead to the emulator."""
    url = "https://api.acme.test/v1"

    def rate(of: str) -> Json:
        following = {"Link": f'<{url}/rates?after={of}>; rel="next"'}
        reply = {"of": of, "cents": len(of), "self": f"{url}/rates?of={of}"}
        return call("GET", f"{url}/rates?of={of}", reply=reply, reply_headers=following)

    made = {"Location": f"{url}/notes/2"}
    entries = (
        *map(rate, ("EUR", "EURO", "USD")),
        call("GET", f"{url}/notes/1", reply={"id": 1, "text": "One"}),
        call("POST", f"{url}/notes", json={"text": "Two"}, status=201,
             reply={"id": 2, "text": "Two"}, reply_headers=made),
    )  # fmt: skip

    with served(tmp_path, *entries) as client:
        here = str(client.base_url).rstrip("/")
        rates = [client.get(f"/rates?of={of}") for of in ("EURO", "USD")]
        note = client.post("/notes", json={"text": "Three"})
        again = client.get(note.headers["Location"])

    assert [each.json()["cents"] for each in rates] == [4, 3]
    assert rates[0].json()["self"] == f"{here}/rates?of=EURO"
    assert rates[1].links["next"]["url"] == f"{here}/rates?after=USD"
    assert again.json() == note.json()


def test_a_refusal_without_a_body_has_none(tmp_path: Path) -> None:
    """As many answer 401, with a challenge alone."""
    url = "https://api.acme.test/v1/me"
    key = {"Authorization": "Bearer 8f14e45fceea167a5a36dedd4bea2543"}
    bare = call("GET", url, status=401, reply_headers={"WWW-Authenticate": "Bearer"})
    bare["response"]["headers"] = bare["response"]["headers"][1:]  # the Content-Type
    bare["response"]["content"]["mimeType"] = ""

    with served(
        tmp_path, call("GET", url, headers=key, reply={"id": 1}), bare
    ) as client:
        reply = client.get("/me")

    assert (reply.status_code, reply.content) == (401, b"")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert "Content-Type" not in reply.headers
