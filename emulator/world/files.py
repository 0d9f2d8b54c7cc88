"""Files: the contents that records of a world have, by what they are; bounded.

A content is kept once, however many records have it. The records say which are needed:
what none of them has any more makes room when there is no other.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable

from emulator.json_type import Json

MOST = 33_554_432
"""Bytes of one world."""


class FilesFull(Exception):
    """A world has no room for another file."""


class Files:
    """The contents of one world's files, by provider and digest."""

    __slots__ = ("_contents", "most", "taken")

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.taken = 0
        """How many bytes there are."""
        self._contents: dict[tuple[str, str], bytes] = {}

    def __len__(self) -> int:
        return len(self._contents)

    def get(self, provider: str, digest: str) -> bytes | None:
        return self._contents.get((provider, digest))

    def add(
        self, provider: str, content: bytes, needed: Callable[[], Iterable[str]]
    ) -> str:
        """Keep *content*; gives its digest. *needed* are those that records have.

        Raises `FilesFull`.
        """
        digest = hashlib.sha256(content).hexdigest()
        if (provider, digest) in self._contents:
            return digest
        if self.taken + len(content) > self.most:
            self.keep_only(provider, needed())
        if self.taken + len(content) > self.most:
            raise FilesFull(f"a world keeps {self.most} bytes of files")
        self._contents[provider, digest] = content
        self.taken += len(content)
        return digest

    def keep_only(self, provider: str, digests: Iterable[str]) -> None:
        """Give back what no record of *provider* has any more."""
        needed = {*digests}
        self._contents = {
            name: content
            for name, content in self._contents.items()
            if name[0] != provider or name[1] in needed
        }
        self.taken = sum(map(len, self._contents.values()))

    def copy(self) -> Files:
        """The same files, of which no byte is copied."""
        twin = Files(self.most)
        twin._contents, twin.taken = dict(self._contents), self.taken
        return twin

    def dump(self) -> Json:
        return [
            [provider, b64encode(content).decode()]
            for (provider, _), content in self._contents.items()
        ]

    @classmethod
    def load(cls, dumped: Json) -> Files:
        """The files that were dumped. Raises `ValueError`."""
        made = cls()
        for provider, text in dumped:
            try:
                made.add(provider, b64decode(text, validate=True), tuple)
            except FilesFull as error:
                raise ValueError(str(error)) from None
        return made
