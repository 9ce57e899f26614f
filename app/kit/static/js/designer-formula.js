/* A condition or rule as rows of field, sign and value, or as a formula; the server makes the formula of the rows, and
 * says it back in plain words. */
import { icon, make, tool } from "./designer-parts.js";

const NO_VALUE = ["filled", "empty"];

/** The box for one formula: `about` = {owner, key, path, label, candidates, none}; `none` is the word for no formula. */
export function formulaBox(about, desk) {
  const { draft, words } = desk;
  const { owner, key, path } = about;
  const mode = () => (!owner[key] && about.none ? "none" : typeof owner[key] === "string" ? "formula" : "rows");
  const box = make("fieldset", { class: "formula-box" });
  draw();
  return box;

  function draw() {
    const now = mode();
    const radio = (value, word) => make("label", {}, make("input", { type: "radio", name: `mode-${path}-${key}`, checked: now === value, onchange: () => { switchTo(value); draw(); } }), " ", word);
    box.replaceChildren(
      make("legend", {}, about.label),
      make("div", { class: "mode-line" }, ...(about.none ? [radio("none", about.none)] : []), radio("rows", words.by_rows), radio("formula", words.by_formula)),
      ...(now === "rows" ? rows() : now === "formula" ? [formulaInput(about, desk)] : []),
      make("p", { class: "spoken", "data-spoken": `${path}.${key}` }),
    );
  }

  /** The field a list was set to; asked by its id, for its code may have followed its label since the list was drawn. */
  function chosen(event) {
    return about.candidates.find((one) => one._id === event.target.value);
  }

  function switchTo(value) {
    const first = about.candidates[0];
    const was = box.dataset.formula || "";
    if (typeof owner[key] === "string") box.dataset.formula = owner[key];
    if (value === "none") owner[key] = "";
    if (value === "formula") owner[key] = was || " ";
    if (value === "rows") owner[key] = { any: false, parts: [{ field: first ? first.code : "", sign: signsOf(first)[0], value: "", is_field: false }] };
    desk.changed();
  }

  function rows() {
    const said = owner[key];
    const junction = make("select", { class: "form-control", "aria-label": words.by_rows, onchange: (event) => { said.any = event.target.value === "any"; desk.changed(); } },
      make("option", { value: "all", selected: !said.any }, words.all_hold), make("option", { value: "any", selected: said.any }, words.any_holds));
    const add = make("button", { type: "button", class: "btn btn-default btn-sm", onclick: () => { said.parts.push({ field: "", sign: "==", value: "", is_field: false }); desk.changed(); draw(); } }, icon("fa-plus"), " ", words.add_condition);
    return [...(said.parts.length > 1 ? [junction] : []), ...said.parts.map((part) => row(part, said)), add];
  }

  function row(part, said) {
    const field = about.candidates.find((one) => one.code === part.field);
    const which = make("select", { class: "form-control", "aria-label": words.field, onchange: (event) => {
      const now = chosen(event);
      part.field = now ? now.code : "";
      if (!signsOf(now).includes(part.sign)) part.sign = signsOf(now)[0];
      if (!part.is_field) part.value = "";
      desk.changed(); draw();
    } }, make("option", { value: "" }, words.choose), ...about.candidates.map((one) => make("option", { value: draft.name(one)._id, selected: one === field }, draft.labelOf(one))));
    const sign = make("select", { class: "form-control", "aria-label": words.sign, onchange: (event) => { part.sign = event.target.value; desk.changed(); draw(); } },
      ...signsOf(field).map((code) => make("option", { value: code, selected: code === part.sign }, words.signs[code])));
    const remove = tool("fa-times", words.remove, () => { said.parts.splice(said.parts.indexOf(part), 1); if (!said.parts.length && about.none) owner[key] = ""; desk.changed(); draw(); });
    return make("div", { class: "condition-row" }, which, sign, ...(NO_VALUE.includes(part.sign) ? [] : values(part, field)), remove);
  }

  function values(part, field) {
    const others = about.candidates.filter((one) => field && one !== field && one.type === field.type && part.sign !== "includes");
    const kind = others.length || part.is_field ? make("select", { class: "form-control narrow", "aria-label": words.value_is, onchange: (event) => { part.is_field = event.target.value === "field"; part.value = ""; desk.changed(); draw(); } },
      make("option", { value: "value", selected: !part.is_field }, words.a_value), make("option", { value: "field", selected: part.is_field }, words.a_field)) : null;
    const set = (event) => { part.value = event.target.value; desk.changed(); };
    const select = (choices) => make("select", { class: "form-control", "aria-label": words.value, onchange: set }, make("option", { value: "" }, words.choose), ...choices.map(([value, word]) => make("option", { value, selected: value === part.value }, word)));
    let value;
    if (part.is_field) value = make("select", { class: "form-control", "aria-label": words.value, onchange: (event) => { part.value = (chosen(event) || { code: "" }).code; desk.changed(); } },
      make("option", { value: "" }, words.choose), ...(others.length ? others : about.candidates).map((one) => make("option", { value: draft.name(one)._id, selected: one.code === part.value }, draft.labelOf(one))));
    else if (field && field.choices) value = select(field.choices.map((choice) => [choice.code, (choice.label && choice.label.zh) || choice.code]));
    else if (field && field.type === "boolean") value = select([["True", words.yes], ["False", words.no]]);
    else value = make("input", { class: "form-control", "aria-label": words.value, value: part.value, inputmode: field && words.numbers.includes(field.type) ? "decimal" : "text", type: field && field.type === "month" ? "month" : "text", oninput: set });
    return kind ? [kind, value] : [value];
  }

  function signsOf(field) {
    if (!field) return ["=="];
    if (field.type === "choices") return ["includes", "filled", "empty"];
    if (words.numbers.includes(field.type) || field.type === "date" || field.type === "month") return [">=", "<=", "==", "!=", ">", "<", "filled", "empty"];
    return ["rows", "attachment", "long_text", "unit_ref", "person_ref", "list_item"].includes(field.type) ? ["filled", "empty"] : ["==", "!=", "filled", "empty"];
  }
}

