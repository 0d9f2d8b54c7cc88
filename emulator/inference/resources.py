"""Resources: the paths that are about the same things, and what each operation does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from emulator.inference.names import keys_of, member_like, reading, singular, snake
from emulator.inference.shapes import Shape, walk
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.spec.description import OpenAPI, OperationDoc, Parameter

PARAMETER = re.compile(r"\{([^{}]*)\}")
_VERSION = re.compile(r"v?[0-9]+([._][0-9]+)*(alpha|beta)?[0-9]*|api|rest")
_WRAPPERS = (
    "data", "result", "results", "item", "items", "response", "record", "payload", "content",
    "value", "attributes",
)  # fmt: skip
_LISTS = (
    "data", "items", "results", "records", "values", "entries", "list", "rows", "content",
    "hits", "elements", "objects", "value", "nodes",
)  # fmt: skip


@dataclass(eq=False)
class Resource:
    """Things that are listed at one path and found, one at a time, below it."""

    path: str
    """Where they are listed: `/owners/{owner_id}/pets`."""
    item_path: str
    parameter: Parameter
    """The path's last parameter, which says which one."""
    parents: tuple[str, ...]
    """The parameters before it."""
    thing: str
    """What one of them is called, from the path: `pet`."""
    operations: dict[str, OperationDoc] = field(default_factory=dict)
    """By what they do: `list`, `create`, `read`, `replace`, `patch`, `change`, `delete`."""
    parent: Resource | None = None
    name: str = ""
    """That of the collection."""
    key: str = ""
    """The member that the path's parameter is compared with."""
    shape: Shape = field(default_factory=lambda: Shape({}))
    """One of them as it is shown."""
    parent_parameter: str = ""
    """The parameter of its own path that says which parent."""
    inside: tuple[str, ...] = ()
    """Where in one of them its name stands, if that is inside a member: `metadata`, `name`.
    The *key* then is a field that is not shown."""
    by_name: bool = False
    """Nothing in them is called like the path's parameter, which then says their name."""
    single: bool = False
    """There is but one, at *item_path*, which no parameter names."""
    sent_keys: dict[str, str] = field(default_factory=dict)
    """How the operations find it, by their ids, that do not have the path's parameter."""
    further: list[FurtherList] = field(default_factory=list)
    alone: bool = False
    """They are created, and no operation reads one of them."""
    below: list[Parameter] = field(default_factory=list)
    """What other paths say of the parameter, where they say it otherwise."""
    exampled: tuple[Shape, list[Mapping[str, Json]]] | None = None
    """What `examples_of` found of this shape."""

    @property
    def can_be_known(self) -> bool:
        """Whether callers can learn of one: it is listed, or they make it themselves."""
        return bool(
            {"list", "create", "replace"} & self.operations.keys() or self.further
        )

    @property
    def words(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def lists(self) -> list[OperationDoc]:
        """The operations that list some of them: first the one that lists them all."""
        first = self.operations.get("list")
        return [*([first] if first else []), *(each.operation for each in self.further)]

    def does(self) -> Iterator[tuple[str, OperationDoc]]:
        """What is done to them, by each operation."""
        yield from self.operations.items()
        yield from (("list", each.operation) for each in self.further)


class FurtherList(NamedTuple):
    """A list of the same things at another path: `/pets/findByStatus`."""

    operation: OperationDoc
    where: Mapping[str, str]
    """The fields that the path says a value of, and the expressions of these."""


def find_resources(openapi: OpenAPI) -> list[Resource]:
    """The resources of the document: parents before their children."""
    by_path: dict[str, dict[str, OperationDoc]] = {}
    for operation in openapi.operations.values():
        if "#" not in operation.path:
            by_path.setdefault(bare(operation.path), {}).setdefault(
                operation.method, operation
            )
    found = _with_parents([*_resources(by_path)])
    _note_below(found, by_path)
    used = {operation.id for each in found for _, operation in each.does()}
    places = _Places(found)
    for operations in by_path.values():
        for method in ("GET", "QUERY"):
            if method in operations and operations[method].id not in used:
                places.add_list(operations[method])
        post = operations.get("POST")
        if post is not None and post.id not in used and _is_search(post.path):
            places.add_list(post)
    return found


def _resources(by_path: Mapping[str, dict[str, OperationDoc]]) -> Iterator[Resource]:
    found: dict[str, Resource] = {}
    nameless_paths = {*map(nameless, by_path)}
    for path in sorted(by_path, key=lambda path: (path.count("/"), path)):
        above, _, last = path.rpartition("/")
        name = PARAMETER.fullmatch(last)
        word = above.rpartition("/")[2] if name else last
        if not word or "{" in word or _VERSION.fullmatch(word):
            continue
        if name is not None:
            resource = _resource(path, above, name[1], by_path)
        else:
            resource = None
            if f"{nameless(path)}/{{}}" not in nameless_paths and not _is_made_here(
                path, by_path, found
            ):
                resource = _unnamed(path, by_path) or _alone(path, by_path, found)
        if resource is None:
            continue
        below = f"{nameless(resource.path)}/"
        for item_path, other in found.items():
            if below.startswith(f"{item_path}/"):
                resource.parent = other  # the last is the nearest
                step = resource.path.split("/")[item_path.count("/")]
                resource.parent_parameter = step[1:-1]
        if resource.item_path:
            found[nameless(resource.item_path)] = resource
        yield resource


def _with_parents(found: list[Resource]) -> list[Resource]:
    """The same, parents first; some are below things that stand at another path.

    /users/me/lists/{list} and /lists/{list}/tasks  ->  tasks are below a list
    """
    by_step: dict[tuple[str, ...], list[Resource]] = {}
    for resource in found:
        if resource.item_path and not resource.parents:
            by_step.setdefault(_last_step(resource.item_path), []).append(resource)
    for resource in found:
        if resource.parent is None and len(resource.parents) == 1:
            above = resource.path.partition("}")[0] + "}"
            others = by_step.get(_last_step(above), [])
            if len(others) == 1 and others[0] is not resource:
                resource.parent = others[0]
                resource.parent_parameter = resource.parents[0]
    return [*dict.fromkeys(each for one in found for each in reversed([*_line(one)]))]


def _note_below(
    found: Iterable[Resource], by_path: Mapping[str, Mapping[str, OperationDoc]]
) -> None:
    """Have resources know what paths and methods say of the parameter, each in its way."""
    items = {nameless(each.item_path): each for each in found if each.item_path}
    for path, operations in by_path.items():
        steps = path.split("/")
        for at, step in enumerate(steps):
            name = PARAMETER.fullmatch(step)
            resource = items.get(nameless("/".join(steps[: at + 1]))) if name else None
            if resource is None or name is None:
                continue
            for operation in operations.values():
                for said in operation.parameters:
                    if (
                        said.where == "path"
                        and said.name == name[1]
                        and said.schema != resource.parameter.schema
                        and all(said.schema != other.schema for other in resource.below)
                    ):
                        resource.below.append(said)


def _line(resource: Resource | None) -> Iterator[Resource]:
    """*resource*, what it is below, what that is below, ..."""
    while resource is not None:
        yield resource
        resource = resource.parent


def _last_step(item_path: str) -> tuple[str, ...]:
    """The last word of a path, and the parameter behind it."""
    return tuple(item_path.split("/")[-2:])


@lru_cache(16_384)
def nameless(path: str) -> str:
    """A path whose parameters have no names, as two that match the same calls have it."""
    return PARAMETER.sub("{}", path)


def _is_made_here(
    path: str,
    by_path: Mapping[str, dict[str, OperationDoc]],
    found: Mapping[str, Resource],
) -> bool:
    """Whether things that stand elsewhere are created at *path*, and have that by now.

    POST /users/{user}/playlists, GET /playlists/{id}
    """
    create = by_path[path].get("POST")
    shape = success(create)[1] if create is not None and create.body else None
    if create is None or shape is None:
        return False
    for other in found.values():
        if other.words != path.rpartition("/")[2] or "create" in other.operations:
            continue
        made = None if other.parents or other.inside else thing_in(shape, other)[1]
        if made is not None and made.same(other.shape):
            other.operations["create"] = create
            return True
    return False


def _unnamed(
    path: str, by_path: Mapping[str, dict[str, OperationDoc]]
) -> Resource | None:
    """Things that are listed and created, of which no path leads to one."""
    here = by_path[path]
    lists, create = here.get("GET"), here.get("POST")
    if lists is None or create is None or create.body is None:
        return None
    resource = _without_path(path, by_path, {"create": create, "list": lists})
    _, listed = success(lists)
    _, made = success(create)
    if listed is None or made is None:
        return None
    many, single = list_in(listed, resource)[1], thing_in(made, resource)[1]
    if many is None or single is None or not many.same(single):
        return None
    return resource if find_shape(resource) else None


def _alone(
    path: str,
    by_path: Mapping[str, dict[str, OperationDoc]],
    found: Mapping[str, Resource],
) -> Resource | None:
    """Things that are created, and that nothing reads: `POST /payments`.

    They are told from calls that only do something by their name, which is in the plural,
    or by the status; and by an id in what is shown.
    """
    create, word = by_path[path].get("POST"), snake(path.rpartition("/")[2])
    if create is None or word in (*_SEARCHES, *_SESSIONS):
        return None
    status, made = success(create)
    if made is None or (singular(word) == word and status != "201"):
        return None
    resource = _without_path(path, by_path, {"create": create})
    resource.alone = True
    single = thing_in(made, resource)[1]
    if single is None or any(single.same(other.shape) for other in found.values()):
        return None
    return resource if find_shape(resource) else None


_SEARCHES = (
    "search",
    "searches",
    "query",
    "find",
    "filter",
    "lookup",
    "list",
    "_search",
)
_SESSIONS = ("login", "logout", "signin", "token", "tokens", "refresh")


def _is_search(path: str) -> bool:
    return any(snake(word) in _SEARCHES for word in path.split("/"))


def _without_path(
    path: str,
    by_path: Mapping[str, dict[str, OperationDoc]],
    operations: dict[str, OperationDoc],
) -> Resource:
    """Things at *path* that no operation leads to one of; what is below one may."""
    some = operations["create"]
    parameter = Parameter(
        name="id", where="path", required=True, schema={}, style="simple",
        explode=False, pointer=some.pointer, document=some.document,
    )  # fmt: skip
    item_path = ""
    for other in by_path:
        step = other[len(path) + 1 :].partition("/")[0]
        name = PARAMETER.fullmatch(step)
        if name is None or not other.startswith(f"{path}/"):
            continue
        below = next(iter(by_path[other].values()))
        there = (p for p in below.parameters if p.where == "path" and p.name == name[1])
        named = next(there, None)
        if named is not None and not named.greedy and not named.media_type:
            item_path, parameter = f"{path}/{step}", named
            break
    return Resource(
        path=path,
        item_path=item_path,
        parameter=parameter,
        parents=tuple(PARAMETER.findall(path)),
        thing=singular(snake(path.rpartition("/")[2])),
        operations=operations,
    )


class _Places:
    """Where resources are, so that other lists of the same things are known as such."""

    def __init__(self, found: list[Resource]) -> None:
        self._by_path: dict[str, list[Resource]] = {}
        self._by_word: dict[str, list[Resource]] = {}
        self._by_item: dict[str, Resource] = {}
        for resource in found:
            self._by_path.setdefault(resource.path, []).append(resource)
            self._by_word.setdefault(resource.words, []).append(resource)
            if resource.item_path:
                self._by_item[nameless(resource.item_path)] = resource

    def add_list(self, operation: OperationDoc) -> None:
        """Have the resource that *operation* lists some of know of it."""
        path = bare(operation.path)
        above, _, word = path.rpartition("/")
        if "{" in word:
            return
        near: list[Resource]
        elsewhere: list[Resource]
        if operation.method == "QUERY":
            near, elsewhere = self._by_path.get(path, []), []
        else:
            near = self._by_path.get(above, [])
            elsewhere = self._by_word.get(word, [])
        _, shape = success(operation) if near or elsewhere else ("", None)
        if shape is None:
            return
        for resource in (*near, *elsewhere):
            thing = list_in(shape, resource)[1]
            if thing is None or not thing.same(resource.shape):
                continue
            where = {} if resource in near else self._where(resource, above)
            if where is not None:
                resource.further.append(FurtherList(operation, where))
                return

    def _where(self, resource: Resource, above: str) -> dict[str, str] | None:
        """What a list below *above* chooses; None where that is not known."""
        if "{" not in above:
            return {}  # those of all parents
        other = self._by_item.get(nameless(above))
        if other is None or other.parents:
            return None
        name = PARAMETER.findall(above)[-1]
        for wanted in (other.thing, f"{other.thing}_id", name):
            member = member_like(wanted, resource.shape.properties)
            known = resource.shape.member(member).type if member else ""
            if member and known == (Shape(other.parameter.schema).type or "string"):
                return {member: reading("path", name)}
        return None


def bare(path: str) -> str:
    """*path* without a last slash, and without the format that all replies have anyway:
    `/pets/{id}.json`  ->  `/pets/{id}`"""
    return path.rstrip("/").removesuffix(".json") if path != "/" else path


def _resource(
    path: str,
    above: str,
    name: str,
    by_path: Mapping[str, dict[str, OperationDoc]],
) -> Resource | None:
    items, lists = by_path[path], by_path.get(above, {})
    some = next(iter(items.values()))
    parameter = next(
        (p for p in some.parameters if p.where == "path" and p.name == name), None
    )
    if parameter is None or parameter.greedy or parameter.media_type:
        return None
    resource = Resource(
        path=above,
        item_path=path,
        parameter=parameter,
        parents=tuple(PARAMETER.findall(above)),
        thing=singular(snake(above.rpartition("/")[2])),
    )
    for method, does in (
        ("GET", "read"), ("PUT", "replace"), ("PATCH", "patch"), ("DELETE", "delete"),
    ):  # fmt: skip
        if method in items:
            resource.operations[does] = items[method]
    if "POST" in items and not {"PUT", "PATCH"} & items.keys() and items["POST"].body:
        resource.operations["change"] = items["POST"]
    if "POST" in lists and lists["POST"].body is not None:
        resource.operations["create"] = lists["POST"]
    if "GET" in lists:
        resource.operations["list"] = lists["GET"]
    if not find_shape(resource):
        return None
    _add_bodiless(resource, items, lists)
    _add_keyed_by_body(resource, items, lists)
    return resource


def _add_bodiless(
    resource: Resource,
    items: Mapping[str, OperationDoc],
    lists: Mapping[str, OperationDoc],
) -> None:
    """Add what creates or changes one of them without a body."""
    create, change = lists.get("POST"), items.get("POST")
    if create is not None and create.body is None:
        shape = success(create)[1]
        if shape is not None and thing_in(shape, resource)[1] is not None:
            resource.operations["create"] = create
    if (
        change is not None
        and change.body is None
        and "change" not in resource.operations
    ):
        names = [p.name for p in change.parameters if p.where == "query"]
        if any(member_like(name, resource.shape.properties) for name in names):
            resource.operations["change"] = change


def _add_keyed_by_body(
    resource: Resource,
    items: Mapping[str, OperationDoc],
    lists: Mapping[str, OperationDoc],
) -> None:
    """Add what changes one of them that the body names: `PUT /pets`."""
    for method, does in (("PUT", "replace"), ("PATCH", "patch")):
        operation = lists.get(method)
        if operation is None or method in items or resource.inside:
            continue
        shape = input_shape(operation)
        sent = shape.member(resource.key) if shape is not None else Shape({})
        if sent.type and sent.type == resource.shape.member(resource.key).type:
            resource.operations[does] = operation
            resource.sent_keys[operation.id] = reading("body", resource.key)


def success(operation: OperationDoc) -> tuple[str, Shape | None]:
    """The first success of an operation, and the shape of its JSON; None without one.

    The same reply is the one that is given by default.
    """
    statuses = sorted(
        s for s in operation.responses if s.startswith("2") and s.isdigit()
    )
    if not statuses:
        statuses = [s for s in operation.responses if s in ("2XX", "default")][:1]
    for status in statuses:
        content = operation.responses[status]
        for media, schema in content.items():
            if is_json(media):
                return status, Shape(schema)
        return status, None
    return "", None


def examples_of(resource: Resource) -> list[Mapping[str, Json]]:
    """The things that the document gives as examples of replies, each once; three at most."""
    if resource.exampled is None or resource.exampled[0] is not resource.shape:
        resource.exampled = resource.shape, [*_examples_of(resource)][:3]
    return resource.exampled[1]


def _examples_of(resource: Resource) -> Iterable[Mapping[str, Json]]:
    found: dict[str, Mapping[str, Json]] = {}
    for does in ("read", "list", "create", "replace", "patch", "change"):
        operation = resource.operations.get(does)
        if operation is None or not operation.examples:
            continue
        status, shape = success(operation)
        if shape is None:
            continue
        find = list_in if does == "list" else thing_in
        path, thing = find(shape, resource)
        if thing is None or not thing.same(resource.shape):
            continue
        for media, named in operation.examples.get(status, {}).items():
            for value in named.values() if is_json(media) else ():
                for step in path:
                    value = value.get(step) if isinstance(value, Mapping) else None
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, Mapping):
                        known = each.get(resource.key)
                        found.setdefault(repr(known), each)
    return found.values()


