"""Published: reading the files of a document that somebody else has written.

It may be large, and is not written for us. JSON is read as such, whatever the name of
the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from emulator.diagnostics import Location, Report
from emulator.spec.document import Document
from emulator.spec.files import read_file, shown_name


class Bounds(NamedTuple):
    """How large a document may be."""

    bytes: int = 64 * 1024 * 1024
    levels: int = 200


class UnknownInference(ValueError):
    """Something is not to be inferred that never is."""


class Published(NamedTuple):
    """A document that alone says what a provider is."""

    file: Path
    lenient: bool = False
    """What is not sound of it is ignored."""
    bounds: Bounds = Bounds()
    without: tuple[str, ...] = ()
    """What is not to be inferred of it."""

    def read(
        self, path: str | Path, root: Path, report: Report, referrer: Location
    ) -> Document | None:
        """The content of *path*: the document, or another file that it refers to."""
        content = read_file(path, root, report, referrer, most=self.bounds.bytes)
        if content is None:
            return None
        file = shown_name(root / path)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
            from emulator.spec import json_text

            return json_text.parse(content, file, report, self.bounds.levels)
        from emulator.spec import yaml

        return yaml.parse(
            content,
            file,
            report,
            most_bytes=self.bounds.bytes,
            most_levels=self.bounds.levels,
        )
