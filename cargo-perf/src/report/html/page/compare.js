// Two commits beside each other, or several benchmarks in one chart.
const sides = { from: null, to: null };

function comparePage(list) {
  const picked = (list || "").split(",").map(Number).filter(index => D.rows[index]);
  const together = picked.length > 1 ? overlay(picked.map(index => D.rows[index])) : h("section", { class: "card" }, h("h2", {}, "Several benchmarks"), h("p", { class: "soft" }, "Select two or more in the table of the overview, and compare them here."));
  return [h("section", { class: "head" }, h("h1", {}, "Compare")), together, commits()];
}

function commits() {
  if (COMMITS < 2) return h("section", { class: "card" }, h("h2", {}, "Two commits"), h("p", { class: "soft" }, "There are records of fewer than two commits."));
  sides.to ??= COMMITS - 1;
  sides.from ??= Math.max(0, COMMITS - 2);
  const place = h("div", {});
  const choose = (side, text) => h("label", { class: "small" }, `${text} `, h("select", { onchange: event => { sides[side] = Number(event.target.value); draw(); } },
    D.commits.sha.map((sha, at) => h("option", { value: at, selected: sides[side] === at }, `${sha.slice(0, 9)} ${day(D.commits.time[at])} ${NAMES.has(at) ? `(${NAMES.get(at)}) ` : ""}${D.commits.subject[at].slice(0, 60)}`)).reverse()));
  const draw = () => {
    const rows = D.rows.flatMap(row => {
      const series = row.series[0];
      const a = series && valueAt(series, sides.from), b = series && valueAt(series, sides.to);
      return a && b && a.value > 0 ? [{ row, series, a, b, ratio: b.value / a.value, apart: isApart(a, b) }] : [];
    }).sort((p, q) => Math.abs(Math.log(q.ratio)) - Math.abs(Math.log(p.ratio)));
    const most = 200;
    place.replaceChildren(rows.length ? h("div", { class: "scroll" }, h("table", { id: "sides" }, h("caption", {}, `${rows.length} benchmarks were measured at both, the largest change first${rows.length > most ? `; the first ${most} are listed` : ""}.`),
      h("thead", {}, h("tr", {}, ["Benchmark", "From", "To", "Change", "Intervals"].map((text, i) => h("th", { scope: "col", class: i && i < 4 ? "num" : null }, text)))),
      h("tbody", {}, rows.slice(0, most).map(({ row, series, a, b, ratio, apart }) => h("tr", {}, h("th", { scope: "row" }, nameLink(row)), h("td", { class: "num" }, amount(a.value, series.unit)), h("td", { class: "num" }, amount(b.value, series.unit)),
        h("td", { class: `num ${apart ? stepTone(series, ratio) : ""}` }, percent(ratio)), h("td", { class: "soft small" }, apart === null ? "–" : apart ? "apart" : "overlap")))))) : h("p", { class: "empty" }, "No benchmark was measured at both."));
  };
  draw();
  return h("section", { class: "card" }, h("h2", {}, "Two commits"), h("div", { class: "tools" }, choose("from", "from"), choose("to", "to")),
    h("p", { class: "soft small" }, "What the records say, beside each other. That is no verdict: ", h("code", {}, "cargo perf compare"), " judges, and measures again before it calls anything worse."), place);
}

function isApart(a, b) {
  if ([a.low, a.high, b.low, b.high].some(end => end === null || end === undefined)) return null;
  return a.low > b.high || b.low > a.high;
}

// Each benchmark relative to the first value it has.
function overlay(rows) {
  const all = rows.filter(row => row.series.length).map(row => ({ row, p: points(row.series[0]) })), at = [...new Set(all.flatMap(({ p }) => p.at))].sort((a, b) => a - b);
  const place = new Map(at.map((commit, i) => [commit, i])), x = at.map((_, i) => i);
  const data = all.map(({ p }) => { const list = x.map(() => null); p.at.forEach((commit, i) => { if (p.value[0]) list[place.get(commit)] = p.value[i] / p.value[0]; }); return list; });
  const colours = ["--accent", "--warn", "--other", "--good", "--bad", "--soft"], of = (c, i) => [c.accent, c.warn, c.other, c.good, c.bad, c.soft][i % 6];
  const options = c => ({ scales: { x: { time: false, range: () => [-0.5, Math.max(0.5, x.length - 0.5)] } }, cursor: { y: false }, series: [{}, ...all.map((_, i) => ({ stroke: of(c, i), width: 1.8, spanGaps: true, dash: i >= 6 ? [6, 4] : undefined, points: { show: x.length < 60, size: 4 } }))],
    axes: [axis(c, { grid: { show: false }, space: 74, values: (u, ticks) => ticks.map(tick => Number.isInteger(tick) && at[tick] !== undefined ? D.commits.sha[at[tick]].slice(0, 7) : "") }), axis(c, { size: 66, values: (u, ticks) => ticks.map(tick => percent(tick)) })] });
  const hover = i => [h("div", { class: "soft" }, h("span", { class: "sha" }, D.commits.sha[at[i]].slice(0, 9)), ` ${day(D.commits.time[at[i]])}`), ...all.map(({ row }, n) => data[n][i] !== null && h("div", { class: "told" }, `${percent(data[n][i])} ${row.id}`)).filter(Boolean)];
  return h("section", { class: "card", "data-series": "overlay" }, h("h2", {}, `${all.length} benchmarks, each relative to its first value here`), chartBox(`${all.length} benchmarks over ${x.length} commits.`, 300, options, [x, ...data], hover), legend(all.map(({ row }, i) => [colours[i % 6], row.id])),
    simpleTable(["benchmark", "now", "change", "verdict"], rows.map(row => [row.id, row.now, row.change, row.verdict || ""])));
}
