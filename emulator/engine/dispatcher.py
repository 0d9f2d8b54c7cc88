"""Dispatcher: has each call answered by its provider, in its world.

What the emulator itself has to say, it says as a problem (RFC 9457), never in a
provider's words.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from emulator.engine.address import CODING, WORLD, Addresses, NoSuchProvider
from emulator.engine.admission import admit
from emulator.engine.moves import begin_moves, make_moves
from emulator.engine.parts import addressed_part, is_proved
from emulator.engine.preferences import (
    MARK,
    PREFER,
    BadPreference,
    NotDocumented,
    Preferred,
    prefer,
)
from emulator.engine.registry import NoSuchWorld, Worlds
from emulator.engine.scenarios import apply_faults
from emulator.engine.strict import (
    NotEmulated,
    insist_on_known,
    not_emulated,
    over_limit,
    refuse_unlisted,
    written_down,
)
from emulator.engine.stubs import (
    StubbedHost,
    foreign,
    host_of,
    stubbed,
    stubbed_host,
)
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call, Reply
from emulator.exchange.exchange import BodyOverLimit, Exchange
from emulator.exchange.problems import kind_of, problem
from emulator.http.hosts import Hosts
from emulator.pipeline import CannotRefuse, handle
from emulator.program.batch import Part
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.world.faults import BadFault, read_fault
from emulator.world.files import FilesFull
from emulator.world.world import Alarm, Beginning, World

REFUSE = "x-emulator-refuse"
FAULT = "x-emulator-fault"


_LONG = 65_536
"""A body of so many bytes may have so many values that looking at all of them costs."""


class BadTrigger(ValueError):
    """A trigger header that says nothing we can do."""


class Dispatcher:
    """All providers and worlds; `answer` is the way in for every call."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        world: World | Beginning | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.programs = programs = dict(programs)
        self.settings = settings or Settings()
        for program in programs.values():
            admit(program, self.settings)
        self.worlds = Worlds(programs, self.settings, world)
        self.world = self.worlds.default
        """The world of calls that name none."""
        self._foreign: dict[str, StubbedHost] = {}
        self._addresses = Addresses(programs, self.worlds, self.settings)
        self.longest_body = self._addresses.longest_body

    @property
    def hosts(self) -> Hosts:
        """The host names of all providers."""
        return self._addresses.hosts

    def serve(self, program: Program) -> None:
        """Answer as *program* says from now on, in place of another of its name.

        Raises `SpecError` where its functions cannot be run.
        """
        admit(program, self.settings)
        self.programs[program.name] = program
        self._addresses.learn()
        self.worlds.forget_compiled(program.name)

    def answer(self, call: Call) -> Reply:
        """Answer *call*, whose path is the one that was asked for, prefix included."""
        if len(call.body) < _LONG and CODING not in call.headers:
            return self._answer(call)
        with _without_collecting():
            return self._answer(call)

    def _answer(self, call: Call) -> Reply:
        try:
            addressed = self._addresses.address(call)
        except NoSuchProvider as error:
            reply = self._stubbed_host(call)
            return reply or problem(404, "no provider has this address", str(error))
        except NoSuchWorld as error:
            return problem(404, "no such world", str(error))
        return self._answer_addressed(addressed)

    def _answer_addressed(
        self, addressed: Addressed, *, nested: bool = False, proved: bool = False
    ) -> Reply:
        call, world, program = addressed.call, addressed.world, addressed.program
        if world.providers is not None and program.name not in world.providers:
            return _not_in(world, program)
        if world.stubs.held:
            reply = stubbed(addressed)
            if reply is not None:
                return reply
        if program.timed:
            self._make_moves(world, program)
        if world.room.full and _needs_room(addressed.operation):
            return _full(world)
        preferred = None
        if PREFER in call.headers or MARK in call.query:
            try:
                preferred = self._preferred(addressed)
            except (NotDocumented, BadPreference) as error:
                return not_preferred(Exchange(addressed), error)
        exchange = Exchange(addressed)
        if proved:
            exchange.trusted = True
        try:
            return self._handled(exchange, preferred, nested=nested)
        except NotEmulated as error:
            _alarm(addressed, "not emulated", str(error))
            return not_emulated(error)
        except BodyOverLimit:
            most = self.settings.max_body
            detail = f"the body is longer than --max-body, {most} bytes"
            _alarm(addressed, "body over limit", detail)
            return over_limit(exchange, most)
        except FilesFull as error:
            return problem(
                507,
                "world full",
                f"the world {world.id!r}: {error}",
                fix="delete records with files, or reset it",
            )
        except (BadFault, BadTrigger, CannotRefuse) as error:
            if world.faults.given:  # they may have counted it
                _not_written(world, "a call that could not be refused as it asked")
            return problem(400, "this cannot be triggered", str(error))
        except Exception as error:
            kind = kind_of(error)
            name = f"{type(error).__name__}: " if kind == "emulator bug" else ""
            _alarm(addressed, kind, f"{name}{error}")
            _not_written(world, f"a call that met this: {kind}")
            raise

    def _handled(
        self, exchange: Exchange, preferred: Preferred | None, *, nested: bool
    ) -> Reply:
        """The reply to a call that its world takes, with all that is asked of it."""
        operation, world = exchange.addressed.operation, exchange.world
        if operation is not None:
            if operation.batch is not None:
                exchange.nested = nested
                exchange.answer_part = self._answering_parts(exchange)
            if not operation.listed:
                refuse_unlisted(exchange)
        if self.settings.strict:
            insist_on_known(exchange)
        if world.faults.rules:
            apply_faults(exchange)
        if self.settings.triggers:
            headers = exchange.call.headers
            if REFUSE in headers or FAULT in headers:
                _pull(exchange)
        if preferred is not None:
            exchange.preferred = preferred.wanted
            exchange.forced = preferred.refusal or exchange.forced
        reply = handle(exchange)
        if preferred is not None:
            reply.headers.append(preferred.line)
        program = exchange.program
        if program.timed and program.webhooks is not None:
            reply.sends = True  # time has something else to do from now on
        return reply

    def _preferred(self, addressed: Addressed) -> Preferred | None:
        """What the call would like of its reply, where such wishes are granted."""
        return prefer(addressed) if self.settings.triggers else None

    def _answering_parts(self, whole: Exchange) -> Callable[[Part], Reply]:
        """What answers the parts of the batch *whole*."""

        def answer(part: Part) -> Reply:
            addressed = addressed_part(whole.addressed, part)
            proved = is_proved(whole, addressed, part)
            return self._answer_addressed(addressed, nested=True, proved=proved)

        return answer

    def make_moves(self, world: World) -> None:
        """Do to the records of *world* what time has to do by now."""
        next_at = world.timers.next_at
        if next_at is not None and next_at <= world.clock.now():
            make_moves(world, self.programs)

    @property
    def journaled(self) -> Mapping[str, Program]:
        """What an entry of a journal may be of: hosts that stubs answer for, too."""
        return {**self._foreign, **self.programs}

    def _stubbed_host(self, call: Call) -> Reply | None:
        """The reply of a stub to a call to a host that no provider has."""
        host = host_of(call)
        named = call.headers.get(WORLD)
        world = self.world if named is None else self.worlds[named]
        if host not in world.stubs.hosts():
            return None
        program = self._foreign.setdefault(host, stubbed_host(host))
        return stubbed(foreign(call, world, program))

    def answers_for(self, host: str) -> bool:
        """Whether a stub of any world answers for *host*, which no provider has."""
        return any(host in world.stubs.hosts() for world in self.worlds)

    def _make_moves(self, world: World, program: Program) -> None:
        begin_moves(world, program)
        self.make_moves(world)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no garbage: hundreds of thousands of values are in use, and gone after it.

    The collector would go through all of them again and again, which takes longer than
    everything else that is done with them.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _needs_room(operation: Operation | None) -> bool:
    """Whether a call of *operation* may store a record."""
    if operation is None:
        return False
    stores = operation.action.kind in ("create", "update")
    if operation.grant is not None and operation.grant.stores:
        return True
    return stores or any(effect.kind == "create" for effect in operation.effects)


