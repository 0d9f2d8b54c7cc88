"""Checks: what can be wrong with a spec whose every part is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from emulator.compile.idle import check_idle
from emulator.compile.machines import check_machines
from emulator.compile.media import check_media
from emulator.compile.optional import optional_in_some
from emulator.compile.promised import check_promised
from emulator.compile.source import Source
from emulator.compile.suspicions import missing_too
from emulator.compile.webhooks import check_events
from emulator.diagnostics import did_you_mean, is_slip, nearest, some
from emulator.language.failures import ExpressionFailed
from emulator.language.grammar import BadExpression
from emulator.pipeline import DECIDE, REFUSALS
from emulator.program.errors import ErrorPolicy
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.program.states import STATES, states
from emulator.spec.description import OperationDoc
from emulator.spec.document import Pointer
from emulator.world.world import World


def check_program(program: Program, source: Source, *, whole: bool) -> None:
    """Look for what only shows when everything is put together.

    Where it is not *whole*, since parts of it have been reported and taken out, only
    what no part that is missing could mend is looked for.
    """
    if source.get("provider") not in (program.name, None):  # None: it was reported
        source.problem(
            ("provider",),
            "provider-name",
            f"{source.get('provider')!r} is not the name of its folder, {program.name!r}",
            "addresses, fixtures and settings go by the folder's name",
            f"write `provider: {program.name}`, or rename the folder",
        )
    _check_refusals(program, source, whole=whole)
    if whole:
        check_idle(source)
        check_machines(program, source)
        check_events(program, source)
        _check_codes(program, source)
        _check_pages(program, source)
        _check_credentials(program, source)
        _check_records(program, source)
        _check_shown(program, source)
        if not source.texts:  # of what was inferred, the document says all
            check_promised(program, source)
            _check_missing(program, source)
    _check_minted(program, source)
    check_media(program, source)
    _check_ignored(source)


_SAYS_WHICH = frozenset(
    {"table", "errors", "missing", "refuse", "active", "state", "tolerate", "requires"}
)
"""Keys that say which refusals there are: without one of them nothing is known."""


def _check_ignored(source: Source) -> None:
    """Warn of what openapi.yaml says to no effect, unless it is said here as well."""
    followed = (
        source.get("webhooks") is not None or source.get("unlisted") == "stateless"
    )
    for key, warning in source.openapi.ignored.items():
        if key not in ("callbacks", "webhooks") or not followed:
            source.report.add(warning)


def _check_refusals(program: Program, source: Source, *, whole: bool) -> None:
    raised: dict[str, str] = {}
    known = {
        STATES + state
        for scheme in program.schemes.values()
        for state in states(program, scheme)
    }
    unworded: dict[str, list[str]] = {}
    for operation in program.operations.values():
        for code, step in REFUSALS.met_by(program, operation):
            raised.setdefault(code, step)
            if operation.errors.of(code, step) is None:
                unworded.setdefault(code, []).append(operation.id)
    for code, step in _without_operation(program):
        raised.setdefault(code, step)
        if program.errors.of(code, step) is None:
            unworded.setdefault(code, [])
    for code, operations in unworded.items():
        if code not in source.broken and _SAYS_WHICH.isdisjoint(source.broken):
            _unrenderable(source, code, raised[code], operations)
    if not whole:
        return
    for at, code in source.entries("authentication", "lockout", "counts"):
        source.known(at, code, raised, "refusal")
    lacking = set(raised) - set(program.errors)
    for code, policy in program.errors.items():
        # A state that only the table knows may come about; not one that is a slip.
        of_state = code.startswith(STATES) and code not in REFUSALS.codes
        slip = of_state and code not in known and nearest(code, lacking)
        if (code not in raised or slip) and not policy.fault:
            _unreachable(source, policy, lacking)


def _check_codes(program: Program, source: Source) -> None:
    """Warn of codes that are slips of others: `default` answers whatever code there is."""
    made_up = [
        (part.pointer, part.value)
        for part in source.keywords.parts(source.behavior.data)
        if part.pointer[-1:] in (("refuse",), ("missing",))
        and isinstance(part.value, str)
        and not part.kind
        and not REFUSALS.named(part.value)
        and part.value != "violation"
    ]
    worded = {*program.errors}
    for operation in program.operations.values() if made_up else ():
        worded |= {*operation.errors}
    for at, code in made_up:
        near = nearest(code, {*REFUSALS.codes, *worded} - {code})
        if code not in worded and near is not None and is_slip(code, near):
            source.report.add(
                source.behavior.diagnostic(
                    at,
                    "unknown-refusal",
                    f"there is no refusal {code!r}",
                    "it is answered as what has no entry under errors.table",
                    f"did you mean {near!r}?",
                    severity="warning",
                )
            )


def _check_missing(program: Program, source: Source) -> None:
    """Warn of what an error reckons with, where a call that it answers may lack it."""
    documented = source.openapi.operations
    answers: dict[Pointer, tuple[ErrorPolicy, list[OperationDoc]]] = {}
    for operation in program.operations.values():
        for code, step in REFUSALS.met_by(program, operation):
            error = operation.errors.of(code, step)
            if error is not None and operation.documented is None:
                _, met = answers.setdefault(error.at, (error, []))
                met.append(documented[operation.id])
    for code, step in _without_operation(program):
        error = program.errors.of(code, step)
        if error is not None:
            answers[error.at] = (error, [])
    for error, met in answers.values():
        optional = optional_in_some(met, documented.values())
        templates = [error.body, *(value for _, value in error.headers)]
        for template in filter(None, templates):
            for suspicion in missing_too(
                template,
                optional,
                "ask first whether it is there: some of the calls that are answered so have"
                " no such parameter",
            ):
                source.suspect(suspicion)


def _unrenderable(
    source: Source, code: str, step: str, operations: Iterable[str]
) -> None:
    told = some(operations)
    where = f" on {told}" if told else ""
    source.problem(
        ("errors", "table"),
        "unrenderable-refusal",
        f"`{step}` can refuse with {code!r}{where}, which {source.name} has no error for",
        "a refusal is answered in the provider's own words",
        f"add `{code}:` under errors.table, or `default:` under errors for all that have"
        " no entry",
        key=True,
    )


def _unreachable(source: Source, policy: ErrorPolicy, lacking: set[str]) -> None:
    why = "an error below 500 answers a refusal; those of 500 and more answer faults"
    fix = did_you_mean(policy.code, {*REFUSALS.codes, *lacking})
    known = REFUSALS.codes.get(policy.code)
    if known is not None:
        why = f"`{known.step}` does ({known.when}), but no operation here can meet it"
    if known is not None or not fix.startswith("did"):
        fix = "remove it"
    source.problem(
        policy.named_at,
        "unreachable-error",
        f"nothing refuses with {policy.code!r}",
        why,
        fix,
        key=True,
    )


def _without_operation(program: Program) -> Iterator[tuple[str, str]]:
    yield from dict.fromkeys(REFUSALS.without_operation, DECIDE[0].name).items()
    if program.http.https == "required":
        yield "https_required", "transport"


def _check_pages(program: Program, source: Source) -> None:
    for operation in program.operations.values():
        page = operation.action.page
        if page is None or page.source != "query":
            continue
        named = {"page": page.number, "offset": page.offset, "cursor": page.cursor}
        before = page.before if page.style == "cursor" else ""
        for name in filter(None, (named[page.style], page.size, before)):
            if name not in operation.parameters.query:
                source.problem(
                    ("operations", operation.id, "list", "page"),
                    "unknown-parameter",
                    f"{operation.id} has no query parameter {name!r}",
                    f"the page {page.name!r} reads it",
                    did_you_mean(name, operation.parameters.query),
                )
    for operation in program.operations.values():
        if operation.action.view and operation.action.collection:
            view = program.views.get(operation.action.view)
            if (
                view is not None
                and not operation.wording.rules
                and ("invalid_request", "validate")
                in REFUSALS.met_by(program, operation)
            ):
                source.problem(
                    ("errors",),
                    "missing-wording",
                    f"violations of {operation.id} have no wording",
                    "errors.violations.rules says what is wrong in the provider's words",
                    "add `violations: {rules: {default: ...}}` under errors",
                    key=True,
                )
                return


def _check_credentials(program: Program, source: Source) -> None:
    x = Onlooker(program, World())
    for scheme in program.schemes.values():
        pointer = ("authentication", "schemes", scheme.name)
        for record in program.bases[scheme.collection].records.values():
            x.caller = record
            try:
                scheme.judge(x, record)
            except BadExpression:
                break  # reported where it stands
            except ExpressionFailed as error:
                if error.at in {told.at for told in source.report.diagnostics}:
                    break  # likewise
                source.problem(
                    pointer,
                    "fixture-credential",
                    f"the credential {record.get('name', record)!r} cannot be judged",
                    error.what,
                    f"mend the record in {scheme.collection}.yaml, or the expression",
                    key=True,
                )
                break


def _check_minted(program: Program, source: Source) -> None:
    """Warn of what other records hold and each world has its own of."""
    for collection, names in program.minted.items():
        for name in names:
            held = _held_alone(program, collection, name)
            for other, field in _holders(program, collection, held):
                source.report.add(
                    source.behavior.diagnostic(
                        _where_minted(program, collection, name),
                        "minted-reference",
                        f"the field {field!r} of {other!r} holds what stands in {name!r}"
                        f" of {collection!r}",
                        "each world has its own values of a field that proves a caller,"
                        " and there the two are no longer the same",
                        f"have {other!r} refer to another field, make {name!r} the key"
                        f" of {collection!r}, or name {field!r} under"
                        f" authentication.secret_fields.{other}",
                        key=True,
                        severity="warning",
                    )
                )


def _held_alone(program: Program, collection: str, name: str) -> set[str]:
    """The texts in this field that stand in no other field of their records."""
    minted = program.minted[collection]
    alone = set()
    for record in program.bases[collection].records.values():
        text = record.get(name)
        beside = (value for field, value in record.items() if field not in minted)
        if isinstance(text, str) and text and text not in beside:
            alone.add(text)
    return alone


def _holders(
    program: Program, collection: str, texts: set[str]
) -> Iterator[tuple[str, str]]:
    """The fields of other collections that hold one of *texts*, and are not minted."""
    for other, base in program.bases.items():
        if other == collection or not texts:
            continue
        minted = program.minted.get(other, ())
        yield from dict.fromkeys(
            (other, field)
            for record in base.records.values()
            for field, sibling in record.items()
            if field not in minted and isinstance(sibling, str) and sibling in texts
        )


def _where_minted(
    program: Program, collection: str, name: str
) -> tuple[str | int, ...]:
    for scheme in program.schemes.values():
        if scheme.collection == collection and name in (scheme.field, scheme.password):
            return ("authentication", "schemes", scheme.name)
    return ("authentication", "secret_fields", collection)


def _check_records(program: Program, source: Source) -> None:
    """Every fixture record, shown as its collection says, fits the schema it claims."""
    from jsonschema_rs import Draft202012Validator

    schemas = source.openapi.schemas
    x = Onlooker(program, World())
    for at, schema in _fits(source):
        view = program.views.get(str(at[-1]))
        if not source.known(at, str(at[-1]), program.views, "view") or view is None:
            continue
        if not source.known(at, schema, schemas, "schema"):
            continue
        validator = Draft202012Validator(schemas[schema], validate_formats=True)
        for key, record in program.bases[str(at[1])].records.items():
            x.caller = record
            try:
                shown = view.template.value(x, record)
            except BadExpression:
                break  # reported where it stands
            except ExpressionFailed as error:
                source.problem(
                    at, "fixture-schema", f"record {key!r} cannot be shown", str(error)
                )
                break
            found = next(validator.iter_errors(shown), None)
            if found is not None:
                where = ".".join(map(str, found.instance_path)) or "it"
                source.problem(
                    at,
                    "fixture-schema",
                    f"record {key!r} of {at[1]!r} does not fit {schema}: {where}: {found.message}",
                    f"shown as {view.name!r}, it is checked against components.schemas.{schema}",
                    "mend the record, the view or the schema",
                )


_WITHOUT_CALL = {"now", "base_url", "host", "server"}
"""What an onlooker knows of the names that are not the record's."""
_MOST_SHOWN = 2_000


def _check_shown(program: Program, source: Source) -> None:
    """Warn of a record of the fixtures that a view of its collection cannot show."""
    x = Onlooker(program, World())
    for view in program.views.values():
        records = program.bases[view.of].records.items() if view.of else ()
        for key, record in islice(records, _MOST_SHOWN):
            try:
                if view.roots - _WITHOUT_CALL:
                    break
                view.template.value(x, record)
            except BadExpression:
                break  # reported where it stands
            except ExpressionFailed as error:
                source.report.add(
                    source.behavior.diagnostic(
                        ("views", view.name),
                        "fixture-kind",
                        f"the record {key!r} of {view.of!r} cannot be shown as"
                        f" {view.name!r}",
                        str(error),
                        f"mend the record in the fixtures of {view.of}, or the"
                        " expression",
                        key=True,
                        severity="warning",
                    )
                )
                break


def _fits(source: Source) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for pointer, _ in source.entries("collections"):
        yield from source.entries(*pointer, "conforms_to")
