// Format: how times, statuses and long texts are shown.

export function cut(text, most = 120) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The end of a place in a file, which tells enough: "acme/behavior.yaml:3:5". */
export function place(text) {
  return text.split("/").slice(-2).join("/");
}

const LONGEST = 20_000;

/** JSON or text to be read by people; what is very long is cut. */
export function pretty(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "";
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST)}\n… ${text.length - LONGEST} more characters`;
}

/** What a text says as JSON; itself where it is none. */
export function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function statusKind(status) {
  return status >= 500 ? "bad" : status >= 400 ? "warn" : status >= 300 ? "calm" : "good";
}

const pad = (number) => String(number).padStart(2, "0");

/** Seconds since 1970 as "2026-03-02 10:00:00". */
export function clockText(seconds) {
  const at = new Date(seconds * 1000);
  return `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())} ${timeText(at)}`;
}

function timeText(at) {
  return `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
}

/** The time of day of an instant, with its date unless the clock here shows that date. */
export function timeOf(iso) {
  const [day, rest] = iso.replace("Z", "").split("T");
  const time = rest.slice(0, 8);
  return new Date().toISOString().startsWith(day) ? time : `${day} ${time}`;
}

const UNITS = [["y", 31_557_600], ["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];

/** 3725  ->  "1 h 2 min". */
export function spanText(seconds) {
  if (seconds < 1) return "now";
  const parts = [];
  let left = Math.round(seconds);
  for (const [name, size] of UNITS) {
    if (left >= size && parts.length < 2) {
      parts.push(`${Math.floor(left / size)} ${name}`);
      left %= size;
    } else if (parts.length) break;
  }
  return parts.join(" ");
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/** 3  ->  "third". */
export function ordinal(number) {
  return ORDINALS[number - 1] ?? `${number}th`;
}

export function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** A scenario's name as words: "locked_out"  ->  "locked out". */
export function words(name) {
  return name.replaceAll("_", " ").replaceAll("-", " ");
}
