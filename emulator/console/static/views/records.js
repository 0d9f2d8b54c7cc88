// Records: what the world holds, to be looked through and changed behind the provider's back.

import { get, path, send } from "../api.js";
import { button, dangerButton, empty, field, fill, h, problemBox, report, say } from "../dom.js";
import { cut } from "../format.js";
import { chosenProvider, providerTabs, tabs } from "../rows.js";
import { link, provider } from "../state.js";

const PAGE = 50;
const COLUMNS = 5;

export async function showRecords({ root, world, more, onLeave }) {
  const name = chosenProvider(more[0]);
  if (!name) return fill(root, h("h1", null, "Records"), empty("This world has no provider."));
  const { collections } = await provider(name);
  const collection = collections.find((one) => one.name === more[1]) ?? collections[0];
  const head = [h("h1", null, "Records"), providerTabs(world, "records", name)];
  if (!collection) return fill(root, head, empty("This provider has no records."));
  if (more.length > 2) return showRecord({ root, world, name, collection, key: more[2], head });
  const body = h("div", { class: "view" });
  const search = h("input", { type: "search", placeholder: "any text of a record" });
  let offset = 0;
  let due = null;
  /** Ends the question before, whose answer nobody waits for any more. */
  let asked = new AbortController();
  search.addEventListener("input", () => { clearTimeout(due); due = setTimeout(() => { offset = 0; load().catch(report); }, 250); });
  onLeave(() => { clearTimeout(due); asked.abort(); });

  async function load() {
    asked.abort();
    const { signal } = asked = new AbortController();
    const query = new URLSearchParams({ limit: PAGE, offset });
    if (search.value.trim()) query.set("contains", search.value.trim());
    const reply = await send("GET", `${path`/worlds/${world}/records/${name}/${collection.name}`}?${query}`, undefined, { raw: true, signal });
    const total = Number(reply.headers.get("X-Emulator-Records"));
    draw(await reply.json(), total);
  }

  function draw(records, total) {
    const turn = (by) => () => { offset = Math.max(0, offset + by); load().catch(report); };
    fill(body,
      records.length ? h("div", { class: "scroll" }, tableOf(records)) : empty("No record here.", search.value ? "Nothing contains that text." : "Add one, or have a client create it."),
      h("div", { class: "actions" },
        h("span", { class: "quiet" }, total ? `${offset + 1} to ${offset + records.length} of ${total}` : ""),
        total > PAGE && h("button", { type: "button", disabled: offset === 0, onclick: turn(-PAGE) }, "Previous"),
        total > PAGE && h("button", { type: "button", disabled: offset + records.length >= total, onclick: turn(PAGE) }, "Next")));
  }

  function tableOf(records) {
    const names = [...new Set(records.slice(0, 10).flatMap((record) => Object.keys(record)))]
      .filter((field) => field !== collection.key && records.some((record) => record[field] !== null && typeof record[field] !== "object"))
      .slice(0, COLUMNS);
    return h("table", null,
      h("thead", null, h("tr", null, [collection.key, ...names].map((title) => h("th", { scope: "col" }, cut(title, 40))))),
      h("tbody", null, records.map((record) => h("tr", null,
        h("td", null, h("a", { href: link(world, "records", name, collection.name, record[collection.key]) }, cut(String(record[collection.key]), 60))),
        names.map((field) => h("td", { class: "cell", dir: "auto" }, shown(record[field])))))));
  }

  fill(root, head,
    tabs("Collection", collections.map((one) => one.name), collection.name, (each) => link(world, "records", name, each)),
    h("div", { class: "filters records" }, field("Search", search),
      h("div", { class: "actions" }, h("a", { class: "button", href: link(world, "records", name, collection.name, "", "new") }, "Add a record"))),
    body);
  await load();
}

function shown(value) {
  if (value === null || value === undefined) return h("span", { class: "quiet" }, "—");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return h("span", { title: text.length > 30 ? cut(text, 600) : null }, cut(text, 80));
}

async function showRecord({ root, world, name, collection, key, head }) {
  const isNew = key === "";
  const at = (id) => path`/worlds/${world}/records/${name}/${collection.name}/${id}`;
  const record = isNew ? await draft(world, name, collection) : await get(at(key));
  const text = h("textarea", { class: "tall", spellcheck: "false", value: JSON.stringify(record, null, 2) });
  const problem = h("div", null);
  const back = link(world, "records", name, collection.name);

  async function save() {
    let wanted;
    try {
      wanted = JSON.parse(text.value);
    } catch (error) {
      return fill(problem, problemBox({ title: "This is not JSON", detail: error.message }));
    }
    const id = wanted?.[collection.key];
    if (id === undefined || id === null || id === "") {
      return fill(problem, problemBox({ title: "No key", detail: `the record needs its key, ${collection.key}` }));
    }
    try {
      const stored = await send("PUT", at(isNew ? id : key), wanted);
      fill(problem);
      text.value = JSON.stringify(stored, null, 2);
      say("Saved.");
      if (isNew) location.hash = link(world, "records", name, collection.name, id).slice(1);
    } catch (error) {
      fill(problem, problemBox(error));
    }
  }

  text.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save().catch(report); }
  });
  fill(root, head,
    h("p", { class: "crumbs" }, h("a", { href: back }, collection.name), " / ", isNew ? "new" : cut(String(key), 60)),
    h("section", { class: "card" },
      h("p", { class: "quiet" }, "The provider is not asked: what you save is there at once, and no webhook tells of it. Ctrl+S saves."),
      field(isNew ? "The new record, as JSON" : "The record, as JSON", text), problem,
      h("div", { class: "actions" },
        button("Save", save, { class: "primary" }),
        !isNew && dangerButton("Delete", "Really delete?", async () => {
          await send("DELETE", at(key));
          say("Deleted.");
          location.hash = back.slice(1);
        }))));
}

/** A new record like the first there is, under a key that is free. */
async function draft(world, name, collection) {
  const [first] = await get(`${path`/worlds/${world}/records/${name}/${collection.name}`}?limit=1`);
  if (!first) return { [collection.key]: "" };
  const old = first[collection.key];
  return { ...first, [collection.key]: typeof old === "number" ? Math.max(900_000, old) + Math.floor(performance.now()) % 90_000 : `${old}-copy` };
}
