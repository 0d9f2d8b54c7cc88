// Snippets: a call as a line for a shell, and as a few lines of Python or JavaScript.

export const LANGUAGES = [["curl", "curl"], ["python", "Python"], ["javascript", "JavaScript"]];

/** *call* has method, url, headers (pairs) and body (a text or null). */
export function snippet(language, call) {
  return { curl, python, javascript }[language](call);
}

function curl({ method, url, headers, body }) {
  // curl's own choice is GET, and POST with a body; with -X HEAD it waits for one.
  const usual = method === (body === null ? "GET" : "POST");
  const how = method === "HEAD" ? " --head" : usual ? "" : ` -X ${method}`;
  const lines = [`curl -i${how}${/[[\]{}]/.test(url) ? " --globoff" : ""} ${shell(url)}`];
  for (const [name, value] of headers) lines.push(`-H ${shell(value ? `${name}: ${value}` : `${name};`)}`);
  if (body !== null) lines.push(`--data-raw ${shell(body)}`);
  return lines.join(" \\\n  ");
}

function shell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function python({ method, url, headers, body }) {
  const lines = ["import requests", "", `reply = requests.request(`, `    ${literal(method)},`, `    ${literal(url)},`];
  if (headers.length) {
    lines.push("    headers={");
    for (const [name, value] of headers) lines.push(`        ${literal(name)}: ${literal(value)},`);
    lines.push("    },");
  }
  if (body !== null) lines.push(`    data=${literal(body)}.encode(),`);
  return [...lines, "    timeout=30,", ")", "print(reply.status_code, reply.text)", ""].join("\n");
}

function javascript({ method, url, headers, body }) {
  const lines = [`const reply = await fetch(${literal(url)}, {`, `  method: ${literal(method)},`];
  if (headers.length) {
    lines.push("  headers: {");
    for (const [name, value] of headers) lines.push(`    ${literal(name)}: ${literal(value)},`);
    lines.push("  },");
  }
  if (body !== null) lines.push(`  body: ${literal(body)},`);
  return [...lines, "});", "console.log(reply.status, await reply.text());", ""].join("\n");
}

/** A text as both languages write it: as it is, but for what cannot be seen. */
function literal(text) {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
