// Forms held as data, as they are filled in: questions that hang on others, computed values, rules, repeating rows.
// The formulas come from the server as trees and are walked here; nothing is executed. The server computes all of it again.
(() => {
  "use strict";

  // -- exact numbers: a fraction of two whole numbers, so that 0.1 + 0.2 is 0.3 as on the server
  const ZERO = 0n;
  const magnitude = (n) => (n < ZERO ? -n : n);
  const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a; };
  const fraction = (n, d) => {
    if (d === ZERO) throw new Error("division by zero");
    const common = gcd(magnitude(n), magnitude(d)) || 1n;
    const sign = d < ZERO ? -1n : 1n;
    return { n: (sign * n) / common, d: (sign * d) / common };
  };
  const isNumber = (value) => value !== null && typeof value === "object" && "n" in value;
  const isDate = (value) => value !== null && typeof value === "object" && "day" in value;
  const number = (text) => {
    const found = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
    if (!found) return null;
    const places = (found[3] || "").length - Number(found[4] || 0);
    const whole = BigInt(found[1] + found[2] + (found[3] || ""));
    return places >= 0 ? fraction(whole, 10n ** BigInt(places)) : fraction(whole * 10n ** BigInt(-places), 1n);
  };
  const rounded = (value, places) => {
    const scale = 10n ** BigInt(places);
    const up = (2n * magnitude(value.n) * scale + value.d) / (2n * value.d);
    return fraction(value.n < ZERO ? -up : up, scale);
  };
  const written = (value, places) => {
    const scaled = magnitude(value.n) * 10n ** BigInt(places) / value.d;
    const digits = String(scaled).padStart(places + 1, "0");
    const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits;
    return value.n < ZERO && scaled ? `-${text}` : text;
  };
  const compared = (a, b) => {
    const one = isNumber(a) ? a.n * b.d : isDate(a) ? a.day : a;
    const other = isNumber(a) ? b.n * a.d : isDate(a) ? b.day : b;
    if (typeof one !== "string") return one < other ? -1 : one > other ? 1 : 0;
    const [left, right] = [[...one], [...other]]; // by code points, as on the server
    for (let n = 0; n < Math.min(left.length, right.length); n += 1) {
      if (left[n] !== right[n]) return left[n].codePointAt(0) < right[n].codePointAt(0) ? -1 : 1;
    }
    return Math.sign(left.length - right.length);
  };

  // -- formulas: what is not known is null, and stays unknown
  const kind = (value) => (isNumber(value) ? "number" : isDate(value) ? "date" : Array.isArray(value) ? "many" : typeof value);
  const refuse = () => { throw new Error("kinds do not mix"); };
  const truth = (value) => (value === null || typeof value === "boolean" ? value : refuse());
  const needs = (value) => (isNumber(value) ? value : refuse());
  const junction = (parts, decisive) => (parts.includes(decisive) ? decisive : parts.includes(null) ? null : !decisive);
  const SIGNS = {
    below: (c) => c < 0, at_most: (c) => c <= 0, above: (c) => c > 0, at_least: (c) => c >= 0, equals: (c) => c === 0, differs: (c) => c !== 0,
  };
  const ARITHMETIC = {
    add: (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d),
    subtract: (a, b) => fraction(a.n * b.d - b.n * a.d, a.d * b.d),
    times: (a, b) => fraction(a.n * b.n, a.d * b.d),
    divided: (a, b) => fraction(a.n * b.d, a.d * b.n),
  };
  const whole = (n) => fraction(BigInt(n), 1n);
  const known = (parts, work) => {
    parts.forEach((part) => part === null || needs(part));
    return parts.includes(null) ? null : work(parts);
  };
  const total = (parts) => parts.reduce(ARITHMETIC.add, whole(0));
  const FUNCTIONS = {
    sum: (parts) => known(parts, total),
    average: (parts) => known(parts, (all) => ARITHMETIC.divided(total(all), whole(all.length))),
    min: (parts) => known(parts, (all) => all.reduce((a, b) => (compared(b, a) < 0 ? b : a))),
    max: (parts) => known(parts, (all) => all.reduce((a, b) => (compared(b, a) > 0 ? b : a))),
    round: (parts) => known(parts, ([value, places]) => (places.d === 1n && places.n >= ZERO && places.n <= 6n ? rounded(value, places.n) : refuse())),
    abs: (parts) => known(parts, ([value]) => fraction(magnitude(value.n), value.d)),
    days: ([from, to]) => (from === null || to === null ? null : isDate(from) && isDate(to) ? whole(to.day - from.day) : refuse()),
    count: ([many]) => (many === null ? whole(0) : Array.isArray(many) ? whole(many.length) : refuse()),
    filled: ([value]) => !(value === null || value === "" || (Array.isArray(value) && !value.length)),
    includes: ([many, code]) => (many === null ? null : Array.isArray(many) ? many.includes(code) : refuse()),
  };
  const overRows = (name, rows, column) => {
    if (rows !== null && !Array.isArray(rows)) refuse();
    const cells = (rows || []).map((row) => row[column] ?? null).filter((cell) => cell !== null);
    if (name === "count") return whole(cells.length);
    return cells.length ? FUNCTIONS[name](cells) : name === "sum" ? whole(0) : null;
  };
  const walk = (tree, values) => {
    const [code, ...parts] = tree;
    const each = () => parts.map((part) => walk(part, values));
    switch (code) {
      case "name": return values[parts[0]] ?? null;
      case "number": return number(parts[0]);
      case "text": case "bool": return parts[0];
      case "and": return junction(each().map(truth), false);
      case "or": return junction(each().map(truth), true);
      case "not": { const value = truth(walk(parts[0], values)); return value === null ? null : !value; }
      case "negative": { const value = walk(parts[0], values); return value === null ? null : fraction(-needs(value).n, value.d); }
      case "if": { const test = truth(walk(parts[0], values)); return test === null ? null : walk(parts[test ? 1 : 2], values); }
      case "call":
        if (parts[1] && parts[1][0] === "column") return overRows(parts[0], values[parts[1][1]] ?? null, parts[1][2]);
        return FUNCTIONS[parts[0]](parts.slice(1).map((part) => walk(part, values)));
      case "compare": {
        const sides = parts.slice(1).map((part) => walk(part, values));
        return junction(parts[0].map((sign, n) => {
          const [left, right] = [sides[n], sides[n + 1]];
          if (left === null || right === null) return null;
          return kind(left) !== kind(right) || Array.isArray(left) ? refuse() : SIGNS[sign](compared(left, right));
        }), false);
      }
      default: return known(each(), ([left, right]) => ARITHMETIC[code](left, right));
    }
  };
  const evaluate = (tree, values) => {
    try { return walk(tree, values); } catch { return null; }
  };
  if (typeof module === "object") {
    module.exports = { walk, evaluate, number, written, rounded, isNumber };
    return;
  }

  // -- what stands on the page
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const NUMBERS = ["integer", "decimal", "money", "percentage"];
  const half = (text) => text.replace(/[０-９．，＋－：％　]/g, (sign) => String.fromCharCode(sign === "　" ? 32 : sign.charCodeAt(0) - 0xfee0));
  const asDate = (text) => {
    const found = /^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?$/.exec(text);
    return found ? { day: Date.UTC(found[1], found[2] - 1, found[3]) / 86400000 } : null;
  };
  const byName = (form, name) => all(`[name="${CSS.escape(name)}"]`, form);
  const answer = (form, field, name) => {
    const inputs = byName(form, name);
    if (byName(form, `${name}-na`).some((tick) => tick.checked)) return null;
    if (field.type === "choices") {
      const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
      return chosen.length ? chosen : null;
    }
    if (field.type === "attachment") {
      const kept = inputs.filter((input) => input.checked).map((input) => input.value);
      const added = byName(form, `${name}-file`).flatMap((input) => [...input.files]);
      return kept.length + added.length ? [...kept, ...added.map((file) => file.name)] : null;
    }
    const text = half((inputs[0] ? inputs[0].value : "").trim());
    if (text === "") return null;
    if (NUMBERS.includes(field.type)) return number(text.replace(/[, ]/g, "").replace(/^[¥￥]|[%元]$/g, ""));
    if (field.type === "date") return asDate(text);
    if (field.type === "boolean") return text === "true";
    return field.type.endsWith("_ref") || field.type === "list_item" ? (number(text) ?? text) : inputs[0].value.trim();
  };
  const cells = (box) => all(":scope > table > tbody > tr", box);

  // One pass in the order of the form: what is not asked is hidden and empty, what is computed is written down.
  const follow = (root) => {
    const form = root.closest("form") || root;
    const live = root.recordForm || (root.recordForm = JSON.parse(root.dataset.record));
    const values = {};
    live.fields.forEach((field) => {
      const name = live.prefix + field.code;
      values[field.code] = field.type === "rows" ? rowsOf(form, field, name, values) : valueOf(form, field, name, values);
    });
    live.rules.forEach((rule) => {
      const line = document.getElementById(`${live.prefix}${rule.code}-rule`);
      if (line) line.hidden = evaluate(rule.check, values) !== false;
    });
  };
  const valueOf = (form, field, name, values) => {
    const box = document.getElementById(`${name}-box`);
    if (field.condition) {
      const asked = evaluate(field.condition, values) === true;
      if (box) box.hidden = !asked;
      if (!asked) return null;
    }
    if (!field.computed) return answer(form, field, name);
    const result = evaluate(field.computed, values);
    const value = isNumber(result) ? rounded(result, field.places) : null;
    const shown = document.getElementById(name);
    if (shown) shown.textContent = value ? written(value, field.places) : "—";
    return value;
  };
  const rowsOf = (form, field, name, values) => {
    const box = document.getElementById(`${name}-box`);
    if (field.condition) {
      const asked = evaluate(field.condition, values) === true;
      if (box) box.hidden = !asked;
      if (!asked) return null;
    }
    const rows = all(`[data-rows="${CSS.escape(name)}"]`, form).flatMap(cells).map((row) => {
      const mine = Object.create(values);
      const said = {};
      field.columns.forEach((column) => {
        said[column.code] = mine[column.code] = valueOf(form, column, `${row.dataset.row}-${column.code}`, mine);
      });
      return said;
    }).filter((row) => Object.values(row).some((cell) => cell !== null));
    return rows.length ? rows : null;
  };

  // -- repeating rows
  const focusFirst = (row) => {
    const input = row && row.querySelector("input:not([type=hidden]), select, textarea");
    if (input) input.focus();
  };
  const addRow = (box) => {
    const rows = cells(box);
    if (rows.length >= Number(box.dataset.most)) return;
    const next = Math.max(-1, ...rows.map((row) => Number(row.dataset.row.split("-").pop()))) + 1;
    const made = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const place = (text) => text.replaceAll("-__row__", `-${next}`);
    [made, ...all("*", made)].forEach((node) => {
      [...node.attributes].forEach((attribute) => { if (attribute.value.includes("-__row__")) attribute.value = place(attribute.value); });
    });
    box.querySelector("tbody").append(made);
    if (window.qingdanSelects) window.qingdanSelects(made);
    focusFirst(made);
    settle(box);
  };
  const settle = (box) => {
    const add = box.querySelector("[data-add-row]");
    if (add) add.disabled = cells(box).length >= Number(box.dataset.most);
    const root = box.closest("[data-record]");
    if (root) follow(root);
  };
  const removeRow = (row) => {
    const box = row.closest("[data-rows]");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (next) focusFirst(next); else box.querySelector("[data-add-row]").focus();
    settle(box);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const begin = (root) => {
    if (root.dataset.begun) return;
    root.dataset.begun = "true";
    all("[data-remove-row]", root).forEach((button) => { button.hidden = false; });
    all("[data-rows] template", root).forEach((kept) => all("[data-remove-row]", kept.content).forEach((button) => { button.hidden = false; }));
    follow(root);
  };
  const beginAll = () => all("[data-record]").forEach(begin);

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add-row]");
    const remove = event.target.closest("[data-remove-row]");
    if (add) {
      event.preventDefault(); // without a script the button sends the form and the server adds the row
      addRow(add.closest("[data-rows]"));
    } else if (remove) {
      event.preventDefault();
      removeRow(remove.closest("tr"));
    }
  });
  document.addEventListener("keydown", (event) => {
    const row = event.key === "Enter" && event.target.matches("input:not([type=checkbox])") && event.target.closest("[data-rows] > table > tbody > tr");
    if (!row || event.isComposing) return;
    event.preventDefault(); // Enter leads on to the next row and makes one at the end; it does not send the form
    if (row.nextElementSibling) focusFirst(row.nextElementSibling); else addRow(row.closest("[data-rows]"));
  });
  const heard = (event) => {
    const root = event.target.closest && event.target.closest("[data-record]");
    if (root) follow(root);
  };
  document.addEventListener("input", heard);
  document.addEventListener("change", heard);
  new MutationObserver(beginAll).observe(document.body, { childList: true, subtree: true }); // a preview is drawn anew
  beginAll();
})();
