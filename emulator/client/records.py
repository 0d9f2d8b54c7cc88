"""Records: direct access to a world's records, without calls to the provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.client.admin_client import AdminClient, AdminRefused, path_of
from emulator.json_type import Json

_PAGE = 1_000


class Missing(KeyError):
    """A `KeyError` that is shown as a sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class Records:
    """The records of one collection, accessed directly, without calls to the provider.

    The provider's rules are not checked. A record that the provider could not show is
    refused with `AdminRefused`, and so is an unknown collection. `records[7]`,
    `records[7] = {...}`, `del records[7]` and `7 in records` take one key;
    `len(records)` and `for record in records` cover all records.
    """

    def __init__(
        self, admin: AdminClient, world: str, provider: str, collection: str
    ) -> None:
        self._admin = admin
        self._path = path_of("worlds", world, "records", provider, collection)
        self._name = collection
        self._place = f"{provider} in the world {world!r}"

    def __repr__(self) -> str:
        return f"<Records {self._name} of {self._place}>"

    def __iter__(self) -> Iterator[dict[str, Json]]:
        """The records, in their order."""
        start, many = 0, _PAGE
        while many == _PAGE:
            query = {"offset": start, "limit": _PAGE}
            page = self._admin("GET", self._path, query=query)
            yield from page
            many = len(page)
            start += many

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, key: int | str) -> dict[str, Json]:
        record = self.get(key)
        if record is None:
            raise Missing(f"{self._name} has no record {key!r}")
        return record

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int | str) and self.get(key) is not None

    def __setitem__(self, key: int | str, record: Mapping[str, Json]) -> None:
        self.put(key, record)

    def __delitem__(self, key: int | str) -> None:
        self.delete(key)

    def get(self, key: int | str) -> dict[str, Json] | None:
        """The record with this key, or None."""
        try:
            record: dict[str, Json] = self._admin("GET", self._at(key))
        except AdminRefused as error:
            if error.problem.get("title") != "no such record":
                raise
            return None
        return record

    def put(self, key: int | str, record: Mapping[str, Json]) -> dict[str, Json]:
        """Store a record, replacing an old one; fields that it lacks are null.

        Gives it as it is stored.
        """
        stored: dict[str, Json] = self._admin("PUT", self._at(key), dict(record))
        return stored

    def update(self, key: int | str, **fields: Json) -> dict[str, Json]:
        """Change *fields* of the record with this key.

        Raises `KeyError` where there is none.
        """
        return self.put(key, {**self[key], **fields})

    def delete(self, key: int | str) -> None:
        """Delete the record with this key. Raises `KeyError` if there is none."""
        try:
            self._admin("DELETE", self._at(key))
        except AdminRefused as error:
            if error.problem.get("title") != "no such record":
                raise
            raise Missing(f"{self._name} has no record {key!r}") from None

    def clear(self) -> None:
        """Delete all records of the collection."""
        self._admin("DELETE", self._path)

    def _at(self, key: int | str) -> str:
        return self._path + path_of(str(key))
