"""Views of what is no record, and all that a list found, whatever the page."""

from __future__ import annotations

from tiny import Tiny


def test_a_view_can_show_what_it_is_given() -> None:
    """The same shape in many places, of values that are no records."""
    pager = Tiny(
        "pager",
        {
            "views.edge": {
                "parameters": ["at"],
                "show": {"at": "${at}", "next": "${at + 1}"},
            },
            "views.number.show": "${show('edge', {'at': id})}",
        },
    )

    assert pager.json("/numbered?per_page=2")["items"] == [
        {"at": 1, "next": 2},
        {"at": 2, "next": 3},
    ]


def test_a_view_that_lacks_what_it_takes_is_a_spec_error() -> None:
    """Null would be sent for a name that the author wrote, and that nothing gives."""
    pager = Tiny(
        "pager",
        {
            "views.edge": {"parameters": ["at"], "show": "${at}"},
            "views.number.show": "${show('edge', merge({'id': id}, {}))}",
        },
    )

    problem = pager.json("/numbered?per_page=2")

    assert problem["title"] == "spec error"
    assert "the view 'edge' takes 'at', which is not given" in problem["detail"]


def test_a_reply_can_tell_of_all_that_matched() -> None:
    """`matched` is every page's, `results` this page's."""
    body = {"all": "${length(matched)}", "here": "${length(results)}"}
    pager = Tiny("pager", {"operations.numbered.reply": {"body": body}})
    whole = len(pager.program.bases["numbers"].records)

    assert pager.json("/numbered?per_page=3") == {"all": whole, "here": 3}
