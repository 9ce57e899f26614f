/* Matching an own workbook: point at rows in the sheet instead of typing their numbers, and see at once what is still missing.
 * Without this the page works by its fields and the button that looks again. */
"use strict";

const grid = document.getElementById("mapping-grid");
if (grid) start(grid);

function start(grid) {
  const words = JSON.parse(grid.dataset.words);
  const form = grid.closest("form");
  const field = (name) => form.elements[name];
  const state = document.getElementById("mapping-state");
  const selects = [...grid.querySelectorAll("thead select")];
  const rows = [...grid.tBodies[0].rows];

  // -- rows ----------------------------------------------------------------------------------------

  const tools = document.createElement("fieldset");
  tools.className = "pointing";
  const order = ["head", "first", "footer"];
  const choices = order.map((name) => {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = "pointing-at";
    radio.value = name;
    label.append(radio, " ", form.querySelector(`label[for="${name}"]`).textContent.trim());
    tools.append(label);
    return radio;
  });
  choices[0].checked = true;
  grid.parentElement.before(tools);

  for (const row of rows) {
    const old = row.querySelector(".row-number");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "row-number";
    button.textContent = old.textContent;
    button.addEventListener("click", () => point(Number(row.dataset.row)));
    old.replaceWith(button);
  }

  function point(number) {
    const at = choices.findIndex((radio) => radio.checked);
    field(order[at]).value = number;
    if (order[at] === "head") field("first").value = number + Number(field("depth").value);
    if (at < 1) choices[at + 1].checked = true;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    paint();
  }

  function paint() {
    const head = Number(field("head").value);
    const last = head + Number(field("depth").value) - 1;
    const first = Number(field("first").value);
    const footer = Number(field("footer").value) || Infinity;
    for (const row of rows) {
      const number = Number(row.dataset.row);
      const part = number < head ? "title" : number <= last ? "head" : number < first ? "between" : number < footer ? "data" : "after";
      row.className = `part-${part}`;
      const shown = part === "data" ? number === first : part === "after" ? number === footer : true;
      row.querySelector(".part").textContent = shown ? words[part === "after" ? "footer" : part] || "" : "";
    }
  }
  for (const name of ["head", "depth", "first", "footer"]) field(name).addEventListener("change", paint);

  // -- columns -------------------------------------------------------------------------------------

  const required = [...selects[0].options].filter((option) => option.dataset.required);

  function judge(changed) {
    if (changed && changed.value) {
      for (const other of selects) if (other !== changed && other.value === changed.value) other.value = "";
    }
    for (const select of selects) select.closest("th").classList.toggle("matched", Boolean(select.value));
    if (changed) changed.closest("th").querySelector(".guess").textContent = "";
    const given = new Set(selects.map((select) => select.value));
    const missing = required.filter((option) => {
      const constant = field(`const-${option.value}`);
      return !given.has(option.value) && !(constant && constant.value);
    });
    const complete = missing.length === 0;
    const badge = document.createElement("span");
    badge.className = `state state-${complete ? "ok" : "bad"}`;
    const shape = document.createElement("span");
    shape.className = "state-shape";
    shape.setAttribute("aria-hidden", "true");
    shape.textContent = complete ? "●" : "■";
    badge.append(shape, complete ? state.dataset.complete : state.dataset.missing);
    state.replaceChildren(badge, ` ${missing.map((option) => option.textContent.replace(" *", "")).join("、")}`);
  }

  for (const select of selects) select.addEventListener("change", () => judge(select));
  form.addEventListener("change", (event) => {
    if (event.target.name && event.target.name.startsWith("const-")) judge(null);
  });
  paint();
}
