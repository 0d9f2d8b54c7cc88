"""Describing: an OpenAPI document of what was called and what came back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.traffic.bounds import bound, constrain
from emulator.traffic.credentials import Credentials
from emulator.traffic.judging import INVALID, Judged, judge
from emulator.traffic.recorded import Body, Recorded
from emulator.traffic.relations import relations, unexplained
from emulator.traffic.shapes import Shape, read_text, shape_of
from emulator.traffic.templates import Template, Templates, singular

_USUAL_HEADERS = frozenset(
    [
        "accept",
        "accept-encoding",
        "accept-language",
        "accept-charset",
        "authorization",
        "cache-control",
        "connection",
        "content-length",
        "content-type",
        "content-encoding",
        "cookie",
        "date",
        "dnt",
        "expect",
        "forwarded",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "keep-alive",
        "origin",
        "pragma",
        "priority",
        "proxy-authorization",
        "range",
        "referer",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "warning",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "x-requested-with",
        "x-emulator-world",
        "traceparent",
        "tracestate",
        "upgrade-insecure-requests",
    ]
)
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
_EXAMPLES = 3
"""So many examples of replies are kept of each status."""


@dataclass
class Observed:
    """An operation, and its calls."""

    id: str
    method: str
    template: Template
    calls: list[Recorded] = field(default_factory=list)
    values: list[Mapping[str, str]] = field(default_factory=list)
    """Those of the path's parameters, by call."""

    @property
    def good(self) -> list[Recorded]:
        return [call for call in self.calls if call.succeeded]

    def schema_of(self, name: str) -> dict[str, Json]:
        """The schema of a parameter of the path, by what it was in calls that succeeded."""
        pairs = zip(self.calls, self.values, strict=True)
        anyway = not self.good
        return read_text(v[name] for call, v in pairs if call.succeeded or anyway)

    def kind_of(self, name: str) -> str:
        return str(self.schema_of(name)["type"])

    def strange(self) -> list[Recorded]:
        """The refused calls whose path has what is no number, where all others have one."""
        found: dict[int, Recorded] = {}
        for name in self.template.names:
            pairs = [*zip(self.calls, self.values, strict=True)]
            good = [values[name] for call, values in pairs if call.succeeded]
            kind = read_text(good)["type"]
            if kind in ("integer", "number"):
                found |= {
                    id(call): call
                    for call, values in pairs
                    if isinstance(read_as(kind, values[name]), str)
                }
        return [*found.values()]


def observe(calls: Iterable[Recorded], templates: Templates) -> list[Observed]:
    """The operations that *calls* are of; a path at which nothing was ever found is none."""
    found: dict[tuple[str, str], Observed] = {}
    for call in calls:
        template, values = templates.of(call.path)
        # Parameters in one place are one path, whatever each call has them called.
        key = call.method, re.sub(r"\{[^}]*\}", "{}", template.path)
        if key not in found:
            found[key] = Observed("", call.method, template)
        found[key].calls.append(call)
        found[key].values.append(
            dict(zip(found[key].template.names, values.values(), strict=False))
        )
    kept = [one for one in found.values() if any(map(_tells, one.calls))]
    taken: Counter[str] = Counter()
    for one in sorted(kept, key=lambda one: one.template.path):
        name = _operation_id(one, {other.template.path for other in kept})
        taken[name] += 1
        one.id = name if taken[name] == 1 else f"{name}{taken[name]}"
    return kept


def _tells(call: Recorded) -> bool:
    """Whether a reply shows that there is something at its address."""
    return call.status not in (404, 405, 501)


