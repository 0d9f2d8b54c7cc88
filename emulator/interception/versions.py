"""Versions: those of the client libraries that interception was tested with.

Interception replaces functions that are no public part of these libraries. An older or a
newer version in which all of them are found is taken without a word: a warning would
fail the tests of everybody who turns warnings into errors, on the day of a release that
changed nothing. One in which a function is missing is refused.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Tested(NamedTuple):
    """A library whose connections are answered."""

    lowest: str
    highest: str
    serves: str
    """What is built on it."""


TESTED: dict[str, Tested] = {
    "urllib3": Tested("2.2.0", "2.8.0", "requests, botocore"),
    "httpcore": Tested("1.0.0", "1.0.9", "httpx"),
    "httpcore2": Tested("2.10.0", "2.16.2", "httpx2"),
    "aiohttp": Tested("3.9.0", "3.14.5", ""),
}
"""By the name under which a library is imported and installed."""


def installed(module: str) -> str:
    """The name and version of the library that has *module*: `aiohttp 4.0.1`."""
    library = module.partition(".")[0]
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"this version of {library}"


def range_of(module: str) -> str:
    """The tested versions of the library that *module* is of: ` (3.9.0 to 3.14.5)`."""
    tested = TESTED.get(module.partition(".")[0])
    return f" ({tested.lowest} to {tested.highest})" if tested else ""
