"""Request targets and authorities, taken apart."""

from __future__ import annotations

import pytest

from emulator.http.authority import is_loopback, origin_form, split_authority


@pytest.mark.parametrize(
    ("target", "path", "authority"),
    [
        (b"/jobs?page=2", b"/jobs?page=2", None),
        (b"//evil.example/jobs", b"//evil.example/jobs", None),
        (b"http://api.example.com/jobs", b"/jobs", b"api.example.com"),
        (b"HTTPS://api.example.com:81/jobs", b"/jobs", b"api.example.com:81"),
        (b"http://api.example.com", b"/", b"api.example.com"),
        (b"http://api.example.com?page=2", b"/?page=2", b"api.example.com"),
        (b"http://ada:secret@api.example.com/", b"/", b"api.example.com"),
        (b"*", b"/", None),
        (b"mailto:ada@example.com", b"/", None),
    ],
)
def test_target_is_reduced_to_origin_form(
    target: bytes, path: bytes, authority: bytes | None
) -> None:
    """RFC 9112, 3.2: a target has four forms, and a call knows only one."""
    assert origin_form(target) == (path, authority)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Example.COM:80", ("example.com", "80")),
        ("example.com.", ("example.com", "")),
        ("[::1]:8080", ("::1", "8080")),
        ("127.0.0.1", ("127.0.0.1", "")),
        ("", None),
        ("a b", None),
        ('x"><script>', None),
        ("ada@example.com", None),
        ("example.com:port", None),
        ("example.com/path", None),
    ],
)
def test_authority_is_a_name_and_a_port(
    text: str, parts: tuple[str, str] | None
) -> None:
    """What is not a host and a port has no parts."""
    assert split_authority(text) == parts


@pytest.mark.parametrize(
    "name",
    ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"],
)
def test_loopback_names_mean_this_machine(name: str) -> None:
    """RFC 6761, 6.3 and RFC 1122, 3.2.1.3."""
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["example.com", "10.0.0.1", "127.evil.example", "::2", ""]
)
def test_other_names_are_not_loopback(name: str) -> None:
    """A name that only begins like a loopback address is a name."""
    assert not is_loopback(name)
