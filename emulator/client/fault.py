"""Fault: a rule of faults of one world, and how one is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.client.admin_client import AdminClient, path_of
from emulator.client.keywords import Struck, as_list, check_words
from emulator.json_type import Json, present


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
    given = present(
        provider=provider,
        fault=as_list(fault),
        operation=as_list(operation),
        refuse=refuse,
        **{name: as_list(value) for name, value in struck.items()},
    )
    made = admin("POST", f"{path}/faults", given)
    return Fault(admin, f"{path}/faults{path_of(made['id'])}", made)
