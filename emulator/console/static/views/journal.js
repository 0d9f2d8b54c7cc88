// Journal: every exchange, as it comes, and one of them explained.

import { get, path, send } from "../api.js";
import { badge, button, dangerButton, download, empty, field, fill, h, report, select } from "../dom.js";
import { cut, plural, statusKind, timeOf } from "../format.js";
import { outcome } from "../rows.js";
import { link, state } from "../state.js";
import { showExchange } from "./exchange.js";

const PAGE = 100;
/** How many are read at once where their lines are searched here. */
const LOOKED_AT = 1000;

export async function showJournal(context) {
  if (context.more[0]) return showExchange(context, context.more[0]);
  const { root, world, live, onLeave } = context;
  const filters = { provider: "", status: "", text: "" };
  const table = h("div", { class: "scroll" });
  const pager = h("div", { class: "actions" });
  const count = h("span", { class: "quiet" });
  let older = null; // a page of the past; null: the latest ones, live

  const matches = (entry) =>
    (!filters.provider || entry.provider === filters.provider)
    && (!filters.status || String(entry.reply.status).startsWith(filters.status))
    && (!filters.text || entry.line.toLowerCase().includes(filters.text));

  function draw() {
    const from = older ?? live.entries;
    const shown = from.filter(matches).slice(-PAGE).reverse();
    const { written = 0, dropped = 0 } = state.world?.journal ?? {};
    fill(count, `${written} written${dropped ? `, the first ${dropped} dropped` : ""}`);
    fill(table, shown.length ? tableOf(world, shown) : nothing(world, older, from.length));
    const last = shown.at(-1) ?? from[0];
    fill(pager,
      older && h("button", { type: "button", onclick: () => { older = null; draw(); } }, "Back to the latest"),
      last && last.id > dropped + 1 && button(shown.length ? "Older" : "Look further back", () => load(last.id)));
  }

  /** Show calls before that of an id: the next page that has any that match. */
  async function load(before) {
    const query = new URLSearchParams({ limit: filters.text ? LOOKED_AT : PAGE, brief: true });
    if (filters.provider) query.set("provider", filters.provider);
    if (filters.status) query.set("status", `${filters.status}xx`);
    let found;
    do {
      query.set("before", before);
      found = await get(`${path`/worlds/${world}/journal`}?${query}`);
      before = found[0]?.id;
    } while (before > 1 && !found.some(matches));
    older = found;
    draw();
    table.scrollIntoView({ block: "start" });
  }

  const change = (name) => (value) => { filters[name] = value; older = null; draw(); };
  const search = h("input", { type: "search", placeholder: "path, operation, credential …", oninput: () => change("text")(search.value.trim().toLowerCase()) });
  fill(root,
    h("div", { class: "heading" }, h("h1", null, "Journal"), count),
    h("div", { class: "filters" },
      field("Search", search),
      field("Provider", select([["", "all"], ...Object.keys(state.world.providers)], "", change("provider"))),
      field("Status", select([["", "all"], ["2", "2xx"], ["3", "3xx"], ["4", "4xx"], ["5", "5xx"]], "", change("status"))),
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: () => har(world).catch(report) }, "Download HAR"),
        dangerButton("Clear", "Really clear?", async () => {
          await send("DELETE", path`/worlds/${world}/journal`);
          live.clear();
          older = null;
          draw();
        }))),
    table, pager);
  draw();
  onLeave(live.watch(() => { if (!older) draw(); }));
}

async function har(world) {
  const found = await get(path`/worlds/${world}/journal/har`);
  download(`${world}.har`, JSON.stringify(found, null, 2), "application/json");
}

function tableOf(world, entries) {
  return h("table", { class: "journal" },
    h("thead", null, h("tr", null, ["#", "Time", "Call", "Status", "Operation", "Credential", "Why"].map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", null, entries.map((entry) => h("tr", null,
      h("td", { class: "quiet nowrap" }, entry.id),
      h("td", { class: "quiet nowrap" }, timeOf(entry.at)),
      h("td", { class: "path" }, h("a", { href: link(world, "journal", entry.id) }, h("b", null, entry.request.method), " ", cut(entry.request.path, 80))),
      h("td", null, h("span", { class: `status ${statusKind(entry.reply.status)}` }, entry.reply.status)),
      h("td", null, h("span", { class: "quiet" }, cut(entry.provider, 30)), " ", entry.operation ?? "—"),
      h("td", null, entry.credential === null ? "—" : badge(cut(entry.credential, 30))),
      h("td", null, outcome(entry))))));
}

function nothing(world, older, count) {
  if (older) return empty("No earlier call matches.", "Change the search or the filters.");
  if (count) return empty(`None of the latest ${plural(count, "call")} matches.`, "Change the search or the filters.");
  return empty("No call yet.",
    h("span", null, "Copy a line from ", h("a", { href: link(world, "providers") }, "Providers"), " and run it: it appears here at once."));
}
