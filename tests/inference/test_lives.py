"""Lives: what a person tries first of documents as they are often written.

Each of `documents/` leads a short life through the front door: something is created, read,
found in a list, changed, deleted, and is then gone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from test_documents import api

MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"


class Caller:
    """Calls of one provider; each gives its status and its JSON."""

    def __init__(self, served: Api) -> None:
        self.served = served
        self.key = "full" if served.credentials else None

    def reply(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        content = None
        if body is not None:
            content = json.dumps(body)
            named.setdefault("Content-Type", "application/json")
        return self.served.call(method, path, self.key, headers=named, content=content)

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        reply = self.reply(method, path, body, **headers)
        return reply.status_code, reply.json() if reply.content else None


@pytest.fixture
def call(request: Any, tmp_path: Path) -> Caller:
    return Caller(api(request.param, tmp_path))


def of(name: str) -> Any:
    return pytest.mark.parametrize("call", [name], indirect=True)


@of("pets")
def test_a_pet_shop(call: Caller) -> None:
    """Ids come in the body, lists are paths of their own, users go by their names."""
    rex = {
        "id": 10, "name": "Rex", "photoUrls": [], "status": "pending",
        "tags": [{"id": 1, "name": "good"}],
    }  # fmt: skip
    assert call("POST", "/pet", rex) == (200, rex)
    assert call("GET", "/pet/10") == (200, rex)
    assert rex in call("GET", "/pet/findByStatus?status=pending")[1]
    assert rex not in call("GET", "/pet/findByStatus?status=sold")[1]
    assert call("GET", "/pet/findByStatus?status=lost")[0] in (400, 422)
    assert call("GET", "/pet/findByTags?tags=good&tags=big") == (200, [rex])
    assert call("GET", "/pet/findByTags?tags=big") == (200, [])
    before = call("GET", "/store/inventory")[1]
    sold = {**rex, "status": "sold"}
    assert call("PUT", "/pet", sold) == (200, sold)
    after = call("GET", "/store/inventory")[1]
    assert after == {**before, "pending": before["pending"] - 1, "sold": before["sold"] + 1}  # fmt: skip
    assert call("POST", "/pet/10?name=Max&status=available")[1] == {
        **rex, "name": "Max", "status": "available",
    }  # fmt: skip
    assert call("PUT", "/pet", {**rex, "id": 999})[0] == 404
    assert call("DELETE", "/pet/10")[0] == 200
    assert call("GET", "/pet/10")[0] == 404

    order = {"id": 7, "petId": 10, "quantity": 1, "status": "placed", "complete": True}
    assert call("POST", "/store/order", order) == (200, order)
    assert call("GET", "/store/order/7") == (200, order)
    assert call("DELETE", "/store/order/7")[0] == 200
    assert call("GET", "/store/order/7")[0] == 404

    ada = {"id": 1, "username": "ada", "firstName": "Ada", "email": "ada@example.com"}
    assert call("POST", "/user", ada) == (200, ada)
    assert call("PUT", "/user/ada", {**ada, "firstName": "A."})[0] == 200
    assert call("GET", "/user/ada")[1]["firstName"] == "A."
    assert call("POST", "/user/createWithList", [{"username": "bob"}, {"username": "eve"}])[0] == 200  # fmt: skip
    assert call("GET", "/user/eve") == (200, {"username": "eve"})
    assert call("DELETE", "/user/ada")[0] == 200
    assert call("GET", "/user/ada")[0] == 404
    login = call.reply("GET", "/user/login?username=bob&password=x")
    assert (login.status_code, type(login.json())) == (200, str)


@of("todo")
def test_a_list_of_things_to_do(call: Caller) -> None:
    """Merge patches and JSON Patches, PUT that creates, sparse lists, and who calls."""
    made = call.reply("POST", "/todos", {"title": "Sow", "due": "2026-04-01"})
    todo = made.json()
    assert (made.status_code, todo["done"], todo["tags"]) == (201, False, [])
    path = f"/todos/{todo['id']}"
    assert made.headers["Location"].endswith(path)
    assert call("GET", path) == (200, todo)
    place = {"place": {"city": "Rome", "street": "Via"}}
    assert call("PATCH", path, place, Content_Type=MERGE)[0] == 200
    change = {"place": {"street": None}, "due": None, "done": True}
    changed = call("PATCH", path, change, Content_Type=MERGE)[1]
    assert (changed["place"], changed["done"]) == ({"city": "Rome"}, True)
    assert "due" not in changed
    steps = [
        {"op": "test", "path": "/done", "value": True},
        {"op": "add", "path": "/tags/-", "value": "garden"},
    ]
    assert call("PATCH", path, steps, Content_Type=JSON)[1]["tags"] == ["garden"]
    steps[0]["value"] = False
    status, conflict = call("PATCH", path, steps, Content_Type=JSON)
    assert (status, [*conflict]) == (409, ["error", "resource"])
    removed = [{"op": "remove", "path": "/title"}]
    status, wrong = call("PATCH", path, removed, Content_Type=JSON)
    assert (status, wrong["errors"][0]["field"]) == (422, "title")
    done = call("GET", "/todos?done=true")[1]["todos"]
    assert {one["done"] for one in done} == {True}
    assert "Sow" in {one["title"] for one in done}
    sparse = call("GET", "/todos?done=true&fields=title")[1]["todos"]
    # What the schema asks for is there, whichever members are named.
    needed = {"id", "title", "done", "tags", "created_at", "updated_at"}
    assert [{*one} for one in sparse if one["title"] == "Sow"] == [needed]

    new = "/todos/3f3c4d7e-0000-4000-8000-000000000001"
    assert call("PUT", new, {"title": "Reap"})[0] == 201
    assert call("PUT", new, {"title": "Reap all"})[0] == 200
    assert call("GET", new)[1]["title"] == "Reap all"
    assert call("DELETE", path) == (204, None)
    status, gone = call("GET", path)
    assert (status, [*gone]) == (404, ["error", "resource"])
    assert call("DELETE", "/todos?done=false")[0] == 204
    assert {one["done"] for one in call("GET", "/todos")[1]["todos"]} == {True}
    assert call("DELETE", "/todos")[0] == 204
    assert call("GET", "/todos")[1] == {"todos": [], "total": 0}

    me = call("GET", "/me")[1]
    assert call("PATCH", "/me", {"name": "Ada"}) == (200, {**me, "name": "Ada"})
    assert call("GET", "/me")[1]["name"] == "Ada"
    settings = {"language": "fr", "notify": True}
    assert call("PUT", "/settings", settings) == (200, settings)
    assert call("GET", "/settings") == (200, settings)


@of("blog")
def test_a_blog(call: Caller) -> None:
    """Comments below posts, replies below comments, and the posts of an author."""
    body = {"title": "Hedges", "body": "Grow.", "author": "ada", "tags": ["garden"]}
    post = call("POST", "/posts", body)[1]
    assert post["status"] == "draft"
    path = f"/posts/{post['id']}"
    listed = call.reply("GET", "/posts?tag=garden")
    assert (listed.json(), listed.headers["X-Total-Count"]) == ([post], "1")
    assert call("GET", "/posts?q=hedg")[1] == [post]
    assert call("GET", "/posts?sort=-title&pageSize=1")[1] != [post]
    assert call("GET", "/authors/ada/posts") == (200, [post])
    assert call("POST", f"{path}/publish")[1]["status"] == "published"
    comment = call("POST", f"{path}/comments", {"text": "Fine"})[1]
    assert comment["postId"] == post["id"]
    below = f"{path}/comments/{comment['id']}"
    assert call("PATCH", below, {"text": "Finer"})[1]["text"] == "Finer"
    answer = call("POST", f"{below}/replies", {"text": "Thanks"})
    assert answer[0] == 201
    assert call("GET", f"{below}/replies") == (200, [answer[1]])
    assert call("GET", f"/posts/1/comments/{comment['id']}")[0] == 404
    assert call("PUT", path, {"title": "Lawns", "body": "Mow."})[1]["title"] == "Lawns"
    assert call("DELETE", path)[0] == 204
    for gone in (path, f"{path}/comments", below, f"{below}/replies"):
        assert call("GET", gone)[0] == 404
    seeds = call("GET", "/posts")[1]
    assert call("GET", f"/posts/{seeds[0]['id']}/comments")[1]


@of("carts")
def test_a_shop_with_carts(call: Caller) -> None:
    """What is put into a cart is in it; products go by their number, and PUT makes them."""
    cup = {"sku": "CUP-0001", "name": "Cup", "price": 4.5, "in_stock": True}
    body = {"name": "Cup", "price": 4.5}
    assert call("PUT", "/products/CUP-0001", body) == (201, cup)
    assert call("PUT", "/products/CUP-0001", body) == (200, cup)
    assert cup in call("GET", "/products?min_price=4&max_price=5")[1]["products"]
    assert call("GET", "/products/search?q=cup")[1] == {"products": [cup], "count": 1}
    cart = call("POST", "/carts")
    assert (cart[0], cart[1]["state"], cart[1]["items"]) == (201, "open", [])
    path = f"/carts/{cart[1]['id']}"
    item = call("POST", f"{path}/items", {"sku": "CUP-0001", "quantity": 2})[1]
    assert call("GET", path)[1]["items"] == [item] == call("GET", f"{path}/items")[1]
    more = call("PATCH", f"{path}/items/{item['id']}", {"quantity": 3})[1]
    assert call("GET", path)[1]["items"] == [more]
    assert call("POST", f"{path}/checkout")[1]["state"] == "checked_out"
    assert call("DELETE", f"{path}/items/{item['id']}")[0] == 204
    assert call("GET", path)[1]["items"] == []
    assert call("DELETE", path)[0] == 204
    assert call("GET", path)[0] == call("GET", f"{path}/items")[0] == 404
    assert call("DELETE", "/products/CUP-0001")[0] == 204
    assert call("GET", "/products/CUP-0001")[0] == 404


@of("cluster")
def test_a_cluster(call: Caller) -> None:
    """Names stand in `metadata`, and are those of one namespace."""
    assert call("POST", "/api/v1/namespaces", {"metadata": {"name": "blue"}})[0] == 201
    pods = "/api/v1/namespaces/blue/pods"
    pod = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "nginx"}]},
    }  # fmt: skip
    status, made = call("POST", pods, pod)
    assert (status, made["spec"]) == (201, pod["spec"])
    assert made["metadata"].items() >= {"name": "web", "namespace": "blue"}.items()
    assert made["metadata"]["uid"]
    assert call("POST", pods, pod)[0] == 409
    assert call("GET", f"{pods}/web") == (200, made)
    assert call("GET", pods)[1]["items"] == [made]
    assert made in call("GET", "/api/v1/pods")[1]["items"]
    assert call("GET", "/api/v1/namespaces/green/pods/web")[0] == 404
    labels = {"metadata": {"labels": {"app": None, "tier": "front"}}}
    patched = call("PATCH", f"{pods}/web", labels, Content_Type=MERGE)[1]
    assert patched["metadata"] == {**made["metadata"], "labels": {"tier": "front"}}
    steps = [{"op": "add", "path": "/spec/nodeName", "value": "n1"}]
    patched = call("PATCH", f"{pods}/web", steps, Content_Type=JSON)[1]
    assert patched["spec"] == {**pod["spec"], "nodeName": "n1"}
    replaced = call("PUT", f"{pods}/web", pod)[1]
    assert replaced["metadata"]["uid"] == made["metadata"]["uid"]
    other = {**pod, "metadata": {"name": "db"}}
    assert call("PUT", f"{pods}/db", other)[0] == 201
    first = call("GET", f"{pods}?limit=1")[1]
    token = first["metadata"]["continue"]
    second = call("GET", f"{pods}?limit=1&continue={token}")[1]
    names = [one["metadata"]["name"] for one in first["items"] + second["items"]]
    assert (names, "continue" in second.get("metadata", {})) == (["db", "web"], False)
    assert call("DELETE", f"{pods}/web")[1]["metadata"]["name"] == "web"
    assert call("GET", f"{pods}/web")[0] == 404
    assert call("DELETE", "/api/v1/namespaces/blue")[0] == 200
    assert call("GET", f"{pods}/db")[0] == 404


@of("articles")
def test_articles_in_json_api(call: Caller) -> None:
    """What is sent stands in `attributes`, and what is not sent stays as it is."""
    new = {
        "data": {"type": "articles", "attributes": {"title": "Hedges", "body": "Grow."}}
    }
    media = {"Content_Type": "application/vnd.api+json"}
    made = call.reply("POST", "/articles", new, **media)
    assert made.headers["Content-Type"] == "application/vnd.api+json"
    article = made.json()["data"]
    assert (
        article["attributes"].items() >= {"title": "Hedges", "status": "draft"}.items()
    )
    path = f"/articles/{article['id']}"
    assert article["links"]["self"].endswith(path)
    assert call("GET", path) == (200, {"data": article})
    change = {"data": {"type": "articles", "id": article["id"], "attributes": {"status": "published"}}}  # fmt: skip
    changed = call("PATCH", path, change, **media)[1]["data"]
    assert changed["attributes"] == {**article["attributes"], "status": "published"}
    found = call("GET", "/articles?filter[status]=published")[1]
    states = {one["attributes"]["status"] for one in found["data"]}
    assert (changed in found["data"], states) == (True, {"published"})
    assert found["meta"] == {"total": len(found["data"])}
    sparse = call("GET", "/articles?filter[status]=published&fields[articles]=title")[1]
    assert sparse["data"][0]["attributes"] == {"title": "Hedges"}
    titles = [one["attributes"]["title"] for one in call("GET", "/articles?sort=title")[1]["data"]]  # fmt: skip
    assert titles == sorted(titles)
    status, wrong = call("POST", "/articles", {"data": {"type": "articles", "attributes": {"title": ""}}}, **media)  # fmt: skip
    assert (status, wrong["errors"][0]["status"]) == (422, "422")
    assert call("DELETE", path)[0] == 204
    status, gone = call("GET", path)
    assert (status, gone["errors"][0]["status"]) == (404, "404")


@of("orders")
def test_orders_in_hal(call: Caller) -> None:
    """Each has a link to itself that leads to it; pages have links to the next."""
    made = call.reply("POST", "/orders", {"currency": "EUR"})
    order = made.json()
    assert (made.status_code, order["status"], order["total"]) == (201, "open", 0)
    assert order["_links"]["self"]["href"] == made.headers["Location"]
    own = made.headers["Location"].partition("/orders/orders")[2]
    assert call("GET", f"/orders{own}") == (200, order)
    first = call("GET", "/orders?size=2")[1]
    assert first["page"] == {
        "size": 2, "totalElements": 4, "totalPages": 2, "number": 0,
    }  # fmt: skip
    following = first["_links"]["next"]["href"].partition("/orders/orders")[2]
    second = call("GET", f"/orders{following}")[1]
    assert order in second["_embedded"]["orders"]
    assert "next" not in second["_links"]
    shipped = call("PATCH", f"/orders{own}", {"status": "shipped"})[1]
    assert shipped == {**order, "status": "shipped"}
    assert shipped in call("GET", "/orders?status=shipped")[1]["_embedded"]["orders"]
    assert call("DELETE", f"/orders{own}")[0] == 204
    assert call("GET", f"/orders{own}")[0] == 404


@of("messages")
def test_messages_in_pages_by_cursor(call: Caller) -> None:
    """Below channels of which the document says nothing; the same key posts once."""
    path = "/channels/garden/messages"
    for text in ("one", "two", "three"):
        status, made = call("POST", path, {"text": text, "author": "ada"})
        assert status == 201
    again = [
        call("POST", path, {"text": "four"}, Idempotency_Key="k")[1] for _ in (1, 2)
    ]
    assert again[0] == again[1]
    seen: list[Any] = []
    cursor = ""
    for _ in range(4):
        page = call("GET", f"{path}?limit=1&cursor={cursor}")[1]
        seen += page["messages"]
        cursor = page["response_metadata"]["next_cursor"]
    assert (len({one["id"] for one in seen}), page["has_more"], cursor) == (
        4,
        False,
        "",
    )
    assert len(call("GET", f"{path}?author=ada")[1]["messages"]) == 3
    own = f"{path}/{made['id']}"
    assert call("PUT", own, {"text": "3"})[1] == {**made, "text": "3"}
    assert call("GET", f"/channels/other/messages/{made['id']}")[0] == 404
    assert call("DELETE", own)[0] == 204
    assert call("GET", own)[0] == 404


@of("devices")
def test_devices_with_problem_details(call: Caller) -> None:
    """PUT makes them, conditions hold, and each refusal has the schema of its operation."""
    made = call.reply("PUT", "/devices/SN-0001", {"model": "Lamp"})
    device = {"serial": "SN-0001", "model": "Lamp"}
    assert (made.status_code, made.json()) == (201, device)
    assert made.headers["Location"].endswith("/devices/SN-0001")
    read = call.reply("GET", "/devices/SN-0001")
    tag = read.headers["ETag"]
    assert call("GET", "/devices/SN-0001", If_None_Match=tag) == (304, None)
    moved = {"model": "Lamp", "room": "Hall"}
    assert call("PUT", "/devices/SN-0001", moved, If_Match=tag)[0] == 200
    assert call("GET", "/devices?model=Lamp")[1] == [{**device, "room": "Hall"}]
    stale = call.reply("PUT", "/devices/SN-0001", moved, If_Match=tag)
    assert stale.headers["Content-Type"] == "application/problem+json"
    assert (stale.status_code, stale.json()["status"]) == (412, 412)
    wrong = call("PUT", "/devices/SN-0001", {"model": "", "colour": 1})[1]
    assert (wrong["status"], {error["pointer"] for error in wrong["errors"]}) == (
        400,
        {"/model", "/colour"},
    )
    assert call("DELETE", "/devices/SN-0001")[0] == 204
    gone = call("GET", "/devices/SN-0001")[1]
    assert "serial_known" not in gone
    lost = call("DELETE", "/devices/SN-0001")[1]
    assert (lost["status"], type(lost["serial_known"])) == (404, bool)
    call.key = None
    unknown = call.reply("GET", "/devices")
    assert (unknown.status_code, unknown.headers["WWW-Authenticate"][:6]) == (
        401,
        "Bearer",
    )


@of("newest")
def test_books_of_the_newest_openapi(call: Caller) -> None:
    """QUERY is a list whose filters come in the body, and methods may be of one's own."""
    book = call("POST", "/books", {"title": "Hedges", "year": 1987})[1]
    path = f"/books/{book['id']}"
    assert call("GET", path) == (200, book)
    assert call("GET", "/books?year=1987")[1] == [book]
    assert call("QUERY", "/books", {"year": 1987}) == (200, [book])
    assert call("QUERY", "/books", {"title": "None"}) == (200, [])
    assert call("PATCH", path, {"year": 1988})[1] == {**book, "year": 1988}
    assert call("COPY", path)[0] == 201
    assert call("DELETE", path)[0] == 204
    assert call("GET", path)[0] == 404


