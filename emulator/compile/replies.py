"""Replies: `reply` of an operation, which is one reply or a list of alternatives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from emulator.compile.encodings import check_every, check_kind, compile_media
from emulator.compile.headers import compile_headers
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.nulls import asked_by
from emulator.language.static_scope import Scope
from emulator.program.media import MediaPolicy, of_status
from emulator.program.replies import ReplyPolicy
from emulator.spec.document import Pointer
from emulator.times import SECOND

BODILESS = (204, 205, 304)
"""Statuses of replies that have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5)."""
SHOWS = ("list", "read", "create", "update", "batch")
"""The actions whose replies show what they are about, unless they say something else."""
_SUCCESS = re.compile("2[0-9]{2}")
_AROUND = ("replies",)
"""Where a spec says what stands around what its replies show."""


def alternatives(source: Source, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Each reply that is written at *pointer*, with its place."""
    written = source.get(*pointer)
    if isinstance(written, list):
        yield from source.entries(*pointer)
    elif not isinstance(written, str):  # `documented` has nothing to say
        yield pointer, written or {}


def compile_replies(
    source: Source,
    pointer: Pointer,
    scope: Scope,
    kind: str,
    responses: Mapping[str, Mapping[str, Json]],
) -> tuple[ReplyPolicy, ...]:
    """The replies at *pointer*, of which the first that holds for a call is given.

    What they do not say follows from the *kind* of action and from the *responses* of
    openapi.yaml.
    """
    replies = []
    for at, written in alternatives(source, pointer):
        whole = _with_defaults(source, written, kind, responses)
        condition = str(written.get("when", ""))
        replies.append(
            _reply(source, at, whole, scope, responses, around(source, kind))
        )
        # The next one is given where this one is not.
        scope = scope.with_asked(asked_by(condition, scope, truth=False))
    _check_whole(source, pointer, tuple(replies))
    return tuple(replies)


def around(source: Source, kind: str) -> Pointer | None:
    """Where the body of replies of a *kind* of action stands that say none themselves."""
    at = (*_AROUND, "list" if kind == "list" else "record")
    return None if kind == "batch" or source.get(*at) is None else at


def _with_defaults(
    source: Source,
    written: Json,
    kind: str,
    responses: Mapping[str, Mapping[str, Json]],
) -> Json:
    """*written*, with a status, and with the record, the page or the results as its body."""
    status = written.get("status") or _status(kind, responses)
    body = {"list": "${items}", "batch": "${results}"}.get(kind, "${item}")
    at = around(source, kind)
    if at is not None:
        body = source.get(*at)
    shows = kind in SHOWS or (kind == "delete" and bool(of_status(responses, status)))
    if shows and 200 <= status < 300 and status not in BODILESS:
        return {"body": body, **written, "status": status}
    return {**written, "status": status}


def _status(kind: str, responses: Mapping[str, Json]) -> int:
    """The first success that openapi.yaml describes."""
    described = sorted(name for name in responses if _SUCCESS.fullmatch(name))
    if described:
        return int(described[0])
    return 204 if kind == "delete" else 200


def _reply(
    source: Source,
    at: Pointer,
    written: Json,
    scope: Scope,
    responses: Mapping[str, Mapping[str, Json]],
    shared: Pointer | None,
) -> ReplyPolicy:
    when, scope = source.when(at, scope)
    body = None
    tree = source.get(*at, "body")  # not that of a default
    if "body" in written:
        place = (*at, "body") if tree is not None or shared is None else shared
        body = source.template(place, scope, tree=written["body"])
    documented = of_status(responses, written["status"]) or ()
    media: tuple[MediaPolicy, ...] = ()
    if body is not None:
        media = compile_media(source, at, written, tree, documented)
        check_kind(source, place, body, media)
    else:
        _warn_of_form(source, at, written)
    check_every(source, at, media)
    headers = compile_headers(source, (*at, "headers"), scope)
    if "${" in written.get("content_type", ""):
        named = {"Content-Type": written["content_type"]}
        headers += compile_headers(source, at, scope, named)
    return ReplyPolicy(
        status=written["status"],
        headers=headers,
        body=body,
        media=media,
        every=source.duration(*at, "every") / SECOND,
        ranges=_ranges(source, at, written, media),
        when=when,
    )


def _warn_of_form(source: Source, at: Pointer, written: Json) -> None:
    """Warn of keys that say how a body is written where there is none."""
    for key in ("content_type", "encode"):
        if key in written:
            source.report.add(
                source.behavior.diagnostic(
                    (*at, key),
                    "idle-key",
                    f"nothing comes of {key!r} here",
                    "this reply has no body that would be written so",
                    "add `body:`, or remove it",
                    key=True,
                    severity="warning",
                )
            )


def _ranges(
    source: Source, at: Pointer, written: Json, media: tuple[MediaPolicy, ...]
) -> bool:
    """Whether the bytes of a reply can be asked for in parts."""
    if not written.get("ranges", False):
        return False
    is_alone = not isinstance(at[-1], int)
    is_bytes = bool(media) and all(each.encoding == "bytes" for each in media)
    if is_alone and is_bytes and written["status"] == 200:
        return True
    source.problem(
        (*at, "ranges"),
        "wrong-form",
        "no parts of this reply can be asked for",
        "parts are those of a file: of the only reply, with the status 200 and `bytes`",
        "add `encode: bytes`, or remove it",
        key=True,
    )
    return False


def _check_whole(
    source: Source, pointer: Pointer, replies: tuple[ReplyPolicy, ...]
) -> None:
    """Report calls that no reply is for, and replies that no call is left for."""
    where = ".".join(map(str, pointer))
    *others, last = replies
    if last.when is not None:
        source.problem(
            pointer,
            "missing-reply",
            f"no reply of {where} is left when no `when` holds",
            "the first reply whose `when` holds is given, and every call gets one",
            "add a last reply without `when`",
            key=True,
        )
    for number, reply in enumerate(others):
        if reply.when is None:
            source.problem(
                (*pointer, number + 1),
                "unreachable-reply",
                f"no call gets to reply {number + 2} of {where}",
                f"reply {number + 1} has no `when`, so it holds for all calls",
                f"add `when` to reply {number + 1}, or move it to the end",
            )
            return