def schema_name(operation: OperationDoc, status: str) -> str:
    """The name of the schema that a reply of *status* refers to; empty if it has none."""
    here: Json = operation.document.data
    try:
        for step in (*operation.pointer, "responses", status, "content"):
            here = here[step]
        references = [
            media["schema"]["$ref"] for name, media in here.items() if is_json(name)
        ]
    except (KeyError, TypeError, IndexError):
        return ""
    return str(references[0]).rpartition("/")[2] if references else ""


def is_json(media: str) -> bool:
    bare = media.partition(";")[0].strip().lower()
    return bare in (
        "application/json",
        "text/json",
        "*/*",
        "application/*",
    ) or bare.endswith("+json")


def input_shape(operation: OperationDoc) -> Shape | None:
    """The shape of what an operation takes; None where it is nothing like JSON or a form."""
    if operation.body is None:
        return None
    for schema in _plain_inputs(operation):
        return Shape(schema)
    for media, schema in operation.body.content.items():
        if "merge-patch+json" in media:
            return Shape(schema)
    return None


def _plain_inputs(operation: OperationDoc) -> Iterator[Json]:
    """The schemas of what an operation takes as JSON and as forms, but for patches."""
    for media, schema in operation.body.content.items() if operation.body else ():
        bare = media.partition(";")[0].strip().lower()
        if (is_json(media) and "patch+json" not in bare) or bare in _FORMS:
            yield schema


