"""The page about OpenAPI documents shows what is inferred of its own document."""

from __future__ import annotations

import re
from pathlib import Path

from front_door import Api

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report
from emulator.engine.dispatcher import Dispatcher
from emulator.inference import KINDS, infer
from emulator.spec.openapi import read_openapi
from emulator.spec.published import Published
from emulator.world.world import World

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "emulate-an-openapi-document.md"


def test_the_file_that_is_shown_is_the_one_that_is_written(tmp_path: Path) -> None:
    documents = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "shop.yaml"
    path.write_text(documents[0], encoding="utf-8")
    openapi = read_openapi(path, tmp_path, Report())
    assert openapi is not None
    assert documents[1] == infer(openapi, "shop", path.name).behavior

    program = load(Place.of_document("shop", Published(path)))
    shop = Api(program, Dispatcher({"shop": program}, World()), "/shop")
    made = shop.post("/orders", json={"article": "A lamp"}).json()
    assert made["status"] == "open"
    assert shop.post(f"/orders/{made['id']}/cancel").json()["status"] == "cancelled"
    cancelled = shop.get("/orders?status=cancelled&per_page=1").json()
    assert (cancelled["total"], len(cancelled["data"])) == (2, 1)


def test_each_kind_that_is_named_there_is_one() -> None:
    commands = re.findall(r"--without (\S+)", PAGE.read_text("utf-8"))
    named = {part for command in commands for part in command.rstrip("`").split(",")}
    operations = {"listOrders", "deleteOrder"}
    assert all({*name.split(":")} <= KINDS.keys() | operations for name in named)
