"""Errors: the bodies of refusals, by the schemas that 4xx replies are documented with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from emulator.inference.draft import HIGH, LOW, UNLISTED, Draft
from emulator.inference.inferred import Kind
from emulator.inference.names import snake
from emulator.inference.resources import is_json
from emulator.inference.samples import NoSample, expression, literal, sample
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.spec.description import OperationDoc

KIND = Kind(
    "errors",
    "the schemas of 4xx replies, and the names of their members: `code`, `message`, `status`,"
    " `detail`, `errors`, ...; whether invalid input is answered with 400 or 422; whether"
    " there is a 406",
    "`errors.default`, `errors.by_status`, the status of `invalid_request`, and `accept`",
)
_CODES = ("code", "error_code", "error", "type", "key", "error_type", "slug", "errorcode", "reason_code",
          "error_key", "kind")  # fmt: skip
_MESSAGES = ("message", "detail", "description", "error_description", "error_message", "msg", "reason",
             "details", "text", "title", "error_summary", "developer_message", "user_message",
             "errormessage", "explanation", "cause", "summary", "localized_message")  # fmt: skip
_STATUSES = ("status", "status_code", "http_status", "http_status_code", "http_code", "statuscode",
             "response_code", "error_code", "code")  # fmt: skip
_TIMES = ("timestamp", "time", "date", "datetime", "occurred_at")
_REQUESTS = ("request_id", "trace_id", "correlation_id", "id", "error_id", "instance_id", "x_request_id",
             "log_id", "requestid", "traceid", "transaction_id")  # fmt: skip
_FIELDS = ("field", "name", "property", "path", "param", "parameter", "pointer", "location", "loc",
           "key", "attribute", "target", "source", "field_name", "domain")  # fmt: skip
_VALUES = ("value", "rejected_value", "invalid_value")
_MOST_DEPTH = 4
_WHY = "${reason}"
_WRONG = "${join([v.message for v in violations], '; ')}"


def infer_errors(draft: Draft) -> None:
    _infer_bodies(draft)
    _infer_headers(draft)


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
    by_status: dict[str, Counter[int]] = {}
    shapes: dict[int, tuple[str, Shape]] = {}
    statuses: Counter[str] = Counter()
    for operation in draft.openapi.operations.values():
        for status, content in operation.responses.items():
            if not (status.startswith("4") or status == "default"):
                continue
            statuses[status] += 1
            for media, schema in content.items():
                if is_json(media) and isinstance(schema, dict) and schema:
                    shapes.setdefault(id(schema), (media, Shape(schema)))
                    by_status.setdefault(status, Counter())[id(schema)] += 1
                    break
    invalid = 400 if statuses["400"] and not statuses["422"] else 422
    table: dict[str, Json] = {}
    if invalid == 400:
        table = {code: {"status": 400} for code in ("invalid_request", "invalid_path")}
        reason = (
            f"{statuses['400']} operations document 400 for invalid input, and none 422"
        )
        draft.found(KIND, "invalid_request", HIGH, reason)
    every = Counter[int]()
    for counter in by_status.values():
        every.update(counter)
    bodies = {key: _entry(*shapes[key]) for key in every}
    usual = next(
        (key for key, _ in every.most_common() if bodies[key] is not None), None
    )
    exampled = _usual_examples(draft)
    of_invalid = exampled.get(str(invalid))
    if usual is None:
        if every:
            draft.found(
                KIND, "errors", LOW, "nothing is known of the members of its errors"
            )
        table = {code: table[code] for code in _reachable(draft) if code in table}
        if table:
            draft.errors = {"default": {}, "table": table}
        _as_exampled(draft, exampled)
        return
    draft.errors["default"] = bodies[usual]
    draft.found(
        KIND, "errors", HIGH, f"{every[usual]} replies to refusals have this schema"
    )
    chosen: dict[str, int] = {}
    for status, counter in sorted(by_status.items()):
        key = next((k for k, _ in counter.most_common() if bodies[k] is not None), None)
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
    _as_exampled(draft, exampled)
    of_input = chosen.get(str(invalid), chosen.get("4XX", usual))
    entry = _entry(*shapes[of_input], invalid)
    entry = entry and _like_example(entry, of_invalid, str(invalid))
    if entry is not None and (table or entry != bodies[of_input]):
        if entry != bodies[of_input]:
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
    _of_operations(draft, invalid)


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


def _codes(
    operation: OperationDoc, written: dict[str, Json], invalid: int
) -> Iterator[tuple[str, int]]:
    """The refusals of an operation that its document says something of, with their statuses."""
    said = operation.responses.keys()
    done = [written[kind] for kind in _ACTIONS if kind in written]
    action: dict[str, Json] = done[0] if done else {}
    if "404" in said and ("key" in action or "guards" in written):
        yield "not_found", 404
    if "409" in said and "json" in (action.get("patch") or {}).values():
        yield "patch_failed", 409
    other = 422 if invalid == 400 else 400
    status = other if str(other) in said and str(invalid) not in said else invalid
    if str(status) not in said:
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
    for media, schema in operation.responses[status].items():
        if is_json(media) and isinstance(schema, dict) and schema:
            key = id(schema), int(status) if of_input else None
            if key not in known:
                known[key] = _entry(media, Shape(schema), key[1])
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


def _entry(media: str, shape: Shape, status: int | None = None) -> Json:
    """The reply to a refusal, with a body of *shape*; None where that is not known.

    With a *status*, it is that to invalid input, of which each violation is told.
    """
    body = _Body(status)
    try:
        entry: dict[str, Json] = {"body": body.of(shape)}
    except NoSample:
        return None
    if status and not body.has_list:
        entry = _saying_what_is_wrong(entry)
    bare = media.partition(";")[0].strip()
    if bare.startswith("application/") and bare.endswith("+json"):
        entry["content_type"] = bare
    return entry


def _saying_what_is_wrong(tree: Json) -> Json:
    """*tree*, with what each violation says where the reason would be told."""
    if isinstance(tree, dict):
        return {key: _saying_what_is_wrong(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [_saying_what_is_wrong(part) for part in tree]
    return _WRONG if tree == _WHY else tree


class _Body:
    """A body of one schema, for any refusal or for one that has violations."""

    def __init__(self, status: int | None = None) -> None:
        self._status = status
        """Of refusals with violations, which are told one by one."""
        self.has_list = False
        """Whether there is a list for them."""

    def of(self, shape: Shape) -> Json:
        """The tree of it. Raises `NoSample`."""
        if shape.is_object or shape.varies:
            return self._object(shape, 0)
        made = self._list(shape, "", 0)
        if made is _NOTHING:
            raise NoSample
        return made

    def _object(self, shape: Shape, depth: int) -> dict[str, Json]:
        if depth > _MOST_DEPTH:
            raise NoSample
        if shape.varies and not shape.properties:
            return self._of_alternatives(shape, depth)
        body: dict[str, Json] = {}
        for name in shape.properties:
            required = name in shape.required
            value = self._member(name, shape, depth, required=required)
            if value is _NOTHING and required:
                value = sample(shape.member(name), name)
            if value is not _NOTHING:
                body[name] = value
        for name in shape.required:
            if name not in body:
                body[name] = sample(shape.member(name), name)
        if not body:
            raise NoSample
        return body

    def _of_alternatives(self, shape: Shape, depth: int) -> dict[str, Json]:
        """What the first alternative of several is like."""
        for keyword in ("oneOf", "anyOf"):
            for part in shape[keyword] or ():
                inner = shape.inside(part)
                if inner.is_object:
                    return self._object(inner, depth + 1)
        raise NoSample

    def _member(self, name: str, above: Shape, depth: int, *, required: bool) -> Json:
        member, words = above.member(name), snake(name)
        others = member["additionalProperties"]
        if (
            member.is_object
            and not member.properties
            and self._status
            and words in _LISTS
        ):
            self.has_list = True
            kept = "all" if member.inside(others).is_list else "first"
            return f"${{{kept}_messages(violations)}}"
        if member.is_object and member.properties:
            asked = required or words in _INNER
            return self._object(member, depth + 1) if asked else _NOTHING
        if member.is_list:
            says_else = any(
                snake(other) in _MESSAGES for other in above.properties if other != name
            )
            if not required and (
                words not in _LISTS or (says_else and not self._status)
            ):
                return _NOTHING
            return self._list(member, words, depth)
        if member["const"] is not None:
            return sample(member, name)
        if isinstance(member["enum"], list):
            return sample(member, name) if required else _NOTHING
        types = member.types
        if types & {"integer", "number"}:
            return "${status}" if words in _STATUSES else _NOTHING
        if "boolean" in types:
            return False if words in ("success", "ok") else _NOTHING
        if types and "string" not in types:
            return _NOTHING
        return _text(words, member, above)

    def _list(self, shape: Shape, words: str, depth: int) -> Json:
        """An item for each violation; of another refusal one, if anything is to be told."""
        items = shape.items
        self.has_list = self.has_list or words in _LISTS or not words
        if items.type == "string" or (
            words in _LISTS and not items.types and not items.varies
        ):
            return (
                "${[v.message for v in violations]}" if self._status else ["${reason}"]
            )
        if not items.is_object:
            return _NOTHING
        if self._status:
            return f"${{[{_of_violation(items, self._status, depth)} for v in violations]}}"
        if depth > _MOST_DEPTH:
            raise NoSample
        return [_of_refusal(items)]


def _of_refusal(shape: Shape) -> dict[str, Json]:
    """The only item of a list of mistakes, where there is one that is not of the input."""
    item: dict[str, Json] = {}
    for name in shape.properties:
        member, words, required = (
            shape.member(name),
            snake(name),
            name in shape.required,
        )
        value = _NOTHING
        single = member["const"] is None and not member["enum"] and not member.is_object
        if single and words not in _FIELDS and not member.is_list:
            if member.types & {"integer", "number"}:
                value = "${status}" if words in _STATUSES else _NOTHING
            elif not member.types or "string" in member.types:
                value = _text(words, member, shape)
        if value is _NOTHING and required:
            blank = (
                words in _FIELDS and member.type == "string" and not member["minLength"]
            )
            value = "" if blank and not member["enum"] else sample(member, name)
        if value is not _NOTHING:
            item[name] = value
    return item


def _of_violation(shape: Shape, status: int, depth: int) -> str:
    """The expression of an item about the violation `v`."""
    if depth > _MOST_DEPTH:
        raise NoSample
    parts = []
    for name in shape.properties:
        value = _part(snake(name), shape.member(name), status, depth)
        if not value and name in shape.required:
            value = expression(sample(shape.member(name), name))
        if value:
            parts.append(f"{expression(name)}: {value}")
    parts += [
        f"{expression(name)}: null"
        for name in shape.required
        if name not in shape.properties
    ]
    return f"{{{', '.join(parts)}}}"


def _part(words: str, member: Shape, status: int, depth: int) -> str:
    types = member.types
    if member["const"] is not None or member["enum"] or member["pattern"]:
        return ""
    if member.is_object and member.properties and words in _FIELDS:
        return _of_violation(member, status, depth + 1)
    if member.is_list:
        return "v.path" if words in ("loc", "path", "location") else ""
    if types & {"integer", "number"}:
        return str(status) if words in _STATUSES else ""
    if types and "string" not in types:
        return ""
    if words == "pointer":
        return "'/' + join(v.path, '/')"
    if words in _FIELDS and words != "key":
        return "v.field"
    if words in ("status", "status_code"):
        return f"'{status}'"
    if member["format"] is not None:
        return ""
    if words in (
        "code",
        "type",
        "rule",
        "error_code",
        "constraint",
        "keyword",
        "error",
    ):
        return "v.rule"
    return "v.message" if words in _MESSAGES else ""


def _text(words: str, member: Shape, above: Shape) -> Json:
    """What a member that is a text tells of a refusal; `_NOTHING` if it is not known."""
    names = {snake(name) for name in above.properties}
    if member["enum"] or member["pattern"]:
        return _NOTHING
    if words == "type" and member["format"] in ("uri", "uri-reference", "url"):
        return "about:blank"
    if words == "status":
        return "${text(status)}" if "code" not in names or "title" in names else "error"
    if words in ("status_code", "http_status", "statuscode"):
        return "${text(status)}"
    if member["format"] == "date-time" or (words in _TIMES and not member["format"]):
        return "${now}"
    if words in ("instance", "path"):
        return "${raw_path}"
    if words == "id" and any(name in _REQUESTS for name in names - {"id"}):
        return "${refused}"
    if words in _REQUESTS:
        return "${uuid()}" if member["format"] == "uuid" else "${request_id}"
    if member["format"] is not None:
        return _NOTHING
    if words == "error" and {"error_description", "message"} & names:
        return "${refused}"
    if words in _CODES and words != "error":
        return "${refused}"
    return _WHY if words in _MESSAGES or words == "error" else _NOTHING


_INNER = ("error", "errors", "details", "fault", "meta", "status")
_LISTS = ("errors", "violations", "details", "field_errors", "invalid_params", "issues", "fields",
          "messages", "validation_errors", "error_messages", "causes")  # fmt: skip
_NOTHING: Any = object()
