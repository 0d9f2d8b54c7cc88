"""Source: the files of one provider while they are compiled, and what is found wrong.

Every module of this package takes a `Source`, reads its part of `behavior.yaml` and
reports what it does not like through it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.compile.byte_sizes import size
from emulator.compile.names import later_than
from emulator.diagnostics import Report, did_you_mean
from emulator.language.expressions import Scope
from emulator.language.templates import Template
from emulator.pipeline import STEPS
from emulator.program.written import Written
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, Pointer

Json = Any

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
    "parameter": "parameters are those of the operation in openapi.yaml",
    "refusal": "entries to take after, which stand on their own in errors.table",
    "schema": "schemas are the keys of components.schemas in openapi.yaml",
    "security-scheme": "they are the keys of components.securitySchemes in openapi.yaml",
    "signing-key": "signing keys are the entries of `keys` in behavior.yaml; those of another"
    " issuer are not fetched",
    "sort": "what a caller can sort by are the keys of `allowed`",
    "view": "views are the keys of `views`",
}
"""Where an author finds what can be named."""


@dataclass(eq=False, repr=False)
class Source(Written):
    """`behavior.yaml` and `openapi.yaml` of one provider, and the report on them."""

    name: str
    behavior: Document
    openapi: OpenAPI
    report: Report
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
    scenarios: Document | None = None
    """`scenarios.yaml`, where there is one."""

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
        bare: bool = False,
    ) -> Template:
        """The template at *pointer* (or *tree*, said to stand there), checked."""
        written = self.get(*pointer) if tree is None else tree
        if bare and isinstance(written, str) and written.startswith("${"):
            # `check: "${a < b}"` and `check: a < b` mean the same.
            written = written[2:-1] if written.endswith("}") else written
        template = Template(written, self.behavior, pointer, scope or self.scope, bare)
        if not self.trusted:
            for at, error in template.problems():
                self.problem(at, error.code, error.what, error.why, error.fix)
        return template

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

    def optional(
        self, pointer: Pointer, scope: Scope | None = None, *, bare: bool = False
    ) -> Template | None:
        """The template at *pointer*, or None when nothing stands there."""
        if self.get(*pointer) is None:
            return None
        return self.template(pointer, scope, bare=bare)

    def condition(
        self, pointer: Pointer, scope: Scope | None = None, *, tree: Json = None
    ) -> Template:
        """The expression at *pointer* (or *tree*), which needs no `${`."""
        return self.template(pointer, scope, tree=tree, bare=True)
