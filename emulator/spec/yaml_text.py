"""YAML text: values as YAML that people read: in their order, long texts as blocks."""

from __future__ import annotations

from typing import Any

import yaml

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Readable(_Dumper):  # type: ignore[misc]  # of C, or of Python
    """Writes a text of several lines as a block, and nothing as an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text and not _spaced(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _spaced(text: str) -> bool:
    """Whether a block cannot hold *text*: spaces at the end of a line are lost in one."""
    return any(line != line.rstrip() for line in text.split("\n"))


_Readable.add_representer(str, _text)


def yaml_text(value: Any) -> str:
    """*value*, which JSON could say, as YAML."""
    text: str = yaml.dump(
        value, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=100
    )
    return text
