"""Admission: a provider's own Python is run only where somebody has said so."""

from __future__ import annotations

from emulator.compile.hooks import run_hooks
from emulator.diagnostics import Diagnostic, Location, SpecError
from emulator.program.program import Program
from emulator.settings import Settings


def admit(program: Program, settings: Settings) -> None:
    """Have *program* ready to be served. Raises `SpecError` where it is not to be."""
    hooks = program.hooks if program.has_functions else None
    if hooks is None:
        return
    if settings.hooks:
        run_hooks(hooks)
        return
    raise SpecError(
        [
            Diagnostic(
                Location(program.files[0], 1, 1),
                "hooks-off",
                f"{program.name} has functions of its own, in {hooks.file}",
                "a spec that comes from somebody else must not run Python unasked",
                "read the file, and start with --hooks (EMULATOR_HOOKS=1)",
            )
        ]
    )
