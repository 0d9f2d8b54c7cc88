// DOM: builds elements. Text is only ever text: nothing here, or anywhere else in the
// console, turns a string into markup, and the page's policy forbids it.

/** An element: h("a", { href: "#/x", class: "wide", onclick: go }, "text", child, [more]). */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked" || name === "disabled" || name === "selected") element[name] = true;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== null && child !== undefined && child !== false) element.append(String(child));
  }
}

/** Put *children* in the place of all that *element* holds; the keyboard stays where it is. */
export function fill(element, ...children) {
  const focused = document.activeElement;
  const within = focused !== element && element.contains(focused);
  const place = within ? [...element.querySelectorAll(focused.localName)].indexOf(focused) : -1;
  element.replaceChildren();
  append(element, children);
  if (within && !focused.isConnected) successor(element, focused, place)?.focus({ preventScroll: true });
  return element;
}

/** The link or button that does now what *gone* did; or else the one that has come to its *place*. */
function successor(element, gone, place) {
  const does = (one) => one.dataset.key ?? one.getAttribute("href") ?? one.getAttribute("aria-label") ?? one.textContent;
  const others = [...element.querySelectorAll(gone.localName)];
  return others.find((one) => does(one) === does(gone)) ?? others[Math.min(place, others.length - 1)] ?? element.closest("main");
}

/** Words in which what stands between `backquotes` is code. */
export function prose(text) {
  return text.split("`").map((part, number) => number % 2 ? h("code", null, part) : part);
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** JSON to read: a text that runs from right to left does not carry its neighbours along. */
export function isolated(text) {
  if (!RIGHT_TO_LEFT.test(text)) return text;
  return text.split(/("(?:[^"\\]|\\.)*")/).map((part, number) => number % 2 ? h("bdi", null, part) : part);
}

let nextId = 0;

/** A label above the control that it names. */
export function field(label, control, hint) {
  control.id ||= `field-${++nextId}`;
  return h("div", { class: "field" },
    h("label", { for: control.id }, label), control, hint && h("p", { class: "hint" }, hint));
}

/** A choice: *options* are texts, or pairs of a value and what is shown for it. */
export function select(options, value, onchange, attributes) {
  const made = h("select", { ...attributes, onchange: () => onchange?.(made.value) },
    options.map((option) => {
      const [key, text] = Array.isArray(option) ? option : [option, option];
      return h("option", { value: key, selected: key === value }, text);
    }));
  return made;
}

/** A button that is busy while what it does goes on, and says what went wrong. */
export function button(text, work, attributes) {
  const made = h("button", { type: "button", ...attributes, onclick: async () => {
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try {
      await work(made);
    } catch (error) {
      report(error);
    } finally {
      made.removeAttribute("aria-busy");
    }
  } }, text);
  return made;
}

/** A button that asks for a second click before it does something that has no way back. */
export function dangerButton(text, question, work, attributes) {
  let armed = null;
  const made = button(text, async () => {
    if (armed === null) {
      made.textContent = question;
      made.classList.add("armed");
      armed = setTimeout(disarm, 4000);
      return;
    }
    disarm();
    await work();
  }, { ...attributes, class: `${attributes?.class ?? ""} danger` });
  function disarm() {
    clearTimeout(armed);
    armed = null;
    made.textContent = text;
    made.classList.remove("armed");
  }
  return made;
}

/** A button that copies what *text* gives. */
export function copyButton(label, text, attributes) {
  const made = button(label, async () => {
    await copy(await text());
    made.textContent = "Copied";
    setTimeout(() => { made.textContent = label; }, 1200);
  }, { class: "small", ...attributes });
  return made;
}

async function copy(text) {
  say("Copied to the clipboard.");
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch { /* the browser does not allow it: the other way is tried */ }
  }
  const area = h("textarea", { class: "aside", "aria-hidden": "true", value: text });
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** Give the browser *text* as a file to keep. */
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });

export function mountToasts() {
  document.body.append(toasts);
}

/** What went wrong elsewhere is nobody's concern any more. */
export function forgetErrors() {
  toasts.querySelectorAll(".bad").forEach((toast) => toast.remove());
}

/** Tell the user something in passing. */
export function say(text, kind = "good") {
  const toast = h("div", { class: `toast ${kind}` }, h("span", null, text),
    h("button", { type: "button", class: "plain", "aria-label": "Dismiss", onclick: () => toast.remove() }, "×"));
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstChild.remove();
  setTimeout(() => toast.remove(), kind === "bad" ? 12_000 : 3_000);
}

/** Tell the user what went wrong, and how to mend it if that is known. */
export function report(error) {
  if (error?.name === "AbortError") return;
  if (!error?.status) console.warn(error);
  say(problemText(error), "bad");
}

export function problemText(error) {
  const detail = error?.detail ?? error?.message ?? String(error);
  return error?.fix ? `${detail} — ${error.fix}` : detail;
}

/** What went wrong, to stand in the page. */
export function problemBox(error) {
  const items = (error.errors ?? []).map((one) =>
    h("li", null, one.pointer || one.parameter ? h("code", null, one.pointer || one.parameter) : null, " ", one.detail));
  return h("div", { class: "problem", role: "alert" },
    h("strong", null, error.title ?? "That did not work"),
    items.length ? h("ul", null, items) : h("p", null, error.detail ?? error.message),
    error.fix && h("p", null, "Fix: ", error.fix));
}

export function empty(title, ...more) {
  return h("div", { class: "empty" }, h("strong", null, title), more.map((one) => h("p", null, one)));
}

export function badge(text, kind = "") {
  return h("span", { class: `badge ${kind}` }, text);
}
