/* The draft as cards: sections, fields and rules, in the order in which they are asked. */
import { dragOf } from "./designer-drag.js";
import { hasFormula } from "./designer-draft.js";
import { formulaBox } from "./designer-formula.js";
import { icon, make, tool } from "./designer-parts.js";
import { settingsOf } from "./designer-settings.js";

/** Drawing on this page: gives `draw(focus)`, which ends with the cursor at what `focus` selects. */
export function cardsOf(desk) {
  const { acts, draft, words } = desk;
  const { spec, labelOf, name } = draft;
  const drag = dragOf(desk);
  return draw;

  function draw(focus = null) {
    document.getElementById("canvas").replaceChildren(...spec.sections.map(sectionCard));
    const rules = spec.rules || [];
    document.getElementById("rules").replaceChildren(...(rules.length ? rules.map(ruleCard) : [make("p", { class: "muted" }, words.no_rules)]));
    desk.mark();
    const target = focus && document.querySelector(focus);
    if (target) { target.focus(); target.scrollIntoView({ block: "nearest" }); }
  }

  function sectionCard(section, s) {
    name(section);
    const sections = spec.sections;
    const title = make("input", { class: "form-control section-title", value: (section.title && section.title.zh) || "", "aria-label": words.section_title, placeholder: words.section_title, maxlength: 80,
      oninput: (event) => { section.title = { ...section.title, zh: event.target.value }; desk.changed(); } });
    const list = make("ol", { class: "field-list", "data-section": s });
    list.append(...section.fields.map((field, f) => fieldCard(field, `sections.${s}.fields.${f}`)));
    if (!section.fields.length) list.append(make("li", { class: "muted empty-section" }, words.empty_section));
    drag.dropOn(list, section);
    const move = (by) => { sections.splice(s, 1); sections.splice(s + by, 0, section); desk.changed(); draw(); };
    return make("section", { class: "card designer-section", "data-path": `sections.${s}`, onfocusin: () => { if (!section.fields.includes(draft.at)) draft.at = section; } },
      make("header", { class: "card-head" }, title, make("span", { class: "tools", hidden: sections.length === 1 },
        tool("fa-arrow-up", words.up, () => move(-1), { disabled: s === 0 }),
        tool("fa-arrow-down", words.down, () => move(1), { disabled: s === sections.length - 1 }),
        tool("fa-trash-o", words.remove, () => acts.removeFrom(sections, section)))),
      make("div", { class: "problem-box" }), list);
  }

  function fieldCard(field, path) {
    name(field);
    const open = draft.open.has(field._id);
    const card = make("li", { class: `field-card${open ? " open" : ""}`, "data-path": path, id: path, onfocusin: () => { draft.at = field; }, onkeydown: (event) => keys(event, field) },
      make("div", { class: "field-line" }, drag.handle(field), head(field, open), make("span", { class: "tools" },
        tool("fa-arrow-up", words.up, () => acts.shift(field, -1)),
        tool("fa-arrow-down", words.down, () => acts.shift(field, 1)),
        tool("fa-clone", words.copy, () => acts.duplicate(field)),
        tool("fa-trash-o", words.remove, () => acts.removeFrom(draft.place(field)[0].fields, field)))),
      make("div", { class: "problem-box" }));
    if (open) card.append(settingsOf(field, path, desk));
    return card;
  }

  function head(field, open) {
    const type = words.types[field.type] || { word: field.type, icon: "fa-question" };
    const chips = [[field.required, words.required_short], [field.is_listed, words.listed_short], [field.computed, words.computed_short], [hasFormula(field.condition), words.condition_short]]
      .filter(([on]) => on).map(([, word]) => make("span", { class: "chip" }, word));
    return make("button", { type: "button", class: "field-head", "aria-expanded": String(open), id: `head-${field._id}`, onclick: () => toggle(field) },
      make("span", { class: "type-badge" }, icon(type.icon), " ", type.word), make("span", { class: "field-name" }, labelOf(field)), ...chips);
  }

  function toggle(field) {
    draft.at = field;
    if (draft.open.has(field._id)) draft.open.delete(field._id);
    else draft.open.add(field._id);
    draw(`#head-${field._id}`);
  }

  function keys(event, field) {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    acts.shift(field, event.key === "ArrowUp" ? -1 : 1);
  }

  function ruleCard(rule, n) {
    name(rule);
    const path = `rules.${n}`;
    const asked = draft.fields().filter((field) => field.type !== "heading");
    const labelled = (label, node) => make("label", { class: "field" }, make("span", {}, label), node);
    const at = make("select", { class: "form-control", onchange: (event) => { rule.at = (asked.find((field) => field._id === event.target.value) || { code: "" }).code; desk.changed(); } },
      make("option", { value: "" }, words.choose), ...asked.map((field) => make("option", { value: name(field)._id, selected: field.code === rule.at }, labelOf(field))));
    const weight = make("select", { class: "form-control", onchange: (event) => { rule.warning = event.target.value === "warn"; desk.changed(); } },
      make("option", { value: "refuse", selected: !rule.warning }, words.refuses), make("option", { value: "warn", selected: Boolean(rule.warning) }, words.warns));
    const message = make("input", { class: "form-control", value: (rule.message && rule.message.zh) || "", maxlength: 200, oninput: (event) => { rule.message = { ...rule.message, zh: event.target.value }; desk.changed(); } });
    return make("div", { class: "rule-card", "data-path": path, id: path },
      make("div", { class: "field-line" }, make("strong", {}, `${words.rule} ${n + 1}`), make("span", { class: "tools" }, tool("fa-trash-o", words.remove, () => acts.removeFrom(spec.rules, rule)))),
      make("div", { class: "problem-box" }),
      formulaBox({ owner: rule, key: "check", path, label: words.must_hold, candidates: asked, none: null }, desk),
      make("div", { class: "form-grid" }, labelled(words.shown_at, at), labelled(words.weight, weight)),
      labelled(words.message, message));
  }
}
