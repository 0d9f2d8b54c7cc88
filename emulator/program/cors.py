"""CORS: which pages a browser lets call the provider (Fetch standard, CORS protocol)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.values import value

ANY = "*"


@value
class CorsPolicy:
    """What the provider tells a browser of calls from pages of other origins."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] = ()
    """Empty: those of the path that is asked about."""
    headers: tuple[str, ...] = ()
    """Empty: the headers that the browser asks for."""
    expose: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None
    """Seconds for which a browser may remember the answer to a preflight."""

    def lines(
        self, sent: Mapping[str, str], methods: tuple[str, ...]
    ) -> Iterator[tuple[str, str]]:
        """What the reply to a call with the headers *sent* carries; *methods*: a
        preflight's path has these, and empty stands for another call."""
        asks = "access-control-request-headers" if methods and not self.headers else ""
        vary = [] if ANY in self.origins else ["Origin"]
        vary += ["Access-Control-Request-Headers"] if asks else []
        if vary:
            yield "Vary", ", ".join(vary)
        origin = sent.get("origin", "")
        if not origin or not (ANY in self.origins or origin in self.origins):
            return
        allowed = ANY if ANY in self.origins else origin
        yield "Access-Control-Allow-Origin", allowed
        if self.credentials:
            yield "Access-Control-Allow-Credentials", "true"
        if not methods:
            if self.expose:
                yield "Access-Control-Expose-Headers", ", ".join(self.expose)
            return
        yield "Access-Control-Allow-Methods", ", ".join(self.methods or methods)
        headers = ", ".join(self.headers) or sent.get(asks, "")
        if headers:
            yield "Access-Control-Allow-Headers", headers
        if self.max_age is not None:
            yield "Access-Control-Max-Age", str(self.max_age)


def is_preflight(method: str, sent: Mapping[str, str]) -> bool:
    """Whether a browser asks for leave to make a call (Fetch, CORS-preflight request)."""
    return (
        method == "OPTIONS"
        and "origin" in sent
        and "access-control-request-method" in sent
    )
