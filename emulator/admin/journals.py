"""Journals: what was called in a world and why it was answered so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import orjson

from emulator.admin.journal.curl import (
    ALL,
    CHOICES,
    OWN,
    Secrets,
    again,
    curl_line,
    own_secrets,
)
from emulator.admin.journal.entry import shown
from emulator.admin.journal.find import entry_of, no_exchange
from emulator.admin.journal.har import har
from emulator.admin.journal.question import BadQuestion
from emulator.admin.journal.recipe import URL as RECIPE_URL
from emulator.admin.journal.recipe import NoRecipe, script, steps
from emulator.admin.journal.select import select
from emulator.admin.journal.text import explained, line
from emulator.admin.journal.verify import CannotProve, verify
from emulator.admin.request import (
    AdminRequest,
    json_reply,
    no_content,
    problem_error,
    text_reply,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    any_object,
    anything,
    boolean,
    described,
    input_schema,
    integer,
    list_of,
    object_schema,
    of_types,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import (
    AS_TEXT,
    EVENTS,
    JSON,
    PLAIN,
    Answer,
    Body,
    Event,
    Rows,
    Stream,
    problems,
    query,
)
from emulator.engine.snapshots import may_hold_secrets, snapshot
from emulator.exchange.call import Reply
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.world import World

_LIMIT = 1_000
_LONGEST = 1_048_576
"""The longest snapshot that stands in a recipe, in bytes."""
SHELL = "text/x-shellscript"
_SERVED = (
    *("openapi", "lenient", "without", "specs", "fixtures", "providers", "otherwise"),
    *("strict_https", "strict", "hooks"),
)
"""The settings that what a provider does depends on."""


_PATH = "/worlds/{world}/journal"
_SECRETS = query(
    "secrets",
    {"enum": [*CHOICES], "default": OWN},
    "which secrets are shown: those of the world's credentials, none, or all; the others"
    " are variables of the shell",
)
_MATCHERS = (
    query("provider", text(), "only calls of this provider"),
    query("operation", text(), "only this operation"),
    query("method", text(), "only calls with this method"),
    query("status", text(), "only replies with this status: 403, or 4xx"),
    query(
        "refused_by",
        text(),
        ("only calls that this step refused; none: calls that were not refused"),
    ),
    query(
        "credential",
        text(),
        ("only calls with the credential of this name; none: calls without one"),
    ),
)
_FILTERS = (
    *_MATCHERS,
    query(
        "since", text(), "only exchanges after the one with this id, or since this time"
    ),
    query(
        "limit",
        integer(minimum=1, maximum=10_000),
        f"the latest so many; {_LIMIT} by default",
    ),
)
_BRIEF = query(
    "brief",
    boolean(default=False),
    "leave out headers, bodies and steps, for who shows a line of each",
)

row = Rows("journal")


@row(
    f"GET {_PATH}",
    {200: Answer("the exchanges", list_of(ref("Entry")), (JSON, PLAIN))},
    query=(
        *_FILTERS,
        AS_TEXT,
        _BRIEF,
        query(
            "before",
            integer(minimum=1),
            "only exchanges before the one with this id",
        ),
    ),
)
def list_entries(request: AdminRequest) -> Reply:
    """List the exchanges of a world, oldest first.

    The header X-Emulator-Journal-Dropped counts the entries that were dropped to make
    room. As text, each exchange is explained step by step, for a report that people
    read.
    """
    world = world_of(request)
    programs = request.dispatcher.journaled
    entries = [(entry, programs[entry.provider]) for entry in _selected(request)]
    if request.options["format"] == "text":
        reply = text_reply("\n\n".join(explained(*entry) for entry in entries))
    else:
        brief = request.options["brief"]
        reply = json_reply([_told(*entry, brief=brief) for entry in entries])
    journal = world.journal
    reply.headers += [
        ("x-emulator-journal-written", str(journal.written)),
        ("x-emulator-journal-dropped", str(journal.dropped)),
    ]
    return reply


@row(f"DELETE {_PATH}", {204: Answer("cleared")})
def clear_journal(request: AdminRequest) -> Reply:
    """Clear the journal."""
    world_of(request).journal.clear()
    return no_content()


@row(
    f"GET {_PATH}/{{exchange}}",
    {200: Answer("the exchange", ref("ExplainedEntry"), (JSON, PLAIN))},
    query=(AS_TEXT,),
)
def get_entry(request: AdminRequest) -> Reply:
    """Show one exchange, explained step by step."""
    entry, program = _entry(request)
    text = explained(entry, program)
    if request.options["format"] == "text":
        return text_reply(text)
    return json_reply({**_told(entry, program), "explained": text})


def _entry(request: AdminRequest) -> tuple[Entry, Program]:
    """The exchange that the address names, and its provider's program."""
    entry = entry_of(request, world_of(request))
    return entry, request.dispatcher.journaled[entry.provider]


