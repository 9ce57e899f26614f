/* The draft in memory: where its fields stand, what they are called, and how formulas follow a code that changes. */

/** The draft of a page: `given` is what the server began it with, `words` are the words of the page. */
export function draftOf(given, words) {
  const spec = given.spec;
  let lastId = 0;
  // Formulas come as text; those that can be chosen stand as rows from here on.
  for (const [path, rows] of Object.entries(given.rows)) {
    const steps = path.split(".");
    const key = steps.pop();
    steps.reduce((thing, step) => thing[step], spec)[key] = rows;
  }
  const draft = { spec, open: new Set(), at: null, pending: 0, name, labelOf, fields, all, before, place, codes, freeCode, renamed };
  return draft;

  /** The thing with an id of its own, by which the page finds it however it moves. */
  function name(thing) {
    if (!thing._id) thing._id = `n${(lastId += 1)}`;
    return thing;
  }

  function labelOf(field) {
    return (field.label && field.label.zh) || words.no_label;
  }

  function fields() {
    return spec.sections.flatMap((section) => section.fields);
  }

  /** Every field and every column. */
  function all() {
    return fields().flatMap((field) => [field, ...(field.columns || [])]);
  }

  function before(field) {
    return fields().slice(0, Math.max(0, fields().indexOf(field)));
  }

  /** The section a field stands in, and its place there; the first section and -1 for one that is gone. */
  function place(field) {
    const section = spec.sections.find((one) => one.fields.includes(field));
    return section ? [section, section.fields.indexOf(field)] : [spec.sections[0], -1];
  }

  function codes() {
    return all().map((field) => field.code);
  }

  function freeCode(further = 0) {
    const taken = new Set(codes());
    let n = taken.size + 1 + further;
    while (taken.has(`field${n}`)) n += 1;
    return `field${n}`;
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
    for (const other of all()) {
      for (const key of ["condition", "computed"]) if (other[key]) other[key] = follow(other[key]);
    }
    for (const rule of spec.rules || []) {
      rule.check = follow(rule.check);
      if (rule.at === old) rule.at = code;
    }
  }
}

/** True for a condition that asks something. */
export const hasFormula = (formula) => Boolean(formula && (typeof formula === "string" ? formula.trim() : formula.parts.some((part) => part.field)));
