"""Console: the replies to a browser that asks for the console's page or its files.

The page is small and always asked for anew. Its files lie in a folder that is named for
what they contain, so that a browser keeps them until they change. The addresses in them
are relative: they hold behind any prefix of a proxy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from emulator.exchange.call import Reply

_STATIC = Path(__file__).parent / "static"
_PAGE = "index.html"
_FOLDER = "console/"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # No text becomes markup, not even by a mistake of ours.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_SAFE = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)


class File(NamedTuple):
    """A file as it is sent."""

    media_type: str
    body: bytes


class Console:
    """The page and its files, read when the first browser asks."""

    def find(self, path: str) -> str | None:
        """Which of the console's addresses *path* is, which stands below /_emulator;
        None: none of them."""
        if path in ("", "/"):
            return path
        name = path.removeprefix("/")
        return name if name.startswith(_FOLDER) else None

    def reply(self, name: str, headers: Mapping[bytes, str]) -> Reply | None:
        """The reply to a request for the file *name*; None: there is no such file."""
        if not name:
            return redirect("_emulator/")
        if name == "/":
            return self._page(headers.get(b"if-none-match", ""))
        folder, _, below = name.removeprefix(_FOLDER).partition("/")
        file = self._files.get(below) if below != _PAGE else None
        if file is None:
            return None
        kept = "public, max-age=31536000, immutable"
        return _sent(file, kept if folder == self.digest else "no-cache")

    @cached_property
    def digest(self) -> str:
        """What tells the files of one version from those of another."""
        digest = hashlib.sha256()
        for name, file in sorted(self._files.items()):
            digest.update(f"{name}\0{len(file.body)}\0".encode())
            digest.update(file.body)
        return digest.hexdigest()[:16]

    def _page(self, seen: str) -> Reply:
        tag = f'"{self.digest}"'
        headers = [("ETag", tag), ("Cache-Control", "no-cache"), *_SAFE]
        if tag in seen:
            return Reply(status=304, headers=headers)
        media_type, text = self._files[_PAGE]
        body = text.replace(b"{{files}}", f"{_FOLDER}{self.digest}".encode())
        return Reply(headers=[("Content-Type", media_type), *headers], body=body)

    @cached_property
    def _files(self) -> Mapping[str, File]:
        return {
            path.relative_to(_STATIC).as_posix(): File(_TYPES[kind], path.read_bytes())
            for path in _STATIC.rglob("*.*")
            if (kind := path.suffix[1:]) in _TYPES
        }


def redirect(target: str) -> Reply:
    """Another address, as seen from this one."""
    headers = [("Location", target), ("Cache-Control", "no-store")]
    return Reply(status=303, headers=headers)


def wants_page(method: str, accept: str) -> bool:
    """Whether it is a person's browser that asks, and no program."""
    return method in ("GET", "HEAD") and "text/html" in accept.lower()


def _sent(file: File, kept: str) -> Reply:
    headers = [("Content-Type", file.media_type), ("Cache-Control", kept), *_SAFE]
    return Reply(headers=headers, body=file.body)