def unwrapped(operation: OperationDoc, resource: Resource) -> tuple[Shape | None, str]:
    """What a body sets, and the expression of the member that it stands in, if it is in one."""
    shape = input_shape(operation)
    if shape is None or not shape.is_object or len(shape.properties) != 1:
        return shape, ""
    (name,) = shape.properties
    inner = shape.member(name)
    wraps = (
        snake(name) in ("data", resource.thing)
        and name not in resource.shape.properties
        and all(name in Shape(each).properties for each in _plain_inputs(operation))
    )
    if inner.is_object and wraps and (name in shape.required or inner.properties):
        return inner, reading("body", name)
    return shape, ""


def given(operation: OperationDoc, resource: Resource) -> tuple[Shape | None, str]:
    """What `unwrapped` gives; nothing of it is required where the body may be missing."""
    shape, wrapper = unwrapped(operation, resource)
    if shape is None or operation.body is None or operation.body.required:
        return shape, wrapper
    return shape.inside({**shape.schema, "required": []}), wrapper


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def find_shape(resource: Resource) -> bool:
    """Find one of the things, as it is shown, and the member that its path names."""
    return _find_shape(resource) or _find_by_name(resource)


def _find_by_name(resource: Resource) -> bool:
    resource.by_name = not (resource.single or resource.parents)
    resource.by_name = resource.by_name and _find_shape(resource)
    return resource.by_name


