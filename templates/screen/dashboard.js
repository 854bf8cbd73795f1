"use strict";
(() => {
  // Without this script the page shows every span one after another and every row. With it, one span at a time.
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const controls = document.getElementById("controls");
  const choices = all("input[name=spell]", controls);
  const theme = document.getElementById("theme");
  const tip = document.getElementById("tip");
  const FEW = 20;

  // Spans
  const chosen = () => choices.find((choice) => choice.checked);
  const within = (on) => on >= chosen().dataset.from && on < chosen().dataset.until;

  function showSpell() {
    for (const part of all("[data-spell]")) part.hidden = part.dataset.spell !== chosen().value;
    for (const mark of all(".mark")) mark.classList.toggle("outside", !within(mark.dataset.on));
    for (const list of lists) list.show();
  }

  // The address keeps what is chosen
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  function keep() {
    const said = new URLSearchParams({ spell: chosen().value });
    if (root.dataset.theme) said.set("theme", root.dataset.theme);
    history.replaceState(null, "", `#${said}`);
  }

  function fromAddress() {
    const said = new URLSearchParams(location.hash.slice(1));
    const wanted = choices.find((choice) => choice.value === said.get("spell"));
    if (wanted) wanted.checked = true;
    if (["light", "dark"].includes(said.get("theme"))) root.dataset.theme = said.get("theme");
  }

  // Lists
  class List {
    constructor(form) {
      this.form = form;
      this.table = document.getElementById(`${form.dataset.table}-list`);
      this.body = this.table.tBodies[0];
      this.rows = [...this.body.rows];
      this.texts = new Map(this.rows.map((row) => [row, plain(row.textContent)]));
      this.isWhole = false;
      this.more = document.createElement("button");
      this.more.type = "button";
      this.more.className = "more";
      this.more.addEventListener("click", () => { this.isWhole = true; this.show(); this.table.parentElement.focus(); });
      this.table.parentElement.after(this.more);
      form.hidden = false;
      form.addEventListener("input", () => { this.isWhole = false; this.show(); });
      form.addEventListener("submit", (event) => event.preventDefault());
      all("th[data-sort]", this.table).forEach((head, at) => this.sortable(head, at));
    }

    sortable(head, at) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => this.sort(head, at));
    }

    sort(head, at) {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      for (const other of all("th[aria-sort]", this.table)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      const key = (row) => row.cells[at].dataset.key ?? row.cells[at].textContent.trim();
      const ordered = (a, b) => head.dataset.sort === "number" ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
      const collator = new Intl.Collator(root.lang);
      const compare = head.dataset.sort === "text" ? collator.compare : ordered;
      this.rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (!x || !y || x === "–" || y === "–") return (x && x !== "–" ? 0 : 1) - (y && y !== "–" ? 0 : 1);
        return isUp ? compare(x, y) : compare(y, x);
      });
      this.body.append(...this.rows);
      this.show();
    }

    show() {
      const words = plain(this.form.elements.q.value).split(/\s+/).filter(Boolean);
      const state = this.form.elements.state.value;
      const reach = this.rows.filter((row) => "every" in this.table.dataset || within(row.dataset.on));
      const fitting = new Set(reach.filter((row) => (!state || row.dataset.state === state) && words.every((word) => this.texts.get(row).includes(word))));
      let shown = 0;
      for (const row of this.rows) row.hidden = !fitting.has(row) || (!this.isWhole && ++shown > FEW);
      const count = this.isWhole ? fitting.size : Math.min(fitting.size, FEW);
      this.form.querySelector("output").textContent = this.form.dataset.found.replace("{shown}", count).replace("{all}", reach.length);
      this.more.hidden = fitting.size <= count;
      this.more.textContent = this.form.dataset.all.replace("{n}", fitting.size);
    }
  }
  const lists = all("form[data-table]").map((form) => new List(form));

  // Marks of charts: one stop of the keyboard a chart, arrows within it
  function describe(mark) {
    const figure = figures[mark.dataset.figure];
    const lines = [mark.dataset.said];
    if (figure?.n) lines.push(`n = ${figure.n}`);
    tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    tip.hidden = false;
    const place = mark.getBoundingClientRect();
    const left = Math.min(Math.max(place.left + place.width / 2 - tip.offsetWidth / 2, 4), root.clientWidth - tip.offsetWidth - 4);
    const shape = (mark.querySelector("circle, .bar") ?? mark).getBoundingClientRect();
    const above = shape.top - tip.offsetHeight - 30;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 0 ? above : shape.bottom + 12) + scrollY}px`;
  }
  const silence = () => { tip.hidden = true; };

  function walk(event) {
    const marks = all(".mark", event.currentTarget);
    const at = marks.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (event.key === "Escape") silence();
    if (at < 0 || to === undefined || !marks[to]) return;
    event.preventDefault();
    marks[at].tabIndex = -1;
    marks[to].tabIndex = 0;
    marks[to].focus();
  }
  for (const plot of all("svg.plot")) {
    plot.addEventListener("keydown", walk);
    for (const mark of all(".mark", plot)) {
      for (const kind of ["mouseenter", "focus"]) mark.addEventListener(kind, () => describe(mark));
      for (const kind of ["mouseleave", "blur"]) mark.addEventListener(kind, silence);
    }
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") silence(); });

  // Begin
  fromAddress();
  controls.hidden = false;
  root.classList.add("live");
  theme.setAttribute("aria-pressed", dark());
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    theme.setAttribute("aria-pressed", dark());
    keep();
  });
  document.getElementById("print").addEventListener("click", () => print());
  for (const choice of choices) choice.addEventListener("change", () => { showSpell(); keep(); });
  addEventListener("hashchange", () => { if (location.hash.includes("spell=")) { fromAddress(); showSpell(); } });
  addEventListener("beforeprint", () => { for (const each of all("details")) each.open = true; });
  showSpell();
})();
