"""Inferring: the list of inferences, and the files that they add up to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlsplit

from emulator.inference import (
    authentication,
    below,
    bulk,
    collections,
    dispatch,
    errors,
    filters,
    limits,
    pages,
    repeats,
    replies,
    scenarios,
    seeds,
    singletons,
    states,
)
from emulator.inference.draft import GUESSED, SOURCE, UNLISTED, Draft, check_without
from emulator.inference.inferred import Inferred, Kind
from emulator.inference.writing import Noted, write, write_records
from emulator.json_type import Json
from emulator.spec.description import OpenAPI

INFERENCES: tuple[tuple[Kind, Callable[[Draft], None]], ...] = (
    (authentication.KIND, authentication.infer_authentication),
    (dispatch.KIND, dispatch.infer_dispatch),
    (collections.KIND, collections.infer_collections),
    (singletons.KIND, singletons.infer_singletons),
    (filters.KIND, filters.infer_filters),
    (filters.SORTING, filters.infer_sorting),
    (filters.FIELDS, filters.infer_fields),
    (pages.KIND, pages.infer_pages),
    (replies.KIND, replies.infer_replies),
    (bulk.KIND, bulk.infer_bulk),
    (states.KIND, states.infer_states),
    (below.KIND, below.infer_parents),
    (seeds.KIND, seeds.infer_seeds),
    (repeats.IDEMPOTENCY, repeats.infer_idempotency),
    (repeats.VALIDATORS, repeats.infer_validators),
    (limits.KIND, limits.infer_limits),
    (errors.KIND, errors.infer_errors),
    (scenarios.KIND, scenarios.infer_scenarios),
)
"""In this order: a later one may rest on what an earlier one has found."""
KINDS: Mapping[str, Kind] = {kind.name: kind for kind, _ in INFERENCES}
_LOCAL = re.compile(r"localhost|[0-9.]+|.*\.localhost|\[.*")


def infer(
    openapi: OpenAPI,
    name: str,
    file: str = "openapi.yaml",
    *,
    without: Collection[str] = (),
    refine: Callable[[Draft], None] | None = None,
) -> Inferred:
    """The behavior of the provider *name*, as far as its document lets one conclude it.

    *file* is the name of the document in the provider's folder. *without* names kinds of
    inference, operations, or both as in `pages:listPets`, that are left out. Raises
    `UnknownInference` for what is none of these. *refine* changes what was concluded, by
    what is known from elsewhere, before the texts are written.
    """
    check_without(without, [*KINDS], openapi)
    draft = Draft(openapi, name, file, without)
    for kind, infer_kind in INFERENCES:
        if draft.allows(kind) or kind is authentication.KIND:
            infer_kind(draft)
    if refine is not None:
        refine(draft)
    return Inferred(
        behavior=write(_behavior(draft), _HEAD.format(title=openapi.title or name)),
        scenarios=write({"spec": 1, **draft.scenarios}, _SCENARIOS)
        if draft.scenarios
        else None,
        fixtures={
            name: records
            if isinstance(records, str)
            else write_records(records, _of_credentials(draft, name))
            for name, records in draft.fixtures.items()
        },
        findings=tuple(draft.findings),
    )


_HEAD = """\
How {title} behaves, as far as its OpenAPI document lets one conclude it.
Parts that are not certain are comments, with the reason above them."""
_SCENARIOS = "Situations that a test can start in."


def _behavior(draft: Draft) -> dict[str, Json]:
    """The file, in the order in which it is read."""
    tree: dict[str, Json] = {"spec": 1, "provider": draft.name}
    hosts = _hosts(draft.openapi)
    if hosts:
        tree["hosts"] = hosts
    if draft.file != "openapi.yaml":
        tree["openapi"] = draft.file
    tree["unlisted"] = UNLISTED
    if draft.http:
        tree["http"] = draft.http
    if draft.headers:
        tree["headers"] = draft.headers
    if draft.formats:
        tree["formats"] = draft.formats
    if draft.dispatch:
        tree["dispatch"] = draft.dispatch
    if draft.oauth2:
        tree["oauth2"] = draft.oauth2
    if draft.schemes:
        tree["authentication"] = {"schemes": draft.schemes}
    for part in (
        "rate_limits",
        "rate_limit_headers",
        "idempotency",
        "collections",
        "views",
        "pages",
        "guards",
    ):
        if getattr(draft, part):
            tree[part] = getattr(draft, part)
    tree["operations"] = {
        id: Noted(draft.operations[id], draft.notes[id])
        if id in draft.notes
        else draft.operations[id]
        for id in draft.openapi.operations
        if id in draft.operations
    }
    if draft.errors:
        tree["errors"] = draft.errors
    sources = {
        SOURCE: {"title": f"Inferred from {draft.file}"},
        GUESSED: {"title": f"Inferred from {draft.file}, and less certain"},
    }
    tree["evidence"] = {"sources": sources, "default": SOURCE}
    return tree


def _hosts(openapi: OpenAPI) -> list[str]:
    """The hosts of the document's servers, but for those of a machine of one's own."""
    hosts: dict[str, None] = {}
    for url in openapi.server_urls:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            continue
        if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", host) and not _LOCAL.fullmatch(
            host
        ):
            hosts[host] = None
    return [*hosts]


def _of_credentials(draft: Draft, name: str) -> str:
    used = [s for s, written in draft.schemes.items() if written["credentials"] == name]
    return f"Who may call, by the scheme {used[0]}." if used else ""
