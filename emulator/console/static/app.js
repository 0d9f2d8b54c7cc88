// App: the frame of the page: which world, which view, and the calls as they come.

import { get, takeToken, whenTokenIsNeeded } from "./api.js";
import { askForToken } from "./token.js";
import { badge, fill, forgetErrors, h, mountToasts, report, select } from "./dom.js";
import { clockText, cut, plural } from "./format.js";
import { Live } from "./live.js";
import { shortcuts } from "./shortcuts.js";
import { link, loadWorld, loadWorlds, place, state, watch, worldNow } from "./state.js";
import { callRow } from "./rows.js";
import { VIEWS } from "./views.js";

const REFRESH = 3000;
const IN_PANEL = 12;

const main = h("main", { id: "main", tabindex: "-1" });
const nav = h("nav", { class: "views", "aria-label": "Views" });
const picker = h("span", { class: "picker" });
const clock = h("a", { class: "clock" });
const alarms = h("a", { class: "alarms", hidden: true });
const lost = h("p", { class: "lost", role: "alert", hidden: true });
const panel = h("aside", { class: "live", "aria-label": "Live calls" });

let live = null;
let leave = () => {};
let shown = { world: "", view: "", key: "" };
/** The view could not be had, since nobody answered. */
let unanswered = false;
/** Counts what was asked to be shown: only the latest is. */
let turn = 0;

