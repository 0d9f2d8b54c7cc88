"""In flight: how long a call is going on, for limits of those that are at one time.

That is what the limit says it takes, as long as its reply is delayed on purpose, and as
long as a stream lasts whose items come one after the other.
"""

from __future__ import annotations

from emulator.exchange.exchange import Exchange
from emulator.times import micros
from emulator.world.meters import InFlight


def go_on_delayed(exchange: Exchange) -> None:
    """Have the call be in flight as long as faults delay its reply."""
    length = _delay(exchange)
    for bucket in exchange.buckets or ():
        if length and isinstance(bucket.meter, InFlight):
            bucket.meter.extend(exchange.at, bucket.cost, length)


def go_on_streaming(exchange: Exchange) -> None:
    """Have the call be in flight until the last item of its reply is sent."""
    reply = exchange.reply
    length = micros(reply.every * (len(reply.parts or ()) - 1))
    for number, bucket in enumerate(exchange.buckets or ()):
        cost = exchange.costs[number] if exchange.costs else bucket.cost
        if length > 0 and cost and isinstance(bucket.meter, InFlight):
            already = _delay(exchange)
            bucket.meter.extend(exchange.at, cost, length, already=already)


def _delay(exchange: Exchange) -> int:
    delays = [fault.amount for fault in exchange.faults if fault.kind == "delay"]
    return micros(sum(delays)) if delays else 0
