"""Grammar: what an expression may be made of, and its text as a tree of `ast`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from keyword import kwlist

GRAMMAR: Mapping[type[ast.AST], str] = {
    ast.Constant: "a literal: `'text'`, `12`, `1.5`, `True`, `None` (also `true`, `null`)",
    ast.Name: "a name that is in scope",
    ast.Attribute: "`a.b`: the member `b` of a mapping; null where it has none, and of a `body`"
    " that is no mapping",
    ast.Subscript: "`a[0]`, `a['b']`: an item or member; null where there is none",
    ast.List: "`[a, b]`: a list",
    ast.Tuple: "`(a, b)`: a list",
    ast.Dict: "`{'a': b}`: a mapping",
    ast.BoolOp: "`a and b`, `a or b`",
    ast.UnaryOp: "`not a`, `-a`",
    ast.BinOp: "`+ - * / // %` on numbers; `+` on texts and lists too",
    ast.Compare: "`== != < <= > >= in`, `not in`, `is None`, `is not None`",
    ast.IfExp: "`a if condition else b`",
    ast.ListComp: "`[a for x in items if condition]`, one loop, two deep at most",
    ast.DictComp: "`{a: b for x in items if condition}`, in the same way; keys become texts",
    ast.Call: "a function of the table below, with positional and named arguments",
}
"""Every node that an expression may have, as the documentation shows it."""
LONGEST = 2_000
"""So many characters an expression may have."""
_LEVELS = 100


class BadExpression(Exception):
    """What is wrong with an expression: a diagnostic without its place."""

    def __init__(
        self,
        code: str,
        what: str,
        why: str = "",
        fix: str = "",
        *,
        in_key: bool = False,
    ) -> None:
        super().__init__(what)
        self.code, self.what, self.why, self.fix = code, what, why, fix
        self.in_key = in_key
        """It is the key of a mapping that is wrong, and not what stands there."""


_OF_OTHERS = (
    (r"===", "write `==`"),
    (r"!==", "write `!=`"),
    (r"&&", "write `and`"),
    (r"\|\|", "write `or`"),
    (r"\?.*:", "write `a if condition else b`"),
    (r"(?:^|[\s(])!(?!=)", "write `not`"),
    (r"\?\.", "write `a.b`: it is null where `a` is null"),
    (r"(?<![=<>!])=(?!=)", "write `==` to compare"),
    (r"\w\.\w+-\w", "write `a['b-c']` for a member whose name has a hyphen"),
)
"""What other languages write, and how it is written here."""


def read(text: str) -> ast.expr:
    """The expression *text* as a tree, as `parsed` has it. Raises `BadExpression`."""
    if len(text) > LONGEST:
        raise BadExpression(
            "expression-too-long",
            f"this expression has {len(text)} characters",
            f"an expression may have {LONGEST}",
            "move part of it into a field, a view or a rule of its own",
        )
    try:
        return parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or str(error)
        word = _keyword(text)
        if word:
            raise BadExpression(
                "expression-syntax",
                f"{word!r} is a word of the language, and no name: {text.strip()!r}",
                "expressions are read as Python's, which keeps some words for itself",
                f"write body[{word!r}] for a member; a field of that name can only stand"
                f" by itself, `${{{word}}}`",
            ) from None
        raise BadExpression(
            "expression-syntax",
            f"{text.strip()!r} is not an expression",
            f"it is read as a Python expression: {reason}",
            _as_python(text) or "see docs/reference/expressions.md",
        ) from None


def _as_python(text: str) -> str:
    """What to write instead of *text*, which is no expression; or nothing."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)
    return next((fix for how, fix in _OF_OTHERS if re.search(how, bare)), "")


@lru_cache(512)
def parsed(text: str) -> ast.expr:
    """The expression *text* as a tree, which is shared: never change it.

    Raises `SyntaxError`, or `BadExpression` for one that is nested too deeply, and what
    else the parser does.
    """
    # What is checked is read several times, and the same stands in many places.
    tree = ast.parse(text.strip(), mode="eval")
    check_levels(tree)
    return tree.body


@lru_cache(1_024)
def text_of(node: ast.expr) -> str:
    """The text of a part of what `parsed` gave."""
    return ast.unparse(node)


NO_NAMES = frozenset(kwlist) - {"True", "False", "None"}
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def _keyword(text: str) -> str:
    """The word in an expression that cannot be read that its author took for a name."""
    plain = re.findall(r"[A-Za-z_]\w*", _QUOTED.sub("", text))
    for word in plain:
        if word in NO_NAMES and word not in _WORDS_OF_OURS:
            return str(word)
    return plain[0] if len(plain) == 1 and plain[0] in NO_NAMES else ""


_WORDS_OF_OURS = ("and", "or", "not", "in", "is", "if", "else", "for")


def check_levels(tree: ast.AST) -> None:
    """Refuse what is nested so deeply that walking it would be a risk."""
    level: list[ast.AST] = [tree]
    for _ in range(_LEVELS):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise BadExpression(
        "expression-too-long",
        "this expression is nested too deeply",
        f"an expression may have {_LEVELS} levels; every `+` begins one",
        "move part of it into a field, a view or a rule of its own",
    )
