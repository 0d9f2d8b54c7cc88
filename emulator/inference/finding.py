"""Finding: the resources of a document, by its paths and what is shown at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from emulator.inference.messages import input_shape, success
from emulator.inference.names import member_like, reading, singular, snake
from emulator.inference.resources import (
    PARAMETER,
    FurtherList,
    Resource,
    bare,
    nameless,
)
from emulator.inference.shapes import Shape
from emulator.inference.things import find_shape, list_in, thing_in
from emulator.spec.description import OpenAPI, OperationDoc, Parameter

_VERSION = re.compile(r"v?[0-9]+([._][0-9]+)*(alpha|beta)?[0-9]*|api|rest")


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
