"""Errors: the bodies of refusals, by the schemas that 4xx replies are documented with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import orjson

from emulator.inference.draft import HIGH, LOW, UNLISTED, Draft
from emulator.inference.error_bodies import entry_of
from emulator.inference.inferred import Kind
from emulator.inference.messages import is_json
from emulator.inference.names import snake
from emulator.inference.samples import literal
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.spec.description import OperationDoc

KIND = Kind(
    "errors",
    "the schemas of 4xx replies, and the names of their members: `code`, `message`, `status`,"
    " `detail`, `errors`, ...; whether invalid input is answered with 400 or 422; whether"
    " there is a 406; that bodies are required",
    "`errors.default`, `errors.by_status`, the status of `invalid_request`, `accept`, and"
    " `http.no_body`",
)


def infer_errors(draft: Draft) -> None:
    _infer_missing(draft)
    _infer_bodies(draft)
    _infer_headers(draft)


def _infer_missing(draft: Draft) -> None:
    """That a call without a body is invalid input, where one is required."""
    bodies = [operation.body for operation in draft.openapi.operations.values()]
    needed = sum(body is not None and body.required for body in bodies)
    if needed:
        draft.http["no_body"] = "missing"
        reason = f"{needed} operations require a body"
        draft.found(KIND, "http.no_body", HIGH, reason)


def _infer_headers(draft: Draft) -> None:
    """The headers that refusals are documented to have, as far as their names tell."""
    headers: dict[str, dict[str, Json]] = {}
    for operation in draft.openapi.operations.values():
        for status, named in operation.response_headers.items():
            if status.startswith("4") and status.isdigit():
                for name in named:
                    value = _header(draft, name, status)
                    if value is not None:
                        headers.setdefault(status, {})[name] = value
    default = draft.errors.get("default", {})
    for status, values in sorted(headers.items()):
        by_status = draft.errors.setdefault("by_status", {})
        entry = by_status.get(status, default)
        by_status[status] = {**entry, "headers": values}
        if "${retry_after}" in values.values():
            by_status[status]["facts"] = ["retry_after"]
        draft.errors.setdefault("default", {})
        reason = f"replies of this status have {', '.join(values)}"
        draft.found(KIND, f"errors {status}", HIGH, reason)


def _header(draft: Draft, name: str, status: str) -> Json:
    words = snake(name).removeprefix("x_")
    if words == "retry_after" and status == "429" and draft.rate_limits:
        return "${retry_after}"
    if words in ("request_id", "requestid", "correlation_id", "trace_id"):
        return "${request_id}"
    if words == "www_authenticate":
        schemes = [
            scheme.scheme
            for scheme in draft.openapi.security_schemes.values()
            if scheme.name in draft.schemes and scheme.scheme in ("bearer", "basic")
        ]
        bearer = "bearer" in schemes or not schemes
        return f'{"Bearer" if bearer else "Basic"} realm="{draft.name}"'
    return None


def _infer_bodies(draft: Draft) -> None:
    documented = _Documented(draft)
    exampled = _usual_examples(draft)
    of_invalid = exampled.get(str(documented.invalid))
    table: dict[str, Json] = {}
    if documented.invalid == 400:
        table = {code: {"status": 400} for code in ("invalid_request", "invalid_path")}
        count = documented.statuses["400"]
        reason = f"{count} operations document 400 for invalid input, and none 422"
        draft.found(KIND, "invalid_request", HIGH, reason)
    usual = documented.usual
    if usual is None:
        if documented.every:
            draft.found(
                KIND, "errors", LOW, "nothing is known of the members of its errors"
            )
        table = {code: table[code] for code in _reachable(draft) if code in table}
        if table:
            draft.errors = {"default": {}, "table": table}
        _as_exampled(draft, exampled)
        return
    chosen = _of_statuses(draft, documented, usual, exampled)
    _as_exampled(draft, exampled)
    _of_invalid_input(draft, documented, chosen, of_invalid, table)
    _of_operations(draft, documented.invalid)


class _Documented:
    """The schemas that a document gives for replies to refusals, each by its `id`."""

    def __init__(self, draft: Draft) -> None:
        self.statuses: Counter[str] = Counter()
        """How many operations document each status."""
        self.by_status: dict[str, Counter[int]] = {}
        """How many replies of each status have each schema."""
        self.every = Counter[int]()
        """How many replies have each schema, whatever their status."""
        self.shapes: dict[int, tuple[str, Shape]] = {}
        """The media type and the schema of each."""
        for operation in draft.openapi.operations.values():
            for status, content in operation.responses.items():
                if status.startswith("4") or status == "default":
                    self._add(status, content)
        for schemas in self.by_status.values():
            self.every.update(schemas)
        self.invalid = 400 if self.statuses["400"] and not self.statuses["422"] else 422
        """The status for invalid input."""
        self.bodies = {key: entry_of(*self.shapes[key]) for key in self.every}
        """The reply of each schema; None where its members are not known."""
        self.usual = self.most_used(self.every)
        """The schema of most replies."""

    def _add(self, status: str, content: Mapping[str, Json]) -> None:
        self.statuses[status] += 1
        for media, schema in content.items():
            if is_json(media) and isinstance(schema, dict) and schema:
                self.shapes.setdefault(id(schema), (media, Shape(schema)))
                self.by_status.setdefault(status, Counter())[id(schema)] += 1
                break

    def most_used(self, schemas: Counter[int]) -> int | None:
        """That of the *schemas* which most replies have, of those with known members."""
        known = (
            key for key, _ in schemas.most_common() if self.bodies[key] is not None
        )
        return next(known, None)


def _of_statuses(
    draft: Draft,
    documented: _Documented,
    usual: int,
    exampled: dict[str, dict[str, Json]],
) -> dict[str, int]:
    """Say what is usual, and which statuses differ; their schemas. Uses up *exampled*."""
    bodies = documented.bodies
    draft.errors["default"] = bodies[usual]
    count = documented.every[usual]
    draft.found(KIND, "errors", HIGH, f"{count} replies to refusals have this schema")
    chosen: dict[str, int] = {}
    for status, schemas in sorted(documented.by_status.items()):
        key = documented.most_used(schemas)
        if key is None:
            continue
        chosen[status] = key
        if status == "default":
            continue
        own = _like_example(bodies[key], exampled.pop(status, None), status)
        if own == bodies[usual]:
            continue
        draft.errors.setdefault("by_status", {})[status.upper()] = own
        what = "schema" if bodies[key] != bodies[usual] else "example"
        reason = f"replies of this status have another {what}"
        draft.found(KIND, f"errors {status}", HIGH, reason)
    return {"": usual, **chosen}


def _of_invalid_input(
    draft: Draft,
    documented: _Documented,
    chosen: dict[str, int],
    example: dict[str, Json] | None,
    table: dict[str, Json],
) -> None:
    """Say how the reply to invalid input tells what is wrong with it."""
    invalid = documented.invalid
    of_input = chosen.get(str(invalid), chosen.get("4XX", chosen[""]))
    entry = entry_of(*documented.shapes[of_input], invalid)
    entry = entry and _like_example(entry, example, str(invalid))
    if entry is not None and (table or entry != documented.bodies[of_input]):
        if entry != documented.bodies[of_input]:
            reason = "what is wrong with the input is told in it"
            draft.found(KIND, "invalid_request", HIGH, reason)
        table = {
            "invalid_request": {"status": invalid, **entry},
            "invalid_path": "invalid_request",
        }
    reachable = _reachable(draft)
    if table and reachable:
        entry = table["invalid_request"]
        draft.errors["table"] = (
            table if len(reachable) == 2 else dict.fromkeys(reachable, entry)
        )


def _usual_examples(draft: Draft) -> dict[str, dict[str, Json]]:
    """The replies to refusals that most operations with such a reply show, by status."""
    shown: dict[str, Counter[bytes]] = {}
    schemas: dict[tuple[str, bytes], dict[str, Json]] = {}
    statuses: Counter[str] = Counter()
    for operation in draft.openapi.operations.values():
        for status in operation.responses:
            if status.startswith("4") and status.isdigit():
                statuses[status] += 1
                example, schema = _example(operation, status)
                if example is not None:
                    text = orjson.dumps(example)
                    shown.setdefault(status, Counter())[text] += 1
                    schemas.setdefault((status, text), schema)
    return {
        status: orjson.loads(text)
        for status, counter in sorted(shown.items())
        for text, count in counter.most_common(1)
        if count * 2 > statuses[status]
        and Schema(schemas[status, text]).is_valid(orjson.loads(text))
    }


def _example(
    operation: OperationDoc, status: str
) -> tuple[dict[str, Json] | None, dict[str, Json]]:
    """The first example of a refusal that is an object, and what its schema is."""
    for media, named in operation.examples.get(status, {}).items():
        schema = operation.responses[status].get(media)
        for value in named.values() if is_json(media) else ():
            if value and isinstance(value, dict):
                return value, schema or {}
    return None, {}


def _as_exampled(draft: Draft, examples: Mapping[str, dict[str, Json]]) -> None:
    """Answer as is shown where no schema says what the members are."""
    for status, example in examples.items():
        draft.errors.setdefault("default", {})
        by_status = draft.errors.setdefault("by_status", {})
        by_status[status] = {"body": literal(example)}
        reason = "replies of this status are shown by an example"
        draft.found(KIND, f"errors {status}", HIGH, reason)


def _like_example(
    entry: dict[str, Json], example: dict[str, Json] | None, status: str
) -> dict[str, Json]:
    """*entry* with the words of an example; of invalid input it tells the code alone."""
    if example is None:
        return entry
    say = _coded if status in ("400", "422") else _worded
    return {**entry, "body": say(entry["body"], example)}


_OF_CALL = ("${request_id}", "${uuid()}", "${now}", "${raw_path}")
"""What each refusal has another value of."""


def _worded(tree: Json, example: Json) -> Json:
    if isinstance(tree, dict) and isinstance(example, dict):
        return {name: _worded(tree.get(name), part) for name, part in example.items()}
    if isinstance(tree, list) and isinstance(example, list) and tree and example:
        return [_worded(tree[0], example[0])]
    return tree if tree in _OF_CALL else literal(example)


def _coded(tree: Json, example: Json) -> Json:
    if isinstance(tree, dict) and isinstance(example, dict):
        return {name: _coded(part, example.get(name)) for name, part in tree.items()}
    return (
        literal(example) if tree == "${refused}" and isinstance(example, str) else tree
    )


def _of_operations(draft: Draft, invalid: int) -> None:
    """Say of operations what their own replies to refusals are, where these differ."""
    known: dict[tuple[int, int | None], Json] = {}
    for id, operation in draft.openapi.operations.items():
        if not draft.allows(KIND, id):
            continue
        # An operation that is not listed is answered as one is that says so itself.
        written = draft.operations.get(id, {"reply": "documented"})
        own: dict[str, Json] = {}
        for code, status in _codes(operation, written, invalid):
            entry = _own_entry(operation, str(status), code in _OF_INPUT, known)
            if entry is None and (code not in _OF_INPUT or status == invalid):
                continue
            usual = _usual(draft, code, status)
            made = {"status": status, **(entry or _without_status(usual))}
            if made != {"status": status, **_without_status(usual)} or (
                usual.get("status", status) != status
            ):
                own[code] = made
        if own:
            written["errors"] = {**own, **written.get("errors", {})}
            draft.operations[id] = written
            reason = f"{', '.join(own)} has another status or schema here"
            draft.found(KIND, id, HIGH, reason)
        if "406" in operation.responses:
            draft.operations[id] = {"accept": "enforce", **written}
            draft.found(KIND, id, HIGH, "its replies list 406")


_OF_INPUT = ("invalid_request", "invalid_path")
_OF_BODIES = (("malformed_body", 400), ("unsupported_media", 415))


def _codes(
    operation: OperationDoc, written: dict[str, Json], invalid: int
) -> Iterator[tuple[str, int]]:
    """The refusals of an operation that its document says something of, with their statuses."""
    said, usual = operation.responses.keys(), "default" in operation.responses
    done = [written[kind] for kind in _ACTIONS if kind in written]
    action: dict[str, Json] = done[0] if done else {}
    if ("404" in said or usual) and ("key" in action or "guards" in written):
        yield "not_found", 404
    if "409" in said and "json" in (action.get("patch") or {}).values():
        yield "patch_failed", 409
    other = 422 if invalid == 400 else 400
    status = other if str(other) in said and str(invalid) not in said else invalid
    if operation.body is not None:
        yield from ((c, s) for c, s in _OF_BODIES if str(s) in said or usual)
    if str(status) not in said and not usual:
        return
    places = {parameter.where for parameter in operation.parameters}
    if operation.body is not None or places - {"path"}:
        yield "invalid_request", status
    if "path" in places:
        yield "invalid_path", status


_ACTIONS = ("list", "read", "create", "update", "delete")


def _own_entry(
    operation: OperationDoc,
    status: str,
    of_input: bool,
    known: dict[tuple[int, int | None], Json],
) -> Json:
    """What the document says of a refusal of one operation; None for nothing."""
    said = status if status in operation.responses else "default"
    for media, schema in operation.responses[said].items():
        if is_json(media) and isinstance(schema, dict) and schema:
            key = id(schema), int(status) if of_input else None
            if key not in known:
                known[key] = entry_of(media, Shape(schema), key[1])
            entry, (example, shape) = known[key], _example(operation, status)
            if not entry or example is None or not Schema(shape).is_valid(example):
                return entry
            return _like_example(entry, example, status)
    return None


def _usual(draft: Draft, code: str, status: int) -> dict[str, Json]:
    """The reply that a refusal has by `errors` of the provider."""
    table, by_status = draft.errors.get("table", {}), draft.errors.get("by_status", {})
    entry = table.get(code)
    entry = table.get(entry) if isinstance(entry, str) else entry
    for wide in (str(status), f"{str(status)[0]}XX"):
        entry = by_status.get(wide) if entry is None else entry
    return dict(draft.errors.get("default", {}) if entry is None else entry)


def _without_status(entry: dict[str, Json]) -> dict[str, Json]:
    return {key: part for key, part in entry.items() if key != "status"}


def _reachable(draft: Draft) -> list[str]:
    """Which of the two refusals of invalid input the document's operations can meet."""
    known = draft.openapi.operations
    operations = [
        known[id] for id in (known if UNLISTED == "stateless" else draft.operations)
    ]
    places = {p.where for operation in operations for p in operation.parameters}
    takes = places - {"path"} or any(
        operation.body is not None for operation in operations
    )
    return [
        *(["invalid_request"] if takes else []),
        *(["invalid_path"] if "path" in places else []),
    ]
