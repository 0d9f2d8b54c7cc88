"""A bar chart as SVG: readable in light and dark, on paper and by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH = 760
LABEL = 210
"""How much of the width the names of the bars take."""
ROW, BAR = 24, 14
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .note { font-size: 12px; fill: #59636e; }
    .group { font-weight: 600; }
    .bar { fill: #8c959f; }
    .ours { fill: #0969da; }
    .spread { stroke: #1f2328; stroke-width: 1.5; }
    .axis { stroke: #d1d9e0; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note { fill: #9198a1; }
      .bar { fill: #656c76; }
      .ours { fill: #4493f8; }
      .spread { stroke: #f0f6fc; }
      .axis { stroke: #3d444d; }
    }"""


class Bar(NamedTuple):
    """A value from 0 to 1, with the lowest and the highest that it was."""

    name: str
    value: float
    low: float
    high: float
    emphasized: bool = False


def ratio(value: float) -> str:
    """With two digits, or with three where two would say little."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def bar_chart(
    title: str, notes: Sequence[str], groups: Sequence[tuple[str, Sequence[Bar]]]
) -> str:
    """The text of an SVG file with a chart of *groups*, each under its own heading."""
    heading = 48 + 18 * len(notes)
    height = heading + sum(ROW * (len(bars) + 1) + 16 for _, bars in groups) + 8
    described = ". ".join(
        f"{name}: " + ", ".join(f"{bar.name} {ratio(bar.value)}" for bar in bars)
        for name, bars in groups
    )
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">'
        ),
        f'  <title id="title">{escape(title)}</title>',
        f'  <desc id="desc">{escape(" ".join(notes))} {escape(described)}.</desc>',
        f"  <style>{STYLE}\n  </style>",
        _text(16, 28, title, "title"),
    ]
    for position, note in enumerate(notes):
        lines.append(_text(16, 50 + 18 * position, note, "note"))
    top = heading
    for name, bars in groups:
        lines += _group(top, name, bars)
        top += ROW * (len(bars) + 1) + 16
    return "\n".join([*lines, "</svg>"]) + "\n"


def _group(top: int, name: str, bars: Sequence[Bar]) -> list[str]:
    bottom = top + ROW * (len(bars) + 1) - 6
    lines = [_text(16, top + 14, name, "group")]
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _x(value)
        lines.append(
            f'  <line class="axis" x1="{x}" x2="{x}" y1="{top + ROW - 4}" y2="{bottom}"/>'
        )
    for position, bar in enumerate(bars, 1):
        lines += _bar(top + ROW * position, bar)
    return lines


def _bar(top: int, bar: Bar) -> list[str]:
    kind = "bar ours" if bar.emphasized else "bar"
    middle = top + BAR / 2
    start, end = _x(bar.low), _x(bar.high)
    return [
        _text(LABEL - 8, top + 12, bar.name, "", "end"),
        (
            f'  <rect class="{kind}" x="{_x(0)}" y="{top}" height="{BAR}" rx="2"'
            f' width="{max(1.0, _x(bar.value) - _x(0)):.1f}"/>'
        ),
        f'  <line class="spread" x1="{start}" x2="{end}" y1="{middle}" y2="{middle}"/>',
        _text(max(_x(bar.value), end) + 8, top + 12, ratio(bar.value)),
    ]


def _x(value: float) -> float:
    """Where a value stands; what goes beyond 1.25 is cut off there."""
    return round(LABEL + min(max(value, 0.0), 1.25) * (WIDTH - LABEL - 60) / 1.25, 1)


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return (
        f'  <text x="{x}" y="{y}"{named} text-anchor="{anchor}">{escape(text)}</text>'
    )
