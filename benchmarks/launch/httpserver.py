"""pytest-httpserver in a process of its own, with the replies in a JSON file.

It keeps connections open between calls only where it is threaded.
"""

from __future__ import annotations

import argparse
import json
import logging
import threading
from pathlib import Path

from pytest_httpserver import HTTPServer

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("replies", type=Path)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = HTTPServer("127.0.0.1", options.port, threaded=True)
    for reply in json.loads(options.replies.read_text(encoding="utf-8")):
        server.expect_request(
            reply["path"], method=reply["method"], headers=reply["headers"]
        ).respond_with_data(
            reply["body"], status=reply["status"], content_type="application/json"
        )
    server.start()
    threading.Event().wait()