@row(
    f"GET {_PATH}/{{exchange}}/curl",
    {200: Answer("a line for a shell", text(), (PLAIN,))},
    query=(_SECRETS,),
)
def get_curl(request: AdminRequest) -> Reply:
    """Show the command line that makes the same call again."""
    entry, program = _entry(request)
    secrets = _secrets(request, entry)
    call = again(entry, program, request.base_url, secrets)
    return text_reply("\n".join([*secrets.needed(), curl_line(call)]))


@row(
    f"GET {_PATH}/recipe",
    {
        200: Answer("a script for sh and curl", text(), (SHELL,)),
        409: problems("not all is known that was asked of the world"),
    },
    query=(
        query(
            "until",
            integer(minimum=1),
            "the id of the last exchange; all of them by default",
        ),
        _SECRETS,
    ),
)
def get_recipe(request: AdminRequest) -> Reply:
    """Show a shell script that brings about again what was asked of a world.

    It has the world's seed and scenarios, the time of each call, all that was changed
    through the admin API, and the calls.
    """
    world, dispatcher = world_of(request), request.dispatcher
    programs, until = dispatcher.journaled, request.options.get("until")
    if until is not None and world.journal.get(until) is None:
        raise no_exchange(world, str(until))
    try:
        found = steps(world, until)
    except NoRecipe as error:
        raise problem_error(
            409,
            "no recipe",
            f"it cannot be brought about again: {error}",
            fix="reset the world and do it again, or take a snapshot of it",
        ) from None
    entries = [step for step in found if isinstance(step, Entry)]
    secrets = _secrets(request, *entries)
    state = _beginning(request, world)
    text = script(
        world,
        found,
        lambda entry: again(entry, programs[entry.provider], RECIPE_URL, secrets),
        {name: getattr(dispatcher.settings, name) for name in _SERVED},
        secrets,
        state,
    )
    return text_reply(text, SHELL)


def _beginning(request: AdminRequest, world: World) -> bytes:
    """A snapshot of what *world* began as; empty where it began with its fixtures.

    Raises `AdminError` where there may be a secret in it that is not asked for.
    """
    start = world.start
    if start is None:
        return b""
    if request.options["secrets"] != ALL and may_hold_secrets(
        start, request.dispatcher.programs
    ):
        raise problem_error(
            409,
            "secrets in it",
            f"the world {world.id!r} began {world.acts.origin}, and what it began as"
            " holds credentials or secrets of webhooks, which a recipe would show",
            fix="ask for all secrets (--secrets all), or take a snapshot of it",
        )
    state = snapshot(start)
    if len(state) > _LONGEST:
        raise problem_error(
            409,
            "no recipe",
            f"the world {world.id!r} began {world.acts.origin}, and what it began as is"
            f" too long for a script: {len(state)} bytes, of which {_LONGEST} are taken",
            fix="take a snapshot of it",
        )
    return state