@of("shopper")
def test_what_is_below_others_and_what_nothing_reads(call: Caller) -> None:
    """Carts that are only created, settings and avatars of users, searches, three levels."""
    cart, other = call("POST", "/carts", {})[1], call("POST", "/carts", {})[1]
    assert (cart["status"], cart["id"] != other["id"]) == ("open", True)
    item = {"sku": "A-1", "quantity": 2}
    status, made = call("POST", f"/carts/{cart['id']}/items", item)
    assert (status, made) == (201, {**item, "id": made["id"], "cart_id": cart["id"]})
    assert call("GET", f"/carts/{cart['id']}/total")[0] == 200
    gone = "/carts/3f3c4d7e-0000-4000-8000-000000000001"
    assert call("GET", f"{gone}/total")[0] == 404
    assert call("POST", f"{gone}/items", item)[0] == 404
    paid = call("POST", f"/carts/{cart['id']}/checkout")
    assert paid == (200, {**cart, "status": "checked_out"})
    pays = [call("POST", "/payments", {"amount": 5})[1] for _ in "12"]
    assert pays[0]["payment_id"] != pays[1]["payment_id"]

    user = call("GET", "/users/1")[1]
    assert "settings" not in user
    settings = {"theme": "dark", "newsletter": True}
    assert call("PUT", "/users/1/settings", settings) == (200, settings)
    settings["theme"] = "light"
    assert call("PATCH", "/users/1/settings", {"theme": "light"}) == (200, settings)
    assert call("GET", "/users/1/settings") == (200, settings)
    assert call("GET", "/users/99/settings")[0] == 404
    assert call("DELETE", "/users/1/avatar")[0] == 204
    assert call("GET", "/users/1/avatar")[0] == 404
    avatar = {"url": "https://example.com/a.png"}
    assert call("PUT", "/users/1/avatar", avatar) == (200, avatar)
    assert call("GET", "/users/1/avatar") == (200, avatar)

    assert call("POST", "/users/search", {"name": user["name"]})[1]["results"] == [user]
    call("POST", "/users/bulk-delete", {"ids": [1, 2]})
    assert [each["id"] for each in call("GET", "/users")[1]] == [3]

    assert call("PUT", "/orgs/new", {"title": "New"})[0] == 201
    project = call("POST", "/orgs/new/projects", {"name": "P"})[1]
    tasks = f"/orgs/new/projects/{project['id']}/tasks"
    task = call("POST", tasks, {"title": "T"})[1]
    assert call("POST", f"{tasks}/{task['id']}/start")[0] == 202
    assert call("GET", f"{tasks}?status=in_progress")[1] == [
        {**task, "status": "in_progress"}
    ]
    assert call("GET", tasks.replace("/new/", "/other/"))[0] == 404


