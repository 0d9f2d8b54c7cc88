"""The Job Space's tokens: the grants `password` and `refresh_token`."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from job_space import bearer, flat, password_grant, refresh_grant, reply
from replies import change, shown

if TYPE_CHECKING:
    from front_door import Api

UNSUPPORTED = flat(
    400,
    "unsupported_grant_type",
    "The authorization grant type is not supported by the authorization server.",
    "Check the `grant_type` parameter",
)
WRONG_CLIENT = flat(401, "invalid_client", "Client authentication failed")
WRONG_USER = flat(401, "invalid_credentials", "The user credentials were incorrect.")


def missing(name: str) -> str:
    return flat(
        400,
        "invalid_request",
        "The request is missing a required parameter, includes an invalid parameter "
        "value, includes a parameter more than once, or is otherwise malformed.",
        f"Check the `{name}` parameter",
    )


def wrong_refresh_token(hint: str) -> str:
    return flat(401, "invalid_request", "The refresh token is invalid.", hint)


def ask(api: Api, form: dict[str, Any], way: str = "data", **rest: Any) -> Any:
    if way == "multipart":
        fields = {name: (None, value) for name, value in form.items()}
        return api.post("/oauth/token", None, files=fields, **rest)
    return api.post("/oauth/token", None, **{way: form}, **rest)


@pytest.mark.parametrize("way", ["multipart", "data", "json"])
def test_a_user_s_password_buys_a_token(jobspace: Api, way: str) -> None:
    """[primary] §2.1: multipart; [docs: rev B]: urlencoded; [assumed]: JSON."""
    answer = ask(jobspace, password_grant(jobspace), way)

    body = answer.json()
    assert list(body) == ["token_type", "expires_in", "access_token", "refresh_token"]
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 86400)
    assert shown(answer) == reply(
        200, body, None, cache_control="no-store", pragma="no-cache"
    )
    job = jobspace.get("/api/job/142", None, headers=bearer(body["access_token"]))
    assert job.status_code == 200


def test_the_published_php_sample_buys_a_token(jobspace: Api) -> None:
    """[primary] §2.1: its multipart body has the line ends of its source file, LF alone."""
    begin = "------WebKitFormBoundary7MA4YWxkTrZu0gW"
    parts = [
        f'{begin}\nContent-Disposition: form-data; name="{name}"\n\n{value}\n'
        for name, value in password_grant(jobspace).items()
    ]
    media = f"multipart/form-data; boundary={begin.removeprefix('--')}"
    body = "".join(parts) + f"{begin}--"

    answer = jobspace.post(
        "/oauth/token", None, content=body, headers={"Content-Type": media}
    )

    assert answer.status_code == 200


def test_a_token_lasts_a_day(jobspace: Api) -> None:
    """[primary] §2.1: 86 400 seconds, of the world's clock."""
    headers = bearer(ask(jobspace, password_grant(jobspace)).json()["access_token"])

    jobspace.clock.advance(86_399)
    assert jobspace.get("/api/job/142", None, headers=headers).status_code == 200
    jobspace.clock.advance(1)
    assert jobspace.get("/api/job/142", None, headers=headers).status_code == 401


def test_a_user_may_be_named_by_name(jobspace: Api) -> None:
    """[docs: rev B] §2.1: an e-mail address or a name."""
    form = {**password_grant(jobspace), "username": "Test Martin"}

    assert ask(jobspace, form).status_code == 200


def test_a_client_id_may_be_a_number(jobspace: Api) -> None:
    """[primary] §2.1: it is numeric in the samples."""
    form = {**password_grant(jobspace), "client_id": 4}

    assert ask(jobspace, form, "json").status_code == 200


def test_the_client_pair_may_come_as_basic(jobspace: Api) -> None:
    """[assumed] §2.1: as RFC 6749, 2.3.1 has it, which clients do by themselves."""
    form = password_grant(jobspace)
    pair = f"{form.pop('client_id')}:{form.pop('client_secret')}".encode()
    basic = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"4:no").decode()}

    assert ask(jobspace, form, headers=basic).status_code == 200
    assert shown(ask(jobspace, form, headers=wrong)) == WRONG_CLIENT


def test_an_old_token_in_the_way_is_not_looked_at(jobspace: Api) -> None:
    """[assumed] §2.1: a Bearer header is for the API, not for the token endpoint."""
    answer = ask(jobspace, password_grant(jobspace), headers=bearer("expired"))

    assert answer.status_code == 200


def test_accept_is_not_looked_at(jobspace: Api) -> None:
    """[primary] §2.1: the token request has no such header."""
    headers = {"Accept": "text/html"}

    assert ask(jobspace, password_grant(jobspace), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": "client_credentials"}, UNSUPPORTED),
        ({"grant_type": "implicit", "client_secret": "no"}, UNSUPPORTED),
        ({"grant_type": ""}, missing("grant_type")),
        ({"client_id": ""}, missing("client_id")),
        ({"client_secret": ""}, missing("client_secret")),
        ({"client_secret": "no", "username": ""}, WRONG_CLIENT),
        ({"client_id": "99"}, WRONG_CLIENT),
        ({"client_secret": "no"}, WRONG_CLIENT),
        ({"client_secret": "no", "password": "no"}, WRONG_CLIENT),
        ({"username": "", "password": ""}, missing("username")),
        ({"password": ""}, missing("password")),
        ({"password": "no"}, WRONG_USER),
        ({"username": "nobody@example.com"}, WRONG_USER),
    ],
)
def test_what_is_wrong_is_said_in_the_framework_s_order(
    jobspace: Api, changes: dict[str, str], expected: str
) -> None:
    """[assumed] §2.5: grant, client, user; flat, with hints where there is one."""
    form = {**password_grant(jobspace), **changes}

    assert shown(ask(jobspace, form)) == expected


