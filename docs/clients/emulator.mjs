// One file to copy into your project: worlds of a running emulator, for tests in JavaScript.
// It needs Node 18 or newer and nothing else. TypeScript reads its types from the comments.
// How to use it: docs/how-to/test-from-javascript.md

import { readFileSync } from 'node:fs';

/**
 * How a world begins: the body of POST /_emulator/worlds in docs/reference/admin-api.md.
 * @typedef {{ id?: string, providers?: string[], clock?: string, scenario?: string | string[], rng_seed?: number | string, pinned?: boolean }} WorldOptions
 */

/**
 * A provider in a world: where it is, and the headers of each of its credentials.
 * @typedef {{ base_url: string, credentials: Record<string, { value: string, headers: Record<string, string> }> }} Provider
 */

function tokenOfEnvironment() {
  const { EMULATOR_ADMIN_TOKEN: token, EMULATOR_ADMIN_TOKEN_FILE: file } = process.env;
  return token || (file ? readFileSync(file, 'utf8').trim() : '');
}

/** The emulator at `url`; by default `$EMULATOR_URL`, with `$EMULATOR_ADMIN_TOKEN` or the file `$EMULATOR_ADMIN_TOKEN_FILE`. */
export class Emulator {
  constructor(url = process.env.EMULATOR_URL || 'http://127.0.0.1:8080', token = tokenOfEnvironment()) {
    this.url = url.replace(/\/+$/, '');
    this.token = token;
  }

  /**
   * What the admin API answers: JSON, or text where it is none. Throws `EmulatorError`.
   * @param {string} method
   * @param {string} path
   * @param {any} [body]
   * @returns {Promise<any>}
   */
  async ask(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    // A proxy that shares worlds among processes reads no body: it goes by the header.
    if (path === '/worlds' && body?.id) headers['X-Emulator-World'] = encodeURIComponent(body.id);
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    const reply = await fetch(`${this.url}/_emulator${path}`, request).catch((cause) => {
      throw new Error(`no emulator answers at ${this.url}: start one with \`emulator serve\``, { cause });
    });
    const text = await reply.text(); // a body that is not read keeps its connection open
    const isJson = (reply.headers.get('content-type') || '').includes('json');
    const answer = text && isJson ? JSON.parse(text) : text;
    if (!reply.ok) throw new EmulatorError(method, path, reply.status, answer);
    return answer;
  }

  /** Wait until the server answers calls: `await emulator.ready(30)`. */
  async ready(seconds = 30) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      try {
        return await this.ask('GET', '/ready');
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /**
   * A new world: `world({ providers: ['acme'], clock: 'frozen', scenario: 'acme/slow' })`.
   * Also `id`, `rng_seed` and `pinned`, as in docs/reference/admin-api.md.
   * @param {WorldOptions} [options]
   */
  async world(options = {}) {
    return new World(this, await this.ask('POST', '/worlds', options));
  }
}

/** One isolated sandbox; delete it after the test. */
export class World {
  /**
   * @param {Emulator} emulator
   * @param {{ id: string, providers: Record<string, Provider> }} made
   */
  constructor(emulator, made) {
    this.emulator = emulator;
    this.id = made.id;
    this.providers = made.providers;
    this.path = `/worlds/${encodeURIComponent(made.id)}`;
  }

  /**
   * What the admin API answers about this world: `ask('GET', '/records/acme/things')`.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  ask(method, path, body) {
    return this.emulator.ask(method, this.path + path, body);
  }

  /**
   * Where the calls of a provider go.
   * @param {string} provider
   */
  url(provider) {
    return named(this.providers, provider, `world ${this.id}`, 'provider').base_url;
  }

  /**
   * The headers that call a provider with one of its credentials: `headers('acme', 'expired')`.
   * @param {string} provider
   */
  headers(provider, credential = 'full') {
    const { credentials } = named(this.providers, provider, `world ${this.id}`, 'provider');
    return named(credentials, credential, provider, 'credential').headers;
  }

  /**
   * Put the world into a situation: `apply('acme/rate_limited')`.
   * @param {string} scenario
   */
  apply(scenario) {
    return this.ask('POST', `/scenarios/${scenario}`);
  }

  /**
   * Move time: `advance('61s')`.
   * @param {string} length
   */
  advance(length) {
    return this.ask('PATCH', '/clock', { advance: length });
  }

  /**
   * Have calls go wrong: `fault({ provider: 'acme', operation: 'listThings', status: 503, calls: 3 })`.
   * @param {object} rule
   */
  fault(rule) {
    return this.ask('POST', '/faults', rule);
  }

  /**
   * Check that calls came: `verify({ operation: 'listThings', times: 2 })`. Throws with what came instead.
   * @param {object} expected
   */
  verify(expected) {
    return this.ask('POST', '/journal/verify?strict=true', expected);
  }

  /** All calls, explained step by step: print it when a test has failed. */
  explained() {
    return this.ask('GET', '/journal?format=text');
  }

  delete() {
    return this.ask('DELETE', '');
  }
}

/**
 * @template T
 * @param {Record<string, T>} things
 * @param {string} name
 * @param {string} owner
 * @param {string} kind
 */
function named(things, name, owner, kind) {
  if (!Object.hasOwn(things, name)) throw new Error(`${owner} has no ${kind} '${name}': there are ${Object.keys(things).join(', ')}`);
  return things[name];
}

/** The emulator refused a request; the message says why, and what to do. */
export class EmulatorError extends Error {
  /**
   * @param {string} method
   * @param {string} path
   * @param {number} status
   * @param {any} problem the reply: RFC 9457, or text
   */
  constructor(method, path, status, problem) {
    const fix = problem.fix ? ` (${problem.fix})` : '';
    super(`${method} ${path}: ${problem.detail || status}${fix}`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * A test with a world of its own, which is deleted after it. What it called is told if it fails:
 *
 *   test('waits for the quota', inWorld({ providers: ['acme'] }, async (world) => { ... }));
 *
 * @param {WorldOptions} options
 * @param {(world: World) => unknown} test
 */
export function inWorld(options, test, emulator = new Emulator()) {
  return async () => {
    const world = await emulator.world(options);
    try {
      await test(world);
    } catch (error) {
      if (error instanceof Error) error.message += `\n\nemulator: world ${world.id}\n${await world.explained()}`;
      throw error;
    } finally {
      await world.delete();
    }
  };
}
