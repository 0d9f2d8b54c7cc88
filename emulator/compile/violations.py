"""Violations: `errors.violations` of a spec: how violations are worded."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.violations import FACTS, Wording
from emulator.spec.document import Pointer


def compile_wording(
    source: Source, pointer: Pointer, inherited: Wording | None = None
) -> Wording:
    """What stands under `errors.violations`, or an operation's own changes to it."""
    scope = source.scope_at("parameters").with_fields(FACTS)
    written = source.get(*pointer, default={})
    base = inherited or Wording(
        rules={},
        fields={},
        labels={},
        names="dotted",
        one_per_field=False,
        missing_when=frozenset(),
    )
    rules = {
        str(at[-1]): source.template(at, scope)
        for at, _ in source.entries(*pointer, "rules")
    }
    fields = {
        str(at[-1]): {
            str(inner[-1]): source.template(inner, scope)
            for inner, _ in source.entries(*at)
        }
        for at, _ in source.entries(*pointer, "fields")
    }
    return Wording(
        rules={**base.rules, **rules},
        fields={**base.fields, **fields},
        labels={**base.labels, **written.get("labels", {})},
        names=written.get("names", base.names),
        one_per_field=written.get("one_per_field", base.one_per_field),
        missing_when=frozenset(written.get("missing_when", base.missing_when)),
    )
