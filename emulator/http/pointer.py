"""Pointer: JSON Pointers as RFC 6901 writes them."""

from __future__ import annotations

from collections.abc import Iterable


def pointer_to(path: Iterable[str | int]) -> str:
    """["paths", "/books", 0]  ->  "/paths/~1books/0"."""
    return "".join(f"/{token(step)}" for step in path)


def token(step: str | int) -> str:
    """One step of a pointer, escaped."""
    return str(step).replace("~", "~0").replace("/", "~1")


def steps(text: str) -> list[str]:
    """The steps of a pointer: "/paths/~1books"  ->  ["paths", "/books"]."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
