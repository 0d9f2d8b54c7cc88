// Call: a request put together here, filled with what works, and sent in a client's place.

import { get, path, send } from "../api.js";
import { addressOf, exampleOf } from "../calls.js";
import { badge, copyButton, empty, field, fill, h, isolated, problemBox, report, select } from "../dom.js";
import { cut, pretty, read, statusKind } from "../format.js";
import { chosenProvider, operationField, operationOptions, providerTabs } from "../rows.js";
import { LANGUAGES, snippet } from "../snippets.js";
import { link, provider, state } from "../state.js";

export async function showCall({ root, world, more }) {
  const name = chosenProvider(more[0]);
  if (!name) return fill(root, h("h1", null, "Call"), empty("This world has no provider."));
  const [about, credentials] = await Promise.all([provider(name), get(path`/worlds/${world}/credentials/${name}`)]);
  if (!about.routes.length) return fill(root, h("h1", null, "Call"), providerTabs(world, "call", name), empty("This provider has no operation."));
  const known = about.routes.some((call) => call.operation === more[1]);
  const { choice: operation, element: operationChoice } = operationField("Operation", operationOptions(about.routes),
    known ? more[1] : about.start ?? about.routes[0].operation, () => load().catch(report));
  const credential = select([["", "none"], ...credentials.map((one) => [one.name, `${one.name} (${one.state})`])], "");
  const method = h("input", { type: "text", size: "7", spellcheck: "false" });
  const target = h("input", { type: "text", spellcheck: "false" });
  const headers = h("textarea", { class: "short", spellcheck: "false", rows: "3" });
  const body = h("textarea", { spellcheck: "false", rows: "8" });
  const summary = h("p", { class: "quiet" });
  const result = h("div", { class: "view", "aria-live": "polite" });

  async function load() {
    const chosen = operation.value;
    const call = await exampleOf(world, name, chosen);
    if (chosen !== operation.value) return; // another one is chosen by now
    const { url } = addressOf("", call, null);
    fill(summary, about.routes.find((one) => one.operation === chosen)?.summary ?? "");
    method.value = call.method;
    target.value = url;
    headers.value = call.headers.map(([key, value]) => `${key}: ${value}`).join("\n");
    body.value = call.body ?? "";
    credential.value = call.credential ?? "";
    fill(result);
  }

  function made() {
    const lines = headers.value.split("\n").filter((line) => line.trim());
    return {
      method: method.value.trim().toUpperCase(), path: target.value.trim(),
      headers: lines.map((line) => [line.split(":")[0].trim(), line.slice(line.indexOf(":") + 1).trim()]),
      body: body.value === "" ? null : body.value, credential: credential.value || null,
    };
  }

  async function submit() {
    fill(result);
    try {
      draw(await send("POST", path`/worlds/${world}/calls/${name}`, made()));
    } catch (error) {
      fill(result, problemBox(error));
    }
  }

  function draw(reply) {
    fill(result, h("section", { class: "card", id: "reply" },
      h("div", { class: "heading" },
        h("h2", null, "Reply ", h("span", { class: `status ${statusKind(reply.status)}` }, reply.status)),
        reply.exchange !== null && h("a", { href: link(world, "journal", reply.exchange) }, "Why? See the journal")),
      reply.faults.length > 0 && h("p", null, badge(cut(reply.faults.join(", "), 80), "bad"), " A client on the network would have met this."),
      h("pre", { class: "head", tabindex: "0", "aria-label": "Headers" }, reply.headers.map(([key, value]) => `${key}: ${cut(value, 500)}\n`)),
      reply.base64 !== null ? h("p", { class: "quiet" }, `A body of ${Math.floor(reply.base64.length * 3 / 4)} bytes that is no text.`)
        : reply.body ? h("pre", { tabindex: "0", "aria-label": "Body" }, isolated(pretty(read(reply.body)))) : h("p", { class: "quiet" }, "No body.")));
    result.scrollIntoView({ block: "nearest" });
  }

  const asSnippet = (language) => {
    const { path: where, ...call } = made();
    const chosen = credentials.find((one) => one.name === call.credential) ?? null;
    return snippet(language, addressOf(state.world.providers[name].base_url, { ...call, path: where, query: [] }, chosen));
  };
  fill(root, h("h1", null, "Call"), providerTabs(world, "call", name),
    h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); submit(); } },
      operationChoice, summary,
      h("div", { class: "request" }, field("Method", method), field("Path", target), field("Credential", credential)),
      field("Headers", headers, "One in a line. X-Emulator-Refuse: rate_limited forces a refusal."),
      field("Body", body),
      h("div", { class: "actions" }, h("button", { class: "primary" }, "Send"),
        LANGUAGES.map(([language, title]) => copyButton(`Copy as ${title}`, () => asSnippet(language), { class: "" })))),
    result);
  await load();
}