def test_no_body_at_all_lacks_its_first_field(jobspace: Api) -> None:
    """[assumed] §2.5: a missing field is 400."""
    assert shown(jobspace.post("/oauth/token", None)) == missing("grant_type")


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_cannot_be_read_lacks_it_too(jobspace: Api, body: bytes) -> None:
    """[assumed] §2.5: the token endpoint never answers inside `data`."""
    headers = {"Content-Type": "application/json"}
    answer = jobspace.post("/oauth/token", None, content=body, headers=headers)

    assert shown(answer) == missing("grant_type")


def test_a_field_of_another_type_is_400(jobspace: Api) -> None:
    """[assumed] §2.5: an invalid parameter value."""
    form = {**password_grant(jobspace), "username": ["x"]}

    assert shown(ask(jobspace, form, "json")) == missing("username")


def test_a_refresh_token_buys_a_new_pair_once(jobspace: Api) -> None:
    """[docs: rev B] §2.2: a new pair; [assumed]: the old pair is revoked."""
    old = jobspace.credentials["full"]
    answer = ask(jobspace, refresh_grant(jobspace))

    new = answer.json()
    assert shown(answer) == reply(
        200, new, None, cache_control="no-store", pragma="no-cache"
    )
    assert new["refresh_token"] != old["refresh_token"]
    headers = bearer(new["access_token"])
    assert jobspace.get("/api/job/142", None, headers=headers).status_code == 200
    assert jobspace.get("/api/job/142").status_code == 401
    again = ask(jobspace, refresh_grant(jobspace))
    assert shown(again) == wrong_refresh_token("Token has been revoked")
    chained = {**refresh_grant(jobspace), "refresh_token": new["refresh_token"]}
    assert ask(jobspace, chained).status_code == 200


def test_an_expired_token_can_be_refreshed(jobspace: Api) -> None:
    """[docs: rev B] §2.2: which is what refresh tokens are for."""
    assert jobspace.get("/api/job/142", "expired").status_code == 401

    assert ask(jobspace, refresh_grant(jobspace, "expired")).status_code == 200


@pytest.mark.parametrize(
    ("key", "changes", "expected"),
    [
        ("full", {"refresh_token": ""}, missing("refresh_token")),
        (
            "full",
            {"refresh_token": "no"},
            wrong_refresh_token("Cannot decrypt the refresh token"),
        ),
        ("refresh_expired", {}, wrong_refresh_token("Token has expired")),
        ("revoked", {}, wrong_refresh_token("Token has been revoked")),
        ("full", {"client_secret": "no"}, WRONG_CLIENT),
    ],
)
def test_what_is_wrong_with_a_refresh_token_is_in_the_hint(
    jobspace: Api, key: str, changes: dict[str, str], expected: str
) -> None:
    """[assumed] §2.5: 401 and one of four hints."""
    form = {**refresh_grant(jobspace, key), **changes}

    assert shown(ask(jobspace, form)) == expected


def test_a_refresh_token_belongs_to_its_vendor(jobspace: Api) -> None:
    """[assumed] §2.5: the fourth hint."""
    form = {
        **refresh_grant(jobspace, "other_vendor"),
        "refresh_token": jobspace.credentials["full"]["refresh_token"],
    }

    assert shown(ask(jobspace, form)) == wrong_refresh_token(
        "Token is not linked to client"
    )


def test_a_token_is_for_the_user_s_own_account(jobspace: Api) -> None:
    """[primary] §2.1: the user pair is the account on whose behalf jobs are posted."""
    form = password_grant(jobspace, "other_organisation")
    headers = bearer(ask(jobspace, form).json()["access_token"])

    own = jobspace.post("/admin/api/job/153/delete", None, headers=headers)
    other = jobspace.post("/admin/api/job/150/delete", None, headers=headers)

    assert (own.status_code, other.status_code) == (200, 422)


def test_every_token_carries_what_a_grant_needs(jobspace: Api) -> None:
    """The credentials of the fixtures can be used for the OAuth grants at once."""
    for key in ("full", "read_only", "other_organisation", "no_credits", "expired"):
        assert ask(jobspace, password_grant(jobspace, key)).status_code == 200


def test_a_vendor_of_the_older_revision_gets_no_refresh_token(jobspace: Api) -> None:
    """[primary] §2.1: the documented reply has three members."""
    for vendor in (4, 5):
        change(jobspace, "vendors", vendor, refresh_tokens=False)

    body = ask(jobspace, password_grant(jobspace)).json()

    assert list(body) == ["token_type", "expires_in", "access_token"]
