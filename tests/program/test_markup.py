"""Markup: JSON values as XML, which a reader of XML gives back."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from emulator.program.markup import xml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def test_a_tree_becomes_elements() -> None:
    """Items of a list are called what is said for it, or `item`."""
    tree = {"ok": True, "left": 1.5, "state": None, "jobs": [{"id": 1}, {"id": 2}]}

    assert xml({**tree, "tags": ["a", "b"]}, "reply", {"jobs": "job"}).decode() == (
        HEAD + "<reply><ok>true</ok><left>1.5</left><state/>"
        "<jobs><job><id>1</id></job><job><id>2</id></job></jobs>"
        "<tags><item>a</item><item>b</item></tags></reply>"
    )


def test_what_xml_cannot_say_is_replaced() -> None:
    """Markup is escaped; control characters and names of no element are not possible."""
    tree = {"a b": "<&>\x00\x1b\ud800", "1": "\r", "xmlish": "", "": "x", "é": []}

    assert xml(tree, "r", {}).decode() == (
        HEAD + "<r><a_b>&lt;&amp;&gt;\ufffd\ufffd\ufffd</a_b><_1>&#13;</_1>"
        "<_xmlish/><_>x</_><_/></r>"
    )


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.recursive(
    LEAVES, lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=12
)


@given(TREES)
def test_every_tree_is_read_again(tree: Any) -> None:
    """What is written is always XML."""
    assert ElementTree.fromstring(xml(tree, "root", {})).tag == "root"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1))
def test_a_text_comes_back(text: str) -> None:
    """Letter by letter, where XML has the letters."""
    assert ElementTree.fromstring(xml({"a": text}, "r", {})).findtext("a") == text
