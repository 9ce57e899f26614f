/* The settings of one field, by its type. */
import { columnsBox } from "./designer-columns.js";
import { formulaBox, formulaInput } from "./designer-formula.js";
import { icon, make, tool } from "./designer-parts.js";

const LISTED = (type) => !["rows", "attachment", "heading"].includes(type);

/** The input for the name of a field or column; the card above follows, and the code when it is left. */
export function labelInput(field, desk, more = {}) {
  return make("input", { class: "form-control", id: `label-${field._id}`, value: (field.label && field.label.zh) || "", maxlength: 200,
    oninput: (event) => {
      field.label = { ...field.label, zh: event.target.value };
      const head = document.querySelector(`#head-${field._id} .field-name`);
      if (head) head.textContent = desk.draft.labelOf(field);
      desk.changed();
    },
    onchange: () => desk.acts.suggest(field), ...more });
}

/** Everything that can be set about a field; `within` for a column of repeating rows. */
export function settingsOf(field, path, desk, within = null) {
  const { draft, words, changed } = desk;
  const is = (...types) => types.includes(field.type);
  const number = words.numbers.includes(field.type);
  const say = words.settings;
  const set = (key, value) => { if (value === "" || value === false || value === null) delete field[key]; else field[key] = value; changed(); };
  const redraw = () => desk.redraw(`#label-${field._id}`);

  const frame = (label, node, help = "") => make("label", { class: "field" }, make("span", {}, label), node, help ? make("small", { class: "muted" }, help) : null);
  const text = (key, more = {}) => frame(say[key], make("input", { class: "form-control", type: "text", value: field[key] ?? "", oninput: (event) => set(key, event.target.value), ...more }));
  const words_ = (key, language = "zh", label = say[key]) => frame(label, make("input", { class: "form-control", value: (field[key] && field[key][language]) || "", maxlength: 200, lang: language === "zh" ? null : language, oninput: (event) => { field[key] = { ...field[key], [language]: event.target.value }; changed(); } }));
  const tick = (key, then = null) => make("label", { class: "tick" }, make("input", { type: "checkbox", checked: Boolean(field[key]), onchange: (event) => { set(key, event.target.checked); if (then) then(); } }), " ", say[key]);
  const select = (key, choices, then = null) => frame(say[key], make("select", { class: "form-control", onchange: (event) => { set(key, event.target.value); if (then) then(); } }, ...choices.map(([value, word]) => make("option", { value, selected: value === (field[key] || "") }, word))));

  const code = make("input", { class: "form-control code", id: `code-${field._id}`, value: field.code, maxlength: 50, spellcheck: "false", onchange: (event) => { field._auto = false; draft.renamed(field, event.target.value.trim()); for (const formula of document.querySelectorAll(".formula")) formula.follow(); changed(); } });

  const parts = [
    make("div", { class: "form-grid" }, within ? null : frame(say.label, labelInput(field, desk)), frame(say.code, code)),
  ];
  if (!is("heading")) {
    parts.push(make("div", { class: "tick-line" }, field.computed ? null : tick("required"), !within && LISTED(field.type) ? tick("is_listed") : null, is("rows", "attachment") || field.computed ? null : tick("na_allowed")));
  }
  parts.push(words_("help"));
  if (is("choice", "choices")) parts.push(choices());
  if (is("rows")) parts.push(columnsBox(field, path, desk));
  const grid = [];
  if (number) grid.push(text("min", { inputmode: "decimal" }), text("max", { inputmode: "decimal" }), words_("unit_label"));
  if (is("decimal", "percentage")) grid.push(text("places", { inputmode: "numeric", placeholder: "2" }));
  if (is("text", "long_text")) grid.push(text("max_length", { inputmode: "numeric", placeholder: is("text") ? "200" : "2000" }));
  if (is("rows")) grid.push(text("max_rows", { inputmode: "numeric", placeholder: "100" }));
  if (is("unit_ref")) grid.push(select("level", [["", "—"], ...words.levels]));
  if (is("list_item")) grid.push(kind());
  if (is("text")) grid.push(mask());
  if (!is("heading", "rows", "attachment") && !field.computed) grid.push(beforehand());
  if ((number || is("text", "date", "month")) && !within && !field.computed) grid.push(select("known", words.known));
  if (grid.length) parts.push(make("div", { class: "form-grid" }, ...grid));
  if (number) parts.push(computed());
  parts.push(formulaBox({ owner: field, key: "condition", path, label: say.condition, candidates: candidates(), none: words.no_condition }, desk));
  parts.push(make("details", { class: "disclosure disclosure-line" }, make("summary", {}, words.other_languages), make("div", { class: "form-grid" }, words_("label", "en", words.in_english), words_("label", "ko", words.in_korean))));
  return make("div", { class: "field-settings" }, ...parts);

  function candidates() {
    const earlier = draft.before(within || field).filter((one) => one.type !== "heading");
    return within ? [...earlier, ...within.columns.slice(0, within.columns.indexOf(field))] : earlier;
  }

  function kind() {
    const list = make("datalist", { id: `kinds-${field._id}` }, ...words.list_kinds.map(([value, word]) => make("option", { value, label: word })));
    return frame(say.list_kind, make("span", {}, make("input", { class: "form-control", list: `kinds-${field._id}`, value: field.list_kind || "", oninput: (event) => set("list_kind", event.target.value) }), list));
  }

  function mask() {
    const input = make("input", { class: "form-control", value: field.pattern || "", maxlength: 60, "aria-label": say.pattern, oninput: (event) => set("pattern", event.target.value) });
    const named = make("select", { class: "form-control", "aria-label": say.pattern, onchange: (event) => { input.value = event.target.value; set("pattern", event.target.value); } },
      ...words.masks.map(([value, word]) => make("option", { value, selected: value === (field.pattern || "") }, word)),
      ...(words.masks.some(([value]) => value === (field.pattern || "")) ? [] : [make("option", { value: field.pattern, selected: true }, field.pattern)]));
    return make("div", { class: "field" }, make("span", {}, say.pattern), named, input, make("small", { class: "muted" }, words.mask_help));
  }

  function beforehand() {
    const now = field.default === "last_value" ? "last" : field.default ? "value" : "none";
    const value = () => (field.default && field.default.value) || "";
    const put = (event) => { field.default = { value: event.target.value }; changed(); };
    const listed = field.choices && is("choice") ? field.choices.map((one) => [one.code, (one.label && one.label.zh) || one.code]) : is("boolean") ? [["true", words.yes], ["false", words.no]] : null;
    const input = listed
      ? make("select", { class: "form-control", "aria-label": words.a_default, onchange: put }, make("option", { value: "" }, words.choose), ...listed.map(([code_, word]) => make("option", { value: code_, selected: code_ === value() }, word)))
      : make("input", { class: "form-control", "aria-label": words.a_default, value: value(), type: is("date") ? "date" : is("month") ? "month" : "text", oninput: put });
    const how = make("select", { class: "form-control", "aria-label": say.default, onchange: (event) => {
      if (event.target.value === "none") delete field.default;
      else field.default = event.target.value === "last" ? "last_value" : { value: "" };
      changed(); redraw();
    } }, make("option", { value: "none", selected: now === "none" }, words.nothing), make("option", { value: "last", selected: now === "last" }, words.last_value), make("option", { value: "value", selected: now === "value" }, words.a_default));
    return make("div", { class: "field" }, make("span", {}, say.default), how, now === "value" ? input : null);
  }

  function computed() {
    const on = field.computed !== undefined && field.computed !== "";
    const toggle = make("label", { class: "tick" }, make("input", { type: "checkbox", checked: on, onchange: (event) => {
      if (event.target.checked) { field.computed = " "; for (const key of ["required", "default", "na_allowed"]) delete field[key]; } else delete field.computed;
      changed();
      desk.redraw(event.target.checked ? `[id="${path}"] .formula` : `#label-${field._id}`);
    } }), " ", say.computed);
    if (!on) return make("fieldset", { class: "formula-box" }, toggle);
    const asText = typeof field.computed === "string";
    if (!asText) field.computed = "";
    return make("fieldset", { class: "formula-box" }, toggle, formulaInput({ owner: field, key: "computed", label: say.computed, candidates: candidates().filter((one) => words.numbers.includes(one.type) || one.type === "rows" || one.type === "date" || one.type === "choice" || one.type === "choices") }, desk), make("p", { class: "spoken", "data-spoken": `${path}.computed` }));
  }

  function choices() {
    field.choices = field.choices || [];
    const list = make("ol", { class: "choice-list" });
    const free = () => { let n = field.choices.length + 1; while (field.choices.some((one) => one.code === `c${n}`)) n += 1; return `c${n}`; };
    const add = (at = field.choices.length) => { field.choices.splice(at, 0, { code: free(), label: { zh: "" } }); changed(); draw(at); };
    const next = (at) => { if (field.choices[at] && !field.choices[at].label.zh) draw(at); else add(at); };
    const draw = (focus = -1) => {
      list.replaceChildren(...field.choices.map((choice, n) => make("li", {},
        make("input", { class: "form-control", value: (choice.label && choice.label.zh) || "", "aria-label": `${words.choice} ${n + 1}`, maxlength: 100,
          oninput: (event) => { choice.label = { ...choice.label, zh: event.target.value }; changed(); },
          onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); next(n + 1); } },
          onpaste: (event) => {
            const lines = event.clipboardData.getData("text").split(/[\n、；;]/).map((line) => line.trim()).filter(Boolean);
            if (lines.length < 2) return;
            event.preventDefault();
            choice.label = { ...choice.label, zh: lines[0] };
            for (const [k, line] of lines.slice(1).entries()) field.choices.splice(n + 1 + k, 0, { code: free(), label: { zh: line } });
            changed(); draw(n + lines.length - 1);
          } }),
        make("input", { class: "form-control code narrow", value: choice.code, "aria-label": `${words.choice} ${n + 1}: ${say.code}`, maxlength: 30, spellcheck: "false", onchange: (event) => { choice.code = event.target.value.trim(); changed(); } }),
        tool("fa-arrow-up", words.up, () => { field.choices.splice(n, 1); field.choices.splice(n - 1, 0, choice); changed(); draw(n - 1); }, { disabled: n === 0 }),
        tool("fa-times", words.remove, () => { field.choices.splice(n, 1); changed(); draw(); }))));
      if (focus >= 0 && list.children[focus]) list.children[focus].querySelector("input").focus();
    };
    draw();
    return make("fieldset", { class: "formula-box" }, make("legend", {}, say.choices), list, make("button", { type: "button", class: "btn btn-default btn-sm", onclick: () => add() }, icon("fa-plus"), " ", words.add_choice));
  }
}
