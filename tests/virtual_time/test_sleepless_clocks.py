"""The clocks of the code under test go on with its waits, and show the world's date."""

from __future__ import annotations

import asyncio
import copy
import datetime
import logging
import pickle
import sys
import threading
import time
import warnings
from collections.abc import Callable
from datetime import UTC, date, timedelta, timezone
from email.utils import formatdate
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from importlib import import_module
from pathlib import Path
from queue import Queue
from time import monotonic
from types import ModuleType

import aiohttp
import anyio
import pytest
import requests
import urllib3
from authlib.oauth2.rfc6749 import OAuth2Token
from front_door import START
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from yarl import URL

from emulator.times import micros
from emulator.virtual_time import sleepless
from emulator.virtual_time.real import time as real
from emulator.world.clock import Clock

MARCH = datetime.datetime(2026, 3, 2, 10, tzinfo=UTC)
OTHER_DAY = datetime.datetime(2031, 12, 31, 23, 59, 30, tzinfo=UTC).timestamp()

COUNTED: dict[str, Callable[[], float]] = {
    "monotonic": lambda: time.monotonic(),
    "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
    "perf_counter": lambda: time.perf_counter(),
    "perf_counter_ns": lambda: time.perf_counter_ns() / 1e9,
    "taken by name": lambda: monotonic(),
}
"""Seconds by each clock that counts from nowhere."""

LOCAL = "%Y-%m-%d %H:%M:%S"
DATED: dict[str, Callable[[], datetime.datetime]] = {
    "time": lambda: datetime.datetime.fromtimestamp(time.time()),
    "time_ns": lambda: datetime.datetime.fromtimestamp(time.time_ns() / 1e9),
    "gmtime": lambda: local(datetime.datetime(*time.gmtime()[:6], tzinfo=UTC)),
    "gmtime of nothing": lambda: local(
        datetime.datetime(*time.gmtime(None)[:6], tzinfo=UTC)
    ),
    "localtime": lambda: datetime.datetime(*time.localtime()[:6]),
    "strftime": lambda: datetime.datetime.strptime(time.strftime(LOCAL), LOCAL),
    "ctime": lambda: datetime.datetime.strptime(time.ctime(), "%c"),
    "asctime": lambda: datetime.datetime.strptime(time.asctime(), "%c"),
    "now": lambda: datetime.datetime.now(),
    "now in UTC": lambda: local(datetime.datetime.now(UTC)),
    "now elsewhere": lambda: local(
        datetime.datetime.now(tz=timezone(timedelta(hours=5)))
    ),
    "today": lambda: datetime.datetime.today(),
    "of a class of one's own": lambda: Moment.now(),
    "formatdate": lambda: local(
        datetime.datetime.strptime(
            formatdate(usegmt=True), "%a, %d %b %Y %H:%M:%S GMT"
        ).replace(tzinfo=UTC)
    ),
}
"""The date by each clock that has one, as local time without an offset."""


class Moment(datetime.datetime):
    """A class of a client's own."""


class Limiter:
    """Code that took its clock as a default and as an attribute, before any block."""

    watch = time.monotonic

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock


LIMITER = Limiter()


