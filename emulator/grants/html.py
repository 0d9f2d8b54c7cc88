"""HTML: the pages that people see of an authorization server: plain forms, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_LOGIN = """<p><label>User name <input name="username" value="{username}" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny" formnovalidate>Deny</button></p>"""


def consent_page(
    action: str,
    client: str,
    scopes: Iterable[str],
    hidden: Mapping[str, str],
    *,
    username: str = "",
    message: str = "",
) -> bytes:
    """A form that asks a user to log in, and to allow what *client* wants."""
    asked = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(text)}">\n'
        for name, text in hidden.items()
    )
    return _page(
        "Allow access?",
        _message(message),
        f"<p><strong>{escape(client)}</strong> asks for access to your account.</p>",
        f"<ul>{asked}</ul>" if asked else "",
        f'<form method="post" action="{escape(action)}">',
        fields + _LOGIN.format(username=escape(username)),
        "</form>",
    )


def device_page(
    action: str, code: str, *, username: str = "", message: str = ""
) -> bytes:
    """A form that asks for the code that a device shows (RFC 8628, 3.3)."""
    return _page(
        "Connect a device",
        _message(message),
        f'<form method="post" action="{escape(action)}">',
        '<p><label>Code <input name="user_code" '
        f'value="{escape(code)}" autocomplete="off" required></label></p>',
        _LOGIN.format(username=escape(username)),
        "</form>",
    )


def notice(title: str, message: str) -> bytes:
    """A page that says something and asks for nothing."""
    return _page(title, _message(message))


def _message(message: str) -> str:
    return f'<p role="alert">{escape(message)}</p>' if message else ""


def _page(title: str, *content: str) -> bytes:
    parts = "\n".join(part for part in content if part)
    return _PAGE.format(title=escape(title), content=parts).encode()
