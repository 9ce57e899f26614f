/* What is done to the draft: add, copy, take out, move; each act changes it, has it saved and the page drawn anew. */
import { make } from "./designer-parts.js";

/** The acts of this page; `desk` is {root, draft, words, changed, say, redraw}. */
export function actsOf(desk) {
  const { root, draft, words } = desk;
  const { spec, labelOf, name, place } = draft;
  return { add, addSection, addRule, duplicate, removeFrom, shift, drop, suggest };

  function done(focus) {
    desk.changed();
    desk.redraw(focus);
  }

  /** Open a field that came in and put the cursor into its label. */
  function begin(field) {
    draft.open.clear();
    draft.open.add(name(field)._id);
    draft.at = field;
    done(`#label-${field._id}`);
  }

  function add(type) {
    const field = { code: draft.freeCode(), label: { zh: "" }, type, _auto: true };
    if (type === "choice" || type === "choices") field.choices = [{ code: "c1", label: { zh: "" } }, { code: "c2", label: { zh: "" } }];
    if (type === "rows") field.columns = [name({ code: draft.freeCode(1), label: { zh: "" }, type: "text", _auto: true })];
    const [section, at] = whereNow();
    section.fields.splice(at + 1, 0, field);
    begin(field);
  }

  /** The section and the place one is at: a new field comes below. */
  function whereNow() {
    if (draft.at && draft.at.fields) return [draft.at, draft.at.fields.length - 1];
    if (draft.at && place(draft.at)[1] >= 0) return place(draft.at);
    const last = spec.sections[spec.sections.length - 1];
    return [last, last.fields.length - 1];
  }

  function addSection() {
    const taken = new Set(spec.sections.map((section) => section.code));
    let n = spec.sections.length + 1;
    while (taken.has(`s${n}`)) n += 1;
    draft.at = { code: `s${n}`, title: { zh: words.new_section }, fields: [] };
    spec.sections.push(draft.at);
    done(`[data-path="sections.${spec.sections.length - 1}"] .section-title`);
  }

  function addRule() {
    spec.rules = spec.rules || [];
    spec.rules.push({ check: { any: false, parts: [{ field: "", sign: "<=", value: "", is_field: true }] }, at: "", message: { zh: "" } });
    done(`[data-path="rules.${spec.rules.length - 1}"] select`);
  }

  function duplicate(field) {
    const copy = { ...JSON.parse(JSON.stringify(field)), _id: undefined, code: draft.freeCode(), _auto: true };
    for (const [n, column] of (copy.columns || []).entries()) { column._id = undefined; column.code = `${copy.code}_${n + 1}`; }
    const [section, at] = place(field);
    section.fields.splice(at + 1, 0, copy);
    begin(copy);
  }

  function removeFrom(list, thing) {
    const at = list.indexOf(thing);
    list.splice(at, 1);
    if (draft.at === thing) draft.at = list[at - 1] || null;
    done();
    const undo = make("button", { type: "button", class: "btn btn-default btn-sm", onclick: () => { list.splice(at, 0, thing); done(); note.remove(); } }, words.undo);
    const note = make("p", { class: "undo-note", role: "status" }, words.removed.replace("%(label)s", thing.label ? labelOf(thing) : (thing.title && thing.title.zh) || words.rule), " ", undo);
    for (const old of document.querySelectorAll(".undo-note")) old.remove();
    document.getElementById("problems-head").after(note);
    undo.focus({ preventScroll: true });
  }

  function shift(field, by) {
    const [section, at] = place(field);
    const s = spec.sections.indexOf(section);
    const to = at + by;
    section.fields.splice(at, 1);
    if (to < 0 && s > 0) spec.sections[s - 1].fields.push(field);
    else if (to > section.fields.length && s < spec.sections.length - 1) spec.sections[s + 1].fields.unshift(field);
    else section.fields.splice(Math.max(0, Math.min(to, section.fields.length)), 0, field);
    done(`#head-${field._id}`);
    const [where, index] = place(field);
    desk.say(words.moved.replace("%(place)s", index + 1).replace("%(count)s", where.fields.length));
  }

  /** Put a field before another of a section, or at its end. */
  function drop(field, section, target) {
    const [from, at] = place(field);
    from.fields.splice(at, 1);
    section.fields.splice(target ? section.fields.indexOf(target) : section.fields.length, 0, field);
    done(`#head-${field._id}`);
  }

  /** A code follows the label by its sounds until somebody types a code, and formulas follow the code. */
  async function suggest(field) {
    if (!field._auto || !field.label.zh) return;
    draft.pending += 1;
    await ask(field).finally(() => { draft.pending -= 1; });
  }

  async function ask(field) {
    const taken = draft.codes().filter((code) => code !== field.code).join(",");
    const answer = await fetch(`${root.dataset.code}?text=${encodeURIComponent(field.label.zh)}&taken=${encodeURIComponent(taken)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok || !field._auto) return;
    draft.renamed(field, (await answer.json()).code);
    const input = document.getElementById(`code-${field._id}`);
    if (input) input.value = field.code;
    for (const formula of document.querySelectorAll(".formula")) formula.follow();
    desk.changed();
  }
}
