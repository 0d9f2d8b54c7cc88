"""Singletons: things of which there is one, such as `/me` and `/settings`."""

from __future__ import annotations

from emulator.inference.collections import infer_collection
from emulator.inference.draft import GUESSED, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.keys import key_expression, parameter_of
from emulator.inference.messages import success, unwrapped
from emulator.inference.names import IDENTIFIER, singular, snake
from emulator.inference.patches import patch_of
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource, bare, nameless
from emulator.inference.samples import NoSample, expression, sample
from emulator.inference.shapes import fits
from emulator.inference.things import find_shape, thing_in
from emulator.json_type import Json
from emulator.spec.description import OperationDoc, Parameter

KIND = Kind(
    "singletons",
    "a path that is read with GET and changed with PUT or PATCH, and that no parameter is in,"
    " or one that leads to a record: `/me`, `/settings`, `/users/{id}/settings`",
    "a collection of one record, which is read and changed there; below a record, a field of it",
)
_METHODS = {"GET", "PUT", "PATCH", "DELETE"}


def infer_singletons(draft: Draft) -> None:
    by_path: dict[str, dict[str, OperationDoc]] = {}
    for operation in draft.openapi.operations.values():
        if "#" in operation.path:
            continue
        if operation.id not in draft.operations and draft.allows(KIND, operation.id):
            by_path.setdefault(bare(operation.path), {}).setdefault(
                operation.method, operation
            )
    for path, operations in by_path.items():
        above, _, word = path.rpartition("/")
        changed = "GET" in operations and {"PUT", "PATCH"} & operations.keys()
        if not word or "{" in word or not changed:
            continue
        resource = _resource(path, word, operations)
        if not find_shape(resource) or not resource.shape.properties:
            continue
        if "{" not in path:
            infer_collection(draft, resource, KIND)
        elif (parent := parent_at(draft, above)) is not None:
            _Below(draft, parent, resource, operations).infer()


def parent_at(draft: Draft, path: str) -> Resource | None:
    """The things with a collection to one of which *path* leads; None where there are none.

    Their own parents have the same names in it.
    """
    for resource in draft.resources:
        if resource.single or resource.inside or not resource.item_path:
            continue
        same = nameless(resource.item_path) == nameless(path)
        if same and path.startswith(f"{resource.path}/"):
            return resource
    return None


class _Below:
    """What is read and changed below a record: a field of it, which it does not show."""

    def __init__(
        self,
        draft: Draft,
        parent: Resource,
        resource: Resource,
        operations: dict[str, OperationDoc],
    ) -> None:
        self._draft = draft
        self._parent = parent
        self._records: Records = records_of(draft, parent)
        self._resource = resource
        self._operations = operations
        self._field = snake(resource.words)
        named = resource.path.rpartition("/{")[2].partition("}")[0]
        parameter = parameter_of(next(iter(operations.values())), named)
        self._key = key_expression(parent, parameter) or ""
        self._guard = f"{parent.name}_{self._field}_exists"

    def infer(self) -> None:
        shown, field = self._resource.shape, self._field
        known = self._records.fields.get(field)
        if known is not None and not known.same(shown):
            return
        if shown.same(self._parent.shape) or not IDENTIFIER.fullmatch(field):
            return
        removable = "DELETE" in self._operations
        try:
            default = {} if removable else sample(shown, field)
        except NoSample:
            return
        written = {
            operation.id: self._operation(
                method, operation, expression(default), removable=removable
            )
            for method, operation in self._operations.items()
            if method in _METHODS
        }
        if any(each is None for each in written.values()):
            return
        if removable:
            check = f"lookup('{self._parent.name}', {self._key}).{field} is not None"
            self._draft.guards[self._guard] = [{"check": check, "refuse": "not_found"}]
        for id, each in written.items():
            self._draft.operations[id] = {**each, "source": GUESSED}
        if known is None:
            self._records.fields[field] = shown
            self._records.below[field] = shown
            fields = self._draft.collections[self._parent.name].value
            fields["fields"] = [*fields.get("fields", []), field]
        for operation in self._operations.values():
            reason = f"it is about {field!r} of one of {self._parent.path}"
            self._draft.found(KIND, operation.id, MEDIUM, reason)

    def _operation(
        self, method: str, operation: OperationDoc, default: str, *, removable: bool
    ) -> Json:
        """What `operations` says of one of them; None where that is not known."""
        field, place = self._field, [self._parent.name, self._key]
        read: dict[str, Json] = {"collection": place[0], "key": place[1]}
        if self._records.places:
            read["filter"] = self._records.filter
        written: dict[str, Json] = {"read": read}
        if removable and method != "PUT":
            written = {"guards": [self._guard], **written}
        if method == "GET":
            value = f"record.{field}" + ("" if removable else f" or {default}")
        elif method == "DELETE":
            value = ""
        else:
            sent = self._sent(method, operation, default)
            if sent is None:
                return None
            value = sent
        if method != "GET":
            changed = {field: f"${{{value}}}" if value else None}
            effect = {"update": place[0], "key": place[1], "set": changed}
            written["effects"] = [effect]
            value = f"lookup('{place[0]}', {place[1]}).{field}"
        status, shape = success(operation)
        if shape is None or method == "DELETE":
            if shape is None and status not in ("204", "205"):
                written["reply"] = {"body": "${omit}"}
            return written if shape is None else None
        path, thing = thing_in(shape, self._resource)
        if thing is None or not thing.same(self._resource.shape) or len(path) > 1:
            return None
        body: Json = f"${{{value}}}"
        if path and {*shape.required} - {*path}:
            return None
        written["reply"] = {"body": {path[0]: body} if path else body}
        return written

    def _sent(self, method: str, operation: OperationDoc, default: str) -> str | None:
        """The expression of what is stored of a body; None where its form is another one."""
        sent, inner = unwrapped(operation, self._resource)
        if sent is None or "json" in patch_of(operation).values():
            return None
        shown, members = self._resource.shape, sent.members()
        fitting = [
            name
            for name, member in members.items()
            if name in shown.properties and fits(member, shown.member(name))
        ]
        body = operation.body
        hidden = "request." if "body" in self._records.fields else ""
        text = f"{hidden}{inner or 'body'}"
        if not inner and not (body and body.required):
            text += " or {}"
        if len(fitting) < len(members):
            text = f"only({text}, {expression(fitting)})"
        if method == "PATCH":
            return f"merge({self._field} or {default}, {text})"
        lacking = [
            n for n in shown.required if n not in sent.required or n not in fitting
        ]
        if not lacking:
            return text
        values = {name: sample(shown.member(name), name) for name in lacking}
        return f"merge({expression(values)}, {text})"


def _resource(path: str, word: str, operations: dict[str, OperationDoc]) -> Resource:
    read = operations["GET"]
    resource = Resource(
        path=path,
        item_path=path,
        parameter=Parameter(
            name="only", where="path", required=True, schema={}, style="simple",
            explode=False, pointer=read.pointer, document=read.document,
        ),
        parents=(),
        thing=singular(snake(word)) or "record",
        operations={"read": read},
        single=True,
        key="only",
    )  # fmt: skip
    for method, does in (("PUT", "replace"), ("PATCH", "patch")):
        if method in operations:
            resource.operations[does] = operations[method]
    return resource
