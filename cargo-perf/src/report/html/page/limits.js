// Limits: how far each benchmark goes, and what a level takes.
function limitsPage() {
  const rows = D.rows.filter(row => row.limit);
  if (!rows.length) return [h("h1", {}, "Limits"), h("section", { class: "card" }, h("p", { class: "empty" }, "No benchmark here is a limit. One is written #[perf::limit(n in 1..=1_000_000, wall = \"2s\")]."))];
  return [h("section", { class: "head" }, h("h1", {}, "Limits"), h("p", { class: "soft" }, "The largest level that stays within its caps, and how the time grows on the way there.")),
    h("section", { class: "card" }, h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["Limit", "Largest pass", "Smallest fail", "What broke", "Growth"].map((text, i) => h("th", { scope: "col", class: i === 1 || i === 2 ? "num" : null }, text)))),
      h("tbody", {}, rows.map(row => h("tr", {}, h("th", { scope: "row" }, nameLink(row)), h("td", { class: "num" }, count(row.limit.largest)), h("td", { class: "num" }, count(row.limit.smallest)), h("td", {}, row.limit.broke || "–"), h("td", { class: "told small" }, row.limit.growth || "–"))))))),
    rows.slice(0, 12).map(limitCard)];
}

function count(value) { return value === null ? "–" : value.toLocaleString("en").replaceAll(",", " "); }

function limitCard(row) {
  const limit = row.limit, levels = limit.levels.filter(level => level[1] !== null && level[1] > 0 && level[0] > 0).sort((a, b) => a[0] - b[0]);
  const x = levels.map(level => level[0]), passed = levels.map(level => level[3] ? level[1] : null), failed = levels.map(level => level[3] ? null : level[1]);
  const options = c => ({
    scales: { x: { time: false, distr: 3 }, y: { distr: 3 } }, cursor: { y: false, points: { size: 9 } },
    series: [{}, { stroke: c.accent, width: 1.5, points: { show: true, size: 6, fill: c.card } }, { paths: () => null, stroke: c.bad, points: { show: true, size: 8, stroke: c.bad, fill: c.card, width: 2 } }],
    axes: [axis(c, { values: (u, ticks) => ticks.map(tick => tick === null || Math.abs(Math.log10(tick) % 1) > 1e-9 ? "" : amount(tick, "1").replace(/\.0+(?=\D|$)/, "")) }),
      axis(c, { size: 66, values: (u, ticks) => ticks.map(tick => tick === null || Math.abs(Math.log10(tick) % 1) > 1e-9 ? "" : amount(tick, "ns").replace(/\.0+(?=\D|$)/, "")) })],
  });
  const hover = i => [h("b", {}, `${limit.axis} = ${count(x[i])}`), h("div", {}, amount(levels[i][1], "ns")), levels[i][2] !== null && h("div", { class: "soft" }, amount(levels[i][2], "B")), h("div", { class: levels[i][3] ? "good" : "bad" }, levels[i][3] ? "passed" : levels[i][4] || "failed")].filter(Boolean);
  const table = () => simpleTable([limit.axis, "time", "memory", "outcome"], limit.levels.map(level => [count(level[0]), amount(level[1], "ns"), amount(level[2], "B"), level[3] ? "passed" : level[4] || "failed"]));
  return h("section", { class: "card", "data-limit": row.id }, h("h2", {}, "Levels", h("span", { class: "soft name" }, ` ${row.id}`)), h("p", { class: "small told" }, limit.text), limit.growth && h("p", { class: "soft small told" }, limit.growth),
    x.length > 1 ? chartBox(`Time of each level of ${row.id}, both axes logarithmic.`, 240, options, [x, passed, failed], hover) : h("p", { class: "soft small" }, "Too few levels came to their end to be drawn."),
    legend([["--accent", "passed"], ["--bad", "failed"]]), folded("These levels as a table", table));
}
