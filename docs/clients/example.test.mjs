import assert from 'node:assert/strict';
import test from 'node:test';
import { inWorld } from './emulator.mjs';

// The code under test: it waits for as long as the provider says.
async function listJobs(url, headers, wait) {
  for (;;) {
    const reply = await fetch(`${url}/jobs`, { headers });
    const body = await reply.json();
    if (reply.status !== 429) return body.data.jobs;
    await wait(Number(reply.headers.get('retry-after')));
  }
}

const world = { providers: ['jobriver'], clock: 'frozen 2026-03-02T10:00:00Z', scenario: 'jobriver/rate_limited' };

test('a spent quota is waited for', inWorld(world, async (world) => {
  const wait = (seconds) => world.advance(`${seconds}s`); // no test sleeps
  const jobs = await listJobs(world.url('jobriver'), world.headers('jobriver'), wait);

  assert.ok(jobs.length > 0);
  await world.verify({ operation: 'listJobs', refusal: 'rate_limited', times: 1 });
  await world.verify({ operation: 'listJobs', status: 200, times: 1 });
}));
