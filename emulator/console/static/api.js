// API: asks the admin API, with its token, and knows nothing of the page.
//
// All addresses are relative to the page, so that they hold behind a prefix.

const ROOT = new URL("./", location.href.split("#")[0]);
const KEPT = "emulator-admin-token";

/** An error of the admin API (RFC 9457): title, detail, fix, errors. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? `the emulator answered ${status}`);
    Object.assign(this, { status, title: body.title ?? "error", detail: this.message, fix: body.fix, errors: body.errors });
  }
}

let askForToken = async () => "";
let asking = null;
let token = sessionStorage.getItem(KEPT) ?? "";

/** *ask* is called when a token is needed; it gives a promise of what the user types. */
export function whenTokenIsNeeded(ask) {
  askForToken = ask;
}

/** Keep the token that the address has, as in the line that a server prints: #token=... */
export function takeToken() {
  const given = location.hash.match(/^#token=(.+)$/);
  if (!given) return;
  token = given[1];
  sessionStorage.setItem(KEPT, token);
  history.replaceState(null, "", ROOT);
}

/** path`/worlds/${id}/clock`, with what is put in encoded. */
export function path(parts, ...values) {
  return parts.reduce((made, part, number) => made + segment(values[number - 1]) + part);
}

function segment(value) {
  const text = String(value);
  // A browser takes these for steps in the folders of an address, even when encoded.
  if (text === "" || text === "." || text === "..") {
    throw new Problem(400, {
      title: "no address", detail: `a browser cannot call an address with ${JSON.stringify(text)} in it`,
      fix: "use the command line for this one",
    });
  }
  return encodeURIComponent(text);
}

/** What the admin API answers to a GET, read as JSON. */
export function get(target, options) {
  return send("GET", target, undefined, options);
}

/** The JSON that the admin API answers; null where there is no body. */
export async function send(method, target, body, { type = "application/json", signal, raw = false, headers = {} } = {}) {
  const reply = await ask(method, target, {
    signal, body: body === undefined ? undefined : type === "application/json" ? JSON.stringify(body) : body,
    headers: { ...headers, ...(body !== undefined && { "Content-Type": type }) },
  });
  if (raw) return reply;
  const text = await reply.text();
  if (!(reply.headers.get("Content-Type") ?? "").includes("json")) return text || null;
  return text ? JSON.parse(text) : null;
}

async function ask(method, target, { headers, ...rest }) {
  for (;;) {
    const used = token;
    const authorization = used ? { Authorization: `Bearer ${used}` } : {};
    const reply = await reach(new URL(target.slice(1), ROOT), {
      method, headers: { ...headers, ...authorization }, cache: "no-store", credentials: "omit", redirect: "error", ...rest,
    });
    if (reply.status !== 401) return checked(reply);
    const problem = await problemOf(reply);
    if (used === token) await renewToken(problem, used !== "");
  }
}

/** Ask the user once, however many requests lack the token. */
async function renewToken(problem, wasWrong) {
  asking ??= askForToken(wasWrong).finally(() => { asking = null; });
  const given = await asking;
  if (!given) throw problem;
  token = given;
  sessionStorage.setItem(KEPT, given);
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, {
      title: "no connection", detail: "the emulator cannot be reached", fix: "check that it still runs; the page goes on when it does",
    });
  }
}

async function checked(reply) {
  if (reply.ok) return reply;
  throw await problemOf(reply);
}

async function problemOf(reply) {
  const text = await reply.text();
  try {
    return new Problem(reply.status, JSON.parse(text));
  } catch {
    return new Problem(reply.status, { detail: text.slice(0, 300) || `status ${reply.status}` });
  }
}

/** Call *onEvent* with the data of each server-sent event, until the stream ends. */
export async function stream(target, lastId, { onEvent, onOpen, signal }) {
  const headers = lastId === null ? {} : { "Last-Event-ID": String(lastId) };
  const reply = await ask("GET", target, { headers: { ...headers, Accept: "text/event-stream" }, signal });
  onOpen();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      if (data.length) onEvent(JSON.parse(data.join("\n")));
    }
  }
}