@of("tagged")
def test_each_path_behind_a_mark_is_reached(call: Caller) -> None:
    """Also where several methods share one, and where two of a method hold for a call."""
    calls = [
        ("GET", "/channels"),
        ("POST", "/channels"),
        ("POST", "/channels?operation=search"),
    ]
    statuses = [call(*each, x_bearer="a")[0] for each in calls]
    operations = [entry.operation for entry in call.served.world.journal]

    assert statuses == [200, 201, 200]
    assert operations == ["listChannels", "createChannel", "searchChannels"]
    assert call("GET", "/channels")[0] == 400


@of("visits")
def test_a_media_type_of_patches_beside_plain_json_is_no_patch(call: Caller) -> None:
    """Some frameworks list it for every body: a visit is created and replaced all the same.

    What is sent, and shown nowhere, may have the name of a part of the request.
    """
    sent = {"page": "start", "path": "/start"}
    status, made = call("POST", "/sites/a/visits", sent)
    one = f"/sites/a/visits/{made['id']}"

    assert (status, made) == (201, {"id": made["id"], "page": "start"})
    assert call("PUT", one, {"page": "end"}) == (200, {**made, "page": "end"})
    assert call("GET", one) == (200, {**made, "page": "end"})
    assert call("GET", one.replace("/a/", "/b/"))[0] == 404