def _operation_id(one: Observed, paths: set[str]) -> str:
    """`listJobs`, `getJob`, `createJob`, as people call them."""
    parts = [part for part in one.template.path.split("/") if part]
    words = [part for part in parts if not part.startswith("{")]
    of_one = bool(parts) and parts[-1].startswith("{")
    last = words[-1] if words else "root"
    owner = words[-2:-1] if len(words) > 1 and not of_one else []
    is_list = any(_list_in(call.reply.value) is not None for call in one.good)
    verb = {
        "GET": "list" if is_list and not of_one else "get",
        "POST": "create" if not of_one and last == _plural(last) else "post",
        "PUT": "replace",
        "PATCH": "update",
        "DELETE": "delete",
    }.get(one.method, one.method.lower())
    noun = singular(last) if of_one or verb == "create" else last
    nested = owner and any(
        path.endswith("/" + last) and path != one.template.path for path in paths
    )
    name = " ".join((verb, *([singular(owner[0])] if nested else ()), noun))
    camel = re.sub(r"[^A-Za-z0-9]+", " ", name).split()
    return camel[0].lower() + "".join(word[:1].upper() + word[1:] for word in camel[1:])


def _plural(word: str) -> str:
    return word if singular(word) != word.lower() else ""


def _list_in(value: Json) -> list[Json] | None:
    """The list that a reply is, or holds."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        for member in value.values():
            if isinstance(member, list) and (not member or isinstance(member[0], dict)):
                return member
        for member in value.values():
            if isinstance(member, dict):
                found = _list_in(member)
                if found is not None:
                    return found
    return None


def describe(
    observed: list[Observed], title: str, url: str, credentials: Credentials
) -> dict[str, Json]:
    """The document."""
    paths: dict[str, Json] = {}
    sent = _sent(observed)
    for one in sorted(observed, key=lambda one: (one.template.path, one.method)):
        # Parameters of one place have one name in all methods of a path.
        item = paths.setdefault(one.template.path, {})
        item[one.method.lower()] = _operation(one, credentials, sent[_things(one)])
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
    for one in observed:
        objects = found.setdefault(_things(one), [])
        if one.method in ("POST", "PUT", "PATCH"):
            objects += judge(one.calls, object_of).values()
    return found


def object_of(call: Recorded) -> dict[str, Json] | None:
    """The members of the body of *call*, where it has any."""
    value = _fields(call.body) if call.body.kind in ("form", "json") else None
    return value if isinstance(value, dict) else None


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
    parameters = [*_path_parameters(one), *_others(one, credentials)]
    if parameters:
        made["parameters"] = parameters
    body = _request_body(one, sent)
    if body:
        made["requestBody"] = body
    made["responses"] = _responses(one)
    return made


def _path_parameters(one: Observed) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": one.schema_of(name)}
        for name in one.template.names
    ]


def _others(one: Observed, credentials: Credentials) -> list[Json]:
    """Parameters of the query and headers of the API's own."""
    found: list[Json] = []
    good = one.good or one.calls
    judged = judge(one.calls, query_of)
    names = dict.fromkeys(name for call in one.calls for name, _ in call.query)
    for name in names:
        if not name or credentials.uses("query", name):
            continue
        texts = [text for call in good for known, text in call.query if known == name]
        schema = read_text(texts)
        several = any(sum(known == name for known, _ in c.query) > 1 for c in good)
        bare = name.removesuffix("[]")
        _constrain(schema, bare, judged)
        if several or name.endswith("[]"):
            schema = {"type": "array", "items": schema}
            _constrain_lists(schema, bare, judged)
        needed = {"required": True} if bare in judged.required else {}
        found.append({"name": name, "in": "query", **needed, "schema": schema})
    headers = dict.fromkeys(name for call in good for name, _ in call.headers)
    for name in headers:
        own = not name.startswith(("sec-", "x-emulator-", "access-control-"))
        if not own or name in _USUAL_HEADERS or credentials.uses("header", name):
            continue
        texts = [call.header(name) for call in good if call.header(name)]
        found.append({"name": name, "in": "header", "schema": read_text(texts)})
    return found


def query_of(call: Recorded) -> dict[str, Json]:
    """The parameters of the query of *call*, as texts, and as lists of texts."""
    found: dict[str, Json] = {}
    for name, text in call.query:
        bare = name.removesuffix("[]")
        if bare in found:
            before = found[bare]
            found[bare] = [*(before if isinstance(before, list) else [before]), text]
        else:
            found[bare] = [text] if name.endswith("[]") else text
    return found


