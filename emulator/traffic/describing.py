"""Describing: an OpenAPI document of what was called and what came back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.traffic.credentials import Credentials
from emulator.traffic.inputs import object_of, parameters_of, request_body
from emulator.traffic.judging import judge
from emulator.traffic.observing import Observed
from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import read_text, shape_of

_NO_REPLY_HEADERS = frozenset(
    [
        "alt-svc",
        "age",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "nel",
        "report-to",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "vary",
        "via",
        "x-cache",
        "x-powered-by",
        "cf-ray",
        "cf-cache-status",
    ]
)


def describe(
    observed: list[Observed], title: str, url: str, credentials: Credentials
) -> dict[str, Json]:
    """The document."""
    paths: dict[str, Json] = {}
    sent = _sent(observed)
    for operation in sorted(observed, key=lambda one: (one.template.path, one.method)):
        # Parameters of one place have one name in all methods of a path.
        item = paths.setdefault(operation.template.path, {})
        item[operation.method.lower()] = _operation(
            operation, credentials, sent[_things(operation)]
        )
    document: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "learnt",
            "description": "Learnt from recorded calls; secrets and personal details are replaced.",
        },
        "servers": [{"url": url}],
        "paths": paths,
    }
    if credentials.schemes:
        document["components"] = {"securitySchemes": credentials.described()}
    return document


def _things(one: Observed) -> str:
    """The path of the list that an operation is about: /jobs of /jobs and /jobs/{id}."""
    return re.sub(r"/\{[^}]*\}$", "", one.template.path)


def _sent(observed: list[Observed]) -> dict[str, list[Json]]:
    """What was accepted in bodies, by the list that it is about."""
    found: dict[str, list[Json]] = {}
    for operation in observed:
        objects = found.setdefault(_things(operation), [])
        if operation.method in ("POST", "PUT", "PATCH"):
            objects += judge(operation.calls, object_of).values()
    return found


def _operation(
    one: Observed, credentials: Credentials, sent: list[Json]
) -> dict[str, Json]:
    made: dict[str, Json] = {"operationId": one.id}
    words = [part for part in one.template.path.split("/") if part and part[0] != "{"]
    if words:
        made["tags"] = [words[0]]
    met = [call for call in one.calls if call.status not in (401, 402, 403)]
    security = credentials.needed(one.good or met or one.calls, one.calls)
    if security is not None:
        made["security"] = security
    parameters = parameters_of(one, credentials)
    if parameters:
        made["parameters"] = parameters
    body = request_body(one, sent)
    if body:
        made["requestBody"] = body
    made["responses"] = _responses(one)
    return made


def _responses(one: Observed) -> dict[str, Json]:
    by_status: dict[int, list[Recorded]] = {}
    for call in one.calls:
        by_status.setdefault(call.answered, []).append(call)
    return {str(status): _response(by_status[status]) for status in sorted(by_status)}


def _response(calls: list[Recorded]) -> dict[str, Json]:
    made: dict[str, Json] = {"description": _phrase(calls[0].answered)}
    names = Counter(
        name for call in calls for name in {n for n, _ in call.reply_headers}
    )
    headers = {
        name: {
            "schema": read_text(
                [c.reply_header(name) for c in calls if c.reply_header(name)]
            ),
            **({"required": True} if many == len(calls) else {}),
        }
        for name, many in sorted(names.items())
        if name not in _NO_REPLY_HEADERS and not name.startswith("access-control-")
    }
    if headers:
        made["headers"] = headers
    content: dict[str, Json] = {}
    for call in calls:
        media = media_type(call.reply.media)
        if call.reply.kind == "nothing" or not media or media in content:
            continue
        same = [other for other in calls if media_type(other.reply.media) == media]
        content[media] = _content(same)
    if content:
        made["content"] = content
    return made


def forget_rare_headers(
    document: dict[str, Json], observed: list[Observed], stateless: Collection[str]
) -> bool:
    """Describe no headers that few replies of *stateless* operations have, for whose replies
    all headers of the document are made, and no ETag, which is not made up. Whether there
    were any."""
    found = False
    for one in observed:
        if one.id not in stateless:
            continue
        operation = document["paths"][one.template.path][one.method.lower()]
        for status, response in operation["responses"].items():
            calls = [call for call in one.calls if str(call.answered) == status]
            headers = response.get("headers", {})
            for name in [*headers]:
                many = sum(any(n == name for n, _ in c.reply_headers) for c in calls)
                if many * 2 < len(calls) or name == "etag":
                    del headers[name]
                    found = True
            if not headers:
                response.pop("headers", None)
    return found


def _content(calls: list[Recorded]) -> dict[str, Json]:
    good = [call for call in calls if call.succeeded] or calls
    values = [call.reply.value for call in good if call.reply.kind == "json"]
    if not values:
        texts = [call.reply.value for call in calls if call.reply.kind == "text"]
        return {
            "schema": {"type": "string"},
            **({"example": texts[0]} if texts else {}),
        }
    schema = shape_of(values).schema()
    return {"schema": schema, "example": values[0]}


def _phrase(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "A reply"
