"""Trial: a world that nobody else sees, which is asked again what another one was asked."""

from __future__ import annotations

from emulator.admin.request import PREFIX, AdminRequest
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.exchange.entry import Entry
from emulator.world.acts import Act
from emulator.world.world import World

_CODED = b"content-encoding"
_TOO_LARGE = "body_too_large"
_NOT_HTTPS = "https_required"


class Trial:
    """*world*, and nothing beside it, with the providers of a server."""

    def __init__(self, server: Dispatcher, world: World) -> None:
        from emulator.admin.admin import Admin

        self.world = world
        self.dispatcher = Dispatcher(server.programs, world, server.settings)
        self._admin = Admin(self.dispatcher)

    def move(self, at: int) -> None:
        """Have its clock show *at*, and do what time does to records by then."""
        if at != self.world.clock.now():
            self.world.clock.set(at)
            self.dispatcher.make_moves(self.world)

    def act(self, act: Act) -> int:
        """Ask the admin API for what it was asked; the status of its answer."""
        path, _, query = act.path.partition("?")
        reply = self._admin.answer(
            AdminRequest(
                method=act.method,
                path=f"{PREFIX}/worlds/{self.world.id}{path}",
                query=query,
                headers={"content-type": act.media} if act.media else {},
                body=act.body,
            )
        )
        return reply.status

    def call(self, call: Call) -> Reply:
        return self.dispatcher.answer(call)


def call_of(entry: Entry) -> Call:
    """The call of *entry*, to the byte, to the address that it came to."""
    base, path = entry.base_url, entry.path
    if not entry.is_by_host:
        provider = f"/{entry.provider}"
        base, path = base.removesuffix(provider), provider + path
        base, mark, world = base.rpartition("/@") if "/@" in base else (base, "", "")
        path = f"{mark}{world}{path}"
    scheme = base.partition(":")[0] or "http"
    return Call(
        method=entry.method,
        path=path,
        query=entry.query,
        raw_headers=_decoded(entry),
        body=entry.request_body,
        client=entry.client,
        base_url=base,
        scheme=scheme,
        secure=_secure(entry, scheme),
        body_too_large=entry.refusal == _TOO_LARGE and not entry.request_body,
    )


def _decoded(entry: Entry) -> list[tuple[bytes, bytes]]:
    """The headers of a call whose body is kept as it was before it was coded."""
    return [
        (name, b"identity" if name.lower() == _CODED else value)
        for name, value in entry.request_headers
    ]


def _secure(entry: Entry, scheme: str) -> bool | None:
    """What was known of the outer scheme: a call is refused for it, or is not."""
    if entry.refusal == _NOT_HTTPS:
        return False
    return True if scheme == "https" else None
