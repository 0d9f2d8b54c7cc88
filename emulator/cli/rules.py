"""Rules: what each step holds a call of one operation against, as sentences.

Each sentence comes with the pointer of the part of `behavior.yaml` that it says, so
that its place and its evidence can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.cli.formatting import (
    bounds,
    compact,
    condition,
    duration,
    kind,
    listed,
    written,
)
from emulator.compile.authentication import SchemePolicy
from emulator.compile.pages import PagePolicy
from emulator.compile.program import Action, Operation, Program
from emulator.compile.schemas import properties_of
from emulator.compile.source import Pointer

Json = Any
Rule = tuple[str, Pointer]
"""A sentence, and where it is written."""

_DEEP = 4
"""So many fields inside each other are told."""
_HTTP = ("http",)
_LOCKOUT = ("authentication", "lockout")
_SIGNS = {
    "equals": "is",
    "in": "is one of",
    "has": "has",
    "has_all": "has all of",
    "contains": "contains",
    "starts_with": "starts with",
    "at_least": ">=",
    "at_most": "<=",
    "above": ">",
    "below": "<",
    "not": "is not",
}


def rules(program: Program, operation: Operation) -> Iterator[tuple[str, Rule]]:
    """Every rule with its step, in the order in which the provider's steps ask."""
    for step in (*program.order, "effects", "reply"):
        for rule in _OF.get(step, _nothing)(program, operation):
            yield step, rule


def _nothing(program: Program, operation: Operation) -> Iterator[Rule]:  # noqa: ARG001
    yield from ()


def _route(program: Program, operation: Operation) -> Iterator[Rule]:
    at = ("operations", operation.id)
    yield f"{operation.method} {program.base_path}{operation.path}", at
    for path in operation.also_at:
        yield f"also at {program.base_path}{path}", (*at, "also_at")
    slash = {"ignore": "makes no difference", "strict": "makes another path"}
    word = program.http.trailing_slash
    yield f"a final slash {slash.get(word, word)}", (*_HTTP, "trailing_slash")


def _transport(program: Program, operation: Operation) -> Iterator[Rule]:  # noqa: ARG001
    if program.http.https == "required":
        yield "HTTPS is required", (*_HTTP, "https")


def _identify(program: Program, operation: Operation) -> Iterator[Rule]:
    many = len(operation.security) > 1
    for number, alternative in enumerate(operation.security, 1):
        for scheme in alternative:
            which = f"way {number}: " if many else ""
            yield f"{which}{_material(program, scheme)}", _scheme(scheme)
    if many:
        says = {
            "any": "one way that proves true is enough",
            "first_sent": "the first way that is sent counts, and no other",
        }
        yield says[program.alternatives], ("authentication", "alternatives")
    if not operation.security:
        yield "no credential is asked for", ("operations", operation.id)
    elif operation.open:
        yield "none is needed; what is sent is looked at", ("operations", operation.id)


def _scheme(scheme: SchemePolicy, *rest: str) -> Pointer:
    return ("authentication", "schemes", scheme.name, *rest)


def _material(program: Program, scheme: SchemePolicy) -> str:
    schemes = program.openapi.get("components", {}).get("securitySchemes", {})
    name = schemes.get(scheme.name, {}).get("name", scheme.parameter)
    field = f"{scheme.collection}.{scheme.field}"
    if scheme.kind == "basic":
        return (
            f"{scheme.name}: Authorization: Basic, user and password are {field} and"
            f" {scheme.password}"
        )
    if scheme.kind == "bearer":
        return f"{scheme.name}: Authorization: Bearer, the token is {field}"
    return f"{scheme.name}: {scheme.kind} {name} is {field}"


