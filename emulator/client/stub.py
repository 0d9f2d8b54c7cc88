"""Stub: one reply for one test, in place of a provider's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence

from emulator.client.admin_client import AdminClient, path_of
from emulator.client.keywords import as_list
from emulator.json_type import Json, present


class Stub:
    """A stub of a world: which calls it answers, and how often it has."""

    def __init__(
        self, admin: AdminClient, path: str, written: Mapping[str, Json]
    ) -> None:
        self._admin = admin
        self._path = path
        self.id: str = written["id"]
        """The id of the stub in its world."""
        self._said = f"{written['method']} {written['host'] or ''}{written['path']}"

    def __repr__(self) -> str:
        return f"<Stub {self.id}: {self._said}>"

    @property
    def met(self) -> int:
        """How many calls it has answered."""
        return int(self._admin("GET", self._path)["met"])

    def remove(self) -> None:
        """Remove the stub."""
        self._admin("DELETE", self._path)


def add_stub(
    admin: AdminClient,
    path: str,
    method: str,
    address: str,
    about: Mapping[str, Json],
) -> Stub:
    """Set a stub in the world at *path*; see `World.stub`."""
    content = about["content"]
    reply = present(
        status=about["status"],
        headers=about["reply_headers"],
        json=about["json"],
        text=about["text"],
        base64=None if content is None else b64encode(content).decode(),
        fault=as_list(about["fault"]),
    )
    matched = {
        name: about[name] for name in ("host", "query", "headers", "body", "times")
    }
    given = present(method=method, path=address, **matched, reply=reply)
    made = admin("POST", f"{path}/stubs", given)
    return Stub(admin, f"{path}/stubs{path_of(made['id'])}", made)


def unmet(stubs: Sequence[Mapping[str, Json]]) -> list[str]:
    """Those of *stubs* that no call has met, in words."""
    return [
        f"{stub['method']} {stub['host'] or stub['provider']}{stub['path']}"
        for stub in stubs
        if not stub["met"]
    ]
