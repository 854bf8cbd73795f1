"use strict";
(() => {
  // A page without this script shows everything. With it, the filter stands in the address, to be kept and sent on.
  const form = document.getElementById("filter");
  if (!form) return;
  const found = document.getElementById("found");
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const groups = [...document.querySelectorAll("tbody[data-group]")];
  const fields = [...form.elements].filter((field) => field.name);
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const texts = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const fits = (row, name, wanted) =>
    name === "q" ? plain(wanted).split(/\s+/).every((word) => texts.get(row).includes(word)) : row.dataset[name] === wanted;

  function asked() {
    return fields.map((field) => [field.name, field.value.trim()]).filter(([, value]) => value !== "");
  }

  function show() {
    const wanted = asked();
    for (const row of rows) row.hidden = !wanted.every(([name, value]) => fits(row, name, value));
    for (const group of groups) group.hidden = ![...group.querySelectorAll("tr[data-row]")].some((row) => !row.hidden);
    const shown = rows.filter((row) => !row.hidden).length;
    found.textContent = form.dataset.found.replace("{shown}", shown).replace("{all}", rows.length);
    document.getElementById("clear").hidden = wanted.length === 0;
  }

  function keep() {
    const wanted = new URLSearchParams(asked()).toString();
    history.replaceState(null, "", wanted ? `#${wanted}` : location.pathname + location.search);
  }

  function fromAddress() {
    if (!location.hash.includes("=")) return false;
    const said = new URLSearchParams(location.hash.slice(1));
    for (const field of fields) {
      field.value = said.get(field.name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    show();
    return true;
  }

  form.hidden = false;
  form.addEventListener("input", () => { show(); keep(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { show(); keep(); fields[0].focus(); }));
  addEventListener("hashchange", () => { if (fromAddress()) form.parentElement.scrollIntoView(); });
  if (!fromAddress()) show();
})();
