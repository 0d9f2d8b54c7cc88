"""The files of deploy/, and the examples of CI on pages, by their formats' own schemas."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from behind import ROOT

DEPLOY = ROOT / "deploy"
HOW_TO = ROOT / "docs" / "how-to"
KUBERNETES = [
    DEPLOY / "kubernetes" / f"{name}.yaml" for name in ("emulators", "nginx", "ingress")
]
pytest.importorskip("check_jsonschema")
pytest.importorskip("kubernetes_validate")


def examples(page: str, number: int, folder: Path) -> list[Path]:
    """The blocks of YAML on a page, so many, each in a file of its own."""
    text = (HOW_TO / page).read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == number
    files = [folder / f"{at}.yaml" for at in range(number)]
    for file, block in zip(files, blocks, strict=True):
        file.write_text(block)
    return files


def complaints(schema: str, files: list[Path]) -> str:
    words = ["--builtin-schema", f"vendor.{schema}", *map(str, files)]
    return ran(sys.executable, "-m", "check_jsonschema", *words)


def ran(*words: str) -> str:
    """What a command prints if it is not content."""
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


def test_compose_files_are_what_the_specification_says(tmp_path: Path) -> None:
    files = sorted(DEPLOY.glob("compose*.yaml"))
    files += examples("test-with-docker-compose.md", 1, tmp_path)

    assert complaints("compose-spec", files) == ""
    (tmp_path / "wrong.yaml").write_text("services: {a: {image: b, helthcheck: {}}}")
    assert "helthcheck" in complaints("compose-spec", [tmp_path / "wrong.yaml"])


def test_workflows_of_github_are_ones(tmp_path: Path) -> None:
    files = examples("test-in-github-actions.md", 3, tmp_path)

    assert complaints("github-workflows", files) == ""


def test_pipelines_of_gitlab_are_ones(tmp_path: Path) -> None:
    files = examples("test-in-gitlab-ci.md", 1, tmp_path)

    assert complaints("gitlab-ci", files) == ""


@pytest.mark.parametrize("version", ["1.27", "1.37"])
def test_manifests_are_what_kubernetes_takes(version: str) -> None:
    """In the first version that counts pods from one, and in a new one; nothing misspelt."""
    words = ["-m", "kubernetes_validate", "--strict", "-k", version]

    assert ran(sys.executable, *words, *map(str, KUBERNETES)) == ""


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl here")
def test_what_kustomize_makes_is_what_kubernetes_takes(tmp_path: Path) -> None:
    """With nginx's files as a ConfigMap, by the name that the Deployment mounts."""
    made = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    (tmp_path / "made.yaml").write_text(made)
    words = ["-m", "kubernetes_validate", "--strict", "-k", "1.37"]

    assert ran(sys.executable, *words, str(tmp_path / "made.yaml")) == ""
    by_kind = {each["kind"]: each for each in yaml.safe_load_all(made)}
    files = by_kind["ConfigMap"]
    assert [*files["data"]] == ["maps.conf", "nginx.conf", "proxy.conf"]
    volumes = by_kind["Deployment"]["spec"]["template"]["spec"]["volumes"]
    assert volumes[0]["configMap"]["name"] == files["metadata"]["name"]


def objects() -> list[Any]:
    return [
        each for file in KUBERNETES for each in yaml.safe_load_all(file.read_text())
    ]


def test_services_select_pods_and_name_their_ports() -> None:
    """What no schema sees: who is meant by a name."""
    made = objects()
    pods = [
        each["spec"]["template"]
        for each in made
        if each["kind"] in ("Deployment", "StatefulSet")
    ]
    numbered = "statefulset.kubernetes.io/pod-name"
    services = {
        each["metadata"]["name"]: each["spec"]
        for each in made
        if each["kind"] == "Service"
    }
    for each in made:
        if each["kind"] in ("Deployment", "StatefulSet"):
            labels = each["spec"]["template"]["metadata"]["labels"]
            assert each["spec"]["selector"]["matchLabels"].items() <= labels.items()
        if each["kind"] == "StatefulSet":
            assert services[each["spec"]["serviceName"]]["clusterIP"] == "None"
    for name, service in services.items():
        selector = service["selector"]
        app = selector.get("app") or selector[numbered].rpartition("-")[0]
        (pod,) = (pod for pod in pods if pod["metadata"]["labels"]["app"] == app)
        ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["ports"]} <= ports, name
    (ingress,) = (each for each in made if each["kind"] == "Ingress")
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    backend = path["backend"]["service"]
    ports = {port["port"] for port in services[backend["name"]]["ports"]}
    assert backend["port"]["number"] in ports


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here")
def test_kustomize_builds_all_of_it() -> None:
    """The image by its registry, and the configuration by the name that a pod mounts."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kubernetes")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    built = {
        (each["kind"], each["metadata"]["name"]): each
        for each in yaml.safe_load_all(done.stdout)
    }
    proxy = built["Deployment", "emulator-nginx"]["spec"]["template"]["spec"]
    mounted = proxy["volumes"][0]["configMap"]["name"]
    emulators = built["StatefulSet", "emulator"]["spec"]["template"]["spec"]

    assert {*built["ConfigMap", mounted]["data"]} == {
        *("nginx.conf", "maps.conf", "proxy.conf")
    }
    assert emulators["containers"][0]["image"] == (
        "registry.example.com/provider-emulator:latest"
    )
    assert sorted(kind for kind, _ in built) == sorted(
        ["ConfigMap", "Deployment", "StatefulSet", *["Service"] * 5]
    )
