// World: worlds made, forked, reset, deleted, taken and restored.

import { path, send } from "../api.js";
import { badge, button, dangerButton, download, empty, field, fill, h, problemBox, say, select } from "../dom.js";
import { cut, plural } from "../format.js";
import { link, loadWorld, loadWorlds, state, watch } from "../state.js";

const SHOWN = 50;
/** More worlds than that can be searched. */
const FEW = 10;
const SNAPSHOT = "application/vnd.emulator.snapshot+json";

export async function showWorldView({ root, world, live, onLeave }) {
  await loadWorlds();
  const about = h("div", null);
  const draw = () => fill(about, facts(state.world));
  draw();
  onLeave(watch(draw));
  fill(root, h("h1", { class: "wrap" }, "World ", world),
    h("section", { class: "card" }, about, actions(world, live)), makeCard(), listCard(world));
}

function facts(world) {
  const rows = [
    ["Providers", Object.keys(world.providers).join(", ")], ["Seed", String(world.rng_seed)],
    ["Scenarios", world.scenarios.length ? world.scenarios.join(", ") : "none"],
    ["Fault rules", String(world.faults)], ["Records changed", String(world.records_changed)],
    ["Journal", `${world.journal.written} written, ${world.journal.kept} kept`],
  ];
  return h("div", null,
    h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, cut(value, 400))))),
    world.alarms.length > 0 && h("div", { class: "problem" }, h("strong", null, "Alarms: calls that could not be answered as the provider would"),
      h("ul", null, world.alarms.slice(-20).map((alarm) => h("li", null, badge(alarm.kind, "bad"), " ", cut(Object.values(alarm).filter((part) => part !== alarm.kind).join(" "), 400))))));
}

function actions(world, live) {
  const file = h("input", { type: "file", accept: ".json,application/json", class: "aside", tabindex: "-1", "aria-label": "Snapshot" });
  const problem = h("div", null);
  file.addEventListener("change", async () => {
    try {
      await send("PUT", path`/worlds/${world}/snapshot`, await file.files[0].text(), { type: SNAPSHOT });
      fill(problem);
      await loadWorld(world);
      say("Restored.");
    } catch (error) {
      fill(problem, problemBox(error));
    }
    file.value = "";
  });
  return h("div", null, h("div", { class: "actions" },
    button("Fork", () => made(send("POST", path`/worlds/${world}/fork`, {})), { class: "primary" }),
    button("Download snapshot", async () => {
      const reply = await send("GET", path`/worlds/${world}/snapshot`, undefined, { raw: true });
      download(`${world}.snapshot.json`, await reply.text(), SNAPSHOT);
    }),
    button("Restore snapshot …", () => file.click()), file,
    resetButton(world, live),
    world !== "default" && dangerButton("Delete", "Really delete?", async () => {
      await send("DELETE", path`/worlds/${world}`);
      location.hash = link("default", "world").slice(1);
    })), problem);
}

/** A button after which the world begins again; *then*: what else is to be read anew. */
export function resetButton(world, live, attributes, then = () => {}) {
  return dangerButton("Reset", "Really reset?", async () => {
    await send("POST", path`/worlds/${world}/reset`);
    await live.reload();
    await loadWorld(world);
    await then();
    say("The world begins again: records, quotas, clock, rules and journal.");
  }, { title: "Records, quotas, clock, rules and journal begin again", ...attributes });
}

/** Go to the world that is made. */
async function made(request) {
  const { id } = await request;
  await loadWorlds();
  say(`The world ${id} is there.`);
  location.hash = link(id, "providers").slice(1);
}

function makeCard() {
  const id = h("input", { type: "text", placeholder: "generated", spellcheck: "false" });
  const seed = h("input", { type: "text", placeholder: "the server's" });
  const clock = select([["", "running"], ["frozen", "frozen now"], ["frozen 2026-03-02T10:00:00Z", "frozen at 2026-03-02 10:00"]], "");
  const problem = h("div", null);
  return h("form", { class: "card", onsubmit: async (event) => {
    event.preventDefault();
    const named = id.value.trim();
    const number = /^-?\d+$/.test(seed.value.trim()) ? Number(seed.value) : seed.value.trim();
    try {
      await made(send("POST", "/worlds", {
        ...(named && { id: named }), ...(seed.value.trim() && { rng_seed: number }), ...(clock.value && { clock: clock.value }),
      }, { headers: named ? { "X-Emulator-World": named } : {} })); // a proxy that spreads worlds reads no body
    } catch (error) {
      fill(problem, problemBox(error));
    }
  } }, h("h2", null, "Create a world"),
  h("p", { class: "quiet" }, "A world has its own records, quotas, clock, journal and credentials. Calls find it by the credential that they carry."),
  h("div", { class: "grid three" }, field("Id", id), field("Seed", seed), field("Clock", clock)), problem,
  h("div", { class: "actions" }, h("button", { class: "primary" }, "Create")));
}

function listCard(world) {
  const others = state.worlds.filter((one) => one.id !== world);
  if (!others.length) return h("section", { class: "card" }, h("h2", null, "Other worlds"), empty("There is no other world."));
  const search = h("input", { type: "search", placeholder: "part of an id", spellcheck: "false" });
  const rows = h("ul", { class: "rows" });
  const left = h("p", { class: "quiet" });
  const draw = () => {
    const fitting = others.filter((one) => one.id.includes(search.value.trim()));
    fill(rows, fitting.slice(-SHOWN).reverse().map((one) => h("li", null, h("div", { class: "who" },
      h("a", { href: link(one.id, "world") }, one.id),
      h("span", { class: "quiet" }, ` ${plural(one.journal.written, "call")}`, one.clock.frozen ? ", frozen" : "", one.scenarios.length ? `, ${cut(one.scenarios.join(", "), 80)}` : "")))));
    fill(left, fitting.length > SHOWN ? `The latest ${SHOWN} of ${fitting.length}.` : fitting.length ? "" : "No id contains that.");
  };
  search.addEventListener("input", draw);
  draw();
  return h("section", { class: "card" }, h("h2", null, "Other worlds"), others.length > FEW && field("Search", search), rows, left);
}
