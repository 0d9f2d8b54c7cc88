// Providers: whom the emulator stands in for, with a credential of each state and calls to copy.

import { get, path } from "../api.js";
import { badge, copyButton, empty, fill, h, prose, report } from "../dom.js";
import { plural, words } from "../format.js";
import { chosenProvider, operationField, operationOptions, providerTabs } from "../rows.js";
import { addressOf, exampleOf } from "../calls.js";
import { LANGUAGES, snippet } from "../snippets.js";
import { link, provider, state } from "../state.js";

const GOOD = new Set(["active"]);

export async function showProviders({ root, world, more }) {
  const name = chosenProvider(more[0]);
  if (!name) {
    return fill(root, h("h1", null, "Providers"), empty("This world has no provider.", "Create another world under World."));
  }
  const [about, credentials] = await Promise.all([
    provider(name), get(path`/worlds/${world}/credentials/${name}`),
  ]);
  const base = state.world.providers[name].base_url;
  fill(root,
    h("h1", null, "Providers"), providerTabs(world, "providers", name),
    h("section", { class: "card" },
      h("div", { class: "heading" }, h("h2", null, about.title), badge(plural(about.routes.length, "operation"))),
      h("p", null, "Give your client this address in place of ", about.hosts.length ? h("code", null, about.hosts[0]) : "the provider's own", ":"),
      h("div", { class: "copyline" }, h("code", { class: "address" }, base), copyButton("Copy address", () => base)),
      h("p", { class: "quiet" }, "Next: ", h("a", { href: link(world, "situations", name) }, "bring about a situation"), ", ",
        h("a", { href: link(world, "call", name) }, "make a call from here"), ", or ",
        h("a", { href: link(world, "records", name) }, "look at its records"), ".")),
    credentialsCard(world, name, about, credentials, base));
}

function credentialsCard(world, name, about, credentials, base) {
  const shown = h("pre", { class: "snippet", tabindex: "0", "aria-label": "Snippet" });
  let operation = about.start ?? about.routes[0]?.operation;
  let current = { credential: credentials[0] ?? null, language: "curl" };

  async function text(credential, language) {
    const mine = current = { credential, language };
    const call = await exampleOf(world, name, operation);
    const made = snippet(language, addressOf(base, call, credential));
    if (mine === current) fill(shown, made);
    return made;
  }
  const showAgain = () => text(current.credential, current.language).catch(report);

  const copies = (credential, says) => LANGUAGES.map(([language, title]) => copyButton(title, () => text(credential, language), {
    "aria-label": `Copy as ${title}${says}`, "data-copy": `${credential?.name ?? ""} ${language}`,
  }));

  const list = credentials.map((credential) => h("li", { class: "credential" },
    h("div", { class: "who" },
      h("b", null, credential.name), " ", badge(words(credential.state), GOOD.has(credential.state) ? "good" : "warn"),
      credential.about && h("p", { class: "quiet" }, prose(credential.about)),
      credential.needs_proof && h("p", { class: "quiet" }, "Each call must be signed besides: a copied line alone is refused."),
      credential.digest && h("p", { class: "quiet" }, `With HTTP Digest: curl --digest -u ${credential.digest.username}:…`)),
    h("div", { class: "copies" },
      h("span", { class: "quiet", "aria-hidden": "true" }, "Copy"), copyButton("Value", () => credential.value, { "aria-label": `Copy the value of ${credential.name}` }),
      copies(credential, ` with ${credential.name}`))));
  if (operation) showAgain();
  return h("section", { class: "card" },
    h("h2", null, credentials.length ? "Credentials" : "A first call"),
    h("p", { class: "quiet" }, credentials.length
      ? ["One for each state that a credential can be in. ", h("b", null, "unknown"), " is one that nobody has."]
      : "This provider asks for no credential."),
    about.routes.length > 1 && operationField("Call to copy", operationOptions(about.routes), operation, (id) => { operation = id; showAgain(); }).element,
    operation && shown,
    credentials.length ? h("ul", { class: "rows" }, list) : operation && h("div", { class: "actions" }, h("span", { class: "quiet", "aria-hidden": "true" }, "Copy"), copies(null, "")));
}
