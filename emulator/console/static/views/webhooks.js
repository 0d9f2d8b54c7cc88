// Webhooks: who is told of what, and what was sent to them.

import { get, path, send } from "../api.js";
import { badge, button, copyButton, dangerButton, empty, field, fill, h, problemBox, report, say, select } from "../dom.js";
import { cut, plural, pretty, read } from "../format.js";
import { providerTabs, chosenProvider } from "../rows.js";
import { provider } from "../state.js";

const SHOWN = 50;
const KIND = { delivered: "good", pending: "calm", failed: "bad" };

export async function showWebhooks({ root, world, more, live, onLeave }) {
  const name = chosenProvider(more[0]);
  const head = [h("h1", null, "Webhooks"), name && providerTabs(world, "webhooks", name)];
  if (!name || !(await provider(name)).webhooks) {
    return fill(root, head, empty("This provider sends no webhooks.", ...(head[1] ? ["Another one may: choose it above."] : [])));
  }
  const at = path`/worlds/${world}/webhooks/${name}`;
  const subscriptions = h("div", null);
  const deliveries = h("div", null);
  const secret = h("div", null);
  let state = "";

  async function load() {
    const found = await get(`${at}${state && `?state=${state}`}`);
    drawSubscriptions(found.subscriptions);
    drawDeliveries(found.deliveries);
    return found;
  }

  function drawSubscriptions(found) {
    fill(subscriptions, found.length ? h("ul", { class: "rows" }, found.map((one) => h("li", null,
      h("div", { class: "who" }, h("code", null, cut(one.url, 200)),
        h("p", { class: "quiet" }, one.events?.length ? one.events.join(", ") : "all events", one.secret ? ", signed" : "")),
      h("div", { class: "copies" },
        button("New secret", async () => {
          const made = await send("POST", `${at}${path`/subscriptions/${one.id}/rotate`}`, {});
          tellSecret(made.secret);
          await load();
        }, { class: "small", "aria-label": `New secret for ${cut(one.url, 80)}` }),
        dangerButton("Remove", "Really?", async () => {
          await send("DELETE", `${at}?subscription=${encodeURIComponent(one.id)}`);
          await load();
        }, { class: "small", "data-key": one.id })))))
      : empty("Nobody has subscribed.", "Add an address that listens on this machine, such as http://127.0.0.1:9000/hooks."));
  }

  function drawDeliveries(found) {
    const open = new Set([...deliveries.querySelectorAll("details[open]")].map((one) => one.dataset.id));
    const shown = found.slice(-SHOWN).reverse();
    fill(deliveries, shown.length ? h("ul", { class: "rows" }, shown.map((one) => h("li", null,
      h("details", { "data-id": one.id, open: open.has(one.id), class: "who" },
        h("summary", { "data-key": one.id }, badge(one.state, KIND[one.state] ?? ""), " ", h("b", null, one.event), " ",
          h("span", { class: "quiet" }, plural(one.attempts.length, "attempt"), one.next_at ? `, next ${one.next_at}` : "")),
        h("ol", null, one.attempts.slice(-20).map((attempt) => h("li", { class: "quiet" }, `${attempt.at}: ${attempt.status ?? cut(attempt.error ?? "no answer", 200)}`))),
        Object.keys(one.headers).length > 0 && h("pre", { tabindex: "0", "aria-label": "Headers" }, Object.entries(one.headers).map(([key, value]) => `${key}: ${cut(value, 300)}\n`)),
        h("pre", { tabindex: "0", "aria-label": "Body" }, pretty(read(one.body)))),
      h("div", { class: "copies" },
        button("Send again", async () => { await send("POST", `${at}${path`/${one.id}/redeliver`}`); await load(); }, { class: "small", "data-key": `again ${one.id}` }),
        button("Duplicate", async () => { await send("POST", `${at}${path`/${one.id}/duplicate`}`); await load(); }, { class: "small", "data-key": `twice ${one.id}` })))))
      : empty("Nothing was sent.", "Make a call that changes something, such as a create, then look here."));
  }

  const problem = h("div", null);
  const url = h("input", { type: "url", placeholder: "http://127.0.0.1:9000/hooks", spellcheck: "false" });
  const found = await get(at);
  const event = select([["", "all events"], ...found.events], "");
  const tellSecret = (text) => fill(secret, h("p", { class: "next" }, "Deliveries are signed with this secret, which is not shown again: ",
    h("code", { class: "wrap" }, text), " ", copyButton("Copy", () => text)));
  const bring = select(["", ...found.events].map((one) => [one, one || "an event …"]), "", null, { "aria-label": "Event" });
  const add = async () => {
    try {
      const made = await send("POST", at, { url: url.value.trim(), ...(event.value && { events: [event.value] }) });
      fill(problem);
      url.value = "";
      if (made.secret) tellSecret(made.secret);
      await load();
    } catch (error) {
      fill(problem, problemBox(error));
    }
  };
  fill(root, head,
    h("section", { class: "card" }, h("h2", null, "Subscriptions"), subscriptions, secret,
      h("form", { class: "grid", onsubmit: (submitted) => { submitted.preventDefault(); add(); } },
        field("Address", url), field("Events", event), h("div", { class: "wide" }, problem, h("div", { class: "actions" }, h("button", { class: "primary" }, "Subscribe"))))),
    h("section", { class: "card" }, h("div", { class: "heading" }, h("h2", null, "Deliveries"),
      h("div", { class: "actions" }, select([["", "all"], "pending", "delivered", "failed"], "", (value) => { state = value; load().catch(report); }, { "aria-label": "State" }),
        button("Refresh", load, { class: "small" }))), deliveries,
      found.events.length > 0 && h("div", { class: "actions" }, h("span", { class: "quiet" }, "Calls tell of events by themselves. Or send"), bring,
        button("Send now", async () => {
          if (!bring.value) return bring.focus();
          const sent = await send("POST", `${at}${path`/events/${bring.value}`}`, {});
          say(sent.deliveries.length ? `Sent to ${plural(sent.deliveries.length, "subscriber")}.` : "Nobody has subscribed to it.");
          await load();
        }, { class: "small" }))));
  await load();
  onLeave(live.watch((came) => { if (came.length) setTimeout(() => load().catch(report), 300); }));
}
