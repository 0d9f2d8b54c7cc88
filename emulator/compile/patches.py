"""Patches: `patch` of an update, and `conforms_to` of what comes of it."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.bodies import kind_of
from emulator.program.patches import FIELDS, JSON, PatchPolicy
from emulator.program.schemas import Schema
from emulator.spec.document import Pointer


def compile_patch(source: Source, pointer: Pointer) -> PatchPolicy | None:
    """What `patch` of the update at *pointer* says."""
    written = source.get(*pointer, "patch")
    if written is None:
        if source.get(*pointer, "conforms_to") is not None:
            _refuse(
                source,
                (*pointer, "conforms_to"),
                "nothing is patched here",
                "it says what a record must satisfy when it has been patched",
                "add `patch: merge`, or remove it",
                key=True,
            )
        return None
    by_media = written if isinstance(written, dict) else {}
    policy = PatchPolicy(
        every=FIELDS if by_media or not isinstance(written, str) else written,
        by_media={media.lower(): way for media, way in by_media.items()},
        schema=_schema(source, (*pointer, "conforms_to")),
    )
    _check(source, pointer, policy)
    return policy


def _schema(source: Source, at: Pointer) -> Schema | None:
    name = source.get(*at)
    known = source.openapi.schemas
    if name is None or not source.known(at, name, known, "schema"):
        return None
    return Schema(known[name])


def _check(source: Source, pointer: Pointer, policy: PatchPolicy) -> None:
    """Report what a patch cannot be together with."""
    at, id = (*pointer, "patch"), str(pointer[1])
    body = source.openapi.operations[id].body
    if body is None:
        _refuse(
            source,
            at,
            f"the operation {id!r} takes no body",
            "a patch is the body of a call",
            "remove it, or give the operation a requestBody in openapi.yaml",
            key=True,
        )
        return
    taken = {media.partition(";")[0].strip().lower(): None for media in body.content}
    for media in policy.by_media:
        if media in taken and kind_of(media) == "json":
            continue
        why = "is no JSON" if media in taken else "is no body of this operation"
        _refuse(
            source,
            (*at, media),
            f"{media!r} {why}",
            "a patch is a body that the operation takes, and is written in JSON",
            f"name some of {', '.join(taken)}",
            key=True,
        )
    if source.get(*pointer, "whole", default=False):
        _refuse(
            source,
            (*pointer, "whole"),
            "a patch does not replace the record",
            "`whole` says that the body is the new record, `patch` that it changes the old one",
            "remove one of the two",
            key=True,
        )
    if JSON in policy.ways and source.get("operations", id, "input") is not None:
        _refuse(
            source,
            ("operations", id, "input"),
            "a JSON Patch has no wrapper",
            "it is a list of operations (RFC 6902)",
            "remove `input`, or the `json` of `patch`",
            key=True,
        )


def _refuse(
    source: Source, at: Pointer, what: str, why: str, fix: str, *, key: bool
) -> None:
    source.problem(at, "wrong-form", what, why, fix, key=key)
