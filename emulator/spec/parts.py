"""Parts: how the parts of an OpenAPI document are looked up, and which nothing comes of."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.diagnostics import Diagnostic, Report
from emulator.spec.document import kind_of
from emulator.spec.references import Key, Node, References, mapping

_WITHOUT_EFFECT = {
    "callbacks": (
        "who is told of what, and how it is signed, is said by `webhooks` of behavior.yaml",
        "describe the events there",
    ),
    "webhooks": (
        "who is told of what, and how it is signed, is said by `webhooks` of behavior.yaml",
        "describe the events there",
    ),
    "encoding": (
        "parts of a form are read by the types of their schemas",
        "say the types of the members in the schema",
    ),
    "content": (
        "a parameter with a `content` is read as JSON, or as the text that it is",
        "describe it with a `schema`, or with the content `application/json`",
    ),
    "querystring": (
        "a query is read as a form, and its members are checked one by one",
        "describe it as a form, by `properties` and `required` alone",
    ),
    "itemSchema": (
        "items are told apart in JSON lines, JSON sequences and event streams alone",
        "describe the whole body with a `schema`",
    ),
    "explode": (
        "an object in a cookie is read from one cookie, as `name,value,name,value`",
        "write `explode: false` there, or describe each member as a cookie",
    ),
    "variables": (
        "without an `enum`, calls are routed by the `default` of a variable alone",
        "list the values that clients use under `enum`",
    ),
    "servers": (
        "all operations are reached below the paths of the document's own servers",
        "add the server to the `servers` of the document, or write its path into `paths`",
    ),
}
"""What is read and without effect: the reason, and what to do instead."""


class Parts:
    """Looks up parts, and reports those that are not what they have to be."""

    def __init__(self, references: References, report: Report) -> None:
        self._references = references
        self.report = report
        self._ignored: dict[str, dict[Key, Node]] = {}

    def part(
        self, parent: Node, key: str, what: str, *, required: bool = False
    ) -> Node | None:
        """The mapping under *key*, if it is there and one."""
        if key in parent.value:
            node = parent.child(key)
            mapping(node, what, self.report)
            return node if isinstance(node.value, dict) else None
        if required:
            self.refuse(parent, f"{what!r} is missing", f"add `{key}:`")
        return None

    def entries(self, part: Node | None, what: str) -> Iterator[tuple[str, Node]]:
        if part is None:
            return
        for key in part.value:
            if not key.startswith("x-") or what in ("a header", "a schema"):
                yield key, part.child(key)

    def items(self, parent: Node, key: str) -> Iterator[Node]:
        if key not in parent.value:
            return
        node = parent.child(key)
        if not isinstance(node.value, list):
            what = f"{key!r} is {kind_of(node.value)}, not a list"
            self.refuse(node, what, "begin each item with `- `")
            return
        for index in range(len(node.value)):
            yield node.child(index)

    def resolve(self, node: Node, what: str) -> Node | None:
        """The mapping that *node* stands for."""
        target = self._references.resolve(node)
        if target is None:
            return None
        mapping(target, what, self.report)
        return target if isinstance(target.value, dict) else None

    def refuse(self, node: Node, what: str, fix: str = "", key: bool = False) -> None:
        diagnostic = node.diagnostic("openapi-structure", what, "", fix, key=key)
        self.report.add(diagnostic)

    def note(self, parent: Node, key: str) -> None:
        """Remember that *key* stands here, and that nothing comes of it."""
        if parent.value.get(key):
            self.ignore(key, parent.child(key))

    def ignore(self, key: str, *nodes: Node) -> None:
        """Remember that nothing comes of *nodes*, which are called *key*."""
        self._ignored.setdefault(key, {}).update((node.key, node) for node in nodes)

    def ignored(self) -> dict[str, Diagnostic]:
        """A warning of each key that nothing comes of, as far as all has been read."""
        return {
            key: _ignored(key, [*nodes.values()])
            for key, nodes in self._ignored.items()
        }


def _ignored(key: str, nodes: list[Node]) -> Diagnostic:
    """One warning of everything that is called *key* and has no effect."""
    more = len(nodes) - 1
    places = "place" if more == 1 else "places"
    found = f", here and in {more} more {places}" if more else ""
    what = f"nothing comes of {key!r}{found}"
    code, (why, fix) = "openapi-ignored", _WITHOUT_EFFECT[key]
    return nodes[0].diagnostic(code, what, why, fix, key=True, severity="warning")
