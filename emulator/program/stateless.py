"""Stateless: operations whose replies the OpenAPI document describes, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from emulator.program.documented import REPLIES, DocumentedPolicy
from emulator.program.operation import Action, Operation
from emulator.program.parameters import ParameterPolicy

_LAZY = (
    *("security", "open", "scopes", "body", "produces", "error_media", "documented"),
)


class StatelessOperation(Operation):
    """An operation that is answered from the document alone.

    A document may have a thousand of them: what is not known at once is compiled when it
    is first read.
    """

    def __init__(
        self,
        compile_parameters: Callable[[], ParameterPolicy],
        compile_parts: Callable[[], Mapping[str, Any]],
        **known: Any,
    ) -> None:
        self.__dict__.update(
            known, compile_parameters=compile_parameters, compile_parts=compile_parts
        )

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        if name == "parameters" and "compile_parameters" in held:  # routes ask for them
            held[name] = held["compile_parameters"]()
        elif name in _LAZY and "compile_parts" in held:
            held.update(held["compile_parts"]())
        else:
            raise AttributeError(name)
        return held[name]

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)


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
