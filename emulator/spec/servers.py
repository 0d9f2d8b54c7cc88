"""Servers: below which paths a document's operations are reached."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator

from emulator.spec.parts import Parts
from emulator.spec.references import Node, mapping

_MOST_SERVERS = 100
_VARIABLE = re.compile(r"\{([^{}]*)\}")


class Servers:
    """The servers of the document whose *root* this is."""

    def __init__(self, root: Node, parts: Parts) -> None:
        self._root = root
        self._parts = parts
        self.of_parts: list[Node] = []
        """Those of single paths and operations."""

    def urls(self) -> Iterator[str]:
        for node in self._parts.items(self._root, "servers"):
            server = mapping(node, "a server", self._parts.report)
            url = server.get("url")
            if not isinstance(url, str):
                self._parts.refuse(node, "a server has no url", "write `url: ...`")
                continue
            variables = server.get("variables")
            for name in _VARIABLE.findall(url):
                known = variables if isinstance(variables, dict) else {}
                variable = known.get(name)
                if not isinstance(variable, dict) or "default" not in variable:
                    what = f"the server variable {name!r} has no default"
                    fix = f"write `variables: {{{name}: {{default: ...}}}}`"
                    self._parts.refuse(node.child("url"), what, fix)
                    continue
                url = url.replace(f"{{{name}}}", str(variable["default"]))
            yield url

    def further_paths(self, base_path: str) -> tuple[str, ...]:
        """The paths of all servers, for all values of their variables, but *base_path*."""
        paths = {base_path: None}
        for server in self._parts.items(self._root, "servers"):
            for url, _ in self.filled(server):
                paths[path_of(url)] = None
            if len(paths) > _MOST_SERVERS:
                what = f"the servers have more than {_MOST_SERVERS} paths"
                fix = "leave out those that no client uses"
                self._parts.refuse(server, what, fix)
                return ()
        return tuple(paths)[1:]

    def values(self, base_path: str) -> dict[str, dict[str, str]]:
        """What the variables of servers are, by path; the first says what they are."""
        values: dict[str, dict[str, str]] = {base_path: {}}
        for server in self._parts.items(self._root, "servers"):
            for url, chosen in self.filled(server):
                if chosen and not values.get(path_of(url)):
                    values[path_of(url)] = chosen
        return values

    def defaults(self) -> dict[str, str]:
        """The defaults of the variables of servers; what is no default was reported."""
        defaults: dict[str, str] = {}
        for server in self._parts.items(self._root, "servers"):
            written = server.value if isinstance(server.value, dict) else {}
            variables = written.get("variables")
            for name, variable in (
                variables.items() if isinstance(variables, dict) else ()
            ):
                if isinstance(variable, dict) and "default" in variable:
                    defaults.setdefault(name, str(variable["default"]))
        return defaults

    def filled(self, server: Node) -> Iterator[tuple[str, dict[str, str]]]:
        """The addresses of one server for all values of its variables, and those."""
        written = server.value if isinstance(server.value, dict) else {}
        url, variables = written.get("url"), written.get("variables")
        if not isinstance(url, str):
            return
        known = variables if isinstance(variables, dict) else {}
        named = [text for text in _VARIABLE.findall(url) if text in known]
        values = []
        for name in named:
            variable = known[name] if isinstance(known[name], dict) else {}
            enum = (
                variable.get("enum") if isinstance(variable.get("enum"), list) else []
            )
            values.append(
                list(dict.fromkeys(map(str, [variable.get("default"), *(enum or [])])))
            )
        if math.prod(map(len, values)) > _MOST_SERVERS:
            what = f"the variables of the server have more than {_MOST_SERVERS} values"
            fix = "leave out those that no client uses"
            self._parts.refuse(server.child("variables"), what, fix)
            return
        for chosen in itertools.product(*values):
            filled = url
            for name, value in zip(named, chosen, strict=True):
                filled = filled.replace(f"{{{name}}}", value)
            yield filled, dict(zip(named, chosen, strict=True))

    def note_ignored(self) -> None:
        """Note the servers of parts that lead elsewhere, and paths that vary in any way."""
        paths = {
            path_of(url)
            for server in self._parts.items(self._root, "servers")
            for url, _ in self.filled(server)
        }
        elsewhere = [
            node
            for node in self.of_parts
            if {path_of(url) for url, _ in self.filled(node)} - paths
        ]
        if elsewhere:
            self._parts.ignore("servers", *elsewhere)
        self._note_variables()

    def _note_variables(self) -> None:
        """Note the servers whose paths vary, and not by a list of values."""
        for node in self._parts.items(self._root, "servers"):
            written = node.value if isinstance(node.value, dict) else {}
            variables = written.get("variables")
            if not isinstance(variables, dict):
                continue
            varying = [
                name
                for name, variable in variables.items()
                if isinstance(variable, dict) and not variable.get("enum")
            ]
            path = path_of(str(written.get("url", "")))
            if any(f"{{{name}}}" in path for name in varying):
                self._parts.note(node, "variables")


def path_of(url: str) -> str:
    """`https://api.example/v1/`  ->  `/v1`"""
    return re.sub(r"^(?:[^/?#]+:)?(?://[^/?#]*)?|[?#].*$", "", url).rstrip("/")
