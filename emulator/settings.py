"""Settings: one table, from which flags, variables and documentation are made.

Precedence: flag, variable (`EMULATOR_<NAME>`), default. Only `cli` and `client` read the
environment; everything below is handed a frozen `Settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as _field
from functools import cache
from typing import Any, NamedTuple


def _setting(default: Any, help: str, *, secret: bool = False) -> Any:
    return _field(default=default, metadata={"help": help, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the emulator runs. How a provider behaves is never a setting: it is a spec.

    docs/reference/settings.md has what each attribute means.
    """

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8080, "port to listen on; 0 picks a free one")
    port_file: str = _setting(
        "",
        "write the port to this file once it is open, and remove it at the end",
    )
    specs: tuple[str, ...] = _setting(
        (), "folder with providers of your own (may be repeated)"
    )
    mounts: str = _setting(
        "",
        "folder whose `specs` and `fixtures` are used if there is something in them; the"
        " image has them at /",
    )
    fixtures: str = _setting("", "folder with fixtures that replace the bundled ones")
    openapi: tuple[str, ...] = _setting(
        (),
        "OpenAPI document to make a provider of: FILE, or NAME=FILE to say what it is"
        " called (may be repeated)",
    )
    lenient: bool = _setting(
        False,
        "serve what is sound of an OpenAPI document; what is not is ignored, and warned"
        " of",
    )
    without: tuple[str, ...] = _setting(
        (),
        "do not infer this of an OpenAPI document: a kind such as pages, an operation, or both"
        " as in pages:listPets; several have commas between them (may be repeated)",
    )
    openapi_bytes: int = _setting(
        67_108_864, "size of the largest OpenAPI document that is read, in bytes"
    )
    openapi_levels: int = _setting(
        200, "levels to which an OpenAPI document may be nested"
    )
    providers: tuple[str, ...] = _setting(
        (), "serve only this provider, such as one of the gallery (may be repeated)"
    )
    otherwise: tuple[str, ...] = _setting(
        (),
        "take the alternative that a spec names for this path, instead of what it"
        " assumes: acme.rate_limits.0.starts (may be repeated)",
    )
    scenario: tuple[str, ...] = _setting(
        (), "start in this scenario: acme/rate_limited (may be repeated)"
    )
    seed: int = _setting(0, "seed of all random choices")
    clock: str = _setting(
        "", "start the world's clock at this time (ISO 8601) instead of now"
    )
    frozen: bool = _setting(False, "freeze the world's clock")
    triggers: bool = _setting(True, "obey X-Emulator-Refuse and X-Emulator-Fault")
    strict_https: bool = _setting(
        False, "apply a provider's HTTPS rule to connections without TLS too"
    )
    hooks: bool = _setting(
        False,
        "run the Python file that a provider of yours names under `functions`",
    )
    watch: bool = _setting(
        False, "serve a provider anew when one of its files has changed"
    )
    strict: bool = _setting(False, "answer 501 to calls that the spec does not cover")
    base_url: str = _setting("", "address at which clients call, for links in replies")
    allowed_hosts: tuple[str, ...] = _setting(
        (), "further host names to answer (may be repeated)"
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        "network (CIDR) whose X-Forwarded-For and -Proto are trusted (may be repeated)",
    )
    webhook_hosts: tuple[str, ...] = _setting(
        (),
        "host name or network (CIDR) that webhooks may be sent to, besides this machine"
        " (may be repeated)",
    )
    admin_token: str = _setting(
        "",
        "bearer token that /_emulator requires; if other machines can reach the server"
        " and none is set, one is generated and printed",
        secret=True,
    )
    admin_token_file: str = _setting(
        "",
        "file that has the admin token, for commands too; the server writes a new token"
        " into it where it is missing or empty",
    )
    admin_port: int = _setting(
        -1,
        "port for /_emulator instead of the providers' port; 0 picks a free one, which"
        " is the second line of the port file; -1: none",
    )
    tls: bool = _setting(
        False,
        "speak TLS too, at the same port, with certificates of a CA of this machine,"
        " and take CONNECT as a proxy does",
    )
    tls_dir: str = _setting(
        "", "folder of that CA; by default one of the user's, which is made"
    )
    tls_cert: str = _setting(
        "", "speak TLS with this certificate (PEM) instead of those of a CA"
    )
    tls_key: str = _setting(
        "", "the key of --tls-cert, where that file does not have it"
    )
    max_body: int = _setting(1_048_576, "longest request body, in bytes")
    max_headers: int = _setting(65_536, "longest request head, in bytes")
    request_timeout: float = _setting(
        20.0, "seconds that a client may take to send its request"
    )
    max_connections: int = _setting(1_000, "open connections at the same time")
    journal_entries: int = _setting(1_000, "exchanges that a journal keeps")
    journal_bytes: int = _setting(
        8_388_608, "bytes of requests and replies that a journal keeps"
    )
    journals_bytes: int = _setting(
        268_435_456, "bytes that the journals of all worlds keep together"
    )
    journal_dir: str = _setting(
        "",
        "folder in which each world is kept when it goes, and all at the end: archive,"
        " explanations, recipe, snapshot, seed and clock",
    )
    worlds: int = _setting(
        1_000,
        "number of worlds; beyond it, the least recently used unpinned one is evicted",
    )
    spread: bool = _setting(
        False,
        "this is one of several processes that share the worlds behind a proxy: have the"
        " credentials of a world end as its id does",
    )
    world_records: int = _setting(
        100_000, "records that a world may create or change, until it is reset"
    )
    world_bytes: int = _setting(
        268_435_456,
        "bytes of memory that these records may take, about, until it is reset",
    )
    log_format: str = _setting(
        "text", "one line per request, as text or json; none: no lines"
    )
    http: str = _setting("auto", "HTTP parser: auto, httptools or h11")
    cache: bool = _setting(True, "cache loaded providers in the user's cache folder")
    cache_dir: str = _setting("", "folder of the cache")


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    type: type
    default: Any
    help: str
    repeated: bool
    secret: bool = False
    """Its value is shown to nobody."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return f"EMULATOR_{self.name.upper()}"


@cache
def table() -> tuple[Setting, ...]:
    """Every setting, in the order of the class."""
    rows = []
    for field in fields(Settings):
        repeated = isinstance(field.default, tuple)
        kind = str if repeated else type(field.default)
        rows.append(
            Setting(
                field.name, kind, field.default, repeated=repeated, **field.metadata
            )
        )
    return tuple(rows)


def read(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Merge *flags* (None where not given) over *environment* over the defaults.

    Raises `ValueError` that names the variable when its text does not fit its type.
    """
    values: dict[str, Any] = {}
    for row in table():
        given = flags.get(row.name)
        if given is not None and given != ():
            values[row.name] = tuple(given) if row.repeated else given
        elif _says_something(environment.get(row.variable, "")):
            values[row.name] = _parse(row, environment[row.variable])
    return Settings(**values)


def _says_something(text: str) -> bool:
    """Whether a variable was set on purpose.

    An empty one is what `${PORT:-}` leaves; `tcp://...` is what Kubernetes puts into
    `EMULATOR_PORT` where a service is called `emulator`.
    """
    return bool(text.strip()) and not text.startswith("tcp://")


def _parse(row: Setting, text: str) -> Any:
    if row.repeated:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if row.type is bool:
        lowered = text.strip().lower()
        if lowered in ("1", "true", "yes", "on"):
            return True
        if lowered in ("0", "false", "no", "off"):
            return False
        raise ValueError(
            f"{row.variable}={text!r} is neither true nor false: write 1 or 0"
        )
    try:
        return row.type(text)
    except ValueError:
        kind = {int: "a whole number", float: "a number"}.get(row.type, "a text")
        raise ValueError(f"{row.variable}={text!r} is not {kind}") from None
