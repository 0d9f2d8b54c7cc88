"""Denied: why an endpoint of an authorization server refuses a call."""

from __future__ import annotations


class Denied(Exception):
    """Why an endpoint refuses a call: the code, and the address that is told of it."""

    def __init__(
        self, code: str, why: str, location: str = "", nonce: str = ""
    ) -> None:
        super().__init__(why)
        self.code, self.why, self.location, self.nonce = code, why, location, nonce
