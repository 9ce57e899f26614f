// Says below the input what the lists in force say of the certificate, while its name is typed or chosen.
"use strict";

for (const input of document.querySelectorAll("input[data-decision]")) {
  const answer = document.getElementById(input.dataset.answer);
  let asked = 0;
  let waiting = 0;
  const ask = async () => {
    const turn = ++asked;
    const name = input.value.trim();
    if (!name) {
      answer.textContent = "";
      return;
    }
    const url = new URL(input.dataset.decision, window.location.href);
    url.searchParams.set("name", name);
    try {
      const reply = await fetch(url, { headers: { Accept: "application/json" } });
      const said = reply.ok ? await reply.json() : { sentence: "" };
      if (turn === asked) answer.textContent = said.sentence;
    } catch {
      answer.textContent = ""; // the server says it again when the form is sent
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 300);
  });
  if (input.value) ask();
}
