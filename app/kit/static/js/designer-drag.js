/* Fields are dragged by their handle; the keyboard moves them with Alt and the arrows (designer-cards.js). */
import { make } from "./designer-parts.js";

/** Dragging on this page: `handle(field)` is what is taken hold of, `dropOn(list, section)` lets a list take fields in. */
export function dragOf({ acts, words }) {
  let dragged = null;
  return { handle, dropOn };

  function handle(field) {
    return make("span", { class: "handle", draggable: "true", title: words.drag, "aria-hidden": "true",
      ondragstart: (event) => { dragged = field; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", field.code); },
      ondragend: () => { dragged = null; clearMarks(); } }, "⠿");
  }

  function clearMarks() {
    for (const node of document.querySelectorAll(".drop-before, .drop-into")) node.classList.remove("drop-before", "drop-into");
  }

  function dropOn(list, section) {
    const cards = () => [...list.querySelectorAll(":scope > .field-card")];
    const below = (event) => cards().find((card) => { const box = card.getBoundingClientRect(); return event.clientY < box.top + box.height / 2; });
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
      const target = card ? section.fields[cards().indexOf(card)] : null;
      if (target === dragged) clearMarks();
      else acts.drop(dragged, section, target);
    });
  }
}
