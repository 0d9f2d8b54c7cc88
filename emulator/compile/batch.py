"""Batch: `batch` of an operation, which runs the parts of its body as calls."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.language.static_scope import Scope
from emulator.program.batch import BatchPolicy
from emulator.spec.document import Pointer

MOST = 100
"""The parts of a batch whose spec does not say."""


def compile_batch(source: Source, pointer: Pointer, scope: Scope) -> BatchPolicy | None:
    """What stands under `batch` of the operation at *pointer*."""
    at = (*pointer, "batch")
    written = source.get(*at)
    if written is None:
        return None
    here = source.scope_at("batch", scope)
    part = here.with_roots(it=None)
    return BatchPolicy(
        each=source.condition((*at, "each"), here),
        method=source.condition((*at, "method"), part),
        path=source.condition((*at, "path"), part),
        headers=source.optional((*at, "headers"), part),
        body=source.optional((*at, "body"), part),
        stop_on_error=source.optional((*at, "stop_on_error"), here),
        most=written.get("max", MOST),
    )
