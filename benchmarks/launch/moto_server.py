"""moto's own server command, without a line of log for each request."""

from __future__ import annotations

import logging
import sys

from moto.server import main  # type: ignore[import-not-found]

if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    main(sys.argv[1:])
