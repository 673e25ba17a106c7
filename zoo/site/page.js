"use strict";
// The table of models, and what stands behind each number. Whatever comes from a registry, from results or from the
// address is data: it becomes text of the page by textContent and nothing else. Numbers are written by zoo, not here.

const data = JSON.parse(document.getElementById("data").textContent);
const columns = new Map(data.columns.map((column) => [column.name, column]));
const families = new Map();
for (const model of data.models) families.set(model.family, (families.get(model.family) ?? 0) + 1);
const words = data.models.map((model) =>
  [model.name, model.family, model.class, model.repository, ...model.aliases].join("\n").toLowerCase());
const usual = () => ({
  sort: data.sort, search: "", families: new Set(), columns: data.shown, numbers: data.numbers, model: null,
});
let state = usual();
let shown = [];
const narrow = matchMedia("(max-width: 40rem)");

const find = (id) => document.getElementById(id);

/** A new element; `about`: its properties and attributes; strings among `inside` become text. */
function element(tag, about = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}

// --- the state, which the address bears so that it can be sent to others -------------------------------------------

/** What the address says; what is none of the page's own words is left out. */
function read() {
  const found = usual();
  const given = new URLSearchParams(location.hash.slice(1));
  const sort = given.get("sort");
  if (sort !== null && columns.has(sort.replace(/^-/, ""))) found.sort = sort;
  found.search = (given.get("search") ?? "").slice(0, 200);
  found.families = new Set(given.getAll("family").filter((name) => families.has(name)));
  if (given.has("columns")) found.columns = known(given.get("columns").split(","));
  if (["usual", "exact", "short"].includes(given.get("numbers"))) found.numbers = given.get("numbers");
  if (data.models.some((model) => model.name === given.get("model"))) found.model = given.get("model");
  return found;
}

/** Puts what is not as usual into the address. */
function write() {
  const told = new URLSearchParams();
  if (state.sort !== data.sort) told.set("sort", state.sort);
  if (state.search) told.set("search", state.search);
  for (const name of state.families) told.append("family", name);
  if (state.columns.join() !== data.shown.join()) told.set("columns", state.columns.join());
  if (state.numbers !== data.numbers) told.set("numbers", state.numbers);
  if (state.model) told.set("model", state.model);
  const hash = told.toString();
  const [page] = location.href.split("#");
  if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `${page}#${hash}` : page);
}

function change(what) {
  Object.assign(state, what);
  draw();
  write();
}

/** Those of the names that are columns, each once; the model always stands first, and is not among them. */
function known(names) {
  return [...new Set(names)].filter((name) => name !== "model" && columns.has(name));
}

// --- the table -----------------------------------------------------------------------------------------------------

/** The rows that fit search and families, sorted; a value that is not known stands last in both directions. */
function rows() {
  const wanted = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const column = columns.get(state.sort.replace(/^-/, ""));
  const key = column.order ?? column.values;
  const sign = state.sort.startsWith("-") ? -1 : 1;
  return data.models
    .map((_, row) => row)
    .filter((row) => !state.families.size || state.families.has(data.models[row].family))
    .filter((row) => wanted.every((word) => words[row].includes(word)))
    .sort((one, other) => {
      if (key[one] === null || key[other] === null) return (key[one] === null) - (key[other] === null);
      return sign * compared(key[one], key[other]);
    });
}

/** Numbers by size and before texts, texts by their letters. */
function compared(one, other) {
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  if (typeof one === "string") [one, other] = [one.toLowerCase(), other.toLowerCase()];
  return (one > other) - (one < other);
}

/** The columns in the order in which they stand; where there is little room, numbers before words. */
function standing() {
  const found = ["model", ...state.columns].map((name) => columns.get(name));
  const [model, ...others] = found;
  return narrow.matches ? [model, ...others.sort((one, other) => other.numeric - one.numeric)] : found;
}

function draw() {
  const drawn = standing();
  shown = rows();
  find("head").replaceChildren(...drawn.map(heading));
  find("body").replaceChildren(...shown.map((row) => line(row, drawn.slice(1))));
  const all = data.models.length;
  find("count").textContent = shown.length === all ? `${all} models` : `${shown.length} of ${all} models`;
  find("nothing").hidden = shown.length > 0;
  find("search").value = state.search;
  find("numbers").value = state.numbers;
  find("families-button").textContent = state.families.size ? `Families (${state.families.size})` : "Families";
  for (const box of document.querySelectorAll("#families input")) box.checked = state.families.has(box.value);
  for (const box of document.querySelectorAll("#columns input")) box.checked = state.columns.includes(box.value);
}

function heading(column) {
  const down = state.sort === `-${column.name}`;
  const cell = element("th", { scope: "col", className: column.numeric ? "number" : "" });
  if (down || state.sort === column.name) cell.ariaSort = down ? "descending" : "ascending";
  const title = (state.numbers === "exact" && column.exact_title) || column.title;
  cell.append(element("button", { type: "button", title, onclick: () => sort(column) }, title));
  return cell;
}

