"""Blaming: refusals of one operation that look different by the input that they are about.

{"error": {"param": "amount"}} for an amount, and {"error": {"param": "after", "code": "gone"}}
for a page that is not there: the first input that a call is refused for decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emulator.inference.samples import expression
from emulator.json_type import Json
from emulator.language.grammar import LONGEST
from emulator.traffic.complaints import complaints
from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import alike

_MOST = 5
"""So many forms of a refusal are written."""


def by_field(
    body: Json,
    calls: Sequence[Recorded],
    inputs: set[str],
    said: Callable[[Json], Json],
) -> Json:
    """*body*, or what else the replies to *calls* are by the first of the *inputs* refused.

    *said* is a body in which what is said of inputs follows from the call.
    """
    forms: list[tuple[Json, dict[str, None]]] = []
    fields_of_body: dict[str, None] = {}
    for call in calls:
        if call.reply.kind != "json":
            continue
        about = complaints(call.reply.value, inputs)
        fields = dict.fromkeys(path[0] for path in [*about][:1])
        if alike(said(call.reply.value), body):
            fields_of_body |= fields
            continue
        form = next((f for f in forms if alike(f[0], said(call.reply.value))), None)
        if form is None:
            form = said(call.reply.value), {}
            forms.append(form)
        form[1].update(fields)
    text = expression(body)
    for form, fields in forms[:_MOST]:
        own = [field for field in fields if field not in fields_of_body]
        if own:
            test = f"violations[0].field in {expression(sorted(own))}"
            text = f"{expression(form)} if {test} else {text}"
    changed = text != expression(body) and len(text) <= LONGEST
    return f"${{{text}}}" if changed else body
