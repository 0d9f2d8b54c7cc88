"""Error bodies: what a refusal's body tells in each member, by the names in its schema."""

from __future__ import annotations

import re
from typing import Any

from emulator.inference.names import snake
from emulator.inference.samples import NoSample, expression, literal, sample
from emulator.inference.shapes import Shape
from emulator.json_type import Json

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
_MOST_DEPTH = 4
_WHY = "${reason}"
_WRONG = "${join([v.message for v in violations], '; ')}"


def entry_of(media: str, shape: Shape, status: int | None = None) -> Json:
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
            return _code_among(member, name) if required else _NOTHING
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


def _code_among(member: Shape, name: str) -> Json:
    """One of some codes: the one for input that is wrong, as most refusals are."""
    codes = [code for code in member["enum"] if isinstance(code, str)]
    found = (code for like in _OF_INPUT for code in codes if like.search(code))
    return literal(next(found, None)) or sample(member, name)


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


_OF_INPUT = (
    re.compile(r"(?i)^(bad|invalid)_?(request|input|arg|param)"),
    re.compile(
        r"(?i)validation|(bad|invalid|malformed)_?(request|input|arg|param|form)"
    ),
)
"""Codes that say that the input is wrong, the likeliest ones first."""
_INNER = ("error", "errors", "details", "fault", "meta", "status")
_LISTS = ("errors", "violations", "details", "field_errors", "invalid_params", "issues", "fields",
          "messages", "validation_errors", "error_messages", "causes")  # fmt: skip
_NOTHING: Any = object()
