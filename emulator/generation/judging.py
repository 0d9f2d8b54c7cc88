"""Judging: whether a value is one of some schemas, which are compiled once.

The schemas of a document lead to the same definitions over and over: a published document
of five hundred operations would have them compiled thousands of times. So all generators
share what was compiled lately.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from threading import Lock

from emulator.generation.flattening import Flattening
from emulator.json_type import Json
from emulator.program.schemas import Schema

_MOST = 600
"""So many definitions are held as they were compiled: 70 MB of a large document."""


class Judge:
    """Judges values by schemas whose references lead into *definitions*."""

    def __init__(self, definitions: Mapping[str, Json], flattening: Flattening) -> None:
        self._definitions = definitions
        self._flattening = flattening
        self._digests: dict[str, bytes] = {}
        """Of the definitions, by name."""
        self._keys: dict[tuple[int, ...], tuple[tuple[Json, ...], bytes]] = {}

    def fits(self, schemas: tuple[Json, ...], value: Json) -> bool:
        """Whether *value* is one of all *schemas*.

        Raises `jsonschema_rs.ValidationError` where one of them is no schema.
        """
        places = tuple(map(id, schemas))
        known = self._keys.get(places)
        if known is None:
            # What is asked for by its place in memory is held, so that it stays there.
            known = self._keys[places] = (schemas, self._key(schemas))
        compiled = _COMPILED.get(known[1])
        if compiled is None:
            compiled = self._compiled(schemas, known[1])
        return compiled.is_valid(value)

    def _key(self, schemas: tuple[Json, ...]) -> bytes:
        """What is the same for the same schemas with the same definitions alone."""
        key = blake2b(repr(schemas).encode(errors="surrogatepass"), digest_size=16)
        for name in sorted(self._flattening.reached(schemas)):
            if name not in self._digests:
                text = repr((name, self._definitions[name]))
                self._digests[name] = _digest(text)
            key.update(self._digests[name])
        return key.digest()

    def _compiled(self, schemas: tuple[Json, ...], key: bytes) -> Schema:
        whole: dict[str, Json] = {"allOf": [*schemas]}
        needed = self._flattening.reached(schemas)
        if needed:
            whole["$defs"] = {name: self._definitions[name] for name in needed}
        compiled = Schema(whole)
        _COMPILED.add(key, compiled, 1 + len(needed))
        return compiled


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


class _Compiled:
    """The schemas that were used last, as many as have *most* definitions together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[bytes, tuple[Schema, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: bytes) -> Schema | None:
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def add(self, key: bytes, compiled: Schema, weight: int) -> None:
        with self._lock:
            if key in self._held:
                return
            self._held[key] = compiled, weight
            self._weight += weight
            while self._weight > self._most and len(self._held) > 1:
                _, (_, lighter) = self._held.popitem(last=False)
                self._weight -= lighter


_COMPILED = _Compiled(_MOST)
