// Token: the dialog that asks for the admin token.

import { field, h } from "./dom.js";

/** What the user types as the token; "" where the dialog is left. */
export function askForToken(wasWrong) {
  return new Promise((done) => {
    const input = h("input", { type: "password", autocomplete: "off", required: true, spellcheck: "false" });
    const dialog = h("dialog", { class: "token", "aria-labelledby": "token-title" },
      h("h2", { id: "token-title" }, "Admin token"),
      wasWrong && h("p", { class: "problem", role: "alert" }, "The emulator did not take that token."),
      field("Token", input, "It is printed when the emulator starts, or set with --admin-token or EMULATOR_ADMIN_TOKEN. It stays in this tab."),
      h("div", { class: "actions" }, h("button", { type: "button", class: "primary", onclick: give }, "Continue")));
    function give() {
      if (!input.value.trim()) return input.focus();
      dialog.close(input.value.trim());
    }
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // or it would press the button that has the focus again
      give();
    });
    dialog.addEventListener("close", () => { done(dialog.returnValue); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
