"""Fault: a rule of faults of one world, and how one is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.client.admin_client import AdminClient, path_of
from emulator.client.deprecation import Renamed
from emulator.client.keywords import Struck, check_words
from emulator.json_type import Json


class Fault:
    """A fault rule of a world: what goes wrong, and with which calls."""

    def __init__(
        self, admin: AdminClient, path: str, written: Mapping[str, Json]
    ) -> None:
        self._admin = admin
        self._path = path
        self.id: str = written["id"]
        """The id of the rule in its world."""

    def __repr__(self) -> str:
        return f"<Fault {self.id}>"

    @property
    def hits(self) -> int:
        """To how many calls the rule was applied."""
        return int(self._admin("GET", self._path)["struck"])

    struck = Renamed("hits")

    @property
    def over(self) -> bool:
        """Whether the rule cannot apply to any further call."""
        return bool(self._admin("GET", self._path)["state"] == "over")

    def remove(self) -> None:
        """Remove the rule."""
        self._admin("DELETE", self._path)


def add_fault(
    admin: AdminClient,
    path: str,
    provider: str,
    fault: str | Sequence[str] | None,
    operation: str | Sequence[str] | None,
    refuse: str | None,
    struck: Struck,
) -> Fault:
    """Add a rule to the world at *path*; see `World.add_fault`."""
    check_words(
        "add_fault", struck, Struck.__annotations__, ("fault", "operation", "refuse")
    )
    wanted = {
        "provider": provider,
        "fault": _listed(fault),
        "operation": _listed(operation),
        "refuse": refuse,
        **{name: _listed(value) for name, value in struck.items()},
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    made = admin("POST", f"{path}/faults", given)
    return Fault(admin, f"{path}/faults{path_of(made['id'])}", made)


def _listed(value: Any) -> Json:
    """A sequence as a list; a text stays what it is."""
    return (
        [*value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )
