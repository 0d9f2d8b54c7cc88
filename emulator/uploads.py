"""Uploads: the files that come with a call, and what is kept of them with a record."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Record
from emulator.http.media_types import media_type
from emulator.http.multipart import BadForm, read_parts
from emulator.json_type import Json
from emulator.program.collections import CollectionPolicy

_DIGEST = "digest"


def keep_files(
    exchange: Exchange, policy: CollectionPolicy, record: Record, before: Record | None
) -> None:
    """Keep the content of the files of *record*, which is about to be stored.

    What it had before it still has; a digest that a caller has written means nothing.
    """
    for field in policy.files:
        value = record.get(field)
        if value is None or (before is not None and value == before.get(field)):
            continue
        files = value if isinstance(value, list) else [value]
        kept = [_kept(exchange, field, file) for file in files]
        record[field] = kept if isinstance(value, list) else kept[0]


def _kept(exchange: Exchange, field: str, file: Json) -> Json:
    if not isinstance(file, dict):
        return file
    plain = {name: value for name, value in file.items() if name != _DIGEST}
    same = [upload for upload in _uploads(exchange) if upload[1] == plain]
    if not same:
        return plain
    _, about, content = next((up for up in same if up[0] == field), same[0])
    if "content_type" not in about:
        sent = media_type(exchange.call.headers.get("content-type", ""))
        about = {"content_type": sent, **about}
    digest = exchange.world.files.add(
        exchange.program.name, content, lambda: needed(exchange)
    )
    return {**about, _DIGEST: digest}


def _uploads(exchange: Exchange) -> Iterator[tuple[str, Record, bytes]]:
    """Each file of the call: the name of its part, what the body says of it, its bytes."""
    call = exchange.call
    sent = call.headers.get("content-type", "")
    if media_type(sent) != "multipart/form-data":
        yield "", {"size": len(call.body)}, call.body
        return
    try:
        parts = read_parts(sent, call.body)
    except BadForm:
        return
    for part in parts:
        if part.filename is not None:
            about = {
                "filename": part.filename,
                "content_type": part.content_type,
                "size": len(part.content),
            }
            yield part.name, about, part.content


def needed(exchange: Exchange) -> Iterator[str]:
    """The digests that records of the provider have."""
    for name, policy in exchange.program.collections.items():
        for record in exchange.collection(name).changed() if policy.files else ():
            for field in policy.files:
                value = record.get(field)
                for file in value if isinstance(value, list) else [value]:
                    if isinstance(file, dict) and isinstance(file.get(_DIGEST), str):
                        yield file[_DIGEST]
