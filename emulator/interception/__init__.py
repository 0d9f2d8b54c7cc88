"""Intercept: calls to a provider's hosts are answered in this process, byte for byte.

    with intercept(board.answer, board.hosts):
        requests.get("https://api.example.com/books")

What connects to one of the hosts gets an end of a line in memory in place of a socket:
the client library goes on as ever, with its own parser, pools, retries and timeouts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from emulator.exchange.call import Call, Reply
from emulator.interception.block import Interception
from emulator.interception.patch_point import UnknownVersion
from emulator.interception.registry import ForeignHost
from emulator.settings import Settings

__all__ = ["ForeignHost", "Interception", "UnknownVersion", "intercept"]


def intercept(
    answer: Callable[[Call], Reply],
    hosts: Iterable[str],
    *,
    wait: Callable[[float], object] | None = None,
    on_other: Literal["pass", "refuse"] = "pass",
    allow: Iterable[str] = (),
    settings: Settings | None = None,
) -> Interception:
    """Have *answer* answer what is sent to *hosts*, for a block or in a function.

    Calls of `requests`, `urllib3`, `httpx`, `httpx2`, `aiohttp` and `http.client` in every
    thread and task are met. *wait* is called with seconds in place of waiting them. Other hosts are
    passed on to the network, or raise `ForeignHost` unless they are among *allow*.
    The longest request is as long as *settings* say.
    """
    return Interception(
        answer, hosts, wait=wait, on_other=on_other, allow=allow, settings=settings
    )
