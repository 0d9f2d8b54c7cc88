"""Collections: records behind the paths that list things and lead to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

from emulator.inference.draft import GUESSED, HIGH, LOW, MEDIUM, Draft
from emulator.inference.ids import ids_of
from emulator.inference.inferred import Kind
from emulator.inference.names import IDENTIFIER, member_like, reading, snake
from emulator.inference.resources import Resource, find_resources, unwrapped
from emulator.inference.samples import NoSample, expression, sample
from emulator.inference.shapes import Shape, fits
from emulator.inference.writing import Noted
from emulator.language.expressions import REQUEST
from emulator.language.functions import FUNCTIONS
from emulator.spec.description import OperationDoc

Json = Any
KIND = Kind(
    "collections",
    "a path that lists things, such as `/pets`, and one below it that leads to each of them,"
    " `/pets/{petId}`",
    "a collection: what is created there is stored, listed, read, changed and deleted; below"
    " another one, `/pets/{petId}/visits`, it is that of its parent",
)
_LONGEST = 2_000
"""More characters no view has: what it shows is then too unlike what is stored."""
CREATED = ("created", "created_at", "created_on", "creation_time", "create_time", "date_created",
            "creation_date", "created_date", "inserted_at", "create_date", "created_time")  # fmt: skip
UPDATED = ("updated", "updated_at", "updated_on", "modified", "modified_at", "update_time",
            "last_modified", "date_updated", "last_updated", "modified_on", "updated_date",
            "date_modified", "last_modified_at", "updated_time", "modification_date")  # fmt: skip
RESERVED = (
    FUNCTIONS.keys()
    | REQUEST
    | {
        "matched",
        "quota",
        "quotas",
        "refused",
        "before",
        "item",
        "items",
        "page",
        "record",
    }
    | {"results", "request", "this", "omit", "it", "true", "false", "null"}
)
"""What a plain name is in an expression, besides a field."""


def infer_collections(draft: Draft) -> None:
    found = [*find_resources(draft.openapi)]
    for resource in found:
        for does, operation in [*resource.operations.items()]:
            if not draft.allows(KIND, operation.id):
                del resource.operations[does]
        if resource.operations:
            _collection(draft, resource)


def records_of(draft: Draft, resource: Resource) -> Records:
    """What is known of the records of *resource*."""
    records: Records = draft.records[resource.name]
    return records


def field_in(name: str) -> str:
    """How an expression reads a field of its record."""
    if IDENTIFIER.fullmatch(name) and not iskeyword(name) and name not in RESERVED:
        return name
    return reading("this", name)


def _collection(draft: Draft, resource: Resource) -> None:
    key = key_expression(resource)
    ids = ids_of(resource)
    if not resource.key or key is None or ids is None:
        why = (
            "nothing in what is shown is like the parameter"
            if not resource.key
            else "the parameter and the member have types that are not compared"
            if key is None
            else "no id that satisfies the schema is known"
        )
        draft.found(
            KIND,
            resource.item_path,
            LOW,
            f"{{{resource.parameter.name}}} may name a record, but {why}",
        )
        return
    resource.name = _name(draft, resource)
    record = Records(draft, resource)
    try:
        operations = record.plan()
    except NoSample:
        why = "no value is known of a member that is shown, and not sent"
        draft.found(KIND, resource.item_path, LOW, f"it may name a record, but {why}")
        draft.taken.discard(resource.name)
        resource.name = ""
        return
    draft.operations |= operations
    for operation in resource.operations.values():
        _note_patches(draft, operation)
    if record.guard:
        draft.guards |= record.guard
    written: dict[str, Json] = {}
    if resource.key != "id":
        written["key"] = resource.key
    if ids:
        written["ids"] = ids
    written["order"] = [resource.key]
    written["unsent"] = "drop"
    fields = [name for name in record.fields if name != resource.key]
    if fields:
        written["fields"] = fields
    if record.on_create:
        written["on_create"] = record.on_create
    if record.on_update:
        written["on_update"] = record.on_update
    if record.references:
        written["references"] = record.references
    confidence = MEDIUM if len(resource.operations) < 2 else HIGH
    if confidence == MEDIUM:
        written["source"] = GUESSED
    does = ", ".join(_WORDS[name] for name in _WORDS if name in resource.operations)
    note = f"{resource.path}: {does}."
    draft.collections[resource.name] = Noted(written, note)
    draft.found(
        KIND,
        resource.path,
        confidence,
        f"{resource.item_path} leads to one of them by {resource.key!r}: {does}",
    )
    draft.resources.append(resource)
    draft.records[resource.name] = record


def _default_fits(shape: Shape) -> bool:
    """Whether the default of a schema is one of its values, which in documents it need not be."""
    default = shape["default"]
    return (
        default is None
        or not shape.types
        or Shape({"enum": [default]}).types
        <= shape.types | ({"integer"} if "number" in shape.types else set())
    )


def _note_patches(draft: Draft, operation: OperationDoc) -> None:
    """Say what becomes of a body that is a JSON Patch (RFC 6902), and leave out what is no more."""
    media = [*operation.body.content] if operation.body is not None else []
    patches = [name for name in media if "json-patch+json" in name]
    if not patches:
        return
    reason = "a JSON Patch (RFC 6902) changes no record"
    if len(patches) == len(media):
        del draft.operations[operation.id]
        draft.found(
            KIND, operation.id, LOW, f"{reason}: it is answered from the document"
        )
        return
    draft.notes[operation.id] = (
        f"{reason[0].upper()}{reason[1:]}: only its other bodies do."
    )
    draft.found(KIND, operation.id, MEDIUM, f"{reason}: only its other bodies do")


_WORDS = {
    "create": "created",
    "list": "listed",
    "read": "read",
    "replace": "replaced",
    "patch": "changed",
    "change": "changed with POST",
    "delete": "deleted",
}


def _name(draft: Draft, resource: Resource) -> str:
    word = snake(resource.words) or "records"
    above = resource.parent.thing if resource.parent else ""
    wanted = [word, *([f"{above}_{word}"] if above else [])]
    whole = snake(
        "_".join(part for part in resource.path.split("/") if "{" not in part)
    )
    if whole:
        wanted.append(whole)
    return draft.collection_name(*wanted, f"{word}_records")


def key_expression(resource: Resource) -> str | None:
    """How an operation finds the key of its record; None where that is not certain."""
    schema = Shape(resource.parameter.schema)
    sent, stored = schema.type or ("string" if not schema.types else ""), ""
    if resource.key:
        stored = resource.shape.member(resource.key).type
    name = reading("path", resource.parameter.name)
    if sent == stored:
        return name
    if (sent, stored) == ("integer", "string"):
        return f"text({name})"
    if (sent, stored) == ("string", "integer"):
        return f"integer({name}) if matches({name}, '^[0-9]{{1,15}}$') else null"
    return None


class Records:
    """What the records of a resource have, and what the calls of each operation do to them."""

    def __init__(self, draft: Draft, resource: Resource) -> None:
        self._draft = draft
        self.resource = resource
        self.shape = resource.shape
        self.fields: dict[str, Shape] = {
            name: self.shape.member(name) for name in self.shape.properties
        }
        """Everything that is stored, as far as it is known."""
        self.on_create: dict[str, Json] = {}
        self.on_update: dict[str, Json] = {}
        self.references: dict[str, Json] = {}
        self._places: dict[str, str] = {}
        """The field that has the value of each parent's parameter."""
        self.guard: dict[str, Json] = {}
        """The requirement that the parent is there, by its name."""
        self._views: list[tuple[Shape, str]] = []

    def plan(self) -> dict[str, dict[str, Json]]:
        """What `operations` says of each. Raises `NoSample`."""
        self._parents()
        self._guard()
        inputs = {
            does: self._input(operation)
            for does, operation in self.resource.operations.items()
            if does in ("create", "replace", "patch", "change")
        }
        self._server_sets(inputs.get("create", (None, ""))[0])
        return {
            operation.id: self._operation(does, inputs.get(does, (None, "")))
            for does, operation in self.resource.operations.items()
        }

    def _parents(self) -> None:
        """The fields that say below which parents a record is."""
        resource = self.resource
        for name in resource.parents:
            operation = next(iter(resource.operations.values()))
            schema = next(
                (
                    p.schema
                    for p in operation.parameters
                    if p.where == "path" and p.name == name
                ),
                {},
            )
            sent = Shape(schema)
            field = member_like(name, self.shape.properties)
            if (
                field is None
                or field == resource.key
                or not fits(sent, self.shape.member(field))
            ):
                field = snake(name) or "parent"
                while field in self.fields:
                    field = f"in_{field}"
            self.fields[field] = sent
            self._places[name] = field
        parent = resource.parent
        if parent is None or not parent.name:
            return
        field = self._places.get(parent.parameter.name)
        if field is None:
            return
        if key_expression(parent) == reading("path", parent.parameter.name):
            self.references[field] = {"to": parent.name, "on_delete": "cascade"}

    def _guard(self) -> None:
        """The requirement that the parent is there."""
        parent = self.resource.parent
        if (
            parent is None
            or not parent.name
            or parent.parameter.name not in self._places
        ):
            return
        key = key_expression(parent)
        name = f"{parent.name}_exists"
        check = f"lookup('{parent.name}', {key})"
        for above, field in self._draft.records[parent.name].places.items():
            check += f" and {reading(check.partition(' and ')[0], field)} == {reading('path', above)}"
        self.guard = {name: [{"check": check, "refuse": "not_found"}]}

    @property
    def filter(self) -> str:
        """The condition that a record is below the parents that the path names."""
        return " and ".join(
            f"{field_in(field)} == {self.path(name)}"
            for name, field in self._places.items()
        )

    def path(self, name: str) -> str:
        """How an expression that sees the fields reads a parameter of the path.

        Raises `NoSample` where the fields hide it, however it is written.
        """
        if self.fields.keys() >= {"path", "request"}:
            raise NoSample
        return reading("request.path" if "path" in self.fields else "path", name)

    @property
    def places(self) -> Mapping[str, str]:
        return self._places

    def _input(self, operation: OperationDoc) -> tuple[Shape | None, str]:
        """What a body sets, and the expression of the member that it stands in."""
        return unwrapped(operation, self.resource)

    def _server_sets(self, sent: Shape | None) -> None:
        """What a record gets that a caller does not send, or need not."""
        resource, shown = self.resource, self.shape
        wanted = set(shown.required)
        places = set(self._places.values())
        members = sent.members() if sent is not None else {}
        for name in shown.properties:
            member = shown.member(name)
            if name == resource.key or name in places:
                continue
            if sent is not None and name in members and not members[name]["readOnly"]:
                self._need_not_send(name, members[name], sent, wanted)
                continue
            words = snake(name)
            time = _time(member)
            if time and words in CREATED:
                self.on_create[name] = time
            elif time and words in UPDATED:
                self.on_create[name] = self.on_update[name] = time
            elif name in wanted or _is_state(name, member):
                self.on_create[name] = self._sample(member, name)
        for name in shown.required:
            if (
                name not in shown.properties
                and name != resource.key
                and name not in self.on_create
            ):
                self.on_create[name] = None

    def _need_not_send(
        self, name: str, there: Shape, sent: Shape, wanted: set[str]
    ) -> None:
        if name not in wanted or name in sent.required or there["default"] is not None:
            return
        if not fits(there, self.shape.member(name)):
            return  # which `set` of the operation sees to
        value = self._sample(self.shape.member(name), name)
        read = field_in(name)
        if value is None:
            text = f"${{{read}}}"
        elif isinstance(value, str) or value:
            text = f"${{{read} if {read} is not None else {expression(value)}}}"
        else:
            text = f"${{{read} or {expression(value)}}}"
        self.on_create[name] = self.on_update[name] = text

    def _sample(self, shape: Shape, name: str) -> Json:
        return self._draft.sample(shape, name)

    def _operation(self, does: str, sent: tuple[Shape | None, str]) -> dict[str, Json]:
        """What `operations` says of one of them."""
        resource = self.resource
        kind = _ACTIONS[does]
        action: dict[str, Json] = {"collection": resource.name}
        written: dict[str, Json] = {}
        if self.guard:
            written["guards"] = [*self.guard]
        if kind in ("read", "update", "delete"):
            action["key"] = key_expression(resource)
            if self._places:
                action["filter"] = self.filter
        places = {
            field: f"${{{self.path(name)}}}" for name, field in self._places.items()
        }
        if kind == "list" and places:
            action["where"] = places
        if does == "replace" and self._is_whole(sent[0]):
            action["whole"] = True
        if kind in ("create", "update"):
            shape, wrapper = sent
            if wrapper:
                written["input"] = wrapper
            changed = self.changes(kind, shape)
            if kind == "create":
                changed = {**places, **changed}
            if changed:
                action["set"] = changed
        written[kind] = action
        return written

    def _is_whole(self, sent: Shape | None) -> bool:
        """Whether a body that replaces a record has all that must be shown."""
        members = sent.members() if sent is not None else {}
        needed = [name for name in self.shape.required if name in members]
        return sent is None or all(
            name in sent.required
            or name in self.on_update
            or members[name]["default"] is not None
            for name in needed
        )

    def changes(self, kind: str, sent: Shape | None) -> dict[str, Json]:
        """The fields that are sent in another form than they are shown in."""
        changed: dict[str, Json] = {}
        for name, there in (sent.members() if sent is not None else {}).items():
            if name not in self.shape.properties:
                self.fields.setdefault(name, there)
                continue
            if name == self.resource.key or there["readOnly"]:
                continue
            if fits(there, self.shape.member(name)) and _default_fits(there):
                continue
            if name not in self.shape.required:
                changed[name] = "${omit}"
            elif kind == "create":
                changed[name] = self._sample(self.shape.member(name), name)
            else:
                changed[name] = f"${{{reading('before', name)}}}"
        return changed

    def view_of(self, shown: Shape, word: str = "") -> str | None:
        """The view that shows records as *shown*; empty where they are shown whole.

        None where that cannot be.
        """
        for shape, name in self._views:
            if shape.same(shown):
                return name
        try:
            show = self._show(shown)
        except NoSample:
            return None
        if len(show) > _LONGEST:
            return None
        name = ""
        if show:
            name = self._view_name("" if shown.same(self.shape) else word)
            self._draft.views[name] = {"collection": self.resource.name, "show": show}
        self._views.append((shown, name))
        return name

    def _show(self, shown: Shape) -> str:
        """The expression of a record as *shown*; empty for all of it."""
        keep, extra = [], {}
        open_ended = not shown.properties or isinstance(
            shown["additionalProperties"], Mapping
        )
        for name, field in self.fields.items():
            if name not in shown.properties:
                if open_ended and name in self.shape.properties:
                    keep.append(name)
                continue
            member = shown.member(name)
            if member["writeOnly"]:
                continue
            if self.shape is shown or self.shape.same(shown) or fits(field, member):
                keep.append(name)
            elif name in shown.required:
                extra[name] = sample(member, name)
        for name in shown.required:
            if (
                name not in keep
                and name not in extra
                and not shown.member(name)["writeOnly"]
            ):
                extra[name] = sample(shown.member(name), name)
        present = set(self.shape.required) | self.on_create.keys() | {self.resource.key}
        for name in shown.required:
            if name in keep and name not in present:
                value, read = sample(shown.member(name), name), field_in(name)
                extra[name] = (
                    f"${{{read} if {read} is not None else {expression(value)}}}"
                )
        hidden = [
            name for name in self.fields if name not in keep and name not in extra
        ]
        text = "this"
        if hidden:
            names = keep if len(keep) < len(hidden) else hidden
            word = "only" if names is keep else "without"
            text = f"{word}(this, {expression(names)})"
        if extra:
            text = f"merge({text}, {expression(extra)})"
        return "" if text == "this" else f"${{{text}}}"

    def _view_name(self, word: str) -> str:
        thing = f"{self.resource.thing}{word}"
        if self.resource.name != snake(self.resource.words) and self.resource.parent:
            thing = f"{self.resource.parent.thing}_{thing}"
        name, number = thing, 2
        while name in self._draft.views:
            name, number = f"{thing}_{number}", number + 1
        return name


_ACTIONS = {
    "create": "create",
    "list": "list",
    "read": "read",
    "replace": "update",
    "patch": "update",
    "change": "update",
    "delete": "delete",
}


def _time(member: Shape) -> Json:
    """What a member that holds a time is set to; None where it holds none."""
    if (
        "string" in member.types
        and member["format"] in ("date-time", None)
        and not member["pattern"]
    ):
        return "${now}" if member["format"] or not member["enum"] else None
    if "string" in member.types and member["format"] == "date":
        return "${date(now)}"
    if "integer" in member.types:
        return "${epoch(now)}"
    return None


def _is_state(name: str, member: Shape) -> bool:
    return snake(name) in ("status", "state") and bool(member["enum"])
