/* What the server says of the draft: what is wrong where, each formula in plain words, and the preview. */
import { icon, make } from "./designer-parts.js";

/** Telling on this page, beginning with what it was opened with. Gives `show(said)` and `mark()`, to be called after drawing. */
export function tellingOf(given, words) {
  let { problems, spoken } = given;
  return { show, mark };

  function show(said) {
    ({ problems, spoken } = said);
    mark();
    const frame = document.getElementById("preview");
    frame.innerHTML = said.preview;
    if (window.qingdanSelects) window.qingdanSelects(frame);
    const text = document.getElementById("spec-text");
    if (document.activeElement !== text) text.value = said.text;
  }

  function mark() {
    for (const node of document.querySelectorAll("[data-path]")) {
      const mine = problems.filter((problem) => problem.path === node.dataset.path);
      const box = node.querySelector(":scope > .problem-box");
      node.classList.toggle("has-problem", mine.length > 0);
      if (box) box.replaceChildren(...mine.map((problem) => make("p", { class: "field-error" }, icon("fa-exclamation-circle"), " ", problem.message)));
    }
    for (const node of document.querySelectorAll("[data-spoken]")) speak(node);
    head();
  }

  function speak(node) {
    const said = spoken[node.dataset.spoken];
    const path = node.dataset.spoken.replace(/\.\w+$/, "");
    const wrong = problems.filter((problem) => problem.path === path && problem.code.startsWith("expression."));
    const unread = said === "" && wrong.length > 0; // a formula that cannot be said is wrong: why stands where it is typed
    node.classList.toggle("unread", unread);
    node.textContent = unread ? wrong.map((problem) => problem.message).join(" ") : said ? words.means + said : "";
  }

  /** How much is left to mend, and what belongs to no field. */
  function head() {
    const whole = problems.filter((problem) => problem.path === "" || !document.querySelector(`[data-path="${problem.path}"]`));
    const right = problems.length === 0;
    document.getElementById("problems-head").replaceChildren(
      make("p", { class: `problems-line ${right ? "right" : "wrong"}` }, icon(right ? "fa-check-circle" : "fa-exclamation-triangle"), " ",
        right ? words.no_problems : words.problems.replace("%(count)s", problems.length)),
      ...whole.map((problem) => make("p", { class: "field-error" }, problem.message)),
    );
  }
}
