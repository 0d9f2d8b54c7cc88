"""Violations: `errors.violations` of a spec: how violations are worded."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.source import Source
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.violations import FACTS, Wording
from emulator.spec.document import Pointer

_PLAIN: Mapping[str, str] = {
    "required": "${label} is required",
    "type": "${label} must be of the type ${type}",
    "format": "${label} must have the format ${format}",
    "enum": "${label} must be one of ${allowed}",
    "minLength": "${label} must have ${limit} characters or more",
    "maxLength": "${label} must have ${limit} characters or fewer",
    "minimum": "${label} must be ${limit} or more",
    "maximum": "${label} must be ${limit} or less",
    "minItems": "${label} must have ${limit} items or more",
    "maxItems": "${label} must have ${limit} items or fewer",
    "pattern": "${label} must match ${limit}",
    "unique": "${label} must be unique",
    "reference": "${label} refers to nothing",
    "default": "${label} is invalid",
}


def compile_wording(
    source: Source, pointer: Pointer, inherited: Wording | None = None
) -> Wording:
    """What stands under `errors.violations`, or an operation's own changes to it."""
    scope = source.scope_at("parameters").with_fields(FACTS)
    written = source.get(*pointer, default={})
    base = inherited or Wording(
        rules=_plain_rules(source, scope),
        fields={},
        labels={},
        names="dotted",
        one_per_field=False,
        missing_when=frozenset(),
    )
    rules = {
        str(at[-1]): _words(source, at, scope)
        for at, _ in source.entries(*pointer, "rules")
    }
    fields = {
        str(at[-1]): {
            str(inner[-1]): _words(source, inner, scope)
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


def _words(source: Source, pointer: Pointer, scope: Scope) -> Template:
    """The message at *pointer*."""
    written = source.get(*pointer)
    if written in (None, "") and not source.trusted:
        source.problem(
            pointer,
            "wrong-type",
            f"a violation of {pointer[-1]!r} would be told in no words",
            "the provider's errors say what is wrong with a request",
            "write a message, or remove it",
        )
    return source.template(pointer, scope)


def _plain_rules(source: Source, scope: Scope) -> dict[str, Template]:
    """Plain words, where a spec does not have its own for every refusal either.

    A `default` of its own is for whatever it has no other words for.
    """
    errors = source.get("errors", default={})
    if "default" in source.get("errors", "violations", "rules", default={}):
        return {}
    if "table" in errors and not {"default", "by_status"} & errors.keys():
        return {}
    return {
        rule: source.template(("provider",), scope, tree=words)
        for rule, words in _PLAIN.items()
    }
