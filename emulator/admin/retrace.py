"""Retrace: a world as it was at an exchange, brought about again from its beginning.

A journal keeps what came and what was answered, and no states. A world is decided by its
beginning, its clock and what it was asked: a world of the same id that begins as it did
is asked the same again, at the same times, and each reply has to be the same.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from emulator.admin.journal.recipe import NoRecipe, steps
from emulator.admin.trial import Trial, call_of
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.entry import Entry
from emulator.times import SECOND
from emulator.world.acts import Act
from emulator.world.journal import Journal
from emulator.world.world import World

MOST = 10_000
"""The most calls and acts that are repeated."""
SECONDS = 30
"""So long it may take."""
_SLICE = SECOND // 50
"""Microseconds of work after which others have their turn."""


class Moment(NamedTuple):
    """When a world is wanted: right after an exchange, or right before it."""

    exchange: int
    before: bool = False


class NotExact(Exception):
    """The world cannot be brought about as it was; the message says why."""


def retraced(
    dispatcher: Dispatcher, world: World, moment: Moment
) -> Generator[None, str | None, World]:
    """A world like *world* at *moment*, which no registry has; its clock stands still.

    Gives others their turn in between. Raises `NotExact`.
    """
    try:
        story = steps(world, moment.exchange, before=moment.before)
    except NoRecipe as error:
        raise NotExact(str(error)) from None
    if len(story) > MOST:
        raise NotExact(
            f"{len(story)} calls and changes lead there; {MOST} are the most"
        )
    trial = _beginning(dispatcher, world)
    then: Entry | None = world.journal.get(moment.exchange)
    yield from _asked_again(trial, story, world)
    if moment.before and then is not None:
        trial.move(then.at)
    return trial.world


def _beginning(dispatcher: Dispatcher, world: World) -> Trial:
    """*world* as it began."""
    settings, acts = dispatcher.settings, world.acts
    journal: Journal[Entry] = Journal(1, settings.journal_bytes)
    journal.written = acts.since
    trial = Trial(dispatcher, world.again(journal, dispatcher.programs))
    if world.start is None:
        trial.dispatcher.worlds.arrange(trial.world)
    return trial


def _asked_again(
    trial: Trial, story: Sequence[Act | Entry], world: World
) -> Generator[None, str | None, None]:
    real = world.clock.real
    spent, since = 0, real()
    for step in story:
        trial.move(step.at)
        if isinstance(step, Act):
            _act_again(trial, step)
        else:
            _call_again(trial, step)
        if real() - since > _SLICE:
            spent += real() - since
            if spent > SECONDS * SECOND:
                raise NotExact(f"to ask all again takes more than {SECONDS} s")
            yield
            since = real()


def _act_again(trial: Trial, act: Act) -> None:
    status = trial.act(act)
    if status >= 400:
        raise NotExact(
            f"{act.method} {act.path}, asked again after exchange {act.after}, is"
            f" answered {status}"
        )


def _call_again(trial: Trial, entry: Entry) -> None:
    trial.call(call_of(entry))
    made: Entry | None = trial.world.journal.get(entry.id)
    why = _difference(entry, made)
    if why:
        raise NotExact(f"exchange {entry.id}, asked again, {why}")


def _difference(entry: Entry, made: Entry | None) -> str:
    """How a call was answered otherwise; empty where it was not."""
    if made is None:
        return "is no longer a call that a provider answers"
    if made.status != entry.status:
        return f"is answered {made.status} instead of {entry.status}"
    if made.refusal != entry.refusal:
        return f"is refused as {made.refusal} instead of {entry.refusal}"
    if made.reply_headers != entry.reply_headers:
        return "is answered with other headers"
    if made.reply_body != entry.reply_body:
        return "is answered with another body"
    if [fault.text for fault in made.faults] != [fault.text for fault in entry.faults]:
        return "goes wrong in another way"
    return ""
