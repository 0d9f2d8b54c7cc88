"""Published: reading the files of a document that somebody else has written.

It may be large, and is not written for us. JSON is read as such, whatever the name of
the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.document import Document
from emulator.spec.files import read_file, shown_name


class Bounds(NamedTuple):
    """How large a document may be."""

    bytes: int = 64 * 1024 * 1024
    levels: int = 200


class UnknownInference(ValueError):
    """Something is not to be inferred that never is."""


_LENIENT = "ignore what is wrong with --lenient"
MOST = 500
"""So much is told of one document."""
_UNUSUAL = frozenset(
    {
        "json-duplicate-key",
        "openapi-duplicate-operation-id",
        "openapi-duplicate-route",
        "openapi-path-parameter",
        "openapi-pattern",
        "openapi-schema",
        "openapi-security-scheme",
        "openapi-structure",
    }
)
"""What is wrong with many documents that are in use, and of no harm to the rest of them."""


class Softened(Report):
    """Passes on what is wrong with a document that its users cannot mend.

    What leaves no doubt what is meant is a warning; where the document is read in a
    *lenient* way, all is, and whatever is wrong is ignored. Otherwise each mistake tells
    of that way.
    """

    def __init__(self, report: Report, *, lenient: bool) -> None:
        super().__init__()
        self._report = report
        self._lenient = lenient
        self.unsound = 0
        """How many parts of the document are not sound, and ignored or read as they may be."""

    def add(self, diagnostic: Diagnostic) -> None:
        if diagnostic.code == "openapi-operation-id":
            return
        known = (diagnostic.at, diagnostic.code, diagnostic.what)
        if known in self._known:
            return
        self._known.add(known)
        self.unsound += 1
        if self._lenient and diagnostic.severity == "error":
            at, code, what = diagnostic[:3]
            says = f"{what}: this part is ignored"
            diagnostic = Diagnostic(at, code, says, severity="warning")
        elif diagnostic.code in _UNUSUAL:
            diagnostic = diagnostic._replace(severity="warning")
        elif diagnostic.severity == "error":
            fix = "; or ".join(filter(None, [diagnostic.fix, _LENIENT]))
            diagnostic = diagnostic._replace(fix=fix)
        if len(self._report.diagnostics) < MOST:
            self._report.add(diagnostic)

    @property
    def failed(self) -> bool:
        return self._report.failed


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
        content = read_file(
            path,
            root,
            report,
            referrer,
            most=self.bounds.bytes,
            too_large="allow more with --openapi-bytes",
        )
        if content is None:
            return None
        file = shown_name(root / path)
        beginning = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if beginning in (b"<", b""):
            report.add(_no_document(file, is_empty=not beginning))
            return None
        if b"\0" in content[:4]:
            report.add(_in_utf_16(file))
            return None
        if beginning == b"{":
            from emulator.spec import json_text

            return json_text.parse(content, file, report, self.bounds.levels)
        from emulator.spec import yaml

        return yaml.parse(
            content,
            file,
            report,
            most_bytes=self.bounds.bytes,
            most_levels=self.bounds.levels,
            foreign=True,
        )


def _in_utf_16(file: str) -> Diagnostic:
    """What is said of a text of which every second byte is a zero."""
    return Diagnostic(
        Location(file),
        "yaml-encoding",
        "the file is not UTF-8",
        "it looks like UTF-16",
        "save the file as UTF-8",
    )


def _no_document(file: str, *, is_empty: bool) -> Diagnostic:
    """What is said of a file that was meant to be a document, and is another thing."""
    return Diagnostic(
        Location(file),
        "openapi-structure",
        "the file is empty"
        if is_empty
        else "this is a web page or XML, and not an OpenAPI document",
        "a document is JSON or YAML that begins with `openapi` or `swagger`",
        "download the document itself: pages that show one name its address, such as"
        " openapi.json",
    )