def _not_written(world: World, what: str) -> None:
    """Note that a call may have changed *world*, and is not in its journal."""
    world.acts.miss(world.journal.written, f"{what} is not in the journal")


def _alarm(addressed: Addressed, kind: str, detail: str) -> None:
    about = f"{addressed.call.method[:20]} {addressed.path[:200]}"
    addressed.world.alarms.append(Alarm(kind, about, detail))


def _not_in(world: World, program: Program) -> Reply:
    names = ", ".join(sorted(world.providers or ()))
    return problem(
        404,
        "not in this world",
        f"the world {world.id!r} was made without {program.name}; it has {names}",
    )


def _full(world: World) -> Reply:
    room = world.room
    many = room.taken >= room.most
    size = "" if many else f" of {room.bytes} bytes"
    return problem(
        507,
        "world full",
        f"the world {world.id!r} holds {room.taken} records{size} that calls have"
        " created or changed, and takes no more",
        fix="reset it, or start the emulator with a larger"
        f" --world-{'records' if many else 'bytes'}",
    )


def _pull(exchange: Exchange) -> None:
    """Do what the trigger headers of this call say. Raises `BadFault`, `BadTrigger`."""
    headers = exchange.call.headers
    if REFUSE in headers:
        exchange.forced, exchange.forced_strictly = headers[REFUSE].strip(), True
    faults = [*exchange.faults]
    for text in headers.get(FAULT, "").split(","):
        if not text.strip():
            continue
        fault = read_fault(text.strip())
        if fault.kind == "status":
            exchange.forced = _code(exchange.addressed, int(fault.amount))
            exchange.forced_strictly = True
        else:
            faults.append(fault.drawn(exchange.world.chance))
    exchange.faults = tuple(faults)


def not_preferred(exchange: Exchange, error: Exception) -> Reply:
    """What a call is answered whose preference cannot be followed."""
    if isinstance(error, BadPreference):
        reply = problem(422, "no such preference", str(error))
    else:
        fix = "ask for what the document describes, or add it there"
        reply = problem(404, "not in the document", str(error), fix=fix)
    return written_down(exchange, reply, "not_documented")


def _code(addressed: Addressed, status: int) -> str:
    """The provider's own error with this status, for the operation that is called."""
    program, operation = addressed.program, addressed.operation
    code = program.error_with(operation, status)
    if code is not None:
        return code
    table = operation.errors if operation else program.errors
    statuses = {str(error.status) for error in table.values() if error.status >= 500}
    raise BadTrigger(
        f"{program.name} has no error with status {status}: "
        f"it has {', '.join(sorted(statuses)) or 'none of 500 and more'}"
    )
