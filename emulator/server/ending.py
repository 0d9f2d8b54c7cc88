"""Ending: the signals that end a server."""

from __future__ import annotations

import signal


def ending_signals() -> list[signal.Signals]:
    """Those that ask for the end, and the one of a terminal that is closed."""
    signals = [signal.SIGINT, signal.SIGTERM]
    # Under nohup it is ignored, and meant to be.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals
