"""Source: the files of one provider while they are compiled, and what is found wrong.

Every module of this package takes a `Source`, reads its part of `behavior.yaml` and
reports what it does not like through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from emulator.compile.byte_sizes import size
from emulator.compile.names import later_than
from emulator.compile.shown import wrong_records
from emulator.compile.suspicions import Suspicion, suspicions
from emulator.diagnostics import Report, did_you_mean
from emulator.json_type import Json
from emulator.language.grammar import BadExpression
from emulator.language.nulls import asked_by
from emulator.language.static_scope import WORDS, Scope
from emulator.language.templates import Template
from emulator.pipeline import STEPS
from emulator.program.written import Written
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, Pointer
from emulator.spec.keywords import EXPRESSION, Keywords, keywords

_STAND = {
    "collection": "collections are the keys of `collections`",
    "credential": "credentials go by the `name` of their record",
    "envelope": "envelopes are the keys of errors.envelopes",
    "evidence-source": "sources are the keys of evidence.sources",
    "field": "fields are those of fixtures, inputs, `on_create` and `fields`",
    "guard": "guards are the keys of `guards`",
    "limit": "limits are those of `rate_limits`, by their name",
    "move": "moves are the keys of states.moves of the collection",
    "operation": "operations are the operationIds of openapi.yaml",
    "page": "ways to cut a result are the keys of `pages`",
    "kind-of-id": "keys are made by an expression, or as one of the words says",
    "partition": "what is counted by is an expression, or one of the words",
    "parameter": "parameters are those of the operation in openapi.yaml",
    "refusal": "entries to take after, which stand on their own in errors.table",
    "schema": "schemas are the keys of components.schemas in openapi.yaml",
    "security-scheme": "they are the keys of components.securitySchemes in openapi.yaml",
    "signing-key": "signing keys are the entries of `keys` in behavior.yaml; those of another"
    " provider are `{provider: its name}`",
    "sort": "what a caller can sort by are the keys of `allowed`",
    "view": "views are the keys of `views`",
}
"""Where an author finds what can be named."""


class Given(NamedTuple):
    """What all have in common that refuse with a code which a spec has made up."""

    facts: frozenset[str]
    status: int
    """What it is answered with where its entry does not say."""


@dataclass(eq=False, repr=False)
class Source(Written):
    """`behavior.yaml` and `openapi.yaml` of one provider, and the report on them."""

    name: str
    behavior: Document
    openapi: OpenAPI
    report: Report
    folder: Path = Path()
    """The folder of the spec."""
    trusted: bool = False
    """The files have been checked before: expressions need not be looked at again."""
    broken: frozenset[str] = frozenset()
    """Names of parts that were reported and taken out: that they lack is no mistake."""
    scope: Scope = field(default_factory=Scope)
    """The names that every expression of this provider may use."""
    order: tuple[str, ...] = STEPS
    """The steps in the order of this provider."""
    fields: dict[str, frozenset[str]] = field(default_factory=dict)
    """The fields that the records of each collection are known to have."""
    given: dict[str, Given] = field(default_factory=dict)
    """What the spec's own refusals say and are answered with, by code."""
    scenarios: Document | None = None
    """`scenarios.yaml`, where there is one."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The files that stand nowhere, since they were inferred, by what they are called."""
    keywords: Keywords = field(default_factory=lambda: keywords("behavior.schema.json"))
    """What the JSON Schema says of the file that is looked at."""

    @cached_property
    def creations(self) -> Mapping[str, list[str]]:
        """The operations that create records, by the collection of these."""
        found: dict[str, list[str]] = {}
        for pointer, written in self.entries("operations"):
            created = ((written or {}).get("create") or {}).get("collection")
            if isinstance(created, str):
                found.setdefault(created, []).append(str(pointer[-1]))
        return found

    @cached_property
    def givers(self) -> Mapping[str, list[tuple[str, Iterable[str]]]]:
        """The conditions that refuse with each code, and the facts that they give to it."""
        found: dict[str, list[tuple[str, Iterable[str]]]] = {}
        of_operations = [(*at, "requires") for at, _ in self.entries("operations")]
        of_guards = [at for at, _ in self.entries("guards")]
        for place in (("requires",), *of_operations, *of_guards):
            for at, written in self.entries(*place):
                given = str(written.get("refuse")), written.get("facts")
                if given[1]:
                    where = ".".join(map(str, at))
                    found.setdefault(given[0], []).append((where, given[1]))
        return found

    @cached_property
    def views_read(self) -> Mapping[str, str]:
        """The view that the first operation which reads a collection shows of it."""
        views: dict[str, str] = {}
        for _, written in self.entries("operations"):
            read = (written or {}).get("read")
            if isinstance(read, dict) and isinstance(read.get("collection"), str):
                views.setdefault(read["collection"], str(read.get("view", "")))
        return views

    @cached_property
    def _stored(self) -> Mapping[str, frozenset[str]]:
        """The known fields of each collection, with those that effects set; without the
        collections to which an expression gives fields that nobody knows."""
        found = dict(self.fields)
        of_operations = [(*at, "effects") for at, _ in self.entries("operations")]
        for place in (("effects",), *of_operations):
            for _, effect in self.entries(*place):
                name = effect.get("create") or effect.get("update")
                given = effect.get("set") or {}
                if name in found and isinstance(given, Mapping):
                    found[name] |= {*given}
                else:
                    found.pop(name, None)
        return found

    @property
    def document(self) -> Document:
        return self.behavior

    def entries(self, *pointer: str | int) -> Iterator[tuple[Pointer, Json]]:
        """The items of the list, or the members of the mapping, at *pointer*."""
        value = self.get(*pointer)
        if isinstance(value, dict):
            for key, member in value.items():
                yield (*pointer, key), member
        elif isinstance(value, list):
            for at, item in enumerate(value):
                yield (*pointer, at), item

    def known(
        self, pointer: Pointer, name: Json, known: Collection[str], kind: str
    ) -> bool:
        """Whether *name* is one of *known*; if it is not, that is reported.

        Where *pointer* ends with the name, it is the key of an entry that is wrong.
        """
        if name in known:
            return True
        if name in self.broken:
            return False
        self.problem(
            pointer,
            f"unknown-{kind}",
            f"there is no {kind.replace('-', ' ')} {name!r}",
            f"{_STAND[kind]}: {', '.join(sorted(known)) or 'none'}"
            if kind in _STAND
            else "",
            did_you_mean(name, known) if known else "declare it, or remove it",
            key=pointer[-1] == name,
        )
        return False

    def size(self, *pointer: str | int) -> int | None:
        """The number of bytes at *pointer*."""
        written = self.get(*pointer)
        if written is None:
            return None
        try:
            return size(written)
        except ValueError as error:
            self.problem(pointer, "wrong-form", str(error))
            return None

    def template(
        self,
        pointer: Pointer,
        scope: Scope | None = None,
        *,
        tree: Json = None,
        doubted: bool = True,
    ) -> Template:
        """What is computed at *pointer* (or *tree*, said to stand there), checked.

        Whether it is an expression or a template is what the JSON Schema says.
        """
        written = self.get(*pointer) if tree is None else tree
        bare = self.keywords.of(pointer).kind == EXPRESSION
        template = Template(written, self.behavior, pointer, scope or self.scope, bare)
        if self.trusted:
            return template
        problems = [*template.problems()]
        for at, error in problems:
            fix = _quoted(written, error) if bare else error.fix
            self.problem(at, error.code, error.what, error.why, fix, key=error.in_key)
        if problems:
            return template
        for suspect in (
            *suspicions(template, doubted=doubted),
            *wrong_records(template, self.behavior.data, self._stored),
        ):
            self.suspect(suspect)
        return template

    def suspect(self, suspicion: Suspicion) -> None:
        """Tell of what a call may meet."""
        at, code, what, why, fix, severity = suspicion
        self.report.add(
            self.behavior.diagnostic(at, code, what, why, fix, severity=severity)
        )

    def word(self, pointer: Pointer, scope: Scope | None = None) -> str | None:
        """The word that stands at *pointer* in the place of an expression, if one does.

        A single name that is neither one of the words nor in scope is a word misspelt: it
        is for the caller to report, as `known` does.
        """
        written, words = self.get(*pointer), self.keywords.of(pointer).words
        if not isinstance(written, str):
            return None
        names = scope or self.scope
        is_name = written in {
            *names.roots,
            *names.fields,
            *names.later,
            *names.functions,
        }
        is_other = not written.isidentifier() or is_name or written in WORDS
        return written if written in words or not is_other else None

    def scope_at(
        self, step: str, scope: Scope | None = None, *, known: Collection[str] = ()
    ) -> Scope:
        """*scope* (or that of the provider) as it is when *step* asks.

        *known* are names that the step itself has found by then.
        """
        later = later_than(step, self.order)
        return (scope or self.scope).without(
            {name: why for name, why in later.items() if name not in known}
        )

    def optional(self, pointer: Pointer, scope: Scope | None = None) -> Template | None:
        """What is computed at *pointer*, or None when nothing stands there."""
        if self.get(*pointer) is None:
            return None
        return self.template(pointer, scope)

    def when(
        self, pointer: Pointer, scope: Scope | None = None
    ) -> tuple[Template | None, Scope]:
        """The condition `when` of what stands at *pointer*, and the scope where it holds."""
        here = scope or self.scope
        written = self.get(*pointer, "when")
        if written is None:
            return None, here
        condition = self.condition((*pointer, "when"), here)
        return condition, here.with_asked(asked_by(str(written), here))

    def condition(
        self,
        pointer: Pointer,
        scope: Scope | None = None,
        *,
        tree: Json = None,
        doubted: bool = True,
    ) -> Template:
        """The expression at *pointer* (or *tree*), where the JSON Schema has one."""
        if self.keywords.of(pointer).kind != EXPRESSION:
            raise TypeError(f"the JSON Schema has no expression at {pointer}")
        return self.template(pointer, scope, tree=tree, doubted=doubted)


def _quoted(written: Json, error: BadExpression) -> str:
    """What to do about *error*: a single name that is none may be a text without quotes."""
    alone = error.code == "unknown-name" and str(written).strip().isidentifier()
    if not alone or error.fix.startswith("did you mean"):
        return error.fix
    return f"{error.fix}; a text stands in quotes, as in \"'{written}'\""
