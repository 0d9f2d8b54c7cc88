"""Calls: whole calls that an operation takes, ready to be sent by any client."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from hypothesis import reject
from hypothesis import strategies as st

from emulator.exchange.exchange import Exchange
from emulator.json_type import Json
from emulator.program.encoding import encoded
from emulator.strategies.bodies import payload
from emulator.strategies.parameters import Sent, headers, pairs, parameters
from emulator.strategies.probe import Probe
from emulator.strategies.values import Strategy

Draw = Callable[[Strategy], Json]

_MENDINGS = 4


class DrawnCall(NamedTuple):
    """One call, as a client sends it."""

    method: str
    path: str
    """As the provider's own host has it, with its parameters filled in."""
    query: list[tuple[str, str]]
    headers: dict[str, str]
    """The credential and the type of the body included."""
    body: bytes
    json: Json
    """What *body* holds; None where there is none."""
    needs_proof: bool = False
    """It has to be signed before it is sent, or its credential is not accepted."""

    @property
    def url(self) -> str:
        """Path and query, to be put behind the address of the provider."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def call(probe: Probe) -> Strategy:
    """Calls whose parameters and body the operation takes."""
    bodies = payload(probe) if probe.media else st.none()
    probe.path  # noqa: B018 - where nothing can be called, say so before drawing
    return _call(probe, bodies)


@st.composite
def _call(draw: Draw, probe: Probe, bodies: Strategy) -> DrawnCall:
    path = draw(st.sampled_from(probe.paths))
    required, optional = parameters(probe)
    sent: Sent = draw(st.fixed_dictionaries({**required}, optional={**optional}))
    body, content = None, b""
    kind: dict[str, str] = {}
    if probe.media:
        body = probe.with_credential(draw(bodies))
        media, content = encoded(body, probe.media)
        kind = {"Content-Type": media}
    for _ in range(_MENDINGS):
        query = pairs(probe, "query", sent)
        own = {**headers(probe, sent), **kind}
        found = probe.ask(path, query, own, content)
        if found.refusal is None:
            credential = probe.credential or {}
            return DrawnCall(
                probe.operation.method,
                probe.address(path),
                [*credential.get("query", {}).items(), *query],
                {**probe.headers, **own},
                content,
                body,
                bool(credential.get("needs_proof")),
            )
        left = _without_wrong(found, sent, {*required})
        if left == sent:
            break
        sent = left
    return reject()


def _without_wrong(found: Exchange, sent: Sent, needed: set[tuple[str, str]]) -> Sent:
    """What was *sent* without what it could do without and was refused."""
    refusal = found.refusal
    wrong = refusal.facts.get("violations", ()) if refusal else ()
    names = {str(violation["path"][0]) for violation in wrong if violation["path"]}
    return {
        (place, name): value
        for (place, name), value in sent.items()
        if (place, name) in needed or name.removesuffix("[]") not in names
    }