@of("visits")
def test_what_a_missing_body_would_have_is_made_up(call: Caller) -> None:
    """A body that may be missing need not have what its schema requires; the reply does."""
    status, made = call("POST", "/sites/a/visits")

    assert (status, made) == (201, {"id": made["id"], "page": "page"})
    assert call("POST", "/sites/a/visits", {"path": "/"})[0] == 422
    assert call("PUT", f"/sites/a/visits/{made['id']}") == (200, made)


@of("chores")
def test_what_a_call_need_not_send_is_left_as_it_is(call: Caller) -> None:
    """PUT of a body that needs nothing changes what is sent; what is `readOnly` is the
    server's, and is there from the beginning."""
    made = call("POST", "/users/me/lists", {"title": "Home", "revision": 99})[1]
    one = f"/users/me/lists/{made['id']}"
    changed = call("PUT", one, {"colour": "red", "createdAt": "2020-01-01T00:00:00Z"})[
        1
    ]

    assert made.keys() == {"id", "title", "revision", "createdAt"}
    assert made["revision"] != 99
    assert changed == {**made, "colour": "red"} == call("GET", one)[1]
    assert len(call("GET", "/users/me/lists")[1]["items"]) == 4
    assert len(call("GET", "/users/me/lists?maxResults=1")[1]["items"]) == 1


