"""Each step's module begins with its question, and refuses with what its value says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import emulator
from emulator.pipeline import DECIDE, FINISH, REFUSALS
from emulator.spec.structure import behavior_schema
from emulator.step import Finish, Step

FOLDER = Path(emulator.__file__).parent / "steps"
STEPS: tuple[Step | Finish, ...] = (*DECIDE, *FINISH)
OF_EXCHANGE = {"limit_reached", "conflict", "wrong_state", "range_not_satisfiable"}
"""Codes that `changes` and `moves`, which steps share, refuse with."""
OF_GRANTS = (
    "invalid_grant_request", "invalid_client", "invalid_grant", "unauthorized_client",
    "unsupported_grant_type", "unsupported_response_type", "invalid_scope",
    "access_denied", "login_required", "redirect_refused", "authorization_pending",
    "slow_down", "expired_token", "invalid_target", "invalid_dpop_proof", "use_dpop_nonce",
)  # fmt: skip
"""Codes that the endpoints of an authorization server deny with."""
OF_POLICY = {
    **dict.fromkeys(OF_GRANTS, "grants"),
    "not_found": "action.missing",
    "rate_limited": "limit.refuse",
    "credential_unproved": "scheme.proves",
    "credential_not_yet_valid": "program.tokens",
    "issuer_wrong": "program.tokens",
    "audience_wrong": "program.tokens",
}
"""Codes that a policy gives: a spec may have another one there, or it reads tokens."""


def tree_of(step: Step | Finish) -> ast.Module:
    return ast.parse((FOLDER / f"{step.name}.py").read_text("utf-8"))


def refused(step: Step) -> set[str]:
    """The codes that the module's refusals name literally."""
    return {
        node.args[0].value
        for node in ast.walk(tree_of(step))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("Refusal", "_Refused")
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_step_has_a_module_of_its_name() -> None:
    """One step, one module, one name, and one place in the pipeline."""
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}

    assert sorted(modules) == sorted(step.name for step in STEPS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_module_begins_with_its_question(step: Step | Finish) -> None:
    """`Name: question?`, the same that the value has for the reference page."""
    first = (ast.get_docstring(tree_of(step)) or "").splitlines()[0]

    assert first == f"{step.name.replace('_', ' ').capitalize()}: {step.question}"
    assert first.endswith("?")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_is_the_function_of_its_name(step: Step | Finish) -> None:
    function = step.decide if isinstance(step, Step) else step.finish

    assert function.__module__ == f"emulator.steps.{step.name}"
    assert function.__name__ == step.name


@pytest.mark.parametrize("step", DECIDE, ids=lambda step: step.name)
def test_a_step_refuses_with_what_its_value_says(step: Step) -> None:
    """Codes that stand in the code are in the catalogue, and the other way round."""
    elsewhere = OF_EXCHANGE | OF_POLICY.keys()

    assert refused(step) <= step.codes.keys()
    assert step.codes.keys() - refused(step) <= elsewhere


def test_no_two_steps_give_the_same_refusal() -> None:
    """The step of a code is one step."""
    assert len(REFUSALS.codes) == sum(len(step.codes) for step in DECIDE)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_keys_of_a_step_are_keys_of_behavior_yaml(step: Step | Finish) -> None:
    schema = behavior_schema()
    action = "read"

    for key in step.keys:
        at: Any = schema
        for part in key.replace("{action}", action).split("."):
            at = below(schema, at, part)
            assert at is not None, f"{key}: there is no {part!r}"


def below(schema: Any, at: Any, part: str) -> Any:
    """The schema of what stands at *part* in what *at* describes, or None."""
    if "$ref" in at:
        at = schema["$defs"][at["$ref"].rpartition("/")[2]]
    for one in (at, *at.get("oneOf", ())):
        if "$ref" in one:
            one = schema["$defs"][one["$ref"].rpartition("/")[2]]
        if part in one.get("properties", {}):
            return one["properties"][part]
        if part.startswith("{") and isinstance(one.get("additionalProperties"), dict):
            return one["additionalProperties"]
        if part.startswith("{") and "items" in one:
            return one["items"]
    return None


NAMES = {step.name for step in STEPS} - {
    "act", "body", "find", "headers", "journal", "keep", "lockout", "parameters",
    "route",
}  # fmt: skip
"""The names of steps that no key, header or method has as well."""
NAMED_IN = {
    "compile/oauth2/endpoints.py": "the endpoint that begins the login of a user",
    "compile/oauth2/expansion.py": "the key of an operation that is an endpoint",
    "compile/oauth2/policy.py": "the key of an operation that is an endpoint",
    "compile/oauth2/replies.py": "the endpoint that begins the login of a user",
    "grants/authorize.py": "the step that its decisions are noted for",
    "grants/devices.py": "the step that its decisions are noted for",
    "grants/endpoints.py": "the endpoint that begins a login, and its decisions",
    "grants/issuing.py": "the step that its decisions are noted for",
    "grants/pushed.py": "the step that its decisions are noted for",
    "grants/requests.py": "the step that its decisions are noted for",
    "grants/token.py": "the step that its decisions are noted for",
    "explanation/spec_parts.py": "the step that the security schemes of openapi.yaml are for",
    "compile/authentication.py": "the step that asks for an expression of a credential",
    "inference/bulk.py": "the word of behavior.yaml for a reply of the document",
    "compile/batch.py": "the key of behavior.yaml, and the step that asks for its parts",
    "compile/checks.py": "whose wording may be missing; what is refused of any call",
    "spec/description.py": "a scheme of HTTP that has the same name",
    "compile/given_facts.py": "the steps that ask conditions which name none",
    "compile/idempotency.py": "the key of behavior.yaml that says what the step does",
    "compile/documented.py": "the fields of an operation that the document gives",
    "program/stateless.py": "the fields of an operation that the document gives",
    "compile/fixture_checks.py": "the key of behavior.yaml for what calls change besides",
    "compile/promised.py": "the key of behavior.yaml for what calls change besides",
    "compile/source.py": "the key of behavior.yaml for what calls change besides",
    "compile/idle.py": "the key of behavior.yaml that says what an effect does",
    "compile/rate_limits.py": "the step that asks for an expression of a limit",
    "compile/load.py": "the key of behavior.yaml whose collections a provider needs",
    "compile/replies.py": "the kind of action whose results a reply shows",
    "compile/actions.py": "the steps that ask for expressions of an action",
    "compile/conditions.py": "the step that asks where a condition names none",
    "compile/operations.py": "the steps that ask for expressions of an operation",
    "compile/program.py": "the key of behavior.yaml for effects of every call",
    "compile/machines.py": "the key of behavior.yaml whose updates move records",
    "compile/pages.py": "the step that asks for an expression of a page",
    "compile/validators.py": "the key of behavior.yaml that says what the step does",
    "engine/strict.py": "the step that is noted for a media type that is not read",
    "inference/authentication.py": "the endpoint that begins the login of a user",
    "inference/errors.py": "the word of behavior.yaml for the reply of the document",
    "inference/below.py": "the word of behavior.yaml for the reply of the document",
    "inference/singletons.py": "the key of behavior.yaml for what a call changes besides",
    "inference/inferring.py": "the key of behavior.yaml for calls that come again",
    "inference/repeats.py": "the keys of behavior.yaml for calls that come again, and for ETag",
    "program/oauth2.py": "the endpoint that begins the login of a user",
    "traffic/refining.py": "the key of behavior.yaml for what a call changes besides",
    "traffic/refusing.py": "the word and the step of behavior.yaml for what is demanded",
    "traffic/variants.py": "the word of behavior.yaml for the reply of the document",
    "strategies/probe.py": "the steps that judge an input, whatever was before",
}
"""The modules that name a step, each with what the name is for."""


def test_few_modules_name_a_step() -> None:
    """A step that comes or goes touches its module, the pipeline, and none but these."""
    package = FOLDER.parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if path.parent != FOLDER
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in NAMES
    }

    assert found == NAMED_IN.keys()
