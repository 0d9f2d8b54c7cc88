"""Example: a call of a provider that should work, to show to people.

It is text and JSON alone, so that it can be remembered with what the files say.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from emulator.http.pointer import steps
from emulator.json_type import Json
from emulator.program.credentials import credentials
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.remembered import Example, RememberedProgram


def example(program: Program) -> Example | None:
    """A call that should work: a GET that needs nothing but a credential.

    Where there is none it is the first call with a body of which the OpenAPI document
    has an example. The credential is the one called `full`, which can do everything; it is
    shown alone where no call can be. Raises `ExpressionFailed`.
    """
    if isinstance(program, RememberedProgram):
        return program.example
    active = [
        credential
        for credential in credentials(program)
        if credential["state"] == "active"
        # A token is good for some time, and this is remembered for longer.
        and program.schemes[credential["scheme"]].jwt is None
        # Nor can a line to paste be signed.
        and not credential.get("needs_proof")
    ]
    active.sort(key=lambda credential: credential["name"] != "full")
    whole = [
        operation
        for operation in program.operations.values()
        if not operation.parameter_names
        and "#" not in operation.path
        # Nor a parameter that must be given, and would have to be guessed.
        and not operation.parameters.needed
        and (active or not operation.security)
    ]
    whole.sort(key=lambda operation: operation.open or not operation.security)
    reads = ((operation, None) for operation in whole if operation.method == "GET")
    writes = ((operation, written_example(program, operation)) for operation in whole)
    described = (found for found in writes if found[1] is not None)
    bare = ((operation, None) for operation in whole if operation.body is not None)
    for one, body in chain(reads, described, bare):
        caller = active[0] if one.security else None
        inside = (caller or {}).get("body")
        if inside and one.body is not None:
            form = one.body.schema("application/json") is None
            return Example(
                one.method, one.path, caller, {**(body or {}), **inside}, form
            )
        if not inside and (body is not None or one.method == "GET"):
            return Example(one.method, one.path, caller, body)
    return Example("", "", active[0]) if active else None


def written_example(program: Program, operation: Operation) -> Json:
    """The first example of a JSON body that the OpenAPI document has for *operation*."""
    document = program.openapi
    paths = document.get("paths", {})
    described = _resolved(document, paths.get(operation.path, {}))
    method = described.get(operation.method.lower(), {})
    body = _resolved(document, method.get("requestBody", {}))
    media = body.get("content", {}).get("application/json", {})
    if "example" in media:
        return media["example"]
    for written in media.get("examples", {}).values():
        return _resolved(document, written).get("value")
    return None


def _resolved(document: Mapping[str, Json], node: Json) -> Json:
    """What *node* says, or what it refers to in the same document."""
    reference = node.get("$ref", "")
    if not reference.startswith("#/"):
        return node
    found: Json = document
    for step in steps(reference[1:]):
        found = found.get(step, {})
    return found
