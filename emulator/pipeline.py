"""The pipeline: what happens to every call, in order.

This file is the map of the emulator. A call walks down DECIDE until a step refuses
it or the list ends, and then down the whole of FINISH. A provider may ask the
questions in another order; it asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.call import Reply
from emulator.diagnostics import did_you_mean
from emulator.exchange import Exchange, Refusal
from emulator.refusals import Refusals
from emulator.step import Finish, Step
from emulator.steps import (
    act,
    authenticate,
    authorize,
    body,
    find,
    headers,
    identify,
    journal,
    lockout,
    negotiate,
    notify,
    paginate,
    parameters,
    rate_limit,
    render,
    route,
    settle,
    spoil,
    transport,
    validate,
)

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
    find.STEP,  #          does the record exist that it is about?
    validate.STEP,  #      does the input keep the rules?
    act.STEP,  #           what does it do to the world?
    paginate.STEP,  #      which part of the result?
)

FINISH: tuple[Finish, ...] = (
    settle.STEP,  #        what does the outcome mean for later calls?
    render.STEP,  #        result or refusal -> the provider's bytes
    notify.STEP,  #        who is to be told of what it has done?
    headers.STEP,  #       request id, quota, links, date
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

Decide = Callable[[Exchange], Refusal | None]

_DECIDE: Mapping[str, Decide] = {step.name: step.decide for step in DECIDE}
_FINISH = tuple(step.finish for step in FINISH)
_ORDERS: dict[tuple[str, ...], tuple[tuple[str, Decide], ...]] = {}


class CannotRefuse(ValueError):
    """A refusal was asked for that the operation never gives."""


def handle(exchange: Exchange) -> Reply:
    """Answer one call. Raises `CannotRefuse`, and whatever a bug of ours raises."""
    for name, decide in _order(exchange.program.order):
        if exchange.forced is not None and decide is act.act:
            _check_unmet(exchange, before=True)
        refusal = decide(exchange)
        if refusal is not None:
            exchange.refusal = refusal
            exchange.refused_by = name
            break
        if exchange.forced is not None and decide is route.route:
            _check_forced(exchange)
    if exchange.forced is not None and exchange.refusal is None:
        _check_unmet(exchange, before=False)
    for finish in _FINISH:
        finish(exchange)
    return exchange.reply


def _order(names: tuple[str, ...]) -> tuple[tuple[str, Decide], ...]:
    found = _ORDERS.get(names)
    if found is None:
        found = _ORDERS[names] = tuple((name, _DECIDE[name]) for name in names)
    return found


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
    order = exchange.program.order
    if before and order.index(owner) >= order.index(act.STEP.name):
        return
    raise CannotRefuse(
        f"this call of {exchange.operation.id} met nothing that could refuse it "
        f"with {exchange.forced!r}"
    )
