"""Strategies: test data that a provider takes, or refuses, drawn by Hypothesis.

Each strategy is made from the provider's spec and fixtures alone, and each thing it
draws has been held against the steps of the pipeline in a fresh world: the provider
itself says what is valid.

    @given(payloads("library", "createBook"))
    def test_every_book_can_be_lent(book): ...

A provider is given by the name of a bundled one, or as what `emulator.load` makes of
files. *credential* names the credential that calls, by default the first that may; *at* is the time of the world that is called
(`2026-03-02T10:00:00Z`), by default the present.

Needs the extra `strategies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.json_type import Json
from emulator.program.program import Program

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from emulator.strategies.drawn_calls import DrawnCall
    from emulator.strategies.invalid import Invalid


__all__ = ["payloads", "invalid_payloads", "calls", "credentials", "fault_schedules"]


def payloads(
    provider: str | Program,
    operation: str,
    *,
    credential: str | None = None,
    at: str | None = None,
) -> SearchStrategy[Json]:
    """Bodies that *operation* takes: schema, references and rules hold.

    What an update is about is drawn elsewhere, so that fields which a rule binds
    together come together, and the body is right for any record.
    """
    _need_hypothesis()
    from emulator.strategies.bodies import payload
    from emulator.strategies.probe import probe

    return payload(probe(provider, operation, credential, at).with_body())


def invalid_payloads(
    provider: str | Program,
    operation: str,
    *,
    credential: str | None = None,
    at: str | None = None,
) -> SearchStrategy[Invalid]:
    """Bodies that *operation* refuses for one mistake, each as `(payload, wrong)`:
    `({...}, "title: shorter than 3")`."""
    _need_hypothesis()
    from emulator.strategies.invalid import invalid
    from emulator.strategies.probe import probe

    return invalid(probe(provider, operation, credential, at).with_body())


def calls(
    provider: str | Program,
    operation: str,
    *,
    credential: str | None = None,
    at: str | None = None,
) -> SearchStrategy[DrawnCall]:
    """Whole calls whose parameters and body *operation* takes, about existing records.

    Each is `(method, path, query, headers, body, json)`, credential included; `url` is
    path and query, which any client can send below the provider's address.
    """
    _need_hypothesis()
    from emulator.strategies.drawn_calls import call
    from emulator.strategies.probe import probe

    return call(probe(provider, operation, credential, at))


def credentials(
    provider: str | Program, state: str | None = None, *, at: str | None = None
) -> SearchStrategy[dict[str, Json]]:
    """The credentials of the fixtures, or those in one *state*: `active`, `expired`.

    Each has `name`, `state`, `scheme`, `value` and the `headers` that send it.
    """
    _need_hypothesis()
    from hypothesis import strategies as st

    from emulator.diagnostics import did_you_mean
    from emulator.program import credentials as held
    from emulator.strategies.probe import moment, program_of

    program = program_of(provider)
    known = held.credentials(program, moment(at))
    matching = [
        credential for credential in known if state in (None, credential["state"])
    ]
    if not matching:
        states = sorted({str(credential["state"]) for credential in known})
        raise ValueError(
            f"{program.name} has no credential that is {state!r}; its states are "
            f"{', '.join(states) or 'none'}: {did_you_mean(str(state), states)}"
        )
    return st.sampled_from(matching)


def fault_schedules(provider: str | Program) -> SearchStrategy[list[dict[str, Json]]]:
    """Lists of rules of faults, as `faults` of a scenario has them.

    Such as `[{"operation": "createBook", "status": 503, "calls": "2, 3"}]`.
    """
    _need_hypothesis()
    from emulator.strategies.probe import program_of
    from emulator.strategies.schedules import schedules

    return schedules(program_of(provider))


def _need_hypothesis() -> None:
    try:
        import hypothesis  # noqa: F401
        import hypothesis_jsonschema  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"strategies draw with Hypothesis, and {error.name} is not installed: "
            "install the extra `strategies`, as in "
            "`pip install 'provider-emulator[strategies]'`",
            name=error.name,
        ) from error
