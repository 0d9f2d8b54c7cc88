"""Delivery: sends the webhooks of the worlds' outboxes, and records the outcomes there.

Nothing else in the emulator calls other servers. One task sends, beside the calls to
providers, so that no call waits for a receiver. A delivery is due by its world's clock,
which may be moved at any time: while a delivery waits, the task looks at the clock again
and again, and a move does not have to be announced.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import traceback
from collections.abc import Iterable
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from emulator.admin.counts import Counts
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.problems import kind_of
from emulator.messages import current
from emulator.server.egress import Denied, EgressPolicy, read_target
from emulator.server.log import Log
from emulator.times import SECOND
from emulator.world.outbox import Delivery, Outcome

if TYPE_CHECKING:
    from emulator.world.world import World

_MOST_ATTEMPTS = 16
"""How many attempts are under way at one time."""
_TO_TRUST = (
    ": start the server with SSL_CERT_FILE=FILE of the receiver's CA, or with --tls, and"
    " give the receiver a certificate of `emulator ca --issue NAME`"
)
_LOOK = 0.25
"""Seconds between two looks at the world's clock, while something waits."""


class Sender:
    """Sends the webhooks that are due; *tls* replaces the usual trust in certificates."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        hosts: Iterable[str],
        log: Log,
        tls: ssl.SSLContext | None = None,
        *,
        counts: Counts | None = None,
        base_url: str = "",
    ) -> None:
        self.egress = EgressPolicy(hosts, base_url)
        self._counts = counts or Counts()
        self._dispatcher = dispatcher
        self._log = log
        self._tls = tls
        self.ca = ""
        """The server's own CA in PEM, whose certificates are trusted too."""
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
        """Send what is due by now in *world*, or in all worlds, and wait for the outcomes.

        It waits until the time *until* of the event loop at most; an attempt that is
        still under way then goes on. Moving a world's clock calls this.
        """
        worlds = [*self._dispatcher.worlds] if world is None else [world]
        loop = asyncio.get_running_loop()
        while (seconds := until - loop.time()) > 0:
            self._begin(worlds)
            tasks = [
                task for task, owner in self._under_way.values() if owner in worlds
            ]
            if not tasks and any(
                world.outbox.due(world.clock.now()) for world in worlds
            ):
                # Attempts of other worlds have taken all places: wait for any of them.
                tasks = [task for task, _ in self._under_way.values()]
            if not tasks:
                return
            patience = None if seconds == math.inf else seconds
            await asyncio.wait(
                tasks, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )

    def _begin(self, worlds: Iterable[World]) -> float | None:
        """Begin what is due; the seconds until the next look, None where none is needed."""
        waits: list[float] = []
        for world in worlds:
            self._dispatcher.make_moves(world)
            next_move = world.timers.next_at
            if next_move is not None:
                waits.append((next_move - world.clock.now()) / SECOND)
            next_at = world.outbox.next_at
            if next_at is None:
                continue  # most worlds have no subscription
            now = world.clock.now()
            if next_at > now:
                waits.append((next_at - now) / SECOND)
                continue
            for delivery in world.outbox.due(now):
                if len(self._under_way) >= _MOST_ATTEMPTS:
                    return None  # the end of any attempt wakes this task
                if delivery not in self._under_way:
                    task = asyncio.create_task(self._send(world, delivery))
                    self._under_way[delivery] = task, world
            waits += [
                (delivery.next_at - now) / SECOND
                for delivery in world.outbox.pending()
                if delivery not in self._under_way
            ]
        return min(max(min(waits), 0.0), _LOOK) if waits else None

    async def _stop(self) -> None:
        tasks = [task for task, _ in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, world: World, delivery: Delivery) -> None:
        """Make one attempt, and record its outcome whatever happens."""
        started = perf_counter()
        try:
            if not self._is_wanted(world, delivery):
                world.outbox.end(delivery)
                return
            outcome = await self._attempt(delivery, world.clock.now())
            world.outbox.settle(delivery, outcome, world.clock.now())
            self._counts.attempted(delivery.message.provider, outcome)
            self._log_attempt(world, delivery, outcome, perf_counter() - started)
        finally:
            del self._under_way[delivery]
            self.wake()

    def _is_wanted(self, world: World, delivery: Delivery) -> bool:
        """Whether a subscription that is a record is still there: it is as it is now."""
        subscription = delivery.subscription
        program = self._dispatcher.programs.get(delivery.message.provider)
        if subscription.record is None or program is None:
            return True
        by_now = current(world, program, subscription)
        if by_now is not None:
            delivery.subscription = by_now
        return by_now is not None

    async def _attempt(self, delivery: Delivery, now: int) -> Outcome:
        # The first attempt imports what most servers never need.
        from emulator.server.webhook_client import NoAnswer, post

        message, subscription = delivery.message, delivery.subscription
        program = self._dispatcher.programs.get(message.provider)
        policy = program.webhooks if program else None
        if policy is None:
            return Outcome(None, "the provider sends no webhooks")
        try:
            target = read_target(subscription.url)
            headers = [*message.headers]
            if policy.signature is not None and subscription.secret:
                event = {"name": message.event, "id": message.id}
                headers += policy.signature.headers(
                    message.body, event, subscription.secret, now, subscription.url
                )
            async with asyncio.timeout(policy.timeout):
                addresses = await self.egress.addresses(target)
                tls = self._trust() if target.scheme == "https" else None
                status = await post(target, addresses, headers, message.body, tls)
        except Denied as error:
            return Outcome(None, f"denied: {error}")
        except TimeoutError:
            return Outcome(None, f"no whole answer within {policy.timeout:g} s")
        except NoAnswer as error:
            return Outcome(None, str(error))
        except ssl.SSLCertVerificationError as error:
            return Outcome(None, f"not trusted: {error.verify_message}{_TO_TRUST}")
        except OSError as error:
            return Outcome(None, f"no connection: {error}")
        except Exception as error:  # a bug, ours or a spec's, and no reason to end
            self._log.write("".join(traceback.format_exception(error)))
            return Outcome(None, f"{kind_of(error)}: {type(error).__name__}: {error}")
        if policy.accepts(status):
            return Outcome(status)
        redirected = "; redirects are not followed" if 300 <= status < 400 else ""
        return Outcome(status, f"answered with {status}{redirected}")

    def _trust(self) -> ssl.SSLContext:
        """Whose certificates receivers may have; made with the first of them."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
            if self.ca:
                self._tls.load_verify_locations(cadata=self.ca)
        return self._tls

    def _log_attempt(
        self, world: World, delivery: Delivery, outcome: Outcome, seconds: float
    ) -> None:
        """Log an attempt without the query of its URL, which may hold a secret."""
        self._log.request(
            "POST",
            delivery.subscription.url.partition("?")[0],
            outcome.status or 0,
            seconds,
            (delivery.message.provider, delivery.message.event, delivery.state),
            world=world.id,
        )
