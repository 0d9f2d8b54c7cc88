// Shortcuts: what single keys do, and the dialog that lists them.

import { h } from "./dom.js";
import { link } from "./state.js";
import { VIEWS } from "./views.js";

const OTHERS = [["/", "search in this view"], ["?", "this list"], ["Esc", "close, or leave the search"]];

let dialog = null;

function show() {
  if (dialog?.open) return dialog.close();
  const keys = [...VIEWS.filter((view) => view.key).map((view) => [view.key, `go to ${view.title}`]), ...OTHERS];
  dialog = h("dialog", { "aria-labelledby": "shortcuts-title" },
    h("h2", { id: "shortcuts-title" }, "Keyboard shortcuts"),
    h("dl", { class: "keys" }, keys.map(([key, what]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, what)))),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function listen(world) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target.matches?.("input[type=search]") && !event.target.value) document.getElementById("main").focus();
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") { event.preventDefault(); return show(); }
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    const view = VIEWS.find((one) => one.key === event.key);
    if (view) location.hash = link(world(), view.name).slice(1);
  });
}

export const shortcuts = { show, listen };
