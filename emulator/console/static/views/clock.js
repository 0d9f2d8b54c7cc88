// Clock: the world's time, moved by hand, and what falls due.

import { get, path, send } from "../api.js";
import { badge, button, empty, field, fill, h, problemBox, report, say } from "../dom.js";
import { clockText, cut, spanText, words } from "../format.js";
import { loadWorld, state, watch, worldNow } from "../state.js";

const YEAR = 365 * 86_400;
const SHOWN = 100;
const KINDS = { window_reset: "Quota comes back", lock_end: "Lockout ends", expiry: "Expires", webhook: "Webhook is sent",
  fault_start: "Fault begins", fault_end: "Fault ends", completion: "Completes", move: "Moves on" };

export async function showClockView({ root, world, live, onLeave }) {
  const now = h("p", { class: "big" });
  const mode = h("p", null);
  const freeze = h("span", { class: "actions" });
  const pending = h("div", { class: "view" });
  const problem = h("div", null);
  const target = h("input", { type: "text", spellcheck: "false", placeholder: "2026-12-24T10:00:00Z" });
  const by = h("input", { type: "text", spellcheck: "false", value: "90s" });
  let events = null;
  let all = false;

  async function move(body, what) {
    try {
      const made = await send("PATCH", path`/worlds/${world}/clock`, body);
      fill(problem);
      say(made.event ? `${what}: ${eventText(made.event)}.` : what);
    } catch (error) {
      fill(problem, problemBox(error));
    }
    await load();
  }

  async function load() {
    const [found] = await Promise.all([get(path`/worlds/${world}/clock`), loadWorld(world)]);
    events = found;
    drawEvents();
  }

  function draw() {
    const { frozen } = state.world.clock;
    fill(mode, frozen ? badge("frozen", "cold") : badge("running", "good"), " ",
      h("span", { class: "quiet" }, frozen ? "Time stands still until you move it or resume." : "Time passes as it does here. Freeze it to decide yourself when something expires."));
    fill(freeze, frozen
      ? button("Resume", () => move({ resume: true }, "The clock runs."), { class: "primary", "data-key": "mode" })
      : button("Freeze", () => move({ freeze: true }, "The clock stands still."), { class: "primary", "data-key": "mode" }));
    tick();
  }

  function tick() {
    if (state.world) fill(now, h("time", null, clockText(worldNow())));
  }

  function drawEvents() {
    const at = worldNow();
    const timed = events.events.map((event) => ({ ...event, left: Date.parse(event.at) / 1000 - at }));
    const near = timed.filter((event) => event.left < YEAR);
    const shown = (all ? timed : near).slice(0, SHOWN);
    const hidden = events.events.length + events.more_events - shown.length;
    fill(pending,
      shown.length ? h("ul", { class: "rows" }, shown.map((event) => h("li", null,
        h("div", { class: "who" }, h("b", null, eventText(event)), h("p", { class: "quiet" }, event.at)),
        h("span", { class: "quiet nowrap" }, event.left < 1 ? "now" : `in ${spanText(event.left)}`))))
        : empty("Nothing is pending in the coming year.", "Quotas that come back, tokens that expire, webhooks and records that change by themselves are listed here."),
      hidden > 0 && !all && h("p", null, h("button", { type: "button", class: "small", onclick: () => { all = true; drawEvents(); } }, `Show ${hidden} further away`)));
  }

  fill(root, h("h1", null, "Clock"),
    h("section", { class: "card" }, now, mode,
      h("div", { class: "actions" }, freeze,
        [["+1 s", "1s"], ["+1 min", "1m"], ["+1 h", "1h"], ["+1 day", "1d"]].map(([title, text]) =>
          button(title, () => move({ advance: text }, `${title} later.`), { "data-advance": text })),
        button("To the next event", () => move({ next: true }, "Moved"))),
      problem,
      h("div", { class: "grid" },
        h("form", { class: "go", onsubmit: (event) => { event.preventDefault(); move({ advance: by.value.trim() }, "Moved."); } },
          field("Move on by", by, "90s, 5m, 2h, 1d"), h("button", null, "Move")),
        h("form", { class: "go", onsubmit: (event) => { event.preventDefault(); move({ set: target.value.trim() }, "Set."); } },
          field("Set to", target, "As UTC. After the first call a clock goes forward only."), h("button", null, "Set")))),
    h("section", { class: "card" }, h("h2", null, "Pending"), pending));
  draw();
  await load();
  onLeave(watch(draw));
  onLeave(live.watch((came) => { if (came.length) load().catch(report); }));
  const timer = setInterval(tick, 500);
  onLeave(() => clearInterval(timer));
}

function eventText(event) {
  return cut(`${KINDS[event.kind] ?? words(event.kind)}: ${event.provider} ${event.what}`, 120);
}
