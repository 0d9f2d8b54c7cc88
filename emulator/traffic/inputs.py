"""Inputs: what calls of an operation sent, as parameters and request bodies of a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from emulator.http.media_types import media_type
from emulator.inference.messages import is_json
from emulator.json_type import Json
from emulator.traffic.bounds import bound, constrain
from emulator.traffic.credentials import Credentials
from emulator.traffic.judging import INVALID, Judged, judge
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.recorded import Body, Recorded
from emulator.traffic.relations import relations, unexplained
from emulator.traffic.shapes import Shape, read_text, shape_of

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


def object_of(call: Recorded) -> dict[str, Json] | None:
    """The members of the body of *call*, where it has any."""
    value = _fields(call.body) if call.body.kind in ("form", "json") else None
    return value if isinstance(value, dict) else None


def parameters_of(one: Observed, credentials: Credentials) -> list[Json]:
    """The parameters of the path, of the query, and the headers of the API's own."""
    return [*_path_parameters(one), *_others(one, credentials)]


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


def request_body(one: Observed, sent: list[Json]) -> Json:
    """What was accepted, and what was refused for what is wrong with it.

    What calls of the same things *sent* is known of members that these left out.
    """
    told = [call for call in one.calls if call.body.kind not in ("nothing", "bytes")]
    good = [call for call in told if call.succeeded]
    good = good or [call for call in told if call.status in INVALID]
    if not good:
        return None
    content: dict[str, Json] = {}
    for media in dict.fromkeys(map(media_of, good)):
        calls = [call for call in told if media_of(call) == media]
        values = [_fields(call.body) for call in calls if call.succeeded]
        schema = _schema_of_bodies(calls, values, sent)
        if schema is not None:
            example = {"example": values[0]} if values else {}
            content[media] = {"schema": schema, **example}
    required = all(call.body.kind != "nothing" for call in one.good)
    return {"required": required, "content": content} if content else None


def media_of(call: Recorded) -> str:
    """The media type of a body that was sent, as what it is: JSON is JSON, whatever it says."""
    said = media_type(call.body.media)
    if not said or (call.body.kind == "json" and not is_json(said)):
        return "application/json"
    return said


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
