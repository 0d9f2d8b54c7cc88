"""Parsers: which parser reads the requests of a connection."""

from __future__ import annotations

from emulator.server.parser import ParserMaker


def parser_maker(name: str) -> ParserMaker:
    """The parser of the setting `http`: auto is httptools where that is installed."""
    if name not in ("auto", "httptools", "h11"):
        raise ValueError(f"http={name!r}: use auto, httptools or h11")
    if name != "h11":
        try:
            from emulator.server.parser_httptools import HttpToolsParser
        except ImportError:
            if name == "httptools":
                raise
        else:
            return HttpToolsParser
    from emulator.server.parser_h11 import H11Parser

    return H11Parser
