"""Local CA: the authority whose certificates the server shows to clients that trust it.

Its key and its certificate stay in a folder, so that a client is told once whom to
trust. Certificates of hosts are made when they are asked for, and stored nowhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from emulator.world.clock import Clock

if TYPE_CHECKING:
    import trustme

KEY_FILE = "ca-key.pem"
"""The key and the certificate, for the server alone."""
CERTIFICATE_FILE = "ca.pem"
"""The certificate, for clients."""

_VALID = timedelta(days=800)
"""Some clients refuse certificates of servers that are valid for more than 825 days."""
_WHO = "provider-emulator"
_WHAT = "for tests on one machine"


class NoCa(Exception):
    """There can be no CA; says why, and what to do."""


class LocalCa:
    """A CA, which is in *folder*, or lives only as long as this process."""

    def __init__(self, ca: trustme.CA, folder: Path | None) -> None:
        self._ca = ca
        self.folder = folder

    @property
    def pem(self) -> bytes:
        """Its certificate, which clients are to trust."""
        return self._ca.cert_pem.bytes()

    def issue(self, *names: str) -> bytes:
        """A key and a certificate for *names*, hosts or addresses, in PEM.

        Raises `ValueError` for what cannot be a host's name.
        """
        now = datetime.fromtimestamp(Clock().real() // 1_000_000, UTC)
        issued = self._ca.issue_cert(
            *names,
            not_before=now - timedelta(days=1),
            not_after=now + _VALID,
            organization_name=_WHO,
            organization_unit_name=_WHAT,
        )
        return issued.private_key_and_cert_chain_pem.bytes()


def local_ca(folder: str = "") -> LocalCa:
    """The CA in *folder*, by default that of this user; it is made if there is none.

    One of this process alone where the user's folder cannot be written. Raises `NoCa`.
    """
    if find_spec("trustme") is None:
        raise NoCa(
            "certificates need the extra `tls`: python -m pip install"
            " 'provider-emulator[tls]'"
        )
    where = Path(folder) if folder else users_folder(os.environ)
    if where is None:
        return LocalCa(_new(), None)
    key_file = where / KEY_FILE
    try:
        if not key_file.exists():
            _make(_new(), where)
        return _read(where)
    except OSError as error:
        if folder:
            raise NoCa(f"cannot keep a CA in {where}: {error}") from None
        return LocalCa(_new(), None)


def users_folder(environment: Mapping[str, str]) -> Path | None:
    """Where this user's CA is; None: nobody knows this user's folder."""
    if sys.platform == "win32":
        base = environment.get("LOCALAPPDATA", "")
    elif environment.get("XDG_DATA_HOME", "").startswith("/"):
        base = environment["XDG_DATA_HOME"]
    else:
        base = os.path.expanduser("~/.local/share")
    return Path(base) / "provider-emulator" if Path(base).is_absolute() else None


def _new() -> trustme.CA:
    import trustme

    return trustme.CA(organization_name=_WHO, organization_unit_name=_WHAT)


def _make(ca: trustme.CA, folder: Path) -> None:
    """Put *ca* into *folder*, unless another process has just put one there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = ca.private_key_pem.bytes() + ca.cert_pem.bytes()
    written = _write(folder, whole)  # for nobody else to read, as mkstemp makes it
    try:
        with suppress(FileExistsError):
            os.link(written, folder / KEY_FILE)
    finally:
        os.unlink(written)


def _read(folder: Path) -> LocalCa:
    import trustme

    whole = (folder / KEY_FILE).read_bytes()
    begins = whole.find(b"-----BEGIN CERTIFICATE-----")
    try:
        ca = trustme.CA.from_pem(whole[begins:], whole[:begins])
    except (ValueError, TypeError):
        raise NoCa(
            f"{folder / KEY_FILE} is not a key and a certificate: delete it, and a new"
            " CA is made, which clients have to be told to trust"
        ) from None
    certificate = folder / CERTIFICATE_FILE
    with suppress(FileNotFoundError):
        if certificate.read_bytes() == ca.cert_pem.bytes():
            return LocalCa(ca, folder)
    written = _write(folder, ca.cert_pem.bytes())
    os.chmod(written, 0o644)
    os.replace(written, certificate)
    return LocalCa(ca, folder)


def _write(folder: Path, data: bytes) -> str:
    number, path = mkstemp(dir=folder)
    with open(number, "wb") as file:
        file.write(data)
    return path