def _secrets(request: AdminRequest, *entries: Entry) -> Secrets:
    """What shows those secrets of *entries* that are asked for."""
    own: set[str] = set()
    world, dispatcher = world_of(request), request.dispatcher
    for entry in entries:
        own |= own_secrets(None, entry)
    for name in {entry.provider for entry in entries} & {*dispatcher.programs}:
        own |= own_secrets(dispatcher.worlds.credentials(world, name))
    return Secrets(request.options["secrets"], own)


@row(
    f"POST {_PATH}/verify",
    {
        200: Answer("the result, and the calls that came closest", ref("Verdict")),
        409: problems(
            "the result depends on entries that were dropped; or, if `strict`, the"
            " calls were not as expected"
        ),
    },
    query=(
        query(
            "strict",
            boolean(default=False),
            "whether calls that were not as expected are a 409, for a client that"
            " takes every 200 for a success",
        ),
    ),
    body=Body(ref("Question"), most=1_048_576),
)
def verify_journal(request: AdminRequest) -> Reply:
    """Verify that the expected calls came."""
    world = world_of(request)
    try:
        verdict = verify(world.journal, request.dispatcher.journaled, request.json)
    except BadQuestion as error:
        raise unprocessable(error.problems) from None
    except CannotProve as error:
        raise problem_error(
            409,
            "cannot be proven",
            str(error),
            kept=error.kept,
            dropped=error.dropped,
            fix=error.fix,
        ) from None
    if request.options["strict"] and not verdict["passed"]:
        message = verdict.pop("message")
        raise problem_error(409, "not as expected", message, **verdict)
    return json_reply(verdict)


@row(f"GET {_PATH}/har", {200: Answer("the archive", ref("Har"))}, query=(*_FILTERS,))
def get_har(request: AdminRequest) -> Reply:
    """Export the exchanges as an HTTP Archive."""
    made = har(_selected(request), request.dispatcher.journaled, request.base_url)
    return json_reply(made)


@row(
    f"GET {_PATH}/events",
    {200: Answer("the events", text(), (EVENTS,))},
    query=(
        *_MATCHERS,
        query(
            "from",
            {"enum": ["now", "start"]},
            "whether to begin with the existing entries",
        ),
        _BRIEF,
    ),
)
def follow_journal(request: AdminRequest) -> Reply:
    """Stream the exchanges as they happen.

    Server-sent events of the type `exchange`, each with an entry and its `line` for
    people. Last-Event-ID continues after that entry.
    """
    world, dispatcher = world_of(request), request.dispatcher
    programs = dispatcher.journaled
    _selected(request)  # raises where a filter is wrong
    looked = 0

    def after(id: str) -> Iterator[Event]:
        nonlocal looked
        last = int(id) if id.isascii() and id.isdigit() and len(id) < 16 else newest
        if last > world.journal.written:
            last = newest  # it was seen elsewhere: before a restart, say
        # What a filter leaves out has no event: it is looked at once all the same.
        last, looked = max(last, looked), world.journal.written
        for entry in _selected(request, since=last, limit=None):
            program = programs[entry.provider]
            told = _told(entry, program, brief=request.options["brief"])
            yield Event(str(entry.id), orjson.dumps(told), "exchange")

    newest = 0 if request.options.get("from") == "start" else world.journal.written
    return Stream(
        status=200,
        headers=[("Content-Type", EVENTS), ("Cache-Control", "no-store")],
        after=after,
        watch=_watching(world),
        over=lambda: not dispatcher.worlds.has(world),
    )


def _told(entry: Entry, program: Program, *, brief: bool = False) -> Json:
    return {**shown(entry, program, brief=brief), "line": line(entry, program)}


def _watching(world: World) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def watch(wake: Callable[[], None]) -> Callable[[], None]:
        world.journal.followers.append(wake)
        return lambda: world.journal.followers.remove(wake)

    return watch


