// Situations: scenarios with one button each, and what is to go wrong with which calls.

import { get, path, send } from "../api.js";
import { badge, button, empty, field, fill, h, problemBox, prose, report, say, select } from "../dom.js";
import { cut, ordinal, plural, words } from "../format.js";
import { chosenProvider, operationField, operationOptions, providerTabs } from "../rows.js";
import { link, loadWorld, provider, state, watch } from "../state.js";
import { resetButton } from "./world.js";

export async function showSituations({ root, world, more, live, onLeave }) {
  const name = chosenProvider(more[0]);
  if (!name) return fill(root, h("h1", null, "Situations"), empty("This world has no provider."));
  const [about, scenarios] = await Promise.all([provider(name), get(path`/worlds/${world}/scenarios/${name}`)]);
  const rules = h("div", { class: "rules" });
  const loadRules = async () => drawRules(rules, world, name, await get(`${path`/worlds/${world}/faults`}?provider=${encodeURIComponent(name)}`), loadRules);
  fill(root,
    h("h1", null, "Situations"), providerTabs(world, "situations", name),
    scenariosCard({ world, name, about, scenarios, live, onLeave, loadRules }),
    h("section", { class: "card", id: "go-wrong" },
      h("h2", null, "Go wrong on purpose"),
      h("p", { class: "quiet" }, "Choose calls and what becomes of them. The reply has the same bytes as when it happens by itself."),
      await ruleForm(world, name, about, loadRules),
      h("h3", null, "Rules in force"), rules));
  await loadRules();
  let due = null;
  onLeave(live.watch((came) => {
    if (!came.length) return;
    clearTimeout(due);
    due = setTimeout(() => loadRules().catch(report), 150);
  }));
  onLeave(() => clearTimeout(due));
}

function scenariosCard({ world, name, scenarios, live, onLeave, loadRules }) {
  const applied = () => new Set(state.world.scenarios);
  const items = scenarios.map((scenario) => {
    const id = `${name}/${scenario.name}`;
    const mark = h("span", null);
    const actions = h("div", { class: "copies" });
    const item = h("li", { class: "scenario", "data-scenario": scenario.name },
      h("div", { class: "who" }, h("b", null, words(scenario.name)), " ", mark, h("p", null, prose(scenario.says))), actions);
    // One key for both: the keyboard stays on the button that takes the other's place.
    const key = { "data-key": scenario.name };
    const apply = button("Apply", async () => {
      await send("POST", path`/worlds/${world}/scenarios/${name}/${scenario.name}`);
      await changed(`${words(scenario.name)}: it holds from the next call on.`);
    }, { class: "primary small", ...key, "aria-label": `Apply ${words(scenario.name)}` });
    const clear = button("Clear", async () => {
      await send("DELETE", path`/worlds/${world}/scenarios/${name}/${scenario.name}`);
      await changed(scenario.arranges
        ? "Its rules are gone. What it changed in records, quotas or the clock stays until the world is reset."
        : "Its rules are gone.");
    }, { class: "small", ...key, "aria-label": `Clear ${words(scenario.name)}` });
    const draw = () => {
      const on = applied().has(id);
      item.classList.toggle("on", on);
      fill(mark, on ? badge(scenario.faults ? "in force" : "applied", "warn") : null);
      fill(actions, on ? clear : apply);
    };
    return { item, draw };
  });
  async function changed(text) {
    await loadWorld(world);
    await loadRules();
    say(text);
  }
  const next = h("div", { class: "next", hidden: true });
  const draw = () => {
    items.forEach((one) => one.draw());
    const mine = state.world.scenarios.filter((id) => id.startsWith(`${name}/`));
    next.hidden = !mine.length;
    fill(next, h("strong", null, "What to do next: "), "make a call with your client, or ",
      h("a", { href: link(world, "call", name) }, "from here"), ", and look at ", h("a", { href: link(world, "journal") }, "the journal"),
      ". To go on in time, move ", h("a", { href: link(world, "clock") }, "the clock"), ".",
      state.world.clock.frozen && " The clock is frozen: what lasts for a while lasts until you move it.");
  };
  draw();
  onLeave(watch(draw));
  return h("section", { class: "card" }, h("div", { class: "heading" }, h("h2", null, "Scenarios"),
    resetButton(world, live, { class: "small" }, loadRules)),
    h("p", { class: "quiet" }, "A whole situation under a name. For anything else: ",
      h("a", { href: "#go-wrong", onclick: (event) => { event.preventDefault(); document.getElementById("go-wrong").scrollIntoView(); document.querySelector("#go-wrong select").focus(); } }, "go wrong on purpose"), "."), next,
    items.length ? h("ul", { class: "rows" }, items.map((one) => one.item)) : empty("This provider has no scenario.", "Write one in its scenarios.yaml, or use the form below."));
}

