"""Files: what is uploaded is kept with its record, and given back whole or in parts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
DONE = {"responses": {"200": {"description": "it"}}}
FILE = {"type": "string", "format": "binary"}
PATHS: dict[str, Any] = {
    "/docs": {
        "post": {
            "operationId": "create",
            "requestBody": {
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "properties": {
                                "title": {"type": "string"},
                                "file": FILE,
                                "more": {"type": "array", "items": FILE},
                            }
                        }
                    },
                    "application/json": {"schema": {"properties": {"file": {}}}},
                }
            },
            **DONE,
        }
    },
    "/raw": {
        "post": {
            "operationId": "raw",
            "requestBody": {"content": {"application/octet-stream": {"schema": {}}}},
            **DONE,
        }
    },
    "/docs/{id}": {
        "parameters": ID,
        "delete": {"operationId": "remove", **DONE},
        "patch": {
            "operationId": "rename",
            "requestBody": {"content": {"application/json": {"schema": {"properties": {"title": {"type": "string"}, "file": {}}}}}},
            **DONE,
        },
    },
    "/docs/{id}/content": {
        "parameters": ID,
        "get": {"operationId": "download", **DONE},
    },
}  # fmt: skip
OPERATIONS: dict[str, Any] = {
    "create": {"create": {"collection": "docs"}, "reply": {"body": "${record}"}},
    "raw": {
        "create": {"collection": "docs", "set": {"file": "${body}"}},
        "reply": {"body": "${record}"},
    },
    "remove": {"delete": {"collection": "docs", "key": "path.id"}, "reply": {"status": 204}},
    "rename": {"update": {"collection": "docs", "key": "path.id"}, "reply": {"body": "${record}"}},
    "download": {
        "read": {"collection": "docs", "key": "path.id"},
        "reply": {
            "body": "${content(record.file)}",
            "encode": "bytes",
            "content_type": "${record.file.content_type or 'text/plain'}",
            "ranges": True,
        },
    },
}  # fmt: skip
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "range_not_satisfiable": {"status": 416, "body": {"have": "${length}"}},
}
TEXT = b"0123456789" * 3


@pytest.fixture
def docs(tmp_path: Path) -> Api:
    return small(
        tmp_path,
        PATHS,
        OPERATIONS,
        table=TABLE,
        collections={"docs": {"files": ["file", "more"]}},
        fixtures={
            "docs": [
                {"id": 1, "title": None, "more": None,
                 "file": {"content_type": "text/plain", "text": "fixed"}}
            ]
        },
    )  # fmt: skip


def upload(docs: Api, content: bytes = TEXT, name: str = "a.txt") -> Any:
    reply = docs.post(
        "/docs", None, files={"file": (name, content, "text/x-a"), "title": (None, "t")}
    )
    assert reply.status_code == 200
    return reply.json()


def content(docs: Api, id: int, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return docs.get(f"/docs/{id}/content", None, headers=sent)


def test_a_part_of_a_form_is_kept(docs: Api) -> None:
    """The record says what it is; the content has a reply of its own."""
    made = upload(docs)
    assert {**made["file"], "digest": None} == {
        "filename": "a.txt", "content_type": "text/x-a", "size": 30, "digest": None,
    }  # fmt: skip

    reply = content(docs, made["id"])

    assert (reply.status_code, reply.content) == (200, TEXT)
    assert reply.headers["content-type"] == "text/x-a"
    assert reply.headers["accept-ranges"] == "bytes"


def test_a_body_that_is_a_file_is_kept(docs: Api) -> None:
    headers = {"content-type": "application/octet-stream"}
    made = docs.post("/raw", None, content=b"\x00\xff", headers=headers).json()

    assert made["file"]["content_type"] == "application/octet-stream"
    assert content(docs, made["id"]).content == b"\x00\xff"


def test_a_file_of_a_fixture_is_given_as_well(docs: Api) -> None:
    assert content(docs, 1).content == b"fixed"
    assert content(docs, 1, range="bytes=-2").content == b"ed"


def test_several_files_of_one_field(docs: Api) -> None:
    sent = [("more", ("a", b"one", "text/a")), ("more", ("b", b"two", "text/b"))]
    made = docs.post("/docs", None, files=sent).json()

    kept = [docs.world.files.get("small", each["digest"]) for each in made["more"]]
    assert kept == [b"one", b"two"]


def test_what_a_caller_writes_is_no_content(docs: Api) -> None:
    """A digest in a body leads to nobody's file; that of the record stays."""
    made = upload(docs)
    forged = docs.post("/docs", None, json={"file": made["file"]}).json()
    renamed = docs.call(
        "PATCH", f"/docs/{made['id']}", None, json={"title": "u"}
    ).json()

    assert "digest" not in forged["file"]
    assert content(docs, forged["id"]).content == b""
    assert renamed["file"] == made["file"]


