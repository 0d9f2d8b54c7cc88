"""Corpus: calls of all five providers, in the order in which every way in plays them.

Left out is what one way cannot do, or does otherwise for a reason: faults that break a
connection (a call without a socket has none to break) and those that take time, which a
world in this process spares its client.
"""

from __future__ import annotations

import gzip
from typing import Any

from exchanges import FORM, JSON, MULTIPART, Exchange, Of

MOST = 65_536
"""The longest body that the emulator takes while the corpus is played."""

river, pikr, sphere, space, recruits = map(
    Of, ("jobriver", "jobspikr", "jobsphere", "jobspace", "recruitsome")
)

HOSTS = {
    "jobriver": "dev.jobriver.de",
    "jobspikr": "api.jobspikr.com",
    "jobsphere": "api.jobsphere.io",
    "jobspace": "www.thejobspace.com",
    "recruitsome": "app.recruitsome.com",
}
"""Where the providers are at home."""

RIVER_JOB: dict[str, Any] = {
    "title": "Entwickler für Brücken und Übergänge",
    "description": "Wir suchen jemanden, der Schnittstellen baut: 橋, мост, γέφυρα. 🌉🌉",
    "location": "Köln, Deutschland",
}
LONG = {**RIVER_JOB, "requirements": "größer " * 7_000}
RIVER = [
    river("full", "GET", "/jobs", 200),
    river("full", "GET", "/jobs?per_page=2", 200),
    river("full", "GET", "/jobs?page=2&per_page=3&category_id=1", 200),
    river("full", "GET", "/jobs?search=K%C3%B6ln+Entwickler", 200),
    river("full", "HEAD", "/jobs?per_page=2", 200),
    river("full", "GET", "/jobs?per_page=2", 200),
    river("full", "GET", "/jobs/123", 200),
    river("full", "GET", "/jobs/%31%32%33", 200),
    river("full", "GET", "/jobs/99999", 404),
    river("full", "GET", "/status", 200),
    river("read_only", "GET", "/categories", 200),
    river("full", "GET", "/technologies", 200),
    river.json("full", "POST", "/jobs", 201, RIVER_JOB, keeps={"job": "data.id"}),
    river("full", "GET", "/jobs/<job>", 200),
    river.json(
        "full", "PATCH", "/jobs/<job>", 200, {"title": "Brückenbauerin (m/w/d)"}
    ),
    river.json("full", "PUT", "/jobs/<job>", 200, RIVER_JOB),
    river.json("full", "POST", "/jobs", 201, LONG),
    river.json("full", "POST", "/jobs", 422, {"title": "é", "salary_min": -1}),
    river.json("full", "POST", "/jobs", 413, {"title": "x" * MOST}),
    river(
        "full",
        "POST",
        "/jobs",
        422,
        gzip.compress(b'{"title": ""}', mtime=0),
        JSON,
        Content_Encoding="gzip",
    ),
    river("full", "POST", "/jobs", 415, b"?", JSON, Content_Encoding="br"),
    river.json("full", "POST", "/jobs", 201, RIVER_JOB, chunked=True),
    river.json("full", "POST", "/jobs", 413, {"title": "x" * MOST}, chunked=True),
    river(
        "full", "POST", "/jobs", 400, b"\x1f\x8b\x08\x00", JSON, Content_Encoding="gzip"
    ),
    river("full", "POST", "/jobs", 400, '{"title": "Köln"}'.encode("latin-1"), JSON),
    river("full", "POST", "/jobs", 400, b'{"title": ', JSON),
    river("full", "POST", "/jobs", 415, b"title=Bridge", FORM),
    river("full", "POST", "/jobs", 415, b'{"title": "no type"}'),
    river.json("read_only", "POST", "/jobs", 403, RIVER_JOB),
    river("full", "DELETE", "/jobs/<job>", 200),
    river("full", "DELETE", "/jobs/<job>", 404),
    river("", "GET", "/jobs", 401),
    river("", "GET", "/jobs", 403, X_API_Key="jrv_nobody"),
    river("expired", "GET", "/jobs", 403),
    river("ip_allowed", "GET", "/jobs/123", 200),
    river("ip_restricted", "GET", "/jobs", 403),
    river("ip_restricted", "GET", "/jobs", 403, X_Forwarded_For="192.0.2.7"),
    *[river("tiny", "GET", "/status", one) for one in (200, 200, 200, 429)],
    river("tiny", "GET", "/status", 429, X_Emulator_Fault="retry-after=date"),
    river("full", "GET", "/nowhere", 404),
    river("full", "GET", "//jobs", 404),
    river("full", "GET", "/jobs/", 200),
    river("full", "GET", "/jobs/%2F", 400),
    river("full", "GET", "/jobs?", 200),
    river("full", "GET", "/jobs?per_page=1;page=2&&=&search=%20", 200),
    river("full", "TRACE", "/jobs", 405),
    river("full", "PROPFIND", "/jobs", 405),
    river("full", "HEAD", "/jobs/99999", 404),
    river("full", "GET", "/jobs", 404, X_Emulator_World="none"),
    river("full", "DELETE", "/status", 405),
    river("full", "OPTIONS", "/jobs", 204),
    river("full", "GET", "/jobs", 403, X_Emulator_Refuse="credential_expired"),
    river("full", "GET", "/jobs", 429, X_Emulator_Refuse="rate_limited"),
    river("full", "GET", "/jobs", 400, X_Emulator_Refuse="no_such_code"),
    river("full", "GET", "/jobs/123", 200, X_Emulator_Fault="drop=Content-Type"),
    river("full", "GET", "/jobs/123", 200, X_Emulator_Fault="repeat=X-RateLimit-Limit"),
    river("full", "GET", "/jobs/123", 502, X_Emulator_Fault="gateway=502"),
]

