"""Security: the schemes of a document, and which of them an operation asks for."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.diagnostics import did_you_mean
from emulator.spec.description import TALKS, SecurityScheme
from emulator.spec.document import kind_of
from emulator.spec.parts import Parts
from emulator.spec.references import Node, mapping

Alternatives = tuple[dict[str, tuple[str, ...]], ...]
"""Scopes by the name of a scheme: those of one entry are needed together."""
_KINDS = ("apiKey", "http", "mutualTLS", "oauth2", "openIdConnect")
_WHERE = ("query", "header", "cookie")


class Security:
    """The schemes among *components*; *published*: which nobody has written for us."""

    def __init__(
        self, components: Node | None, parts: Parts, *, published: bool
    ) -> None:
        self._parts = parts
        self._published = published
        self._not_emulated: set[str] = set()
        """Schemes that nobody has to prove: operations without another one are open."""
        self.schemes = dict(self._read_schemes(components))

    def alternatives(self, parent: Node) -> Alternatives:
        found = []
        for node in self._parts.items(parent, "security"):
            needed = {}
            if (
                isinstance(node.value, dict)
                and node.value
                and node.value.keys() <= self._not_emulated
            ):
                continue
            for name, scopes in mapping(
                node, "a requirement", self._parts.report
            ).items():
                if name in self._not_emulated:
                    continue
                if name not in self.schemes:
                    what = f"there is no security scheme {name!r}"
                    where = "#/components/securitySchemes"
                    why = f"schemes are declared in {node.document.as_written(where)}"
                    fix = did_you_mean(name, self.schemes)
                    code = "openapi-security-scheme"
                    at = node.child(name)
                    self._parts.report.add(
                        at.diagnostic(code, what, why, fix, key=True)
                    )
                    if self._published:
                        continue
                if not isinstance(scopes, list):
                    what = f"the scopes of {name!r} are {kind_of(scopes)}, not a list"
                    self._parts.refuse(node.child(name), what, f"write `{name}: []`")
                    scopes = []
                needed[name] = tuple(map(str, scopes))
            found.append(needed)
        return tuple(found)

    def _read_schemes(
        self, components: Node | None
    ) -> Iterator[tuple[str, SecurityScheme]]:
        if components is None:
            return
        part = self._parts.part(
            components, "securitySchemes", "components.securitySchemes"
        )
        for name, entry in self._parts.entries(part, "a security scheme"):
            node = self._parts.resolve(entry, "a security scheme")
            if node is None:
                continue
            scheme = self._security_scheme(name, node)
            if not self._published or _can_be_proved(scheme):
                yield name, scheme
            else:
                self._not_emulated.add(name)
                self._open(scheme, node)

    def _open(self, scheme: SecurityScheme, node: Node) -> None:
        """Say that nobody is asked to prove *scheme*."""
        kind = " ".join(filter(None, (scheme.kind, scheme.scheme)))
        self._parts.report.add(
            node.diagnostic(
                "openapi-security-scheme",
                f"the security scheme {scheme.name!r} ({kind}) is not emulated:"
                " operations that ask for no other one are open",
                "there are apiKey, http with a credential in Authorization, oauth2,"
                " openIdConnect and mutualTLS",
                "nothing has to be done; describe it as one of those to have it asked for",
                key=True,
                severity="warning",
            )
        )

    def _security_scheme(self, name: str, node: Node) -> SecurityScheme:
        kind, where = node.value.get("type"), node.value.get("in")
        parameter, scheme = node.value.get("name"), node.value.get("scheme")
        if kind not in _KINDS:
            at = node.child("type") if "type" in node.value else node
            what = f"the security scheme {name!r} has the type {kind!r}"
            self._parts.refuse(at, what, did_you_mean(kind, _KINDS))
        if kind == "apiKey" and not (where in _WHERE and parameter):
            what = f"the security scheme {name!r} does not say where its key stands"
            self._parts.refuse(node, what, "write `in: header` and `name: ...`")
        if kind == "http" and not scheme:
            what = f"the security scheme {name!r} has no scheme"
            self._parts.refuse(node, what, "write `scheme: bearer` or `scheme: basic`")
        is_key = kind == "apiKey"
        return SecurityScheme(
            name=name,
            kind=str(kind),
            where=str(where) if is_key else None,
            parameter=str(parameter) if is_key else None,
            scheme=str(scheme).lower() if kind == "http" else None,
            pointer=node.pointer,
            document=node.document,
        )


def _can_be_proved(scheme: SecurityScheme) -> bool:
    """Whether a call can carry what *scheme* asks for."""
    if scheme.kind == "http":
        return scheme.scheme not in TALKS
    return scheme.kind in _KINDS