@of("chores")
def test_chores_are_below_a_list_at_another_path(call: Caller) -> None:
    """They are gone with it; a number that may be a text as well still finds one."""
    home = call("POST", "/users/me/lists", {"title": "Home"})[1]["id"]
    chores = f"/lists/{home}/chores"
    made = call("POST", chores, {"text": "Sweep"})[1]

    assert call("GET", chores) == (200, [made])
    assert call("GET", f"{chores}/{made['id']}") == (200, made)
    assert call("GET", f"{chores}/none")[0] == 404
    assert call("GET", "/lists/none/chores")[0] == 404
    assert call("DELETE", f"/users/me/lists/{home}")[0] == 204
    assert call("GET", chores)[0] == 404


@of("layers")
def test_notes_are_below_a_layer_whose_id_is_a_number_in_the_path_alone(
    call: Caller,
) -> None:
    """There are some from the beginning; what is not sent is not null."""
    paths = [f"/layers/{layer['id']}/notes" for layer in call("GET", "/layers")[1]]
    status, made = call("POST", paths[0], {})
    there = {path: call("GET", path)[1] for path in paths}

    assert (status, made) == (201, {"id": made["id"]})
    assert made in there[paths[0]]
    assert sum(map(len, there.values())) == 4
    for path, notes in there.items():
        for note in notes:
            assert call("GET", f"{path}/{note['id']}") == (200, note)
    assert call("POST", paths[0], {"zone": "longer"})[1].keys() == {"id"}


