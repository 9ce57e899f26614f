/* The form designer: one draft in memory, drawn as cards, saved by itself a moment after the last change.
 *
 * The server keeps whatever is typed, right or wrong, and answers with what is wrong where, each formula in words,
 * and the preview. Nothing is checked here a second time. Where scripts are off the form can be changed as text.
 */
import { settingsOf } from "./designer-settings.js";
import { formulaBox } from "./designer-formula.js";

const root = document.getElementById("designer");
if (root) start(root);

function start(root) {
  const words = JSON.parse(root.dataset.words);
  const given = JSON.parse(root.dataset.start);
  const canvas = document.getElementById("canvas");
  const rulesBox = document.getElementById("rules");
  const state = { spec: given.spec, spoken: given.spoken, problems: given.problems, open: new Set(), at: null, stamp: 0 };
  let lastId = 0;
  const name = (thing) => { if (!thing._id) thing._id = `n${(lastId += 1)}`; return thing; };

  // -- small tools ---------------------------------------------------------------------------------

  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const icon = (look) => make("i", { class: `fa ${look}`, "aria-hidden": "true" });
  const tool = (look, label, act, more = {}) => make("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick: act, ...more }, icon(look));
  const labelOf = (field) => (field.label && field.label.zh) || field.code || words.no_label;
  const fields = () => state.spec.sections.flatMap((section) => section.fields);
  const before = (field) => fields().slice(0, Math.max(0, fields().indexOf(field)));
  const place = (field) => {
    for (const section of state.spec.sections) {
      const at = section.fields.indexOf(field);
      if (at >= 0) return [section, at];
    }
    return [state.spec.sections[0], -1];
  };
  const codes = () => [...fields(), ...fields().flatMap((field) => field.columns || [])].map((field) => field.code);
  const tools = { make, icon, tool, words, labelOf, fields, before, codes, changed, renamed, suggest, redraw: draw, name, formulaBox };

  // Formulas come as text; those that can be chosen stand as rows from here on.
  for (const [path, rows] of Object.entries(given.rows)) {
    const steps = path.split(".");
    const key = steps.pop();
    steps.reduce((thing, step) => thing[step], state.spec)[key] = rows;
  }

  // -- saving --------------------------------------------------------------------------------------

  const line = document.getElementById("save-state");
  let revision = root.dataset.revision;
  let timer = null;
  let busy = false;
  let dirty = false;

  function say(word, tone = "") {
    line.textContent = word;
    line.className = `save-state ${tone}`;
  }

  function changed(delay = 700) {
    dirty = true;
    state.stamp += 1;
    say(words.unsaved);
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  async function save() {
    if (busy || !dirty) return;
    busy = true;
    const stamp = state.stamp;
    say(words.saving);
    let again = 0;
    try {
      const answer = await fetch(root.dataset.save, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": root.dataset.token },
        body: JSON.stringify({ revision, spec: state.spec }, (key, value) => (key.startsWith("_") ? undefined : value)),
      });
      const told = await answer.json().catch(() => ({}));
      if (answer.ok) {
        revision = told.revision;
        for (const input of document.querySelectorAll("input[name=row_version]")) input.value = revision;
        if (stamp === state.stamp) { dirty = false; show(told); }
        say(dirty ? words.unsaved : words.saved, dirty ? "" : "ok");
        if (dirty) again = 400;
      } else if (answer.status === 409) {
        conflict(told);
      } else {
        say(answer.status === 401 ? words.signed_out : (told.problems || []).map((p) => p.message).join(" ") || told.message || words.failed, "bad");
        again = 8000;
      }
    } catch (error) {
      say(words.failed, "bad");
      again = 5000;
    }
    busy = false;
    if (again) timer = setTimeout(save, again);
  }

  function conflict(told) {
    const box = document.getElementById("conflict");
    say(words.unsaved, "bad");
    box.replaceChildren(
      make("p", {}, told.conflict || ""),
      make("button", { type: "button", class: "btn btn-default", onclick: () => { dirty = false; location.reload(); } }, words.take_theirs), " ",
      make("button", { type: "button", class: "btn btn-primary", onclick: () => { revision = told.revision; box.hidden = true; changed(0); } }, words.keep_mine),
    );
    box.hidden = false;
  }

  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  // Whoever goes on before the pause is over takes what he typed along.
  document.getElementById("go-on").addEventListener("click", async (event) => {
    if (!dirty && !busy) return;
    event.preventDefault();
    clearTimeout(timer);
    for (let turn = 0; turn < 20 && (busy || dirty); turn += 1) {
      if (!busy) await save();
      else await new Promise((done) => { setTimeout(done, 150); });
    }
    if (!dirty) location.href = event.target.closest("a").href;
  });

  // -- what the server says ------------------------------------------------------------------------

  function show(told) {
    state.problems = told.problems;
    state.spoken = told.spoken;
    mark();
    const frame = document.getElementById("preview");
    frame.innerHTML = told.preview;
    if (window.qingdanSelects) window.qingdanSelects(frame);
    const text = document.getElementById("spec-text");
    if (document.activeElement !== text) text.value = told.text;
  }

  function mark() {
    for (const node of document.querySelectorAll("[data-path]")) {
      const mine = state.problems.filter((problem) => problem.path === node.dataset.path);
      const box = node.querySelector(":scope > .problem-box");
      node.classList.toggle("has-problem", mine.length > 0);
      if (box) box.replaceChildren(...mine.map((problem) => make("p", { class: "field-error" }, icon("fa-exclamation-circle"), " ", problem.message)));
    }
    for (const node of document.querySelectorAll("[data-spoken]")) {
      const said = state.spoken[node.dataset.spoken];
      node.textContent = said ? words.means + said : "";
    }
    const head = document.getElementById("problems-head");
    const whole = state.problems.filter((problem) => !document.querySelector(`[data-path="${problem.path}"]`) || problem.path === "");
    const right = state.problems.length === 0;
    head.replaceChildren(
      make("p", { class: `problems-line ${right ? "right" : "wrong"}` }, icon(right ? "fa-check-circle" : "fa-exclamation-triangle"), " ",
        right ? words.no_problems : words.problems.replace("%(count)s", state.problems.length)),
      ...whole.map((problem) => make("p", { class: "field-error" }, problem.message)),
    );
  }

  // -- drawing -------------------------------------------------------------------------------------

  function draw(focus = null) {
    canvas.replaceChildren(...state.spec.sections.map(sectionCard));
    rulesBox.replaceChildren(...(state.spec.rules || []).map(ruleCard));
    if (!(state.spec.rules || []).length) rulesBox.append(make("p", { class: "muted" }, words.no_rules));
    mark();
    if (focus) {
      const target = document.querySelector(focus);
      if (target) { target.focus(); target.scrollIntoView({ block: "nearest" }); }
    }
  }

  function sectionCard(section, s) {
    name(section);
    const sections = state.spec.sections;
    const title = make("input", { class: "form-control section-title", value: (section.title && section.title.zh) || "", "aria-label": words.section_title, placeholder: words.section_title, maxlength: 80,
      oninput: (event) => { section.title = { ...section.title, zh: event.target.value }; changed(); } });
    const list = make("ol", { class: "field-list", "data-section": s });
    list.append(...section.fields.map((field, f) => fieldCard(field, `sections.${s}.fields.${f}`)));
    if (!section.fields.length) list.append(make("li", { class: "muted empty-section" }, words.empty_section));
    dropOn(list, section);
    const move = (by) => { sections.splice(s, 1); sections.splice(s + by, 0, section); changed(); draw(); };
    return make("section", { class: "card designer-section", "data-path": `sections.${s}`, onfocusin: () => { if (!section.fields.includes(state.at)) state.at = section.fields[section.fields.length - 1] || section; } },
      make("header", { class: "card-head" }, title, make("span", { class: "tools" },
        tool("fa-arrow-up", words.up, () => move(-1), { disabled: s === 0 }),
        tool("fa-arrow-down", words.down, () => move(1), { disabled: s === sections.length - 1 }),
        tool("fa-trash-o", words.remove, () => removeFrom(sections, section), { disabled: sections.length === 1 }))),
      make("div", { class: "problem-box" }), list);
  }

  function fieldCard(field, path) {
    name(field);
    const type = words.types[field.type] || { word: field.type, icon: "fa-question" };
    const open = state.open.has(field._id);
    const chips = [[field.required, words.required_short], [field.is_listed, words.listed_short], [field.computed, words.computed_short], [hasFormula(field.condition), words.condition_short]]
      .filter(([on]) => on).map(([, word]) => make("span", { class: "chip" }, word));
    const head = make("button", { type: "button", class: "field-head", "aria-expanded": String(open), id: `head-${field._id}`, onclick: () => { state.at = field; toggle(field); } },
      make("span", { class: "type-badge" }, icon(type.icon), " ", type.word), make("span", { class: "field-name" }, labelOf(field)), ...chips);
    const handle = make("span", { class: "handle", draggable: "true", title: words.drag, "aria-hidden": "true", ondragstart: (event) => { dragged = field; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", field.code); }, ondragend: () => { dragged = null; clearMarks(); } }, "⠿");
    const card = make("li", { class: `field-card${open ? " open" : ""}`, "data-path": path, id: path, onfocusin: () => { state.at = field; }, onkeydown: (event) => keys(event, field) },
      make("div", { class: "field-line" }, handle, head, make("span", { class: "tools" },
        tool("fa-arrow-up", words.up, () => shift(field, -1), { "data-up": field._id }),
        tool("fa-arrow-down", words.down, () => shift(field, 1), { "data-down": field._id }),
        tool("fa-clone", words.copy, () => duplicate(field)),
        tool("fa-trash-o", words.remove, () => removeFrom(place(field)[0].fields, field)))),
      make("div", { class: "problem-box" }));
    if (open) card.append(settingsOf(field, path, tools));
    return card;
  }

  const hasFormula = (formula) => Boolean(formula && (typeof formula === "string" || formula.parts.some((part) => part.field)));

  function toggle(field) {
    if (state.open.has(field._id)) state.open.delete(field._id);
    else state.open.add(field._id);
    draw(`#head-${field._id}`);
  }

  function ruleCard(rule, n) {
    name(rule);
    const path = `rules.${n}`;
    const asked = fields().filter((field) => field.type !== "heading");
    const labelled = (label, node) => make("label", { class: "field" }, make("span", {}, label), node);
    const at = make("select", { class: "form-control", onchange: (event) => { rule.at = event.target.value; changed(); } },
      make("option", { value: "" }, words.choose), ...asked.map((field) => make("option", { value: field.code, selected: field.code === rule.at }, labelOf(field))));
    const weight = make("select", { class: "form-control", onchange: (event) => { rule.warning = event.target.value === "warn"; changed(); } },
      make("option", { value: "refuse", selected: !rule.warning }, words.refuses), make("option", { value: "warn", selected: Boolean(rule.warning) }, words.warns));
    const message = make("input", { class: "form-control", value: (rule.message && rule.message.zh) || "", maxlength: 200, oninput: (event) => { rule.message = { ...rule.message, zh: event.target.value }; changed(); } });
    return make("div", { class: "rule-card", "data-path": path, id: path },
      make("div", { class: "field-line" }, make("strong", {}, `${words.rule} ${n + 1}`), make("span", { class: "tools" }, tool("fa-trash-o", words.remove, () => removeFrom(state.spec.rules, rule)))),
      make("div", { class: "problem-box" }),
      formulaBox({ owner: rule, key: "check", path, label: words.must_hold, candidates: asked, none: null }, tools),
      make("div", { class: "form-grid" }, labelled(words.shown_at, at), labelled(words.weight, weight)),
      labelled(words.message, message));
  }

  // -- changing ------------------------------------------------------------------------------------

  function add(type) {
    const field = name({ code: freeCode(), label: { zh: "" }, type, _auto: true });
    if (type === "choice" || type === "choices") field.choices = [{ code: "c1", label: { zh: "" } }, { code: "c2", label: { zh: "" } }];
    if (type === "rows") field.columns = [{ code: freeCode(1), label: { zh: "" }, type: "text", _auto: true }];
    const [section, at] = state.at && state.at.fields ? [state.at, state.at.fields.length - 1] : state.at ? place(state.at) : [state.spec.sections[state.spec.sections.length - 1], Infinity];
    section.fields.splice(at === Infinity ? section.fields.length : at + 1, 0, field);
    state.open.clear();
    state.open.add(field._id);
    state.at = field;
    changed();
    draw(`#label-${field._id}`);
  }

  function freeCode(further = 0) {
    const taken = new Set(codes());
    let n = taken.size + 1 + further;
    while (taken.has(`field${n}`)) n += 1;
    return `field${n}`;
  }

  function duplicate(field) {
    const copy = name({ ...JSON.parse(JSON.stringify(field)), _id: undefined, code: freeCode(), _auto: true });
    for (const [n, column] of (copy.columns || []).entries()) { column._id = undefined; column.code = `${copy.code}_${n + 1}`; }
    const [section, at] = place(field);
    section.fields.splice(at + 1, 0, copy);
    state.open.clear();
    state.open.add(copy._id);
    state.at = copy;
    changed();
    draw(`#label-${copy._id}`);
  }

  function removeFrom(list, thing) {
    const at = list.indexOf(thing);
    list.splice(at, 1);
    if (state.at === thing) state.at = list[at - 1] || null;
    changed();
    draw();
    const undo = make("button", { type: "button", class: "btn btn-default btn-sm", onclick: () => { list.splice(at, 0, thing); changed(); draw(); note.remove(); } }, words.undo);
    const note = make("p", { class: "undo-note", role: "status" }, words.removed.replace("%(label)s", thing.label ? labelOf(thing) : (thing.title && thing.title.zh) || words.rule), " ", undo);
    for (const old of document.querySelectorAll(".undo-note")) old.remove();
    document.getElementById("problems-head").after(note);
  }

  function shift(field, by) {
    const sections = state.spec.sections;
    const [section, at] = place(field);
    const s = sections.indexOf(section);
    const to = at + by;
    section.fields.splice(at, 1);
    if (to < 0 && s > 0) sections[s - 1].fields.push(field);
    else if (to > section.fields.length && s < sections.length - 1) sections[s + 1].fields.unshift(field);
    else section.fields.splice(Math.max(0, Math.min(to, section.fields.length)), 0, field);
    changed();
    draw(`#head-${field._id}`);
    const [where, index] = place(field);
    say(words.moved.replace("%(place)s", index + 1).replace("%(count)s", where.fields.length));
  }

  function keys(event, field) {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    shift(field, event.key === "ArrowUp" ? -1 : 1);
  }

  // A code follows the label by its sounds until somebody types a code, and formulas follow the code.
  async function suggest(field) {
    if (!field._auto || !labelOf(field)) return;
    const taken = codes().filter((code) => code !== field.code).join(",");
    const answer = await fetch(`${root.dataset.code}?text=${encodeURIComponent(field.label.zh)}&taken=${encodeURIComponent(taken)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok || !field._auto) return;
    renamed(field, (await answer.json()).code);
    const input = document.getElementById(`code-${field._id}`);
    if (input) input.value = field.code;
    changed();
  }

  function renamed(field, code) {
    const old = field.code;
    field.code = code;
    if (!old || old === code) return;
    const word = new RegExp(`(?<![\\w'"])${old}(?![\\w'"])`, "g");
    const follow = (formula) => {
      if (typeof formula === "string") return formula.replace(word, code);
      for (const part of (formula && formula.parts) || []) {
        if (part.field === old) part.field = code;
        if (part.is_field && part.value === old) part.value = code;
      }
      return formula;
    };
    for (const other of [...fields(), ...fields().flatMap((one) => one.columns || [])]) {
      for (const key of ["condition", "computed"]) if (other[key]) other[key] = follow(other[key]);
    }
    for (const rule of state.spec.rules || []) {
      rule.check = follow(rule.check);
      if (rule.at === old) rule.at = code;
    }
  }

  // -- dragging ------------------------------------------------------------------------------------

  let dragged = null;
  const clearMarks = () => { for (const node of document.querySelectorAll(".drop-before, .drop-into")) node.classList.remove("drop-before", "drop-into"); };

  function dropOn(list, section) {
    const below = (event) => [...list.querySelectorAll(":scope > .field-card")].find((card) => { const box = card.getBoundingClientRect(); return event.clientY < box.top + box.height / 2; });
    list.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      clearMarks();
      const card = below(event);
      if (card) card.classList.add("drop-before");
      else list.classList.add("drop-into");
    });
    list.addEventListener("drop", (event) => {
      if (!dragged) return;
      event.preventDefault();
      const card = below(event);
      const target = card ? section.fields[[...list.querySelectorAll(":scope > .field-card")].indexOf(card)] : null;
      if (target === dragged) return clearMarks();
      const [from, at] = place(dragged);
      from.fields.splice(at, 1);
      section.fields.splice(target ? section.fields.indexOf(target) : section.fields.length, 0, dragged);
      changed();
      draw(`#head-${dragged._id}`);
    });
  }

  // -- beginning -----------------------------------------------------------------------------------

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.add) add(button.dataset.add);
    if ("addSection" in button.dataset) {
      const taken = new Set(state.spec.sections.map((section) => section.code));
      let n = state.spec.sections.length + 1;
      while (taken.has(`s${n}`)) n += 1;
      const section = { code: `s${n}`, title: { zh: words.new_section }, fields: [] };
      state.spec.sections.push(section);
      state.at = section;
      changed();
      draw(`[data-path="sections.${state.spec.sections.length - 1}"] .section-title`);
    }
    if ("addRule" in button.dataset) {
      state.spec.rules = state.spec.rules || [];
      state.spec.rules.push({ check: { any: false, parts: [{ field: "", sign: "<=", value: "", is_field: true }] }, at: "", message: { zh: "" } });
      changed();
      draw();
    }
    if (button.dataset.width) {
      root.classList.toggle("preview-below", button.dataset.width === "desktop");
      document.getElementById("preview").className = `preview-frame preview-${button.dataset.width}`;
      for (const other of root.querySelectorAll("[data-width]")) other.setAttribute("aria-pressed", String(other === button));
    }
  });
  document.getElementById("preview-role").addEventListener("change", async (event) => {
    const box = document.getElementById("as-role");
    box.replaceChildren();
    if (!event.target.value) return;
    const answer = await fetch(`${root.dataset.role}?role=${encodeURIComponent(event.target.value)}`).catch(() => null);
    if (answer && answer.ok) box.innerHTML = await answer.text();
  });
  root.hidden = false;
  draw();
  const wanted = decodeURIComponent(location.hash.slice(1));
  const field = wanted && wanted.split(".").reduce((thing, step) => thing && thing[step], state.spec);
  if (field && field.type) { state.open.add(name(field)._id); draw(`#head-${field._id}`); }
}
