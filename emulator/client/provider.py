"""Provider: the handle of one provider in one world: address, credentials, records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from emulator.client.admin_client import AdminClient, path_of
from emulator.client.fault import Fault, add_fault
from emulator.client.records import Missing, Records
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json, present

if TYPE_CHECKING:
    from emulator.client.keywords import Struck


class Credential:
    """A credential of one world, ready to send.

    Its other parts are attributes as well: a credential for an OAuth grant has
    `client_id`, `client_secret`, `username` and `password`.
    """

    def __init__(self, raw: Mapping[str, Json]) -> None:
        self.raw = raw
        """All of it, as the admin API shows it."""
        self.name: str = raw["name"]
        """The name in the fixtures: `full`, `expired`, ..."""
        self.state: str = raw["state"]
        """`active`, or the state for which it is refused."""
        self.scheme: str = raw["scheme"]
        """The security scheme of `openapi.yaml` that it is for."""
        self.value: str = raw["value"]
        """The secret itself: the key, or the token."""
        self.needs_proof: bool = raw.get("needs_proof", False)
        """Whether each call must be signed besides: the credential alone is refused."""
        self.headers: dict[str, str] = dict(raw["headers"])
        """The headers that send it."""
        self.query: dict[str, str] = dict(raw.get("query", {}))
        """The query parameters that send it, if the provider uses them."""
        self.cookies: dict[str, str] = dict(raw.get("cookies", {}))
        """The cookies that send it, if the provider uses them."""
        self.body: dict[str, Any] = dict(raw.get("body", {}))
        """The members of a form or of JSON that send it, if the provider uses them."""

    def __getattr__(self, name: str) -> Any:
        raw = self.__dict__.get("raw", {})
        if name in raw:
            return raw[name]
        raise AttributeError(
            f"the credential has no {name!r}: {did_you_mean(name, raw)}", name=name
        )

    def __repr__(self) -> str:
        return f"<Credential {self.name!r}, {self.state}>"


class Credentials(Mapping[str, Credential]):
    """The credentials of a provider, by name, with their present states.

    It is a mapping: `credentials["full"]`, `"pro" in credentials`, `[*credentials]`.
    """

    def __init__(self, provider: str, found: Sequence[Mapping[str, Json]]) -> None:
        self._provider = provider
        self._found = {
            credential["name"]: Credential(credential) for credential in found
        }

    def __getitem__(self, name: str) -> Credential:
        try:
            return self._found[name]
        except KeyError:
            fix = did_you_mean(name, self._found)
            raise Missing(
                f"{self._provider} has no credential {name!r}: {fix}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"<Credentials of {self._provider}: {', '.join(self)}>"


class Subscription(NamedTuple):
    """A subscription to a provider's events."""

    id: str
    url: str
    """The address to which deliveries are sent."""
    secret: str | None
    """The secret that signs deliveries; None if the provider does not sign."""
    events: list[str] | None
    """The names of the events that are sent; None: all."""


class Attempt(NamedTuple):
    """One attempt to send a delivery."""

    at: datetime
    """The world's time."""
    status: int | None
    """The status of the receiver's reply; None if there was none."""
    error: str | None
    """The reason why there was no reply."""


class Delivery(NamedTuple):
    """One event for one subscriber, sent or pending."""

    id: str
    event: str
    """The name of the event."""
    state: str
    """`pending`, `delivered` or `failed`."""
    body: str
    """The body as sent, byte for byte."""
    headers: Mapping[str, str]
    attempts: list[Attempt]
    """Oldest first."""


class Provider:
    """One provider in one world."""

    def __init__(self, admin: AdminClient, world: str, name: str, url: str) -> None:
        self._admin = admin
        self._world = world
        self._path = path_of("worlds", world)
        self.name = name
        self.url = url
        """The base URL for calls, in place of the provider's own."""

    def __repr__(self) -> str:
        return f"<Provider {self.name} at {self.url}>"

    @property
    def credentials(self) -> Credentials:
        """This world's credentials; `unknown` matches no stored credential."""
        path = path_of("worlds", self._world, "credentials", self.name)
        return Credentials(self.name, self._admin("GET", path))

    def records(self, collection: str) -> Records:
        """The records of a collection in this world."""
        return Records(self._admin, self._world, self.name, collection)

    def drain_quota(
        self, credential: str = "full", *, leave: int = 0, limit: str | None = None
    ) -> None:
        """Spend the quota of a credential until *leave* calls are left.

        It spends every limit, or only the one called *limit*.
        """
        self._arrange("drain", present(credential=credential, leave=leave, limit=limit))

    def lock_out(self, credential: str | None = None, *, ip: str | None = None) -> None:
        """Lock out callers, as after too many failures.

        *credential* or *ip* selects the caller, depending on what the provider counts by;
        without either, all callers are locked out.
        """
        everyone = True if credential is None and ip is None else None
        who = present(credential=credential, ip=ip, everyone=everyone)
        self._arrange("lock_out", who)

    def rotate_keys(self, name: str) -> None:
        """Have the next of the signing keys *name* sign from now on."""
        self._arrange("rotate", name)

    def refuse(
        self,
        code: str,
        operation: str | Sequence[str] | None = None,
        **struck: Unpack[Struck],
    ) -> Fault:
        """Refuse calls with *code*; see `World.refuse`."""
        return add_fault(
            self._admin, self._path, self.name, None, operation, code, struck
        )

    def add_fault(
        self,
        fault: str | Sequence[str] | None = None,
        operation: str | Sequence[str] | None = None,
        **struck: Unpack[Struck],
    ) -> Fault:
        """Add a fault rule; see `World.add_fault`."""
        return add_fault(
            self._admin, self._path, self.name, fault, operation, None, struck
        )

    def apply_scenario(self, name: str) -> None:
        """Apply one of this provider's scenarios: "rate_limited"."""
        scenario = name.removeprefix(f"{self.name}/")
        self._admin("POST", self._path + path_of("scenarios", self.name, scenario))

    def subscribe(
        self,
        url: str,
        *,
        events: Sequence[str] | None = None,
        secret: str | None = None,
    ) -> Subscription:
        """Subscribe *url* to the provider's events; the server sends them.

        *events* are by default all. If the provider signs and no *secret* is given, one is
        generated. In process, without a server, deliveries stay pending. Raises
        `AdminRefused` if the provider sends no webhooks.
        """
        wanted = present(url=url, events=events and [*events], secret=secret)
        made = self._admin("POST", self._webhooks, wanted)
        return Subscription(made["id"], made["url"], made["secret"], made["events"])

    def unsubscribe(self, subscription: Subscription | None = None) -> None:
        """End one subscription, or all of them."""
        query = {"subscription": subscription and subscription.id}
        self._admin("DELETE", self._webhooks, query=query)

    @property
    def deliveries(self) -> list[Delivery]:
        """The deliveries to subscribers, sent and pending, oldest first."""
        return [
            Delivery(
                delivery["id"],
                delivery["event"],
                delivery["state"],
                delivery["body"],
                delivery["headers"],
                [
                    Attempt(
                        datetime.fromisoformat(each["at"]),
                        each["status"],
                        each["error"],
                    )
                    for each in delivery["attempts"]
                ],
            )
            for delivery in self._admin("GET", self._webhooks)["deliveries"]
        ]

    @property
    def _webhooks(self) -> str:
        return path_of("worlds", self._world, "webhooks", self.name)

    def _arrange(self, word: str, step: Mapping[str, Json] | str) -> None:
        path = path_of("worlds", self._world, "arrange", self.name)
        self._admin("POST", path, {"arrange": [{word: step}]})
