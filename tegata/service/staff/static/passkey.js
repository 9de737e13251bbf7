// Passkeys: a button with data-passkey="get" or "create" asks data-options for options, lets the browser answer, and
// sends the answer to data-finish, which says where to go. Fields of the button's form go along; words come from data-.
(() => {
  "use strict";
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const descriptors = (list) => (list ?? []).map((item) => ({ ...item, id: toBytes(item.id) }));

  const read = (options) => ({
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: descriptors(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: descriptors(options.allowCredentials) }),
  });

  const write = (made) => {
    const from = made.response;
    const response = { clientDataJSON: toText(from.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (from[name]?.byteLength) response[name] = toText(from[name]);
    if (from.getTransports) response.transports = from.getTransports();
    return { id: made.id, rawId: toText(made.rawId), type: made.type, response };
  };

  const fieldsOf = (button) => {
    const fields = {};
    if (button.form) for (const [name, value] of new FormData(button.form)) if (typeof value === "string") fields[name] = value;
    return fields;
  };

  const call = async (button, path, body) => {
    const fields = fieldsOf(button);
    const csrf = button.dataset.csrf ?? fields.csrf ?? "";
    delete fields.csrf;
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ ...body, fields }),
    });
    const content = await answer.json().catch(() => ({}));
    if (answer.ok) return content;
    const title = document.documentElement.lang === "en" ? content.title : content.title_ja;
    throw new Refused([title ?? button.dataset.failed, content.reference_number].filter(Boolean).join(" "));
  };

  class Refused extends Error {}

  const say = (button, text) => {
    const region = document.getElementById(button.dataset.message);
    if (region) region.textContent = text;
  };

  let waiting = null;
  const ceremony = async (button, mediation) => {
    waiting?.abort();
    const stop = waiting = new AbortController();
    const publicKey = read(await call(button, button.dataset.options, {}));
    const kind = button.dataset.passkey;
    const made = await navigator.credentials[kind]({ publicKey, signal: stop.signal, ...(mediation && { mediation }) });
    const done = await call(button, button.dataset.finish, { answer: write(made) });
    location.assign(done.to);
  };

  const press = async (button) => {
    if (button.getAttribute("aria-disabled") === "true") return;
    say(button, "");
    if (!window.PublicKeyCredential) { say(button, button.dataset.unsupported); return; }
    const label = button.querySelector("span") ?? button;
    const before = label.textContent;
    button.setAttribute("aria-disabled", "true");
    label.textContent = button.dataset.waiting;
    try {
      await ceremony(button);
    } catch (error) {
      say(button, error instanceof Refused ? error.message : button.dataset.failed);
    } finally {
      button.removeAttribute("aria-disabled");
      label.textContent = before;
    }
  };

  // The browser offers passkeys in the login's own list, without a press.
  const offer = async () => {
    const button = document.querySelector("[data-passkey=get][data-passkey-offer]");
    if (!button || !(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
    try {
      await ceremony(button, "conditional");
    } catch (error) {
      if (error instanceof Refused) say(button, error.message);
    }
  };

  const reveal = () => document.querySelectorAll("[data-passkey][hidden]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey]");
    if (button) press(button);
  });
  // Enter in a field of a form that has no other button.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-passkey]");
    if (!button || event.submitter || event.target.querySelector("[type=submit]")) return;
    event.preventDefault();
    press(button);
  });
  // Another language replaces the body.
  new MutationObserver(reveal).observe(document.documentElement, { childList: true });
  reveal();
  offer();
})();