@of("audits")
def test_an_id_in_a_member_that_nobody_sends_is_not_concluded_from(
    call: Caller,
) -> None:
    """It would be unknown what a new one is called: the document answers."""
    assert call("POST", "/audits", {"title": "First"})[0] == 201
    assert call("GET", "/audits/0123abcd-4567")[0] == 200


@of("tickets")
def test_a_parent_may_have_another_name_further_down(call: Caller) -> None:
    """`/tickets/{noted_id}/notes` and `/tickets/{ticket_id}/notes/{note_id}/marks`."""
    ticket = call("POST", "/tickets", {"text": "Lamp"})[1]["id"]
    note = call("POST", f"/tickets/{ticket}/notes", {"text": "Broken"})[1]["id"]
    marks = f"/tickets/{ticket}/notes/{note}/marks"
    status, made = call("POST", marks, {"text": "!"})

    assert (status, call("GET", f"{marks}/{made['id']}")) == (201, (200, made))
    assert (
        call("POST", marks.replace(f"/tickets/{ticket}", "/tickets/0"), made)[0] == 404
    )


@of("playlists")
def test_a_playlist_is_created_at_another_path_in_another_spelling(
    call: Caller,
) -> None:
    """Below a user that is neither listed nor created, so that any may be there.

    What is read may be a playlist that was deleted as well; a new one is not archived.
    """
    form = "application/x-www-form-urlencoded"

    def sent(path: str, content: str) -> tuple[int, Any]:
        headers = {"Content-Type": form}
        reply = call.served.call("POST", path, None, headers=headers, content=content)
        return reply.status_code, reply.json()

    status, made = sent("/users/ada/playlists", "FriendlyName=Rain&Public=true")
    one = f"/playlists/{made['id']}"

    assert status == 201
    assert made == {
        "id": made["id"],
        "friendly_name": "Rain",
        "public": True,
        "status": "visible",
    }
    assert call("GET", one) == (200, made)
    assert sent(one, "FriendlyName=Sun") == (200, {**made, "friendly_name": "Sun"})
    assert call("GET", one) == (200, {**made, "friendly_name": "Sun"})
    assert call("GET", "/users/ada/mood")[0] == 200
    assert call("GET", "/playlists/none")[0] == 404


