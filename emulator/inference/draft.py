"""Draft: what is to be written of a provider, while it is being inferred."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from emulator.diagnostics import did_you_mean
from emulator.inference.forms import Forms
from emulator.inference.inferred import Finding, Kind
from emulator.inference.resources import Resource
from emulator.inference.samples import sample
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.spec.description import OpenAPI
from emulator.spec.published import UnknownInference

HIGH, MEDIUM, LOW = "high", "medium", "low"
UNLISTED = "stateless"
"""What becomes of operations of which nothing is inferred."""
SOURCE = "inferred"
"""The source of what is inferred, in `evidence` of the text."""
GUESSED = "guessed"
"""The source of what is inferred with less confidence."""


class Draft:
    """The parts of the files, and what was concluded for them."""

    def __init__(
        self, openapi: OpenAPI, name: str, file: str, without: Collection[str] = ()
    ) -> None:
        self.openapi = openapi
        self.name = name
        self.file = file
        self._without = frozenset(without)
        self.findings: list[Finding] = []
        self.headers: dict[str, Json] = {}
        """What every reply carries."""
        self.formats: list[Json] = []
        """How replies are written besides in JSON, as recorded calls show it."""
        self.http: dict[str, Json] = {}
        self.dispatch: dict[str, Json] = {}
        self.schemes: dict[str, Json] = {}
        self.oauth2: dict[str, Json] = {}
        self.secret_fields: dict[str, Json] = {}
        self.rate_limits: list[Json] = []
        self.rate_limit_headers: Json = None
        self.idempotency: Json = None
        self.collections: dict[str, Json] = {}
        self.guards: dict[str, Json] = {}
        self.views: dict[str, Json] = {}
        self.pages: dict[str, Json] = {}
        self.operations: dict[str, dict[str, Json]] = {}
        self.notes: dict[str, str] = {}
        """What stands above an operation, by its operationId."""
        self.errors: dict[str, Json] = {}
        self.scenarios: dict[str, Json] = {}
        self.fixtures: dict[str, Json] = {}
        self.resources: list[Resource] = []
        """The things that have collections, in the order of their paths."""
        self.records: dict[str, Any] = {}
        """The `Records` of each, by collection: see `records_of`."""
        self.forms = Forms()
        self.taken: set[str] = set()
        """The names of collections that are in use."""

    def allows(self, kind: Kind, where: str = "") -> bool:
        """Whether *kind* is to be inferred, at an operation."""
        left_out = self._without
        if not left_out:
            return True
        names = {kind.name, where, f"{kind.name}:{where}"} - {""}
        return not names & left_out

    def found(self, kind: Kind, where: str, confidence: str, reason: str) -> None:
        self.findings.append(Finding(kind.name, where, confidence, reason))

    def sample(self, shape: Shape, name: str) -> Json:
        """A plain value for *shape*. Raises `NoSample`."""
        return sample(shape, name)

    def collection_name(self, *wanted: str) -> str:
        """The first of the *wanted* names that is free, or the last with a number."""
        for name in wanted:
            if name not in self.taken:
                self.taken.add(name)
                return name
        number = 2
        while f"{wanted[-1]}_{number}" in self.taken:
            number += 1
        return self.collection_name(f"{wanted[-1]}_{number}")


def check_without(
    without: Collection[str], kinds: Collection[str], openapi: OpenAPI
) -> None:
    """Raise `UnknownInference` for what is no kind, no operation, and not one of each."""
    for text in without:
        kind, colon, id = text.partition(":")
        if text in kinds or text in openapi.operations:
            continue
        if colon and kind in kinds and id in openapi.operations:
            continue
        known = [*kinds, *openapi.operations]
        wrong, among = (id, openapi.operations) if kind in kinds else (kind, known)
        raise UnknownInference(
            f"nothing is inferred that is called {text!r}: {did_you_mean(wrong, among)} There are"
            f" {', '.join(kinds)}; operationIds; and both, as in"
            f" `pages:{next(iter(openapi.operations), 'listPets')}`"
        )