def _constrain(schema: dict[str, Json], name: str, judged: Judged) -> None:
    """Have the schema of a parameter, or of its items, refuse what was refused."""
    kind = schema["type"]
    taken = [
        read_as(kind, text)
        for each in judged.taken
        if name in each
        for text in _texts(each[name])
    ]
    wrong = []
    for each in judged.refused:
        value = each.members.get(name)
        for path, said in each.said.items():
            if path[0] != name or value is None:
                continue
            if len(path) > 1 and path[1].isdecimal():  # an item of a list
                wrong += [
                    (read_as(kind, t), said) for t in _texts(value)[int(path[1]) :][:1]
                ]
            elif not isinstance(value, list):
                wrong.append((read_as(kind, value), said))
    if not taken and wrong:
        del schema["type"]  # it is that of what was refused
    constrain(schema, taken, wrong)
    schema.setdefault("type", "string")


def _constrain_lists(schema: dict[str, Json], name: str, judged: Judged) -> None:
    """Have the schema of a list refuse the lists of which nothing single was told."""
    kind = schema["items"]["type"]

    def lists(every: Iterable[Mapping[str, Json]]) -> Iterator[list[Json]]:
        for members in every:
            if isinstance(members.get(name), list):
                yield [read_as(kind, text) for text in members[name]]

    whole = [each for each in judged.refused if (name,) in each.said]
    wrong = [
        (value, each.said[name,]) for each in whole for value in lists([each.members])
    ]
    constrain(schema, [*lists(judged.taken)], wrong)


def _texts(value: Json) -> list[str]:
    return value if isinstance(value, list) else [value]


def read_as(kind: str, text: str) -> Json:
    """What a parameter of that type has, if *text* can be read so."""
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _request_body(one: Observed, sent: list[Json]) -> Json:
    """What was accepted, and what was refused for what is wrong with it.

    What calls of the same things *sent* is known of members that these left out.
    """
    told = [call for call in one.calls if call.body.kind not in ("nothing", "bytes")]
    good = [call for call in told if call.succeeded]
    good = good or [call for call in told if call.status in INVALID]
    if not good:
        return None
    content: dict[str, Json] = {}
    for media in dict.fromkeys(
        media_type(call.body.media) or "application/json" for call in good
    ):
        calls = [c for c in told if (media_type(c.body.media) or media) == media]
        values = [_fields(call.body) for call in calls if call.succeeded]
        schema = _schema_of_bodies(calls, values, sent)
        if schema is not None:
            example = {"example": values[0]} if values else {}
            content[media] = {"schema": schema, **example}
    required = all(call.body.kind != "nothing" for call in one.good)
    return {"required": required, "content": content} if content else None


def _schema_of_bodies(
    calls: list[Recorded], values: list[Json], sent: list[Json]
) -> dict[str, Json] | None:
    """The schema of the *values* that *calls* were accepted with, and of what was not."""
    judged = judge(calls, object_of)
    shape = shape_of(values or judged.values())
    if not shape.times:
        return None
    schema = shape.schema(required=False)
    if shape.kinds["object"] and not shape.is_map():
        objects = judged.values()
        members = shape_of([*sent, *objects]).members
        for name in sorted({name for each in judged.refused for name in each.members}):
            members.setdefault(name, Shape())  # it was never taken
        # The order is that of the calls, of which errors often tell.
        properties = schema.setdefault("properties", {})
        for name, member in members.items():
            properties[name] = member.schema(name, required=False)
        refused = unexplained(judged.refused, relations(judged))
        bound(properties, objects, refused, sent)
        if judged.required:
            schema["required"] = [n for n in properties if n in judged.required]
    return schema


def _fields(body: Body) -> Json:
    return dict(body.value) if body.kind == "form" else body.value


def fields_of(body: Body) -> list[str]:
    """The names of the fields that *body* has, if it has any."""
    value = _fields(body) if body.kind in ("form", "json", "parts") else None
    return [*value] if isinstance(value, dict) else []


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


Shapes = Mapping[str, Shape]
