"""Tables: what the command line prints: aligned columns, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click


def table(rows: Iterable[Sequence[object]], heads: Sequence[str] = ()) -> str:
    """Columns two spaces apart; the last one is as long as it is."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if heads:
        cells.insert(0, [head.upper() for head in heads])
    columns = zip(*cells, strict=True)
    widths = [max(map(len, column)) for column in columns]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def printable(text: str) -> str:
    """*text* in one line that leaves the terminal as it is."""
    return "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text
    )


def counted(many: int, noun: str) -> str:
    """(1, "error") -> "1 error"      (2, "error") -> "2 errors" """
    return f"{many} {noun}" if many == 1 else f"{many} {noun}s"


def print_json(value: Any) -> None:
    import orjson  # not for a health check

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
