"""Records: what is stored of a thing, and what the calls of each operation do to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count

from emulator.inference.changes import changes_of
from emulator.inference.draft import Draft
from emulator.inference.keys import key_expression, parameter_of
from emulator.inference.likely import Likely
from emulator.inference.names import member_like, reading, singular, snake
from emulator.inference.objects import LINKS, Completion, complete
from emulator.inference.patches import creates
from emulator.inference.resources import PARAMETER, Resource
from emulator.inference.samples import NoSample, expression, literal
from emulator.inference.shapes import Shape, default_fits, fits
from emulator.inference.things import examples_of
from emulator.inference.times import (
    CREATED,
    UPDATED,
    field_in,
    is_state,
    start_of,
    time_of,
)
from emulator.inference.views import Views
from emulator.json_type import Json
from emulator.spec.description import OperationDoc, Parameter


def records_of(draft: Draft, resource: Resource) -> Records:
    """What is known of the records of *resource*."""
    records: Records = draft.records[resource.name]
    return records


def guard_of(
    draft: Draft, parent: Resource, parameter: Parameter, operation: OperationDoc
) -> tuple[str, list[Json]]:
    """The requirement that a parent is there, which *operation* names by *parameter*.

    The path may have other names, and types, for what the parent is below itself.
    """
    key = key_expression(parent, parameter) or key_expression(parent)
    check = record = f"lookup('{parent.name}', {key})"
    here = dict(zip(parent.parents, PARAMETER.findall(operation.path), strict=False))
    records = records_of(draft, parent)
    for above, field in records.places.items():
        kept, sent = reading(record, field), reading("path", here[above])
        said = parameter_of(operation, here[above])
        if said is not None and Shape(said.schema).type != records.fields[field].type:
            kept, sent = f"text({kept})", f"text({sent})"
        check += f" and {kept} == {sent}"
    guard = [{"check": check, "refuse": "not_found"}]
    usual = f"{parent.name}_exists"
    named = f"{usual}_by_{snake(parameter.name)}"
    others = (f"{named}_{number}" for number in count(2))
    names = chain([usual, named], others)
    return next(name for name in names if draft.guards.get(name, guard) == guard), guard


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
        if resource.inside or resource.single:
            self.fields[resource.key] = Shape({"type": "string"})
        self.on_create: dict[str, Json] = {}
        self.on_update: dict[str, Json] = {}
        self.references: dict[str, Json] = {}
        self._places: dict[str, str] = {}
        """The field that has the value of each parent's parameter."""
        self.guard: dict[str, Json] = {}
        """The requirement that the parent is there, by its name."""
        self.links: dict[str, str] = {}
        """Members that have the record's own address, which is worked out when it is shown."""
        self.derived: dict[str, str] = {}
        """Members that show the records of another collection."""
        self.below: dict[str, Shape] = {}
        """Fields with what is read and changed below a record: `/users/{id}/settings`."""
        self.objects: dict[str, Completion] = {}
        """Members that are objects, and of which a part is not sent by who creates them."""
        self._views = Views(draft, self)

    def learn(self, inputs: Iterable[Shape | None], first: Shape | None) -> None:
        """Find out what is stored, of the *inputs* of all operations and the *first* one of
        those that create. Raises `NoSample`."""
        self._parents()
        self._guard()
        for shape in inputs:
            self._store_unshown(shape)
        self._server_sets(first)
        if not self._is_created():
            self.on_create.clear()

    def _parents(self) -> None:
        """The fields that say below which parents a record is."""
        resource = self.resource
        for name in resource.parents:
            parameter = self._parameter(name)
            sent = Shape(parameter.schema if parameter is not None else {})
            steps = resource.path.split("/")
            above = singular(snake(steps[steps.index(f"{{{name}}}") - 1]))
            wanted = dict.fromkeys((name, f"{above}_{snake(name)}", f"{above}_id"))
            there = (member_like(each, self.shape.properties) for each in wanted)
            field = next(
                (
                    each
                    for each in there
                    if each is not None
                    and each not in (resource.key, *self._places.values())
                    and fits(sent, self.shape.member(each))
                ),
                None,
            )
            if field is None:
                field = snake(name) or "parent"
                if field == snake(resource.key) and above:
                    field = f"{above}_{field}"
                while field in self.fields:
                    field = f"in_{field}"
            self.fields[field] = sent
            self._places[name] = field
        parent = resource.parent
        if parent is None or not parent.name or not parent.can_be_known:
            return
        above = resource.parent_parameter
        field = self._places.get(above)
        if field is None:
            return
        if key_expression(parent, self._parameter(above)) == reading("path", above):
            self.references[field] = {"to": parent.name, "on_delete": "cascade"}

    def _parameter(self, name: str) -> Parameter | None:
        """The parameter of the resource's path that has this name."""
        return parameter_of(next(iter(self.resource.operations.values())), name)

    def _guard(self) -> None:
        """The requirement that the parent is there."""
        resource, parent = self.resource, self.resource.parent
        parameter = self._parameter(resource.parent_parameter)
        if (
            parent is not None
            and parent.name
            and parent.can_be_known
            and parameter is not None
            and parameter.name in self._places
        ):
            if parent.inside and not resource.path.startswith(f"{parent.path}/"):
                return
            some = next(iter(resource.operations.values()))
            name, guard = guard_of(self._draft, parent, parameter, some)
            self.guard = {name: guard}

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
        return reading(self.reading_of("path"), name)

    def unhidden(self, value: Json) -> Json:
        """*value*, whose expressions read the time although a field is called `now`."""
        if "now" not in self.fields:
            return value
        if isinstance(value, Mapping):
            return {name: self.unhidden(member) for name, member in value.items()}
        if isinstance(value, list):
            return [*map(self.unhidden, value)]
        if not isinstance(value, str) or not value.startswith("${"):
            return value
        return re.sub(r"(?<![\w.'])now(?![\w'])", "request.now", value)

    def reading_of(self, place: str, *more: str) -> str:
        """How an expression that sees the fields, and *more* of them, reads a part of the
        request: `body`, or `request.body`. Raises `NoSample` where both are hidden."""
        root = re.split(r"[.\[]", place)[0]
        exampled = (name for each in examples_of(self.resource) for name in each)
        names = {*self.fields, *exampled, *more}
        if names >= {root, "request"}:
            raise NoSample
        return f"request.{place}" if root in names else place

    @property
    def places(self) -> Mapping[str, str]:
        return self._places

    def _store_unshown(self, sent: Shape | None) -> None:
        """Have fields for what is sent, and shown nowhere: they hide names as others do."""
        for name, member in (sent.members() if sent is not None else {}).items():
            if self.shown_as(name, sent) == name:
                self.fields.setdefault(name, member)

    def shown_as(self, name: str, sent: Shape | None) -> str:
        """What is shown of the member that is sent under *name*, spelled as it is there.

        `FriendlyName` is sent, `friendly_name` is shown.
        """
        shown = self.shape.properties
        like = None if name in shown else member_like(name, shown)
        return name if like is None or sent is None or like in sent.properties else like

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
                if not self._complete(name, members[name], sent):
                    self._need_not_send(name, members[name], sent, wanted)
                continue
            link = self._link(member) if snake(name) in LINKS else None
            if link is not None:
                self.links[name] = link
                continue
            words = snake(name)
            time = time_of(member)
            if time and words in CREATED:
                self.on_create[name] = time
            elif time and words in UPDATED:
                self.on_create[name] = self.on_update[name] = time
            elif (
                (name in wanted and not resource.alone)
                or (member["readOnly"] and _is_told(member))
                or is_state(name, member)
                or _is_fixed(member)
            ):
                self.on_create[name] = self.sample(member, name)
                if is_state(name, member) and member["const"] is None:
                    self.on_create[name] = literal(start_of(member))
        if resource.alone:
            self._as_exampled(members)
        for name in shown.required:
            if (
                name not in shown.properties
                and name != resource.key
                and name not in self.on_create
            ):
                self.on_create[name] = None

    def _as_exampled(self, sent: Mapping[str, Shape]) -> None:
        """Have what nobody sends as the document's examples have it, or as is likely.

        The reply to the create is all that shows it.
        """
        resource = self.resource
        likely = Likely(
            self._draft.forms,
            (self._draft.name, resource.words),
            self.shape,
            resource.thing,
            lambda *_: None,
            examples_of(resource),
        )
        known = {*self.on_create, *self.links, *self._places.values(), resource.key}
        made = likely.members(1, frozenset({*known, *sent}), frozenset())
        self.on_create |= {name: literal(value) for name, value in made.items()}

    def _is_created(self) -> bool:
        operations = self.resource.operations
        return "create" in operations or any(
            creates(does, operation, self.resource)
            for does, operation in operations.items()
        )

    def _complete(self, name: str, there: Shape, sent: Shape) -> bool:
        """Complete an object of which callers send a part: `attributes`, `metadata`."""
        completion = self.completion(name, there, sent)
        if completion is None:
            return False
        self.objects[name] = completion
        if completion.on_create:
            self.on_create[name] = completion.on_create
        return True

    def completion(
        self, name: str, there: Shape, sent: Shape, *, new: bool = False
    ) -> Completion | None:
        """How an object is completed of which *sent* has the part *there*."""
        resource, member = self.resource, self.shape.member(name)
        holds_name = bool(resource.inside) and resource.inside[0] == name
        whole = name in sent.required and fits(there, member)
        if whole and not holds_name and snake(name) != "attributes":
            return None
        return complete(
            self._draft,
            resource,
            name,
            there,
            member,
            always=name in sent.required,
            needed=name in self.shape.required,
            new=new,
        )

    @property
    def always(self) -> set[str]:
        """The members that each new record gets, whatever is sent."""
        optional = {name for name, made in self.objects.items() if made.optional}
        return self.on_create.keys() - optional

    def _link(self, member: Shape) -> str | None:
        """The expression of an object of links that has the record's own."""
        resource = self.resource
        own = member.properties.get("self")
        others = [name for name in member.required if name != "self"]
        if own is None or others or resource.parents or resource.inside:
            return None
        path = f"base_url + {expression(self._draft.openapi.base_path + resource.path + '/')}"
        address = f"{path} + text({field_in(resource.key)})"
        inner = member.member("self")
        if inner.type == "string" or not inner.types:
            return f"{{'self': {address}}}"
        if inner.is_object and set(inner.required) <= {"href"}:
            return f"{{'self': {{'href': {address}}}}}"
        return None

    def _need_not_send(
        self, name: str, there: Shape, sent: Shape, wanted: set[str]
    ) -> None:
        if name not in wanted or name in sent.required or there["default"] is not None:
            return
        if not fits(there, self.shape.member(name)):
            return  # which `set` of the operation sees to
        value = self.sample(self.shape.member(name), name)
        read = field_in(name)
        if value is None:
            text = f"${{{read}}}"
        elif isinstance(value, str) or value:
            text = f"${{{read} if {read} is not None else {expression(value)}}}"
        else:
            text = f"${{{read} or {expression(value)}}}"
        self.on_create[name] = self.on_update[name] = text

    def sample(self, shape: Shape, name: str) -> Json:
        return self._draft.sample(shape, name)

    def changes(
        self,
        kind: str,
        sent: Shape | None,
        *,
        new: bool = False,
        body: str = "",
        objects: Collection[str] | None = None,
    ) -> dict[str, Json]:
        """See `changes_of`; *objects* are those that are completed."""
        done = self.objects if objects is None else objects
        return changes_of(self, kind, sent, new=new, body=body, objects=done)

    def view_of(self, shown: Shape, word: str = "") -> str | None:
        """The view that shows records as *shown*; empty where they are shown whole.

        None where that cannot be.
        """
        return self._views.of(shown, word)


def _is_fixed(shape: Shape) -> bool:
    """Whether a member that nobody sends has one value only, or one if nothing is said."""
    if shape.type in ("object", "array", "") or shape.varies:
        return False
    single = isinstance(shape["enum"], list) and len(shape["enum"]) == 1
    usual = shape["default"] is not None and default_fits(shape)
    return single or shape["const"] is not None or usual


def _is_told(shape: Shape) -> bool:
    """Whether a schema says more of a plain value than that it is some text."""
    if shape.types & {"integer", "number", "boolean"}:
        return True
    told = ("example", "examples", "default", "enum", "const", "format")
    return "string" in shape.types and any(shape[key] for key in told)
