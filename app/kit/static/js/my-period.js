// The page of a month's duties: last values in one click, fields that depend on others, 本期无 clears nothing.
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

  // A question that hangs on another one is shown when its condition holds, or when something stands in it.
  const TESTS = {
    ">": (a, b) => Number(a) > Number(b),
    "<": (a, b) => Number(a) < Number(b),
    ">=": (a, b) => Number(a) >= Number(b),
    "<=": (a, b) => Number(a) <= Number(b),
    "==": (a, b) => a === b || (a !== "" && Number(a) === Number(b)),
    "!=": (a, b) => a !== b,
  };
  all("[data-when]").forEach((box) => {
    const master = document.getElementById(box.dataset.when);
    const own = box.querySelector("input, textarea, select");
    if (!master || !own) return;
    const show = () => {
      const holds = master.value !== "" && TESTS[box.dataset.op](master.value, box.dataset.than);
      box.hidden = !holds && own.value === "";
    };
    master.addEventListener("input", show);
    own.addEventListener("blur", show);
    show();
  });

  // 不适用 greys the number out, but keeps it until the page is sent.
  all(".na-tick input").forEach((tick) => {
    const input = document.getElementById(tick.name.replace(/-na$/, ""));
    const show = () => { input.readOnly = tick.checked; };
    tick.addEventListener("change", show);
    show();
  });
})();
