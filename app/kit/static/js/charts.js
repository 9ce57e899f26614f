// Draws every figure[data-chart]: fetches the option, follows the size of the page, offers the picture, fails in words.
(function () {
  "use strict";
  const locale = { zh: "ZH", ko: "KO" }[document.documentElement.lang.slice(0, 2)] || "EN";
  const font = getComputedStyle(document.body).fontFamily;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  async function draw(figure) {
    const canvas = figure.querySelector(".chart-canvas");
    try {
      const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const option = await answer.json();
      const chart = window.echarts.init(canvas, null, { renderer: "canvas", locale });
      chart.setOption(Object.assign({ textStyle: { fontFamily: font }, animation: !still }, option));
      new ResizeObserver(() => chart.resize()).observe(canvas);
      offerRows(chart);
      offerPicture(figure, chart);
    } catch (error) {
      say(figure, figure.dataset.failed);
    }
  }

  // A data item that carries its own `href` (the rows behind the figure) is a link.
  function offerRows(chart) {
    chart.on("click", (item) => {
      const href = item.data && item.data.href;
      if (href && href.startsWith("/")) window.location.assign(href);
    });
  }

  function offerPicture(figure, chart) {
    const button = figure.querySelector("[data-chart-image]");
    button.hidden = false;
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: "#fff" });
      link.download = `${figure.dataset.name}.png`;
      link.click();
    });
  }

  function say(figure, words) {
    const message = figure.querySelector(".chart-message");
    figure.querySelector(".chart-canvas").hidden = true;
    message.textContent = words;
    message.hidden = false;
    const table = figure.querySelector("details");
    if (table) table.open = true;
  }

  document.querySelectorAll("figure[data-chart]").forEach(draw);
})();