/** Sorts by a column, numbers first from the largest; and the other way round where it is sorted by that already. */
function sort(column) {
  const now = { [column.name]: `-${column.name}`, [`-${column.name}`]: column.name };
  const first = column.numeric && column.name !== "rank" ? `-${column.name}` : column.name;
  change({ sort: now[state.sort] ?? first });
  find("head").children[standing().indexOf(column)].firstChild.focus();
}

function line(row, drawn) {
  const model = data.models[row];
  const name = element("th", { scope: "row" }, element("button", { type: "button" }, model.name));
  if (model.status !== "exact") name.append(element("span", { className: "mark", title: model.doubt }, model.status));
  return element("tr", {}, name, ...drawn.map((column) => cell(column, row)));
}

function cell(column, row) {
  const text = (column[state.numbers] ?? column.usual)[row];
  const kind = [column.numeric ? "number" : "", column.values[row] === null ? "none" : ""].join(" ").trim();
  return element("td", { className: kind }, text);
}

find("body").addEventListener("click", (event) => {
  // Who marks a text in the row wants to copy it.
  const meant = event.target.closest("button") || getSelection().isCollapsed;
  if (meant) open(shown[event.target.closest("tr").sectionRowIndex]);
});
find("body").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("tr")[step];
  if (!next) return;
  event.preventDefault();
  next.querySelector("button").focus();
});

// --- what the table shows ------------------------------------------------------------------------------------------

function choice(value, label, count, onchange) {
  const box = element("input", { type: "checkbox", value, onchange });
  return element("label", {}, box, label, ...(count ? [element("span", {}, String(count))] : []));
}

function chooseFamilies() {
  const boxes = [...families.keys()].sort(compared).map((name) =>
    choice(name, name, families.get(name), (event) => {
      state.families[event.target.checked ? "add" : "delete"](name);
      change({});
    }));
  const all = element("button", { type: "button", onclick: () => change({ families: new Set() }) }, "All families");
  const inside = element("div", { className: "choices" }, ...boxes);
  find("families").append(element("div", { className: "sets" }, all), inside);
}

function chooseColumns() {
  const sets = Object.entries(data.sets).map(([name, inside]) =>
    element("button", { type: "button", onclick: () => change({ columns: inside }) }, name));
  find("columns").append(element("div", { className: "sets" }, "Show", ...sets));
  for (const group of data.groups) {
    const boxes = data.columns.filter((column) => column.group === group && column.name !== "model").map((column) =>
      choice(column.name, column.title, 0, (event) => {
        const others = state.columns.filter((name) => name !== column.name);
        change({ columns: event.target.checked ? [...others, column.name] : others });
      }));
    const inside = element("div", { className: "choices" }, ...boxes);
    find("columns").append(element("fieldset", {}, element("legend", {}, group), inside));
  }
}

/** Puts a sheet below the button that opens it, within the window. */
function place(event) {
  const sheet = event.target;
  const button = document.querySelector(`[popovertarget="${sheet.id}"]`).getBoundingClientRect();
  const room = document.documentElement.clientWidth - sheet.offsetWidth - 8;
  sheet.style.left = `${Math.max(8, Math.min(button.left, room))}px`;
  sheet.style.top = `${button.bottom + 4}px`;
}

// --- one model -----------------------------------------------------------------------------------------------------

// What stands where in a component of a model's tree, as zoo/site/details.py lists it.
const [LEVEL, PARAMETERS, ACTIVE, NOTE] = [0, 3, 5, 6];
const USUAL_LEVELS = 3;

/** A whole number, which is a text where it has more digits than JavaScript keeps. */
const count = (number) => BigInt(number).toLocaleString("en-US");

function open(row) {
  const model = data.models[row];
  state.model = model.name;
  write();
  find("detail-name").textContent = model.name;
  find("detail-body").replaceChildren(...detail(model));
  if (!find("detail").open) find("detail").showModal();
  find("detail-name").focus();
  find("detail").scrollTop = 0;
}

function detail(model) {
  const whole = model.tree[0];
  const some = whole[ACTIVE] !== null && whole[ACTIVE] !== whole[PARAMETERS];
  const active = some ? `, ${count(whole[ACTIVE])} active` : "";
  const found = [element("p", {}, `${model.class}: ${count(whole[PARAMETERS])} parameters${active}`)];
  if (model.doubt) found.push(element("p", { className: "doubt" }, `${model.status}: ${model.doubt}`));
  found.push(element("h3", {}, "Where the parameters sit"), ...tree(model));
  if (model.formulas.length) found.push(element("h3", {}, "How the count comes about"));
  for (const table of model.formulas) found.push(...formulas(table));
  found.push(element("h3", {}, "Where it comes from"), origin(model));
  found.push(element("h3", {}, "What is counted"), find("counting").content.cloneNode(true));
  return found;
}

