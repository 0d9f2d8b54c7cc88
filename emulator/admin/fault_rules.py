"""Faults: the rules of what goes wrong in a world, as they are sent and shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean
from emulator.http.pointer import pointer_to
from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.fault_policies import check_policy, read_policy, rule_of
from emulator.program.program import Program
from emulator.program.written import Written
from emulator.spec.document import Document, Pointer
from emulator.spec.keywords import keywords
from emulator.times import LATEST, iso
from emulator.world.faults import Calls, Rule

SOURCE = "the admin API"
"""Who made a rule that came in by the admin API."""

_MEANT = {"fault", "refuse", "status"}
"""Without them nothing can be said of the rest."""


class BadRule(ValueError):
    """What is wrong with a rule that was sent: pairs of a JSON pointer and a text."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{at or '/'}: {text}" for at, text in problems))
        self.problems = problems


@cache
def rule_schema() -> dict[str, Json]:
    """The JSON Schema of a rule: an entry of a scenario's `faults`, with a provider.

    It is made once: `check_structure` keeps a validator for each schema that it meets.
    """
    parts = keywords("scenarios.schema.json").schema["$defs"]
    entry, says = parts["fault"], "The name of the provider whose calls it is about."
    provider = {"description": says, "type": "string"}
    properties = {
        name: {**parts["duration"], "description": member["description"]}
        if "$ref" in member
        else member
        for name, member in entry["properties"].items()
    }
    return {
        **entry,
        "properties": {"provider": provider, **properties},
        "required": ["provider"],
    }


def read_rule(
    programs: Mapping[str, Program], written: Mapping[str, Json], at: int
) -> Rule:
    """The rule that *written* asks for, from the time *at* on. Raises `BadRule`.

    {"provider": "acme", "operation": "listThings", "calls": 2, "fault": "reset"}
    """
    from emulator.spec.structure import check_structure

    sent = Sent(SentBody("the rule", dict(written)))
    sound, taken = check_structure(sent.body, sent.report, rule_schema())
    if sound is None or taken & _MEANT or "provider" not in sound.data:
        raise sent.mistakes()
    name = sound.data["provider"]
    if sent.known(("provider",), name, programs, "provider"):
        program, sent.body.data = programs[name], sound.data
        policy = read_policy(sent, (), sound.data, program.operations)
        check_policy(sent, program, (), policy, REFUSALS.of)
        if not sent.report.failed:
            return rule_of(policy, program, at, SOURCE)
    raise sent.mistakes()


def shown(rule: Rule, at: int) -> dict[str, Json]:
    """*rule* as JSON; its `faults` and `calls` are texts that can be sent again."""
    return {
        "id": rule.id,
        "provider": rule.provider,
        "operations": None if rule.operations is None else sorted(rule.operations),
        "credential": rule.credential_name or None,
        "calls": None if rule.calls == Calls() else rule.calls.text,
        "probability": rule.probability,
        "after": _time(rule.starts),
        "until": _time(rule.ends),
        "faults": [fault.text for fault in rule.faults],
        "refuse": rule.refuse or None,
        "status": rule.status or None,
        "source": rule.source,
        "counted": rule.counted,
        "struck": rule.struck,
        "state": "over" if rule.is_over(at) else "active",
    }


def _time(at: int) -> str | None:
    """A time of the world; None for one that its clock never comes to."""
    return iso(at) if 0 < at <= LATEST else None


class SentBody(Document):
    """What was sent: its parts stand where their JSON pointers say."""

    def locate(
        self,
        pointer: Sequence[str | int],
        *,
        key: bool = False,  # noqa: ARG002
    ) -> Location:
        return Location(pointer_to(pointer))


class Sent(Written):
    """What was sent, and what is wrong with it."""

    def __init__(self, body: SentBody) -> None:
        self.body = body
        self.report = Report()

    @property
    def document(self) -> SentBody:
        return self.body

    def mistakes(self) -> BadRule:
        diagnostics = self.report.diagnostics
        return BadRule(
            [(diagnostic.at.file, _sentence(diagnostic)) for diagnostic in diagnostics]
        )

    def known(
        self, pointer: Pointer, name: Json, known: Collection[str], kind: str
    ) -> bool:
        if name in known:
            return True
        what = f"there is no {kind} {str(name)[:60]!r}"
        self.problem(pointer, f"unknown-{kind}", what, "", did_you_mean(name, known))
        return False


def _sentence(found: Diagnostic) -> str:
    said = found.fix.startswith("use one of")  # which is what `why` would say
    why = f" ({found.why})" if found.why and not said else ""
    return f"{found.what}{why}" + (f": {found.fix}" if found.fix else "")