ANY = {"query_string": {"default_field": "job_title", "query": "*"}}
DATES = "start_date=2019-01-01&end_date=2026-12-31"
COUNTS = "query=job_category&group_by=location"
FOUND = {"search_query_json": ANY, "size": 2}
PIKR = [
    pikr.json("full", "POST", "/data", 200, FOUND, keeps={"next": "next_cursor"}),
    pikr(
        "full",
        "POST",
        "/data",
        200,
        b'{"search_query_json": {"match": {"job_title": "nurse"}}, "cursor": <next>}',
        JSON,
    ),
    pikr.json("sandbox", "POST", "/data", 200, {**FOUND, "format": "xml"}),
    pikr.json("full", "POST", "/data", 400, {**FOUND, "size": 0, "format": "xml"}),
    pikr.json("full", "POST", "/data", 400, {"search_query_json": {}}),
    pikr.json("no_credits", "POST", "/data", 402, FOUND),
    pikr.json("", "POST", "/data", 401, FOUND),
    pikr("full", "GET", f"/expired_jobs?{DATES}&size=2", 200),
    pikr("full", "GET", f"/expired_jobs?{DATES}&size=2&format=xml", 200),
    pikr("full", "GET", f"/expired_jobs?{DATES}&cursor=abc", 400),
    pikr("full", "GET", f"/aggregate_data?{COUNTS}", 200),
    pikr("full", "GET", f"/aggregate_data?{COUNTS}&format=xml", 200),
    pikr("full", "HEAD", f"/aggregate_data?{COUNTS}&format=xml", 200),
    pikr("disabled", "GET", f"/aggregate_data?{COUNTS}", 403),
    pikr("", "GET", f"/aggregate_data?{COUNTS}", 401, Authorization="Basic ?"),
    pikr("full", "GET", "/data", 405),
    pikr("full", "GET", "/data/", 405),
    pikr("full", "GET", "/aggregate_data?a=%ff", 400),
    pikr.json("full", "POST", "/data", 400, FOUND, X_Emulator_Fault="status=503"),
    pikr.json("full", "POST", "/data", 500, FOUND, X_Emulator_Fault="status=500"),
]

