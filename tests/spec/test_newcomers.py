"""What a newcomer writes wrong is told at its place, with what to write instead.

Each row is one slip in the provider that `emulator init` makes.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

import emulator.cli
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

STARTER = Path(emulator.cli.__file__).parent / "starter"
NOW = 'created_at: "${now}"'
READ = "readTask: {read: {collection: tasks, key: path.id}}"
CREATE = "createTask: {create: {collection: tasks}}"
WHERE = 'where: {done: "${query.done}"}'
SLIPS: list[tuple[str, str, str]] = [
    # what stands there, what a newcomer writes, and the fix that is told at that line
    ("    default: {error:", " default: {error:", "check the indentation and the quotes"),
    ("  tokens:\n", "\ttokens:\n", "replace the tab with spaces"),
    ("spec: 1\n", "", "add `spec: 1`"),
    ("spec: 1\n", "spec: '1'\n", "write `spec: 1`"),
    ("collection: tasks, where", "collection: task, where", "did you mean 'tasks'?"),
    ("  createTask:", "  createTasks:", "did you mean 'createTask'?"),
    ("  readTask:", "  readtask:", "did you mean 'readTask'?"),
    ("  tokens:\n  tasks:", "  - tokens\n  - tasks:", "write a mapping"),
    ("  - {quota: 60, window: 1m, per: credential}", "  quota: 60\n  window: 1m", "write a list"),
    ("window: 1m", "window: 5 min", "`5m`"),
    ("window: 1m", "window: PT1M", "`1m`"),
    ("window: 1m", "window: 60", "`60s`"),
    ("window: 1m", "window: hours", "did you mean 'hour'?"),
    ("status: 404,", "status: '404',", "write `404`, without quotes"),
    ("status: 404,", "status: not found,", "write a whole number"),
    ("limit: X-RateLimit-Limit", "limit: X RateLimit Limit", "write it as it is sent"),
    ("message: This is not possible", "message: Sorry: no", "or quote texts with { } [ ] , : or #"),
    ("values: {message: This is not possible}", "values:\n    message: Sorry: no",
     "put a text that contains ': ' in quotes"),
    (READ, READ.replace("path.id", "path.id, owned: yes"), "write `true`"),
    (READ, READ.replace("path.id", "path.id, owned: off"), "write `false`"),
    (READ, READ.replace("path.id", '"${path.id}"'), "write `path.id`"),
    (READ, READ.replace("path.id", "id"), "write `path.id`"),
    (READ, READ.replace("path.id", "path.task_id"), "use one of: id"),
    (READ, READ.replace(", key: path.id", ""), "add `key: path.id`"),
    (READ, READ.replace("read:", "reads:"), "did you mean 'read'?"),
    (CREATE, "createTask: {create: {collection: tasks}, status: 201}", "`reply: {status: ...}`"),
    (CREATE, "createTask: {create: {collection: tasks}, reply: 201}",
     "write a mapping or a list or `documented`"),
    (NOW, "created_at: now", "write `${now}`"),
    (NOW, "created_at: $now", "write `${now}`"),
    (NOW, 'created_at: "{{ now }}"', "write `${now}`"),
    (NOW, "created_at: ${now}", "or quote texts with { } [ ] , : or #"),
    (NOW, 'created_at: "${now()}"', "write `now`"),
    (NOW, 'created_at: "${uuid}"', "write `uuid()`"),
    (NOW, 'created_at: "${done ? 1 : 2}"', "write `a if condition else b`"),
    (WHERE, 'filter: "done === query.done"', "write `==`"),
    (WHERE, 'filter: "done = query.done"', "write `==` to compare"),
    (WHERE, 'filter: "done && true"', "write `and`"),
    (WHERE, 'filter: "!done"', "write `not`"),
    (WHERE, 'where: "done == query.done"', "write a mapping"),
    (WHERE, 'where: {don: "${query.done}"}', "did you mean 'done'?"),
    ("page: numbered", "page: number", "did you mean 'numbered'?"),
    ("per: credential", "per: user", "use one of: all, credential, ip, operation"),
    ("    Token: {credentials", "    token: {credentials", "did you mean 'Token'?"),
    ("    not_found: {", "    notFound: {", "did you mean 'not_found'?"),
    ("rate_limits:\n", "rate_limit:\n", "did you mean 'rate_limits'?"),
    ("provider: starter", "provider: start", "write `provider: starter`"),
    ("[api.starter.example]", "[https://api.starter.example/v1]", "`api.starter.example`"),
    ("order: [id]", "order: [idd]", "did you mean 'id'?"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "fix"), SLIPS)
def test_a_slip_is_told_where_it_is_with_what_to_write(
    tmp_path: Path, right: str, wrong: str, fix: str
) -> None:
    """By line, and in a sentence that mends it."""
    folder = tmp_path / "starter"
    shutil.copytree(STARTER, folder)
    file = folder / "behavior.yaml"
    text = file.read_text()
    assert text.count(right) == 1, right
    file.write_text(text.replace(right, wrong))
    first = text[: text.index(right)].count("\n") + 1
    lines = range(first, first + 1 + wrong.count("\n"))
    report = Report()

    with suppress(SpecError):
        load(Place(folder, folder / "fixtures"), None, report)

    told = [
        diagnostic for diagnostic in report.diagnostics if diagnostic.at.line in lines
    ]
    assert any(fix in one.fix for one in told), report.diagnostics


def test_what_init_makes_is_right(tmp_path: Path) -> None:
    folder = shutil.copytree(STARTER, tmp_path / "starter")
    report = Report()

    load(Place(folder, folder / "fixtures"), None, report)

    assert report.diagnostics == []
