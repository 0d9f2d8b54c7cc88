"""The pipeline: what happens to every call, in order.

This file is the map of the emulator. A call walks down DECIDE until a step refuses
it, or gives a reply again that was given before, or the list ends, and then down the whole of FINISH. A provider may ask the
questions in another order; it asks all of them, but for those that can make no
difference to any call of an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply
from emulator.exchange.exchange import MISREAD, Exchange, Refusal
from emulator.language.failures import ExpressionFailed
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.refusals import Refusals
from emulator.step import Finish, Step
from emulator.steps import (
    act,
    authenticate,
    authorize,
    batch,
    body,
    charge,
    conditions,
    documented,
    effects,
    find,
    grant,
    headers,
    idempotency,
    identify,
    journal,
    keep,
    lockout,
    negotiate,
    notify,
    paginate,
    parameters,
    patches,
    rate_limit,
    render,
    route,
    settle,
    spoil,
    transport,
    validate,
    validators,
)
from emulator.world.kept_replies import KeptReply

DECIDE: tuple[Step, ...] = (
    route.STEP,  #         which operation is this?
    transport.STEP,  #     does the network let it through?
    identify.STEP,  #      who does the caller claim to be?
    lockout.STEP,  #       is that caller shut out?
    authenticate.STEP,  #  can it prove the claim?
    rate_limit.STEP,  #    may it call now?
    authorize.STEP,  #     may it do this?
    parameters.STEP,  #    what do path, query, headers and cookies say?
    negotiate.STEP,  #     do we share a media type?
    body.STEP,  #          can the body be read?
    idempotency.STEP,  #   was the same call answered before?
    find.STEP,  #          does the record exist that it is about?
    patches.STEP,  #       what does the body make of it?
    validate.STEP,  #      does the input keep the rules?
    conditions.STEP,  #    is it in the state that the caller takes it to be in?
    grant.STEP,  #         does the authorization server grant what is asked for?
    act.STEP,  #           what does it do to the world?
    batch.STEP,  #         what are the parts of the call answered?
    paginate.STEP,  #      which part of the result?
    documented.STEP,  #    which reply does the document describe?
)

FINISH: tuple[Finish, ...] = (
    settle.STEP,  #        what does the outcome mean for later calls?
    effects.STEP,  #       which records change besides those that the call is about?
    charge.STEP,  #        what does it cost, now that its outcome is known?
    render.STEP,  #        result or refusal -> the provider's bytes
    notify.STEP,  #        who is to be told of what it has done?
    headers.STEP,  #       request id, quota, links, date
    validators.STEP,  #    which state does it show?
    keep.STEP,  #          which reply is given again to the same call?
    spoil.STEP,  #         what goes wrong with the reply on purpose?
    journal.STEP,  #       write it down, with every reason
)

STEPS = tuple(step.name for step in DECIDE)
"""The steps that decide, in their default order."""

FOUND_BY: Mapping[str, str] = {
    name: step.name for step in DECIDE for name in step.finds
}
"""The step that each name of expressions stands for something from; the others can be
had at once: what a call says is read when it is first asked for."""

REFUSALS = Refusals(DECIDE)

Decide = Callable[[Exchange], Refusal | KeptReply | None]

_DECIDE: Mapping[str, Step] = {step.name: step for step in DECIDE}
_FINISH = tuple(step.finish for step in FINISH)
_FINISH_REPEATED = tuple(step.finish for step in FINISH if step.of_repeats)


class CannotRefuse(ValueError):
    """A refusal was asked for that the operation never gives."""


def handle(exchange: Exchange) -> Reply:
    """Answer one call. Raises `CannotRefuse`, and whatever a bug of ours raises."""
    operation = exchange.addressed.operation
    if operation is None or exchange.forced is not None:
        steps = _unusual(exchange)
    else:
        steps = operation.steps or _concerned(exchange.program, operation)
    step, outcome = "", None
    try:
        for step, decide in steps:  # noqa: B007  (named behind the loop)
            outcome = decide(exchange)
            if outcome is not None:
                break
    except ExpressionFailed as failed:
        step, outcome = _wrong_by_schema(exchange, step, failed)
    if isinstance(outcome, KeptReply):
        return _answered_again(exchange, outcome)
    if outcome is not None:
        exchange.refusal, exchange.refused_by = outcome, step
    finishing = _FINISH if operation is None else operation.finishing
    for finish in finishing or _finishing(exchange.program, operation):
        finish(exchange)
    return exchange.reply


def _wrong_by_schema(
    exchange: Exchange, step: str, failed: ExpressionFailed
) -> tuple[str, Refusal]:
    """How a call is refused in whose *step* an expression failed, before `validate`.

    Expressions take what a call says to be as its schemas say. Where it is not, that is
    the caller's mistake, and told as such; otherwise it is the spec's. Raises *failed*.
    """
    order = _order(exchange.program, exchange.operation)
    for name in order[order.index(step) :]:
        later = _DECIDE[name]
        if name == step and later.by_schema is later.decide:
            continue  # it was at it
        if later.by_schema and later.concerns(exchange.program, exchange.operation):
            refusal = later.by_schema(exchange)
            if refusal is not None:
                why = {"failed": failed.reason, "at": str(failed.at), "told_by": name}
                exchange.note(step, MISREAD, why)
                return name, refusal
    raise failed


def _answered_again(exchange: Exchange, kept: KeptReply) -> Reply:
    """Give the reply again that the same call was given before."""
    exchange.repeated = kept
    for finish in _FINISH_REPEATED:
        finish(exchange)
    return exchange.reply


def _unusual(exchange: Exchange) -> Iterable[tuple[str, Decide]]:
    """The steps of a call that leads nowhere, or that is forced to be refused."""
    if exchange.addressed.operation is None:
        return (("route", route.route),)
    return _forced(exchange)


def _concerned(
    program: Program, operation: Operation
) -> tuple[tuple[str, Decide], ...]:
    """The steps that can make a difference to a call of *operation*: `route` found it."""
    steps = tuple(
        (name, _decide(name, program, operation))
        for name in _order(program, operation)
        if name != "route" and _DECIDE[name].concerns(program, operation)
    )
    operation.__dict__["steps"] = steps  # worked out once, and frozen from then on
    return steps


def _order(program: Program, operation: Operation) -> tuple[str, ...]:
    """The steps in the order in which calls of *operation* are asked.

    What state a list is in is known when its page has been cut.
    """
    last = conditions.STEP.name
    if operation.validators is None or operation.action.kind != "list":
        return program.order
    return (*(name for name in program.order if name != last), last)


def _finishing(
    program: Program, operation: Operation | None
) -> tuple[Callable[[Exchange], None], ...]:
    """The steps after the decision that can make a difference to a call of *operation*."""
    steps = tuple(
        step.finish
        for step in FINISH
        if operation is None or step.concerns(program, operation)
    )
    if operation is not None:
        operation.__dict__["finishing"] = steps
    return steps


def _decide(name: str, program: Program, operation: Operation) -> Decide:
    """What the step *name* does for *operation*, whose effects follow its own change."""
    decide = _DECIDE[name].decide
    # What becomes of the records of a page is known when it has been cut.
    last = act.STEP if operation.action.page is None else paginate.STEP
    if operation.batch is not None:
        last = batch.STEP
    if operation.effects and name == last.name:
        return effects.with_effects(program, operation.effects, decide)
    return decide


def _forced(exchange: Exchange) -> Iterator[tuple[str, Decide]]:
    """All steps, one of which is to refuse as it is forced to."""
    for name in _order(exchange.program, exchange.operation):
        if name == "act":
            _check_unmet(exchange, before=True)
        yield name, _decide(name, exchange.program, exchange.operation)
        if name == "route":
            _check_forced(exchange)
    _check_unmet(exchange, before=False)


def _check_forced(exchange: Exchange) -> None:
    """Refuse to pretend: a forced refusal is one that the operation can give."""
    possible = REFUSALS.of(exchange.program, exchange.operation)
    if exchange.forced not in possible:
        raise CannotRefuse(
            f"{exchange.operation.id} of {exchange.program.name} cannot refuse with "
            f"{exchange.forced!r}: {did_you_mean(exchange.forced, possible)}"
        )


def _check_unmet(exchange: Exchange, *, before: bool) -> None:
    """Refuse to pretend, once the step is over that a forced refusal belongs to.

    *before* the call acts on the world, those of `act` and what follows are to come.
    """
    if not exchange.forced_strictly:
        return
    owner = REFUSALS.of(exchange.program, exchange.operation)[str(exchange.forced)]
    order = _order(exchange.program, exchange.operation)
    if before and order.index(owner) >= order.index(act.STEP.name):
        return
    raise CannotRefuse(
        f"this call of {exchange.operation.id} met nothing that could refuse it "
        f"with {exchange.forced!r}"
    )
