"""Repeats and conditions: idempotency keys and validators, where the document names them."""

from __future__ import annotations

from emulator.inference.draft import HIGH, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.records import records_of
from emulator.json_type import Json

IDEMPOTENCY = Kind(
    "idempotency",
    "a header parameter called `Idempotency-Key`, or nearly so",
    "`idempotency` for the operations that declare it",
)
VALIDATORS = Kind(
    "validators",
    "the headers `ETag` and `Last-Modified` of replies, the replies 304, 412 and 428, and the"
    " parameters `If-Match` and `If-None-Match`",
    "`validators` of the collections",
)
_KEYS = ("idempotency-key", "x-idempotency-key", "idempotency_key", "x-idempotent-key",
         "idempotencykey", "x-request-idempotency-key", "idempotency-token")  # fmt: skip
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def infer_idempotency(draft: Draft) -> None:
    for operation in draft.openapi.operations.values():
        if operation.method not in _WRITES or operation.id not in draft.operations:
            continue
        if not draft.allows(IDEMPOTENCY, operation.id):
            continue
        for parameter in operation.parameters:
            if parameter.where == "header" and parameter.name.lower() in _KEYS:
                written: dict[str, Json] = {"key": f"header[{parameter.name!r}]"}
                length = parameter.schema.get("maxLength")
                if isinstance(length, int) and length > 255:
                    written["max_length"] = length
                draft.operations[operation.id]["idempotency"] = written
                reason = f"it has the header parameter {parameter.name!r}"
                draft.found(IDEMPOTENCY, operation.id, HIGH, reason)
                break


def infer_validators(draft: Draft) -> None:
    for resource in draft.resources:
        etag = modified = required = False
        for operation in resource.operations.values():
            names = {
                name.lower() for h in operation.response_headers.values() for name in h
            }
            sent = {p.name.lower() for p in operation.parameters if p.where == "header"}
            etag |= "etag" in names or bool(
                {"304", "412", "428"} & operation.responses.keys()
            )
            etag |= bool({"if-match", "if-none-match"} & sent)
            modified |= "last-modified" in names or "if-modified-since" in sent
            required |= "428" in operation.responses
        if not (etag or modified):
            continue
        written: dict[str, Json] = {} if etag else {"etag": False}
        records = records_of(draft, resource)
        times = [name for name, value in records.on_update.items() if value == "${now}"]
        if modified and times:
            written["last_modified"] = times[0]
        if required:
            written["required"] = True
        if written == {"etag": False}:
            continue
        noted = draft.collections[resource.name]
        noted.value["validators"] = written
        reason = "its replies have an ETag, or are refused with 304, 412 or 428"
        draft.found(VALIDATORS, resource.path, HIGH if etag else MEDIUM, reason)