const KINDS = [
  ["status", "answer with a status"], ["refuse", "refuse as"], ["delay=2s", "be late by 2 s"], ["delay=10s", "be late by 10 s"],
  ["reset", "reset the connection"], ["empty", "close the connection without a byte"], ["truncate=0.5", "break off half-way"],
  ["malformed", "send a malformed body"], ["gateway=502", "a gateway's page, 502"], ["drop=Retry-After", "leave out Retry-After"],
  ["other", "another fault …"],
];
const WHICH = [["every", "every call"], ["nth", "only the call number …"], ["first", "the first … calls"], ["from", "from the call number … on"], ["for", "for some time"]];

/** The form that makes a sentence and a rule of it. */
async function ruleForm(world, name, about, loadRules) {
  const credentials = await get(path`/worlds/${world}/credentials/${name}`);
  const sentence = h("p", { class: "sentence", "aria-live": "polite" });
  const problem = h("div", null);
  const { choice: operation, element: operationChoice } = operationField("Operation", [["", "any operation"], ...operationOptions(about.routes)], "", draw);
  const who = select([["", "anybody"], ...credentials.map((one) => one.name)], "", draw);
  const which = select(WHICH, "nth", draw);
  const number = h("input", { type: "number", min: "1", max: "1000000", value: "3", oninput: draw });
  const duration = h("input", { type: "text", value: "10m", size: "6", oninput: draw });
  const kind = select(KINDS, "status", draw);
  const status = h("input", { type: "number", min: "400", max: "599", value: "503", oninput: draw });
  const code = h("select", { onchange: draw });
  const other = h("input", { type: "text", value: "delay=1s-3s", oninput: draw, spellcheck: "false" });
  const parts = {
    number: field("Number", number), duration: field("For", duration, "30s, 10m, 1h"), status: field("Status", status),
    code: field("Refusal", code), other: field("Fault", other, "delay=200ms~0.5, dribble=5s, truncate=3items, type=text/html, repeat=Content-Type …"),
  };
  let forOperation = null;

  function drawCodes() {
    if (forOperation === operation.value) return;
    forOperation = operation.value;
    const calls = about.routes.filter((call) => !operation.value || call.operation === operation.value);
    const codes = [...new Set(calls.flatMap((call) => call.refusals))].sort();
    const before = code.value;
    fill(code, codes.map((one) => h("option", { value: one, selected: one === before }, words(one))));
  }

  function draw() {
    drawCodes();
    parts.number.hidden = !["nth", "first", "from"].includes(which.value);
    parts.duration.hidden = which.value !== "for";
    parts.status.hidden = kind.value !== "status";
    parts.code.hidden = kind.value !== "refuse";
    parts.other.hidden = kind.value !== "other";
    fill(sentence, sentenceOf(rule()));
    fill(problem);
  }

  function rule() {
    const calls = { nth: number.value, first: `1-${number.value}`, from: `${number.value}-` }[which.value];
    return {
      provider: name,
      ...(operation.value && { operation: operation.value }),
      ...(who.value && { credential: who.value }),
      ...(calls && { calls: which.value === "nth" ? Number(calls) : calls }),
      ...(which.value === "for" && { for: duration.value }),
      ...(kind.value === "status" ? { status: Number(status.value) }
        : kind.value === "refuse" ? { refuse: code.value }
          : { fault: kind.value === "other" ? other.value : kind.value }),
    };
  }

  const add = button("Add the rule", async () => {
    try {
      await send("POST", path`/worlds/${world}/faults`, rule());
    } catch (error) {
      return fill(problem, problemBox(error));
    }
    fill(problem);
    await loadRules();
    await loadWorld(world);
  }, { class: "primary" });
  draw();
  return h("form", { class: "grid", onsubmit: (event) => { event.preventDefault(); add.click(); } },
    operationChoice, field("Called by", who), field("Which calls", which), parts.number, parts.duration,
    field("What happens", kind), parts.status, parts.code, parts.other,
    h("div", { class: "wide" }, sentence, problem, h("div", { class: "actions" }, add)));
}

