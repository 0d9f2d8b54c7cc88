"""CA: whom clients of `serve --tls` are to trust, and how each is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from emulator.cli.errors import OneLineCommand, Trouble
from emulator.cli.options import options, settings_of
from emulator.cli.tables import print_json
from emulator.server.local_ca import CERTIFICATE_FILE, LocalCa, NoCa, local_ca
from emulator.settings import Settings

CLIENTS: Mapping[str, str] = {
    "requests": """\
REQUESTS_CA_BUNDLE={file} HTTPS_PROXY={proxy} python client.py
or in Python: requests.get(url, verify="{file}", proxies={{"https": "{proxy}"}})""",
    "httpx": """\
SSL_CERT_FILE={file} HTTPS_PROXY={proxy} python client.py
or in Python: httpx.Client(verify=ssl.create_default_context(cafile="{file}"), proxy="{proxy}")""",
    "aiohttp": """\
SSL_CERT_FILE={file} HTTPS_PROXY={proxy} python client.py
where the client says ClientSession(trust_env=True), without which aiohttp uses no proxy of the environment""",
    "node": """\
NODE_EXTRA_CA_CERTS={file} HTTPS_PROXY={proxy} NODE_USE_ENV_PROXY=1 node client.js
before Node 24, in the client: setGlobalDispatcher(new EnvHttpProxyAgent()) of the package undici""",
    "java": """\
keytool -importcert -noprompt -alias emulator -file {file} -keystore emulator.p12 -storepass emulator
java -Djavax.net.ssl.trustStore=emulator.p12 -Djavax.net.ssl.trustStorePassword=emulator \
-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={port} Client""",
    "go": """\
SSL_CERT_FILE={file} HTTPS_PROXY={proxy} go run .""",
    "curl": """\
curl --cacert {file} --proxy {proxy} https://...""",
}
"""How a client is told whom to trust, and to call through the proxy."""


@click.command(cls=OneLineCommand)
@click.argument(
    "client", type=click.Choice([*CLIENTS]), required=False, metavar="[CLIENT]"
)
@options(("tls_dir", "port"))
@click.option("--pem", is_flag=True, help="print the certificate, and nothing else")
@click.option(
    "--issue",
    "names",
    multiple=True,
    metavar="NAME",
    help="print the key and the certificate of a server of yours, such as a receiver of"
    " webhooks, for this name or address; it can be repeated",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def ca(
    client: str | None,
    pem: bool,
    names: tuple[str, ...],
    as_json: bool,
    **flags: object,
) -> None:
    """Say how clients trust the CA of `serve --tls`: all of them, or CLIENT.

    CLIENT is requests, httpx, aiohttp, node, java, go or curl. The CA is made if there is
    none yet.
    """
    settings = settings_of(flags)
    try:
        made = local_ca(settings.tls_dir)
    except NoCa as error:
        raise Trouble(str(error)) from None
    if made.folder is None:
        raise Trouble(
            "there is no folder to keep a CA in: give one by --tls-dir, here and to"
            " `emulator serve`; or ask the server for /_emulator/ca.pem"
        )
    if names and (client or pem or as_json):
        raise click.UsageError("--issue prints PEM, and nothing beside it")
    file = (made.folder / CERTIFICATE_FILE).resolve()
    if as_json:
        print_json({"file": str(file), "pem": made.pem.decode()})
    elif pem:
        click.echo(made.pem.decode(), nl=False)
    elif names:
        click.echo(_issued(made, names), nl=False)
    else:
        click.echo(text(file, settings, [client] if client else [*CLIENTS]))


def _issued(made: LocalCa, names: tuple[str, ...]) -> str:
    try:
        return made.issue(*names).decode()
    except ValueError as error:
        raise Trouble(f"--issue: {error}") from None


def text(file: Path, settings: Settings, clients: list[str]) -> str:
    """How *clients* trust the certificate in *file*."""
    parts = {
        "file": file,
        "port": settings.port,
        "proxy": f"http://127.0.0.1:{settings.port}",
    }
    lines = [f"The certificate to trust is {file}"]
    for name in clients:
        ways = CLIENTS[name].format(**parts).splitlines()
        lines += ["", f"{name}:", *(f"  {way}" for way in ways)]
    return "\n".join(lines)