@pytest.mark.parametrize(
    ("asked", "status", "got", "told"),
    [
        ("bytes=0-1", 206, b"01", "bytes 0-1/30"),
        ("bytes=-3", 206, b"789", "bytes 27-29/30"),
        ("bytes=28-", 206, b"89", "bytes 28-29/30"),
        ("bytes=28-99", 206, b"89", "bytes 28-29/30"),
        ("bytes=0-0,1-1", 206, b"01", "bytes 0-1/30"),
        ("bytes=5-2", 200, TEXT, None),
        ("pages=1-2", 200, TEXT, None),
        ("bytes=0-1,x", 200, TEXT, None),
        ("bytes=30-", 416, b'{"have":30}', "bytes */30"),
        ("bytes=-0", 416, b'{"have":30}', "bytes */30"),
    ],
)
def test_parts_of_a_file(
    docs: Api, asked: str, status: int, got: bytes, told: str | None
) -> None:
    """RFC 9110, 14.1.2 and 14.2."""
    id = upload(docs)["id"]
    reply = content(docs, id, range=asked)

    assert (reply.status_code, reply.content) == (status, got)
    assert reply.headers.get("content-range") == told


def test_several_parts_are_a_multipart(docs: Api) -> None:
    """RFC 9110, 14.6."""
    reply = content(docs, upload(docs)["id"], range="bytes=0-1, 5-6")
    kind, _, boundary = reply.headers["content-type"].partition("; boundary=")

    assert (reply.status_code, kind) == (206, "multipart/byteranges")
    assert reply.content == (
        b"--%b\r\nContent-Type: text/x-a\r\nContent-Range: bytes 0-1/30\r\n\r\n01\r\n"
        b"--%b\r\nContent-Type: text/x-a\r\nContent-Range: bytes 5-6/30\r\n\r\n56\r\n"
        b"--%b--\r\n"
    ) % ((boundary.encode(),) * 3)


def test_a_part_of_another_content_is_not_given(docs: Api) -> None:
    """`If-Range` (RFC 9110, 13.1.5): the whole, where it has changed."""
    id = upload(docs)["id"]
    tag = content(docs, id).headers["etag"]

    same = content(docs, id, range="bytes=0-0", if_range=tag)
    other = content(docs, id, range="bytes=0-0", if_range='"other"')
    weak = content(docs, id, range="bytes=0-0", if_range=f"W/{tag}")

    assert [same.status_code, other.status_code, weak.status_code] == [206, 200, 200]


def test_a_part_is_of_the_state_that_the_provider_s_validator_says(
    tmp_path: Path,
) -> None:
    """`validators` of the operation hold for parts too, and there is one ETag."""
    operations = {
        **OPERATIONS,
        "download": {
            **OPERATIONS["download"],
            "validators": {"etag": "'v' + text(record.id)"},
        },
    }
    docs = small(
        tmp_path, PATHS, operations,
        table={**TABLE, "not_modified": {"status": 304, "body": None}, "precondition_failed": {"status": 412}},
        collections={"docs": {"files": ["file", "more"]}},
        fixtures={"docs": [{"id": 1, "title": None, "more": None, "file": {"text": "fixed", "content_type": "text/plain"}}]},
    )  # fmt: skip
    tag = content(docs, 1).headers.get_list("etag")

    assert tag == ['"v1"']
    assert content(docs, 1, range="bytes=0-0", if_range='"v1"').status_code == 206
    assert content(docs, 1, range="bytes=0-0", if_range='"v2"').status_code == 200


def test_head_says_the_same_without_a_body(docs: Api) -> None:
    id = upload(docs)["id"]
    reply = docs.call("HEAD", f"/docs/{id}/content", None)

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-length"] == "30"
    assert reply.headers["etag"] == content(docs, id).headers["etag"]


