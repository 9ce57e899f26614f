// The wage table: arrow keys and Enter move between cells, the total of a row follows what is typed.
const grid = document.querySelector("[data-wage-grid]");

function cents(text) {
  const clean = text.replace(/[,，\s]/g, "");
  return /^\d+(\.\d{1,2})?$/.test(clean) ? Math.round(parseFloat(clean) * 100) : 0;
}

function add(row) {
  const inputs = [...row.querySelectorAll("input[data-part]")].filter((input) => input.dataset.part !== "insurance_allowance");
  const sum = inputs.reduce((total, input) => total + cents(input.value), 0);
  row.querySelector("[data-total]").textContent = (sum / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
}

function move(input, rows, columns) {
  const row = input.closest("tr");
  const all = [...grid.querySelectorAll("tbody tr")];
  const place = [...row.querySelectorAll("input[data-part]")].indexOf(input);
  const next = all[all.indexOf(row) + rows];
  const target = next && next.querySelectorAll("input[data-part]")[place + columns];
  if (target) { target.focus(); target.select(); }
}

if (grid) {
  grid.addEventListener("input", (event) => { if (event.target.dataset.part) add(event.target.closest("tr")); });
  grid.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.dataset.part) return;
    const edge = input.selectionStart === input.selectionEnd;
    if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); move(input, 1, 0); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(input, -1, 0); }
    else if (event.key === "ArrowLeft" && edge && input.selectionStart === 0) { event.preventDefault(); move(input, 0, -1); }
    else if (event.key === "ArrowRight" && edge && input.selectionStart === input.value.length) { event.preventDefault(); move(input, 0, 1); }
  });
}
