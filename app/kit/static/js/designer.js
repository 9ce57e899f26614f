/* The form designer: one draft in memory, drawn as cards, saved by itself a moment after the last change.
 *
 * The server keeps whatever is typed, right or wrong, and answers with what is wrong where, each formula in words,
 * and the preview. Nothing is checked here a second time. Where scripts are off the form can be changed as text.
 */
import { actsOf } from "./designer-acts.js";
import { cardsOf } from "./designer-cards.js";
import { draftOf } from "./designer-draft.js";
import { savingOf } from "./designer-saving.js";
import { tellingOf } from "./designer-told.js";

const root = document.getElementById("designer");
if (root) start(root);

function start(root) {
  const words = JSON.parse(root.dataset.words);
  const given = JSON.parse(root.dataset.start);
  const draft = draftOf(given, words);
  const { show, mark } = tellingOf(given, words);
  const desk = { root, draft, words, mark, ...savingOf(root, draft, words, show) };
  desk.redraw = (focus) => draw(focus);
  desk.acts = actsOf(desk);
  const draw = cardsOf(desk);

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.add) desk.acts.add(button.dataset.add);
    if ("addSection" in button.dataset) desk.acts.addSection();
    if ("addRule" in button.dataset) desk.acts.addRule();
    if (button.dataset.width) widen(button);
  });
  document.getElementById("preview-role").addEventListener("change", (event) => lookAs(event.target.value));
  root.hidden = false;
  draw();
  goTo(decodeURIComponent(location.hash.slice(1)));

  function widen(button) {
    root.classList.toggle("preview-below", button.dataset.width === "desktop");
    document.getElementById("preview").className = `preview-frame preview-${button.dataset.width}`;
    for (const other of root.querySelectorAll("[data-width]")) other.setAttribute("aria-pressed", String(other === button));
  }

  async function lookAs(role) {
    const box = document.getElementById("as-role");
    box.replaceChildren();
    if (!role) return;
    const answer = await fetch(`${root.dataset.role}?role=${encodeURIComponent(role)}`).catch(() => null);
    if (answer && answer.ok) box.innerHTML = await answer.text();
  }

  /** Open the field an address names, as the page that checks the form does. */
  function goTo(path) {
    const field = path && path.split(".").reduce((thing, step) => thing && thing[step], draft.spec);
    if (!field || !field.type) return;
    draft.open.add(draft.name(field)._id);
    draw(`#head-${field._id}`);
  }
}
