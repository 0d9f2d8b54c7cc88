"""Places: the folders that providers are in, and the documents that are ones alone."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from emulator.spec.files import shown_name
from emulator.spec.published import Bounds, Published

GALLERY = "gallery"
"""The folder among the bundled specs whose providers are served only when named."""


class Place(NamedTuple):
    """The folders of one provider: its spec, and its fixtures.

    Of one that is *published*, there is the OpenAPI document alone. Its other files are
    inferred: they are texts, and stand nowhere.
    """

    spec: Path
    fixtures: Path
    published: Published | None = None
    called: str = ""
    bounds: Bounds = Bounds()
    """How large the OpenAPI document of a folder may be that somebody else has written."""

    @property
    def name(self) -> str:
        return self.called or self.spec.name

    def shown(self, file: str) -> str:
        """What diagnostics call *file* of the spec, such as `behavior.yaml`."""
        if self.published is None:
            return shown_name(self.spec / file)
        return f"{file} (inferred from {shown_name(self.published.file)})"

    def described_by(self, document: Path, behavior: Any) -> Published | None:
        """How *document* is read: as somebody else's, or None, as the author's own.

        What *behavior* leaves to the document is what somebody else has written.
        """
        if self.published is not None:
            return self.published
        if isinstance(behavior, dict) and behavior.get("unlisted") == "stateless":
            return Published(document, bounds=self.bounds)
        return None

    @classmethod
    def of_document(cls, name: str, published: Published) -> Place:
        """The place of the provider *name* that is made from a document alone."""
        folder = published.file.parent
        return cls(folder, folder, published, name)


def bundled() -> tuple[Path, Path]:
    """The folders `specs` and `fixtures` that came with the package."""
    package = Path(__file__).parent.parent
    inside = package / "bundled"
    root = inside if inside.is_dir() else package.parent
    return root / "specs", root / "fixtures"


def places(specs: Path, fixtures: Path) -> list[Place]:
    """The providers below *specs*: the folders that hold a `behavior.yaml`.

    A folder that itself holds one is one provider; its fixtures may then stand in a
    folder `fixtures` beside it or inside it.
    """
    if (specs / "behavior.yaml").is_file():
        inside = specs / "fixtures"
        return [Place(specs, inside if inside.is_dir() else fixtures / specs.name)]
    if not specs.is_dir():
        return []
    return [
        Place(
            path,
            path / "fixtures" if (path / "fixtures").is_dir() else fixtures / path.name,
        )
        for path in sorted(specs.iterdir())
        if (path / "behavior.yaml").is_file()
    ]


def gallery() -> dict[str, Place]:
    """The providers that came with the package and are served only when named."""
    folder = bundled()[0] / GALLERY
    return {place.name: place for place in places(folder, folder)}


def find(
    specs: Iterable[Path], fixtures: Path | None = None, named: Collection[str] = ()
) -> dict[str, Place]:
    """The bundled providers, then those below each of *specs*, by name.

    Those of the gallery are among them where they are *named*. A provider of one's own
    takes the place of any other of the same name.
    """
    own_specs, own_fixtures = bundled()
    places_by_name = {place.name: place for place in places(own_specs, own_fixtures)}
    if not places_by_name.keys() >= set(named):
        places_by_name |= {
            name: place for name, place in gallery().items() if name in named
        }
    if fixtures is not None:
        for name, each in places_by_name.items():
            if (fixtures / name).is_dir():  # one for others says nothing of this
                places_by_name[name] = Place(each.spec, fixtures / name)
    for folder in specs:
        for other in beside(folder, fixtures):
            places_by_name[other.name] = other
    return places_by_name


def beside(folder: Path, fixtures: Path | None = None) -> list[Place]:
    """The providers below *folder*, or the one in it, with fixtures near them.

    Those of `a/specs` and of `a/specs/acme` stand in `a/fixtures`.
    """
    folder = Path(os.path.abspath(folder))  # a provider in `.` has a name too
    near = folder.parent / "fixtures"
    outer = folder.parent.parent / "fixtures"
    if (folder / "behavior.yaml").is_file() and (outer / folder.name).is_dir():
        near = outer
    return places(folder, fixtures or near)
