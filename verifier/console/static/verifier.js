// Printing by a button; it stays hidden without scripts.
(() => {
  "use strict";
  const reveal = () => document.querySelectorAll("[data-print][hidden]").forEach((button) => { button.hidden = false; });
  document.addEventListener("DOMContentLoaded", reveal);
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
})();
