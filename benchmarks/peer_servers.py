"""The programs that `peers.py` measures: how each is started, and how it is called.

Each is asked for the same page of twenty records, and for the same new record. One that
serves what it is told is told what the emulator answers; one that has an API of its own
is given records of about the same size in that API.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from measuring import HERE, JOB, KEY_HEADER, ROOT, emulator_command, request

PAGE_SIZE = 20
CREATES = 2_000
MARK = "A title that nothing else has"
INVALID: dict[str, Any] = {"title": "x"}
EMULATE_TOKENS = 100
"""emulate lets a token make 5 000 calls an hour, so the calls take turns with many."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Material:
    """What the emulator answers, for the peers to answer the same."""

    key: str
    page: bytes
    created: bytes
    schema: dict[str, Any]
    """JSON Schema of a record to create."""
    document: dict[str, Any]
    """The provider's OpenAPI document, with the page and the record as examples."""
    fixtures: Path

    @property
    def records(self) -> list[Any]:
        return records_of(json.loads(self.page))


@dataclass(frozen=True)
class Tools:
    """Where the peers are installed."""

    node_modules: Path
    node: str
    java: str
    python: str


@dataclass(frozen=True)
class Setup:
    """A peer, ready to be started, and the calls that are made to it."""

    command: Sequence[str]
    page: Sequence[bytes]
    create: Callable[[Body], bytes]
    """The request that creates a record of that title and those values."""
    anonymous: bytes
    """The page asked for without a credential."""
    after: bytes
    """A request whose reply shows the records that have been created, if any."""
    created: int = 201
    port_file: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[bytes] = ()
    """Requests that are made once, before anything is measured."""


@dataclass(frozen=True)
class Peer:
    name: str
    does: str
    """What it does for the two calls, beyond what is observed."""
    install: str
    version: Callable[[Tools], str | None]
    """Its version, or None where it is not installed."""
    prepare: Callable[[Material, Tools, Path], Setup]


def _npm_version(package: str) -> Callable[[Tools], str | None]:
    def version(tools: Tools) -> str | None:
        about = tools.node_modules / package / "package.json"
        if not about.exists() or shutil.which(tools.node) is None:
            return None
        return str(json.loads(about.read_text(encoding="utf-8"))["version"])

    return version


def _pip_version(package: str) -> Callable[[Tools], str | None]:
    def version(tools: Tools) -> str | None:
        code = f"from importlib.metadata import version; print(version({package!r}))"
        told = subprocess.run(
            [tools.python, "-c", code], capture_output=True, text=True
        )
        return told.stdout.strip() if told.returncode == 0 else None

    return version


def _node_command(tools: Tools, package: str, *arguments: str) -> list[str]:
    """A package's command, run by node itself, so that the process is the server."""
    folder = tools.node_modules / package
    entries = json.loads((folder / "package.json").read_text(encoding="utf-8"))["bin"]
    entry = entries if isinstance(entries, str) else next(iter(entries.values()))
    return [tools.node, str(folder / entry), *arguments]


def _calls(root: str, key: str) -> dict[str, Any]:
    """The calls of peers that know the credential by the same header."""
    return {
        "page": [request("GET", f"{root}/jobs", key)],
        "create": lambda body: request("POST", f"{root}/jobs", key, body),
        "anonymous": request("GET", f"{root}/jobs"),
        "after": request("GET", f"{root}/jobs?per_page=100", key),
    }


def _emulator(material: Material, _: Tools, folder: Path) -> Setup:
    command, port_file = emulator_command(folder, "--fixtures", str(material.fixtures))
    calls = _calls(ROOT, material.key)
    return Setup(command, port_file=port_file, **calls)


def _prism(material: Material, tools: Tools, folder: Path) -> Setup:
    file = folder / "openapi.json"
    file.write_text(json.dumps(material.document), encoding="utf-8")
    options = ["mock", str(file), "--host", "127.0.0.1", "--verboseLevel", "silent"]
    command = _node_command(tools, "@stoplight/prism-cli", *options)
    return Setup(command, **_calls("", material.key))


