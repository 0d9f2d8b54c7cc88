"""What the bundled specs show as examples asks for nothing that they do not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from atlas import ask, board_of

from emulator.compile.places import bundled, places
from emulator.program.operation import Operation
from emulator.program.program import Program

NAMES = [place.name for place in places(*bundled())]


def examples_of(node: Any) -> Iterator[Any]:
    """The values under `example` and `examples` of a parameter or a media type."""
    if "example" in node:
        yield node["example"]
    for example in (node.get("examples") or {}).values():
        if "value" in example:
            yield example["value"]


def resolved(document: Any, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def calls(program: Program, operation: Operation) -> Iterator[tuple[str, Any]]:
    """An address with every query parameter, and each body that is an example."""
    document = program.openapi
    written = document["paths"][operation.path]
    method = written[operation.method.lower()]
    path = operation.path
    for name in operation.parameter_names:
        path = path.replace(f"{{{name}}}", "1")
    query = dict.fromkeys(operation.parameters.query, "1")
    target = f"/{program.name}{program.base_path}{path}?{urlencode(query)}"
    yield target, None
    body = resolved(document, method.get("requestBody", {}))
    media = body.get("content", {}).get("application/json", {})
    for value in examples_of(resolved(document, media)):
        yield target, resolved(document, value)


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_known(programs: dict[str, Program], name: str) -> None:
    """Strict about its own examples, a spec has nothing to say."""
    program = programs[name]
    board = board_of(program, strict=True)
    replies = [
        (operation.id, reply.body)
        for operation in program.operations.values()
        for target, body in calls(program, operation)
        if (reply := ask(board, operation.method, target, body, {})).status == 501
    ]

    assert len(list(board.world.journal)) >= len(program.operations)
    assert replies == []
