"""Green threads: whether something (gevent, eventlet) has put its own in Python's place."""

from __future__ import annotations

import threading


def patched_threads() -> str | None:
    """The package in whose hands threads are, which then never run beside one another."""
    for name in ("_start_new_thread", "_start_joinable_thread"):
        begins = getattr(threading, name, None)
        module = getattr(begins, "__module__", None) or "_thread"
        if module != "_thread":
            return str(module.partition(".")[0])
    return None