def _lockout(program: Program, operation: Operation) -> Iterator[Rule]:
    policy = program.lockout
    if policy is None or not operation.security:
        return
    per = policy.per if policy.subject is None else written(policy.subject)
    yield f"counts {listed(sorted(policy.counts))}", (*_LOCKOUT, "counts")
    yield f"counted per {per}", (*_LOCKOUT, "per")
    yield f"shuts out after {policy.after}", (*_LOCKOUT, "after")
    if policy.within:
        old = duration(policy.within)
        yield f"failures older than {old} do not count", (*_LOCKOUT, "within")
    lengths = ", then ".join(map(duration, policy.durations))
    yield f"for {lengths}", (*_LOCKOUT, "for")
    resets = "forgets" if policy.reset_on_success else "does not forget"
    yield f"a success {resets} the failures", (*_LOCKOUT, "reset_on_success")


def _authenticate(program: Program, operation: Operation) -> Iterator[Rule]:  # noqa: ARG001
    schemes = {one.name: one for many in operation.security for one in many}
    for scheme in schemes.values():
        if scheme.state is not None:
            active = listed(scheme.active, "or")
            yield (
                f"state {written(scheme.state)} must be {active}",
                _scheme(scheme, "state"),
            )
        if scheme.expires is not None:
            yield f"expires at {written(scheme.expires)}", _scheme(scheme, "expires")
        if scheme.allowed_ips is not None:
            text = f"addresses {written(scheme.allowed_ips)}; none named: any"
            yield text, _scheme(scheme, "allowed_ips")
        for check, code in scheme.requires:
            yield f"{condition(check)}, or {code}", check.pointer[:-1]


def _rate_limit(program: Program, operation: Operation) -> Iterator[Rule]:
    for policy in operation.limits:
        at: Pointer = policy.quota.pointer[:-1]
        quota = written(policy.quota)
        yield f"{policy.name}: {quota} in {duration(policy.window)}", (*at, "quota")
        yield f"{policy.name}: {policy.algorithm}", (*at, "algorithm")
        if policy.algorithm == "fixed_window":
            starts = "with the clock" if policy.aligned else "with the first call"
            yield f"{policy.name}: a window starts {starts}", (*at, "starts")
        if policy.burst is not None:
            yield f"{policy.name}: bursts of {policy.burst:g}", (*at, "burst")
        per = [*policy.per, *([written(policy.subject)] if policy.subject else [])]
        yield f"{policy.name}: per {listed(per)}", (*at, "per")
        if policy.cost is not None:
            yield f"{policy.name}: a call costs {written(policy.cost)}", (*at, "cost")
        if policy.when is not None:
            yield f"{policy.name}: when {condition(policy.when)}", (*at, "when")
    if operation.limits:
        yield from _quota_headers(program)


def _quota_headers(program: Program) -> Iterator[Rule]:
    at = ("rate_limit_headers",)
    for one in program.quota_headers:
        names = (one.limit, one.remaining, one.reset, one.policy, one.state)
        shows = "" if one.shows == "tightest" else f" of {one.shows}"
        yield f"headers{shows} {listed([name for name in names if name])}", at
        if one.reset:
            yield f"{one.reset} is written as {one.reset_as}", (*at, "reset_as")
        yield f"sent when: {one.on}", (*at, "on")


def _authorize(program: Program, operation: Operation) -> Iterator[Rule]:  # noqa: ARG001
    at = ("operations", operation.id)
    if operation.scopes:
        yield f"scope {listed(operation.scopes)}", (*at, "scope")
        for scheme in {
            one.name: one for way in operation.security for one in way
        }.values():
            if scheme.scopes is not None:
                held = f"a credential has the scopes {written(scheme.scopes)}"
                yield held, _scheme(scheme, "scopes")
    for one in operation.requires:
        yield f"{condition(one.check)}, or {one.refuse}", one.check.pointer[:-1]


def _parameters(program: Program, operation: Operation) -> Iterator[Rule]:
    told: set[int] = set()
    for place, one in operation.parameters.all():
        if id(one) in told:
            continue  # under another name
        told.add(id(one))
        at: Pointer = ("operations", operation.id, "parameters", one.name)
        parts = _facets(
            program, at, one.schema, required=one.required and place != "path"
        )
        others = [
            key
            for key, other in operation.parameters.query.items()
            if other is one and key != one.name
        ]
        if others:
            parts.append(f"also written {listed(others)}")
        if one.tolerance:
            parts.append(f"what does not fit: {one.tolerance}")
            at = ("operations", operation.id, "tolerate", one.name)
        yield f"{place} {one.name}: {', '.join(parts)}", at


