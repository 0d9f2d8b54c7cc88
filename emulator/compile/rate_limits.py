"""Rate limits: the part of a spec that says how often a caller may call, and what it is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emulator.compile.headers import compile_headers, header_name
from emulator.compile.kinds import kinds_in_all, signed
from emulator.compile.optional import optional_in_some
from emulator.compile.outcomes import compile_outcomes
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.rate_limits import LIMIT, LimitPolicy, QuotaHeaders
from emulator.spec.document import Pointer
from emulator.times import SECOND
from emulator.world.calendar import UNITS, known_zone

RESULT: Mapping[str, None] = dict.fromkeys(
    ("record", "before", "results", "page", "item", "items")
)
"""What is known when a call has done its work."""
PARTITIONS = ("credential", "ip", "operation", "all")


def compile_limits(source: Source) -> tuple[LimitPolicy, ...]:
    """The list under `rate_limits`."""
    return tuple(
        _limit(source, pointer, written)
        for pointer, written in source.entries("rate_limits")
        if _has_window(source, pointer, written)
    )


def _has_window(source: Source, pointer: Pointer, written: Json) -> bool:
    if "window" in written or written.get("algorithm") == "in_flight":
        return True
    if "window" not in source.broken:
        source.problem(
            pointer,
            "missing-key",
            "the limit does not say in which window of time",
            "calls are counted in one, unless `algorithm: in_flight` counts those that"
            " are going on",
            "add `window: 1m`",
            key=True,
        )
    return False


def _limit(source: Source, pointer: Pointer, written: Json) -> LimitPolicy:
    scope = source.scope_at("rate_limit")
    operations = written.get("operations")
    for at, operation in enumerate(operations or ()):
        source.known(
            (*pointer, "operations", at),
            operation,
            source.openapi.operations,
            "operation",
        )
    if not source.trusted:
        described = source.openapi.operations
        counted = [described[id] for id in operations or described if id in described]
        scope = scope.with_optional(optional_in_some(counted))
        scope = scope.with_kinds(kinds_in_all(counted)).with_signed(signed(counted))
    words, subjects = _partitions(source, (*pointer, "per"), scope)
    unit, window = _window(source, pointer, written)
    algorithm = written.get("algorithm", "fixed_window")
    _check_algorithm(source, pointer, written, algorithm, unit)
    when, scope = source.when(pointer, scope)
    done = source.scope_at("charge").with_roots(**RESULT).with_asked(scope.asked)
    done = done.with_optional(scope.optional)
    done = done.with_kinds(scope.kinds).with_signed(scope.signed)
    return LimitPolicy(
        name=limit_name(written),
        quota=source.template((*pointer, "quota"), scope),
        window=window,
        unit=unit,
        zone=_zone(source, pointer) if unit else "UTC",
        algorithm=algorithm,
        aligned=written.get("starts", "clock") == "clock",
        burst=written.get("burst"),
        takes=source.duration(*pointer, "takes"),
        per=words,
        subjects=subjects,
        cost=source.optional((*pointer, "cost"), scope),
        cost_after=source.optional((*pointer, "cost_after"), done),
        uncharged=compile_outcomes(source, (*pointer, "uncharged")),
        refuse=written.get("refuse", "rate_limited"),
        when=when,
        operations=None if operations is None else frozenset(operations),
        provider=source.name,
    )


def limit_names(source: Source) -> frozenset[str]:
    return frozenset(
        limit_name(written) for _, written in source.entries("rate_limits")
    )


def limit_codes(source: Source) -> frozenset[str]:
    """The codes that limits refuse with instead of `rate_limited`."""
    written = [limit for _, limit in source.entries("rate_limits")]
    return frozenset(limit["refuse"] for limit in written if "refuse" in limit)


def limit_name(written: Json) -> str:
    """What the limit *written* goes by."""
    for key in ("name", "window", "algorithm"):
        if key in written:
            return str(written[key])
    return "default"


def _window(source: Source, pointer: Pointer, written: Json) -> tuple[str, int]:
    """The word of the calendar that a limit's window is, or else how long it is."""
    if written.get("algorithm") == "in_flight":
        return "", 0
    word = written.get("window")
    if word in UNITS:
        return str(word), 0
    window = source.duration(*pointer, "window")
    if window <= 0:
        source.problem(
            (*pointer, "window"),
            "wrong-form",
            "a window is longer than nothing",
            "",
            "write 1m",
        )
        window = SECOND
    return "", window


def _check_algorithm(
    source: Source, pointer: Pointer, written: Json, algorithm: str, unit: str
) -> None:
    """Report an algorithm that does not go with what else is written."""
    if algorithm == "in_flight" and "takes" not in {*written, *source.broken}:
        source.problem(
            pointer,
            "missing-key",
            "the limit does not say how long a call is in flight",
            "the emulator answers at once: without a time that calls take on the"
            " world's clock, none would ever meet another",
            "add `takes: 300ms`",
            key=True,
        )
    if unit and algorithm != "fixed_window":
        source.problem(
            (*pointer, "algorithm"),
            "wrong-form",
            f"there is no {algorithm} of a calendar's {unit}",
            f"`window: {unit}` lasts from the start of the {unit} to its end",
            "write a duration such as `window: 24h`, or remove `algorithm`",
        )


def _zone(source: Source, pointer: Pointer) -> str:
    zone: str = source.get(*pointer, "zone", default="UTC")
    try:
        known_zone(zone)
    except ValueError as error:
        source.problem(
            (*pointer, "zone"),
            "unknown-zone",
            str(error),
            "time zones are those of the IANA database",
            "write one such as Europe/Berlin",
        )
        return "UTC"
    return zone


def _partitions(
    source: Source, pointer: Pointer, scope: Scope
) -> tuple[tuple[str, ...], tuple[Template, ...]]:
    """The words at *pointer*, `per`, and the expressions that stand beside them."""
    written = source.get(*pointer, default="credential")
    if isinstance(written, list):
        places: list[Pointer] = [at for at, _ in source.entries(*pointer)]
    else:
        places = [pointer] if source.get(*pointer) is not None else []
    words = [] if places else [written]
    subjects = []
    for at in places:
        word = source.word(at, scope)
        if word is None:
            subjects.append(source.template(at, scope))
        elif source.known(at, word, PARTITIONS, "partition"):
            words.append(word)
    return tuple(words), tuple(subjects)


def compile_quota_headers(source: Source) -> tuple[QuotaHeaders, ...]:
    """What stands under `rate_limit_headers`: one dialect, or a list of them."""
    written = source.get("rate_limit_headers")
    if written is None:
        return ()
    place: Pointer = ("rate_limit_headers",)
    many = isinstance(written, list)
    limits = limit_names(source)
    return tuple(
        _dialect(source, (*place, at) if many else place, dialect, limits)
        for at, dialect in enumerate(written if many else [written])
    )


def _dialect(
    source: Source, pointer: Pointer, written: Json, limits: Collection[str]
) -> QuotaHeaders:
    for key in ("limit", "used", "remaining", "reset", "policy", "state"):
        if key in written:
            header_name(source, (*pointer, key), written[key])
    names = written.get("shows", "tightest")
    for at, name in enumerate(names if isinstance(names, list) else [names]):
        here = (
            (*pointer, "shows", at) if isinstance(names, list) else (*pointer, "shows")
        )
        if name != "tightest":
            source.known(here, name, limits, "limit")
    scope = source.scope.with_fields(LIMIT)
    return QuotaHeaders(
        **{
            **written,
            "shows": tuple(names) if isinstance(names, list) else (names,),
            "template": compile_headers(source, (*pointer, "template"), scope),
        }
    )
