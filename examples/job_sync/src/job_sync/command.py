"""Command: `job-sync "backend developer"`.

Keys come from the environment: JOBRIVER_API_KEY, JOBSPIKR_CLIENT_ID and
JOBSPIKR_CLIENT_AUTH_KEY. JOBRIVER_URL and JOBSPIKR_URL name other addresses.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import islice

from job_sync import jobriver, jobspikr
from job_sync.errors import ProviderError
from job_sync.syncing import sync, title_query


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all is done, 1 when a provider did not let it be."""
    _, _, keys = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="job-sync",
        description="Copy what a JobsPikr search finds into jobs at Jobriver.",
        epilog=keys,
    )
    parser.add_argument("words", help="what the titles of the jobs contain")
    parser.add_argument("--limit", type=int, help="so many jobs at most")
    wanted = parser.parse_args(arguments)
    environ = os.environ
    try:
        to = jobriver.Jobriver(
            environ["JOBRIVER_API_KEY"], environ.get("JOBRIVER_URL", jobriver.URL)
        )
        source = jobspikr.JobsPikr(
            environ["JOBSPIKR_CLIENT_ID"],
            environ["JOBSPIKR_CLIENT_AUTH_KEY"],
            environ.get("JOBSPIKR_URL", jobspikr.URL),
        )
    except KeyError as missing:
        parser.error(f"the environment has no {missing.args[0]}")
    with to, source:
        try:
            hits = source.search(title_query(wanted.words))
            for outcome in sync(islice(hits, wanted.limit), to):
                print(outcome)
        except ProviderError as error:
            print(f"job-sync: {error}", file=sys.stderr)
            return 1
    return 0
