"""Facts: what a spec says, beside a part of it, of how well that is known.

    rate_limits:
      - {quota: 60, window: 1m, starts: clock, assumed: [starts], otherwise: {starts: first_call}}

`assumed`, `source`, `sources` and `otherwise` may stand in every mapping that has keys of
its own. They are taken out of it and gathered under `evidence`, by their whole paths, so
that nothing that compiles a part has to know of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from emulator.compile.dotted import first_name, pointer_of
from emulator.diagnostics import Report
from emulator.json_type import Json
from emulator.spec.document import Document, Place, Pointer, kind_of
from emulator.spec.keywords import FACT, FACTS, TEMPLATE, Keywords, Part

MOVED = ("from", "assumed", "otherwise")
"""The keys of `evidence` that are gathered; before version 1, authors wrote them."""


def gather(document: Document, keywords: Keywords, report: Report) -> Document:
    """*document* without its facts, which stand under `evidence` instead."""
    data = document.data
    if not isinstance(data, dict):
        return document
    _report_moved(document, report)
    gathered = _Gathered(document, report)
    for part in keywords.parts(data):
        if part.kind == FACT:
            gathered.add(part)
        elif part.kind == TEMPLATE:
            _report_sent(document, part, report)
    return gathered.document()


def otherwise(document: Document, paths: Iterable[str], report: Report) -> Document:
    """*document* with the alternatives at *paths*; each that it lacks is reported."""
    evidence = document.data.get("evidence")
    known = evidence.get("otherwise", {}) if isinstance(evidence, dict) else {}
    data = document.data
    for path in paths:
        if path not in known:
            report.add(
                document.diagnostic(
                    (),
                    "unknown-alternative",
                    f"nothing is said to be otherwise at {path!r}",
                    f"alternatives are {', '.join(known) or 'none'}",
                    "name one of them",
                )
            )
            continue
        data = _with(data, pointer_of(data, path), known[path])
        data = {**data, "evidence": _after(data["evidence"], path, known[path])}
    return _placed(document, data, {})


def _after(evidence: Mapping[str, Json], path: str, alternative: Json) -> Json:
    """*evidence* once *alternative* stands at *path*: nothing is known of what is gone."""
    rest = {name: at for name, at in evidence["otherwise"].items() if name != path}
    if alternative is not None:
        return {**evidence, "otherwise": rest}

    def left(paths: list[str]) -> list[str]:
        return [each for each in paths if not f"{each}.".startswith(f"{path}.")]

    return {
        **evidence,
        "otherwise": rest,
        "assumed": left(evidence["assumed"]),
        "from": {source: left(paths) for source, paths in evidence["from"].items()},
    }


class _Gathered:
    """The facts of one file, by their whole paths."""

    def __init__(self, document: Document, report: Report) -> None:
        self._document, self._report = document, report
        self._taken: set[Pointer] = set()
        self._paths: dict[str, dict[str, Pointer]] = {}
        self._alternatives: dict[str, tuple[Json, Pointer]] = {}

    def add(self, part: Part) -> None:
        self._taken.add(part.pointer)
        *above, key = part.pointer
        if not self._has_shape(part):
            return
        value, here = part.value, part.pointer
        if key == "source" or value is True:
            self._note_all(str(value if key == "source" else key), above, here)
        elif key == "assumed":
            for at, path in enumerate(value):
                self._note("assumed", above, path, (*here, at))
        elif key == "sources":
            for name, paths in value.items():
                for at, path in enumerate(paths):
                    self._note(name, above, path, (*here, name, at))
        else:
            for path, alternative in value.items():
                whole = ".".join([*map(str, above), path])
                self._alternatives[whole] = alternative, (*here, path)

    def document(self) -> Document:
        if not self._taken:
            return self._document
        data = _without(self._document.data, (), self._taken)
        evidence = data.get("evidence") or {}
        if not isinstance(evidence, dict):  # which is reported
            return _placed(self._document, data, {})
        places: dict[Pointer, Pointer] = {}
        listed = {name: [*paths] for name, paths in _listed_in_one(evidence)}
        for name in (*self._paths, "assumed"):
            listed.setdefault(name, [])
        for name, paths in self._paths.items():
            where = ("assumed",) if name == "assumed" else ("from", name)
            for path, pointer in paths.items():
                if isinstance(pointer[-1], int):
                    places.setdefault(("evidence", *where), pointer[:-1])
                places.setdefault(("evidence", *where), pointer)
                places["evidence", *where, len(listed[name])] = pointer
                listed[name].append(path)
        others = evidence.get("otherwise")
        alternatives = dict(others) if isinstance(others, dict) else {}
        for path, (alternative, pointer) in self._alternatives.items():
            alternatives[path] = alternative
            places["evidence", "otherwise", path] = pointer
        gathered = {
            "assumed": listed.pop("assumed"),
            "from": listed,
            "otherwise": alternatives,
        }
        data = {**data, "evidence": {**evidence, **gathered}}
        return _placed(self._document, data, places)

    def _note_all(self, source: str, above: list[str | int], here: Pointer) -> None:
        """Note of all keys of the mapping *above* that they come from there."""
        if above:
            self._note(source, above, "", here)
            return
        for key in self._document.data:
            if key not in (*FACTS, "evidence"):
                self._note(source, [], key, here)

    def _note(
        self, source: str, above: list[str | int], path: str, here: Pointer
    ) -> None:
        whole = ".".join([*map(str, above), *([path] if path else [])])
        self._paths.setdefault(source, {})[whole] = here

    def _has_shape(self, part: Part) -> bool:
        wanted = _SHAPES[str(part.pointer[-1])]
        value = part.value
        fits = {
            "source": isinstance(value, str),
            "assumed": value is True or _is_names(value),
            "sources": isinstance(value, dict) and all(map(_is_names, value.values())),
            "otherwise": isinstance(value, dict),
        }[str(part.pointer[-1])]
        if not fits:
            where = ".".join(map(str, part.pointer))
            self._report.add(
                self._document.diagnostic(
                    part.pointer,
                    "wrong-type",
                    f"{where} is {kind_of(value)}",
                    "it says what is known of the keys beside it",
                    f"write {wanted}",
                )
            )
        return fits


_SHAPES = {
    "source": "the name of a source",
    "assumed": "a list of keys, or true for all",
    "sources": "a mapping of sources to lists of keys",
    "otherwise": "a mapping of keys to other values",
}


def _listed_in_one(evidence: Mapping[str, Json]) -> Iterator[tuple[str, list[str]]]:
    """The paths of each source, where they are listed as before version 1."""
    sources = evidence.get("from")
    for name, paths in sources.items() if isinstance(sources, dict) else ():
        if _is_names(paths):
            yield name, paths
    if _is_names(evidence.get("assumed")):
        yield "assumed", evidence["assumed"]


def _is_names(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _report_sent(document: Document, part: Part, report: Report) -> None:
    """Report facts that stand where every key is a name of the author's.

    They would be sent, or stored: such a mapping may have a member of that name.
    """
    evidence = document.data.get("evidence")
    sources = (evidence.get("sources") if isinstance(evidence, dict) else None) or {}
    waiting: list[tuple[Pointer, Json]] = [(part.pointer, part.value)]
    while waiting:
        pointer, value = waiting.pop()
        beside = _at(document.data, pointer[:-1])
        if pointer[-1] in FACTS and _is_fact(str(pointer[-1]), value, beside, sources):
            report.add(
                document.diagnostic(
                    pointer,
                    "misplaced-fact",
                    f"{pointer[-1]!r} is a member here like any other",
                    "what stands here are names of the provider's, so it would be sent or"
                    " stored; what is known of them is said further out",
                    "write it beside the key that this stands below, with whole paths; or"
                    " as an expression if it is to be sent",
                    key=True,
                )
            )
        elif isinstance(value, dict):
            waiting += [((*pointer, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*pointer, at), inner) for at, inner in enumerate(value)]


def _is_fact(key: str, value: Json, beside: Json, sources: Mapping[str, Json]) -> bool:
    """Whether *value* tells of the keys *beside* it, and is no value of a member."""

    def is_key(path: Json) -> bool:
        others = {*beside} - {key}
        return isinstance(path, str) and first_name(path, others)[0] in others

    if not isinstance(beside, dict):
        return False
    if key == "assumed":
        names = _is_names(value) and "${" not in "".join(value)
        return value is True or is_key(value) or names
    if key == "source":
        return isinstance(value, str) and value in sources
    if not isinstance(value, dict) or not value:
        return False
    return {*value} <= {*sources} if key == "sources" else all(map(is_key, value))


def _at(data: Json, pointer: Pointer) -> Json:
    for name in pointer:
        data = data[name]
    return data


def _report_moved(document: Document, report: Report) -> None:
    """Report evidence in one place for all, as it was written before version 1."""
    evidence = document.data.get("evidence")
    for key in MOVED if isinstance(evidence, dict) else ():
        if key in evidence:
            report.add(
                document.diagnostic(
                    ("evidence", key),
                    "moved-evidence",
                    f"evidence.{key} lists paths",
                    "since version 1, what is known of a fact stands beside the fact",
                    "write `assumed: [...]` or `sources: {...}` into the mapping that it"
                    " is about, or run `emulator check --fix`",
                    key=True,
                )
            )


def _without(value: Json, pointer: Pointer, taken: set[Pointer]) -> Json:
    if isinstance(value, dict):
        return {
            key: _without(inner, (*pointer, key), taken)
            for key, inner in value.items()
            if (*pointer, key) not in taken
        }
    if isinstance(value, list):
        return [_without(item, (*pointer, at), taken) for at, item in enumerate(value)]
    return value


def _with(value: Json, path: Pointer, alternative: Json) -> Json:
    """*value* with *alternative* at *path*; without what is there, if it is null."""
    name, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(name, int):
        inner = _with(value[name], rest, alternative) if rest else alternative
        return [inner if at == name else item for at, item in enumerate(value)]
    whole = value if isinstance(value, dict) else {}
    if not rest and alternative is None:
        return {key: inner for key, inner in whole.items() if key != name}
    inner = _with(whole.get(name), rest, alternative) if rest else alternative
    return {**whole, name: inner}


def _placed(
    document: Document, data: Json, places: Mapping[Pointer, Pointer]
) -> Document:
    """A document of *data*; what *places* names stood elsewhere in *document*."""
    positions: dict[Pointer, Place] = {}
    keys: dict[Pointer, Place] = {}

    def walk(value: Json, pointer: Pointer) -> None:
        there = places.get(pointer, pointer)
        positions[pointer] = _place(document, there, key=False)
        if isinstance(value, dict):
            for key, inner in value.items():
                below = (*pointer, key)
                keys[below] = _place(document, places.get(below, below), key=True)
                walk(inner, below)
        elif isinstance(value, list):
            for at, item in enumerate(value):
                walk(item, (*pointer, at))

    walk(data, ())
    return Document(document.file, data, document.lines, positions, keys)


def _place(document: Document, pointer: Pointer, *, key: bool) -> Place:
    at = document.locate(pointer, key=key)
    return at.line, at.column
