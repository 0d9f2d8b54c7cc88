"""Bodies: payloads that an operation takes.

A field that refers to records, or that a rule looks up, is drawn from the fixtures.
What a rule still finds wrong is mended rather than thrown away.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache

from hypothesis import reject
from hypothesis import strategies as st

from emulator.json_type import Json
from emulator.program.encoding import File
from emulator.program.operation import Query, Rule
from emulator.program.schemas import Schema, properties_of, types_of
from emulator.strategies.probe import Probe
from emulator.strategies.values import Strategy, objects, values

Draw = Callable[[Strategy], Json]

_MENDINGS = 8
_FILES = ("a.pdf", "a.docx", "a.txt", "a.png", "a.csv", "a.json")


def payload(probe: Probe) -> Strategy:
    """Bodies that the operation takes, as its schema, references and rules have it."""
    probe.path  # noqa: B018 - where nothing can be asked, say so before drawing
    return _payload(probe)


@st.composite
def _payload(draw: Draw, probe: Probe) -> Json:
    schema = probe.schema.schema
    if not properties_of(schema) and schema.get("type") != "object":
        body = draw(values(schema))
    else:
        body = draw(objects(schema, fields(probe)))
        body = with_whole_groups(draw, probe, body)
    for _ in range(_MENDINGS):
        violations = probe.violations(body)
        if violations == []:
            return body
        mended = _mended(draw, probe, body, violations) if violations else None
        if mended is None:
            break
        body = mended
    return reject()


@lru_cache(maxsize=256)
def fields(probe: Probe) -> Mapping[str, Strategy]:
    """How the fields of the body are drawn."""
    return {
        name: _field(probe, name, schema)
        for name, schema in properties_of(probe.schema.schema).items()
    }


def _field(probe: Probe, name: str, schema: Mapping[str, Json]) -> Strategy:
    held = _held(probe, name, schema)
    if held is not None:
        return _some(held, schema)
    if name == _query(probe):
        return queries(probe)
    if probe.media.startswith("multipart/") and _is_file(schema):
        content = st.binary(min_size=1, max_size=40)
        pairs = st.tuples(st.sampled_from(_FILES), content)
        return pairs.map(lambda pair: File(*pair))
    return values(schema)


def _some(held: list[Json], schema: Mapping[str, Json]) -> Strategy:
    """One of the values that are *held*, or a few of them where a list is wanted."""
    many = "array" in types_of(schema)
    check = Schema(schema.get("items", {}) if many else schema)
    fitting = [value for value in held if check.is_valid(value)]
    one: Strategy = st.sampled_from(fitting) if fitting else st.nothing()
    if many:
        return st.lists(one, max_size=4, unique_by=repr)
    return one | st.none() if check.is_valid(None) else one


def _held(probe: Probe, name: str, schema: Mapping[str, Json]) -> list[Json] | None:
    """What the fixtures hold for a field; None where anything will do."""
    referred = probe.referred(name)
    rules = [
        rule
        for rule in probe.operation.rules
        if rule.fields == {name} and rule.check.uses.collections
    ]
    if not rules:
        return referred or None
    return probe.allowed(rules, name, many="array" in types_of(schema))


def queries(probe: Probe) -> Strategy:
    """Queries of the language that a list is searched with."""
    query = probe.operation.action.query
    if query is not None and query.dialect != "elasticsearch":
        return _texts_of(query)
    base = probe.program.bases[probe.operation.action.collection]
    records = [*base.records.values()][:20]
    names = sorted({name for record in records for name in record}) or [base.key]
    texts = sorted(
        {
            value
            for record in records
            for value in record.values()
            if isinstance(value, str)
        }
    )
    text = st.sampled_from(texts or ["text"])
    name = st.sampled_from(names)
    leaf = st.one_of(
        st.just({"match_all": {}}),
        name.map(lambda one: {"exists": {"field": one}}),
        st.builds(lambda one, two: {"term": {one: two}}, name, text),
        st.builds(lambda one, two: {"match_phrase": {one: two}}, name, text),
    )
    part = st.sampled_from(("must", "should", "must_not"))
    some = st.lists(leaf, min_size=1, max_size=3)
    return leaf | st.builds(lambda one, two: {"bool": {one: two}}, part, some)


_FORMS = {
    "lucene": ("{}:*", "NOT {}:*"),
    "odata": ("{} ne null", "not ({} eq null)"),
    "scim": ("{} pr", "not ({} eq null)"),
    "aip160": ("{}:*", "NOT {}:*"),
}


def _texts_of(query: Query) -> Strategy:
    """Queries that are written as texts: of one of their names, or of two."""
    names = sorted(query.known if query.fields is None else query.fields) or ["id"]
    single = st.builds(
        str.format, st.sampled_from(_FORMS[query.dialect]), st.sampled_from(names)
    )
    joined = " AND " if query.dialect in ("lucene", "aip160") else " and "
    return single | st.tuples(single, single).map(joined.join)


def _query(probe: Probe) -> str:
    query = probe.operation.action.query
    return query.field if query is not None else ""


def with_whole_groups(
    draw: Draw, probe: Probe, body: dict[str, Json], begun: Collection[str] = ()
) -> dict[str, Json]:
    """*body* of an update, in which fields that a rule compares come together.

    What the record has for the others is then of no account. Groups of fields that
    are *begun* count as those of which *body* has some.
    """
    if probe.operation.action.kind != "update":
        return body
    strategies = fields(probe)
    for together in _groups(probe):
        if together & {*body, *begun}:
            absent = sorted(together - body.keys())
            body = {**body, **{name: draw(strategies[name]) for name in absent}}
    return body


@lru_cache(maxsize=256)
def _groups(probe: Probe) -> list[frozenset[str]]:
    """The fields of the body that rules bind together."""
    groups: list[frozenset[str]] = []
    for rule in probe.operation.rules:
        group = rule.fields | (frozenset(rule.given) & rule.inputs)
        apart = [other for other in groups if other.isdisjoint(group)]
        groups = [
            *apart,
            group.union(*(other for other in groups if other not in apart)),
        ]
    return groups


def _mended(
    draw: Draw, probe: Probe, body: Json, found: list[dict[str, Json]]
) -> Json | None:
    """*body* with less wrong about it; None where nothing helps."""
    if not isinstance(body, dict):
        return None
    for violation in found:
        for changed in _mendings(draw, probe, body, violation):
            left = probe.violations(changed)
            if left is not None and len(left) < len(found):
                return changed
    return None


def _mendings(
    draw: Draw, probe: Probe, body: dict[str, Json], wrong: Mapping[str, Json]
) -> Iterator[dict[str, Json]]:
    """Ways to change *body* that could mend one violation."""
    field = str(wrong["path"][0]) if wrong["path"] else ""
    rule = _rule_of(probe, wrong)
    together = sorted({field, *(rule.fields if rule else ())} - {""})
    strategies = fields(probe)
    for descending in (False, True):
        yield _in_order(body, together, descending)
    for name in together:
        if name in strategies and body.get(name) is None:
            drawn = draw(strategies[name])
            if drawn is not None:
                yield {**body, name: drawn}
    for some in _spare(probe, body, together):
        yield {name: member for name, member in body.items() if name not in some}
    for name in together:
        if name in strategies:
            yield {**body, name: draw(strategies[name])}


def _spare(
    probe: Probe, body: dict[str, Json], together: list[str]
) -> Iterator[Collection[str]]:
    """Sets of fields that *body* could do without."""
    needed = probe.schema.schema.get("required", ())
    optional = [name for name in together if name in body and name not in needed]
    if probe.operation.action.kind == "update":
        # What is left of a group would be compared with what the record has.
        for group in _groups(probe):
            if not group.isdisjoint(optional) and group.isdisjoint(needed):
                yield group
        return
    for many in range(1, len(optional) + 1):
        yield from itertools.combinations(optional, many)


def _rule_of(probe: Probe, wrong: Mapping[str, Json]) -> Rule | None:
    """The rule that a violation is of, if it is one of the spec's own."""
    field = wrong["path"][0] if wrong["path"] else ""
    for rule in probe.operation.rules:
        if (rule.field, rule.name) == (field, wrong["rule"]):
            return rule
    return None


def _in_order(
    body: dict[str, Json], names: list[str], descending: bool
) -> dict[str, Json]:
    """*body* with the numbers in these fields, and in the objects there, in order."""
    changed = dict(body)
    places: list[tuple[dict[str, Json], str]] = []
    for name in names:
        if isinstance(body.get(name), dict):
            inner = changed[name] = dict(body[name])
            places += [(inner, key) for key in inner if _is_number(inner[key])]
        elif _is_number(body.get(name)):
            places.append((changed, name))
    numbers = sorted((where[name] for where, name in places), reverse=descending)
    for (where, name), number in zip(places, numbers, strict=True):
        where[name] = number
    return changed


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_file(schema: Mapping[str, Json]) -> bool:
    return schema.get("type") == "object" and not properties_of(schema)