def _facets(
    program: Program, at: Pointer, schema: Json, *, required: bool
) -> list[str]:
    """What is asked of a parameter or a field, with a word where that is known less well."""

    def doubted(text: str, facet: str) -> str:
        whole, own = program.evidence.of(at), program.evidence.of((*at, facet))
        return text if own == whole else f"{text} ({own})"

    parts = [kind(schema)]
    asked = ", ".join(bounds(schema))
    if asked:
        parts.append(doubted(asked, "bounds"))
    if required:
        parts.append(doubted("required", "required"))
    default = schema.get("default") if isinstance(schema, Mapping) else None
    if default is not None:
        parts.append(doubted(f"default {compact(default)}", "default"))
    return parts


def _negotiate(program: Program, operation: Operation) -> Iterator[Rule]:
    if operation.body is not None:
        taken = listed([*operation.body.schemas], "or")
        yield f"takes {taken}", ("operations", operation.id)
    if program.http.accept == "enforce" and operation.produces:
        yield (
            f"Accept must allow {listed(operation.produces, 'or')}",
            (*_HTTP, "accept"),
        )


def _body(program: Program, operation: Operation) -> Iterator[Rule]:
    body, at = operation.body, ("operations", operation.id)
    if body is None:
        return
    yield f"a body is {'required' if body.required else 'optional'}", at
    if body.most is not None:
        own = operation.behavior.data["operations"][operation.id].get("max_body")
        yield f"at most {body.most} bytes", (*(at if own else _HTTP), "max_body")
    for name in body.properties:
        # A form has a file where JSON has an object: each is told with its media types.
        told: dict[tuple[Rule, ...], list[str]] = {}
        for media, one in body.schemas.items():
            schema = properties_of(one.schema).get(name)
            if schema is not None:
                needed = name in one.schema.get("required", ())
                found = _field(program, (*at, "body"), name, schema, required=needed)
                told.setdefault(tuple(found), []).append(media)
        for fields, types in told.items():
            where = f" in {listed(types)}" if len(told) > 1 else ""
            for says, pointer in fields:
                yield says + where, pointer


def _field(
    program: Program,
    above: Pointer,
    name: str,
    schema: Json,
    *,
    required: bool,
    shown: str = "",
) -> Iterator[Rule]:
    """A field of a body, and those inside of it: `author.name`, `chapters[].title`."""
    at, shown = (*above, name), shown or name
    parts = _facets(program, at, schema, required=required)
    yield f"{shown}: {', '.join(parts)}", at
    inside = schema
    while isinstance(inside, Mapping) and isinstance(inside.get("items"), Mapping):
        inside, shown = inside["items"], f"{shown}[]"
    if not isinstance(inside, Mapping) or shown.count(".") >= _DEEP:
        return
    needed = inside.get("required", ())
    for inner, one in properties_of(inside).items():
        yield from _field(
            program,
            at,
            inner,
            one,
            required=inner in needed,
            shown=f"{shown}.{inner}",
        )


def _find(program: Program, operation: Operation) -> Iterator[Rule]:
    action = operation.action
    if action.key is None:
        return
    field = action.by or program.collections[action.collection].key
    text = f"the record of {action.collection} whose {field} is {written(action.key)}"
    yield f"{text}, or {action.missing}", action.key.pointer
    yield from _owner(program, action)


def _owner(program: Program, action: Action) -> Iterator[Rule]:
    policy = program.collections.get(action.collection)
    if policy is not None and policy.owned_by and action.scoped:
        for name, one in policy.owned_by.items():
            verb = "gets" if action.kind == "create" else "is"
            yield f"its {name} {verb} {written(one)}", one.pointer


