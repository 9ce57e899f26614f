/* The draft is saved by itself a moment after the last change; what two people saved at once is decided by whoever came later. */
import { make } from "./designer-parts.js";

/** Saving for the page `root`: `told` is called with each answer. Gives `changed(delay)` and `say(word, tone)`. */
export function savingOf(root, draft, words, told) {
  const line = document.getElementById("save-state");
  let revision = root.dataset.revision;
  let timer = null;
  let busy = false;
  let dirty = false;
  let stamp = 0;

  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  // Whoever goes on before the pause is over takes what he typed along, and the codes that are still being asked for.
  document.getElementById("go-on").addEventListener("click", async (event) => {
    if (!dirty && !busy && !draft.pending) return;
    event.preventDefault();
    const there = event.target.closest("a").href;
    clearTimeout(timer);
    for (let turn = 0; turn < 40 && (busy || dirty || draft.pending); turn += 1) {
      if (!busy && !draft.pending) await save();
      else await new Promise((done) => { setTimeout(done, 150); });
    }
    if (!dirty) location.href = there;
  });
  return { changed, say };

  function say(word, tone = "") {
    line.textContent = word;
    line.className = `save-state ${tone}`;
  }

  function changed(delay = 700) {
    dirty = true;
    stamp += 1;
    say(words.unsaved);
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  async function save() {
    if (busy || !dirty) return;
    busy = true;
    const sent = stamp;
    say(words.saving);
    let again = 0;
    try {
      const answer = await fetch(root.dataset.save, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": root.dataset.token },
        body: JSON.stringify({ revision, spec: draft.spec }, (key, value) => (key.startsWith("_") ? undefined : value)),
      });
      again = heard(answer, await answer.json().catch(() => ({})), sent);
    } catch (error) {
      say(words.failed, "bad");
      again = 5000;
    }
    busy = false;
    if (again) timer = setTimeout(save, again);
  }

  /** What the server answered; after how many milliseconds to save again, 0 for not at all. */
  function heard(answer, said, sent) {
    if (answer.ok) {
      revision = said.revision;
      for (const input of document.querySelectorAll("input[name=row_version]")) input.value = revision;
      if (sent === stamp) { dirty = false; told(said); }
      say(dirty ? words.unsaved : words.saved, dirty ? "" : "ok");
      return dirty ? 400 : 0;
    }
    if (answer.status === 409) {
      conflict(said);
      return 0;
    }
    say(answer.status === 401 ? words.signed_out : (said.problems || []).map((p) => p.message).join(" ") || said.message || words.failed, "bad");
    return 8000;
  }

  function conflict(said) {
    const box = document.getElementById("conflict");
    say(words.unsaved, "bad");
    box.replaceChildren(
      make("p", {}, said.conflict || ""),
      make("button", { type: "button", class: "btn btn-default", onclick: () => { dirty = false; location.reload(); } }, words.take_theirs), " ",
      make("button", { type: "button", class: "btn btn-primary", onclick: () => { revision = said.revision; box.hidden = true; changed(0); } }, words.keep_mine),
    );
    box.hidden = false;
  }
}
