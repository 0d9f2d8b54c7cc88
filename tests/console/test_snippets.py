"""The lines that the console gives to copy, as a shell, Python and JavaScript read them."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SNIPPETS = Path(__file__).parents[2] / "emulator/console/static/snippets.js"
BODY = '{"name":"Köchin \'😀\' $HOME \u2028 \\\\"}'
HARD: dict[str, Any] = {
    "method": "POST",
    "url": "http://127.0.0.1:1/a?b[c]=it's",
    "headers": [["Content-Type", "application/json"], ["X-Empty", ""]],
    "body": BODY,
}

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="needs node (tests/README.md)"
)


def snippet(language: str, **call: Any) -> str:
    sent = json.dumps([language, {**HARD, **call}])
    script = (
        f"import {{ snippet }} from {json.dumps(SNIPPETS.as_uri())};"
        f"process.stdout.write(snippet(...{sent}));"
    )
    command = ["node", "--input-type=module", "-e", script]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return ran.stdout


def test_a_line_for_a_shell_sends_what_it_says() -> None:
    """`-X` only where curl would choose another method, an empty header as curl wants it."""
    assert shlex.split(snippet("curl").replace("\\\n", "")) == [
        *("curl", "-i", "--globoff", HARD["url"]),
        *("-H", "Content-Type: application/json", "-H", "X-Empty;"),
        *("--data-raw", BODY),
    ]
    plain: dict[str, Any] = {"url": "http://127.0.0.1:1/a", "headers": [], "body": None}
    for method, words in {
        "GET": "curl -i",
        "HEAD": "curl -i --head",  # with -X HEAD it would wait for a body
        "POST": "curl -i -X POST",
        "DELETE": "curl -i -X DELETE",
    }.items():
        assert snippet("curl", **plain, method=method) == f"{words} '{plain['url']}'"
    line = snippet("curl", **{**plain, "body": "{}"}, method="GET")
    assert "-X GET" in line


def test_lines_of_python_send_what_they_say() -> None:
    """A character beyond the basic plane is one, and not two halves that no body can hold."""
    (call,) = [
        node
        for node in ast.walk(ast.parse(snippet("python")))
        if isinstance(node, ast.Call) and "request" in ast.unparse(node.func)
    ]
    (data,) = [word.value for word in call.keywords if word.arg == "data"]
    assert isinstance(data, ast.Call)
    assert isinstance(data.func, ast.Attribute)
    assert ast.literal_eval(data.func.value) == BODY
    assert [ast.literal_eval(value) for value in call.args] == ["POST", HARD["url"]]


def test_lines_of_javascript_send_what_they_say() -> None:
    """They are run, with a `fetch` that shows what it is given."""
    shown = "globalThis.fetch = async (url, more) => { console.log(JSON.stringify([url, more])); process.exit(); };"
    command = ["node", "--input-type=module", "-e", shown + snippet("javascript")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)

    headers = dict(HARD["headers"])
    more = {"method": "POST", "headers": headers, "body": BODY}
    assert json.loads(ran.stdout) == [HARD["url"], more]