SPHERE_JOB: dict[str, Any] = {
    "title": "Ingénieure façade — “Frontend”",
    "company": "JobSphere Inc.",
    "location": "Montréal, QC",
    "description": "Build the pages that people look for work on: naïve, señor, žluťoučký.",
}
PRIYA = {"name": "Priya Rāman", "email": "priya.raman@example.com"}
SPHERE = [
    sphere("full", "GET", "/jobs?per_page=3", 200),
    sphere("full", "GET", "/jobs?page=2&per_page=3&type=full-time", 200),
    sphere("free", "HEAD", "/jobs", 200),
    sphere("free", "GET", "/jobs", 200),
    sphere("full", "GET", "/jobs/job_8x29a1b3", 200),
    sphere.json("full", "POST", "/jobs", 201, SPHERE_JOB, keeps={"made": "data.id"}),
    sphere("full", "GET", "/jobs/<made>", 200),
    sphere.json("full", "PUT", "/jobs/<made>", 200, {**SPHERE_JOB, "tags": ["é"]}),
    sphere.json("full", "POST", "/jobs/job_8x29a1b3/apply", 201, PRIYA),
    sphere("full", "DELETE", "/jobs/<made>", 204),
    sphere("full", "DELETE", "/jobs/job_b4k3r5y0", 502, X_Emulator_Fault="gateway=502"),
    sphere("full", "DELETE", "/jobs/<made>", 404),
    sphere("full", "GET", "/jobs?page=x", 400),
    sphere.json("full", "POST", "/jobs", 400, {}),
    sphere("full", "POST", "/jobs", 400, b"[]", JSON),
    sphere("full", "POST", "/jobs", 400, b"", JSON),
    sphere.json("read_only", "POST", "/jobs", 403, SPHERE_JOB),
    sphere("revoked", "GET", "/jobs", 401),
    sphere("", "GET", "/jobs", 401),
    sphere("full", "GET", "/jobs?per_page=1", 200, X_Forwarded_Proto="http"),
    sphere("full", "GET", "/jobs?per_page=1", 200, X_Forwarded_Proto="https"),
    sphere("full", "DELETE", "/jobs", 405),
    sphere("full", "GET", "/companies", 404),
    sphere("full", "GET", "/jobs", 429, X_Emulator_Refuse="rate_limited"),
    sphere("full", "GET", "/jobs?per_page=1", 200, X_Emulator_Fault="type=text/html"),
    sphere("full", "GET", "/jobs?per_page=1", 200, X_Emulator_Fault="drop=Date"),
]

SPACE_JOB = {
    "job_category": "ACCOUNTS_MANAGER",
    "job_type": "perm_fulltime",
    "reference": "1234567894",
    "name": "Café Manager, São Paulo",
    "description": "A description of the job.",
    "open_date": "2026-03-02",
    "premise": "123 Main Road",
    "main_area": "Sheffield",
    "sub_area": "South Yorkshire",
    "postal_code": "S1 4DP",
    "country": "GB",
    "location_display": "Sheffield, South Yorkshire",
    "salary_frequency": "ANNUALLY",
    "salary_currency": "GBP",
    "salary_text": "£ 30 000",
    "apply_type": "SIGNUP",
}
OTHER_JOB = {**SPACE_JOB, "reference": "ref-2"}
WHO = {f"{one}": f"<full.{one}>" for one in ("client_id", "client_secret")}
GRANT = {
    "grant_type": "password",
    **WHO,
    "username": "<full.username>",
    "password": "<full.password>",
}
TOKENS = {"token": "access_token", "refresh": "refresh_token"}
SPACE = [
    space.form("", "/oauth/token", 200, GRANT, keeps=TOKENS),
    space("", "GET", "/api/job/142", 200, Authorization="Bearer <token>"),
    space.parts("", "/oauth/token", 200, GRANT),
    space.json("", "POST", "/oauth/token", 401, {**GRANT, "password": "no"}),
    space.form(
        "",
        "/oauth/token",
        200,
        {"grant_type": "refresh_token", **WHO, "refresh_token": "<refresh>"},
    ),
    space("", "POST", "/oauth/token", 400),
    space("full", "GET", "/api/job", 200),
    space("full", "GET", "/api/job?page%5Bsize%5D=2&page%5Bnumber%5D=2", 200),
    space("full", "GET", "/api/job/142", 200),
    space("basic", "GET", "/api/job/142", 200),
    space("full", "HEAD", "/api/job/142", 200),
    space("full", "GET", "/api/job/99999", 404),
    space("full", "GET", "/api/address/country", 200),
    space("full", "GET", "/admin/api/job/options", 200),
    space.form("full", "/admin/api/job", 200, SPACE_JOB, keeps={"ours": "data.id"}),
    space.json("full", "POST", "/admin/api/job", 200, OTHER_JOB),
    space.form("full", "/admin/api/job", 422, {"name": "é"}),
    space.parts("full", "/admin/api/job/<ours>/update", 200, SPACE_JOB),
    space("full", "POST", "/admin/api/job/<ours>/delete", 200),
    space.form("no_credits", "/admin/api/job", 402, SPACE_JOB),
    space("read_only", "GET", "/admin/api/job/options", 403),
    space("expired", "GET", "/api/job", 401),
    space("", "GET", "/api/job", 401),
    space("full", "DELETE", "/api/job/142", 405),
    space("full", "GET", "/api/job/142", 406, Accept="application/xml"),
    space("full", "GET", "/api/job", 429, X_Emulator_Refuse="rate_limited"),
    space("full", "GET", "/api/job/142", 504, X_Emulator_Fault="gateway=504"),
]

