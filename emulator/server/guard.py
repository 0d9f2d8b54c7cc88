"""Guard: which names this server goes by, and which pages may talk to it.

A browser lets any web page send requests to a loopback port. A page that has its
own name resolve to 127.0.0.1 can read the answers as well (DNS rebinding), but it
cannot change the Host header: so, on loopback, only names that we know are served.
"""

from __future__ import annotations

from emulator.exchange import Reply
from emulator.server.board import Board
from emulator.server.problem import problem
from emulator.server.target import is_loopback, split_authority
from emulator.settings import Settings

_WORLDS = "/_emulator/worlds"
_REMEMBERED = 256
"""So many Host values are remembered; a sender of ever new ones fills no memory."""


class Guard:
    """Judges Host and Origin headers, and who may change something."""

    def __init__(self, board: Board, settings: Settings) -> None:
        allowed = {
            name.lower().strip("[]").rstrip(".") for name in settings.allowed_hosts
        }
        self._open = not is_loopback(settings.host.strip("[]")) or "*" in allowed
        self._alone = is_loopback(settings.host.strip("[]"))
        self._token = settings.admin_token.encode()
        self._allowed = {"testserver", *board.hosts, *allowed}
        self._base = settings.base_url.rstrip("/")
        self._verdicts: dict[str, Reply | None] = {}

    def refuse_host(self, host: str) -> Reply | None:
        """Why a request to *host* is not answered, if so. A request without one is:
        no browser leaves it out, and HTTP/1.0 may."""
        try:
            return self._verdicts[host]
        except KeyError:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            verdict = self._verdicts[host] = self._judge(host)
            return verdict

    def _judge(self, host: str) -> Reply | None:
        if not host:
            return None
        parts = split_authority(host)
        if parts is None:
            return problem(
                400, "malformed Host", f"{host[:200]!r} is not a host and a port"
            )
        name, _ = parts
        if self._open or name in self._allowed or is_loopback(name):
            return None
        return problem(
            421,
            "unknown Host",
            f"this server listens on loopback and does not go by the name {name[:200]!r}",
            fix=f"start it with --allowed-hosts {name[:200]},"
            f" or set EMULATOR_ALLOWED_HOSTS={name[:200]}",
        )

    def refuse_origin(self, origin: str, host: str) -> Reply | None:
        """Why a page of *origin* may not use what stands under /_emulator, if so."""
        if self._base and origin == "/".join(self._base.split("/")[:3]):
            return None
        _, _, authority = origin.partition("://")
        theirs, ours = split_authority(authority), split_authority(host)
        if theirs is not None and theirs == ours:
            return None
        return problem(
            403,
            "foreign Origin",
            f"a page of {origin[:200]!r} may not use the emulator's own addresses",
            fix="send the request from a program and not from another site's page",
        )

    def refuse_stranger(
        self, method: str, path: str, authorization: bytes
    ) -> Reply | None:
        """Why a request to /_emulator needs a token that it lacks, if so.

        On loopback none is needed. Elsewhere it is for what changes something, and for
        what is in a world: secrets, among other things.
        """
        inside = path == _WORLDS or path.startswith(f"{_WORLDS}/")
        if self._alone or not (inside or method not in ("GET", "HEAD", "OPTIONS")):
            return None
        scheme, _, token = authorization.partition(b" ")
        if self._token and scheme.lower() == b"bearer":
            from hmac import compare_digest

            if compare_digest(token.strip(), self._token):
                return None
        return problem(
            403,
            "token needed",
            "others than this machine can reach this server: here it asks for the"
            " admin token",
            fix="start it with --admin-token, and send Authorization: Bearer <token>",
        )
