"""Export: what the emulator knows of a provider, for other tools."""

from __future__ import annotations

import click

from emulator.cli.errors import Complaint, OneLineCommand
from emulator.cli.groups import Suggesting
from emulator.cli.options import LOADING, options, settings_of
from emulator.cli.worlds import write_file
from emulator.json_type import Json


@click.group(cls=Suggesting, invoke_without_command=True)
@click.pass_context
def export(context: click.Context) -> None:
    """Write what is known of a provider, for other tools."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@export.command("openapi", cls=OneLineCommand)
@click.argument("provider")
@click.option(
    "--url",
    metavar="URL",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="the emulator's address, which the document's servers are to name",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "yaml"]),
    help="how to write it; by the name of FILE if there is one, else json",
)
@click.option("--output", "-o", metavar="FILE", default="-", help="instead of stdout")
@options(LOADING)
def openapi(
    provider: str, url: str, form: str | None, output: str, **flags: Json
) -> None:
    """Write the OpenAPI document of PROVIDER, with this emulator as its server."""
    from emulator.engine.loading import programs
    from emulator.http.url import Denied, read_target
    from emulator.program.served_document import served_document

    try:
        read_target(url)
    except Denied as error:
        raise Complaint(f"--url: {error}") from None
    program = programs(settings_of(flags), [provider])[provider]
    document = served_document(program, url)
    form = form or ("yaml" if output.endswith((".yaml", ".yml")) else "json")
    write_file(output, _written(document, form))


def _written(document: Json, form: str) -> bytes:
    if form == "yaml":
        from emulator.spec.yaml_text import yaml_text

        return yaml_text(document).encode()
    import orjson

    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
