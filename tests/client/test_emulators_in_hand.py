"""An emulator is started here, or connected to, and says what is wrong with either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from calling import status
from pytest_httpserver import HTTPServer

import emulator
from emulator import AdminRefused, Emulator, NoServer
from emulator.settings import Settings

TINY = Path(__file__).parents[1] / "specs"


def test_a_server_serves_the_providers_that_are_named(started: Emulator) -> None:
    assert started.providers == ["jobriver", "jobspace"]
    assert [world.id for world in started.worlds()] == ["default"]
    assert started.default.providers == ["jobriver", "jobspace"]


def test_the_end_of_the_block_is_the_end_of_the_server() -> None:
    """Ending it once more is no mistake."""
    with emulator.start("jobriver") as server:
        url = server.url
        assert requests.get(f"{url}/_emulator/health", timeout=5).json() == {
            "status": "ok"
        }

    server.stop()
    with pytest.raises(NoServer, match="no emulator answers at"):
        emulator.connect(url)


def test_own_specs_are_served_beside_the_bundled_ones() -> None:
    with emulator.start(["hooks"], specs=[TINY], seed=7) as server:
        assert server.providers == ["hooks"]


def test_two_worlds_of_a_server_do_not_meet(started: Emulator) -> None:
    """Each has secrets of its own, and a quota of its own."""
    with started.world() as one, started.world() as other:
        keys = {
            each.provider("jobriver").credentials["full"].value for each in (one, other)
        }
        one.provider("jobriver").drain_quota()

        assert len(keys) == 2
        assert status(other.provider("jobriver")) == 200


def test_a_call_finds_its_world_by_its_credential(started: Emulator) -> None:
    """A client that only knows the server's address needs nothing else."""
    with started.world() as world:
        full = world.provider("jobriver").credentials["full"]
        requests.get(
            f"{started.url}/jobriver/api/v1/jobs", headers=full.headers, timeout=5
        )

        assert world.verify("listJobs", times=1) == 1


def test_a_world_goes_at_the_end_of_its_block(started: Emulator) -> None:
    """That it is gone before is no mistake; the one called `default` stays."""
    with started.world("mine", providers=["jobriver"], seed=5) as world:
        known = [one.id for one in started.worlds()]
        world.delete()
    with started.default:
        pass

    assert known == ["default", "mine"]
    assert [one.id for one in started.worlds()] == ["default"]


def test_a_world_begins_in_the_situation_that_is_asked_for(started: Emulator) -> None:
    with started.world(scenario="jobriver/maintenance") as world:
        assert status(world.provider("jobriver")) == 503
    with pytest.raises(AdminRefused, match="did you mean 'maintenance'"):
        started.world(scenario="jobriver/maintenances")


def test_who_needs_a_token_says_so() -> None:
    """The right one opens the admin API; no other does."""
    with emulator.start(["jobriver"], admin_token="open sesame") as server:
        assert emulator.connect(server.url, "open sesame").providers == ["jobriver"]
        with pytest.raises(AdminRefused) as caught:
            emulator.connect(server.url, "open barley")

    assert caught.value.status == 401


def test_the_admin_api_may_have_a_port_of_its_own() -> None:
    with (
        emulator.start(["jobriver"], admin_port=0) as server,
        server.world() as world,
    ):
        assert status(world.provider("jobriver")) == 200


def test_what_cannot_be_served_is_a_value_error() -> None:
    with pytest.raises(
        ValueError, match="no provider 'jobrivr': did you mean 'jobriver'"
    ):
        emulator.start(["jobrivr"])
    with pytest.raises(ValueError, match="there is no folder 'nowhere'"):
        emulator.start(specs=["nowhere"])


def test_a_setting_that_does_not_exist_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="did you mean 'strict'"):
        emulator.start(strictly=True)


def test_settings_may_come_as_a_whole() -> None:
    """What is named besides wins."""
    settings = Settings(providers=("jobspace",), log_format="none", seed=3)

    with emulator.start(settings=settings, seed=4) as server:
        assert server.providers == ["jobspace"]
        assert server.admin("GET", "/worlds/default")["rng_seed"] == 4


def test_a_port_that_is_taken_is_told(started: Emulator) -> None:
    port = int(started.url.rpartition(":")[2])

    with pytest.raises(OSError, match=str(port)):
        emulator.start(["jobriver"], port)


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="write http://"):
        emulator.connect("127.0.0.1:8080")


def test_events_are_delivered_to_who_subscribes(httpserver: HTTPServer) -> None:
    """What is on its way has arrived when the clock has moved."""
    httpserver.expect_request("/webhooks").respond_with_data("ok")
    with emulator.start(["hooks"], specs=[TINY]) as server, server.world() as world:
        hooks = world.provider("hooks")
        made = hooks.subscribe(httpserver.url_for("/webhooks"), secret="hush")
        requests.post(f"{hooks.url}/parcels", json={"to": "Ann"}, timeout=5)
        world.clock.advance(1)
        (delivery,) = hooks.deliveries
        hooks.unsubscribe(made)
        requests.post(f"{hooks.url}/parcels", json={"to": "Ben"}, timeout=5)
        world.clock.advance(1)

        assert len(hooks.deliveries) == 1

    assert (made.secret, made.events) == ("hush", None)
    assert (delivery.event, delivery.state) == ("parcel.created", "delivered")
    assert [attempt.status for attempt in delivery.attempts] == [200]
    assert [one.data.decode() for one, _ in httpserver.log] == [delivery.body]


def test_importing_the_package_imports_nothing_else() -> None:
    """Public names are imported when they are asked for."""
    code = (
        "import sys; before = set(sys.modules); import emulator; "
        "print(sorted(set(sys.modules) - before - {'__future__', 'typing'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import importlib, typing, __future__; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "['emulator']\n"


@pytest.mark.parametrize("name", emulator.__all__)
def test_a_public_name_leads_to_something(name: str) -> None:
    assert name in dir(emulator)
    assert callable(getattr(emulator, name))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'begin'"):
        emulator.begin  # noqa: B018


def test_a_provider_of_ones_own_is_loaded_for_the_strategies() -> None:
    """By its folder; its fixtures are found beside it."""
    program = emulator.load(TINY / "shelf")

    assert program.name == "shelf"
    assert program.bases["books"].records


def test_what_is_no_provider_is_not_loaded(tmp_path: Path) -> None:
    """The message says what was looked for, or what is wrong with it."""
    with pytest.raises(ValueError, match="a provider is a folder with a behavior"):
        emulator.load(tmp_path)
    with pytest.raises(
        ValueError, match="holds several providers: name one of bounds, doors"
    ):
        emulator.load(TINY)

    (tmp_path / "behavior.yaml").write_text("provider: [acme]\n")
    with pytest.raises(ValueError, match="error"):
        emulator.load(tmp_path)
