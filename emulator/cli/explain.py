"""Explain: what holds for one operation, for a terminal, and how it is found by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from emulator.cli.errors import Complaint
from emulator.cli.tables import printable, table
from emulator.compile.places import gallery
from emulator.diagnostics import Diagnostic, SpecError, did_you_mean
from emulator.engine.loading import known, programs, wanted
from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.evidence import ASSUMED
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings


def find(programs: Mapping[str, Program], name: str) -> tuple[Program, Operation]:
    """The operation called `listJobs` or `acme/listJobs`. Raises `Complaint`.

    Ids have slashes too, as `repos/get` or `acme/repos/get`; names of providers have none.
    """
    provider, slash, id = name.partition("/")
    named = slash != "" and provider in programs
    if not named:
        id = name
    among = [programs[provider]] if named else [*programs.values()]
    found = [candidate for candidate in among if id in candidate.operations]
    if not found:
        ids = {id for program in among for id in program.operations}
        if id in REFUSALS.codes or id.isdecimal():
            kind = "a status" if id.isdecimal() else "the code of a refusal"
            fix = "`emulator journal show` explains a call that was answered so"
            raise Complaint(f"{name!r} is {kind} and no operation: {fix}")
        if slash and not named and not any("/" in each for each in ids):
            fix = did_you_mean(provider, {*programs, *gallery()})
            raise Complaint(f"no provider {provider!r}: {fix}")
        raise Complaint(f"no operation {name!r}: {did_you_mean(id, ids)}")
    if len(found) > 1:
        names = " or ".join(f"{program.name}/{id}" for program in found)
        raise Complaint(f"{id!r} is an operation of several providers: write {names}")
    return found[0], found[0].operations[id]


def find_named(settings: Settings, name: str) -> tuple[Program, Operation]:
    """The operation called *name*, of the provider that it begins with, or of whichever.

    Raises `Complaint`, `CannotServe` and `SpecError`.
    """
    provider, slash, _ = name.partition("/")
    if slash and provider in known(settings, [provider]):
        return find(programs(settings, [provider]), name)
    return find_anywhere(settings, name)


def find_anywhere(settings: Settings, id: str) -> tuple[Program, Operation]:
    """The operation called *id*, of whichever provider has it.

    Those whose files are wrong are told of only where no other one has it. Raises
    `Complaint` and `SpecError`.
    """
    loaded: dict[str, Program] = {}
    wrong: list[Diagnostic] = []
    for name in wanted(settings) or known(settings):
        try:
            loaded |= programs(settings, [name])
        except SpecError as error:
            wrong += error.diagnostics
    if wrong and not any(id in program.operations for program in loaded.values()):
        raise SpecError(wrong)
    return find(loaded, id)


def text(explained: Mapping[str, Json]) -> str:
    """What `explain` found, for a terminal."""
    name = f"{explained['provider']}/{explained['operation']}"
    path = f"{explained['method']} {explained['path']}"
    heads = ("step", "evidence", "line", "status", "refusal", "message")
    refusals = [
        (
            refusal["step"],
            refusal["evidence"],
            refusal["at"].rsplit(":", 2)[1],
            refusal["status"],
            refusal["code"],
            refusal["message"] + _doubt(refusal),
        )
        for refusal in explained["refusals"]
    ]
    return "\n".join(
        [
            f"{name}  {path}  {explained['at']}",
            *([explained["summary"]] if explained["summary"] else []),
            *([_wrapped(explained["description"])] if explained["description"] else []),
            *_steps(explained["steps"]),
            *_drawn(explained["states"]),
            "",
            table(refusals, heads),
            "",
            *_sources(explained),
        ]
    )


def _steps(steps: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """The lines of each step, with their evidence and their numbers in the margin.

    Evidence stands where it begins, and holds for the lines that follow.
    """
    rules = [rule for step in steps for rule in step["rules"]]
    width = max(
        (len(source) for rule in rules for source in _evidence(rule)), default=0
    )
    last = max((rule["lines"][-1]["number"] for rule in rules), default=0)
    digits = len(str(last))
    for step in steps:
        yield f"\n{step['step']}: {step['question']}"
        above = ("", "")
        for rule in step["rules"]:
            file, line, _ = rule["at"].rsplit(":", 2)
            holder, _, _ = rule["path"].rpartition(".")
            if (file, holder) != above:
                yield f"  {file}:{line}  {holder}".rstrip()
            above = (file, holder)
            shown = ""
            for one in rule["lines"]:
                evidence = one["evidence"]
                margin = "" if evidence == shown else evidence
                shown = evidence or shown
                number = str(one["number"]).rjust(digits)
                yield f"    {margin:{width}}  {number}  {printable(one['text'])}".rstrip()
                for other, names in one["exceptions"].items():
                    if _says(one["text"], other, names):
                        continue
                    says = f"{other}: {', '.join(names)}"
                    yield f"    {'':{width}}  {'':{digits}}  └ {printable(says)}"


def _says(line: str, evidence: str, names: Sequence[str]) -> bool:
    """Whether *line* itself says of just these *names* where they are known from."""
    listed = re.search(rf"\b{re.escape(evidence)}: \[([^\[\]]*)\]", line)
    return listed is not None and {*re.split(r"\s*,\s*", listed[1])} == {*names}


def _drawn(machines: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Each state, and where the moves from it lead."""
    for machine in machines:
        yield f"\nstates of {machine['collection']}, in {machine['field']!r}:"
        rows = []
        for state in machine["states"]:
            mark = "* " if state == machine["start"] else "  "
            moves = [move for move in machine["moves"] if state in move["from"]]
            if not moves:
                rows.append((f"{mark}{state}", "", "", ""))
            for move in moves:
                how = "" if move["after"] is None else f"after {move['after']:g} s"
                if move["conditional"]:
                    how = f"{how}, if its `when` holds".removeprefix(", ")
                rows.append((f"{mark}{state}", f"-> {move['to']}", move["name"], how))
                mark, state = "  ", ""
        yield table(rows, ("  state", "", "move", ""))


def _evidence(rule: Mapping[str, Json]) -> Iterator[str]:
    for line in rule["lines"]:
        yield from (line["evidence"], *line["exceptions"])


def _sources(explained: Mapping[str, Json]) -> Iterator[str]:
    """What the words for evidence that were used stand for."""
    rules = [rule for step in explained["steps"] for rule in step["rules"]]
    names = {origin for rule in rules for origin in _evidence(rule)}
    for refusal in explained["refusals"]:
        names |= {refusal["evidence"], refusal["message_evidence"]}
    rows = [
        (name, ", ".join(f"{source[key]}" for key in ("title", "url") if key in source))
        for name, source in explained["sources"].items()
        if name in names
    ]
    if ASSUMED in names:
        rows.append((ASSUMED, "documented nowhere: what the author takes to be so"))
    yield table(rows, ("evidence", "source"))


def _wrapped(text: str) -> str:
    """*text* in lines that a terminal shows whole."""
    lines = [fill(printable(line), 88) for line in text.splitlines()]
    return "\n".join(lines)


def _doubt(refusal: Mapping[str, Json]) -> str:
    """That the wording is less well known than the refusal itself."""
    wording = refusal["message_evidence"]
    return "" if wording == refusal["evidence"] else f"  ({wording})"