def _find_shape(resource: Resource) -> bool:
    for does in ("read", "list", "create", "replace", "patch", "change"):
        operation = resource.operations.get(does)
        _, shape = success(operation) if operation else ("", None)
        if shape is None:
            continue
        thing = (
            list_in(shape, resource)[1]
            if does == "list"
            else thing_in(shape, resource)[1]
        )
        if thing is not None:
            resource.shape = thing
            path = key_in(thing, resource) or ("",)
            if resource.single:
                return True
            resource.key = path[0]
            if len(path) > 1:
                if not _is_named_inside(resource, path[0]):
                    continue
                resource.inside = path
                resource.key = "key" if "key" not in thing.properties else "record_key"
            return True
    return False


def _is_named_inside(resource: Resource, holder: str) -> bool:
    """Whether things can be called by a name of our own in *holder*, which callers send."""
    create = resource.operations.get("create")
    sent = unwrapped(create, resource)[0] if create is not None else None
    if create is not None and (sent is None or holder not in sent.properties):
        return False
    return Schema(resource.parameter.schema).is_valid(seed_name(resource.thing, 1))


def seed_name(thing: str, number: int) -> str:
    """What the thing with this number is called that is there from the beginning."""
    return f"{thing.replace('_', '-')}-{number}"


_HOLDERS = ("metadata", "meta")
"""Members that may hold what the others are about, its name among them."""


