"""Actions: what the calls of each operation do to the records of a resource."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.inference.draft import Draft
from emulator.inference.keys import key_expression, parameter_of
from emulator.inference.messages import given, schema_name, success, unwrapped
from emulator.inference.names import member_like, reading
from emulator.inference.objects import Completion
from emulator.inference.patches import creates, patch_of, without_nulls
from emulator.inference.records import Records
from emulator.inference.resources import FurtherList
from emulator.inference.samples import expression
from emulator.inference.shapes import Shape
from emulator.inference.times import field_in
from emulator.json_type import Json
from emulator.spec.description import OperationDoc


class Actions:
    """What `operations` says of those of one resource."""

    def __init__(self, draft: Draft, records: Records) -> None:
        self._draft = draft
        self._records = records
        self._resource = records.resource

    def plan(self) -> dict[str, dict[str, Json]]:
        """What `operations` says of each. Raises `NoSample`."""
        resource = self._resource
        inputs = {
            does: given(operation, resource)
            for does, operation in resource.operations.items()
            if does in ("create", "replace", "patch", "change")
        }
        first = inputs.get("create", inputs.get("replace", (None, "")))[0]
        self._records.learn([shape for shape, _ in inputs.values()], first)
        planned = {
            operation.id: self._operation(does, operation, inputs.get(does, (None, "")))
            for does, operation in resource.operations.items()
        }
        for each in resource.further:
            planned[each.operation.id] = self._further(each)
        return planned

    def _further(self, each: FurtherList) -> dict[str, Json]:
        """What `operations` says of a list at another path."""
        action: dict[str, Json] = {"collection": self._resource.name}
        names = {p.name for p in each.operation.parameters if p.where == "path"}
        where = {
            field: f"${{{self._records.path(name)}}}"
            for name, field in self._records.places.items()
            if name in names
        }
        where |= {field: f"${{{value}}}" for field, value in each.where.items()}
        if where:
            action["where"] = where
        return {"list": action}

    def _operation(
        self, does: str, operation: OperationDoc, sent: tuple[Shape | None, str]
    ) -> dict[str, Json]:
        """What `operations` says of one of them."""
        resource = self._resource
        kind = _ACTIONS[does]
        action: dict[str, Json] = {"collection": resource.name}
        written: dict[str, Json] = {}
        if self._records.guard:
            written["guards"] = [*self._records.guard]
        if kind in ("read", "update", "delete"):
            action["key"] = resource.sent_keys.get(operation.id) or self._key(operation)
            if self._records.places and not resource.inside:
                action["filter"] = self._records.filter
        places = {
            field: f"${{{self._records.path(name)}}}"
            for name, field in self._records.places.items()
        }
        if kind == "list" and places:
            action["where"] = places
        new = creates(does, operation, resource)
        if new:
            action["creates"] = True
        patch = patch_of(operation) if kind == "update" else {}
        whole = unwrapped(operation, resource)[0]
        if does == "replace" and not patch and self._replaces(whole, new=new):
            action["whole"] = True
        if kind in ("create", "update"):
            shape, wrapper = sent
            if wrapper:
                written["input"] = wrapper
            if patch:
                action["patch"] = patch
                named = self._conforms_to(operation)
                if named and not wrapper:
                    action["conforms_to"] = named
                if "json" in patch.values():
                    written.pop("input", None)
            if patch and shape is not None:
                shape = without_nulls(shape)
            always = operation.body is not None and operation.body.required
            body = wrapper or "body" if always and not patch else ""
            inner = self._objects_of(kind, shape, new=new)
            changed = self._records.changes(
                kind, shape, new=new, body=body, objects=inner
            )
            changed |= self._inner_changes(does, kind, inner)
            if kind == "create" or new:
                changed = {**places, **changed}
            if operation.body is None and does == "change":
                changed |= self._of_query(operation)
            if changed:
                action["set"] = self._records.unhidden(changed)
        written[kind] = action
        return written

    def _objects_of(
        self, kind: str, sent: Shape | None, *, new: bool
    ) -> dict[str, Completion]:
        """How the objects are completed of which an operation is *sent* a part."""
        if kind == "create" or sent is None:
            return self._records.objects
        inside = self._resource.inside[:1]
        found = {
            name: self._records.objects[name]
            for name in inside
            if name in self._records.objects
        }
        for name, there in sent.members().items():
            if name in self._records.shape.properties and not there["readOnly"]:
                completion = self._records.completion(name, there, sent, new=new)
                if completion is not None:
                    found[name] = completion
        return found

    def _key(self, operation: OperationDoc) -> str | None:
        """How an operation finds its record: its parameter may be of a type of its own."""
        parameter = parameter_of(operation, self._resource.parameter.name)
        return key_expression(self._resource, parameter) or key_expression(
            self._resource
        )

    def _inner_changes(
        self, does: str, kind: str, objects: Mapping[str, Completion]
    ) -> dict[str, Json]:
        """What is set of the members that are objects, and of the name in one."""
        resource, changed = self._resource, dict[str, Json]()
        for name, completion in objects.items():
            if kind == "update":
                text = (
                    completion.on_replace if does == "replace" else completion.on_change
                )
                if text:
                    changed[name] = text
            elif kind == "create" and completion.on_place:
                changed[name] = completion.on_place
        if resource.inside and kind == "create":
            parents = [reading("path", name) for name in resource.parents]
            inner = reading(field_in(resource.inside[0]), resource.inside[1])
            together = " + '/' + ".join([*parents, inner])
            changed[resource.key] = f"${{{together}}}"
        return changed

    def _of_query(self, operation: OperationDoc) -> dict[str, Json]:
        """The fields that a change without a body sets by its query."""
        changed = {}
        for parameter in operation.parameters:
            if parameter.where != "query":
                continue
            name = member_like(parameter.name, self._records.shape.properties)
            sent = Shape(parameter.schema)
            if name is None or sent.type != self._records.shape.member(name).type:
                continue
            query = reading(self._records.reading_of("query"), parameter.name)
            old = reading("before", name)
            value = f"{query} if {query} is not None else {old}"
            if name not in self._records.shape.required:
                value = f"{value} if {old} is not None else omit"
            limits = self._records.shape.member(name)["enum"]
            if isinstance(limits, list):
                value = value.replace("is not None", f"in {expression(limits)}", 1)
            changed[name] = f"${{{value}}}"
        return changed

    def _conforms_to(self, operation: OperationDoc) -> str:
        """The schema of the components that a patched record is shown in; empty without one."""
        if (
            self._records.shape.is_closed
            and self._records.fields.keys() > self._records.shape.properties.keys()
        ):
            return ""
        status, shape = success(operation)
        name = schema_name(operation, status)
        known = name in self._draft.openapi.schemas
        return (
            name
            if known and shape is not None and shape.same(self._records.shape)
            else ""
        )

    def _replaces(self, sent: Shape | None, *, new: bool) -> bool:
        """Whether what a PUT does not send is gone.

        So it is where the body has all that must be shown; but not where nothing is needed
        in it, nothing else changes a part, and it makes no *new* record: such a PUT changes
        what is sent.
        """
        members = sent.members() if sent is not None else {}
        others = {"patch", "change"} & self._resource.operations.keys()
        if sent is not None and members and not (sent.required or others or new):
            return False
        needed = [
            name
            for name in self._records.shape.required
            if name in members and name != self._resource.key
        ]
        return sent is None or all(
            name in sent.required
            or name in self._records.on_update
            or members[name]["default"] is not None
            for name in needed
        )


_ACTIONS = {
    "create": "create",
    "list": "list",
    "read": "read",
    "replace": "update",
    "patch": "update",
    "change": "update",
    "delete": "delete",
}
