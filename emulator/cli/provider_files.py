"""Provider files: the commands that write the files of a provider, and check them."""

from __future__ import annotations

import click

from emulator.cli.answers import Answer, printed
from emulator.cli.errors import Complaint, OneLineCommand
from emulator.cli.groups import Suggesting
from emulator.cli.options import PLACES, SIZES, Flags, options, settings_of
from emulator.cli.tables import print_json, table


@click.command(cls=OneLineCommand)
@click.argument("folder", metavar="[DIR|PROVIDER]", default="")
@click.option("--fix", is_flag=True, help="First carry files over to version 1.")
@options(PLACES)
@printed
def check(folder: str, fix: bool, **flags: Flags) -> Answer:
    """Check the files of providers: those in DIR, or one by name, or all."""
    settings = settings_of(flags)

    from emulator.cli import check as checking

    places = checking.places(folder, settings)
    diagnostics = checking.fix(places) if fix else []
    diagnostics += checking.check(places)
    texts = [*checking.texts(diagnostics), checking.summary(len(places), diagnostics)]
    failed = any(diagnostic.severity == "error" for diagnostic in diagnostics)
    return Answer([*map(checking.as_json, diagnostics)], "\n\n".join(texts), 2 * failed)


@click.command(cls=OneLineCommand)
@click.argument("name")
@click.option("--into", metavar="DIR", default=".", help="the folder to write it into")
@click.option(
    "--openapi",
    metavar="FILE",
    default=None,
    help="an OpenAPI document: what can be inferred of it is written, ready to be refined",
)
@click.option(
    "--without",
    metavar="TEXT",
    multiple=True,
    help="what not to infer of it: a kind (pages), an operation (listPets), or both"
    " (pages:listPets); several have commas between them",
)
@click.option(
    "--har",
    metavar="FILE",
    multiple=True,
    help="recorded calls (HAR), which it is learnt from (may be repeated)",
)
@click.option("--host", metavar="HOST", default="", help="with --har: whose calls")
@click.option("--lenient", is_flag=True, help="ignore what is not sound of an archive")
@options(SIZES)
@printed
def init(
    name: str,
    into: str,
    openapi: str | None,
    without: tuple[str, ...],
    har: tuple[str, ...],
    host: str,
    lenient: bool,
    **sizes: Flags,
) -> Answer:
    """Write a provider called NAME: a small one to learn from, or that of a document.

    With --har, write one that answers as was recorded; --openapi too keeps that document.
    """
    from emulator.cli import init as initializing
    from emulator.engine.loading import bounds_of

    if openapi is None and any(size is not None for size in sizes.values()):
        raise Complaint("the size is that of a document: name it with --openapi")
    bounds = bounds_of(settings_of(sizes))
    left_out = [part for text in without for part in text.split(",")]
    concluded = ""
    if har:
        from emulator.cli import learn as learning

        wanted = learning.Wanted(har, host, lenient, openapi or "", left_out, bounds)
        learnt = learning.init_from_archives(name, into, wanted)
        says = f"{learning.told(learnt)}\n{initializing.next_steps(name, into)}"
        return Answer(learning.as_json(learnt), says)
    if host:
        raise Complaint("--host is about recorded calls: name them with --har")
    if lenient:
        raise Complaint(
            "--lenient is about archives here: a provider that is written has a document"
            " that `emulator check` accepts; `emulator serve --openapi FILE --lenient`"
            " serves what is sound of another"
        )
    if openapi is not None:
        from pathlib import Path

        from emulator.diagnostics import Report
        from emulator.spec.published import Published

        published, report = Published(Path(openapi).absolute(), bounds=bounds), Report()
        made, findings = initializing.init_from_openapi(
            name, into, published, left_out, report
        )
        concluded = f"\n\n{initializing.to_look_at(findings)}"
        for warning in report.diagnostics:
            click.echo(warning, err=True)
    elif without:
        raise Complaint("--without is about a document: name it with --openapi")
    else:
        made = initializing.init(name, into)
    says = table(made, ("file", "what it says")) + concluded
    says += f"\n{initializing.next_steps(name, into)}"
    return Answer([file._asdict() for file in made], says)


@click.command(cls=OneLineCommand)
@click.argument("file", type=click.Choice(["behavior.yaml", "scenarios.yaml"]))
def schema(file: str) -> None:
    """Print the JSON Schema of FILE, for an editor."""
    from emulator.spec.keywords import for_editors, keywords

    name = file.replace(".yaml", ".schema.json")
    print_json(for_editors(keywords(name).schema))


@click.group(cls=Suggesting)
def fixtures() -> None:
    """Look after the records that worlds start with."""


@fixtures.command("freeze", cls=OneLineCommand)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@options(("specs", "fixtures"))
@printed
def freeze(names: tuple[str, ...], **flags: Flags) -> Answer:
    """Keep what recipes make in files beside them, for every version of Faker.

    Those of each PROVIDER, or of all below --specs.
    """
    from emulator.cli import freeze as freezing

    results = [*freezing.freeze_all(freezing.places(names, settings_of(flags)))]
    rows = [
        (*fixture[:4], "written" if fixture.changed else "as it was")
        for fixture in results
    ]
    says = table(rows, ("provider", "file", "records", "Faker", ""))
    return Answer([fixture._asdict() for fixture in results], says)
