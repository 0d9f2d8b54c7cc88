"""Observing: the operations that recorded calls are of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from emulator.json_type import Json
from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import read_text
from emulator.traffic.templates import Template, Templates, singular


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
