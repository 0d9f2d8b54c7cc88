"""Delivery: sends what the worlds' outboxes hold, and tells them what came of that.

The only place where the emulator calls somebody. It is one task beside the calls, so
no call waits for a receiver. What is due is due by the world's clock, and that may be
moved by anybody at any time: while something waits, the clock is looked at again and
again, and nobody has to say that it was moved.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from collections.abc import Iterable
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from emulator.admin.counts import Counts
from emulator.engine.dispatcher import Dispatcher
from emulator.problems import kind_of
from emulator.server.egress import Denied, Reach, read_target
from emulator.server.log import Lines
from emulator.times import SECOND
from emulator.world.outbox import Delivery, Outcome

if TYPE_CHECKING:
    import ssl

    from emulator.world.world import World

_AT_ONCE = 16
"""Attempts under way at one time."""
_LOOK = 0.25
"""Seconds between two looks at the world's clock, while something waits."""


class Sender:
    """Sends what is due; *tls* is for receivers whose certificates few would trust."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        hosts: Iterable[str],
        lines: Lines,
        tls: ssl.SSLContext | None = None,
        *,
        counts: Counts | None = None,
        base_url: str = "",
    ) -> None:
        self.reach = Reach(hosts, base_url)
        self._counts = counts or Counts()
        self._dispatcher = dispatcher
        self._lines = lines
        self._tls = tls
        self._woken = asyncio.Event()
        self._under_way: dict[Delivery, tuple[asyncio.Task[None], World]] = {}

    def wake(self) -> None:
        """Look at the outbox now: something was put into it."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due when it is due, until it is cancelled."""
        self._woken = asyncio.Event()  # of the loop that runs now
        try:
            while True:
                self._woken.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._begin(self._dispatcher.worlds)):
                        await self._woken.wait()
        finally:
            await self._stop()

    async def send_due(
        self, world: World | None = None, until: float = math.inf
    ) -> None:
        """Send what is due by now in *world*, or in all, and wait for what comes of it.

        For one who has moved the world's clock and wants to see what follows, but not
        longer than *until*, a time of the event loop. What is not over then goes on.
        """
        worlds = [*self._dispatcher.worlds] if world is None else [world]
        loop = asyncio.get_running_loop()
        while (left := until - loop.time()) > 0:
            self._begin(worlds)
            tasks = [
                task for task, whose in self._under_way.values() if whose in worlds
            ]
            if not tasks and any(one.outbox.due(one.clock.now()) for one in worlds):
                # Others have taken all the places: any of them may become free.
                tasks = [task for task, _ in self._under_way.values()]
            if not tasks:
                return
            patience = None if left == math.inf else left
            await asyncio.wait(
                tasks, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )

    def _begin(self, worlds: Iterable[World]) -> float | None:
        """Begin what is due; the seconds until the next look, None where none is needed."""
        waits: list[float] = []
        for world in worlds:
            first = world.outbox.next_at
            if first is None:
                continue  # most worlds have nobody to tell anything
            now = world.clock.now()
            if first > now:
                waits.append((first - now) / SECOND)
                continue
            for one in world.outbox.due(now):
                if len(self._under_way) >= _AT_ONCE:
                    return None  # the end of any of them wakes us
                if one not in self._under_way:
                    task = asyncio.create_task(self._send(world, one))
                    self._under_way[one] = task, world
            waits += [
                (one.next_at - now) / SECOND
                for one in world.outbox.pending()
                if one not in self._under_way
            ]
        return min(max(min(waits), 0.0), _LOOK) if waits else None

    async def _stop(self) -> None:
        tasks = [task for task, _ in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, world: World, delivery: Delivery) -> None:
        """Make one attempt; whatever happens is its outcome."""
        started = perf_counter()
        try:
            outcome = await self._attempt(delivery, world.clock.now())
            world.outbox.settle(delivery, outcome, world.clock.now())
            self._counts.attempted(delivery.message.provider, outcome)
            self._note(world, delivery, outcome, perf_counter() - started)
        finally:
            del self._under_way[delivery]
            self.wake()

    async def _attempt(self, delivery: Delivery, now: int) -> Outcome:
        # The first attempt imports what most servers never need.
        from emulator.server.webhook_client import Unposted, post

        message, to = delivery.message, delivery.subscription
        program = self._dispatcher.programs.get(message.provider)
        policy = program.webhooks if program else None
        if policy is None:
            return Outcome(None, "the provider sends no webhooks")
        try:
            target = read_target(to.url)
            headers = [*message.headers]
            if policy.signature is not None and to.secret:
                event = {"name": message.event, "id": message.id}
                headers += policy.signature.headers(message.body, event, to.secret, now)
            async with asyncio.timeout(policy.timeout):
                addresses = await self.reach.addresses(target)
                status = await post(target, addresses, headers, message.body, self._tls)
        except Denied as error:
            return Outcome(None, f"denied: {error}")
        except TimeoutError:
            return Outcome(None, f"no whole answer within {policy.timeout:g} s")
        except Unposted as error:
            return Outcome(None, str(error))
        except OSError as error:
            return Outcome(None, f"no connection: {error}")
        except Exception as error:  # a bug, ours or a spec's, and no reason to end
            self._lines.say("".join(traceback.format_exception(error)))
            return Outcome(None, f"{kind_of(error)}: {type(error).__name__}: {error}")
        if policy.accepts(status):
            return Outcome(status)
        redirected = "; redirects are not followed" if 300 <= status < 400 else ""
        return Outcome(status, f"answered with {status}{redirected}")

    def _note(
        self, world: World, delivery: Delivery, outcome: Outcome, seconds: float
    ) -> None:
        """A line for the log: without the query, which may hold a secret."""
        self._lines.request(
            "POST",
            delivery.subscription.url.partition("?")[0],
            outcome.status or 0,
            seconds,
            (delivery.message.provider, delivery.message.event, delivery.state),
            world=world.id,
        )
