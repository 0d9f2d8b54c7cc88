"""Request: a call of one of the emulator's own addresses, as values, and how it is answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply
from emulator.exchange.problems import problem
from emulator.json_type import Json

if TYPE_CHECKING:
    from emulator.admin.core import AdminCore
    from emulator.engine.dispatcher import Dispatcher
    from emulator.program.program import Program
    from emulator.world.world import World

PREFIX = "/_emulator"


class AdminError(Exception):
    """The request is not carried out; *reply* is the problem that says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body.decode())
        self.reply = reply


def problem_error(status: int, title: str, detail: str, **more: Any) -> AdminError:
    """`raise problem_error(404, "no such delivery", "there is no delivery '9'")`."""
    return AdminError(problem(status, title, detail, **more))


def invalid(detail: str, pointer: str = "", **more: Json) -> AdminError:
    """The 422 of a value that its schema allows and that cannot be used all the same."""
    return unprocessable([{"pointer": pointer, "detail": detail, **more}])


def unprocessable(errors: Collection[Mapping[str, Json]]) -> AdminError:
    """All that is wrong with a request: each with its `pointer` or its `parameter`."""
    said = "; ".join(
        f"{error.get('pointer') or error.get('parameter') or 'the body'}: {error['detail']}"
        for error in errors
    )
    return problem_error(422, "invalid request", said, errors=[*errors])


@dataclass(eq=False, repr=False, kw_only=True)
class AdminRequest:
    """One request. What stands below *body* is filled in by `Admin`."""

    method: str
    path: str
    """As it was sent, percent-encoded and with /_emulator, without the query."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in lower case."""
    body: bytes = b""
    base_url: str = "http://127.0.0.1"
    """The providers' address as the client knows it, without a slash at its end."""
    admin_url: str = ""
    """The same of /_emulator, where that has another port."""

    _admin: AdminCore | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """The values of the path's parameters, decoded."""
    options: Mapping[str, Json] = field(default_factory=dict)
    """The query's parameters that were given, as their schemas want them."""
    json: Json = None
    """The body, checked; None where there is none or where it is not JSON."""

    @property
    def admin(self) -> AdminCore:
        assert self._admin is not None  # noqa: S101 - a bug of ours
        return self._admin

    @property
    def dispatcher(self) -> Dispatcher:
        return self.admin.dispatcher

    @property
    def own_url(self) -> str:
        """The address of /_emulator, as the client knows it."""
        return f"{self.admin_url or self.base_url}{PREFIX}"


def json_reply(value: Json, status: int = 200, *, sends: bool = False) -> Reply:
    """*value* as JSON; *sends*: something in an outbox wants to be sent now."""
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Reply(status=status, headers=headers, body=orjson.dumps(value), sends=sends)


def text_reply(text: str, media: str = "text/plain") -> Reply:
    """*text* and the end of its last line."""
    headers = [
        ("Content-Type", f"{media}; charset=utf-8"),
        ("Cache-Control", "no-store"),
    ]
    return Reply(status=200, headers=headers, body=f"{text}\n".encode())


def no_content() -> Reply:
    """204: it is done, and there is nothing to say."""
    return Reply(status=204, headers=[("Cache-Control", "no-store")])


def world_of(request: AdminRequest) -> World:
    """The world that the address names, as it is by now.

    Raises `AdminError` where there is none.
    """
    try:
        world = request.dispatcher.worlds[request.names["world"]]
    except LookupError as error:
        raise problem_error(404, "no such world", str(error)) from None
    request.dispatcher.make_moves(world)
    return world


def program_of(request: AdminRequest) -> Program:
    """The provider that the address names. Raises `AdminError` where there is none."""
    name, known = request.names["provider"], request.dispatcher.programs
    program = known.get(name)
    if program is None:
        fix = did_you_mean(name[:60], known)
        detail = f"there is no provider {name[:60]!r}: {fix}"
        raise problem_error(404, "no such provider", detail)
    return program
