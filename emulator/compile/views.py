"""Views: what of a record is shown: some `fields`, what `show` says, or all of it."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.collections import check_field
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.embedded import Spliced
from emulator.language.static_scope import Scope
from emulator.language.templates import Template, WholeRecord
from emulator.program.shaping import Expansion
from emulator.program.views import View
from emulator.spec.document import Pointer, kind_of


def compile_views(source: Source) -> dict[str, View]:
    """The views under `views`, by name."""
    views: dict[str, View] = {}
    expansions: dict[str, Mapping[str, Expansion]] = {}
    for pointer, written in source.entries("views"):
        name = str(pointer[-1])
        if "parameters" in written:
            fields = frozenset(written["parameters"])
        elif "collection" not in written:
            source.problem(
                pointer,
                "missing-key",
                f"the view {name!r} has neither 'collection' nor 'parameters'",
                "a view shows a record of a collection, or the values of its `parameters`",
                "add `collection: <name>`",
                key=True,
            )
            continue
        else:
            collection, at = written["collection"], (*pointer, "collection")
            if not source.known(at, collection, source.fields, "collection"):
                continue
            fields = source.fields[collection]
        scope = source.scope.with_fields(fields)
        template = _template(source, pointer, scope)
        expansions[name] = _expansions(source, (*pointer, "expand"), scope)
        of = written.get("collection", "")
        taken = frozenset(() if of else written["parameters"])
        views[name] = View(name, template, views, of, expansions, taken)
    return views


def _expansions(
    source: Source, pointer: Pointer, scope: Scope
) -> Mapping[str, Expansion]:
    """The members that the view can show as records."""
    expansions: dict[str, Expansion] = {}
    for at, entry in source.entries(*pointer):
        written = {"view": entry} if isinstance(entry, str) else entry
        place = at if isinstance(entry, str) else (*at, "view")
        view, name = written["view"], str(at[-1])
        if not source.known(place, view, source.get("views", default={}), "view"):
            continue
        collection = source.get("views", view, "collection", default="")
        if not collection:
            source.problem(
                place,
                "wrong-form",
                f"the view {view!r} shows no record",
                "a reference leads to a record of a collection",
                "name a view that has `collection`",
            )
        elif "of" not in written and name not in scope.fields:
            source.known(at, name, scope.fields, "field")
        elif "by" not in written or check_field(
            source, (*at, "by"), written["by"], collection
        ):
            of = source.optional((*at, "of"), scope)
            expansions[name] = Expansion(view=view, of=of, by=written.get("by", ""))
    return expansions


def _template(source: Source, pointer: Pointer, scope: Scope) -> Template:
    """What the view at *pointer* shows of a record whose fields are in *scope*."""
    written = source.get(*pointer)
    if "fields" not in written:
        if "show" in written:
            return source.template((*pointer, "show"), scope)
        return WholeRecord(None, source.behavior, pointer, scope)
    show = written.get("show", {})
    tree: dict[str, Json] = {
        field: Spliced(f"${{{field}}}", at)
        for at, field in source.entries(*pointer, "fields")
        if (isinstance(show, dict) and field in show)
        or source.known(at, field, scope.fields, "field")
    }
    if isinstance(show, dict):
        for name, inner in show.items():
            tree[name] = Spliced(inner, (*pointer, "show", name))
    else:
        source.problem(
            (*pointer, "show"),
            "wrong-type",
            f"{'.'.join(map(str, pointer))}.show is {kind_of(show)}",
            "beside `fields` it is a mapping: what it names is shown besides, or instead",
            "write a mapping, or leave out `fields`",
        )
    return source.template(pointer, scope, tree=tree)
