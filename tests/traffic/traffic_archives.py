"""Archives of a few calls, written as tools write them."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from typing import Any

Json = Any


def _named(pairs: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in (pairs or {}).items()]


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: Json = None,
    form: Mapping[str, str] | None = None,
    media: str = "",
    text: str = "",
    status: int = 200,
    reply: Json = None,
    reply_text: str = "",
    reply_base64: str = "",
    reply_headers: Mapping[str, str] | None = None,
    comment: str = "",
) -> Json:
    """One entry of an archive."""
    posted: Json = None
    if json is not None:
        posted = {"mimeType": "application/json", "text": json_.dumps(json)}
    elif form is not None:
        posted = {
            "mimeType": "application/x-www-form-urlencoded",
            "params": _named(form),
        }
    elif text:
        posted = {"mimeType": media, "text": text}
    content: Json = {"size": 0, "mimeType": "application/json"}
    if reply is not None:
        content["text"] = json_.dumps(reply)
    elif reply_text:
        content |= {"mimeType": "application/xml", "text": reply_text}
    elif reply_base64:
        content |= {"text": reply_base64, "encoding": "base64"}
    return {
        "request": {
            "method": method,
            "url": url,
            "headers": _named(headers),
            **({"postData": posted} if posted else {}),
        },
        "response": {
            "status": status,
            "headers": _named({"Content-Type": content["mimeType"], **(reply_headers or {})}),
            "content": content,
        },
        **({"comment": comment} if comment else {}),
    }  # fmt: skip


def archive(*entries: Json, version: str = "1.2") -> bytes:
    return json_.dumps({"log": {"version": version, "entries": entries}}).encode()
