"""Streams: replies that go on, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from emulator.admin.table import Event, Stream
from emulator.server.event_streams import EventStreams, encode_event


class Feed:
    """Events that somebody can watch; it knows who does."""

    def __init__(self, *texts: str) -> None:
        self.events = [*map(self.event, enumerate(texts, 1))]
        self.watchers: list[Callable[[], None]] = []

    @staticmethod
    def event(numbered: tuple[int, str]) -> Event:
        number, text = numbered
        return Event(str(number), text.encode(), "thing")

    def add(self, text: str) -> None:
        self.events.append(self.event((len(self.events) + 1, text)))
        for wake in self.watchers:
            wake()

    def after(self, id: str) -> Iterable[Event]:
        return (event for event in self.events if int(event.id) > int(id or 0))

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(wake)
        return lambda: self.watchers.remove(wake)

    def reply(self) -> Stream:
        return Stream(after=self.after, watch=self.watch)


class Listener:
    """One who reads a stream, with the network between them left out."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.left = asyncio.Event()
        self._more = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self._more.set()

    async def receive(self) -> Any:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def until(self, text: bytes) -> bytes:
        """All that has come, once *text* has."""
        while text not in self.text:
            self._more.clear()
            await self._more.wait()
        return self.text

    @property
    def text(self) -> bytes:
        return b"".join(one.get("body", b"") for one in self.sent)


def listening(
    scene: Callable[[EventStreams, Listener, asyncio.Task[None]], Any],
    feed: Feed,
    *,
    last: str = "",
    quiet: float = 60.0,
) -> Listener:
    """Have *scene* happen while somebody listens; the stream has ended with it."""

    async def live() -> Listener:
        streams, listener = EventStreams(quiet), Listener()
        task = asyncio.create_task(
            streams.perform(feed.reply(), [], last, listener.receive, listener.send)
        )
        async with asyncio.timeout(5):
            await scene(streams, listener, task)
            await task
        return listener

    return asyncio.run(live())


def test_what_was_and_what_comes() -> None:
    feed = Feed("one")

    async def scene(streams: EventStreams, listener: Listener, task: Any) -> None:
        await listener.until(b"one")
        feed.add("two")
        await listener.until(b"two")
        streams.stop()

    listener = listening(scene, feed)

    assert listener.text == (
        b":\n\nid: 1\nevent: thing\ndata: one\n\nid: 2\nevent: thing\ndata: two\n\n"
    )
    end = {"type": "http.response.body", "body": b"", "more_body": False}
    assert listener.sent[-1] == end


def test_who_comes_back_misses_nothing() -> None:
    """Last-Event-ID is where it goes on."""
    feed = Feed("one", "two", "three")

    async def scene(streams: EventStreams, listener: Listener, task: Any) -> None:
        await listener.until(b"three")
        streams.stop()

    assert b"data: one" not in listening(scene, feed, last="2").text
    assert b"data: two" in listening(scene, feed, last="1").text


def test_it_ends_when_nobody_listens_any_more() -> None:
    """And nothing of it is left."""
    feed = Feed("one")

    async def scene(streams: EventStreams, listener: Listener, task: Any) -> None:
        await listener.until(b"one")
        assert len(feed.watchers) == 1
        listener.left.set()

    listening(scene, feed)

    assert feed.watchers == []


def test_a_connection_is_kept_alive_by_comments() -> None:
    """Proxies close what says nothing."""

    async def scene(streams: EventStreams, listener: Listener, task: Any) -> None:
        await listener.until(b":\n\n" * 3)
        streams.stop()

    assert listening(scene, Feed(), quiet=0.01).text.startswith(b":\n\n:\n\n:\n\n")


def test_an_event_of_several_lines_is_one_event() -> None:
    assert encode_event(Event("7", b"a\nb")) == b"id: 7\ndata: a\ndata: b\n\n"


def test_no_more_is_made_than_a_reader_takes() -> None:
    """What came long ago goes out piece by piece, each once the one before is taken."""

    async def scene() -> None:
        made = 0

        class Large(Feed):
            def after(self, id: str) -> Iterable[Event]:
                nonlocal made
                for event in super().after(id):
                    made += 1
                    yield event

        class Slow(Listener):
            async def send(self, message: Any) -> None:
                await super().send(message)
                pieces.append((len(message.get("body", b"")), made))

        pieces: list[tuple[int, int]] = []
        feed, reader = Large(*["x" * 10_000] * 100), Slow()
        streams = EventStreams()
        going = asyncio.create_task(
            streams.perform(feed.reply(), [], "", reader.receive, reader.send)
        )
        await reader.until(b"id: 100\n")
        reader.left.set()
        await going

        assert max(size for size, _ in pieces) < 65_536 + 10_100
        assert pieces[1][1] < 10
        assert reader.text.count(b"event: thing") == 100

    asyncio.run(scene())
