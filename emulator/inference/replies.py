"""Replies: the form of what is shown, with the record or the page in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.inference.draft import HIGH, LOW, Draft
from emulator.inference.inferred import Kind
from emulator.inference.messages import success, unwrapped
from emulator.inference.names import IDENTIFIER, reading, snake
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample
from emulator.inference.shapes import Shape, fits
from emulator.inference.things import list_in, thing_in
from emulator.inference.times import field_in
from emulator.json_type import Json
from emulator.spec.description import OperationDoc

KIND = Kind(
    "wrappers",
    "what stands around a record or a list in the schema of a reply: `data`, `items`, the"
    " thing's own name, totals, links to other pages",
    "the `reply` of the operation, and a view where records are not shown whole",
)
_BODILESS = (204, 205)
_SUCCESS = (
    "success",
    "ok",
    "successful",
    "deleted",
    "removed",
    "updated",
    "created",
    "is_success",
)
_PAGE: Mapping[str, str] = {
    "total": "total", "total_count": "total", "total_items": "total", "total_results": "total",
    "total_elements": "total", "total_records": "total", "num_results": "total", "total_size": "total",
    "total_hits": "total", "num_found": "total", "record_count": "total", "result_count": "total",
    "page": "number", "page_number": "number", "current_page": "number", "page_no": "number",
    "number": "number",
    "per_page": "size", "page_size": "size", "limit": "size", "pagesize": "size", "page_limit": "size",
    "offset": "offset", "skip": "offset", "start": "offset",
    "total_pages": "count", "page_count": "count", "pages": "count", "last_page": "count",
    "has_more": "has_more", "has_next": "has_next", "has_next_page": "has_next", "more": "has_more",
    "has_prev": "has_prev", "has_previous": "has_prev", "has_previous_page": "has_prev",
    "next_page": "next", "prev_page": "prev", "previous_page": "prev",
    "next_cursor": "next_cursor", "next_page_token": "next_cursor", "next_token": "next_cursor",
    "end_cursor": "next_cursor", "after": "next_cursor", "continuation_token": "next_cursor",
    "prev_cursor": "prev_cursor", "previous_cursor": "prev_cursor", "before": "prev_cursor",
    "cursor": "next_cursor", "continue": "next_cursor", "next_offset": "next",
}  # fmt: skip
"""Members beside a list, and the value of its page that each has."""
_URLS = {"next": "next", "prev": "prev", "previous": "prev", "first": "first", "last": "last",
         "self": "self", "next_page": "next", "prev_page": "prev", "next_url": "next",
         "previous_page": "prev", "next_link": "next", "prev_url": "prev", "next_page_url": "next",
         "prev_page_url": "prev", "first_page_url": "first", "last_page_url": "last",
         "previous_url": "prev"}  # fmt: skip
_COUNTS = ("count", "size", "num", "number_of_items", "items_count")


def infer_replies(draft: Draft) -> None:
    for resource in draft.resources:
        _derive(draft, resource)
    for resource in draft.resources:
        for does, operation in resource.does():
            written = draft.operations.get(operation.id)
            if written is None:
                continue
            reply = _Reply(draft, resource, does, operation, written)
            try:
                reply.write()
                reply.write_headers()
                reply.tell_new_from_old()
            except NoSample:
                del draft.operations[operation.id]
                draft.found(
                    KIND,
                    operation.id,
                    LOW,
                    "its reply has members of which nothing is known: it is answered from"
                    " the document",
                )


def _derive(draft: Draft, child: Resource) -> None:
    """Have the parent show the records below it, where it has a member for them."""
    parent = child.parent
    if parent is None or not parent.name or parent.name not in draft.records:
        return
    records, own = records_of(draft, parent), records_of(draft, child)
    place = own.places.get(child.parent_parameter)
    member = parent.shape.member(child.words)
    if place is None or not member.is_list or parent.inside:
        return
    if not IDENTIFIER.fullmatch(place) or not member.items.same(child.shape):
        return
    create = parent.operations.get("create")
    sent = unwrapped(create, parent)[0] if create is not None else None
    if sent is not None and child.words in sent.properties:
        return  # then they come with the parent
    view = own.view_of(child.shape)
    if view is None:
        return
    key = field_in(parent.key)
    some = f"records('{child.name}', {place}={key})"
    shown = f"[show('{view}', each) for each in {some}]" if view else some
    records.derived[child.words] = shown
    draft.collections[parent.name].value.get("on_create", {}).pop(child.words, None)
    reason = f"{child.words!r} of {parent.path} are those of {child.path}"
    draft.found(KIND, parent.path, HIGH, reason)


class _Reply:
    """The reply of one operation."""

    def __init__(
        self,
        draft: Draft,
        resource: Resource,
        does: str,
        operation: OperationDoc,
        written: dict[str, Json],
    ) -> None:
        self._draft = draft
        self._resource = resource
        self._does = does
        self._operation = operation
        self._written = written
        self._records: Records = records_of(draft, resource)
        self._kind = next(
            kind
            for kind in ("list", "read", "create", "update", "delete")
            if kind in written
        )

    def write(self) -> None:
        status, shape = success(self._operation)
        if shape is None:
            if status not in ("204", "205") and status:
                self._body("${omit}")
            return
        if self._kind == "list":
            path, thing = list_in(shape, self._resource)
        else:
            shape = self._alternative(shape)
            path, thing = thing_in(shape, self._resource)
            if self._kind == "delete" and thing is not None:
                same = thing.same(self._resource.shape)
                path, thing = (path, thing) if same else ((), None)
        if thing is None:
            if not shape.schema:
                return
            if self._kind == "list":
                raise NoSample  # it is about something else than its path
            self._body(self._told(shape))
            return
        word = "_in_lists" if self._kind == "list" else _WORDS[self._does]
        view = self._records.view_of(thing, word)
        if view is None:
            raise NoSample
        if self._kind == "delete":
            inner = f"${{show('{view}', record)}}" if view else "${record}"
            self._body(self._around(shape, path, inner))
            return
        if view:
            self._written[self._kind]["view"] = view
        inner = "${items}" if self._kind == "list" else "${item}"
        if path:
            self._body(self._around(shape, path, inner))
            self._draft.found(
                KIND,
                self._operation.id,
                HIGH,
                f"{'the list' if self._kind == 'list' else 'the record'} stands in"
                f" {'.'.join(path)!r} of the reply's schema",
            )

    def _alternative(self, shape: Shape) -> Shape:
        """What a reply is like that has one record, where it may be like something else."""
        others = shape.alternatives() if shape.varies else None
        for each in others or ():
            path, thing = thing_in(each, self._resource)
            if thing is None or not (path or thing.same(self._resource.shape)):
                continue
            apart = all(
                {*other.required} - each.properties.keys()
                for other in others or ()
                if other is not each
            )
            if apart or shape["oneOf"] is None:
                return each
        return shape

    def _body(self, body: Json) -> None:
        self._written["reply"] = {"body": body}

    def tell_new_from_old(self) -> None:
        """Where a call creates what is not there, say 201 then, and another status if it is."""
        if self._kind == "create" and "201" in self._operation.responses:
            status, _ = success(self._operation)
            if status == "200" and "reply" not in self._written:
                self._written["reply"] = {"status": 201}
        if not self._written.get(self._kind, {}).get("creates"):
            return
        statuses = sorted(
            s for s in self._operation.responses if s.startswith("2") and s.isdigit()
        )
        others = [int(status) for status in statuses if status != "201"]
        if not others or "201" not in statuses:
            return
        known = self._written.get("reply", {})
        new = {"when": "before is None", "status": 201, **known}
        headers = self._headers("201")
        if headers:
            new["headers"] = headers
        old = {"status": others[0], **known}
        if others[0] in _BODILESS:
            old.pop("body", None)
        self._written["reply"] = [new, old]

    def write_headers(self) -> None:
        """The headers that the document says the reply has, as far as their names tell."""
        status, _ = success(self._operation)
        headers = self._headers(status)
        if headers:
            self._written["reply"] = {
                "headers": headers,
                **self._written.get("reply", {}),
            }

    def _headers(self, status: str) -> dict[str, Json]:
        headers: dict[str, Json] = {}
        for name in self._operation.response_headers.get(status, {}):
            words = snake(name).removeprefix("x_")
            if words in ("location", "content_location") and self._kind == "update":
                headers[name] = "${base_url}${raw_path}"
            elif words == "location" and self._kind == "create":
                key = reading("record", self._resource.key)
                if self._resource.inside:
                    key = ".".join(("record", *self._resource.inside))
                headers[name] = f"${{base_url}}${{raw_path}}/${{{key}}}"
            elif words in ("request_id", "requestid", "correlation_id", "trace_id"):
                headers[name] = "${request_id}"
            elif (
                words in ("total_count", "total", "pagination_total")
                and self._kind == "list"
            ):
                paged = self._written["list"].get("page")
                headers[name] = "${page.total}" if paged else "${length(matched)}"
        return headers

    def _around(self, shape: Shape, path: tuple[str, ...], inner: str) -> Json:
        """*inner* at its *path* in an object of *shape*, and what stands beside it."""
        if not path:
            return inner
        body: dict[str, Json] = {}
        for name in shape.properties:
            member = shape.member(name)
            if name == path[0]:
                body[name] = self._around(member, path[1:], inner)
                may_lack = name not in shape.required and len(path) == 1
                if may_lack and inner == "${items}" and member["minItems"]:
                    body[name] = "${items or omit}"  # an empty list would not fit
                continue
            value = self._beside(name, member, required=name in shape.required)
            if value is not _NOTHING:
                body[name] = value
        for name in shape.required:
            if name not in body:
                body[name] = self._draft.sample(shape.member(name), name)
        return body

    def _beside(self, name: str, member: Shape, *, required: bool) -> Json:
        """What a member beside the list or the record has; `_NOTHING` if it is left out."""
        value = _NOTHING
        if self._kind == "list":
            value = self._of_page(name, member, required=required)
        if value is _NOTHING and snake(name) in _SUCCESS and member.type == "boolean":
            value = True
        if value is _NOTHING and member.is_object and self._kind == "list":
            value = self._pages_inside(member)
        if (
            value is _NOTHING
            and self._kind == "list"
            and snake(name) in ("url", "href")
        ):
            value = self._own_path(member)
        if value is _NOTHING and required:
            value = self._draft.sample(member, name)
        return value

    def _own_path(self, member: Shape) -> Json:
        """The path of the list itself, where a member has room for it."""
        path = f"{self._draft.openapi.base_path}{self._resource.path}"
        pattern = str(member["pattern"] or "").removeprefix("^").removesuffix("$")
        plain = member["format"] in (None, "uri-reference") and "{" not in path
        return (
            path
            if plain and path.startswith(pattern) and member.type == "string"
            else _NOTHING
        )

    def _pages_inside(self, shape: Shape) -> Json:
        """An object beside a list, such as `meta`, that tells of its pages."""
        told = {
            name: self._of_page(
                name, shape.member(name), required=name in shape.required
            )
            for name in shape.properties
        }
        told = {name: value for name, value in told.items() if value is not _NOTHING}
        if not told:
            return _NOTHING
        for name in shape.required:
            if name not in told:
                told[name] = self._draft.sample(shape.member(name), name)
        return {name: told[name] for name in (*shape.properties, *told) if name in told}

    def _of_page(self, name: str, member: Shape, *, required: bool) -> Json:
        """The value of the page that a member of this name tells."""
        words, page = snake(name), self._written["list"].get("page")
        style = self._draft.pages[page].get("style", "page") if page else ""
        number = bool({"integer", "number"} & member.types)
        text = "string" in member.types
        if words == "size" and page and number and style != "cursor":
            return "${page.size}"
        if words in _COUNTS and number:
            return (
                "${length(items)}" if words != "count" or not page else "${page.total}"
            )
        if _PAGE.get(words) == "total" and number:
            return "${page.total}" if page else "${length(matched)}"
        if (
            words in _URLS
            and (page or words == "self")
            and text
            and member["format"] in _LINKS
        ):
            if style == "cursor" and words in ("last", "first"):
                return _NOTHING
            return self._link(_URLS[words], member, required=required)
        if words in _URLS and (page or words == "self") and member.is_object:
            return self._link_object(
                _URLS[words], member, required=required, style=style
            )
        if not page:
            plain = {
                "has_more": False,
                "number": 1,
                "count": 1,
                "has_next": False,
                "has_prev": False,
            }
            known = plain.get(_PAGE.get(words, ""), _NOTHING)
            fits_type = (
                (member.type == "boolean") if isinstance(known, bool) else number
            )
            return known if known is not _NOTHING and fits_type else _NOTHING
        part = _PAGE.get(words)
        if part is None or (
            style == "cursor" and part in ("number", "offset", "count", "next", "prev")
        ):
            return _NOTHING
        if part.endswith("cursor") and style != "cursor":
            return _NOTHING
        if member.type == "boolean":
            return f"${{page.{part}}}" if part.startswith("has_") else _NOTHING
        if part.startswith("has_") or not (number or text):
            return _NOTHING
        cursor_text = part.endswith("cursor") and text
        if part in ("next", "prev") or cursor_text:
            return self._maybe(
                f"page.{part}", member, required=required, text=text and not cursor_text
            )
        if text and not number:
            return _NOTHING if part.endswith("cursor") else f"${{text(page.{part})}}"
        if part == "count" and (member["minimum"] or 0) >= 1:
            return "${max(page.count, 1)}"
        return f"${{page.{part}}}" if number else _NOTHING

    def _maybe(self, value: str, member: Shape, *, required: bool, text: bool) -> Json:
        """A value that not each page has, as the schema allows it."""
        read = f"text({value})" if text else value
        if member.nullable:
            return (
                f"${{{read} if {value} is not None else null}}"
                if text
                else f"${{{value}}}"
            )
        if not required:
            return f"${{{read} if {value} is not None else omit}}"
        blank = "''" if "string" in member.types else "0"
        return f"${{{read} if {value} is not None else {blank}}}"

    def _link(self, rel: str, member: Shape, *, required: bool) -> Json:
        page = self._written["list"].get("page")
        if not page:
            return "${base_url}${raw_path}" if required else _NOTHING
        policy = self._draft.pages[page]
        links = policy.setdefault("links", [])
        if rel not in links:
            links.append(rel)
        if required and not member.nullable and member["format"] is not None:
            return f"${{page.urls.{rel} or base_url + raw_path}}"
        return self._maybe(f"page.urls.{rel}", member, required=required, text=False)

    def _link_object(
        self, rel: str, member: Shape, *, required: bool, style: str
    ) -> Json:
        """A link as an object with `href`, as HAL has them."""
        if set(member.required) - {"href"} or "href" not in member.properties:
            return _NOTHING
        if rel == "self":
            return {"href": "${base_url}${raw_path}"}
        if required or (style == "cursor" and rel in ("last", "first")):
            return _NOTHING
        self._link(rel, member.member("href"), required=False)
        url = f"page.urls.{rel}"
        return f"${{{{'href': {url}}} if {url} is not None else omit}}"

    def _told(self, shape: Shape) -> Json:
        """A reply that is no record: what it shares with the record, and what it must have."""
        if shape["oneOf"] is not None:
            raise NoSample  # what fits one of its forms may fit another one as well
        if not shape.is_object:
            return self._draft.sample(shape, "")
        body: dict[str, Json] = {}
        for name in shape.properties:
            member, required = shape.member(name), name in shape.required
            known = self._records.fields.get(name)
            certain = name in self._records.shape.required or name == self._resource.key
            if (
                known is not None
                and certain
                and self._kind != "list"
                and fits(known, member)
            ):
                body[name] = f"${{{reading('record', name)}}}"
            elif snake(name) in _SUCCESS and member.type == "boolean":
                body[name] = True
            elif required:
                body[name] = self._draft.sample(member, name)
        return body


_WORDS = {
    "read": "_in_full",
    "create": "_created",
    "replace": "_replaced",
    "patch": "_changed",
    "change": "_changed",
    "delete": "_deleted",
}
_LINKS = (None, "uri", "url", "uri-reference", "iri")
_NOTHING: Any = object()
