from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from served import CHECKS, Served

document = schemathesis.pytest.from_fixture("document")
import collections
N=collections.Counter()

@document.parametrize()
@settings(max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_reply_is_as_the_document_says(case: Case, served: Served) -> None:
    served.clock.advance(61)
    r = case.call_and_validate(headers=served.headers, checks=CHECKS)
    N[case.operation.label, case.meta.phase.name if case.meta else None, r.status_code] += 1

def test_z():
    for k,v in sorted(N.items(), key=str): print(k,v)
