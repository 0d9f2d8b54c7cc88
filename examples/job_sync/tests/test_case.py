"""The same with unittest, and an emulator that the tests start themselves."""

from __future__ import annotations

import unittest

import emulator

from clients import JOB, TEN, jobriver_of
from job_sync import NotAllowed


class JobriverTest(unittest.TestCase):
    """One server for the class, and a world for each test."""

    server: emulator.Emulator

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(emulator.start(["jobriver"]))

    def setUp(self) -> None:
        self.world = self.enterContext(self.server.world(clock=TEN))
        self.jobriver = self.world.provider("jobriver")
        self.client = self.enterContext(jobriver_of(self.world))

    def test_the_plan_allows_only_so_many_jobs(self) -> None:
        """The one that is too many is refused, and the client says why."""
        self.jobriver.apply_scenario("last_job_of_the_plan")
        self.client.create_job(JOB)

        with self.assertRaises(NotAllowed) as refused:
            self.client.create_job(JOB)

        self.assertEqual(refused.exception.code, "JOB_LIMIT_EXCEEDED")

    def test_a_new_company_has_no_jobs(self) -> None:
        """What the test before has created is in another world."""
        self.jobriver.apply_scenario("no_jobs")

        self.assertEqual([*self.client.jobs()], [])
        self.world.verify("listJobs", times=1)

    def test_a_refusal_can_be_had_without_a_reason(self) -> None:
        """Where no situation brings it about, it is asked for by its name."""
        self.jobriver.refuse("ip_not_allowed", "createJob", calls=1)

        with self.assertRaises(NotAllowed) as refused:
            self.client.create_job(JOB)
        self.client.create_job(JOB)

        self.assertEqual(refused.exception.code, "IP_NOT_ALLOWED")
