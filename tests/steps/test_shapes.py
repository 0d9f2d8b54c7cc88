"""A call says which members it wants, and which references it wants to see as records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

FIXTURES = {
    "charges": [
        {"id": "ch_1", "amount": 5, "customer": "cus_1", "tags": ["t1", "t2"]},
        {"id": "ch_2", "amount": 7, "customer": "cus_2", "tags": []},
        {"id": "ch_3", "amount": 9, "customer": "cus_9", "tags": ["t2"]},
    ],
    "customers": [
        {"id": "cus_1", "name": "Ada", "city": 1, "first_charge": "ch_1"},
        {"id": "cus_2", "name": "Bea", "city": None, "first_charge": "ch_2"},
    ],
    "cities": [{"id": 1, "name": "Bern", "land": {"code": "CH", "name": "Schweiz"}}],
    "tags": [{"slug": "t1", "words": "urgent"}, {"slug": "t2", "words": "new"}],
}
VIEWS: dict[str, Any] = {
    "charge": {
        "collection": "charges",
        "fields": ["id", "amount", "customer"],
        "expand": {"customer": "customer", "labels": {"view": "tag", "of": "tags"}},
    },
    "customer": {
        "collection": "customers",
        "fields": ["id", "name", "city"],
        "expand": {
            "city": "city",
            "charges": {"view": "charge", "of": "records('charges', customer=id)"},
            "first_charge": "charge",
        },
    },
    "city": {"collection": "cities"},
    "tag": {"collection": "tags", "fields": ["words"]},
}


def payments(
    folder: Path,
    listed: dict[str, Any],
    *,
    reply: Any = None,
    views: Any = VIEWS,
    read: Any = None,
) -> Api:
    """Charges, listed and read; the queries `expand` and `fields` say how."""
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("expand", "fields", "people")
    ]
    described = {"parameters": parameters, "responses": {"200": {"description": "ok"}}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return small(
        folder,
        {
            "/charges": {"get": {"operationId": "charges", **described}},
            "/charges/{id}": {
                "parameters": [key],
                "get": {"operationId": "charge", **described},
            },
        },
        {
            "charges": {
                "list": {"collection": "charges", "view": "charge", **listed},
                **({"reply": reply} if reply else {}),
            },
            "charge": {
                "read": {
                    "collection": "charges", "key": "path.id", "view": "charge",
                    **(read or listed),
                }
            },
        },
        collections={
            "charges": {"order": ["id"]}, "customers": {}, "cities": {},
            "tags": {"key": "slug"},
        },
        views=views,
        table={
            "not_found": {"status": 404}, "invalid_path": {"status": 400},
            "invalid_request": {
                "status": 400,
                "code": "${[[v.field, v.rule, v.value] for v in violations]}",
            },
        },
        fixtures=FIXTURES,
    )  # fmt: skip


ASKED = {
    "expand": {"of": "query.expand", "unknown": "violation", "depth": 3},
    "fields": {"of": "query.fields", "unknown": "violation", "always": ["id"]},
}
BERN = {"id": 1, "name": "Bern", "land": {"code": "CH", "name": "Schweiz"}}
ADA = {"id": "cus_1", "name": "Ada", "city": 1}
FIRST = {"id": "ch_1", "amount": 5, "customer": "cus_1"}


def got(api: Api, path: str, **query: str) -> Any:
    reply = api.get(path, None, params=query)
    return (
        reply.json() if reply.status_code == 200 else (reply.status_code, reply.json())
    )


@pytest.mark.parametrize(
    ("expand", "shown"),
    [
        ("", FIRST),
        ("customer", {**FIRST, "customer": ADA}),
        ("customer.city", {**FIRST, "customer": {**ADA, "city": BERN}}),
        ("customer/city,customer", {**FIRST, "customer": {**ADA, "city": BERN}}),
        ("labels", {**FIRST, "labels": [{"words": "urgent"}, {"words": "new"}]}),
        (
            "customer.charges.labels",
            {
                **FIRST,
                "customer": {
                    **ADA,
                    "charges": [
                        {**FIRST, "labels": [{"words": "urgent"}, {"words": "new"}]}
                    ],
                },
            },
        ),
        (
            "customer.first_charge.customer",
            {
                **FIRST,
                "customer": {**ADA, "first_charge": {**FIRST, "customer": ADA}},
            },
        ),
    ],
)
def test_references_are_shown_as_records(
    tmp_path: Path, expand: str, shown: Any
) -> None:
    """Those that the call names, through as many as it names."""
    api = payments(tmp_path, ASKED)

    assert got(api, "/charges/ch_1", expand=expand) == shown
    assert got(api, "/charges", expand=expand)[0] == shown


def test_a_reference_that_leads_nowhere_stays(tmp_path: Path) -> None:
    """And what refers to nothing is null, or an empty list."""
    api = payments(tmp_path, ASKED)

    assert got(api, "/charges/ch_3", expand="customer")["customer"] == "cus_9"
    assert got(api, "/charges/ch_2", expand="labels")["labels"] == []
    city = got(api, "/charges/ch_2", expand="customer.city")["customer"]["city"]
    assert city is None


@pytest.mark.parametrize(
    ("expand", "wrong"),
    [
        ("owner", "owner"),
        ("customer.owner", "customer.owner"),
        ("customer,amount", "amount"),
        ("customer.first_charge.customer.city", "customer.first_charge.customer.city"),
        ("customer.", "customer."),
    ],
)
def test_what_cannot_be_expanded_is_a_violation_or_ignored(
    tmp_path: Path, expand: str, wrong: str
) -> None:
    """By a word of the spec; a name may lead as deep as it says, too."""
    refusing = payments(tmp_path / "a", ASKED)
    lenient = payments(tmp_path / "b", {"expand": {"of": "query.expand", "depth": 3}})

    assert got(refusing, "/charges/ch_1", expand=expand) == (
        400,
        {"error": [["expand", "expand", wrong]]},
    )
    assert got(lenient, "/charges/ch_1", expand=expand)["amount"] == 5


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("", FIRST),
        ("amount", {"id": "ch_1", "amount": 5}),
        ("amount, customer", FIRST),
        ("customer,customer", {"id": "ch_1", "customer": "cus_1"}),
        ("owner", (400, {"error": [["fields", "fields", "owner"]]})),
    ],
)
def test_a_call_gets_the_members_that_it_names(
    tmp_path: Path, fields: str, shown: Any
) -> None:
    """Beside those that it always gets, in the order of the view."""
    assert got(payments(tmp_path, ASKED), "/charges/ch_1", fields=fields) == shown


def test_members_of_what_is_expanded_can_be_named(tmp_path: Path) -> None:
    """A name leads into a record that is shown inside of another, too."""
    api = payments(tmp_path, ASKED)
    asked = {
        "expand": "customer.city",
        "fields": "customer.name,customer.city.land.code",
    }

    assert got(api, "/charges/ch_1", **asked) == {
        "id": "ch_1",
        "customer": {"name": "Ada", "city": {"land": {"code": "CH"}}},
    }


def test_a_view_is_not_needed_to_choose_fields(tmp_path: Path) -> None:
    """Then they are those of the record."""
    fields = {"of": "query.fields", "unknown": "violation"}
    api = payments(tmp_path, {"view": "charge"}, read={"view": "city", "fields": fields},
                   views={**VIEWS, "city": {"collection": "charges"}})  # fmt: skip

    assert got(api, "/charges/ch_1", fields="tags") == {"tags": ["t1", "t2"]}
    assert got(api, "/charges/ch_1", fields="nothing")[0] == 400


def test_records_can_stand_beside_as_json_api_has_them(tmp_path: Path) -> None:
    """Each once, chosen for each type; those that the reply is about are not among them."""
    resource = {
        "type": "charges",
        "id": "${id}",
        "attributes": {"amount": "${amount}", "tags": "${tags}"},
    }
    person = {
        "type": "people",
        "id": "${id}",
        "attributes": {"name": "${name}", "city": "${city}"},
    }
    views = {
        **VIEWS,
        "charge": {"collection": "charges", "show": resource,
                   "expand": {"customer": "customer", "first": {"view": "charge", "of": "'ch_1'"}}},
        "customer": {"collection": "customers", "show": person, "expand": {"city": "city"}},
    }  # fmt: skip
    api = payments(
        tmp_path,
        {
            "expand": {"of": "query.expand", "place": "beside"},
            "fields": {
                "of": "{'charge': query.fields, 'customer': query.people}",
                "inside": ["attributes"],
            },
        },
        views=views,
        reply={"body": {"data": "${items}", "included": "${included or omit}"}},
    )

    plain = got(api, "/charges")
    asked = got(
        api, "/charges", expand="customer.city,first", fields="amount", people="name"
    )

    assert sorted(plain) == ["data"]
    assert asked["data"][0] == {
        "type": "charges", "id": "ch_1", "attributes": {"amount": 5},
    }  # fmt: skip
    assert asked["included"] == [
        BERN,
        {"type": "people", "id": "cus_1", "attributes": {"name": "Ada"}},
        {"type": "people", "id": "cus_2", "attributes": {"name": "Bea"}},
    ]


def test_what_is_shown_so_is_not_kept_for_others(tmp_path: Path) -> None:
    """A call that asks for nothing gets the usual, before and after one that does."""
    api = payments(tmp_path, ASKED)
    calls = ["", "customer", "", "labels", "customer"]

    shown = [got(api, "/charges/ch_1", expand=expand) for expand in calls]

    assert shown[0] == shown[2] == FIRST
    assert shown[1] == shown[4] == {**FIRST, "customer": ADA}
    api.world.collections(api.program)["customers"].delete("cus_1")
    assert got(api, "/charges/ch_1", expand="customer") == FIRST


def test_a_reply_of_too_many_records_is_a_mistake_of_the_spec(tmp_path: Path) -> None:
    """However they multiply, there is an end."""
    api = payments(tmp_path, {"expand": {"of": "query.expand", "depth": 10}})
    charges = api.world.collections(api.program)["charges"]
    for number in range(40):
        charges.put({"id": f"x{number}", "customer": "cus_1", "tags": []})

    reply = api.get("/charges?expand=" + ".".join(["customer.charges"] * 4), None)

    assert reply.status_code == 500
    assert "more than 10000 records" in reply.text
    assert "spec error" in reply.text


@pytest.mark.parametrize("size", [1_000, 30_000])
def test_many_names_are_read_to_an_end(tmp_path: Path, size: int) -> None:
    """A query of them is answered, and what is too much of it is not looked at."""
    api = payments(tmp_path, {"expand": {"of": "query.expand"}})
    for names in ("customer," * size, "customer." * size, "," * size):
        reply = api.client.get(f"{api.root}/charges?expand={names[:size]}")
        assert reply.status_code == 200


@pytest.mark.parametrize(
    ("listed", "views", "said"),
    [
        ({"expand": {"collection": "query.nothing"}}, {}, "nothing"),
        ({"view": "tag", "expand": {"of": "query.expand"}}, {}, "nothing that is shown can be"),
        ({"fields": {"of": "query.fields", "always": ["ids"]}}, {}, "ids"),
        ({"fields": {"of": "query.fields", "inside": ["attributes"]}}, {}, "attributes"),
        ({}, {"expand": {"owner": "customer"}}, "owner"),
        ({}, {"expand": {"customer": "customers"}}, "did you mean 'customer'"),
        ({}, {"expand": {"customer": {"view": "customer", "by": "surname"}}}, "surname"),
        ({}, {"expand": {"customer": {"view": "customer", "of": "surname"}}}, "surname"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    tmp_path: Path, listed: dict[str, Any], views: dict[str, Any], said: str
) -> None:
    """A spec that asks for it does not load."""
    with pytest.raises(SpecError, match=said):
        payments(
            tmp_path, listed, views={**VIEWS, "charge": {**VIEWS["charge"], **views}}
        )


@pytest.mark.parametrize(
    "of", [True, 5, "query", "[5, null, ['a']]", "{'x': 'customer'}"]
)
def test_what_says_no_names_asks_for_nothing(tmp_path: Path, of: Any) -> None:
    """Whatever the expression gives; a mapping is `expand[0]=customer`, as forms have it."""
    api = payments(tmp_path, {"expand": {"of": of}, "fields": {"of": "null"}})
    shown = got(api, "/charges/ch_1")

    assert shown == (FIRST if of != "{'x': 'customer'}" else {**FIRST, "customer": ADA})


@pytest.mark.parametrize("of", [True, 5, "[5, null]", "{'charge': 5, 'nothing': 'id'}"])
def test_what_names_no_members_shows_all(tmp_path: Path, of: Any) -> None:
    """A list without a text names none, and shows what is always shown."""
    api = payments(tmp_path, {"fields": {"of": of, "always": ["id"]}})

    assert got(api, "/charges/ch_1") in (FIRST, {"id": "ch_1"})
