// The code of a new form follows its title by its sounds until somebody types a code of his own.
(() => {
  "use strict";
  const box = document.querySelector("[data-code-for]");
  if (!box) return;
  const title = document.getElementById(box.dataset.codeFor);
  const code = document.getElementById("code");
  let own = code.value !== "";
  code.addEventListener("input", () => { own = code.value !== ""; });
  title.addEventListener("change", async () => {
    if (own || title.value.trim() === "") return;
    const answer = await fetch(`${box.dataset.codeUrl}?text=${encodeURIComponent(title.value)}`, { headers: { Accept: "application/json" } });
    if (answer.ok && !own) code.value = (await answer.json()).code;
  });
})();
