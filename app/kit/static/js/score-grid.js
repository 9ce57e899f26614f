/* The scoring grid: villages down, items across. The table is rendered by the server; this module lets one type in it.
 *
 * One cell is active at a time (roving tabindex). What is typed goes into a queue; one request is on its way at a time,
 * under a key of its own, so that a request sent twice is saved once. The server answers with totals, or with problems
 * at their cells; what was typed stays in its cell until it is right.
 */
"use strict";

const root = document.getElementById("score-entry");
if (root) start(root);

function start(root) {
  const table = root.querySelector("table");
  const words = JSON.parse(root.dataset.words);
  const narrow = window.matchMedia("(max-width: 767px)");
  const items = new Map();
  for (const th of table.querySelectorAll("th[data-item]")) items.set(th.dataset.item, th.dataset);
  const rows = [...table.tBodies[0].rows];
  const grid = rows.map((row) => [...row.querySelectorAll("td[data-item]")]);
  const panel = panelOf(root);
  let active = null;
  let editor = null;

  // -- moving ------------------------------------------------------------------------------------

  const unitOf = (td) => td.parentElement.dataset.unit;
  const villageOf = (td) => td.parentElement.dataset.village;
  const stored = (td) => td.dataset.stored || "";
  const typed = (td) => (td.dataset.typed === undefined ? stored(td) : td.dataset.typed);
  const place = (td) => {
    const y = rows.indexOf(td.parentElement);
    return [y, grid[y].indexOf(td)];
  };
  const at = (unit, item) => {
    const row = rows.find((one) => one.dataset.unit === String(unit));
    return row && row.querySelector(`td[data-item="${CSS.escape(item)}"]`);
  };

  function activate(td, focus = true) {
    if (!td) return;
    if (active && active !== td) active.tabIndex = -1;
    active = td;
    td.tabIndex = 0;
    for (const row of rows) row.classList.toggle("here", row === td.parentElement);
    for (const th of table.querySelectorAll("th.here")) th.classList.remove("here");
    const head = table.querySelector(`th[data-item="${CSS.escape(td.dataset.item)}"]`);
    if (head) head.classList.add("here");
    if (panel.village && panel.village.value !== unitOf(td)) panel.village.value = unitOf(td);
    panel.show(td);
    if (focus) {
      td.focus({ preventScroll: true });
      reveal(td);
    }
  }

  function reveal(td) {
    const frame = table.parentElement;
    if (narrow.matches) {
      td.scrollIntoView({ block: "nearest" });
      return;
    }
    const box = td.getBoundingClientRect();
    const view = frame.getBoundingClientRect();
    const left = view.left + stickyWidth();
    const top = view.top + table.tHead.offsetHeight;
    if (box.left < left) frame.scrollLeft -= left - box.left;
    else if (box.right > view.right) frame.scrollLeft += box.right - view.right + 8;
    if (box.top < top) frame.scrollTop -= top - box.top;
    else if (box.bottom > view.bottom) frame.scrollTop += box.bottom - view.bottom + 8;
    if (box.bottom > window.innerHeight || box.top < 0) td.scrollIntoView({ block: "nearest" });
  }

  const stickyWidth = () => [...rows[0].children].filter((cell) => cell.classList.contains("stick")).reduce((sum, cell) => sum + cell.offsetWidth, 0);

  /* dy villages down, dx items right; on a phone one village is shown and its items stand below each other. */
  function move(dy, dx) {
    if (!active) return;
    let [y, x] = place(active);
    if (narrow.matches) [dy, dx] = [0, dy + dx];
    y = Math.min(Math.max(y + dy, 0), grid.length - 1);
    x = Math.min(Math.max(x + dx, 0), grid[y].length - 1);
    activate(grid[y][x]);
  }

  /* The next cell in reading order, for Tab; false at the end of the grid, where Tab leaves it. */
  function step(by) {
    let [y, x] = place(active);
    x += by;
    if (x < 0) [y, x] = [y - 1, grid[0].length - 1];
    else if (x >= grid[y].length) [y, x] = [y + 1, 0];
    if (y < 0 || y >= grid.length) return false;
    activate(grid[y][x]);
    return true;
  }

  // -- editing -----------------------------------------------------------------------------------

  function edit(td, text, whole) {
    if (root.dataset.readonly || td.classList.contains("locked")) return;
    finish();
    const input = document.createElement("input");
    input.type = "text";
    input.inputMode = "text";
    input.autocomplete = "off";
    input.className = "cell-input";
    input.value = text;
    input.setAttribute("aria-label", label(td));
    editor = { td, input, whole };
    td.querySelector(".cell-text").hidden = true;
    td.prepend(input);
    input.focus();
    if (whole) input.select();
    else input.setSelectionRange(text.length, text.length);
    input.addEventListener("blur", () => finish());
  }

  function finish(keep = true) {
    if (!editor) return;
    const { td, input } = editor;
    editor = null;
    td.querySelector(".cell-text").hidden = false;
    const value = input.value.trim();
    input.remove();
    if (keep) put(td, value);
    panel.show(active);
  }

  function put(td, text, reason) {
    if (text === typed(td) && reason === undefined && !td.classList.contains("bad")) return;
    if (text === stored(td) && reason === undefined) {
      clean(td);
      return;
    }
    td.dataset.typed = text;
    draw(td);
    mark(td, "waiting");
    send([{ td, text, reason }]);
  }

  function draw(td) {
    td.querySelector(".cell-text").textContent = typed(td);
  }

  function mark(td, state, message = "") {
    td.classList.remove("waiting", "bad", "conflict", "saved");
    if (state) td.classList.add(state);
    const line = td.querySelector(".cell-error");
    line.textContent = message;
    line.hidden = !message;
    if (state === "bad" || state === "conflict") td.setAttribute("aria-invalid", "true");
    else td.removeAttribute("aria-invalid");
    if (td === active) panel.show(td);
  }

  function clean(td) {
    delete td.dataset.typed;
    draw(td);
    mark(td, "");
  }

  const label = (td) => `${villageOf(td)} ${td.dataset.item} ${items.get(td.dataset.item).name}`;

  // -- saving ------------------------------------------------------------------------------------

  const queue = [];
  let busy = false;
  let wait = 500;

  function send(changes) {
    const last = queue[queue.length - 1];
    if (last && !last.sent) {
      for (const change of changes) {
        const same = last.changes.find((one) => one.td === change.td);
        if (same) Object.assign(same, change, { reason: change.reason === undefined ? same.reason : change.reason });
        else last.changes.push(change);
      }
    } else queue.push({ key: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`, changes, sent: false });
    pump();
  }

  async function pump() {
    if (busy || !queue.length) return;
    busy = true;
    const job = queue[0];
    if (!job.sent) {
      job.sent = true;
      job.cells = job.changes.map(({ td, text, reason }) => cellOf(td, text, reason));
    }
    say(words.saving);
    let answer;
    try {
      answer = await post({ key: job.key, cells: job.cells });
    } catch (error) {
      busy = false;
      say(words.offline, "bad");
      setTimeout(pump, wait);
      wait = Math.min(wait * 2, 15000);
      return;
    }
    wait = 500;
    queue.shift();
    busy = false;
    settle(job, answer);
    pump();
  }

  function cellOf(td, text, reason) {
    const cell = { unit: Number(unitOf(td)), item: td.dataset.item, text, was: stored(td) };
    if (reason !== undefined) cell.reason = reason;
    return cell;
  }

  async function post(body) {
    const response = await fetch(root.dataset.url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": root.dataset.token, ...(body.key ? { "X-Request-Key": body.key } : {}) },
      body: JSON.stringify(body),
    });
    if (response.status >= 500) throw new Error(String(response.status));
    if (response.redirected || !(response.headers.get("Content-Type") || "").includes("json")) return { problems: [], message: words.signed_out };
    return response.json();
  }

  function settle(job, answer) {
    if (answer.sheets) {
      answer.sheets.forEach(accept);
      for (const { td, text } of job.changes) if (td.dataset.typed === text) settled(td);
      say(`${words.saved} ${new Date().toTimeString().slice(0, 5)}`, "ok");
      return;
    }
    const about = new Map((answer.problems || []).map((problem) => [problem.where, problem]));
    const good = [];
    for (const change of job.changes) {
      const problem = about.get(`${unitOf(change.td)}/${change.td.dataset.item}`);
      if (problem) refuse(change, problem);
      else good.push(change);
    }
    if (about.size && good.length && good.length < job.changes.length) send(good);
    else if (good.length) good.forEach(({ td }) => mark(td, "bad", answer.message || sentences(answer)));
    say(sentences(answer) || answer.message || words.not_saved, "bad");
  }

  const sentences = (answer) => (answer.problems || []).map((problem) => problem.message).slice(0, 3).join(" ");

  function refuse(change, problem) {
    const td = change.td;
    if (problem.code === "assessment.cell_conflict") {
      td.dataset.theirs = problem.theirs || "";
      mark(td, "conflict", problem.message);
    } else mark(td, "bad", problem.message);
  }

  function accept(sheet) {
    const row = rows.find((one) => one.dataset.unit === String(sheet.unit));
    if (!row) return;
    for (const [name, text] of Object.entries(sheet.totals)) {
      const cell = row.querySelector(`[data-total="${name}"]`);
      if (cell) cell.textContent = text;
    }
    row.classList.toggle("complete", sheet.complete);
    for (const [item, cell] of Object.entries(sheet.cells)) {
      const td = row.querySelector(`td[data-item="${CSS.escape(item)}"]`);
      if (!td) continue;
      td.dataset.stored = cell.text;
      td.dataset.points = cell.points;
      td.dataset.reason = cell.reason;
      td.classList.toggle("needs-reason", cell.needs_reason);
      if (td.dataset.typed === undefined && td !== (editor && editor.td)) draw(td);
    }
    const filled = row.querySelectorAll('td[data-item]:not([data-stored=""])').length;
    const count = row.querySelector("[data-total=filled]");
    if (count) count.textContent = `${filled}/${grid[0].length}`;
  }

  function settled(td) {
    delete td.dataset.typed;
    draw(td);
    mark(td, "saved");
    setTimeout(() => td.classList.remove("saved"), 1500);
  }

  function say(text, tone = "") {
    const line = root.querySelector(".save-state");
    line.textContent = text;
    line.dataset.tone = tone;
  }

  window.addEventListener("beforeunload", (event) => {
    if (queue.length || editor) event.preventDefault();
  });

  // -- keys --------------------------------------------------------------------------------------

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  table.addEventListener("keydown", (event) => {
    if (!active || event.isComposing) return;
    const key = event.key;
    if (editor) keysInEditor(event, key);
    else keysOnCell(event, key);
  });

  function keysInEditor(event, key) {
    if (key === "Escape") stop(event, () => { finish(false); activate(active); });
    else if (key === "Enter") stop(event, () => { finish(); move(event.shiftKey ? -1 : 1, 0); });
    else if (key === "Tab") leaveByTab(event);
    else if (MOVES[key] && (key === "ArrowUp" || key === "ArrowDown" || editor.whole === null)) stop(event, () => { finish(); move(...MOVES[key]); });
  }

  function keysOnCell(event, key) {
    if (MOVES[key] && !event.ctrlKey && !event.metaKey && !event.altKey) stop(event, () => move(...MOVES[key]));
    else if (key === "Enter") stop(event, () => move(event.shiftKey ? -1 : 1, 0));
    else if (key === "Tab") leaveByTab(event);
    else if (key === "Home") stop(event, () => activate(event.ctrlKey ? grid[0][0] : grid[place(active)[0]][0]));
    else if (key === "End") stop(event, () => activate(event.ctrlKey ? grid[grid.length - 1][grid[0].length - 1] : grid[place(active)[0]][grid[0].length - 1]));
    else if (key === "F2") stop(event, () => edit(active, typed(active), false));
    else if (key === "F4") stop(event, () => panel.reason.focus());
    else if (key === "Escape") stop(event, () => clean(active));
    else if (key === "Delete" || key === "Backspace") stop(event, () => { if (!root.dataset.readonly) put(active, ""); });
    else if (key === "Process" || event.keyCode === 229) edit(active, "", null);
    else if (key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) stop(event, () => edit(active, key, null));
  }

  function leaveByTab(event) {
    finish();
    if (step(event.shiftKey ? -1 : 1)) event.preventDefault();
  }

  function stop(event, act) {
    event.preventDefault();
    act();
  }

  table.addEventListener("mousedown", (event) => {
    const td = event.target.closest("td[data-item]");
    if (!td || event.target.closest("input")) return;
    event.preventDefault();
    finish();
    const again = td === active;
    activate(td);
    if (again || narrow.matches) edit(td, typed(td), true);
  });
  table.addEventListener("focusin", (event) => {
    const td = event.target.closest("td[data-item]");
    if (td && td !== active) activate(td, false);
  });

  table.addEventListener("copy", (event) => {
    if (editor || !active) return;
    event.clipboardData.setData("text/plain", typed(active));
    event.preventDefault();
  });

  // -- paste -------------------------------------------------------------------------------------

  table.addEventListener("paste", (event) => {
    if (!active || root.dataset.readonly) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const block = text.split("\n").map((line) => line.split("\t").map((cell) => cell.trim()));
    if (editor && block.length === 1 && block[0].length === 1) return;
    event.preventDefault();
    finish(false);
    const changes = spread(block);
    if (changes.length === 1) put(changes[0].td, changes[0].text);
    else if (changes.length) preview(changes, block);
  });

  /* The pasted block laid over the grid from the active cell; empty cells leave what is there. */
  function spread(block) {
    const [y, x] = place(active);
    const changes = [];
    block.forEach((line, dy) => line.forEach((text, dx) => {
      const td = (grid[y + dy] || [])[x + dx];
      if (td && text !== "") changes.push({ td, text });
    }));
    return changes;
  }

  const dialog = root.querySelector("dialog");

  async function preview(changes, block) {
    const body = { dry_run: true, cells: changes.map(({ td, text }) => cellOf(td, text)) };
    let answer;
    try {
      answer = await post(body);
    } catch (error) {
      say(words.offline, "bad");
      return;
    }
    if (!answer.changes) {
      say(sentences(answer) || answer.message, "bad");
      return;
    }
    const asked = block.flat().filter((text) => text !== "").length;
    showPreview(changes, answer.changes, asked - changes.length);
  }

  function showPreview(changes, found, outside) {
    const good = changes.filter((_change, n) => !found[n].problem && found[n].kind !== "same");
    const wrong = changes.filter((_change, n) => found[n].problem);
    const list = dialog.querySelector("tbody");
    list.replaceChildren(...found.filter((one) => one.problem || one.kind !== "same").map((one) => lineOf(one)));
    const same = found.length - good.length - wrong.length;
    dialog.querySelector(".paste-summary").textContent = words.paste_summary
      .replace("{changed}", good.length).replace("{same}", same).replace("{wrong}", wrong.length).replace("{outside}", outside);
    const save = dialog.querySelector("button[value=save]");
    save.disabled = !good.length;
    save.textContent = (wrong.length ? words.paste_rest : words.paste_all).replace("{count}", good.length);
    dialog.onclose = () => {
      if (dialog.returnValue === "save") {
        for (const change of good) {
          change.td.dataset.typed = change.text;
          draw(change.td);
          mark(change.td, "waiting");
        }
        changes.forEach((change, n) => {
          if (!found[n].problem) return;
          change.td.dataset.typed = change.text;
          draw(change.td);
          mark(change.td, "bad", found[n].problem);
        });
        if (good.length) send(good);
      }
      activate(active);
    };
    dialog.returnValue = "";
    dialog.showModal();
    (good.length ? save : dialog.querySelector("button[value=cancel]")).focus();
  }

  function lineOf(one) {
    const row = document.createElement("tr");
    if (one.problem) row.className = "bad";
    for (const [text, look] of [[one.village, ""], [one.item, ""], [one.old || "—", "num"], [one.new, "num"], [one.problem || one.points, one.problem ? "" : "num"]]) {
      const td = document.createElement("td");
      td.textContent = text;
      td.className = look;
      row.append(td);
    }
    return row;
  }

  // -- the panel beside the grid -----------------------------------------------------------------

  function panelOf(root) {
    const box = root.querySelector(".cell-panel");
    const part = (name) => box.querySelector(`[data-part=${name}]`);
    const reason = part("reason");
    const village = root.querySelector(".village-choice select");
    const both = part("conflict");
    reason.addEventListener("change", () => active && !root.dataset.readonly && put(active, typed(active), reason.value));
    reason.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
        event.preventDefault();
        reason.blur();
        activate(active);
      }
    });
    both.addEventListener("click", (event) => {
      const choice = event.target.value;
      if (!choice || !active) return;
      const td = active;
      const mine = typed(td);
      td.dataset.stored = td.dataset.theirs;
      delete td.dataset.theirs;
      if (choice === "mine") {
        mark(td, "waiting");
        send([{ td, text: mine }]);
      } else clean(td);
      activate(td);
    });
    if (village) village.addEventListener("change", () => {
      const row = rows.find((one) => one.dataset.unit === village.value);
      activate(row.querySelector("td[data-item]"), false);
      row.scrollIntoView({ block: "nearest" });
    });
    return {
      reason,
      village,
      show(td) {
        if (!td) return;
        const item = items.get(td.dataset.item);
        part("item").textContent = `${td.dataset.item} ${item.name}`;
        part("village").textContent = villageOf(td);
        part("max").textContent = item.max;
        part("standard").textContent = item.standard || "—";
        part("basis").textContent = item.basis || "—";
        part("hint").textContent = item.hint;
        part("points").textContent = td.dataset.points || "—";
        part("suggestion").hidden = !td.dataset.suggestion;
        part("suggestion").textContent = td.dataset.suggestion ? words.suggestion.replace("{fact}", td.dataset.suggestion) : "";
        const trouble = td.querySelector(".cell-error").textContent;
        part("trouble").hidden = !trouble;
        part("trouble").textContent = trouble;
        both.hidden = !td.classList.contains("conflict");
        if (document.activeElement !== reason) reason.value = td.dataset.reason || "";
        part("needs").hidden = !td.classList.contains("needs-reason");
      },
    };
  }

  root.querySelector("[data-part=suggestion]").addEventListener("click", () => {
    if (active && active.dataset.suggestion) put(active, active.dataset.suggestion);
    activate(active);
  });

  const wanted = new URLSearchParams(location.search).get("unit");
  activate((wanted && rows.find((row) => row.dataset.unit === wanted) || rows[0]).querySelector("td[data-item]"), !narrow.matches);
}
