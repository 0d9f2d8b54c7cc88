// Shows a provider's document, and sends each call of the page with a credential of the world.
"use strict";

const provider = document.body.dataset.provider;
const baseUrl = document.body.dataset.baseUrl;
const own = new URL("..", location.href).href; // .../_emulator/
const TOKEN = "emulator-admin-token"; // in the session's storage, where the console has it too
const find = (id) => document.getElementById(id);
let credentials = {};

function token() {
  return sessionStorage.getItem(TOKEN) || "";
}

async function ask(path) {
  const headers = token() ? { Authorization: `Bearer ${token()}` } : {};
  const reply = await fetch(own + path, { headers });
  if (reply.status === 401) {
    find("ask").hidden = false;
    throw new Error("this server wants its admin token, which it printed at its start");
  }
  const value = await reply.json();
  if (!reply.ok) throw new Error(value.detail || value.title || reply.statusText);
  return value;
}

function tell(message) {
  find("trouble").textContent = message;
  find("trouble").hidden = !message;
}

function options(select, names, chosen) {
  select.replaceChildren(
    ...names.map((name) => {
      const option = document.createElement("option");
      option.value = option.textContent = name;
      option.selected = name === chosen;
      return option;
    }),
  );
}

async function loadCredentials() {
  const world = find("world").value;
  const listed = await ask(
    `worlds/${encodeURIComponent(world)}/credentials/${encodeURIComponent(provider)}`,
  );
  credentials = Object.fromEntries(
    Object.values(listed.credentials || listed).map((each) => [each.name, each]),
  );
  const names = Object.keys(credentials);
  const kept = find("credential").value;
  options(find("credential"), [...names, "(none)"], names.includes(kept) ? kept : names[0]);
  describe();
}

function describe() {
  const chosen = credentials[find("credential").value];
  find("about").textContent = chosen
    ? [chosen.state, chosen.about].filter(Boolean).join(": ")
    : "calls are sent without a credential, or with what you authorize below";
}

function has(headers, name) {
  return Object.keys(headers).some((each) => each.toLowerCase() === name.toLowerCase());
}

// What the page asks of itself is left alone; calls of the provider get the credential.
function withCredential(request) {
  if (!request.url.startsWith(baseUrl)) return request;
  request.headers = request.headers || {};
  const world = find("world").value;
  if (world && world !== "default") request.headers["X-Emulator-World"] = world;
  const chosen = credentials[find("credential").value];
  if (!chosen) return request;
  for (const [name, value] of Object.entries(chosen.headers || {})) {
    if (!has(request.headers, name)) request.headers[name] = value;
  }
  if (chosen.query) {
    const url = new URL(request.url);
    for (const [name, value] of Object.entries(chosen.query)) {
      if (!url.searchParams.has(name)) url.searchParams.set(name, value);
    }
    request.url = url.href;
  }
  for (const [name, value] of Object.entries(chosen.cookies || {})) {
    document.cookie = `${name}=${value}; path=/; SameSite=Strict`;
  }
  return request;
}

async function show() {
  tell("");
  const { worlds } = await ask("worlds");
  const wanted = new URLSearchParams(location.search).get("world") || "default";
  options(find("world"), worlds.map((world) => world.id), wanted);
  await loadCredentials();
  const spec = await ask(`providers/${encodeURIComponent(provider)}/openapi.json`);
  find("ask").hidden = true;
  if (new URL(baseUrl).origin !== location.origin) {
    tell(
      `${new URL(baseUrl).origin} is another origin than this page:` +
        " a browser shows its replies only where the provider allows it (CORS)",
    );
  }
  SwaggerUIBundle({
    spec,
    domNode: find("document"),
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    validatorUrl: null,
    requestInterceptor: withCredential,
    presets: [SwaggerUIBundle.presets.apis],
  });
}

const started = () => show().catch((error) => tell(error.message));

find("world").addEventListener("change", () => {
  loadCredentials().catch((error) => tell(error.message));
});
find("credential").addEventListener("change", describe);
find("choose").addEventListener("submit", (event) => event.preventDefault());
find("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, find("token").value.trim());
  find("token").value = "";
  started();
});
started();
