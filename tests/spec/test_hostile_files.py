"""Files that want to break the reader are refused, with their place (H01 to H20)."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.program.schemas import Schema

ACME = Path(__file__).parent / "good" / "acme"
unix = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix file system")

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(9 * [f'*{before}'])}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name}\n" + "".join(f"  k{at}: {{<<: *{before}}}\n" for at in range(9))
    for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """The smallest provider, in a folder of its own."""
    shutil.copytree(ACME, tmp_path / "acme")
    return tmp_path / "acme"


def told(folder: Path) -> list[tuple[str, str]]:
    """The codes that are reported, each with the name of the file."""
    report = Report()
    with suppress(SpecError):
        load(Place(folder, folder / "fixtures"), report=report)
    return [
        (diagnostic.code, Path(diagnostic.at.file).name)
        for diagnostic in report.diagnostics
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(LAUGHS, "yaml-alias", id="H01"),
        pytest.param(MERGES, "yaml-alias", id="H02"),
        pytest.param("- &a [*a]", "yaml-alias", id="H03"),
        pytest.param("!!python/object/apply:os.system [exit]", "yaml-tag", id="H04"),
        pytest.param("- {id: 1, id: 2}", "yaml-duplicate-key", id="H06"),
        pytest.param("-\t{id: 1}\n\t- {id: 2}", "yaml-syntax", id="H08"),
        pytest.param(b"- {id: 1, name: \xfc}", "yaml-encoding", id="H09 Latin-1"),
        pytest.param(b"- {id: 1, name: \0}", "yaml-encoding", id="H09 NUL"),
        pytest.param("[" * 2_000, "yaml-too-deep", id="2000 levels"),
        pytest.param(f"- {{id: {'9' * 5_000}}}", "yaml-number", id="5000 digits"),
    ],
)
def test_a_hostile_fixture_is_refused(acme: Path, text: str | bytes, code: str) -> None:
    """H01 to H09: never expanded, run, guessed at or dropped in silence."""
    content = text.encode() if isinstance(text, str) else text
    (acme / "fixtures" / "things.yaml").write_bytes(content)

    assert set(told(acme)) == {(code, "things.yaml")}


def test_words_of_yaml_1_1_are_texts(acme: Path) -> None:
    """H05: `no` is no truth value, `012` no ten, `1:30` no ninety, a date no date."""
    words = "{id: 1, a: no, b: 012, c: 1:30, d: 2024-02-05}"
    (acme / "fixtures" / "things.yaml").write_text(f"- {words}")

    program = load(Place(acme, acme / "fixtures"))

    assert program.bases["things"].records[1] == {
        "id": 1,
        "a": "no",
        "b": "012",
        "c": "1:30",
        "d": "2024-02-05",
    }


def test_a_byte_order_mark_is_no_part_of_a_file(acme: Path) -> None:
    """H09: editors on Windows write one."""
    path = acme / "behavior.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert not told(acme)


@unix
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../../../../../../etc/passwd", "file-outside"),
        ("/etc/passwd", "file-outside"),
        ("/dev/zero", "file-outside"),
        ("link.yaml", "file-outside"),
        ("pipe.yaml", "file-not-regular"),
    ],
)
def test_a_spec_names_only_files_of_its_folder(
    acme: Path, path: str, code: str
) -> None:
    """H10 to H13: neither upwards, nor by a link, nor what would never end."""
    (acme / "link.yaml").symlink_to("/etc/passwd")
    os.mkfifo(acme / "pipe.yaml")
    behavior = acme / "behavior.yaml"
    behavior.write_text(f"openapi: {path}\n{behavior.read_text()}")

    assert told(acme) == [(code, "behavior.yaml")]


@unix
def test_a_fixture_is_a_file_of_its_folder(acme: Path) -> None:
    """H12, H13: a link out and a pipe in the folder of fixtures are not read."""
    (acme / "fixtures" / "out.yaml").symlink_to("/etc/passwd")
    os.mkfifo(acme / "fixtures" / "pipe.yaml")

    assert told(acme) == [
        ("file-outside", "out.yaml"),
        ("file-not-regular", "pipe.yaml"),
    ]


@pytest.mark.parametrize(
    "ref",
    [
        "http://127.0.0.1/schemas.yaml",
        "file:///etc/passwd",
        "//169.254.169.254/latest",
    ],
)
def test_nothing_is_fetched(acme: Path, ref: str) -> None:
    """H15: a reference to another machine, or into the system, is refused."""
    openapi = acme / "openapi.yaml"
    schema = f"components: {{schemas: {{Thing: {{$ref: '{ref}'}}}}}}\n"
    openapi.write_text(openapi.read_text() + schema)

    assert told(acme) == [("ref-remote", "openapi.yaml")]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(x+x+)+y", r"(a+)+\\1$"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    """H18: what matches patterns does so in a time that grows with the text alone."""
    assert not Schema({"pattern": f"^{pattern}"}).is_valid("a" * 20_000 + "!")


def test_ten_thousand_operations_load(tmp_path: Path) -> None:
    """H19: every one is reached, and its path answers OPTIONS besides."""
    many = 10_000
    refusals = ("no_route", "wrong_method", "malformed_query", "invalid_path")
    behavior = ["spec: 1", "provider: big", "operations:"]
    openapi = ["openapi: 3.1.0", "info: {title: Big}", "paths:"]
    for at in range(many):
        behavior.append(f"  getThing{at}: {{reply: {{status: 204}}}}")
        openapi += [
            f"  /things{at}/{{id}}:",
            "    get:",
            f"      operationId: getThing{at}",
            "      parameters: [{name: id, in: path, schema: {type: string}}]",
        ]
    behavior += ["errors:", "  table:"]
    behavior += [f"    {code}: {{status: 400, body: {{}}}}" for code in refusals]
    folder = tmp_path / "big"
    folder.mkdir()
    (folder / "behavior.yaml").write_text("\n".join(behavior))
    (folder / "openapi.yaml").write_text("\n".join(openapi))

    program = load(Place(folder, folder / "fixtures"))

    assert len(program.operations) == many
    for at in (0, many // 2, many - 1):
        found = program.routes.match(f"/things{at}/7")
        assert found is not None
        assert found.values == ("7",)
        assert found.by_method["GET"].id == f"getThing{at}"
        assert found.by_method.keys() == {"GET", "OPTIONS"}
