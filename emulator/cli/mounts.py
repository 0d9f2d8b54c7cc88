"""Mounts: folders that are used where somebody has put something into them.

An image has them from the start, empty: what is mounted there needs no setting.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emulator.settings import Settings

_DOCUMENTS = (".yaml", ".yml", ".json")


def with_mounts(settings: Settings) -> Settings:
    """*settings* with what is in `specs` and `fixtures` below its `mounts`.

    A folder in `specs` is a provider; a file beside it is an OpenAPI document. What the
    settings name comes first.
    """
    if not settings.mounts:
        return settings
    root = Path(settings.mounts)
    specs, openapi, fixtures = settings.specs, settings.openapi, settings.fixtures
    inside = _entries(root / "specs")
    documents = [path for path in inside if _is_document(path)]
    if len(inside) > len(documents):
        specs = (*specs, str(root / "specs"))
    openapi = (*openapi, *map(str, documents))
    if not fixtures and _entries(root / "fixtures"):
        fixtures = str(root / "fixtures")
    return replace(settings, specs=specs, openapi=openapi, fixtures=fixtures)


def _entries(folder: Path) -> list[Path]:
    """What is in *folder*, but for what volumes bring along by themselves."""
    try:
        inside = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:  # whoever reads it says why it cannot be read
        return [folder]
    return [
        path for path in inside if path.name[0] != "." and path.name != "lost+found"
    ]


def _is_document(path: Path) -> bool:
    return path.suffix.lower() in _DOCUMENTS and path.is_file()