def key_in(shape: Shape, resource: Resource) -> tuple[str, ...] | None:
    """Where in *shape* the member stands that the path's parameter names."""
    if not shape.is_object:
        return None
    if resource.single:
        return (resource.key,)
    names = [*keys_of(resource.parameter.name, resource.thing)]
    if resource.by_name:
        names += ("name", "slug", "key", "code")
    member = _key_among(names, shape) or _key_of_kind(resource, shape)
    if member is not None:
        return (member,)
    for holder in shape.properties:
        if snake(holder) in _HOLDERS and shape.member(holder).is_object:
            member = _key_among(names, shape.member(holder))
            if (
                member is not None
                and shape.member(holder).member(member).type == "string"
            ):
                return holder, member
    return None


def _key_among(names: list[str], shape: Shape) -> str | None:
    for name in names:
        member = member_like(name, shape.properties)
        if member is not None and shape.member(member).type in ("string", "integer"):
            return member
    return None


def _key_of_kind(resource: Resource, shape: Shape) -> str | None:
    """The id of a thing whose parameter says which kind of it: `tasklist` of a `list`."""
    last = resource.thing.rpartition("_")[2]
    if not last or not snake(resource.parameter.name).endswith(last):
        return None
    member = _key_among(["id", f"{last}_id"], shape)
    sent = Shape(resource.parameter.schema).type or "string"
    return member if member and shape.member(member).type == sent else None


