/* The columns of repeating rows: each a line with its kind and name; the rest of its settings opens below. */
import { icon, make, tool } from "./designer-parts.js";
import { labelInput, settingsOf } from "./designer-settings.js";

const NOT_IN_ROWS = ["rows", "heading", "attachment"];

/** The box with the columns of a field of rows. */
export function columnsBox(field, path, desk) {
  const { draft, words, changed } = desk;
  field.columns = field.columns || [];
  const kinds = Object.entries(words.types).filter(([type]) => !NOT_IN_ROWS.includes(type));
  const list = make("ol", { class: "column-list" }, ...field.columns.map(line));
  const button = make("button", { type: "button", class: "btn btn-default btn-sm", onclick: () => add(field.columns.length) }, icon("fa-plus"), " ", words.add_column);
  return make("fieldset", { class: "formula-box" }, make("legend", {}, words.settings.columns), list, button);

  function again(column) {
    changed();
    desk.redraw(column ? `#label-${column._id}` : `#label-${field._id}`);
  }

  function add(at) {
    const taken = new Set(draft.codes());
    let n = field.columns.length + 1;
    while (taken.has(`${field.code}_${n}`)) n += 1;
    const column = draft.name({ code: `${field.code}_${n}`, label: { zh: "" }, type: "text", _auto: true });
    field.columns.splice(at, 0, column);
    again(column);
  }

  /** Enter goes on to the next column, and makes one where there is none to be named. */
  function next(at) {
    const column = field.columns[at];
    if (column && !column.label.zh) document.getElementById(`label-${column._id}`).focus();
    else add(at);
  }

  function swap(column, by) {
    const at = field.columns.indexOf(column);
    field.columns.splice(at, 1);
    field.columns.splice(at + by, 0, column);
    again(column);
  }

  function retype(column, type) {
    column.type = type;
    if (["choice", "choices"].includes(type)) {
      column.choices = column.choices || [{ code: "c1", label: { zh: "" } }, { code: "c2", label: { zh: "" } }];
      column._open = true;
    } else delete column.choices;
    for (const key of ["computed", "min", "max", "pattern", "default"]) delete column[key];
    again(column);
  }

  function line(column, n) {
    draft.name(column);
    const here = `${path}.columns.${n}`;
    const type = make("select", { class: "form-control narrow", "aria-label": words.column_type, onchange: (event) => retype(column, event.target.value) },
      ...kinds.map(([value, { word }]) => make("option", { value, selected: value === column.type }, word)));
    const label = labelInput(column, desk, { "aria-label": `${words.settings.label} ${n + 1}`, placeholder: words.settings.label,
      onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); next(n + 1); } } });
    const more = make("details", { class: "disclosure disclosure-line", open: Boolean(column._open), ontoggle: (event) => { column._open = event.target.open; } },
      make("summary", {}, words.more_settings), settingsOf(column, here, desk, field));
    return make("li", { class: "field-card", "data-path": here, id: here },
      make("div", { class: "field-line column-line" }, type, label, make("span", { class: "tools" },
        tool("fa-arrow-up", words.up, () => swap(column, -1), { disabled: n === 0 }),
        tool("fa-arrow-down", words.down, () => swap(column, 1), { disabled: n === field.columns.length - 1 }),
        tool("fa-trash-o", words.remove, () => { field.columns.splice(n, 1); again(); }))),
      make("div", { class: "problem-box" }), more);
  }
}
