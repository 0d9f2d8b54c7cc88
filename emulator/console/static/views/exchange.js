// Exchange: one call, why it was answered so, and what can be done with it.

import { get, path, send } from "../api.js";
import { badge, button, copyButton, download, empty, fill, h, isolated, prose, report, say } from "../dom.js";
import { cut, place, pretty, statusKind, words } from "../format.js";
import { outcome } from "../rows.js";
import { link, loadWorlds } from "../state.js";

export async function showExchange({ root, world, onLeave }, id) {
  const entry = await get(path`/worlds/${world}/journal/${id}`);
  const status = entry.reply.status;
  const said = h("div", null);
  fill(root,
    h("p", { class: "crumbs" }, h("a", { href: link(world, "journal") }, "Journal"), " / ", entry.id),
    h("div", { class: "heading" },
      h("h1", { class: "wrap call-title", title: cut(entry.request.path, 2000) },
        h("span", { class: `status ${statusKind(status)}` }, status), " ", cut(entry.request.method, 20), " ", cut(entry.request.path, 90)),
      outcome(entry)),
    h("p", { class: "quiet" }, when(entry),
      entry.operation ? h("span", null, "Operation ", h("b", null, `${entry.provider}/${entry.operation}`)) : "No operation of the provider.",
      entry.credential !== null && h("span", null, ", called by ", h("b", null, cut(entry.credential, 40)))),
    actions(world, entry),
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", null, "Why"), steps(entry), said),
      h("div", null,
        h("section", { class: "card" }, h("h2", null, "Request"), message(`${entry.request.method} ${entry.request.url}`, entry.request.headers, entry.request.body)),
        h("section", { class: "card" }, h("h2", null, "Reply"), message(String(status), entry.reply.headers, entry.reply.body)))),
    entry.operation && explainCard(entry, said));
  const step = (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { "[": entry.id - 1, "]": entry.id + 1 }[event.key];
    if (to > 0) location.hash = link(world, "journal", to).slice(1);
  };
  document.addEventListener("keydown", step);
  onLeave(() => document.removeEventListener("keydown", step));
}

/** The instant by the world's clock, and by this machine's where that showed another second. */
function when({ at, real }) {
  return at.slice(0, 19) === real.slice(0, 19) ? `${at}. ` : `${at} in the world, ${real} here. `;
}

function actions(world, entry) {
  const of = (action) => `${path`/worlds/${world}/journal/${entry.id}`}/${action}`;
  return h("div", { class: "actions" },
    button("Replay this call", async () => {
      const made = await send("POST", of("replay"));
      say(`Answered ${made.status}.`);
      if (made.exchange !== null) location.hash = link(world, "journal", made.exchange).slice(1);
    }, { class: "primary" }),
    copyButton("Copy as curl", () => get(of("curl")), { class: "" }),
    copyButton("Copy recipe", () => recipe(world, entry.id), { class: "", title: "A shell script that brings the world about again, up to this call" }),
    button("Save as test", async () => {
      const text = await get(of("test"));
      download(`test_${(entry.operation ?? "call").replace(/\W/g, "_").toLowerCase()}_${entry.reply.status}.py`, text, "text/x-python");
      say("Saved. Run it with: pytest FILE");
    }, { title: "A pytest file that brings the situation about and makes the call" }),
    fork(world, "Fork before this call", { before: entry.id }, `right before call ${entry.id}`),
    fork(world, "Fork after it", { at: entry.id }, `right after call ${entry.id}`));
}

/** A shell script; with all secrets where the world began as something that has some. */
async function recipe(world, until) {
  const at = `${path`/worlds/${world}/journal/recipe`}?until=${until}`;
  try {
    return await get(at);
  } catch (error) {
    if (error.title !== "secrets in it") throw error;
    const text = await get(`${at}&secrets=all`);
    say("It holds secrets that were in the world when it began.", "bad");
    return text;
  }
}

function fork(world, label, at, when) {
  return button(label, async () => {
    const made = await send("POST", path`/worlds/${world}/fork`, at);
    await loadWorlds();
    say(`The world ${made.id} is ${world} as it was ${when}.`);
    location.hash = link(made.id, "providers").slice(1);
  }, { title: `A new world, as this one was ${when}; it is brought about again, call by call` });
}

function steps(entry) {
  if (!entry.steps.length) return empty("Nothing was decided: a stub answered, or no operation has this address.");
  return h("ol", { class: "steps" }, entry.steps.map((step) => {
    const refused = step.step === entry.refused_by;
    return h("li", { class: refused ? "refused" : "" },
      h("span", { class: "mark", "aria-hidden": "true" }, refused ? "✗" : "✓"),
      h("div", null, h("b", null, words(step.step)), refused && h("span", { class: "hidden" }, " refused"), h("p", null, prose(cut(step.decision, 600)))));
  }));
}

function message(head, headers, body) {
  return h("div", null,
    h("pre", { class: "head", tabindex: "0", "aria-label": "Head" }, cut(head, 2000), headers.map(([name, value]) => `\n${name}: ${cut(value, 500)}`)),
    body === null || body === undefined ? h("p", { class: "quiet" }, "No body.") : h("pre", { class: "body", tabindex: "0", "aria-label": "Body" }, isolated(pretty(body))));
}

/** What the provider's files say of the operation, loaded when it is opened. */
function explainCard(entry, said) {
  const inside = h("div", null, h("p", { class: "quiet" }, "Loading …"));
  let asked = false;
  function load() {
    if (asked) return;
    asked = true;
    get(path`/providers/${entry.provider}/operations/${entry.operation}`).then(
      (found) => { fill(said, refusalOf(found, entry)); fill(inside, explained(found, entry)); },
      (error) => { fill(inside, h("p", null, error.detail ?? "")); report(error); });
  }
  if (entry.refusal) load();
  return h("details", { class: "card", ontoggle: (event) => event.target.open && load() }, h("summary", null, h("h2", null, `What the files say of ${entry.operation}`)), inside);
}

/** What the files say of the refusal, beside the step that refused. */
function refusalOf(found, entry) {
  return found.refusals.filter((one) => one.code === entry.refusal).map((one) =>
    h("p", { class: "next" }, h("b", null, words(one.code)), ` answers ${one.status}`, one.message && `: “${cut(one.message, 300)}”`,
      h("br"), h("span", { class: "quiet" }, one.evidence === "assumed" ? "Assumed" : `By the source “${one.evidence}”`, ", written in ", h("span", { title: one.at }, place(one.at)))));
}

function explained(found, entry) {
  return h("div", null,
    found.summary && h("p", null, found.summary),
    found.steps.map((step) => h("section", { class: step.step === entry.refused_by ? "part refused" : "part" },
      h("h3", null, words(step.step), " ", h("span", { class: "quiet" }, step.question)),
      step.rules.map((rule) => h("div", null,
        h("p", { class: "quiet", title: rule.at }, place(rule.at), " ", badge(rule.evidence)),
        h("pre", { tabindex: "0", "aria-label": `Lines of ${rule.at}` }, rule.lines.map((line) => `${String(line.number).padStart(4)}  ${line.text}\n`)))))));
}
