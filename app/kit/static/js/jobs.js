// The page of a job follows it: asks how far it is every second, and loads anew when it has ended.
(function () {
  "use strict";
  const box = document.querySelector("[data-job]");
  if (!box || box.dataset.ended) return;
  const part = (name) => box.querySelector(`[data-job-${name}]`);
  const bar = part("bar");
  let state = null;
  let pause = 1000;

  // Said anew only when it changes: what is read aloud must not repeat itself every second.
  function say(name, words) {
    const place = part(name);
    if (place.textContent !== words) place.textContent = words;
  }

  function show(now) {
    if (now.ended || (state !== null && now.state !== state)) return window.location.reload();
    state = now.state;
    say("stage", now.stage);
    say("words", now.words);
    bar.hidden = !now.total;
    bar.querySelector("progress").max = now.total || 1;
    bar.querySelector("progress").value = now.done;
    say("done", String(now.done));
    say("total", String(now.total));
  }

  async function ask() {
    try {
      const answer = await fetch(box.dataset.job, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.redirected || answer.status === 404) return window.location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
      pause = 1000;
    } catch (error) {
      say("words", box.dataset.lost);
      pause = Math.min(pause * 2, 30000);
    }
    window.setTimeout(ask, pause);
  }
  window.setTimeout(ask, 500);
})();
