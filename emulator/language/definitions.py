"""Definitions: names that a spec gives to values, and what reading one means.

    let: {cart: "lookup('carts', path.id)", localized(name): "name[query.language] or name.en"}

A name without parameters is evaluated when it is first read, once per call; one with
parameters is a function, and evaluated whenever it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

from emulator.json_type import Json
from emulator.language.function import Function
from emulator.language.static_scope import Uses
from emulator.language.templates import Template
from emulator.values import value


def name_of(head: str) -> str:
    """The name that a key of `let` defines: `localized(names)` is `localized`."""
    return head.partition("(")[0].strip()


@value
class Definition:
    """One name of `let`, and the expression that it stands for."""

    name: str
    template: Template
    parameters: tuple[str, ...] | None = None
    """Those of a function; None for a name that is read."""

    @property
    def uses(self) -> Uses:
        """What it depends on, through whatever other definitions it reads."""
        return self.template.uses

    def read(self, x: Any) -> Json:
        """Its value in the call *x*, which stays what it is. Raises `ExpressionFailed`."""
        values = x.defined
        if values is None:
            values = x.defined = {}
        if self not in values:
            values[self] = self.template.value(x)
        return values[self]

    def function(self) -> Function:
        """What calls it, as the functions of the language are called."""
        parameters = self.parameters or ()
        kind = Parameter.POSITIONAL_OR_KEYWORD
        shape = Signature([Parameter(name, kind) for name in ("x", *parameters)])
        return Function(self.name, self._call(parameters, shape), world=True)

    def _call(
        self, parameters: tuple[str, ...], shape: Signature
    ) -> Callable[..., Json]:
        template, first = self.template, next(iter(parameters), "")

        def call(x: Any, *given: Json, **named: Json) -> Json:
            if len(given) == 1:  # nearly always
                values = {first: given[0]}
            else:
                values = dict(zip(parameters, given, strict=False))
            return template.value(x, values | named if named else values)

        call.__signature__ = shape  # type: ignore[attr-defined]
        return call
