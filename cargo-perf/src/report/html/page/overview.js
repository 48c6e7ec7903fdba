// The first page: what changed in the period, what fails, and every benchmark.
const TILES = [["regressed", "Regressed"], ["failed", "Failed"], ["over", "Budget broken"], ["missing", "Missing"], ["improved", "Improved"], ["layout", "Layout"], ["tolerated", "Tolerated"],
  ["cannot tell", "Cannot tell"], ["incomparable", "Incomparable"], ["new", "New"], ["unchanged", "Unchanged"], ["limit", "Limits"]];
const ALWAYS = ["regressed", "failed", "improved", "cannot tell", "unchanged"];
const TONES = { over: "bad", limit: "" };

function countOf(key) { return D.rows.filter(row => matches(row, key)).length; }

function overview() {
  const tiles = TILES.map(([key, text]) => [key, text, countOf(key)]).filter(([key, , count]) => count || ALWAYS.includes(key));
  const tile = ([key, text, count]) => {
    const tone = count ? TONES[key] ?? (KINDS[key] || [""])[0] : "none";
    return h("button", { type: "button", class: `tile ${count ? "" : "none"}`, "aria-pressed": String(view.verdict === key), "data-verdict": key,
      onclick: () => { view.verdict = view.verdict === key ? null : key; view.page = 0; route(); document.querySelector(`[data-verdict="${key}"]`)?.focus(); } },
      h("b", { class: count ? tone : "" }, String(count)), h("span", {}, text));
  };
  return [
    h("section", { class: "head" }, h("h1", {}, D.headline), period(),
      h("p", { class: "soft told" }, D.candidate, D.baseline && h("span", {}, " compared with ", D.baseline))),
    h("div", { class: "tiles", role: "group", "aria-label": "How many of each" }, tiles.map(tile)),
    attention(), benchTable(), notes(),
  ];
}

function period() {
  return h("dl", { class: "facts small" }, D.facts.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, text))));
}

// What somebody has to do something about, with what to do.
function attention() {
  const rows = D.rows.filter(row => row.fails || row.over || ["regressed", "failed", "missing"].includes(row.verdict)), most = 6;
  if (!rows.length) return null;
  const item = row => h("li", {}, h("div", { class: "line" }, nameLink(row), row.ratio !== null && h("b", { class: `num ${toneOf(row)}` }, row.change), row.interval && h("span", { class: "soft small num" }, row.interval), chip(row)),
    row.reason && h("div", { class: "why" }, row.reason), row.budgets.map(text => h("div", { class: "small bad" }, text)), row.advice && h("div", { class: "small soft told" }, coded(row.advice)));
  return h("section", { class: "card" }, h("h2", {}, "What needs attention"), h("ul", { class: "list" }, rows.slice(0, most).map(item)),
    rows.length > most && folded(`${rows.length - most} more`, () => h("ul", { class: "list" }, rows.slice(most).map(item))));
}

function notes() {
  if (!D.notes.length && !D.expectations.length) return null;
  return h("section", { class: "card" }, h("h2", {}, "To be known"), h("ul", { class: "list small" }, [...D.expectations, ...D.notes].map(text => h("li", { class: "told" }, coded(text)))));
}

// Where the numbers come from, and whose work the page is made with.
function about() {
  return [
    h("section", { class: "head" }, h("h1", {}, "About this page")),
    h("section", { class: "card" }, h("h2", {}, "What was measured"), simpleTable(["what", "value"], D.surroundings),
      D.range && h("p", { class: "small" }, "Commits: ", D.range.url ? h("a", { href: D.range.url, rel: "noreferrer noopener" }, `${D.range.from.slice(0, 12)}…${D.range.to.slice(0, 12)}`) : h("code", {}, `git log ${D.range.from.slice(0, 12)}..${D.range.to.slice(0, 12)}`))),
    D.reproduce && h("section", { class: "card" }, h("h2", {}, "The same again"), h("pre", {}, D.reproduce)),
    h("section", { class: "card small" }, h("h2", {}, "How to read it"),
      h("p", {}, "A point is one recorded run of one commit. The band around the line is its interval: where the centre of further launches is to be expected. A full vertical line is a lasting step that was found in the series, a dashed one a change of machine, toolchain or definition, after which values are not compared with those before."),
      D.thinned && h("p", {}, D.thinned)),
    h("section", { class: "card small" }, h("h2", {}, "Licence"), h("p", {}, "Charts: uPlot 1.6.32, MIT licence."), h("pre", {}, D.licence)),
  ];
}
