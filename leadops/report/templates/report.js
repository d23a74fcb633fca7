"use strict";
(() => {
  const table = document.getElementById("leads");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const find = document.getElementById("find");
  const step = document.getElementById("step");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const chips = Array.from(document.querySelectorAll("[data-pick]"));
  const picked = () => new Set(chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.pick));

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = picked();
    let count = 0;
    for (const row of rows) {
      const keep = (!kinds.size || kinds.has(row.dataset.o)) && (!step || !step.value || step.value === row.cells[3].textContent.trim())
        && (!words.length || words.every((word) => text(row).includes(word)));
      row.hidden = !keep;
      count += keep;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    none.hidden = count > 0;
  };

  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const sort = (head) => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const at = head.cellIndex;
    const keys = new Map(rows.map((row) => [row, row.cells[at].textContent.trim()]));
    rows.sort((a, b) => (up ? 1 : -1) * compare(keys.get(a), keys.get(b)));
    const all = document.createDocumentFragment();
    for (const row of rows) all.append(row);
    body.append(all);
  };

  let waiting = 0;
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, rows.length > 2000 ? 150 : 0); });
  if (step) step.addEventListener("change", filter);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
      filter();
    });
  }
  for (const head of table.tHead.rows[0].cells) {
    const button = head.querySelector("button");
    if (button) button.addEventListener("click", () => sort(head));
  }
  document.getElementById("tools").hidden = false;
  filter();
})();
