// Before a session ends, say so; when it has ended, keep the page: sign in in another tab and go on here.
(function () {
  "use strict";
  const note = document.querySelector(".session-note");
  if (!note) return;
  const text = note.querySelector("span");
  const button = note.querySelector("button");
  const link = note.querySelector("a");
  const data = note.dataset;
  const KEY = "portal-session-ends";
  const WARNING = 2 * 60 * 1000;
  let ends = Date.now() + Number(data.left) * 1000;
  remember();

  function remember() {
    try {
      localStorage.setItem(KEY, String(ends));
    } catch (error) {
      // private windows: this tab counts for itself
    }
  }
  // another tab of the same browser has used the session
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY || Number(event.newValue) <= ends) return;
    if (ends <= Date.now()) return check(); // signed in anew there: the forms here need its token
    ends = Number(event.newValue);
    tick();
  });

  function show(words, over) {
    if (text.textContent !== words) text.textContent = words;
    button.textContent = over ? data.back : data.stay;
    link.hidden = !over;
    note.hidden = false;
  }
  function tick() {
    const left = ends - Date.now();
    if (left > WARNING) note.hidden = true;
    else if (left > 0) show(data.soon, false);
    else show(data.over, true);
  }

  function renewTokens(token) {
    document.querySelectorAll('input[name="csrf_token"]').forEach((input) => (input.value = token));
    document.querySelectorAll("[data-token]").forEach((element) => (element.dataset.token = token));
  }
  async function check() {
    let answer = null;
    try {
      const response = await fetch(data.alive, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (response.ok && !response.redirected) answer = await response.json();
    } catch (error) {
      answer = null;
    }
    if (!answer) {
      ends = Math.min(ends, Date.now());
      show(data.over, true);
    } else if (String(answer.user) !== data.user) {
      show(data.other, true);
    } else {
      renewTokens(answer.token);
      ends = Date.now() + answer.left * 1000;
      remember();
      tick();
    }
  }
  button.addEventListener("click", check);
  setInterval(tick, 5000);
  tick();
})();
