"""Events: the callbacks and webhooks that a document describes."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.http import runtime
from emulator.spec.contents import Contents
from emulator.spec.description import EventDoc
from emulator.spec.parts import Parts
from emulator.spec.references import Node, mapping

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Events:
    """Reads what is sent, and where to."""

    def __init__(self, parts: Parts, contents: Contents) -> None:
        self._parts = parts
        self._contents = contents

    def webhooks(self, root: Node) -> Iterator[tuple[str, Node]]:
        """The webhooks that are sent by POST."""
        part = self._parts.part(root, "webhooks", "webhooks")
        for name, entry in self._parts.entries(part, "a webhook"):
            item = self._parts.resolve(entry, "a webhook")
            if item is not None and "post" in item.value:
                yield name, item.child("post")

    def webhook(self, node: Node) -> EventDoc:
        return self._event(str(node.pointer[-2]), "", node)

    def callbacks(self, operation: Node) -> Iterator[EventDoc]:
        part = self._parts.part(operation, "callbacks", "callbacks")
        for name, entry in self._parts.entries(part, "a callback"):
            node = self._parts.resolve(entry, "a callback")
            for address, inner in self._parts.entries(node, "a callback"):
                if not runtime.is_address(address):
                    what = f"{address!r} is no address with runtime expressions"
                    fix = "write one such as '{$request.body#/callback_url}'"
                    self._parts.refuse(inner, what, fix, True)
                    continue
                item = self._parts.resolve(inner, "a callback")
                for method in _METHODS if item is not None else ():
                    if item is not None and method in item.value:
                        yield self._event(name, address, item.child(method))

    def _event(self, name: str, address: str, node: Node) -> EventDoc:
        mapping(node, "an operation", self._parts.report)
        is_one = isinstance(node.value, dict)
        body = self._contents.body(node) if is_one else None
        sent = None
        if body is not None:
            sent = self._parts.resolve(node.child("requestBody"), "requestBody")
        return EventDoc(
            name=name,
            address=address,
            method=str(node.pointer[-1]).upper(),
            content=body.content if body is not None else {},
            examples=dict(self._contents.examples(sent)) if sent is not None else {},
            pointer=node.pointer,
            document=node.document,
        )
