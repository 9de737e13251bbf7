// Comfort on top of pages that work without it. No inline handlers, nothing kept in the browser's storage.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");

  const say = (text) => {
    const region = document.getElementById("status");
    if (region) region.textContent = text;
  };

  // After a page or a fragment has arrived, focus moves only to what asks for it.
  const focusIn = (scope) => {
    const target = scope.matches?.("[data-focus]") ? scope : scope.querySelector?.("[data-focus]");
    if (!target) return;
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus();
  };

  const reveal = (scope) => {
    scope.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
    scope.querySelectorAll("[data-drop]").forEach(watchFiles);
    scope.querySelectorAll("[data-selection-count]").forEach((bar) => countSelected(bar.dataset.selectionCount));
  };

  // Buttons: a second press does nothing while the first is on its way.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.working) return;
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const label = button.querySelector("span") ?? button;
    button.dataset.label = label.textContent;
    button.setAttribute("aria-disabled", "true");
    label.textContent = button.dataset.working;
    say(button.dataset.working);
  }, true);

  const rest = (scope) => {
    scope.querySelectorAll('[data-label][aria-disabled="true"]').forEach((button) => {
      (button.querySelector("span") ?? button).textContent = button.dataset.label;
      button.removeAttribute("aria-disabled");
    });
  };
  // The browser's Back may show a page as it was left, in the middle of its work.
  window.addEventListener("pageshow", (event) => { if (event.persisted) rest(document); });

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const area = document.createElement("textarea");
      area.value = button.dataset.copy;
      area.className = "visually-hidden";
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    (button.querySelector("span") ?? button).textContent = button.dataset.copied;
    say(button.dataset.copied);
  };

  // Dialogs: <dialog> keeps Tab inside, closes on Escape and gives the focus back.
  const openDialog = (link, event) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector("h2")?.focus();
    dialog.addEventListener("close", () => link.focus(), { once: true });
  };

  const toggleMenu = (button) => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
  };

  // Another language: the page is asked for again and what was typed is carried over in memory.
  const typed = () => [...document.querySelectorAll("main form")].flatMap((form) => [...form.elements]).some((field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
      : "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue);

  const changeLanguage = async (link, event) => {
    if (!typed()) return;
    event.preventDefault();
    const before = [...document.querySelectorAll("main form")];
    let next;
    try {
      const answer = await fetch(link.href);
      if (!answer.ok || !answer.headers.get("content-type")?.startsWith("text/html")) throw new Error("no page");
      next = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      location.assign(link.href);
      return;
    }
    root.lang = next.documentElement.lang;
    document.title = next.title;
    document.body.replaceWith(document.adoptNode(next.body));
    [...document.querySelectorAll("main form")].forEach((form, index) => fill(form, before[index]));
    reveal(document);
    window.htmx?.process(document.body);
    document.querySelector(`[data-language][hreflang="${root.lang}"]`)?.focus();
  };

  const fill = (form, from) => {
    if (!from) return;
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") continue;
      const old = [...from.elements].filter((other) => other.name === field.name);
      if (field.type === "file") { if (old[0]?.files) field.files = old[0].files; }
      else if (field.type === "checkbox" || field.type === "radio") field.checked = old.some((other) => other.checked && other.value === field.value);
      else if (old[0]) field.value = old[0].value;
    }
  };

  // Files: the chosen names in words, and a way back.
  const size = (bytes) => bytes < 1024 ** 2 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;

  function watchFiles(drop) {
    if (drop.dataset.watched) return;
    drop.dataset.watched = "yes";
    const input = drop.querySelector("input[type=file]");
    const chosen = drop.querySelector("[data-drop-chosen]");
    const clear = drop.querySelector("[data-drop-clear]");
    const show = () => {
      const names = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
      chosen.textContent = names ? chosen.dataset.text.replace("{}", names) : "";
      clear.hidden = !names;
    };
    input.addEventListener("change", show);
    clear.addEventListener("click", () => { input.value = ""; show(); input.focus(); });
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("drop--over"));
    for (const name of ["dragleave", "drop", "dragend"]) drop.addEventListener(name, () => drop.classList.remove("drop--over"));
    show();
  }

  // Rows: the heading's box ticks the page, the bar counts.
  const boxes = (name) => [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];

  const countSelected = (name) => {
    const all = boxes(name);
    const count = all.filter((box) => box.checked).length;
    const bar = document.querySelector(`[data-selection-count="${CSS.escape(name)}"]`);
    const text = bar?.dataset.text.replace("{}", String(count));
    if (bar && bar.textContent !== text) bar.textContent = text;
    const head = document.querySelector(`[data-select-all="${CSS.escape(name)}"]`);
    if (head) {
      head.checked = count > 0 && count === all.length;
      head.indeterminate = count > 0 && count < all.length;
    }
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset.selectAll) boxes(box.dataset.selectAll).forEach((other) => { other.checked = box.checked; });
    if (box.type === "checkbox") countSelected(box.dataset.selectAll ?? box.name);
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-dialog], [data-dialog-close], [data-menu], [data-language]");
    if (!target) return;
    if (target.dataset.copy) copy(target);
    else if (target.dataset.dialog) openDialog(target, event);
    else if ("dialogClose" in target.dataset && target.closest("dialog")) { event.preventDefault(); target.closest("dialog").close(); }
    else if (target.dataset.menu) toggleMenu(target);
    else if ("language" in target.dataset) changeLanguage(target, event);
  });

  // Escape and a click elsewhere close the menu of the person.
  const closeMenus = (except) => document.querySelectorAll(".user-menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest(".user-menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest(".user-menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });

  // Progress: spoken at the start, at each quarter and at the end; three failures in a row are said, not hidden.
  const spoken = new Map();
  const failures = new Map();
  const follow = (scope) => {
    const found = scope.matches?.("[data-progress]") ? [scope] : [...(scope.querySelectorAll?.("[data-progress]") ?? [])];
    for (const bar of found) {
      const quarter = Math.floor(Number(bar.dataset.progress) / 25);
      if (spoken.get(bar.id) !== quarter) say(bar.dataset.sentence);
      spoken.set(bar.id, quarter);
      failures.delete(bar.id);
    }
  };
  const failed = (event) => {
    const bar = event.target.closest?.("[data-progress]");
    if (!bar) return;
    failures.set(bar.id, (failures.get(bar.id) ?? 0) + 1);
    if (failures.get(bar.id) < 3) return;
    const stuck = bar.querySelector(".progress__stuck");
    stuck.textContent = bar.dataset.stuck;
    stuck.hidden = false;
  };

  document.addEventListener("DOMContentLoaded", () => { reveal(document); follow(document); focusIn(document); });
  document.addEventListener("htmx:after:swap", (event) => {
    const region = event.detail?.ctx?.target;
    const scope = region?.isConnected ? region : document.getElementById(region?.id) ?? document;
    rest(document);
    reveal(scope);
    follow(scope);
    focusIn(scope);
  });
  for (const name of ["htmx:error", "htmx:response:error"]) document.addEventListener(name, failed);
})();
