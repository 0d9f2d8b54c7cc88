"""Connection: the server's side of one HTTP/1.1 connection, without I/O.

Bytes of a client go in (`receive`, `eof`, `lost`), complete calls come out (`next_call`),
their replies go in (`send`), and `outputs` fills with what is to be done about them: bytes
to send, seconds to wait, an ending. A socket's driver (`protocol.py`) and the client of
an interception do that, so both show the same bytes.

A connection knows no clock: who drives it tells it the time, and asks from time to time
(`tick`) whether something takes too long.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from emulator.exchange.call import Call, Reply
from emulator.exchange.problems import problem
from emulator.http.authority import Headers, origin_form, with_host
from emulator.server.heads import WHOLE, Head, Heads, Room, malformed
from emulator.server.heads import closes as is_last
from emulator.server.parser import MALFORMED, ParserMaker, Refused, Unreadable
from emulator.server.reply_bytes import BODILESS, head_and_body, status_line
from emulator.server.slots import Allowed, Slots
from emulator.server.wire import Ending, Output, outputs
from emulator.settings import Settings

LINGER = 64 * 1_048_576
"""Bytes that are read of a request after its answer, so that a client that sends all
before it reads finds the answer (RFC 9112, 9.6)."""
_LINGERING = 5.0
"""Seconds for them."""
REFUSED_STAYS = 2.0
"""Seconds that a connection above the limit, or one that was refused, may stay."""
_IDLE = 65.0
"""Seconds that a connection may be kept between two requests."""


def _nothing(_: object = None) -> None:
    """Nobody wants to be told."""


def _as_it_is(call: Call) -> Call:
    return call


def no_tunnels(_: bytes) -> Refused:
    """Why there is no tunnel, where there are none at all."""
    return Refused(
        501,
        "no tunnels",
        "CONNECT is not spoken here",
        fix="start the server with --tls, and it answers inside of tunnels",
    )


_Request = tuple[Call, bool, bool]
"""A complete request: its call, whether the client may send another one after it, and
whether its body has one of the `Slots`."""


class Connection:
    """One connection.

    *body_limit* says how many bytes are read of the body of a call, of which only the
    head is known. *place* adds to a call who made it, and where. *wake* is called when
    `outputs` have changed by themselves, and *refusing* with what is refused here.
    *refuse_tunnel* says why there is no tunnel to the host and port that a CONNECT
    names, if so. The heads of requests that are remembered share *room* with those of
    other connections.
    """

    def __init__(
        self,
        parser: ParserMaker,
        settings: Settings,
        body_limit: Callable[[Call], Allowed],
        slots: Slots,
        *,
        scheme: str = "http",
        place: Callable[[Call], Call] = _as_it_is,
        wake: Callable[[], None] = _nothing,
        refusing: Callable[[Refused], None] = _nothing,
        refuse_tunnel: Callable[[bytes], Refused | None] = no_tunnels,
        room: Room | None = None,
    ) -> None:
        self.scheme = scheme
        self.outputs: deque[Output] = deque()
        """What is to be done next, in order."""
        self.over_limit: Refused | None = None
        """Why no more requests are answered here, where there are too many connections."""
        self.patience = settings.request_timeout
        """Seconds that a request may take to come."""
        self.lingering = 0.0
        """Seconds that bytes are to be read after a closing end, when only our direction
        is closed at first: closing with unread bytes makes a kernel send an RST, which may
        overtake the reply."""
        self.ended = False
        """It has been decided how this ends: nothing more is answered."""
        self._max_headers = settings.max_headers
        self._parser = parser(self, settings.max_headers)
        self._body_limit = body_limit
        self._slots = slots
        self._place = place
        self._wake = wake
        self._refusing = refusing
        self._refuse_tunnel = refuse_tunnel
        self.tunnel = b""
        """The host and port of the tunnel that `Ending.TUNNEL` begins."""
        self.rest = b""
        """What has come of the tunnel."""
        self._queue: deque[_Request] = deque()
        self._refused: Refused | Ending | None = None
        """What is said once everything is answered that came before."""
        self._answering: _Request | None = None
        self._last = False
        """The connection ends once everything is answered that has come."""
        self._discarding = False
        """What comes belongs to a request that is not read to its end."""
        self._heads = Heads(room or Room())
        self._known: Head | None = None
        """The head that the parser has read last."""
        self._begin()

    def _begin(self) -> None:
        # Of the request that is being received:
        self._now = 0.0
        """When anything came the last time."""
        self._since: float | None = None
        """When it began; None between requests."""
        self._received = 0
        self._chunk = 0
        """Bytes that came the last time."""
        self._in_head = True
        self._call: Call | None = None
        self._keeps = False
        self._expects = False
        self._most = 0
        self._waiting = False
        self._has_slot = False
        """Whether its body has one of the `Slots`, or waits for one."""
        self._body = bytearray()
        # Of a reply that is sent in parts:
        self._head = b""
        self._chunked = False
        self._closes = False

    # what comes in

    def opened(self, now: float) -> None:
        """The client has connected, and has to send something."""
        self._since = self._now = now

    def secured(self) -> None:
        """It is encrypted from now on."""
        self.scheme = "https"
        self._known = None
        self._heads.forget()

    def receive(self, data: bytes, now: float = 0.0) -> None:
        """Take bytes of the client's."""
        if self._discarding or self.ended:
            self._discard(data)
            return
        self._now = now
        begins = not self._received
        if begins:
            call = self._heads.calls.get(data)
            if call is not None and self.over_limit is None:
                self._since = None
                self._queue.append((call, True, False))
                return
            self._since = now
        self._chunk = len(data)
        self._received += self._chunk
        try:
            whole = begins and self._chunk <= WHOLE
            request = self._heads.read(data) if whole else None
            if request is None:
                self._parser.feed(data)
                if whole and not self._received and self._known is not None:
                    self._heads.remember(data, self._known)
            else:
                self._begin_again(data, *request)
        except Unreadable as error:
            if not self._discarding:
                self._refuse(error.refused or self._unreadable())
            return
        if self._call is not None and (
            len(self._body) + self._parser.announced > self._most
        ):
            self._hand_over(self._call)
        elif self._received > self._max_headers:
            if self._in_head:
                self._refuse(self._too_long())
            elif self._received > self._most_in_all():
                self._give_up_body()

    def _give_up_body(self) -> None:
        """Read no more of a body with more around it than it may take up."""
        if self._call is None:
            self._end(Ending.RESET)
        else:
            self._hand_over(self._call)

    def _discard(self, data: bytes) -> None:
        """Take what belongs to no request that is answered."""
        self._received += len(data)
        if self.tunnel and not self.ended:
            self.rest += data
        most = self._max_headers if self.tunnel else LINGER
        if self._received > most:
            self.outputs.append(Ending.RESET)

    def eof(self) -> bool:
        """The client sends nothing more; whether something has still to be answered.

        A client that waits for a fault's delay is taken to have gone.
        """
        if self.outputs or self._call is not None or self.ended:
            return False
        self._last = True
        return self.busy

    def lost(self) -> None:
        """The client has gone."""
        self.ended = True
        self._abandon()
        if self._answering is not None:
            self._answered(self._answering)
        # What refers to itself would wait for the garbage collector.
        self._parser.close()
        self._heads.forget()
        self._wake = _nothing
        self._place = _as_it_is
        self._refusing = _nothing
        self._refuse_tunnel = no_tunnels

    def shut_down(self) -> None:
        """The server ends: what is being answered is answered, and nothing else."""
        self._abandon_queue()
        self._last = True
        if not self.busy:
            self._end(Ending.CLOSE)

    def tick(self, now: float) -> float:
        """Give up what takes too long; the seconds until the next look."""
        if self._since is not None:
            left = self._since + self.patience - now
            if left > 0.001:
                return left
            if self._received:
                self._refuse(self._late())
            else:
                self._end(Ending.CLOSE)
        elif not self.busy:
            left = self._now + _IDLE - now
            if left > 0:
                return min(left, self.patience)
            self._end(Ending.CLOSE)
        return self.patience

    # what goes out

    @property
    def busy(self) -> bool:
        """Whether something is being answered, or has still to be."""
        return bool(self._answering or self._queue or self._refused or self.outputs)

    @property
    def reading_paused(self) -> bool:
        """Whether no more is to be read for now: calls wait to be answered, or a body
        waits for a slot."""
        return bool(self._queue) or self._waiting

    def next_call(self) -> Call | None:
        """The call that is to be answered next, once the one before it was."""
        if self._answering is not None or self.ended:
            return None
        if self._queue:
            self._answering = self._queue.popleft()
            return self._answering[0]
        if self._refused is not None:
            refused, self._refused = self._refused, None
            if isinstance(refused, Ending):
                self.outputs.append(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._end(refused)
                return None
            self._refusing(refused)
            self.outputs.append(_refusal(refused))
            self._end(Ending.CLOSE, REFUSED_STAYS)
        return None

    def send(self, reply: Reply) -> None:
        """Answer the call. Raises `UnsendableReply` before anything is sent."""
        request = self._answering
        assert request is not None  # noqa: S101 - narrows the type
        method = request[0].method
        closes = not request[1] or (self._last and not self._queue)
        if reply.faults or reply.parts is not None:
            self.outputs.extend(outputs(reply, method, closes=closes))
            closes = isinstance(self.outputs[-1], Ending)
        else:
            head, body, closes = head_and_body(reply, method, closes=closes)
            self.outputs.append(head + body)
            if closes:
                self.outputs.append(Ending.CLOSE)
        self._answered(request, closes=closes)

    def start(self, status: int, headers: Headers) -> None:
        """Begin to answer the call with a reply whose body comes in parts."""
        request = self._answering
        assert request is not None  # noqa: S101 - narrows the type
        closes, says_close = not request[1] or (self._last and not self._queue), False
        framed = request[0].method == "HEAD" or status in BODILESS
        lines = [status_line(status).encode()]
        for name, value in headers:
            lines.append(name + b": " + value + b"\r\n")
            lowered = name.lower()
            framed = framed or lowered in (b"content-length", b"transfer-encoding")
            says_close = says_close or (lowered == b"connection" and is_last(value))
        if closes and not says_close:
            lines.append(b"Connection: close\r\n")
        if not framed:
            lines.append(b"Transfer-Encoding: chunked\r\n")
        self._head = b"".join([*lines, b"\r\n"])
        self._chunked, self._closes = not framed, closes or says_close

    def part(self, body: bytes, *, more: bool) -> None:
        """Send a part of the body; the head leaves with the first."""
        request = self._answering
        assert request is not None  # noqa: S101 - narrows the type
        if request[0].method == "HEAD":
            body = b""
        elif self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = chunk if more else chunk + b"0\r\n\r\n"
        data, self._head = self._head + body, b""
        if data:
            self.outputs.append(data)
        if not more:
            if self._closes:
                self.outputs.append(Ending.CLOSE)
            self._answered(request, closes=self._closes)

    def break_off(self, ending: Ending) -> None:
        """End without an answer, or in the midst of one."""
        self._abandon()
        self._end(ending)

    def _answered(self, request: _Request, *, closes: bool = False) -> None:
        self._answering = None
        if closes:
            self._abandon_queue()
            self.ended = True
            self.lingering = _LINGERING if self._discarding else 0.0
        if request[2]:
            self._slots.release()

    def _end(self, ending: Ending, lingering: float = 0.0) -> None:
        if not self.ended:
            self.outputs.append(ending)
            self.ended = True
            self.lingering = lingering

    # the parser's side: see `Sink`

    def begin(self) -> None:
        if not self._received:  # its first byte has come with the request before it
            self._since = self._now
            self._received = self._chunk

    def head(
        self,
        method: bytes,
        target: bytes,
        version: str,
        headers: Headers,
        framing: Sequence[tuple[bytes, bytes]],
    ) -> None:
        known = self._known
        if known is None or headers != known.lines or version != known.version:
            known = self._known = Head(version, headers, framing)
        self._begin_call(known, method, target)

    def _begin_call(self, known: Head, method: bytes, target: bytes) -> None:
        """Make a call of a request line and of a head. Raises `Unreadable`."""
        self._in_head = False
        refused = known.refused or self._unwelcome(known)
        if method == b"CONNECT":
            self._open_tunnel(target, refused, has_body=known.has_body)
            return
        lines, call = known.lines, known.call
        if refused is None and not target.startswith(b"/"):
            refused = _no_target(target)
            target, authority = origin_form(target)
            if authority is not None:
                lines, call = with_host(lines, authority), None
                refused = refused or self._refuse_proxied(authority)
        if refused is None and (b"#" in target or not target.isascii()):
            refused = malformed("the request target is no path with a query")
        if refused is not None:
            raise Unreadable(refused)
        path, _, query = target.partition(b"?")
        if call is not None:
            call = call.again(method.decode("ascii"), path.decode("ascii"), query)
        else:
            call = Call(
                method=method.decode("ascii"),
                path=path.decode("ascii"),
                query=query,
                raw_headers=lines,
                scheme=self.scheme,
            )
            call = self._place(call)
        if lines is known.lines:
            known.call, known.line = call, b""
        self._call = call
        self._keeps = known.keeps
        if known.has_body:
            self._admit(call, known.length, expects=known.expects)

    def _begin_again(self, data: bytes, head: Head, line: bytes, body: bytes) -> None:
        """Make a call of the whole request *data*, whose *head* has come before."""
        if line == head.line and head.call is not None and self.over_limit is None:
            self._call, self._keeps = head.call, True
            if head.has_body:
                self._admit(head.call, head.length, expects=False)
            else:
                self._heads.remember_call(data, head.call)
        else:
            method, target, _ = line.split(b" ")
            self._begin_call(head, method, target)
            head.line = line
        self._complete_call(body)

    def body(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._most and self._call is not None:
            self._hand_over(self._call)
            raise Unreadable

    def complete(self) -> None:
        body = b""
        if self._body:
            body, self._body = bytes(self._body), bytearray()
        self._complete_call(body)

    def _complete_call(self, body: bytes) -> None:
        call = self._call
        if call is None:  # a tunnel
            return
        self._since = self._call = None
        self._received = 0
        self._in_head = True
        if body:
            call = call.with_body(body)
        self._queue.append((call, self._keeps, self._has_slot))
        self._has_slot = False
        if self._waiting:  # all of it came at once, and needs no slot
            self._waiting = False
            self._slots.cancel(self._slot_acquired)

    def switch(self, rest: bytes) -> None:
        self._refused = Ending.TUNNEL
        self._stop_reading()
        self.rest = rest

    def _refuse_proxied(self, authority: bytes) -> Refused | None:
        """Why a request to *authority* is not answered by a proxy that forwards nothing,
        if so and if this is one."""
        if self._refuse_tunnel is no_tunnels:
            return None
        has_port = authority.rpartition(b":")[2].isdigit()
        return self._refuse_tunnel(authority if has_port else authority + b":80")

    def _open_tunnel(
        self, target: bytes, refused: Refused | None, *, has_body: bool
    ) -> None:
        """Begin the tunnel to *target*, or refuse it (RFC 9110, 9.3.6)."""
        if refused is None and has_body:
            refused = malformed("a CONNECT has no body")
        refused = refused or self._refuse_tunnel(target)
        if refused is not None:
            raise Unreadable(refused)
        self.tunnel = target

    def _admit(self, call: Call, length: int, *, expects: bool) -> None:
        """See whether the body of *call* is to be read, and when.

        *length* is 0 where nobody says how long it is, and *expects* whether the client
        waits for leave to send it.
        """
        limit = self._body_limit(call)
        self._most, self._expects = limit.most, expects
        if length > limit.most:
            self._hand_over(call)
            raise Unreadable
        if limit.shared and not self._slots.acquire(self._slot_acquired):
            self._waiting = True
            return
        self._has_slot = limit.shared
        self._give_leave()

    def _slot_acquired(self) -> None:
        self._waiting, self._has_slot = False, True
        self._give_leave()
        self._wake()

    def _give_leave(self) -> None:
        if self._expects:
            self.outputs.append(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, call: Call) -> None:
        """Have *call* answered, whose body is too long, and read nothing more of it."""
        self._queue.append((call.changed(body_too_large=True), False, False))
        self._stop_reading()

    # what is not answered by a provider

    def _unwelcome(self, head: Head) -> Refused | None:
        """Why a request with this *head*, which is fit, is not answered, if so."""
        if self._received > self._max_headers and (
            sum(len(name) + len(value) + 4 for name, value in head.lines)
            > self._max_headers
        ):
            return self._too_long()
        return self.over_limit

    def _refuse(self, refused: Refused) -> None:
        """Answer the request that is being received in place of a provider, and close;
        what came before it is answered first."""
        self._refused = refused
        self._stop_reading()

    def _unreadable(self) -> Refused:
        if self._in_head and self._received > self._max_headers:
            return self._too_long()
        return MALFORMED

    def _too_long(self) -> Refused:
        most = self._max_headers
        detail = f"a request head has at most {most} bytes"
        return Refused(431, "request head too long", detail)

    def _late(self) -> Refused:
        detail = f"the request was not complete after {self.patience:g} seconds"
        return Refused(408, "request timeout", detail)

    def _most_in_all(self) -> int:
        """More than what has come of the body may take up: tiny chunks, with a length
        before each, and a head, and trailers."""
        return self._max_headers + 8 * len(self._body) + 65_536

    def _stop_reading(self) -> None:
        self._discarding = True
        self._since = None
        self._received = 0
        self._leave_request()

    def _leave_request(self) -> None:
        """Nothing more is wanted of the request that is being received."""
        self._call = None
        self._body = bytearray()
        if self._waiting:
            self._waiting = False
            self._slots.cancel(self._slot_acquired)
        elif self._has_slot:
            self._has_slot = False
            self._slots.release()

    def _abandon(self) -> None:
        """Nothing that has come is answered any more."""
        self.outputs.clear()
        self._leave_request()
        self._abandon_queue()

    def _abandon_queue(self) -> None:
        self._refused = None
        slots = sum(has_slot for _, _, has_slot in self._queue)
        self._queue.clear()
        for _ in range(slots):
            self._slots.release()


def _refusal(refused: Refused) -> bytes:
    more: dict[str, Any] = {"fix": refused.fix} if refused.fix else {}
    reply = problem(refused.status, refused.title, refused.detail, **more)
    head, body, _ = head_and_body(reply, "", closes=True)
    if refused.reason:
        _, end, lines = head.partition(b"\r\n")
        line = f"HTTP/1.1 {refused.status} {refused.reason}"
        head = line.encode("ascii", "replace") + end + lines
    return head + body


def _no_target(target: bytes) -> Refused | None:
    """Why *target*, which is no path, is none at all, if so."""
    if target == b"*" or b"://" in target:
        return None
    return malformed("the request target is neither a path nor an address")
