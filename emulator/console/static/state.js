// State: what all views share: the worlds, the providers, and which of them is looked at.

import { get, path } from "./api.js";

/** What the page knows. Views read it; only the functions here change it. */
export const state = {
  version: "",
  /** The list's summary of each world, by its id. */
  worlds: [],
  /** The summary of the world that is looked at; null where there is none of that id. */
  world: null,
  worldReadAt: 0,
};

const listeners = new Set();

/** Call *listener* whenever a world's summary is read anew; gives what ends that. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function loadWorlds() {
  state.worlds = (await get("/worlds")).worlds;
}

/** Read the summary of the world that is looked at. */
export async function loadWorld(id) {
  const world = await get(path`/worlds/${id}`);
  if (place().world !== id) return world; // another one is looked at by now
  state.world = world;
  state.worldReadAt = performance.now();
  listeners.forEach((listener) => listener(world));
  return world;
}

/** What the world's clock shows by now, in seconds since 1970. */
export function worldNow() {
  const { at, frozen } = state.world.clock;
  return frozen ? at : at + (performance.now() - state.worldReadAt) / 1000;
}

const providers = new Map();

/** A provider with its operations and collections, remembered. */
export async function provider(name) {
  if (!providers.has(name)) providers.set(name, get(path`/providers/${name}`));
  try {
    return await providers.get(name);
  } catch (error) {
    providers.delete(name);
    throw error;
  }
}

/** The place in the address: #/world/view/more/... */
export function place() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  return { world: parts[0] || "default", view: parts[1] || "providers", more: parts.slice(2) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a view: link("default", "journal", 7). */
export function link(...parts) {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}