/** A rule, as it is sent or listed, in a sentence. */
export function sentenceOf(rule) {
  const operations = rule.operations ?? (rule.operation ? [rule.operation] : null);
  const what = operations ? cut(operations.join(" or "), 60) : "call";
  const who = rule.credential ? ` of ${rule.credential}` : "";
  const calls = rule.calls === undefined || rule.calls === null ? "" : String(rule.calls);
  const [from, to] = calls.split("-");
  let subject = `Every ${what}${who}`;
  let then = "";
  if (/^\d+$/.test(calls)) { subject = `The ${ordinal(Number(calls))} ${what}${who}`; then = ", then all is well"; }
  else if (/^1-\d+$/.test(calls)) { subject = to === "1" ? `The first ${what}${who}` : `Each of the first ${to} calls of ${operations ? what : "any operation"}${who}`; then = ", then all is well"; }
  else if (/^\d+-$/.test(calls)) subject = `Every ${what}${who} from the ${ordinal(Number(from))} on`;
  else if (calls) subject = `The ${what}${who} (calls ${calls})`;
  const faults = [rule.fault, ...(rule.faults ?? [])].filter(Boolean);
  const becomes = rule.refuse ? `is refused: ${words(rule.refuse)}`
    : rule.status ? `answers ${rule.status}` : faults.map(faultText).join(" and ");
  const chance = rule.probability !== undefined && rule.probability < 1 ? `, with a chance of ${rule.probability * 100} %` : "";
  const span = rule.for ? ` for ${rule.for}` : rule.until ? ` until ${rule.until}` : "";
  return `${subject} ${becomes}${span}${chance}${then}.`;
}

function faultText(fault) {
  const [kind, value] = fault.split("=");
  const texts = {
    delay: `is late by ${value}`, dribble: `trickles in over ${value}`, reset: "has its connection reset",
    empty: "has its connection closed without a byte", truncate: "breaks off early", malformed: "has a malformed body",
    garbage: "gets bytes that are not HTTP", gateway: `gets a gateway's page, ${value}`, drop: `lacks ${value}`,
    repeat: `has ${value} twice`, type: `says its type is ${value}`, status: `answers ${value}`, "retry-after": "has Retry-After as a date",
  };
  return texts[kind] ?? fault;
}

const SHOWN = 100;

function drawRules(element, world, name, rules, reload) {
  if (!rules.length) return fill(element, empty("No rule: every call is answered as the provider would."));
  const listed = rules.slice(-SHOWN).reverse();
  fill(element,
    h("ul", { class: "rows" }, listed.map((rule) => h("li", { class: rule.state === "over" ? "over" : "" },
      h("div", { class: "who" }, h("p", null, sentenceOf(rule)),
        h("p", { class: "quiet" }, h("b", null, `struck ${rule.struck}`), `, ${plural(rule.counted, "call")} seen`,
          rule.state === "over" ? ", over" : "", rule.source === "the admin API" ? "" : `, from ${cut(rule.source, 60)}`)),
      h("div", { class: "copies" }, button("Remove", async () => {
        await send("DELETE", path`/worlds/${world}/faults/${rule.id}`);
        await reload();
      }, { class: "small", "data-key": rule.id, "aria-label": `Remove: ${sentenceOf(rule)}` }))))),
    rules.length > SHOWN && h("p", { class: "quiet" }, `The latest ${SHOWN} of ${rules.length}.`));
}
