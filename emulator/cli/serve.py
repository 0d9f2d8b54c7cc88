"""Serve: load the providers, open the port, and say how to call them."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from urllib.parse import urlencode

import click
import orjson

from emulator.cli import listings
from emulator.cli.errors import Trouble
from emulator.cli.tables import counted, table
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.loading import make_dispatcher
from emulator.engine.scenarios import find_scenario
from emulator.http.cookies import cookie_header
from emulator.json_type import Json
from emulator.program.example import example
from emulator.program.program import Program
from emulator.server.ending import ending_signals
from emulator.settings import Settings
from emulator.version import __version__


def serve(settings: Settings) -> int:
    """Serve until a signal; the exit code. Raises `CannotServe`, `SpecError` and `Trouble`."""
    _open_standard_streams()
    with _ended_by_signals():
        from emulator.server.listen import CannotListen
        from emulator.server.port_file import PortFile

        try:
            PortFile(settings.port_file).clear()
        except CannotListen as error:
            raise Trouble(str(error)) from None
        from emulator.server.admin_token import with_token
        from emulator.server.run import serve as until_signalled

        given = settings
        try:
            settings = with_token(settings)
        except OSError as error:
            says = f"{settings.admin_token_file!r}: {error.strerror}"
            raise Trouble(f"--admin-token-file: {says}") from None
        _check_folder(settings)
        dispatcher = make_dispatcher(settings)
        # What is there by now lives as long as the process. Were it left to the
        # collector, each full collection would walk all of it, again and again, and
        # hold up the call that it falls into. So it is frozen: never looked at. A
        # call makes next to no cycles: the collector need not come after every 700
        # objects.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()
        try:
            return until_signalled(
                dispatcher,
                settings,
                lambda url, admin: _announce(dispatcher, given, url, admin),
            )
        except CannotListen as error:
            raise Trouble(str(error)) from None


def _check_folder(settings: Settings) -> None:
    """Make the folder that worlds are kept in. Raises `Trouble`."""
    if not settings.journal_dir:
        return
    from emulator.server.archive import make_folder

    try:
        make_folder(settings.journal_dir)
    except OSError as error:
        says = f"{settings.journal_dir!r}: {error.strerror}"
        raise Trouble(f"--journal-dir: {says}") from None


def _headers(credential: Mapping[str, Json]) -> dict[str, str]:
    headers = dict(credential.get("headers", {}))
    cookies = credential.get("cookies", {})
    if cookies:
        headers["Cookie"] = cookie_header(cookies.items())
    return headers


def curl(
    url: str, credential: Mapping[str, Json], body: Json = None, *, form: bool = False
) -> str:
    """A line for a shell that calls *url* with *credential*, and sends *body*."""
    query = urlencode(credential.get("query", {}))
    words = ["curl"]
    if "digest" in credential:
        words += ["--digest", "-u", ":".join(credential["digest"].values())]
    for name, text in _headers(credential).items():
        words += ["-H", f"{name}: {text}"]
    words.append(f"{url}?{query}" if query else url)
    if form:
        from emulator.program.encoding import fields

        for name, value in fields(body):
            words += ["--data-urlencode", f"{name}={value}"]
    elif body is not None:
        text = orjson.dumps(body).decode()
        words += ["-H", "Content-Type: application/json", "-d", text]
    return shlex.join(words)


def _announce(
    dispatcher: Dispatcher, settings: Settings, url: str, admin_url: str
) -> None:
    elsewhere = admin_url != url
    url = settings.base_url.rstrip("/") or url
    page = f"{admin_url if elsewhere else url}/_emulator/"
    many = counted(len(dispatcher.programs), "provider")
    lines = [f"emulator {__version__} serves {many} at {url}"]
    if elsewhere:
        lines.append(f"/_emulator is at {admin_url}")
    if settings.tls or settings.tls_cert:
        secure = url.replace("http://", "https://", 1)
        lines.append(
            f"HTTPS is spoken too, at {secure} and as a proxy: HTTPS_PROXY={url}"
        )
        if not settings.tls_cert:
            lines.append(
                f"how clients trust it: emulator ca, or {url}/_emulator/ca.pem"
            )
    if dispatcher.settings.admin_token != settings.admin_token:
        token = dispatcher.settings.admin_token
        if settings.admin_token_file:
            lines.append(
                f"/_emulator asks for the token in {settings.admin_token_file}"
            )
        else:
            lines.append(f"/_emulator asks for the token {token}")
            page += f"#token={token}"
    for name, program in dispatcher.programs.items():
        base = f"{url}/{name}{program.base_path}"
        lines += ["", table([(name, base)])]
        for text in settings.scenario:
            if text.startswith(f"{name}/"):
                says = find_scenario(dispatcher.programs, text)[1].says
                lines.append(f"{' ' * (len(name) + 2)}{text}: {says}")
        margin = " " * (len(name) + 2)
        if program.unsound:
            lines.append(margin + _unsound(program, lenient=settings.lenient))
        lines += [
            margin + line for line in _first_call(dispatcher, settings, base, program)
        ]
    lines += ["", f"in a browser: {page}"]
    # Nobody reads this when the pipe is closed; calls are answered all the same.
    with suppress(BrokenPipeError):
        click.echo("\n".join([*lines, ""]))


def _unsound(program: Program, *, lenient: bool) -> str:
    """How much of its document is not sound, and the command that tells of each part."""
    many, word = program.unsound, "ignored" if lenient else "warnings"
    what = counted(many, "part") + " of the document" if lenient else str(many)
    file = shlex.quote(program.files[-1])
    command = f"emulator check --openapi {file}{' --lenient' if lenient else ''}"
    return f"{word}: {what}, listed by {command}"


def _first_call(
    dispatcher: Dispatcher, settings: Settings, base: str, program: Program
) -> Iterator[str]:
    """A credential and a call to paste; where no call can be shown, how the credential is sent."""
    shown = example(program)
    if shown is None:
        return
    credential = shown.credential
    if credential is not None:
        credential = _as_it_is(dispatcher, settings, program.name, credential)
        yield _told(credential, shown.credential)
    if shown.path:
        yield curl(base + shown.path, credential or {}, shown.body, form=shown.form)
    elif credential is not None:
        yield from (f"{name}: {text}" for name, text in _headers(credential).items())


def _as_it_is(
    dispatcher: Dispatcher,
    settings: Settings,
    provider: str,
    credential: Mapping[str, Json],
) -> Mapping[str, Json]:
    """*credential* of the fixtures as scenarios have left it: it may have another key."""
    if not any(scenario.startswith(f"{provider}/") for scenario in settings.scenario):
        return credential
    held = dispatcher.worlds.credentials(dispatcher.world, provider)
    return next(
        (candidate for candidate in held if candidate["name"] == credential["name"]),
        credential,
    )


def _told(credential: Mapping[str, Json], before: Mapping[str, Json] | None) -> str:
    """What a first call needs; and what was the key *before* the world was arranged."""
    replaced = ""
    if before is not None and before["headers"] != credential["headers"]:
        sent = credential["headers"].values()
        was = ", ".join(
            header for header in before["headers"].values() if header not in sent
        )
        replaced = f"(the fixtures have {was})"
    name = f"{credential['name']}: {credential['value']}"
    parts = (name, listings.besides(credential), replaced)
    return "  ".join(part for part in parts if part)


def _open_standard_streams() -> None:
    """Have what is written go nowhere where it was closed, and into no socket of ours."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # The lowest free descriptor is the one that is missing.
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - as long as we


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End with 0 when a signal comes before the server is there to take it.

    The first process of a container does not get the default treatment of SIGTERM:
    it would go on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise SystemExit(0)

    before = {
        ending_signal: signal.signal(ending_signal, end)
        for ending_signal in ending_signals()
    }
    try:
        yield
    finally:
        for one, kept in before.items():
            signal.signal(one, kept)
