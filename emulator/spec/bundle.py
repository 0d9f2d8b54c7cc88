"""Bundle: an OpenAPI document of several files as one that stands alone.

The further files go under `components.x-files`, each under its name, and what refers to
them refers there:

    {"$ref": "parts.yaml#/Job"}  ->  {"$ref": "#/components/x-files/parts.yaml/Job"}
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import quote

from emulator.http.pointer import pointer_to
from emulator.json_type import Json
from emulator.spec.document import Document
from emulator.spec.references import Node, References

KEY = "x-files"


def bundled(root: Node, references: References) -> dict[str, Json]:
    """The document at *root* with all that it refers to in other files."""
    whole: dict[str, Json] = root.value
    if not references.opens_others(root.document):
        return whole
    names: dict[str, str] = {root.document.file: ""}
    waiting: list[Document] = []

    def place_of(document: Document) -> str:
        """The pointer at which *document* stands in the whole."""
        if document.file not in names:
            taken = set(names.values())
            name = PurePosixPath(document.file).name
            while f"/components/{KEY}/{name}" in taken:
                name = f"_{name}"
            names[document.file] = f"/components/{KEY}/{name}"
            waiting.append(document)
        return names[document.file]

    def pointer(node: Node) -> str | None:
        target = references.follow(node)
        if target is None:
            return None
        where = place_of(target.document) + pointer_to(target.pointer)
        return "#" + quote(where, safe="/~!$&'()*+,;=:@-._")

    whole = _rewritten(root, pointer)
    files: dict[str, Json] = {}
    while waiting:
        document = waiting.pop()
        name = names[document.file].rpartition("/")[2]
        files[name] = _rewritten(Node(document, (), document.data), pointer)
    return {**whole, "components": {**whole.get("components", {}), KEY: files}}


def _rewritten(node: Node, pointer: Callable[[Node], str | None]) -> Json:
    """The value of *node* with the references that *pointer* gives."""
    if isinstance(node.value, list):
        return [_rewritten(node.child(at), pointer) for at in range(len(node.value))]
    if not isinstance(node.value, dict):
        return node.value
    made = {key: _rewritten(node.child(key), pointer) for key in node.value}
    if node.reference is not None:
        made["$ref"] = pointer(node) or node.reference
    return made
