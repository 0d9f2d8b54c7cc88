// Rows: what several views show alike: an exchange in a line, a choice of providers.

import { badge, field, fill, h, select } from "./dom.js";
import { cut, statusKind, timeOf } from "./format.js";
import { link, state } from "./state.js";

/** What became of an exchange besides its status. */
export function outcome(entry) {
  if (entry.refusal) return badge(entry.refusal, "warn");
  if (entry.stubbed) return badge(`stub ${entry.stubbed}`, "calm");
  if (entry.faults.length) return badge(cut(entry.faults.join(", "), 40), "bad");
  return null;
}

/** An exchange in two short lines, as a link to its page. */
export function callRow(world, entry) {
  return h("a", { class: "call", href: link(world, "journal", entry.id) },
    h("span", { class: `status ${statusKind(entry.reply.status)}` }, entry.reply.status),
    h("span", { class: "what" }, h("b", null, entry.request.method), " ", cut(entry.request.path, 60)),
    h("span", { class: "quiet" }, timeOf(entry.at), " ", entry.provider),
    outcome(entry));
}

/** Which provider of the world a view is about: that of the address, or the first. */
export function chosenProvider(wanted) {
  const names = Object.keys(state.world.providers);
  return names.includes(wanted) ? wanted : names[0];
}

/** More than so many stand in a list. */
const MANY = 8;

/** Links to the same view of each provider. */
export function providerTabs(world, view, current) {
  const names = Object.keys(state.world.providers);
  return names.length < 2 ? null : tabs("Provider", names, current, (name) => link(world, view, name));
}

/** More operations than that can be searched. */
const FEW = 30;

/** A choice of an operation, as *options* of a select, below a search where there are many. */
export function operationField(title, options, value, onchange) {
  const choice = select(options, value, onchange);
  if (options.length <= FEW) return { choice, element: field(title, choice) };
  const left = h("p", { class: "hint", role: "status" });
  const search = h("input", {
    type: "search", spellcheck: "false", placeholder: `part of one of ${options.length} names or paths`, "aria-label": `Search: ${title}`,
    onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); choice.focus(); } },
    oninput: () => {
      const before = choice.value;
      const wanted = search.value.trim().toLowerCase();
      const fitting = options.filter((option) => String(option).toLowerCase().includes(wanted));
      fill(left, wanted && (fitting.length ? `${fitting.length} of ${options.length}` : "No operation has that in its name or path."));
      if (!fitting.length) return;
      fill(choice, fitting.map(([key, text]) => h("option", { value: key, selected: key === before }, text)));
      if (choice.value !== before) onchange(choice.value);
    },
  });
  const element = field(title, choice);
  choice.before(search);
  element.append(left);
  return { choice, element };
}

/** What operations are called in a choice, with the method and the path of each. */
export function operationOptions(routes) {
  return routes.map((call) => [call.operation, `${call.operation}  ${call.method} ${call.path}`]);
}

/** Links to choose one of *names*; of many, a list to choose from. */
export function tabs(title, names, current, linkOf) {
  if (names.length > MANY) {
    const id = title.toLowerCase();
    return h("div", { class: "field inline" }, h("label", { for: id }, title),
      select(names, current, (name) => { location.hash = linkOf(name).slice(1); }, { id }));
  }
  return h("nav", { class: "tabs", "aria-label": `${title}s` }, names.map((name) =>
    h("a", { href: linkOf(name), "aria-current": name === current ? "true" : null }, name)));
}
