"""Answering: each operation of a document is called once, and what is wrong with its reply."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema_rs
import orjson
from front_door import served
from starlette.testclient import TestClient

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report
from emulator.engine.dispatcher import Dispatcher
from emulator.settings import Settings
from emulator.spec.description import OperationDoc
from emulator.spec.openapi import read_openapi
from emulator.spec.published import Published

Json = Any


def calls_of(file: Path) -> Iterator[tuple[str, str]]:
    """Each operation of the document at *file*, and what is wrong with its reply."""
    published = Published(file, lenient=True)
    program = load(Place.of_document("real", published))
    settings = Settings(log_format="none")
    described = read_openapi(file, file.parent, Report(), published=published)
    assert described is not None
    with TestClient(served(Dispatcher({"real": program}, settings=settings))) as client:
        world = "/_emulator/worlds/default"
        for id, document in described.operations.items():
            told = client.get(f"{world}/examples/real/{quote(id, safe='')}")
            if told.status_code == 404 and id not in program.operations:
                continue
            example = told.json()
            call = {
                name: example[name]
                for name in ("method", "headers", "body", "credential")
            }
            query = urlencode([*map(tuple, example["query"])])
            call["path"] = f"{example['path']}?{query}" if query else example["path"]
            answer = client.post(f"{world}/calls/real", json=call).json()
            yield id, wrong(document, call, answer)
            if example["method"] not in ("GET", "HEAD"):
                client.post(f"{world}/reset")


def wrong(document: OperationDoc, call: Json, answer: Json) -> str:
    status = str(answer.get("status"))
    shown = (
        f"{orjson.dumps(call).decode():.400} -> {orjson.dumps(answer).decode():.400}"
    )
    if not status.startswith(("2", "3")):
        return f"{status}: {shown}"
    of_range = next(
        (
            response
            for response in document.responses
            if response.upper() == status[0] + "XX"
        ),
        "",
    )
    name = next(
        (one for one in (status, of_range, "default") if one in document.responses), ""
    )
    if not name:
        # Of some operations the document tells what goes wrong, and no more.
        told = any(
            response < "4" or response == "default" for response in document.responses
        )
        return f"undocumented: {shown}" if told else ""
    schema = next(
        (s for media, s in document.responses[name].items() if "json" in media), None
    )
    if not schema or not answer["body"] or status == "204":
        return ""
    media = next(
        (text for n, text in answer["headers"] if n.lower() == "content-type"), ""
    )
    if "json" not in media:
        return ""
    error = next(
        jsonschema_rs.Draft202012Validator(schema).iter_errors(
            orjson.loads(answer["body"])
        ),
        None,
    )
    return f"unfit: {error!s:.300} {shown}" if error else ""
