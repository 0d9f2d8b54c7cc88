// Stubs: replies in place of a provider's.

import { get, path, send } from "../api.js";
import { badge, button, dangerButton, empty, field, fill, h, problemBox, report } from "../dom.js";
import { cut, plural, statusKind } from "../format.js";
import { state } from "../state.js";

const SHOWN = 100;

export async function showStubs({ root, world, live, onLeave }) {
  const at = path`/worlds/${world}/stubs`;
  const list = h("div", null);
  const problem = h("div", null);
  const removeAll = dangerButton("Remove all", "Really all?", async () => { await send("DELETE", at); await load(); }, { class: "small" });
  const first = Object.keys(state.world.providers)[0] ?? "provider";
  const text = h("textarea", { spellcheck: "false", rows: "11", value: JSON.stringify({
    method: "GET", path: `/${first}/...`, times: 1, reply: { status: 200, json: { hello: "world" } },
  }, null, 2) });

  async function load() {
    const found = await get(at);
    const shown = found.slice(-SHOWN).reverse();
    removeAll.hidden = !shown.length;
    fill(list, shown.length ? h("ul", { class: "rows" }, shown.map((stub) => h("li", { class: stub.state === "over" ? "over" : "" },
      h("div", { class: "who" }, h("span", { class: `status ${statusKind(stub.status)}` }, stub.status), " ", h("code", null, `${stub.method} ${cut(`${stub.provider ? `/${stub.provider}` : stub.host ?? ""}${stub.path}`, 120)}`),
        h("p", { class: "quiet" }, `answered ${plural(stub.met, "call")}`, stub.times ? ` of ${stub.times}` : "", " ", stub.state === "over" && badge("over"))),
      h("div", { class: "copies" }, button("Remove", async () => { await send("DELETE", `${at}${path`/${stub.id}`}`); await load(); }, { class: "small", "data-key": stub.id, "aria-label": `Remove: ${stub.method} ${cut(stub.path, 60)}` })))))
      : empty("No stub.", "A stub answers calls before the provider is asked: for what no spec says, or a host that no provider has."));
  }

  const add = async () => {
    try {
      await send("POST", at, JSON.parse(text.value));
      fill(problem);
      await load();
    } catch (error) {
      fill(problem, problemBox(error instanceof SyntaxError ? { title: "This is not JSON", detail: error.message } : error));
    }
  };
  fill(root, h("h1", null, "Stubs"),
    h("section", { class: "card" }, h("div", { class: "heading" }, h("h2", null, "In this world"),
      removeAll), list),
    h("section", { class: "card" }, h("h2", null, "Add a stub"),
      field("The stub, as JSON", text, "path begins with a provider and may have {name} for any segment; reply has status, headers, json or text, fault."), problem,
      h("div", { class: "actions" }, button("Add", add, { class: "primary" }))));
  await load();
  onLeave(live.watch((came) => { if (came.length) load().catch(report); }));
}
