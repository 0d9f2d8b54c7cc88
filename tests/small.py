"""Small: a provider of a few lines, written down by the test that is about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from front_door import Api

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.world.world import World

ERRORS: dict[str, Any] = {
    "envelopes": {"default": {"error": "${code}"}},
    "values": {"code": "refused"},
    "table": {
        "no_route": {"status": 404},
        "wrong_method": {"status": 405},
        "malformed_query": {"status": 400},
    },
}
BODIES: dict[str, Any] = {
    "malformed_body": {"status": 400},
    "body_too_large": {"status": 413},
    "unsupported_media": {"status": 415},
    "invalid_request": {"status": 422},
}
"""The refusals of an operation that takes a body."""

_programs: dict[tuple[tuple[str, bytes], ...], Program] = {}
"""What was made of the same texts before: it never changes, so tests may share it."""


def small(
    folder: Path,
    paths: Any,
    operations: Any,
    *,
    openapi: Any = None,
    table: Any = None,
    fixtures: Any = None,
    strict: bool = False,
    **behavior: Any,
) -> Api:
    """A provider `small`, as clients see it. Raises `SpecError`."""
    place = folder / "small"
    (place / "fixtures").mkdir(parents=True, exist_ok=True)
    described = {"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}}
    errors = {**ERRORS, "table": {**ERRORS["table"], **(table or {})}}
    if table:
        errors["violations"] = {"rules": {"default": "wrong"}}
    written = {
        "openapi.yaml": {**described, "paths": paths, **(openapi or {})},
        "behavior.yaml": {
            "spec": 1, "provider": "small", "operations": operations, "errors": errors,
            "assumed": ["provider"], **behavior,
        },
        **{f"fixtures/{name}.yaml": one for name, one in (fixtures or {}).items()},
    }  # fmt: skip
    for part in [part for part, tree in behavior.items() if tree is None]:
        del written["behavior.yaml"][part]  # nothing stands there
    texts = {
        name: orjson.dumps(tree, option=orjson.OPT_INDENT_2)
        for name, tree in written.items()
    }
    for name, text in texts.items():
        (place / name).write_bytes(text)
    key = tuple(texts.items())
    # `explain` reads the files again, so the folder of the first test must still be there.
    if key not in _programs or not Path(_programs[key].files[0]).exists():
        _programs[key] = load(Place(place, place / "fixtures"))
    program = _programs[key]
    settings = Settings(strict=strict)
    return Api(program, Dispatcher({"small": program}, World(), settings), "/small")
