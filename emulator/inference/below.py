"""Below: calls about a record of which nothing else is known than that it must be there."""

from __future__ import annotations

from emulator.inference.draft import GUESSED, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.keys import parameter_of
from emulator.inference.messages import success
from emulator.inference.records import guard_of
from emulator.inference.resources import bare
from emulator.inference.singletons import parent_at

KIND = Kind(
    "parents",
    "whatever else is below a record: `GET /carts/{id}/total`",
    "`guards`, so that a call about a record that is not there is refused; the reply is the one"
    " of the document",
)


def infer_parents(draft: Draft) -> None:
    for operation in draft.openapi.operations.values():
        above, _, word = bare(operation.path).rpartition("/")
        if operation.id in draft.operations or "{" in word or "#" in operation.path:
            continue
        parent = parent_at(draft, above) if draft.allows(KIND, operation.id) else None
        if parent is None or not parent.can_be_known or not success(operation)[0]:
            continue
        parameter = parameter_of(operation, above.rpartition("/{")[2][:-1])
        if parameter is None:
            continue
        name, guard = guard_of(draft, parent, parameter, operation)
        draft.guards[name] = guard
        draft.operations[operation.id] = {
            "guards": [name],
            "reply": "documented",
            "source": GUESSED,
        }
        reason = f"it is about one of {parent.path}, which must be there"
        draft.found(KIND, operation.id, MEDIUM, reason)