def _validate(program: Program, operation: Operation) -> Iterator[Rule]:
    for rule in operation.rules:
        given = f" (where {listed(rule.given)} are given)" if rule.given else ""
        says = f": {written(rule.message)}" if rule.message is not None else ""
        field = f"{rule.field}: " if rule.field else ""
        yield f"{field}{condition(rule.check)}{given}{says}", rule.check.pointer[:-1]
    action = operation.action
    policy = program.collections.get(action.collection)
    if policy is None or action.kind not in ("create", "update"):
        return
    at = ("collections", policy.name)
    for one in policy.references:
        by = one.by or program.collections[one.to].key
        text = f"{one.field} names {one.to}.{by}"
        yield text, (*at, "references", one.field)
    for number, unique in enumerate(policy.unique):
        text = f"no two {policy.name} share {listed(unique.fields)}"
        yield f"{text}, or {unique.refuse}", (*at, "unique", number)


def _act(program: Program, operation: Operation) -> Iterator[Rule]:
    action = operation.action
    at: Pointer = ("operations", operation.id, action.kind)
    if action.kind == "reply":
        yield "answers, and changes nothing by itself", at[:-1]
        return
    whole = ", the whole of it" if action.whole else ""
    yield f"{action.kind}: {action.collection}{whole}", at
    if action.kind in ("list", "create"):
        yield from _owner(program, action)
    base = program.bases.get(action.collection)
    if base is not None and base.times is not None and action.kind != "create":
        days = f"as many days as the world begins after {base.times.written_for}"
        text = f"{listed(base.times.fields)} of fixtures move by {days}"
        yield text, ("fixtures", "times", action.collection)
    limit = operation.limit
    if limit is not None:
        where = f" where {compact(limit.where)}" if limit.where else ""
        text = f"at most {written(limit.at_most)} {limit.collection}{where}"
        yield f"{text}, or {limit.refuse}", limit.at_most.pointer[:-1]
    for one in action.filters:
        sign = _SIGNS[one.operator]
        yield f"{one.field} {sign} {written(one.operand)}", one.operand.pointer
    if action.condition is not None:
        yield f"where {condition(action.condition)}", action.condition.pointer
    if action.search is not None:
        fields = listed(action.search.fields, "or")
        text = f"{written(action.search.text)} in {fields}"
        yield text, action.search.text.pointer[:-1]
    if action.query is not None:
        of = action.query.of
        yield f"what the query {written(of)} wants", of.pointer[:-1]
        if action.query.dates:
            text = f"its ranges over {listed(sorted(action.query.dates), 'or')} are of dates"
            yield text, (*of.pointer[:-1], "dates")
    yield from _order(program, action, at)
    policy = program.collections.get(action.collection)
    setting = {"create": "on_create", "update": "on_update"}.get(action.kind)
    if policy is not None and setting is not None:
        tree = getattr(policy, setting)
        for name, one in tree.tree.items():
            text = f"sets {name} to {compact(one)}"
            yield text, ("collections", policy.name, setting, name)
    if action.values is not None:
        yield f"sets {written(action.values)}", action.values.pointer


def _order(program: Program, action: Action, at: Pointer) -> Iterator[Rule]:
    if action.kind != "list":
        return
    sort = action.sort
    if sort is not None:
        words = listed([*sort.allowed], "or")
        usual = f", usually {sort.default}" if sort.default else ""
        yield f"sorted by {written(sort.by)}: {words}{usual}", (*at, "sort")
    policy = program.collections.get(action.collection)
    if policy is not None and policy.order:
        fields = [
            f"{field} {'descending' if down else 'ascending'}"
            for field, down in policy.order
        ]
        yield f"ordered by {', '.join(fields)}", ("collections", policy.name, "order")