def _selected(request: AdminRequest, **more: Json) -> list[Entry]:
    options = {"limit": _LIMIT, **request.options, **more}
    for name in ("from", "format", "brief"):
        options.pop(name, None)
    before, limit = options.pop("before", None), options["limit"]
    if before is not None:
        options["limit"] = None
    try:
        found = select(
            world_of(request).journal, request.dispatcher.journaled, **options
        )
        if before is None:
            return found
        return [entry for entry in found if entry.id < before][-limit:]
    except BadQuestion as error:
        raise unprocessable(
            [
                {
                    "parameter": problem["pointer"].lstrip("/"),
                    "detail": problem["detail"],
                }
                for problem in error.problems
            ]
        ) from None


_PAIRS: Schema = list_of(
    list_of(text(), minItems=2, maxItems=2),
    "Names and values, in order; secrets are masked.",
)

_SAID: Schema = of_types(
    "string object null",
    'A text, or {"matches": "..."} with a pattern in which * stands for any text.',
)
_NAMED: Schema = any_object()
_HOW_MANY: Schema = of_types("integer null", minimum=0)
_STEP: Schema = object_schema(
    step=text(), decision=text("The step's decision in words."), facts=any_object()
)
_ENTRY: Mapping[str, Json] = {
    "id": integer("The number of the exchange in its world, from 1."),
    "world": text(),
    "at": text("The world's time."),
    "real": text("Real time."),
    "provider": text(),
    "operation": text_or_null(),
    "credential": text_or_null(
        "The credential's name in the fixtures; an unknown credential is shown masked."
    ),
    "request": object_schema(
        required="method path query headers body",
        method=text(),
        path=text(),
        query=any_object(),
        headers=_PAIRS,
    ),
    "reply": object_schema(
        required="status headers body", status=integer(), headers=_PAIRS
    ),
    "faults": list_of(text(), "The faults of the reply or the connection."),
    "refused_by": text_or_null("The step that refused the call."),
    "refusal": text_or_null("The code of the refusal."),
    "stubbed": text_or_null("The id of the stub that answered."),
    "steps": list_of(_STEP),
    "line": text("A summary in one line."),
}


SCHEMAS: Mapping[str, Schema] = {
    "Entry": object_schema(**_ENTRY),
    "ExplainedEntry": object_schema(
        **_ENTRY, explained=text("An explanation of the exchange in plain text.")
    ),
    "Question": input_schema(
        "Which exchanges, and how many of them; by default at least one.",
        provider=_SAID,
        operation=described(
            _SAID, "An operationId; null: calls that belong to no operation."
        ),
        method=text(),
        path=_SAID,
        status=of_types("integer string", "A status, or a class of statuses: 4xx."),
        refused_by=described(
            _SAID, "The step that refused the call; null: not refused."
        ),
        refusal=described(_SAID, "The code of the refusal; null: not refused."),
        credential=described(
            _SAID,
            "The name of a credential; `unknown`: an unknown one; null: none was sent.",
        ),
        query=described(_NAMED, "Parameters of the query; null: it must be absent."),
        headers=described(_NAMED, "Headers; null: it must be absent."),
        body=anything("JSON that the body contains; it may contain more."),
        since=of_types("integer string", "The id of an exchange, or a time."),
        times=described(_HOW_MANY, "Exactly this many."),
        at_least=_HOW_MANY,
        at_most=_HOW_MANY,
    ),
    "Verdict": object_schema(
        passed=boolean(),
        count=integer(),
        expected=text(),
        message=text("The expectation and what came instead, for people."),
        matches=list_of(integer()),
        nearest=list_of(
            object_schema(id=integer(), summary=text(), differs=list_of(any_object())),
            "The calls that came closest, and how they differ.",
        ),
    ),
    "Har": {"description": "HTTP Archive 1.2", "type": "object", "required": ["log"]},
}
