"""Job sync: copies what a JobsPikr search finds into jobs at Jobriver."""

from job_sync.errors import (
    Broken,
    Invalid,
    NoAnswer,
    NotAllowed,
    OutOfCredits,
    ProviderError,
    Refused,
    TryLater,
)
from job_sync.jobriver import Jobriver
from job_sync.jobspikr import AsyncJobsPikr, JobsPikr
from job_sync.syncing import Outcome, sync, title_query

__all__ = [
    "Jobriver",
    "JobsPikr",
    "AsyncJobsPikr",
    "sync",
    "title_query",
    "Outcome",
    "ProviderError",
    "NoAnswer",
    "Refused",
    "NotAllowed",
    "Invalid",
    "OutOfCredits",
    "TryLater",
    "Broken",
]