def _paginate(program: Program, operation: Operation) -> Iterator[Rule]:  # noqa: ARG001
    page = operation.action.page
    if page is None:
        return
    at = ("pages", page.name)
    named = {"page": page.number, "offset": page.offset, "cursor": page.cursor}
    names = f"{named[page.style]} and {page.size}"
    yield f"{page.name}: {page.source} {names} (style {page.style})", at
    yield f"{page.size}: {page.min} to {page.max}", (*at, "max")
    yield f"{page.size}: {page.default} by default", (*at, "default")
    outcomes = {
        "below_min": (f"a size below {page.min}", page.below_min),
        "beyond_max": (f"a size above {page.max}", page.beyond_max),
        "invalid": ("what is no number", page.invalid),
    }
    for key, (says, outcome) in outcomes.items():
        sooner = _sooner(operation, page, key)
        if sooner is None:
            yield f"{says}: {outcome}", (*at, key)
        else:
            yield f"{says}: {sooner[0]}", sooner[1]
    yield f"a page after the last: {page.beyond_end}", (*at, "beyond_end")
    if page.at_most is not None:
        yield f"at most {written(page.at_most)} records", page.at_most.pointer
    if page.style == "cursor":
        yield f"a cursor that leads nowhere: {page.wrong_cursor}", (*at, "invalid")
    if page.expires:
        yield f"a cursor lasts {duration(page.expires)}", (*at, "expires")
    if page.links:
        where = "Link header" if page.link_header else "links"
        yield f"{where}: {listed(page.links)}", at


def _sooner(
    operation: Operation, page: PagePolicy, key: str
) -> tuple[str, Pointer] | None:
    """What becomes of a size that its schema does not take, before the page is asked."""
    at: Pointer = ("operations", operation.id)
    tolerance = ""
    if page.source == "body":
        schema = operation.body.properties.get(page.size, {}) if operation.body else {}
        at = (*at, "body", page.size, "bounds")
    else:
        sent = operation.parameters.query.get(page.size)
        if sent is None:
            return None
        schema, tolerance = sent.schema, sent.tolerance
        at = (
            (*at, "tolerate", page.size)
            if tolerance
            else (*at, "parameters", page.size, "bounds")
        )
    minimum, maximum = schema.get("minimum"), schema.get("maximum")
    judged = {
        "below_min": minimum is not None and minimum >= page.min,
        "beyond_max": maximum is not None and maximum <= page.max,
        "invalid": kind(schema) in ("integer", "number", "integer or null"),
    }
    if not judged[key]:
        return None
    if not tolerance:
        return "refused with invalid_request", at
    clamped = tolerance == "clamp" and key != "invalid"
    return "clamp" if clamped else "default", at


def _effects(program: Program, operation: Operation) -> Iterator[Rule]:
    for one in (*operation.effects, *program.effects):
        parts = [f"{one.kind} {one.collection}"]
        if one.key is not None:
            parts.append(f"with the key {written(one.key)}")
        if one.kind != "delete":
            parts.append(f"set {written(one.values)}")
        if one.when is not None:
            parts.append(f"when {condition(one.when)}")
        if one.each is not None:
            parts.append(f"for each of {condition(one.each)}")
        yield " ".join(parts), one.values.pointer[:-1]


def _reply(program: Program, operation: Operation) -> Iterator[Rule]:
    reply, at = operation.reply, ("operations", operation.id, "reply")
    yield f"status {reply.status}", (*at, "status")
    for name, template in (*reply.headers, *program.headers):
        yield f"header {name}: {written(template)}", template.pointer
    cors = program.http.cors
    if cors is not None:
        yield f"browsers may call from {listed(cors.origins, 'or')}", (*_HTTP, "cors")
    if reply.body is not None:
        yield f"body {written(reply.body)}", reply.body.pointer
    if operation.action.view:
        text = f"each record is shown as {operation.action.view}"
        yield text, ("views", operation.action.view)


_OF: Mapping[str, Callable[[Program, Operation], Iterator[Rule]]] = {
    "route": _route,
    "transport": _transport,
    "identify": _identify,
    "lockout": _lockout,
    "authenticate": _authenticate,
    "rate_limit": _rate_limit,
    "authorize": _authorize,
    "parameters": _parameters,
    "negotiate": _negotiate,
    "body": _body,
    "find": _find,
    "validate": _validate,
    "act": _act,
    "paginate": _paginate,
    "effects": _effects,
    "reply": _reply,
}