def test_too_many_ranges_are_the_whole(docs: Api) -> None:
    id = upload(docs, b"x" * 1_000_000)["id"]
    asked = ",".join(f"{at}-{at}" for at in range(0, 4_000, 4))
    begun = time.process_time()
    for ranges in (f"bytes={asked}", "bytes=" + "0-0," * 10_000):
        assert content(docs, id, range=ranges[:60_000]).status_code == 200
    assert time.process_time() - begun < 2


def test_a_refusal_of_a_range_can_be_forced(docs: Api) -> None:
    id = upload(docs)["id"]
    reply = content(docs, id, x_emulator_refuse="range_not_satisfiable")

    assert (reply.status_code, reply.content) == (416, b'{"have":30}')


def test_files_are_part_of_forks_and_snapshots(docs: Api) -> None:
    id = upload(docs)["id"]
    address = "/_emulator/worlds/default"
    taken = docs.client.get(f"{address}/snapshot").content
    docs.client.post(f"{address}/fork", json={"id": "twin"})
    docs.client.post(f"{address}/reset")
    assert docs.client.get(f"/@twin/small/docs/{id}/content").content == TEXT
    assert content(docs, id).status_code == 404

    media = {"content-type": "application/vnd.emulator.snapshot+json"}
    assert docs.client.put(
        f"{address}/snapshot", content=taken, headers=media
    ).is_success
    assert content(docs, id).content == TEXT


def test_no_byte_is_copied_by_a_fork(docs: Api) -> None:
    digest = upload(docs)["file"]["digest"]
    twin = docs.world.files.copy()

    assert twin.get("small", digest) is docs.world.files.get("small", digest)


def test_what_no_record_has_any_more_makes_room(docs: Api) -> None:
    """A world that is full of files says so in the emulator's own words."""
    docs.world.files.most = 70
    first, second = upload(docs, b"a" * 30), upload(docs, b"b" * 30)
    assert upload(docs, b"a" * 30)["file"]["digest"] == first["file"]["digest"]

    full = docs.post("/docs", None, files={"file": ("c", b"c" * 30, "text/c")})
    assert (full.status_code, full.json()["title"]) == (507, "world full")
    docs.call("DELETE", f"/docs/{second['id']}", None)

    assert upload(docs, b"c" * 30)["id"]
    assert docs.world.files.taken == 60
    assert content(docs, first["id"]).content == b"a" * 30


def test_a_file_of_50_megabytes_is_the_provider_s_413(tmp_path: Path) -> None:
    docs = small(
        tmp_path, {"/raw": PATHS["/raw"]}, {"raw": OPERATIONS["raw"]},
        table=BODIES, http={"max_body": "5MB"},
        collections={"docs": {"files": ["file"], "fields": ["file"]}},
    )  # fmt: skip
    headers = {"content-type": "application/octet-stream"}
    reply = docs.post("/raw", None, content=b"x" * 50_000_000, headers=headers)

    assert (reply.status_code, reply.json()) == (413, {"error": "refused"})


@pytest.mark.parametrize(
    "reply",
    [
        {"ranges": True, "body": "${record}"},
        [{"ranges": True, "body": "${content(record.file)}", "encode": "bytes"}],
        {"ranges": True, "status": 203, "body": "", "encode": "bytes"},
    ],
)
def test_parts_of_what_is_no_file_are_told(tmp_path: Path, reply: Any) -> None:
    operations = {"download": {**OPERATIONS["download"], "reply": reply}}
    with pytest.raises(SpecError) as error:
        small(
            tmp_path,
            {"/docs/{id}/content": PATHS["/docs/{id}/content"]},
            operations,
            table={**TABLE},
            collections={"docs": {"fields": ["file"]}},
        )

    assert "wrong-form" in [each.code for each in error.value.diagnostics]


def test_more_than_a_world_keeps_is_no_length_of_a_body(tmp_path: Path) -> None:
    """Such a file would be taken, and then have no room in any world."""
    operations = {**OPERATIONS, "raw": {**OPERATIONS["raw"], "max_body": "33MiB"}}
    with pytest.raises(SpecError) as told:
        small(
            tmp_path,
            PATHS,
            operations,
            table=BODIES,
            collections={"docs": {"files": ["file", "more"], "fields": ["title"]}},
        )

    assert "'33MiB' is more than a world keeps of files" in str(told.value)
