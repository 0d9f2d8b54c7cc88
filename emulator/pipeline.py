"""The pipeline: what happens to every call, in order.

This file is the map of the emulator. A call walks down DECIDE until a step refuses
it or the list ends, and then down the whole of FINISH. A provider may ask the
questions in another order; it asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.call import Reply
from emulator.diagnostics import did_you_mean
from emulator.exchange import Exchange, Step
from emulator.program.refusals import known_refusals
from emulator.steps.act import act
from emulator.steps.authenticate import authenticate
from emulator.steps.authorize import authorize
from emulator.steps.body import body
from emulator.steps.find import find
from emulator.steps.headers import headers
from emulator.steps.identify import identify
from emulator.steps.journal import journal
from emulator.steps.lockout import lockout
from emulator.steps.negotiate import negotiate
from emulator.steps.notify import notify
from emulator.steps.paginate import paginate
from emulator.steps.parameters import parameters
from emulator.steps.rate_limit import rate_limit
from emulator.steps.render import render
from emulator.steps.route import route
from emulator.steps.settle import settle
from emulator.steps.spoil import spoil
from emulator.steps.transport import transport
from emulator.steps.validate import validate

DECIDE: tuple[Step, ...] = (
    route,  #         which operation is this?
    transport,  #     does the network let it through?
    identify,  #      who does the caller claim to be?
    lockout,  #       is that caller shut out?
    authenticate,  #  can it prove the claim?
    rate_limit,  #    may it call now?
    authorize,  #     may it do this?
    parameters,  #    what do path, query, headers and cookies say?
    negotiate,  #     do we share a media type?
    body,  #          can the body be read?
    find,  #          does the record exist that it is about?
    validate,  #      does the input keep the rules?
    act,  #           what does it do to the world?
    paginate,  #      which part of the result?
)

FINISH: tuple[Callable[[Exchange], None], ...] = (
    settle,  #        what does the outcome mean for later calls?
    render,  #        result or refusal -> the provider's bytes
    notify,  #        who is to be told of what it has done?
    headers,  #       request id, quota, links, date
    spoil,  #         what goes wrong with the reply on purpose?
    journal,  #       write it down, with every reason
)

_STEPS: Mapping[str, Step] = {step.__name__: step for step in DECIDE}
_ORDERS: dict[tuple[str, ...], tuple[tuple[str, Step], ...]] = {}


class CannotRefuse(ValueError):
    """A refusal was asked for that the operation never gives."""


def handle(exchange: Exchange) -> Reply:
    """Answer one call. Raises `CannotRefuse`, and whatever a bug of ours raises."""
    for name, step in _order(exchange.program.order):
        if exchange.forced is not None and step is act:
            _check_unmet(exchange, before=True)
        refusal = step(exchange)
        if refusal is not None:
            exchange.refusal = refusal
            exchange.refused_by = name
            break
        if exchange.forced is not None and step is route:
            _check_forced(exchange)
    if exchange.forced is not None and exchange.refusal is None:
        _check_unmet(exchange, before=False)
    for finish in FINISH:
        finish(exchange)
    return exchange.reply


def _order(names: tuple[str, ...]) -> tuple[tuple[str, Step], ...]:
    found = _ORDERS.get(names)
    if found is None:
        found = _ORDERS[names] = tuple((name, _STEPS[name]) for name in names)
    return found


def _check_forced(exchange: Exchange) -> None:
    """Refuse to pretend: a forced refusal is one that the operation can give."""
    possible = known_refusals(exchange.program, exchange.operation)
    if exchange.forced not in possible:
        raise CannotRefuse(
            f"{exchange.operation.id} of {exchange.program.name} cannot refuse with "
            f"{exchange.forced!r}: {did_you_mean(exchange.forced, possible)}"
        )


def _check_unmet(exchange: Exchange, *, before: bool) -> None:
    """Refuse to pretend, once the step is over that a forced refusal belongs to.

    *before* the call acts on the world, that of `act` and what follows is to come.
    """
    if not exchange.insists:
        return
    owner = known_refusals(exchange.program, exchange.operation)[str(exchange.forced)]
    if before and owner in ("act", "paginate"):
        return
    raise CannotRefuse(
        f"this call of {exchange.operation.id} met nothing that could refuse it "
        f"with {exchange.forced!r}"
    )
