"""Evaluation: an expression or a template by itself, with what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.keys import KeyPolicy
from emulator.program.views import View
from emulator.spec.document import Document
from emulator.world.base import Base
from emulator.world.chance import Chance
from emulator.world.clock import Clock
from emulator.world.collection import Collection
from emulator.world.keys import Keys

Json = Any

RECORD = {
    "id": 7,
    "title": "Anvil",
    "price": 2.5,
    "tags": ["a", "b"],
    "size": {"high": 3, "wide": None},
    "gone": None,
    "listed": True,
}
THINGS = [RECORD, {"id": 8, "title": "Rocket", "listed": False}]
SCOPE = Scope(
    roots={"caller": frozenset({"name", "plan"}), "now": None, "query": None},
    fields=frozenset(RECORD),
    collections=frozenset({"things"}),
    views={"thing": ()},
    keys={"signing": True},
)
SIGNING = KeyPolicy(
    name="signing", provider="acme", kind="ec", bits=256, rotate=0, keep=1,
    announce=False, secret="",
)  # fmt: skip


def exchange() -> Any:
    """What expressions see of a call: a caller, a time, a query and two things."""
    view = View("thing", template({"t": "${title}"}), {})
    return SimpleNamespace(
        caller={"name": "Ada", "plan": "pro"},
        now="2024-02-05T14:30:00Z",
        query={"q": "${1+1}"},
        collection={"things": Collection(Base(THINGS, "id"))}.__getitem__,
        world=SimpleNamespace(
            chance=Chance("expressions"),
            secrets=Chance("secrets of expressions"),
            clock=Clock(1_707_143_400_000_000, frozen=True),
            began=0,
            keys=Keys("expressions"),
            on_secret=None,
        ),
        program=SimpleNamespace(views={"thing": view}, keys={"signing": SIGNING}),
    )


def template(tree: Json, scope: Scope = SCOPE, *, bare: bool = False) -> Template:
    return Template(tree, Document("spec.yaml", tree), (), scope, bare)


def evaluate(
    text: str, scope: Scope = SCOPE, record: Mapping[str, Json] = RECORD
) -> Json:
    """What the expression *text* gives, by way of a template."""
    return template(text, scope, bare=True).value(exchange(), record)