def local(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone().replace(tzinfo=None)


@pytest.mark.parametrize("read", COUNTED.values(), ids=COUNTED)
def test_counters_go_on_by_what_was_waited(
    clock: Clock, read: Callable[[], float]
) -> None:
    """By no less than that, by the little that it really took, and never back."""
    with sleepless(clock, now=clock.seconds):
        begun = read()
        time.sleep(3600)
        waited = read()
        asyncio.run(asyncio.sleep(60))
        threading.Event().wait(0.25)
        at_last = read()

    assert 3600 <= waited - begun < 3605
    assert 3660.25 <= at_last - begun < 3670


@pytest.mark.parametrize("read", DATED.values(), ids=DATED)
def test_a_date_is_the_worlds_to_the_second(
    read: Callable[[], datetime.datetime],
) -> None:
    """It stands where the world's clock stands, and moves by the waits alone."""
    world = Clock(micros(OTHER_DAY), frozen=True)

    with sleepless(world, now=world.seconds):
        begun = read()
        time.sleep(45)
        waited = read()

    shown = datetime.datetime.fromtimestamp(OTHER_DAY)
    assert (begun, waited) == (shown, shown + timedelta(seconds=45))


def test_a_day_is_the_worlds_day() -> None:
    """`date.today` turns at the world's midnight, and `utcnow` has no offset."""
    world = Clock(micros(OTHER_DAY), frozen=True)

    with warnings.catch_warnings(), sleepless(world, now=world.seconds):
        warnings.simplefilter("ignore", DeprecationWarning)
        shown = datetime.datetime.utcnow()
        day = date.today()
        time.sleep(86_400)
        next_day = date.today()

    assert shown == datetime.datetime(2031, 12, 31, 23, 59, 30)
    assert day == date.fromtimestamp(OTHER_DAY)
    assert next_day - day == timedelta(days=1)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it is deprecated since 3.12")
def test_utcnow_warns_of_the_callers_line(clock: Clock) -> None:
    """As it does anywhere else: who filters warnings by module finds the same one."""
    with sleepless(clock), pytest.warns(DeprecationWarning, match="utcnow") as warned:
        datetime.datetime.utcnow()

    assert [one.filename for one in warned] == [__file__]


def test_types_stay_what_they_are(clock: Clock) -> None:
    """No class stands in for `datetime`, so what looks at types finds those it knows."""
    before = datetime.datetime

    with sleepless(clock, now=clock.seconds):
        now, own = datetime.datetime.now(), Moment.now(UTC)
        assert datetime.datetime is before

    assert type(now) is before
    assert (type(own), own.tzinfo) == (Moment, UTC)
    assert type(Moment.today()) is Moment


def test_a_senseless_argument_is_refused_in_the_same_words(clock: Clock) -> None:
    """What Python says of it, it says inside as well."""
    wrong: list[Callable[[], object]] = [
        lambda: time.time(1),  # type: ignore[call-arg]
        lambda: time.monotonic(1),  # type: ignore[call-arg]
        lambda: time.gmtime("now"),  # type: ignore[arg-type]
        lambda: time.strftime(),  # type: ignore[call-arg]
        lambda: datetime.datetime.now("UTC"),  # type: ignore[arg-type]
    ]

    def said() -> list[str]:
        texts = []
        for call in wrong:
            with pytest.raises(TypeError) as raised:
                call()
            texts.append(str(raised.value))
        return texts

    before = said()
    with sleepless(clock):
        assert said() == before


def test_a_time_that_is_given_is_no_reading(clock: Clock) -> None:
    """`gmtime(0)` is 1970 wherever the world is."""
    with sleepless(clock, now=clock.seconds):
        assert time.gmtime(0)[:3] == (1970, 1, 1)
        assert time.strftime("%Y", (1999, 1, 1, 0, 0, 0, 0, 1, 0)) == "1999"


def test_a_clock_taken_early_is_reached(clock: Clock) -> None:
    """As a default, an attribute of a class and of an object that a module names."""
    with sleepless(clock):
        watches = [LIMITER.clock, Limiter().clock, Limiter.watch, LIMITER.watch]
        begun = [watch() for watch in watches]  # type: ignore[call-arg]
        time.sleep(3600)
        waited = [watch() for watch in watches]  # type: ignore[call-arg]

    assert all(3600 <= b - a < 3605 for a, b in zip(begun, waited, strict=True))


def test_a_clock_in_a_closure_stays_real(clock: Clock) -> None:
    """What nobody can look into is not reached, as the guide says."""

    def taken(function: Callable[[], float]) -> Callable[[], float]:
        return lambda: function()

    watch, now = taken(time.monotonic), datetime.datetime.now
    with sleepless(clock):
        begun = watch(), now()
        time.sleep(3600)
        waited = watch(), now()

    assert waited[0] - begun[0] < 60
    assert waited[1] - begun[1] < timedelta(seconds=60)


def test_without_a_world_the_date_is_todays_and_goes_on_with_the_waits() -> None:
    """All that is asked of a clock is `advance`."""

    class Mine:
        def advance(self, seconds: float) -> None:
            pass

    with sleepless(Mine()):
        begun = time.time()
        time.sleep(86_400)
        waited = time.time()

    assert abs(begun - real.time()) < 60
    assert 86_400 <= waited - begun < 86_460


def test_what_moves_the_world_moves_the_clocks(clock: Clock) -> None:
    """A test that moves the world's clock, or a reply that is late, does so too."""
    with sleepless(clock, now=clock.seconds):
        begun = time.monotonic()
        clock.advance(600)
        time.sleep(60)

        assert time.time() == START + 660
        assert 660 <= time.monotonic() - begun < 720


def test_clocks_never_go_back() -> None:
    """A world that begins again shows its first date; what counts goes on."""
    world = Clock(micros(START), frozen=True)

    with sleepless(world, now=world.seconds):
        time.sleep(3600)
        waited = time.monotonic()
        world.restart(micros(START), frozen=True)

        assert time.monotonic() >= waited
        assert time.time() == START


@given(st.lists(st.floats(1e-6, 1e5) | st.integers(1, 10**5), max_size=30))
def test_any_waits_are_seen_by_every_clock(waits: list[float]) -> None:
    """A difference of two readings is at least what was slept between them."""
    world = Clock(micros(START), frozen=True)
    passed = []

    with sleepless(world, now=world.seconds):
        for seconds in waits:
            before, date_before = time.monotonic_ns(), time.time()
            time.sleep(seconds)
            passed.append((time.monotonic_ns() - before) / 1e9 - seconds)
            assert abs(time.time() - date_before - seconds) < 2e-6

    assert all(-1e-9 <= one < 5 for one in passed)


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, SystemExit])
def test_every_clock_is_put_back(
    clock: Clock, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is raised, and also in modules that came in between."""
    came = ModuleType("came_in_between")
    monkeypatch.setitem(sys.modules, came.__name__, came)

    def everything() -> list[object]:
        of_time = [var for var in vars(time).values() if callable(var)]
        of_dates = [*vars(datetime.datetime).values(), *vars(datetime.date).values()]
        return [*of_time, *of_dates, monotonic, *vars(Limiter).values(), LIMITER.clock]

    def fail() -> None:
        with sleepless(clock, now=clock.seconds):
            assert everything() != before
            exec("from time import monotonic", came.__dict__)
            raise error

    before = everything()
    with pytest.raises(error):
        fail()

    assert [id(one) for one in everything()] == [id(one) for one in before]
    assert came.__dict__["monotonic"] is time.monotonic
    assert datetime.datetime.now().timestamp() == pytest.approx(real.time(), abs=60)


def test_a_module_that_is_imported_meanwhile_waits_as_the_block_does(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever another thread imports it, and however many blocks begin and end."""
    names = [f"imported_meanwhile_{number}" for number in range(60)]
    for name in names:
        (tmp_path / f"{name}.py").write_text("from time import monotonic, sleep\n")
    monkeypatch.syspath_prepend(tmp_path)
    functions = (time.monotonic, time.sleep)

    def import_all() -> None:
        for name in names:
            import_module(name)

    thread = threading.Thread(target=import_all)
    thread.start()
    while thread.is_alive():
        with sleepless(clock):
            pass
    modules = [sys.modules.pop(name) for name in names]
    for name, module in zip(names, modules, strict=True):
        monkeypatch.setitem(sys.modules, name, module)

    with sleepless(clock):
        begun = time.monotonic()
        for module in modules:
            module.sleep(60)
        waited = [module.monotonic() for module in modules]

    assert all(3600 <= one - begun < 3700 for one in waited)
    assert {(one.monotonic, one.sleep) for one in modules} == {functions}


def test_a_double_that_outlives_its_block_does_no_harm(clock: Clock) -> None:
    """It puts back what it found inside, which is Python's own again after a block."""
    with pytest.MonkeyPatch.context() as patched, sleepless(clock):
        patched.setattr(time, "monotonic", lambda: 7.0)
    left = time.monotonic

    with sleepless(clock):
        begun = time.monotonic(), monotonic()
        time.sleep(60)
        waited = time.monotonic(), monotonic()

    assert all(60 <= b - a < 70 for a, b in zip(begun, waited, strict=True))
    assert left is not monotonic
    assert time.monotonic is monotonic


def test_code_that_a_signal_runs_may_look_at_a_clock(clock: Clock) -> None:
    """Also while another look is under way."""
    looks: list[float] = []

    def look_again() -> float:
        if len(looks) < 3:
            looks.append(0)
            looks.append(time.monotonic())
        return clock.now()

    with sleepless(clock, now=look_again):
        assert time.monotonic() > 0


def test_a_world_that_cannot_say_its_date_leaves_nothing_behind(clock: Clock) -> None:
    """A block that could not begin has changed nothing, and another may begin."""

    def unknown() -> float:
        raise LookupError

    before = time.time
    with pytest.raises(LookupError), sleepless(clock, now=unknown):
        pass

    assert time.time is before
    with sleepless(clock):
        time.sleep(1)


def test_a_clock_of_the_block_may_be_copied(clock: Clock) -> None:
    """What holds one is copied and pickled as what holds `time.monotonic` is."""
    with sleepless(clock):
        held = {"clock": time.monotonic}
        copied, pickled = copy.deepcopy(held), pickle.loads(pickle.dumps(held))

        assert copied["clock"] is pickled["clock"] is time.monotonic

    assert 0 <= time.monotonic() - held["clock"]() + 1 < 30


@pytest.mark.parametrize("name", ["uvicorn.server", "_pytest.runner", "pytest_timer"])
def test_infrastructure_has_real_clocks(clock: Clock, name: str) -> None:
    """A server, a test runner and an event loop see the time that really passes."""
    module: dict[str, object] = {"__name__": name, "time": time}
    exec("def seen(): return time.time(), time.monotonic()", module)
    seen: Callable[[], tuple[float, float]] = module["seen"]  # type: ignore[assignment]

    async def of_the_loop() -> float:
        loop = asyncio.get_running_loop()
        begun, begun_by_anyio = loop.time(), anyio.current_time()
        await asyncio.sleep(3600)
        return max(loop.time() - begun, anyio.current_time() - begun_by_anyio)

    with sleepless(clock, now=clock.seconds):
        before = seen()
        time.sleep(3600)
        after = seen()
        in_loop = asyncio.run(of_the_loop())

    assert abs(before[0] - real.time()) < 60
    assert after[1] - before[1] < 60
    assert in_loop < 60


def test_other_clocks_are_real(clock: Clock) -> None:
    """Those of a processor, those by number, and the dates of log records."""
    clocks: list[Callable[[], float]] = [
        lambda: time.process_time(),
        lambda: time.thread_time(),
        lambda: time.clock_gettime(time.CLOCK_MONOTONIC),
        lambda: logging.makeLogRecord({}).created,
    ]
    with sleepless(clock, now=clock.seconds):
        begun = [read() for read in clocks]
        time.sleep(3600)
        waited = [read() for read in clocks]

    assert all(0 <= b - a < 60 for a, b in zip(begun, waited, strict=True))
    assert abs(begun[-1] - real.time()) < 60


def test_a_thread_that_ran_before_has_real_clocks(clock: Clock) -> None:
    """Its waits are real, and so is what it measures."""
    asked: Queue[bool] = Queue()
    told: Queue[float] = Queue()

    def watch() -> None:
        while asked.get():
            told.put(time.monotonic())

    thread = threading.Thread(target=watch)
    thread.start()
    with sleepless(clock):
        asked.put(True)
        begun = told.get()
        time.sleep(3600)
        asked.put(True)
        waited = told.get()
    asked.put(False)
    thread.join()

    assert waited - begun < 60


def test_timeouts_of_sockets_are_real(clock: Clock) -> None:
    """How long urllib3 has waited for a connection is not what others have slept."""
    timeout = urllib3.Timeout(connect=5, total=10)

    with sleepless(clock):
        timeout.start_connect()
        time.sleep(3600)

        assert timeout.get_connect_duration() < 5


def test_a_cookie_expires_when_it_was_waited_for(
    clock: Clock, httpserver: HTTPServer
) -> None:
    """The jar of the standard library looks at the date that its client sees."""
    httpserver.expect_request("/").respond_with_data(
        "", headers={"Set-Cookie": "session=1; Max-Age=60"}
    )

    def names(jar: CookieJar) -> list[str]:
        jar.clear_expired_cookies()
        return [one.name for one in jar]

    with requests.Session() as session, sleepless(clock, now=clock.seconds):
        session.get(httpserver.url_for("/"), timeout=5)
        kept = names(session.cookies)
        time.sleep(61)
        left = names(session.cookies)

    assert (kept, left) == (["session"], [])


def test_a_cookie_of_aiohttp_expires_too(clock: Clock) -> None:
    """Its jar follows the client, though its timeouts are real."""
    url = URL("http://127.0.0.1/")

    async def story() -> list[int]:
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies(SimpleCookie("session=1; Max-Age=60"), url)
        kept = len(jar.filter_cookies(url))
        await asyncio.sleep(61)
        return [kept, len(jar.filter_cookies(url))]

    with sleepless(clock, now=clock.seconds):
        assert asyncio.run(story()) == [1, 0]


def test_how_long_a_call_took_has_the_waits_of_its_retries_in_it(
    clock: Clock, httpserver: HTTPServer
) -> None:
    """`elapsed` of requests is measured by the code that calls."""
    httpserver.expect_oneshot_request("/").respond_with_data(
        status=503, headers={"Retry-After": "120"}
    )
    httpserver.expect_request("/").respond_with_data("at last")
    retries = urllib3.Retry(total=1, status_forcelist=[503])

    with requests.Session() as session, sleepless(clock, now=clock.seconds):
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retries))
        answer = session.get(httpserver.url_for("/"), timeout=5)

    assert timedelta(seconds=120) <= answer.elapsed < timedelta(seconds=180)


def test_a_token_that_a_client_keeps_expires(clock: Clock) -> None:
    """authlib looks at `time.time()`, as do most clients that keep a token."""
    with sleepless(clock, now=clock.seconds):
        token = OAuth2Token({"access_token": "1", "expires_in": 3600})
        kept = token.is_expired(leeway=0)
        time.sleep(3601)

        assert (kept, token.is_expired(leeway=0)) == (False, True)
