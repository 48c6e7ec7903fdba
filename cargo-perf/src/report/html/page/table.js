// The table of benchmarks: searched, sorted and turned page by page, so that thousands of them stay quick.
const PAGE = 50;
const view = { text: "", verdict: null, sort: "rank", down: false, page: 0, picked: new Set() };

const SORTS = {
  rank: (a, b) => a.index - b.index,
  name: (a, b) => a.id.localeCompare(b.id, "en", { numeric: true }),
  now: (a, b) => less(a.value, b.value),
  change: (a, b) => less(a.ratio, b.ratio),
};

// What is not known stands last, whichever way it is sorted.
function less(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return a - b;
}

function chosen() {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = D.rows.filter(row => words.every(word => row.search.includes(word)) && (!view.verdict || matches(row, view.verdict)));
  const order = SORTS[view.sort];
  const isOpen = row => (view.sort === "now" && row.value === null) || (view.sort === "change" && row.ratio === null);
  return rows.sort((a, b) => (isOpen(a) - isOpen(b)) || (view.down ? order(b, a) : order(a, b)) || a.index - b.index);
}

function matches(row, verdict) {
  if (verdict === "over") return row.over;
  if (verdict === "limit") return row.limit !== null;
  return row.verdict === verdict;
}

// Fills `card` with the table for what is chosen now.
function benchTable() {
  const body = h("tbody", {}), count = h("span", { class: "soft small" }), pages = h("div", { class: "pages" });
  const compare = h("button", { type: "button", onclick: () => { location.hash = `#/compare/${[...view.picked].join(",")}`; } });
  const search = h("input", { type: "search", id: "search", placeholder: "Search benchmarks", "aria-label": "Search benchmarks", value: view.text, autocomplete: "off", spellcheck: "false",
    oninput: event => { view.text = event.target.value; view.page = 0; fill(); } });
  const heads = {};
  const head = (key, text, members) => {
    const th = h("th", { scope: "col", ...members }, h("button", { type: "button", onclick: () => sortBy(key) }, text));
    heads[key] = th;
    return th;
  };
  const sortBy = key => {
    view.down = view.sort === key ? !view.down : key === "change";
    view.sort = key;
    view.page = 0;
    fill();
  };
  const widest = Math.max(Math.log(1.05), ...D.rows.filter(row => row.ratio !== null && row.verdict !== "failed").map(row => Math.min(Math.log(2), Math.abs(Math.log(row.ratio)))));
  const fill = () => {
    const rows = chosen(), last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
    view.page = Math.min(view.page, last);
    const from = view.page * PAGE, shown = rows.slice(from, from + PAGE);
    body.replaceChildren(...shown.map(row => line(row, widest, () => showPicked())));
    if (!rows.length) body.append(h("tr", {}, h("td", { colspan: 7 }, h("p", { class: "empty" }, D.rows.length ? "No benchmark is called that." : "There is no record yet: cargo perf run --save makes one."))));
    const text = rows.length === D.rows.length ? `${rows.length} benchmarks` : `${rows.length} of ${D.rows.length} benchmarks`;
    if (count.textContent && count.textContent !== text) tell(text);
    count.textContent = text;
    for (const [key, th] of Object.entries(heads)) {
      if (view.sort === key) th.setAttribute("aria-sort", view.down ? "descending" : "ascending"); else th.removeAttribute("aria-sort");
      th.firstChild.textContent = th.firstChild.textContent.replace(/ [▲▼]$/, "") + (view.sort === key && key !== "rank" ? (view.down ? " ▼" : " ▲") : "");
    }
    const turn = (text, by) => h("button", { type: "button", disabled: view.page + by < 0 || view.page + by > last, onclick: () => { view.page += by; fill(); body.querySelector("a")?.focus({ preventScroll: false }); } }, text);
    pages.replaceChildren(...(last > 0 ? [turn("Previous", -1), h("span", { class: "soft small num" }, `${from + 1}–${from + shown.length} of ${rows.length}`), turn("Next", 1)] : []));
    showPicked();
  };
  const showPicked = () => { compare.hidden = view.picked.size < 2; compare.textContent = `Compare ${view.picked.size} selected`; };
  const filter = h("select", { "aria-label": "Which verdict", onchange: event => { view.verdict = event.target.value || null; view.page = 0; route(); document.querySelector("main select")?.focus(); } },
    h("option", { value: "" }, "All verdicts"), TILES.filter(([key]) => countOf(key)).map(([key, text]) => h("option", { value: key, selected: view.verdict === key }, `${text} (${countOf(key)})`)));
  fill();
  return h("section", { class: "card", "aria-label": "Benchmarks" },
    h("div", { class: "tools" }, search, filter, compare, count),
    h("div", { class: "scroll" }, h("table", { class: "stack", id: "benchmarks" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "select")), head("name", "Benchmark"),
        h("th", { scope: "col", title: `the last ${SPARK} commits at most` }, "Trend"), head("now", "Now", { class: "num" }), head("change", "Change", { class: "num" }),
        h("th", { scope: "col", class: "num", title: "estimate and interval; the line in the middle is no change" }, "Interval"), head("rank", "Verdict"))), body)), pages);
}

function line(row, widest, onpick) {
  const pick = h("input", { type: "checkbox", "aria-label": `select ${row.id}`, onchange: event => { event.target.checked ? view.picked.add(row.index) : view.picked.delete(row.index); onpick(); } });
  pick.checked = view.picked.has(row.index);
  const why = row.verdict && !["unchanged", "new"].includes(row.verdict) && row.reason;
  return h("tr", { "data-id": row.id }, h("td", { class: "pick" }, pick),
    h("th", { scope: "row" }, nameLink(row), why && h("div", { class: "why", title: row.reason }, why)),
    h("td", {}, spark(row)), h("td", { class: "num", "data-label": "" }, row.now),
    h("td", { class: `num ${row.verdict === "unchanged" ? "" : toneOf(row)}` }, row.change), h("td", { class: "num", title: row.interval }, effect(row, widest)), h("td", { class: "wide" }, chip(row)));
}