@of("binders")
def test_replies_have_what_their_schemas_ask_for(call: Caller) -> None:
    """Parts sent in another form or only written, members that nobody named, empty lists."""
    assert call("GET", "/binders?color=none") == (200, {})
    sent = {"color": "red", "note": "A", "terms": {"days": 3, "channel": "web"}}
    sent["readers"] = [{"name": "Ada", "pin": "1234"}]
    status, made = call("POST", "/binders", sent)
    assert made["readers"] == [{"name": "Ada"}]
    terms = {"currency": "EUR", "days": 3}
    assert (status, made["terms"]) == (201, terms)
    path = f"/binders/{made['id']}"
    named = {"id": made["id"], "color": "red", "terms": terms}
    assert call("GET", f"{path}?fields=color") == (200, named)
    assert call("GET", f"{path}?fields=note") == (200, {**named, "note": "A"})
    placed = call("PUT", path, {"shelf": {"id": "7"}})[1]["shelf"]
    assert placed == {"id": "7", "type": "shelf", "room": None}
    assert call("PUT", path, {"note": "C"})[1]["shelf"] == placed
    assert call("POST", "/labels") == (200, "printed")


@of("binders")
def test_a_change_of_a_part_keeps_what_its_schema_asks_for(call: Caller) -> None:
    """Who creates a binder names its owner; a change may leave the owner's id out."""
    sent = {
        "color": "red",
        "terms": {"days": 3, "channel": "web"},
        "owner": {"id": "7"},
    }
    made = call("POST", "/binders", sent)[1]
    path = f"/binders/{made['id']}"
    assert made["owner"] == {"id": "7", "type": "person"}
    # What the provider alone says of the owner is not for callers to set.
    owned = call("PUT", path, {"owner": {"trusted": "yes", "since": 3}})[1]["owner"]
    assert owned == {"id": "7", "type": "person", "since": 3}
    bare = call("POST", "/binders", {key: sent[key] for key in ("color", "terms")})[1]
    owned = call("PUT", f"/binders/{bare['id']}", {"owner": {}})[1]["owner"]
    assert owned == {"id": "id", "type": "person"}


@of("binders")
def test_what_a_put_creates_is_answered_with_the_status_that_is_documented(
    call: Caller,
) -> None:
    stamp = {"id": "9", "text": "Paid"}
    assert call("PUT", "/stamps/9", stamp) == (200, stamp)
    assert call("GET", "/stamps/9") == (200, stamp)


@of("rooms")
def test_an_id_may_be_a_text_in_one_path_and_a_number_in_the_next(call: Caller) -> None:
    room = call("POST", "/rooms", {"name": "Blue"})[1]
    path = f"/rooms/{room['id']}"
    desk = call("POST", f"{path}/desks", {"name": "A"})[1]
    assert call("GET", f"{path}/desks/{desk['id']}") == (200, desk)
    assert call("GET", f"/rooms/1/desks/{desk['id']}")[0] == 404
    assert call("GET", f"{path}/settings") == (200, {})
    assert call("PATCH", f"{path}/settings", {"quiet": True}) == (200, {"quiet": True})
    assert call("GET", f"{path}/settings") == (200, {"quiet": True})
