"""Syncing: have each job that was found stand at Jobriver, and stand there once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from job_sync.errors import Invalid
from job_sync.jobriver import Jobriver

Json = Any

_EMPLOYMENT = {
    "Full Time": "fulltime",
    "Part Time": "parttime",
    "Contract": "contract",
    "Internship": "internship",
}


class Outcome(NamedTuple):
    """What became of one job that was found."""

    url: str
    became: Literal["created", "known", "refused"]
    why: str = ""

    def __str__(self) -> str:
        return f"{self.became:8}{self.url}{self.why and f': {self.why}'}"


def sync(hits: Iterable[Json], jobriver: Jobriver) -> Iterator[Outcome]:
    """Create those of *hits* that are not at Jobriver yet, and tell of each.

    A job is known by the address where one applies. Whatever ends this half way, the
    next run goes on from there.
    """
    known = {job["apply_url"] for job in jobriver.jobs()}
    for hit in hits:
        job = job_of(hit)
        url = job["apply_url"]
        if url in known:
            yield Outcome(url, "known")
            continue
        try:
            jobriver.create_job(job)
        except Invalid as error:
            why = "; ".join(error.errors.values()) or error.message
            yield Outcome(url, "refused", why)
            continue
        known.add(url)
        yield Outcome(url, "created")


def title_query(words: str) -> Json:
    """The search for open jobs with these words in their title."""
    phrase = words.replace("\\", "").replace('"', "")
    return {
        "bool": {
            "must": [_field("job_title", f'"{phrase}"')],
            "must_not": [_field("has_expired", "true")],
        }
    }


def job_of(hit: Json) -> dict[str, Json]:
    """A job that was found, as Jobriver wants it."""
    places = [hit["inferred_city"], hit["inferred_country"]]
    return {
        "title": hit["job_title"],
        "description": hit["job_description"] or "",
        "location": ", ".join(one for one in places if one) or "unknown",
        "location_type": "remote" if hit["is_remote"] else "onsite",
        "employment_type": _EMPLOYMENT.get(hit["job_type"], "fulltime"),
        "apply_type": "external",
        "apply_url": hit["apply_url"] or hit["url"],
    }


def _field(name: str, query: str) -> Json:
    return {"query_string": {"default_field": name, "query": query}}
