// The page of one benchmark: every metric over commits, its launches, its limit, and the family it belongs to.
let days = null;
const FOUR = "2 × 2";
const shownMetric = new Map();

function bench(index) {
  const row = D.rows[index];
  if (!row) return [h("h1", {}, "There is no such benchmark"), h("p", {}, h("a", { href: "#/" }, "All benchmarks"))];
  const place = h("div", { class: "stacked" });
  const metrics = [...new Set(row.series.map(series => series.metric))], names = foursome(row) ? [...metrics, FOUR] : metrics;
  let metric = names.includes(shownMetric.get("last")) ? shownMetric.get("last") : names[0];
  const buttons = names.map(name => h("button", { type: "button", "aria-pressed": String(name === metric), title: name === FOUR ? "time, throughput, memory and failures over the same commits" : null, onclick: () => { metric = name; shownMetric.set("last", name); draw(); } }, name));
  const periods = [["all", null], ["90 days", 90], ["30 days", 30], ["7 days", 7]];
  const windows = periods.map(([text, count]) => h("button", { type: "button", "aria-pressed": String(days === count), onclick: () => { days = count; draw(); } }, text));
  const draw = () => {
    clearCharts(place);
    buttons.forEach(button => button.setAttribute("aria-pressed", String(button.textContent === metric)));
    windows.forEach((button, i) => button.setAttribute("aria-pressed", String(periods[i][1] === days)));
    const newest = D.commits.time.length ? Math.max(...D.commits.time) : 0;
    const window = days === null ? -Infinity : newest - days * 86400;
    const cards = metric === FOUR ? four(row, window) : row.series.filter(series => series.metric === metric).map(series => seriesCard(row, series, window));
    place.replaceChildren(...[cards].flat());
  };
  draw();
  return [
    h("section", { class: "head" }, h("p", { class: "small" }, h("a", { href: "#/" }, "← All benchmarks")), h("h1", { class: "name" }, row.id),
      h("div", { class: "line facts" }, chip(row), h("span", { class: "num" }, row.now), row.ratio !== null && h("span", { class: `num ${toneOf(row)}` }, row.change), row.interval && h("span", { class: "soft num" }, row.interval)),
      row.reason && h("p", { class: "told" }, coded(row.reason)), row.remarks.map(text => h("p", { class: "told small" }, coded(text))), row.budgets.map(text => h("p", { class: "told small bad" }, text)),
      row.advice && h("p", { class: "told small soft" }, coded(row.advice))),
    names.length > 0 && h("div", { class: "tools" }, h("div", { class: "seg", role: "group", "aria-label": "Metric" }, buttons), h("div", { class: "seg", role: "group", "aria-label": "Period" }, windows)),
    place, row.limit && limitCard(row), familiesOf(row), figures(row),
  ];
}

function seriesCard(row, series, window) {
  const chart = seriesChart(row, series, window);
  const card = h("section", { class: "card", "data-series": series.metric }, h("h2", {}, `${series.metric} over commits`), series.where && h("p", { class: "soft small told" }, series.where), chart.node,
    legend([["--accent", "centre of the launches"], ["--accent-soft", "interval"], ...(series.steps.length ? [["--bad", "lasting step"]] : []), ...(series.marks.length ? [["--other", "other machine, toolchain or definition"]] : []), ...(D.commits.notes.length ? [["--accent", "✎ note on a commit"]] : [])]),
    chart.marks.length > 0 && h("ul", { class: "list small" }, chart.marks.map(mark => h("li", { class: "told" }, h("span", { class: mark.tone }, `${mark.sign} `), h("span", { class: "sha" }, commitOf(mark.commit).sha.slice(0, 9)), ` ${mark.text}`))),
    folded("These values as a table", chart.table));
  if (!series.launches.length) return card;
  const launches = launchesChart(row, series);
  return h("div", { class: "split" }, card, h("section", { class: "card" }, h("h2", {}, "Launches of the latest runs"), h("p", { class: "soft small" }, "Each point is the median of one launch of the program."), launches.node, folded("These values as a table", launches.table)));
}

function figures(row) {
  const cells = row.figures.map(f => [f.metric, f.baseline, f.value, f.change, f.interval, f.verdict || "", coded(f.reason || "")]);
  return h("section", { class: "card" }, h("h2", {}, "Every metric of the latest run"),
    cells.length ? simpleTable(["metric", "baseline", "now", "change", "interval", "verdict", "why"], cells) : h("p", { class: "soft" }, "Nothing was measured."),
    row.absent.length > 0 && folded(`${row.absent.length} metrics could not be had`, () => simpleTable(["metric", "why"], row.absent)));
}
