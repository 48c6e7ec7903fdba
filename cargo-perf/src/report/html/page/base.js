// What the page is made of: the data that the report carries, the elements that show it, and amounts as people read them.
// Text of others goes into the document as text and never as markup: there is no `innerHTML` anywhere.
const D = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");

// An element. Members that begin with `on` listen, `null` and `false` are left out, the rest are attributes.
function h(tag, members, ...children) {
  const svg = ["svg", "path", "circle", "line"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(members || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

// Says something to whoever listens instead of looking.
function tell(text) { document.getElementById("told").textContent = text; }

// Text in which what stands between two backticks is code; an odd one is a character like any other.
function coded(text) {
  const parts = text.split("`"), rest = parts.length % 2 ? "" : "`" + parts.pop();
  return [...parts.map((part, i) => i % 2 ? h("code", {}, part) : part), rest];
}

// Four digits, as the tables of the command line have them.
function digits(value) {
  const size = Math.abs(value);
  return value.toFixed(size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0);
}

const SCALES = {
  ns: [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]],
  B: [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [1024, "KiB"], [1, "B"]],
  1: [[1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]],
};

// The scale that suits a value: what to divide by, and the unit then.
function scaleOf(value, unit) {
  const scales = SCALES[unit] || [[1, unit]];
  return scales.find(([size]) => Math.abs(value) >= size * 0.99995) || scales[scales.length - 1];
}

function amount(value, unit) {
  if (value === null || value === undefined) return "–";
  const [size, word] = scaleOf(value, unit);
  return `${digits(value / size)} ${word}`.trim();
}

function percent(ratio) {
  const change = (ratio - 1) * 100, size = Math.abs(change);
  if (size < 0.05) return "0.0 %";
  if (size < 999.5) return `${change > 0 ? "+" : ""}${change.toFixed(size < 99.95 ? 1 : 0)} %`;
  return `${digits(ratio)}×`;
}

function day(seconds) { return seconds === null ? "–" : new Date(seconds * 1000).toISOString().slice(0, 10); }

const COMMITS = D.commits.sha.length;
const NAMES = new Map(D.commits.names);
const commitOf = at => ({ sha: D.commits.sha[at], subject: D.commits.subject[at], time: D.commits.time[at], names: NAMES.get(at) });

// A series as it is drawn: the commits it has, and values in its unit. Unpacked when it is first looked at.
function points(series) {
  if (series.points) return series.points;
  const at = [];
  for (let i = 0; i < series.at.length; i += 2) for (let n = 0; n < series.at[i + 1]; n++) at.push(series.at[i] + n);
  const value = series.c.map(c => c * series.scale);
  const end = (offsets, sign) => offsets && value.map((v, i) => offsets[i] === null ? null : v + sign * offsets[i] * series.scale);
  series.points = { at, value, low: end(series.lo, -1), high: end(series.hi, 1) };
  return series.points;
}

// The value of a series at a commit, with its interval.
function valueAt(series, commit) {
  const p = points(series), i = p.at.indexOf(commit);
  return i < 0 ? null : { value: p.value[i], low: p.low && p.low[i], high: p.high && p.high[i] };
}

const KINDS = {
  regressed: ["bad", "▲", "worse"], failed: ["bad", "✕", "failed"], missing: ["bad", "?", "missing"],
  improved: ["good", "▼", "better"], "cannot tell": ["warn", "≈", "cannot tell"], incomparable: ["warn", "≠", "incomparable"],
  layout: ["warn", "↔", "layout"], tolerated: ["warn", "△", "tolerated"], new: ["", "+", "new"], unchanged: ["", "=", "unchanged"],
};

function chip(row) {
  if (row.over) return [h("span", { class: "chip bad" }, h("span", { "aria-hidden": "true" }, "!"), row.over), " ", row.verdict && chipOf(row)];
  return row.verdict ? chipOf(row) : h("span", { class: "chip" }, "measured");
}

function chipOf(row) {
  const [tone, sign] = KINDS[row.verdict] || ["", ""];
  const grave = row.severity && row.severity !== "none" ? `, ${row.severity}` : "";
  return h("span", { class: `chip ${tone}` }, h("span", { "aria-hidden": "true" }, sign), row.verdict + grave);
}

function toneOf(row) { return row.over ? "bad" : (KINDS[row.verdict] || [""])[0]; }

// A name as a link to its page, whole: the table shows three lines of it, the page of the benchmark and the title all.
function nameLink(row) {
  const link = h("a", { class: "name row-name", href: `#/bench/${row.index}`, title: row.id });
  const behind = row.id.startsWith(row.package + "/") ? row.id.slice(row.package.length + 1) : row.id;
  if (D.packages > 1 && behind !== row.id) link.append(h("span", { class: "pkg" }, row.package + "/"));
  link.append(behind);
  return link;
}

// A name without the package, where there is only one.
function within(id) { return D.packages > 1 ? id : id.slice(id.indexOf("/") + 1); }

D.rows.forEach((row, index) => { row.index = index; row.search = row.id.toLowerCase(); });
D.packages = new Set(D.rows.map(row => row.package)).size;
