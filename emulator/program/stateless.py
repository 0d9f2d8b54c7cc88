"""Stateless: operations whose replies the OpenAPI document describes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.program.documented import REPLIES, DocumentedPolicy
from emulator.program.operation import Action, Operation
from emulator.program.parameters import ParameterPolicy
from emulator.values import Partly

_LAZY = (
    *("security", "open", "scopes", "body", "produces", "error_media", "documented"),
)


class StatelessOperation(Partly, Operation):
    """An operation that is answered from the document alone.

    A document may have a thousand of them: what is not known at once is compiled when it
    is first read. Routes ask for the parameters, and calls for the other parts.
    """

    def __init__(
        self,
        compile_parameters: Callable[[], ParameterPolicy],
        compile_parts: Callable[[], Mapping[str, Any]],
        **known: Any,
    ) -> None:
        super().__init__(
            {
                "parameters": lambda: {"parameters": compile_parameters()},
                **dict.fromkeys(_LAZY, compile_parts),
            },
            **known,
        )


def as_documented(operation: Operation, policy: DocumentedPolicy) -> Operation:
    """*operation* as it is where its reply is to be the document's, and nothing is done."""
    fields = {
        name: getattr(operation, name)
        for name in Operation.__annotations__
        if name not in ("steps", "finishing")
    }
    changed: dict[str, Any] = {
        "action": Action(kind="reply"),
        "rules": (),
        "requires": tuple(
            requirement
            for requirement in operation.requires
            if requirement.step == "authorize"
        ),
        "limit": None,
        "effects": (),
        "replies": REPLIES,
        "grant": None,
        "batch": None,
        "idempotency": None,
        "validators": None,
        "documented": policy,
    }
    return Operation(**{**fields, **changed})
