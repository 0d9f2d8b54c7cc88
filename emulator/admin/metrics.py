"""Metrics: what has been counted, as a Prometheus reads it.

Nothing is kept in the form of the client library: its counters would cost each call
several times what a plain integer does. They are made when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from emulator.admin.counts import BOUNDS, Counts
from emulator.admin.request import AdminRequest
from emulator.admin.schemas import text
from emulator.admin.table import Answer, Rows
from emulator.exchange.call import Reply
from emulator.version import __version__

if TYPE_CHECKING:
    from prometheus_client.core import HistogramMetricFamily, Metric

PLAIN = "text/plain"
OPEN = "application/openmetrics-text"
_VERSION = re.compile(r"version=(?!(?:0\.0\.[14]|1\.0\.0)\b)[^;,]*", re.IGNORECASE)
"""Versions that the client library does not know, but would try to read."""


row = Rows("status")


@row("GET /metrics", {200: Answer("metrics", text(), (PLAIN, OPEN))})
def get_metrics(request: AdminRequest) -> Reply:
    """Show the metrics, for Prometheus.

    The counts are those of this process. Needs the admin token (`authorization` in a
    scrape configuration), because metrics show what is being tested.
    """
    from prometheus_client.exposition import choose_encoder

    accepted = _VERSION.sub("", request.headers.get("accept", ""))
    encode, media = choose_encoder(accepted)
    body = encode(_Collected(request))
    headers = [("Content-Type", media), ("Cache-Control", "no-store")]
    return Reply(headers=headers, body=body)


class _Collected:
    """The registry of one scrape."""

    def __init__(self, request: AdminRequest) -> None:
        self._counts = request.admin.counts
        self._dispatcher = request.dispatcher

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        worlds = [*self._dispatcher.worlds]
        info = GaugeMetricFamily(
            "emulator_build_info", "The version that runs.", labels=["version"]
        )
        info.add_metric([__version__], 1)
        yield info
        yield _replies(self._counts, CounterMetricFamily)
        yield _seconds(self._counts)
        yield GaugeMetricFamily(
            "emulator_worlds", "Worlds that there are.", value=len(worlds)
        )
        yield CounterMetricFamily(
            "emulator_worlds_evicted",
            "Worlds let go to make room.",
            value=self._dispatcher.worlds.evicted,
        )
        yield GaugeMetricFamily(
            "emulator_journal_entries",
            "Entries in the journals of all worlds.",
            value=sum(len(world.journal) for world in worlds),
        )
        yield GaugeMetricFamily(
            "emulator_journal_dropped",
            "Entries that the journals of these worlds have let go to make room.",
            value=sum(world.journal.dropped for world in worlds),
        )
        attempts = CounterMetricFamily(
            "emulator_webhook_attempts",
            "Attempts to deliver a webhook.",
            labels=["provider", "outcome"],
        )
        for (provider, outcome), many in sorted(self._counts.attempts.items()):
            attempts.add_metric([provider, outcome], many)
        yield attempts
        yield CounterMetricFamily(
            "emulator_bugs",
            "Calls and requests that met a mistake in the emulator.",
            value=self._counts.bugs,
        )
        yield CounterMetricFamily(
            "emulator_spec_errors",
            "Calls and requests that met a mistake in the spec of a provider.",
            value=self._counts.spec_errors,
        )


def _replies(counts: Counts, family: Callable[..., Any]) -> Metric:
    replies = family(
        "emulator_replies",
        "Replies of providers.",
        labels=["provider", "operation", "status", "refusal"],
    )
    for key, status in sorted(counts.replies):
        provider, operation, refusal = key
        many = counts.replies[key, status].many
        replies.add_metric([provider, operation, str(status), refusal], many)
    metric: Metric = replies
    return metric


def _seconds(counts: Counts) -> HistogramMetricFamily:
    from prometheus_client.core import HistogramMetricFamily

    histogram = HistogramMetricFamily(
        "emulator_reply_seconds",
        "How long a provider's reply took, until it was handed to the network.",
        labels=["provider"],
    )
    names = [*(str(bound) for bound in BOUNDS), "+Inf"]
    for provider, times in counts.by_provider().items():
        buckets = [*zip(names, accumulate(times.buckets), strict=True)]
        histogram.add_metric([provider], buckets, times.seconds)
    return histogram
