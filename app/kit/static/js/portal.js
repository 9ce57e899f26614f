// What every page does: menus, drawer, related-row look-ups, confirmation, one click per act, unsaved input.
(function () {
  "use strict";
  const words = JSON.parse(document.body.dataset.words || "{}");
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // -- menus and the drawer
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.menu[open], details.disclosure-button[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    openDrawer(false);
  });

  const drawerButton = document.querySelector(".drawer-button");
  const shade = document.querySelector(".drawer-shade");
  function openDrawer(open) {
    if (!drawerButton || drawerButton.getAttribute("aria-expanded") === String(open)) return;
    document.body.classList.toggle("drawer-open", open);
    shade.hidden = !open;
    drawerButton.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("#sidenav a").focus();
    else drawerButton.focus();
  }
  if (drawerButton) {
    drawerButton.addEventListener("click", () => openDrawer(drawerButton.getAttribute("aria-expanded") !== "true"));
    shade.addEventListener("click", () => openDrawer(false));
  }

  const here = document.querySelector(".sidenav a[aria-current]");
  if (here) here.closest(".sidenav").scrollTop = here.offsetTop - 200;

  // -- select2 in the reader's language
  const $ = window.jQuery;
  if ($ && $.fn.select2) {
    const look = {
      theme: "bootstrap",
      width: "100%",
      allowClear: true,
      placeholder: words.choose,
      language: {
        noResults: () => words.no_results,
        searching: () => words.searching,
        loadingMore: () => words.loading_more,
        errorLoading: () => words.load_failed,
        removeAllItems: () => words.remove,
      },
    };
    $(".my_select2").each(function () {
      $(this).removeAttr("data-placeholder").select2(look);
    });
    const lookUp = function () {
      const request = { url: this.dataset.url, delay: 200, data: (typed) => ({ q: typed.term || "" }), cache: true };
      $(this).select2(Object.assign({ ajax: request }, look));
    };
    $(".remote-select").each(lookUp);
    window.qingdanSelects = (root) => $(root).find(".remote-select").each(lookUp); // for what a script adds later
    // select2 tells jQuery only; let everything else hear of the change as well
    $(document).on("select2:select select2:unselect", ".my_select2, .remote-select", function () {
      this.dispatchEvent(new Event("input", { bubbles: true }));
    });
    $(document).on("select2:open", () => {
      const search = document.querySelector(".select2-container--open .select2-search__field");
      if (search) search.focus();
    });
  }

  // -- ask before an act, then let it happen once
  const dialog = document.getElementById("confirm-dialog");
  function ask(text, then) {
    if (!dialog || !dialog.showModal) {
      if (window.confirm(text)) then();
      return;
    }
    dialog.querySelector(".confirm-text").textContent = text;
    all("button", dialog).forEach((button) => {
      button.onclick = () => {
        dialog.close();
        if (button.value === "ok") then();
      };
    });
    dialog.showModal();
  }
  window.portal = { ask, words };

  const leaving = new WeakSet();
  let dirty = false;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const method = ((button && button.getAttribute("formmethod")) || form.method).toLowerCase();
    if (leaving.has(form)) {
      event.preventDefault(); // the second click
      return;
    }
    const problem = missingRows(form);
    if (problem || (button && button.dataset.confirm && !button.dataset.confirmed)) {
      event.preventDefault();
      if (problem) ask(problem, () => {});
      else
        ask(button.dataset.confirm, () => {
          button.dataset.confirmed = "1";
          form.requestSubmit ? form.requestSubmit(button) : button.click();
        });
      return;
    }
    if (button) delete button.dataset.confirmed;
    dirty = false;
    if (method !== "post" || form.target === "_blank" || form.hasAttribute("data-many")) return;
    leaving.add(form);
    if (button) {
      button.setAttribute("aria-busy", "true");
      setTimeout(() => (button.disabled = true)); // after the browser has read its name and value
    }
    setTimeout(() => {
      // still on the page: the answer was a download
      leaving.delete(form);
      if (button) button.disabled = false;
      if (button) button.removeAttribute("aria-busy");
    }, 15000);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload(); // from the back-forward cache: buttons would stay dead
  });

  function missingRows(form) {
    if (!form.hasAttribute("data-needs-rows")) return "";
    return all('input[name="rowid"]:checked').some((box) => box.form === form) ? "" : words.none_selected;
  }
  all("[data-tick-all]").forEach((box) => {
    box.addEventListener("change", () => {
      all(`input[name="rowid"][form="${box.dataset.tickAll}"]`).forEach((row) => (row.checked = box.checked));
    });
  });

  // -- unsaved input
  all("form[data-guard]").forEach((form) => form.addEventListener("input", () => (dirty = true)));
  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = words.unsaved;
  });

  // -- search: a comparison renames its field; empty fields stay out of the address
  all("select[data-names]").forEach((operator) => {
    operator.addEventListener("change", () => (document.getElementById(operator.dataset.names).name = operator.value));
  });
  all("select[data-named-options]").forEach((select) => {
    select.addEventListener("change", () => {
      const name = select.selectedOptions[0].dataset.name;
      if (name) select.name = name;
    });
  });
  all("form[data-drop-empty]").forEach((form) => {
    form.addEventListener("submit", () => {
      Array.from(form.elements).forEach((field) => {
        if (field.name && !field.value) field.disabled = true;
      });
    });
  });
  all("select[data-submits]").forEach((select) => select.addEventListener("change", () => select.form.submit()));

  // -- small things
  all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  const summary = document.querySelector(".error-summary");
  if (summary) {
    summary.focus();
    document.title = `${summary.querySelector("h2").textContent} - ${document.title}`;
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      const field = link && document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      const box = field.nextElementSibling && field.nextElementSibling.querySelector(".select2-selection");
      (box || field).focus();
    });
  }
})();