def _mockoon(material: Material, tools: Tools, folder: Path) -> Setup:
    file = folder / "mockoon.json"
    file.write_text(json.dumps(_mockoon_environment(material)), encoding="utf-8")
    options = ["start", "--data", str(file), "--hostname", "127.0.0.1"]
    options += ["--disable-log-to-file", "--disable-admin-api"]
    command = _node_command(tools, "@mockoon/cli", *options)
    calls = _calls("", material.key)
    calls["page"] = [request("GET", f"/jobs?page=1&limit={PAGE_SIZE}", material.key)]
    calls["create"] = lambda body: request("POST", "/created", material.key, body)
    calls["after"] = request("GET", "/created", material.key)
    return Setup(command, **calls)


def _mockoon_environment(material: Material) -> dict[str, Any]:
    """Two collections; a call without the key, or with a bad body, has its own reply."""
    numbers = count(1)

    def uuid() -> str:
        return str(UUID(int=next(numbers)))

    def rule(target: str, modifier: str, value: str, operator: str) -> dict[str, Any]:
        return {
            "target": target,
            "modifier": modifier,
            "value": value,
            "invert": target != "method",
            "operator": operator,
        }

    def response(status: int, rules: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
        return {
            "uuid": uuid(),
            "body": json.dumps({"error": "refused"}),
            "latency": 0,
            "statusCode": status,
            "label": "",
            "headers": [{"key": "Content-Type", "value": "application/json"}],
            "bodyType": "INLINE",
            "filePath": "",
            "databucketID": "",
            "sendFileAsBody": False,
            "rules": list(rules),
            "rulesOperator": "AND",
            "disableTemplating": True,
            "fallbackTo404": False,
            "default": False,
            "crudKey": "id",
            "callbacks": [],
            **more,
        }

    def route(collection: str) -> dict[str, Any]:
        unauthorized = [rule("header", KEY_HEADER, material.key, "equals")]
        invalid = [
            rule("method", "", "post", "equals"),
            rule("body", "", "schema", "valid_json_schema"),
        ]
        bucket = {"bodyType": "DATABUCKET", "databucketID": collection, "default": True}
        return {
            "uuid": uuid(),
            "type": "crud",
            "documentation": "",
            "method": "",
            "endpoint": collection,
            "responses": [
                response(401, unauthorized),
                response(422, invalid),
                response(200, **bucket),
            ],
            "responseMode": None,
            "streamingMode": None,
            "streamingInterval": 0,
        }

    buckets = {"jobs": material.records, "created": [], "schema": material.schema}
    routes = [route("jobs"), route("created")]
    return {
        "uuid": uuid(),
        "lastMigration": 33,
        "name": "Jobs",
        "endpointPrefix": "",
        "latency": 0,
        "port": 3000,
        "hostname": "127.0.0.1",
        "folders": [],
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": each["uuid"]} for each in routes],
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "tlsOptions": {
            "enabled": False,
            "type": "CERT",
            **dict.fromkeys(("pfxPath", "certPath", "keyPath", "caPath"), ""),
            "passphrase": "",
        },
        "cors": False,
        "headers": [],
        "proxyReqHeaders": [],
        "proxyResHeaders": [],
        "data": [
            {
                "uuid": uuid(),
                "id": name,
                "name": name,
                "documentation": "",
                "value": json.dumps(value),
            }
            for name, value in buckets.items()
        ],
        "callbacks": [],
    }


def _wiremock_version(tools: Tools) -> str | None:
    version = _npm_version("wiremock")(tools)
    return version if version and shutil.which(tools.java) else None


def _wiremock(material: Material, tools: Tools, folder: Path) -> Setup:
    mappings = folder / "wiremock" / "mappings"
    mappings.mkdir(parents=True)
    key = {KEY_HEADER: {"equalTo": material.key}}
    kind = {"Content-Type": "application/json"}
    valid = {"matchesJsonSchema": material.schema, "schemaVersion": "V202012"}

    def mapping(priority: int, status: int, body: bytes, **asked: Any) -> None:
        content = {
            "priority": priority,
            "request": {"urlPath": "/jobs", **asked},
            "response": {"status": status, "headers": kind, "body": body.decode()},
        }
        name = f"{asked['method']}-{status}.json"
        (mappings / name).write_text(json.dumps(content), encoding="utf-8")

    refused = b'{"error": "refused"}'
    mapping(1, 200, material.page, method="GET", headers=key)
    mapping(1, 201, material.created, method="POST", headers=key, bodyPatterns=[valid])
    mapping(2, 422, refused, method="POST", headers=key)
    mapping(3, 401, refused, method="ANY")
    jar = next((tools.node_modules / "wiremock" / "build").glob("*.jar"))
    command = [tools.java, "-jar", str(jar), "--root-dir", str(mappings.parent)]
    command += ["--bind-address", "127.0.0.1", "--disable-banner"]
    command += ["--no-request-journal", "--disable-request-logging"]
    return Setup(command, **_calls("", material.key))


def _json_server(material: Material, tools: Tools, folder: Path) -> Setup:
    data = json.dumps({"jobs": material.records, "created": []})
    file = folder / "records.js"
    file.write_text(f"module.exports = () => ({data});\n", encoding="utf-8")
    options = [str(file), "--host", "127.0.0.1", "--quiet"]
    command = _node_command(tools, "json-server", *options)
    page = f"/jobs?_page=1&_limit={PAGE_SIZE}"
    return Setup(
        command,
        page=[request("GET", page, material.key)],
        create=lambda body: request("POST", "/created", material.key, body),
        anonymous=request("GET", page),
        after=request("GET", "/created", material.key),
    )


def _emulate(material: Material, tools: Tools, folder: Path) -> Setup:
    tokens = [f"benchmark-token-{n}" for n in range(EMULATE_TOKENS)]
    seed = {
        "tokens": {name: {"login": "ada", "scopes": ["repo"]} for name in tokens},
        "github": {
            "users": [{"login": "ada", "name": "Ada"}],
            "repos": [
                {"owner": "ada", "name": name, "private": True}
                for name in ("jobs", "created")
            ],
        },
    }
    file = folder / "emulate.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    options = ["start", "--service", "github", "--seed", str(file)]
    turns = count()

    def token() -> dict[str, str]:
        return {"Authorization": f"Bearer {tokens[next(turns) % len(tokens)]}"}

    def create(body: Body, repository: str = "created") -> bytes:
        path = f"/repos/ada/{repository}/issues"
        # What makes a body invalid there is a title that is missing.
        issue = {"body": body.get("description", "")}
        if body != INVALID:
            issue["title"] = body["title"]
        return request("POST", path, None, issue, token())

    page = f"/repos/ada/jobs/issues?per_page={PAGE_SIZE}"
    return Setup(
        _node_command(tools, "emulate", *options),
        page=[request("GET", page, None, None, token()) for _ in tokens],
        create=create,
        anonymous=request("GET", page),
        after=request("GET", "/repos/ada/created/issues", None, None, token()),
        before=[create(record, "jobs") for record in material.records],
    )


def _moto(material: Material, tools: Tools, _: Path) -> Setup:
    credential = "Credential=benchmark/20260101/us-east-1/dynamodb/aws4_request"
    signed = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"
    numbers = count(1)

    def call(
        action: str, body: Body, authorization: Mapping[str, str] | None = None
    ) -> bytes:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
            "Host": "dynamodb.us-east-1.amazonaws.com",
        }
        given = {"Authorization": signed} if authorization is None else authorization
        return request("POST", "/", None, body, {**headers, **given})

    def table(name: str) -> bytes:
        return call(
            "CreateTable",
            {
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )

    def put(body: Body, name: str = "created") -> bytes:
        item = _dynamodb(body)["M"]
        # What makes an item invalid there is a key that is missing.
        if body != INVALID:
            item.setdefault("id", {"N": str(next(numbers))})
        return call("PutItem", {"TableName": name, "Item": item})

    scan = {"TableName": "jobs", "Limit": PAGE_SIZE}
    return Setup(
        [tools.python, str(HERE / "launch" / "moto_server.py"), "-H", "127.0.0.1"],
        page=[call("Scan", scan)],
        create=put,
        anonymous=call("Scan", scan, {}),
        after=call("Scan", {"TableName": "created"}),
        created=200,
        before=[
            table("jobs"),
            table("created"),
            *(put(record, "jobs") for record in material.records),
        ],
    )


def _dynamodb(value: Any) -> dict[str, Any]:
    """*value* in DynamoDB's notation."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, Mapping):
        return {"M": {name: _dynamodb(each) for name, each in value.items()}}
    return {"L": [_dynamodb(each) for each in value]}


def _httpserver(material: Material, tools: Tools, folder: Path) -> Setup:
    headers = {KEY_HEADER: material.key}
    replies = [
        {"method": method, "path": "/jobs", "headers": headers, "status": status}
        | {"body": body.decode()}
        for method, status, body in (
            ("GET", 200, material.page),
            ("POST", 201, material.created),
        )
    ]
    file = folder / "replies.json"
    file.write_text(json.dumps(replies), encoding="utf-8")
    launcher = str(HERE / "launch" / "httpserver.py")
    return Setup([tools.python, launcher, str(file)], **_calls("", material.key))


def records_of(page: Any) -> list[Any]:
    """The list of records that is somewhere in a page."""
    if isinstance(page, Mapping):
        found = (records_of(value) for value in page.values())
        return next((records for records in found if records), [])
    return page if isinstance(page, list) else []


def new_records() -> list[dict[str, Any]]:
    return [{**JOB, "title": f"{JOB['title']} {n}"} for n in range(CREATES)]


OURS = Peer(
    "the emulator",
    "looks records up, checks quotas, permissions, references; keeps a journal",
    "pip install .",
    lambda _: _pip_version("provider-emulator")(Tools(Path(), "", "", sys.executable)),
    _emulator,
)
PEERS = (
    Peer(
        "json-server",
        "looks records up in memory; takes any body; no credentials",
        "npm install --prefix DIR json-server",
        _npm_version("json-server"),
        _json_server,
    ),
    Peer(
        "pytest-httpserver",
        "hands out the same bytes where the header is right; keeps a log of requests;"
        " started threaded",
        "pip install pytest-httpserver",
        _pip_version("pytest-httpserver"),
        _httpserver,
    ),
    Peer(
        "WireMock",
        "hands out the same bytes where header and JSON Schema match; its request"
        " journal off, as it advises for load",
        "npm install --prefix DIR wiremock (and a Java runtime)",
        _wiremock_version,
        _wiremock,
    ),
    Peer(
        "emulate",
        "GitHub's issues of its own shape, with about as much text in each; counts a"
        " quota",
        "npm install --prefix DIR node@24 emulate@0.12.2",
        _npm_version("emulate"),
        _emulate,
    ),
    Peer(
        "Prism",
        "the example of the same OpenAPI document; any key will do",
        "npm install --prefix DIR node@24 @stoplight/prism-cli",
        _npm_version("@stoplight/prism-cli"),
        _prism,
    ),
    Peer(
        "Mockoon",
        "a CRUD route on records in memory; compiles the JSON Schema anew for each"
        " create",
        "npm install --prefix DIR @mockoon/cli",
        _npm_version("@mockoon/cli"),
        _mockoon,
    ),
    Peer(
        "moto",
        "DynamoDB's Scan, and PutItem, whose reply is empty; writes each value through"
        " AWS's own model of the service",
        "pip install 'moto[server,dynamodb]'",
        _pip_version("moto"),
        _moto,
    ),
)


def tools(node_modules: Path, java: str, python: str) -> Tools:
    """Where things are: node comes from the folder when it has been installed there."""
    own = node_modules / ".bin" / "node"
    node = str(own) if os.access(own, os.X_OK) else "node"
    return Tools(node_modules, node, java, python)