async function start() {
  document.body.append(
    h("a", { class: "skip", href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, "Skip to the view"),
    h("header", null,
      h("a", { class: "brand", href: link("default", "providers") }, "emulator"),
      picker, clock, alarms,
      h("button", { type: "button", class: "plain help", "aria-label": "Keyboard shortcuts", onclick: shortcuts.show }, "?"),
      lost),
    nav, main, panel);
  mountToasts();
  whenTokenIsNeeded(askForToken);
  takeToken();
  shortcuts.listen(() => state.world?.id ?? "default");
  window.addEventListener("hashchange", () => { takeToken(); show().catch(report); });
  watch(showWorld);
  setInterval(showClock, 500);
  setInterval(refresh, REFRESH);
  await show();
  state.version = (await get("/version")).version;
}

/** Show what the address names. */
async function show() {
  const mine = ++turn;
  unanswered = false;
  const { world, view, more } = place();
  if (world !== shown.world && !await enter(world, () => mine === turn)) return;
  const chosen = VIEWS.find((one) => one.name === view) ?? VIEWS[0];
  const key = JSON.stringify([world, view, more]);
  if (key === shown.key) return;
  leave();
  forgetErrors();
  shown = { world, view, key };
  drawNav(chosen.name);
  document.body.dataset.view = chosen.name;
  document.title = `${chosen.title} · ${world} · emulator`;
  const root = h("div", { class: "view" });
  main.replaceChildren(root);
  scrollTo(0, 0);
  // Whoever came by keyboard goes on in the view.
  if (turn > 1 && document.activeElement === document.body) main.focus({ preventScroll: true });
  const cleanups = [];
  leave = () => cleanups.splice(0).forEach((cleanup) => cleanup());
  const context = { root, world, more, live, onLeave: (cleanup) => cleanups.push(cleanup), refresh };
  try {
    await chosen.show(context);
  } catch (error) {
    unanswered = error.status === 0;
    if (shown.key === key) fill(root, h("h1", null, chosen.title), failure(error, more.length ? chosen : null));
  }
}

function showAgain() {
  shown.key = "";
  show().catch(report);
}

/** What stands in the place of a view that cannot be shown; *above*: the view that has more. */
function failure(error, above = null) {
  const again = (text) => h("button", { type: "button", onclick: showAgain }, text);
  if (!error.status && error.name !== "Error") console.warn(error);
  if (error.status === 401) {
    return h("div", { class: "empty", role: "alert" }, h("strong", null, "The emulator asks for its admin token"),
      h("p", null, "It is printed where the emulator was started."), h("p", null, again("Enter the token")));
  }
  return h("div", { class: "empty", role: "alert" }, h("strong", null, error.title ?? "This cannot be shown"),
    h("p", null, error.detail ?? error.message), error.fix && h("p", null, error.fix),
    h("p", null, error.status === 404
      ? above && h("a", { href: link(place().world, above.name) }, `Back to ${above.title}`)
      : again("Try again")));
}

/** Look at another world: whether there is one. */
async function enter(world, wanted) {
  leave();
  leave = () => {};
  live?.stop();
  shown = { world: "", view: "", key: "" };
  try {
    await loadWorlds();
    await loadWorld(world);
  } catch (error) {
    if (!wanted()) return false;
    unanswered = error.status === 0;
    state.world = null;
    drawPicker(world);
    drawNav("");
    showClock();
    alarms.hidden = true;
    fill(panel);
    fill(main, h("div", { class: "view" }, h("h1", { class: "wrap" }, "World ", cut(world, 80)), failure(error),
      error.status === 404 && h("p", null, h("a", { href: link("default", "providers") }, "Go to the world ", h("b", null, "default")))));
    return false;
  }
  if (!wanted()) return false;
  live?.stop();
  live = new Live(world);
  live.watch(drawPanel);
  live.watch((came) => { if (came.length) refresh(); });
  drawPicker(world);
  drawPanel();
  return true;
}

let refreshing = false;

/** Read the world's summary anew, and go on when the emulator is back. */
async function refresh() {
  if (refreshing || document.hidden || !(state.world || unanswered)) return;
  refreshing = true;
  const latest = live?.entries.at(-1)?.id ?? 0;
  try {
    const { journal } = await loadWorld(place().world);
    if (unanswered) showAgain();
    // Reset or emptied by somebody else: the journal has less than is shown.
    else if (journal.written < latest || (latest && !journal.kept)) await live.reload();
  } catch (error) {
    if (error.status === 404 && state.world) {
      shown.world = "";
      state.world = null;
      await show();
    }
  } finally {
    refreshing = false;
  }
}

function drawPicker(world) {
  const ids = state.worlds.map((one) => one.id);
  if (!ids.includes(world)) ids.push(world);
  fill(picker, h("label", { class: "quiet", for: "world" }, "World"),
    select(ids, world, (id) => { location.hash = link(id, place().view).slice(1); }, { id: "world" }),
    h("a", { href: link(world, "world"), class: "quiet manage" }, "Manage"));
}

function drawNav(current) {
  const { world } = place();
  fill(nav, VIEWS.filter((view) => !view.hidden).map((view) =>
    h("a", { href: link(world, view.name), "aria-current": view.name === current ? "page" : null }, view.title)));
  // Where the views stand in a row that is wider than the window.
  const here = nav.querySelector("[aria-current]");
  if (here) nav.scrollTo({ left: here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2 });
}

function showWorld(world) {
  showClock();
  fill(alarms, world.alarms.length ? badge(plural(world.alarms.length, "alarm"), "bad") : null);
  alarms.hidden = !world.alarms.length;
  alarms.href = link(world.id, "world");
}

function showClock() {
  clock.hidden = !state.world;
  if (!state.world) return;
  const { id, clock: { frozen } } = state.world;
  clock.href = link(id, "clock");
  fill(clock, h("time", null, clockText(worldNow())), frozen ? badge("frozen", "cold") : null);
}

function drawPanel() {
  const { world } = place();
  const latest = live.entries.slice(-IN_PANEL).reverse();
  const away = live.lost;
  if (lost.hidden === away) {
    lost.hidden = !away;
    if (!away && unanswered) showAgain();
    fill(lost, away && "The emulator cannot be reached. This page goes on by itself when it is back.");
  }
  fill(panel,
    h("h2", null, "Live calls", h("span", { class: `dot ${live.connected ? "on" : "off"}` }),
      h("span", { class: "quiet" }, live.connected ? "following" : "connecting")),
    latest.length
      ? h("ol", { class: "calls" }, latest.map((entry) => h("li", null, callRow(world, entry))))
      : h("p", { class: "quiet" }, "No call yet. Copy a line from ", h("a", { href: link(world, "providers") }, "Providers"),
        " and run it, or make one ", h("a", { href: link(world, "call") }, "here"), "."),
    latest.length ? h("p", null, h("a", { href: link(world, "journal") }, "The whole journal")) : null);
}

start().catch(report);