/** An input for a formula with a list of what can be put in at the cursor. */
export function formulaInput({ owner, key, label, candidates }, desk) {
  const { draft, words } = desk;
  const input = make("input", { class: "form-control formula", "aria-label": label, value: (owner[key] || "").trim(), maxlength: 300, spellcheck: "false", autocomplete: "off", placeholder: "sum(rows.amount) * 2", oninput: () => { owner[key] = input.value; desk.changed(); } });
  input.follow = () => { if (owner[key].trim() !== input.value.trim()) input.value = owner[key].trim(); };
  const put = (text) => {
    const at = input.selectionStart ?? input.value.length;
    input.value = input.value.slice(0, at) + text + input.value.slice(input.selectionEnd ?? at);
    owner[key] = input.value;
    input.focus();
    const inside = text.endsWith("()") ? text.length - 1 : text.length;
    input.setSelectionRange(at + inside, at + inside);
    desk.changed();
  };
  // The codes are asked when one is chosen: they may have followed their labels since the list was drawn.
  const offered = [
    ...candidates.map((one) => [() => one.code, draft.labelOf(one)]),
    ...candidates.flatMap((one) => (one.columns || []).map((column) => [() => `${one.code}.${column.code}`, `${draft.labelOf(one)}：${draft.labelOf(column)}`])),
  ];
  const names = make("select", { class: "form-control", "aria-label": words.insert_field, onchange: (event) => { if (event.target.value) put(offered[event.target.value][0]()); event.target.value = ""; } },
    make("option", { value: "" }, words.insert_field), ...offered.map(([, word], n) => make("option", { value: n }, word)));
  const functions = make("select", { class: "form-control", "aria-label": words.insert_function, onchange: (event) => { if (event.target.value) put(`${event.target.value}()`); event.target.value = ""; } },
    make("option", { value: "" }, words.insert_function), ...words.functions.map(([value, word]) => make("option", { value }, word)));
  return make("div", { class: "formula-line" }, input, make("div", { class: "formula-tools" }, names, functions,
    ...["+", "-", "*", "/", "(", ")"].map((sign) => make("button", { type: "button", class: "tool", "aria-label": sign, onclick: () => put(sign.length === 1 && "()".includes(sign) ? sign : ` ${sign} `) }, { "*": "×", "/": "÷" }[sign] || sign))));
}
