// Live: the journal of a world, followed as calls come in.

import { get, path, stream } from "./api.js";
import { cut } from "./format.js";

const KEPT = 500;
const FIRST = 200;
const AGAIN = [500, 1000, 2000, 5000];

/** The latest exchanges of one world, newest last; reconnects when the stream breaks. */
export class Live {
  entries = [];
  connected = false;
  /** It was connected before, and is not. */
  lost = false;
  #world;
  #listeners = new Set();
  #end = new AbortController();
  #waiting = [];

  constructor(world) {
    this.#world = world;
    this.#follow();
  }

  /** Call *listener* with the exchanges that have come; gives what ends that. */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop() {
    this.#end.abort();
    this.#listeners.clear();
  }

  /** The journal was emptied: by us, or with the world. */
  clear() {
    this.entries = [];
    this.#tell([]);
  }

  /** Read the journal again: the world was reset or restored. */
  async reload() {
    const first = await get(`${path`/worlds/${this.#world}/journal`}?brief=true&limit=${FIRST}`, { signal: this.#end.signal });
    this.entries = first.map(small);
    this.#tell(first);
  }

  async #follow() {
    for (let failed = 0; !this.#end.signal.aborted; failed += 1) {
      try {
        await this.reload();
        await stream(`${path`/worlds/${this.#world}/journal/events`}?brief=true`, this.entries.at(-1)?.id ?? 0, {
          signal: this.#end.signal,
          onEvent: (entry) => this.#take(entry),
          onOpen: () => { failed = 0; this.#setConnected(true); },
        });
      } catch (error) {
        if (error.name === "AbortError" || error.status === 404) return;
      }
      this.#setConnected(false);
      await new Promise((done) => setTimeout(done, AGAIN[Math.min(failed, AGAIN.length - 1)]));
    }
  }

  /** Many calls in a moment are shown at once. */
  #take(entry) {
    if (!this.#waiting.length) setTimeout(() => this.#show(), 60);
    this.#waiting.push(small(entry));
    if (this.#waiting.length > 2 * KEPT) this.#waiting.splice(0, KEPT);
  }

  #show() {
    const came = this.#waiting;
    this.#waiting = [];
    // The numbers begin again where the world was reset.
    if (came[0].id <= (this.entries.at(-1)?.id ?? 0)) this.entries = [];
    this.entries = [...this.entries, ...came].slice(-KEPT);
    this.#tell(came);
  }

  #setConnected(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.lost = !connected;
    this.#tell([]);
  }

  #tell(came) {
    this.#listeners.forEach((listener) => listener(came));
  }
}

/** What a list shows of an exchange: of a path of a megabyte, its beginning. */
function small(entry) {
  const { request: { method, path: whole }, line, ...rest } = entry;
  return { ...rest, request: { method, path: cut(whole, 300) }, line: cut(line, 1000) };
}
