"""JobSphere's webhooks: what subscribers are told, how it is signed, and when it is tried."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from sphere import APPLICANT, INPUT, NOW, START

from emulator.times import micros

if TYPE_CHECKING:
    from tests.conftest import Api

SECRET = "whsec_of_the_dashboard"


def subscribed(api: Api) -> Api:
    """§8: the dashboard configures webhooks; here the world is told instead."""
    api.world.outbox.subscribe("jobsphere", "http://127.0.0.1:9/hook", SECRET)
    return api


def told(api: Api) -> list[dict[str, Any]]:
    return [json.loads(one.message.body) for one in api.world.outbox]


def test_a_published_job_is_told_at_once(jobsphere: Api) -> None:
    """[primary] §8: a job is published; [assumed]: the name of the event, the payload."""
    job = subscribed(jobsphere).post("/jobs", json=INPUT).json()["data"]

    (event,) = told(jobsphere)
    assert re.fullmatch("evt_[a-z0-9]{8}", event.pop("id"))
    assert list(event.items()) == [
        ("type", "job.published"),
        ("created_at", NOW),
        ("data", job),
    ]
    (one,) = jobsphere.world.outbox
    assert one.next_at == micros(START)


def test_an_application_is_told(jobsphere: Api) -> None:
    """[primary] §8: a candidate applies; [assumed]: the name of the event, the payload."""
    answer = subscribed(jobsphere).post("/jobs/job_8x29a1b3/apply", json=APPLICANT)

    (event,) = told(jobsphere)
    assert re.fullmatch("evt_[a-z0-9]{8}", event.pop("id"))
    assert event == {
        "type": "application.created",
        "created_at": NOW,
        "data": answer.json()["data"],
    }


def test_an_update_of_an_application_is_told(jobsphere: Api) -> None:
    """[primary] §8: an application is updated; [assumed]: what updates it, name, payload."""
    answer = subscribed(jobsphere).call(
        "PATCH", "/applications/app_4kz81m0q", json={"status": "hired"}
    )

    (event,) = told(jobsphere)
    assert re.fullmatch("evt_[a-z0-9]{8}", event.pop("id"))
    assert event == {
        "type": "application.updated",
        "created_at": NOW,
        "data": answer.json()["data"],
    }
    assert event["data"]["status"] == "hired"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/jobs", None),
        ("POST", "/jobs", {}),
        ("PUT", "/jobs/job_8x29a1b3", INPUT),
        ("DELETE", "/jobs/job_8x29a1b3", None),
        ("POST", "/jobs/job_8x29a1b3/apply", {}),
        ("PATCH", "/applications/app_4kz81m0q", {}),
    ],
)
def test_nothing_else_is_told(
    jobsphere: Api, method: str, path: str, body: Any
) -> None:
    """[primary] §8: triggers. A job that is changed is not published again."""
    subscribed(jobsphere).call(method, path, json=body)

    assert told(jobsphere) == []


def test_the_signature_is_of_the_raw_body(jobsphere: Api) -> None:
    """[primary] §8: X-JobSphere-Signature; [assumed]: HMAC-SHA256, hex, no time."""
    subscribed(jobsphere).post("/jobs", json=INPUT)
    policy = jobsphere.program.webhooks
    (one,) = jobsphere.world.outbox

    assert policy is not None
    assert policy.signature is not None
    found = [
        [
            *policy.signature.headers(
                one.message.body, {}, one.subscription.secret, at, one.subscription.url
            )
        ]
        for at in (micros(START), micros(START + 600))
    ]

    expected = hmac.new(SECRET.encode(), one.message.body, hashlib.sha256).hexdigest()
    assert found == [[("X-JobSphere-Signature", expected)]] * 2


def test_who_receives_says_so_in_five_seconds(jobsphere: Api) -> None:
    """[docs: sib-P, assumed here] §8: 200 or 202 within 5 s; [assumed]: three tries."""
    policy = jobsphere.program.webhooks

    assert policy is not None
    assert [code for code in range(100, 600) if policy.accepts(code)] == [200, 202]
    assert policy.timeout == 5
    assert policy.delays == (micros(60), micros(120))
