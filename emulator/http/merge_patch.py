"""Merge patch: an object that says what is to be other than it is (RFC 7396)."""

from __future__ import annotations

from emulator.json_type import Json


def merge_patch(document: Json, patch: Json) -> Json:
    """What *patch* makes of *document*: objects are merged, null removes a member."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
