"""What stands in deploy/ names what there is: settings, files, ports, services."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from behind import ROOT

from emulator.settings import table

DEPLOY = ROOT / "deploy"
FILES = sorted(DEPLOY.rglob("*.yaml"))
VARIABLES = {row.variable for row in table()}


def documents(path: Path) -> list[Any]:
    return [*yaml.safe_load_all(path.read_text())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_variables_are_settings(path: Path) -> None:
    named = {*re.findall(r"\bEMULATOR_[A-Z_]+\b", path.read_text())} - {"EMULATOR_URL"}

    assert named <= VARIABLES


def test_compose_files_mount_and_build_what_there_is() -> None:
    for path in DEPLOY.glob("compose*.yaml"):
        (compose,) = documents(path)
        services = compose["services"]
        for service in services.values():
            for mount in service.get("volumes", ()):
                assert (DEPLOY / mount.partition(":")[0]).is_dir(), mount
            assert (DEPLOY / service.get("build", ".") / ".").resolve().is_dir()
            assert {*service.get("depends_on", ())} <= {*services}
            for port in service.get("ports", ()):
                assert port.startswith("127.0.0.1:")


def test_nginx_calls_services_that_there_are() -> None:
    """Both by compose and by Kubernetes."""
    servers = {
        *re.findall(r"server (\S+):8080", (DEPLOY / "nginx/nginx.conf").read_text())
    }
    (compose,) = documents(DEPLOY / "compose.scale.yaml")
    objects = documents(DEPLOY / "kubernetes/emulators.yaml")
    (processes,) = (one for one in objects if one["kind"] == "StatefulSet")
    pods = {
        f"emulator-{number}"
        for number in range(
            processes["spec"]["ordinals"]["start"], processes["spec"]["replicas"] + 1
        )
    }
    services = {
        one["metadata"]["name"]: one["spec"]["selector"]
        for one in objects
        if one["kind"] == "Service"
    }

    assert servers == {*compose["services"]} - {"nginx"} == pods
    for name in servers:
        assert services[name] == {"statefulset.kubernetes.io/pod-name": name}


def test_kustomizations_name_files_that_there_are() -> None:
    for path in DEPLOY.rglob("kustomization.yaml"):
        (given,) = documents(path)
        named = [*given.get("resources", ())]
        for generator in given.get("configMapGenerator", ()):
            named += generator["files"]
        assert [name for name in named if not (path.parent / name).exists()] == []


def test_the_image_and_compose_ask_the_same() -> None:
    """A health check that is not the image's would be forgotten."""
    (compose,) = documents(DEPLOY / "compose.yaml")
    dockerfile = (ROOT / "Dockerfile").read_text()

    _, *words = compose["services"]["emulator"]["healthcheck"]["test"]
    assert f"CMD {words!r}".replace("'", '"') in dockerfile
    assert "STOPSIGNAL SIGTERM" in dockerfile
    assert "mkdir -m 755 /specs /fixtures" in dockerfile
