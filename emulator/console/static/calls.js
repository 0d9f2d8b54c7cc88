// Calls: an example of an operation, with a credential put where it belongs.

import { get, path } from "./api.js";

/** A valid call of an operation, made from the records that the world has now. */
export function exampleOf(world, provider, operation) {
  return get(path`/worlds/${world}/examples/${provider}/${operation}`);
}

/** *call* as it is sent to *base* with *credential*, which may be null. */
export function addressOf(base, call, credential) {
  const headers = [...call.headers, ...Object.entries(credential?.headers ?? {})];
  const cookies = Object.entries(credential?.cookies ?? {}).map(([name, value]) => `${name}=${value}`);
  if (cookies.length) headers.push(["Cookie", cookies.join("; ")]);
  const query = [...call.query, ...Object.entries(credential?.query ?? {})]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  return {
    method: call.method,
    url: `${base}${call.path}${query && `${call.path.includes("?") ? "&" : "?"}${query}`}`,
    headers,
    body: withMembers(call.body, headers, credential?.body),
  };
}

/** A body with the members that prove who calls, where they stand there. */
function withMembers(body, headers, members) {
  if (!members || !Object.keys(members).length) return body;
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (type.includes("form")) return new URLSearchParams([...new URLSearchParams(body ?? ""), ...Object.entries(members)]).toString();
  if (!type) headers.push(["Content-Type", "application/json"]);
  try {
    return JSON.stringify({ ...JSON.parse(body ?? "{}"), ...members });
  } catch {
    return body;
  }
}
