"""Guard: which names this server goes by, and which pages may talk to it.

A browser lets any web page send requests to a loopback port. A page that has its
own name resolve to 127.0.0.1 can read the answers as well (DNS rebinding), but it
cannot change the Host header: so, on loopback, only names that we know are served.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Reply
from emulator.exchange.problems import problem
from emulator.http.authority import is_loopback, split_authority
from emulator.http.hosts import Hosts
from emulator.http.url import host_name
from emulator.server.parser import Refused
from emulator.settings import Settings

_LISTED = 50
"""Known hosts that a refusal lists."""
_REMEMBERED = 256
_SHORT = 300
"""Characters of a host that is remembered with its verdict."""
"""The most Host values that are remembered: a bound, since a client may send new ones
for ever."""


class Guard:
    """Judges Host and Origin headers, and who may change something."""

    def __init__(self, dispatcher: Dispatcher, settings: Settings) -> None:
        allowed = {host_name(name) for name in settings.allowed_hosts}
        self._open = not is_loopback(settings.host.strip("[]")) or "*" in allowed
        self._alone = is_loopback(settings.host.strip("[]"))
        self._token = settings.admin_token.encode()
        self._base = "/".join(settings.base_url.split("/")[:3])
        based = split_authority(self._base.partition("://")[2])
        self._own = allowed | ({based[0]} if based else set())
        """Names of the emulator itself."""
        self._dispatcher = dispatcher
        """Knows the names of the providers.

        The owner of such a name may have it resolve to this machine, and have a web
        page call it: such a page may call the provider, and nothing else.
        """
        self._verdicts: dict[str, Reply | None] = {}

    def learn(self) -> None:
        """Judge hosts anew: those of the providers have changed."""
        self._verdicts.clear()

    def refuse_host(self, host: str) -> Reply | None:
        """Why a request to *host* is not answered, if so. A request without one is:
        no browser leaves it out, and HTTP/1.0 may."""
        try:
            verdict = self._verdicts[host]
        except KeyError:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            known = Hosts((*self._own, *self._dispatcher.hosts))
            verdict = self._judge(host, known)
            if len(host) <= _SHORT:
                self._verdicts[host] = verdict
        if verdict is not None and self._dispatcher.answers_for(
            host_name(host.partition(":")[0])
        ):
            return None  # as long as a stub answers for it
        return verdict

    def _judge(self, host: str, known: Container[str]) -> Reply | None:
        if not host:
            return None
        parts = split_authority(host)
        if parts is None:
            return problem(
                400, "malformed Host", f"{host[:200]!r} is not a host and a port"
            )
        name, _ = parts
        if self._open or name in known or is_loopback(name):
            return None
        if name in self._dispatcher.hosts:
            return problem(
                421,
                "a provider's Host",
                f"{name} is a provider's name, and the emulator's own addresses do not go"
                " by it",
                fix="call them at localhost, or at a name of --allowed-hosts",
            )
        return problem(
            421,
            "unknown Host",
            f"this server listens on loopback and does not go by the name {name[:200]!r}",
            fix=f"start it with --allowed-hosts {name[:200]},"
            f" or set EMULATOR_ALLOWED_HOSTS={name[:200]}",
        )

    def knows(self, name: str) -> bool:
        """Whether this server goes by *name*, a host in lower case."""
        return (
            "*" in self._own
            or name in self._own
            or is_loopback(name)
            or name in self._dispatcher.hosts
            or self._dispatcher.answers_for(name)
        )

    def refuse_tunnel(self, target: bytes, own_port: int | None) -> Refused | None:
        """Why there is no tunnel to *target*, a host and a port, if there is none.

        Names of this machine lead to *own_port* alone: another port is another server,
        and nothing is forwarded.
        """
        text = target.decode("latin-1")
        parts = split_authority(text)
        if parts is None or not parts[1]:
            return Refused(
                400,
                "malformed request",
                f"CONNECT names no host and port: {text[:200]!r}",
            )
        name, port = parts
        if not self.knows(name):
            return self._unknown(text)
        if is_loopback(name) and int(port) != own_port:
            return Refused(
                403,
                "not here",
                f"{text} is not the emulator, and nothing is forwarded",
                fix="have your client call this machine without the proxy:"
                " NO_PROXY=localhost,127.0.0.1",
                reason=f"{text} is not the emulator: set NO_PROXY",
            )
        return None

    def _unknown(self, text: str) -> Refused:
        hosts = sorted(self._dispatcher.hosts)
        more = f", and {len(hosts) - _LISTED} more" if len(hosts) > _LISTED else ""
        known = ", ".join(hosts[:_LISTED]) + more
        return Refused(
            403,
            "unknown host",
            f"no provider has the host {text[:200]}, and nothing is forwarded;"
            f" those that are known: {known or 'none'}",
            fix="write the host into a provider's `hosts`, or answer for it with"
            " `emulator stub --host`",
            reason=f"{text[:200]} is not emulated",
        )

    def refuse_origin(self, origin: str, host: str) -> Reply | None:
        """Why a page of *origin* may not use what stands under /_emulator, if so."""
        if self._base and origin == self._base:
            return None
        _, _, authority = origin.partition("://")
        theirs, ours = split_authority(authority), split_authority(host)
        if theirs is not None and theirs == ours:
            return None
        return _foreign(f"a page of {origin[:200]!r}")

    def refuse_site(self, site: str) -> Reply | None:
        """Why a browser that calls the page's site *site* is not answered, if so.

        It is said of requests that have no Origin as well: those of images and links.
        """
        if site in ("", "none", "same-origin"):
            return None
        return _foreign(f"a page of another site ({site[:40]!r})")

    def refuse_stranger(self, authorization: str) -> Reply | None:
        """Why a request to /_emulator needs a token that it lacks, if so (RFC 6750).

        On loopback none is needed, unless one was given: then somebody wants it asked
        for, as behind a proxy.
        """
        if self._alone and not self._token:
            return None
        scheme, _, token = authorization.partition(" ")
        has_token = self._token and scheme.lower() == "bearer"
        if has_token:
            from hmac import compare_digest

            if compare_digest(token.strip().encode("latin-1"), self._token):
                return None
        how = 'Bearer realm="emulator"'
        return problem(
            401,
            "token needed",
            "this is not the admin token"
            if has_token
            else "the admin token is needed here",
            fix="send Authorization: Bearer <token>, with the token of --admin-token or"
            " the one that is printed when the server starts",
            headers=[
                (
                    "WWW-Authenticate",
                    f'{how}, error="invalid_token"' if has_token else how,
                )
            ],
        )

    def refuse(self, sent: Mapping[bytes, str], *, needs_token: bool) -> Reply | None:
        """Why a request with these headers may not use /_emulator, if so.

        Addresses that tell no secrets do not need the token.
        """
        host = sent.get(b"host", "")
        refused = self._judge(host, self._own)
        if refused is None and b"origin" in sent:
            refused = self.refuse_origin(sent[b"origin"], host)
        elif refused is None:
            refused = self.refuse_site(sent.get(b"sec-fetch-site", "").strip().lower())
        if refused is None and needs_token:
            refused = self.refuse_stranger(sent.get(b"authorization", ""))
        return refused

    def refuse_page(self, sent: Mapping[bytes, str]) -> Reply | None:
        """Why a request with these headers may not have the console's page, if so.

        It tells no secrets and does nothing by itself: a link of another site may lead
        to it, as long as it fills the window, which no other page sees into.
        """
        led_here = sent.get(b"sec-fetch-dest", "").strip().lower() == "document"
        if led_here and b"origin" not in sent:
            return self._judge(sent.get(b"host", ""), self._own)
        return self.refuse(sent, needs_token=False)


def _foreign(who: str) -> Reply:
    return problem(
        403,
        "foreign Origin",
        f"{who} may not use the emulator's own addresses",
        fix="send the request from a program and not from another site's page",
    )
