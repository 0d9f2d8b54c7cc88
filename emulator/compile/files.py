"""Files: what a provider is made from, read from its folder or inferred from a document."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from emulator.compile.places import Place
from emulator.diagnostics import Diagnostic, Location, Report, SpecError
from emulator.json_type import Json
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document
from emulator.spec.files import read_document, shown_name
from emulator.spec.fixtures import FixtureFile, fixtures_of, read_fixtures
from emulator.spec.published import Published, UnknownInference

if TYPE_CHECKING:  # a second start infers nothing
    from emulator.inference import Inferred
    from emulator.inference.draft import Draft


class Files(NamedTuple):
    """What its author has written, or would have."""

    behavior: Document | None
    scenarios: Document | None
    fixtures: Mapping[str, FixtureFile]
    openapi: OpenAPI | None = None
    """The document, where the others were inferred from it."""
    texts: Mapping[str, str] = {}
    """Those that were inferred, by what they are called."""


def read_files(place: Place, report: Report, *, thaw: bool = False) -> Files:
    """Everything but the OpenAPI document; with *thaw*, without what is frozen."""
    at = Location(shown_name(place.spec))
    behavior = read_document("behavior.yaml", place.spec, report, at)
    fixtures = read_fixtures(place.fixtures, report, thaw=thaw)
    return Files(behavior, _read_scenarios(place, report), fixtures)


def read_described(
    place: Place, behavior: Document | None, report: Report
) -> OpenAPI | None:
    """The OpenAPI document that `openapi` of `behavior.yaml` names."""
    from emulator.spec.openapi import read_openapi

    name, named_at = "openapi.yaml", Location(place.shown("behavior.yaml"))
    more: Json = {}
    written = None if behavior is None else behavior.data
    if behavior is not None and isinstance(behavior.data, dict):
        told = behavior.data.get("openapi", name)
        if isinstance(told, str):
            name, named_at = told, behavior.locate(("openapi",))
        if "oauth2" in behavior.data:
            from emulator.compile.oauth2.endpoints import described

            more = described(behavior.data["oauth2"])
    path = place.spec / name
    published = place.described_by(path, written)
    return read_openapi(path, place.spec, report, named_at, more, published)


def inferred(
    place: Place, report: Report, refine: Callable[[Draft], None] | None = None
) -> tuple[Inferred | None, dict[str, bytes]]:
    """What the document of *place* lets one expect of its provider, and the document.

    *refine* is as for `infer`.
    """
    published = place.published
    if published is None:
        raise TypeError(f"{place.name} has files of its own")
    try:
        openapi = read_published(place, published, report)
        made = _infer(place, published, openapi, refine=refine)
    except SpecError as error:
        for each in error.diagnostics:
            report.add(each)
        return None, {}
    return made, {published.file.name: published.file.read_bytes()}


def read_published(place: Place, published: Published, report: Report) -> OpenAPI:
    """The document that alone makes a provider. Raises `SpecError`."""
    from emulator.spec.openapi import read_openapi

    at = Location(shown_name(published.file))
    openapi = read_openapi(published.file, place.spec, report, at, published=published)
    if openapi is None or report.failed:
        raise SpecError(report.diagnostics)
    return openapi


def inferred_files(
    place: Place,
    published: Published,
    openapi: OpenAPI,
    report: Report,
    without: Collection[str] = (),
) -> Files:
    """The files that would be written of what is inferred, *without* some of it."""
    from emulator.spec.yaml import parse

    made = _infer(place, published, openapi, without)
    texts = {place.shown("behavior.yaml"): made.behavior}
    behavior = parse(made.behavior.encode(), place.shown("behavior.yaml"), report)
    scenarios = None
    if made.scenarios is not None:
        name = place.shown("scenarios.yaml")
        texts[name] = made.scenarios
        scenarios = parse(made.scenarios.encode(), name, report)
    documents = {}
    for collection, text in made.fixtures.items():
        name = place.shown(f"fixtures/{collection}.yaml")
        texts[name] = text
        document = parse(text.encode(), name, report)
        if document is not None:
            documents[collection] = document
    fixtures = fixtures_of(documents, report)
    return Files(behavior, scenarios, fixtures, openapi, texts)


def _infer(
    place: Place,
    published: Published,
    openapi: OpenAPI,
    without: Collection[str] = (),
    refine: Callable[[Draft], None] | None = None,
) -> Inferred:
    """What is inferred. Raises `SpecError` where something is left out that is not."""
    from emulator.inference import infer

    left_out = [*published.without, *without]
    name = published.file.name
    try:
        return infer(openapi, place.name, name, without=left_out, refine=refine)
    except UnknownInference as error:
        at = Location(shown_name(published.file))
        code = "unknown-operation"
        raise SpecError([Diagnostic(at, code, f"--without: {error}")]) from None


def _read_scenarios(place: Place, report: Report) -> Document | None:
    """`scenarios.yaml`, which a provider may have."""
    if not os.path.lexists(place.spec / "scenarios.yaml"):
        return None
    at = Location(shown_name(place.spec))
    return read_document("scenarios.yaml", place.spec, report, at)