def thing_in(shape: Shape, resource: Resource) -> tuple[tuple[str, ...], Shape | None]:
    """Where in a reply the thing itself stands, and its shape."""
    if shape.is_list:
        return (), None
    if resource.single and len(shape.properties) == 1:
        (name,) = shape.properties
        if shape.member(name).is_object and _is_wrapper(name, resource, _WRAPPERS):
            return (name,), shape.member(name)
    for path, here in walk(shape):
        if path and not _is_wrapper(path[-1], resource, _WRAPPERS):
            continue
        if key_in(here, resource) is not None:
            return path, here
    return (), None


def list_in(shape: Shape, resource: Resource) -> tuple[tuple[str, ...], Shape | None]:
    """Where in a reply the list of things stands, and the shape of one of them."""
    lists = [(path, here) for path, here in walk(shape) if here.is_list]
    named = [
        (path, here)
        for path, here in lists
        if not path or _is_wrapper(path[-1], resource, _LISTS)
    ]
    for path, here in [*named, *(lists if len(lists) == 1 else [])]:
        if key_in(here.items, resource) is not None:
            return path, here.items
    return (), None


def _is_wrapper(name: str, resource: Resource, usual: tuple[str, ...]) -> bool:
    words = snake(name)
    return (
        words in usual
        or singular(words) == resource.thing
        or words.endswith(f"_{resource.thing}")
    )
