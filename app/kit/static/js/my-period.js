// The page of a month's duties: last values in one click, 本期无 clears nothing; what hangs on what is in record-form.js.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const fill = (root) => {
    all("[data-last]", root).forEach((input) => {
      if (input.value !== "") return;
      input.value = input.dataset.last;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  };
  all("[data-fill-card]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => fill(button.closest("[data-duty]")));
  });
  all("[data-fill-all]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      fill(document);
    });
  });

  // 不适用 greys the number out, but keeps it until the page is sent.
  all(".na-tick input").forEach((tick) => {
    const input = document.getElementById(tick.name.replace(/-na$/, ""));
    const show = () => { input.readOnly = tick.checked; };
    tick.addEventListener("change", show);
    show();
  });
})();