SENIOR = "senior-software-engineer-amsterdam"
FLEUR = {
    "first_name": "Fleur",
    "last_name": "Hoekstra-Çelik",
    "email": "fleur.hoekstra@example.net",
}
RECRUITS = [
    recruits("full", "GET", "/health", 200),
    recruits("full", "GET", "/vacancies", 200),
    recruits("full", "GET", "/vacancies?per_page=5&page=2&language=nl", 200),
    recruits("full", "GET", "/vacancies?page=99", 200),
    recruits("full", "GET", "/vacancies?search=S%C3%A3o%20%26%20Paulo", 200),
    recruits("full", "GET", "/vacancies/facets", 200),
    recruits("full", "GET", f"/vacancies/{SENIOR}", 200),
    recruits("full", "HEAD", f"/vacancies/{SENIOR}", 200),
    recruits("full", "HEAD", "/health", 503, X_Emulator_Fault="gateway=503"),
    recruits("full", "GET", "/team", 200),
    recruits("full", "GET", "/articles?page=x", 422),
    recruits.json(
        "full", "POST", "/applications", 201, {"vacancy": SENIOR, "candidate": FLEUR}
    ),
    recruits.json("full", "POST", "/applications", 422, {"vacancy": "keine-hä"}),
    recruits("full", "POST", "/applications", 422, b"x", "text/plain"),
    recruits.parts(
        "full",
        "/candidates",
        202,
        {"user_id": "5"},
        ("resume", "Lebenslauf für Jürgen.pdf", b"%PDF" + bytes(range(256)) * 200),
    ),
    recruits.parts(
        "full",
        "/candidates",
        422,
        {"user_id": "5"},
        ("resume", "cv.exe", b"MZ\x00\xff"),
    ),
    recruits.parts(
        "full", "/candidates", 202, {"user_id": "5"}, ("resume", "cv.pdf", b"x" * MOST)
    ),
    recruits.parts(
        "full",
        "/candidates",
        202,
        {"user_id": "5"},
        ("resume", "cv.pdf", b"x" * MOST),
        chunked=True,
    ),
    recruits(
        "full",
        "POST",
        "/candidates",
        413,
        gzip.compress(bytes(20_000_000)),
        MULTIPART,
        Content_Encoding="gzip",
    ),
    recruits("full", "GET", "/candidates?user_id=5", 200),
    recruits("revoked", "GET", "/vacancies", 401),
    recruits("tenant_disabled", "GET", "/health", 403),
    recruits("no_scopes", "GET", "/vacancies", 403),
    recruits("", "GET", "/health", 401),
    recruits("full", "GET", "/team/none", 404),
    recruits("full", "GET", "/na%C3%AFve/%E6%A9%8B", 404),
    recruits("full", "PUT", "/health", 405),
    recruits("full", "GET", "/health", 429, X_Emulator_Refuse="rate_limited"),
    recruits(
        "full",
        "GET",
        "/health",
        200,
        X_Emulator_Fault="drop=X-RateLimit-Limit, repeat=Date",
    ),
]

NOBODY = [Of("")("", "GET", "/jobrivr/api/v1/jobs", 404)]

CORPUS: list[Exchange] = [*RIVER, *PIKR, *SPHERE, *SPACE, *RECRUITS, *NOBODY]

TOO_LONG = river("full", "GET", "/jobs", 431, X_Note="x" * 70_000)
"""No call at all: whoever reads the head of a request gives up in the midst of it."""