function scrolling(label, headers, body) {
  const head = headers.map(([text, kind]) => element("th", { scope: "col", className: kind }, text));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
  return element("div", { className: "scroll", role: "region", ariaLabel: label, tabIndex: 0 }, table);
}

/** The components, down to a level that can be chosen. */
function tree(model) {
  const whole = Number(model.tree[0][PARAMETERS]) || 1;
  const mixed = model.tree.some((part) => part[ACTIVE] !== part[PARAMETERS]);
  const noted = model.tree.some((part) => part[NOTE]);
  const number = (...inside) => element("td", { className: "number" }, ...inside);
  const body = model.tree.map(([level, name, copies, parameters, share, active, note]) => {
    const first = element("th", { scope: "row", className: "part" }, name);
    first.style.setProperty("--level", level);
    const bar = element("i");
    bar.style.setProperty("--share", Number(parameters) / whole);
    return element("tr", {}, first, number(count(parameters)),
      number(element("div", { className: "share" }, share, bar)), number(copies > 1 ? count(copies) : ""),
      ...(mixed ? [number(active === null ? "unknown" : count(active))] : []),
      ...(noted ? [element("td", {}, note)] : []));
  });
  const headers = [["component", ""], ["parameters", "number"], ["share", "number"], ["copies", "number"],
    ...(mixed ? [["active", "number"]] : []), ...(noted ? [["note", ""]] : [])];
  const deepest = Math.max(...model.tree.map((part) => part[LEVEL]));
  const levels = element("select", { onchange: () => fold(Number(levels.value)) });
  for (let level = 1; level <= deepest; level += 1) levels.append(element("option", { value: level }, String(level)));
  const fold = (level) => body.forEach((row, at) => { row.hidden = model.tree[at][LEVEL] > level; });
  levels.value = Math.min(deepest, USUAL_LEVELS);
  fold(Number(levels.value));
  const chooser = element("label", { className: "caption" }, "Levels ", levels);
  return [...(deepest > 1 ? [chooser] : []), scrolling("Where the parameters sit", headers, body)];
}

function formulas(table) {
  const headers = table.headers.map((text, at) => [text, table.numeric[at] ? "number" : ""]);
  const body = table.rows.map(([first, ...rest]) => {
    const cells = rest.map((text, at) => element("td", { className: headers[at + 1][1] || "wide" }, text));
    const name = element("th", { scope: "row" }, first);
    return element("tr", { className: first === "total" ? "sum" : "" }, name, ...cells);
  });
  return [element("p", { className: "caption" }, table.title), scrolling(table.title, headers, body)];
}

function origin(model) {
  const told = model.origin.flatMap(([name, text, link]) =>
    [element("dt", {}, name), element("dd", {}, link ? element("a", { href: link, rel: "noreferrer" }, text) : text)]);
  return element("dl", {}, ...told);
}

/** Where the focus was: at the model that was open, if it is still in the table. */
function closed() {
  const row = data.models.findIndex((model) => model.name === state.model);
  state.model = null;
  write();
  find("body").children[shown.indexOf(row)]?.querySelector("button").focus();
}

// --- light and dark ------------------------------------------------------------------------------------------------

const THEME = "zoo-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** What the person chose before, where the browser keeps such things. */
function kept() {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

function theme(chosen) {
  if (["light", "dark"].includes(chosen)) document.documentElement.dataset.theme = chosen;
  const now = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  find("theme").textContent = now === "dark" ? "Light" : "Dark";
  return now;
}

function turn() {
  const chosen = theme() === "dark" ? "light" : "dark";
  theme(chosen);
  try {
    localStorage.setItem(THEME, chosen);
  } catch {
    // A browser that keeps nothing forgets it.
  }
}

// --- the start -----------------------------------------------------------------------------------------------------

function start() {
  state = read();
  draw();
  const row = data.models.findIndex((model) => model.name === state.model);
  if (row >= 0) open(row);
  else find("detail").close();
}

chooseFamilies();
chooseColumns();
theme(kept());
find("conventions-body").append(find("counting").content.cloneNode(true));
find("theme").addEventListener("click", turn);
dark.addEventListener("change", () => theme());
find("counted").addEventListener("click", () => find("conventions").showModal());
find("detail").addEventListener("close", closed);
find("search").addEventListener("input", (event) => change({ search: event.target.value }));
find("numbers").addEventListener("change", (event) => change({ numbers: event.target.value }));
find("reset").addEventListener("click", () => change({ search: "", families: new Set() }));
for (const sheet of document.querySelectorAll("[popover]")) sheet.addEventListener("toggle", place);
narrow.addEventListener("change", draw);
addEventListener("hashchange", start);
start();
