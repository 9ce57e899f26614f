// A refused act leads back to its page: what was typed there stands in its form again.
// It is kept for this one answer only, in this tab only; secrets and files are not kept.
(function () {
  "use strict";
  const KEY = "portal-typed";
  const NOT_KEPT = ["hidden", "password", "file", "submit", "button"];
  const posts = (form) => (form.getAttribute("method") || "").toLowerCase() === "post";
  const typed = (form) => Array.from(form.elements).filter((one) => one.name && !NOT_KEPT.includes(one.type));
  // which of the forms of a page it is: several may lead to one address, told apart by what they carry
  const own = (form) => {
    const act = form.elements.namedItem("act");
    return [form.getAttribute("action") || "", act && act.value ? act.value : ""].join(" ");
  };

  function taken() {
    try {
      const text = sessionStorage.getItem(KEY);
      sessionStorage.removeItem(KEY);
      return JSON.parse(text);
    } catch (error) {
      return null; // private windows keep nothing
    }
  }
  function put(form, values) {
    const left = values.slice();
    typed(form).forEach((one) => {
      const at = left.findIndex(([name]) => name === one.name);
      if (one.type === "checkbox" || one.type === "radio") {
        one.checked = values.some(([name, value]) => name === one.name && value === one.value);
      } else if (one.multiple) {
        Array.from(one.options).forEach((option) => {
          option.selected = values.some(([name, value]) => name === one.name && value === option.value);
        });
      } else if (at >= 0) {
        one.value = left.splice(at, 1)[0][1];
      }
      one.dispatchEvent(new Event("input", { bubbles: true }));
      one.dispatchEvent(new Event("change", { bubbles: true }));
    });
    for (let up = form.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
  }

  const before = taken();
  const [way] = performance.getEntriesByType("navigation");
  const refused = document.querySelector(".alert-danger") && way && way.redirectCount > 0;
  if (before && refused && before.page === location.pathname) {
    const form = Array.from(document.forms).find((one) => posts(one) && own(one) === before.form);
    if (form) put(form, before.values);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !posts(form) || !typed(form).length) return;
    const values = Array.from(new FormData(form)).filter(([name, value]) => {
      return typeof value === "string" && typed(form).some((one) => one.name === name);
    });
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ page: location.pathname, form: own(form), values }));
    } catch (error) {
      // no room, or a private window: then it is typed again
    }
  });
})();
