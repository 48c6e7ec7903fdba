// Cases of one benchmark beside each other: how time grows over an axis of sizes, and which variant is the best.
function sweepCard(sweep) {
  return h("section", { class: "card", "data-sweep": sweep.id }, h("h2", {}, "Growth of ", h("span", { class: "name" }, within(sweep.id)), ` over ${sweep.axis}`), sweepParts(sweep));
}

function sweepParts(sweep) {
  const cases = sweep.cases.filter(([size, ns]) => ns !== null && ns > 0 && size > 0), x = cases.map(([size]) => size), time = cases.map(([, ns]) => ns);
  const hover = i => [h("b", {}, `${sweep.axis} = ${plain(x[i])}`), h("div", {}, amount(time[i], "ns")), i > 0 && h("div", { class: "soft" }, `${digits(time[i] / time[i - 1])}× for ${digits(x[i] / x[i - 1])}× the size`)].filter(Boolean);
  const chart = x.length > 1 ? chartBox(`Time of ${sweep.id} over ${sweep.axis}, both axes logarithmic.`, 240, c => ({
    ...logScales(x, time), cursor: { y: false, points: { size: 9 } }, series: [{}, { stroke: c.accent, width: 1.5, points: { show: true, size: 6, fill: c.card } }], axes: [logAxis(c, "1", { size: 34 }), logAxis(c, "ns", { size: 70 })],
  }), [x, time], hover) : h("p", { class: "soft small" }, "Too few cases were measured to be drawn.");
  const table = () => h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, [sweep.axis, "time", "benchmark"].map(text => h("th", { scope: "col" }, text)))),
    h("tbody", {}, sweep.cases.map(([size, ns, at]) => h("tr", {}, h("th", { scope: "row" }, plain(size)), h("td", { class: "short" }, amount(ns, "ns")), h("td", {}, nameLink(D.rows[at])))))));
  return [h("p", { class: `told small ${sweep.broken ? "bad" : ""}` }, sweep.text), chart, folded("These cases as a table", table)];
}

// A size as its author wrote it: no scale, and no more digits than it has.
function plain(size) { return Number.isInteger(size) ? count(size) : String(size); }

function rankingCard(ranking) {
  const most = Math.max(...ranking.variants.map(([, , , value]) => value), Number.MIN_VALUE);
  const bar = value => {
    const full = h("span", { class: "bar-full" });
    full.style.width = `${Math.max(0.5, 100 * value / most)}%`;
    return h("span", { class: "bar-of", "aria-hidden": "true" }, full);
  };
  const line = ([place, value, text, size, remark, at]) => h("tr", {}, h("td", { class: "num place" }, place), h("th", { scope: "row" }, at === null ? h("span", { class: "name" }, value) : h("a", { class: "name row-name", href: `#/bench/${at}`, title: D.rows[at].id }, value)),
    h("td", { class: "num" }, text), h("td", { class: "bars" }, bar(size)), h("td", { class: "told small soft wide" }, remark));
  return h("section", { class: "card", "data-ranking": ranking.id }, h("h2", {}, "Variants of ", h("span", { class: "name" }, within(ranking.id))), h("p", { class: "soft small told" }, ranking.text),
    h("div", { class: "scroll" }, h("table", { class: "stack" }, h("thead", {}, h("tr", {}, ["Place", "Variant", "Amount", "", "Beside the others"].map((text, i) => h("th", { scope: "col", class: i === 0 || i === 2 ? "num" : null }, text || h("span", { class: "unseen" }, "as a bar"))))), h("tbody", {}, ranking.variants.map(line)))));
}

// What else a benchmark is part of.
function familiesOf(row) {
  return [D.sweeps.filter(sweep => sweep.cases.some(([, , at]) => at === row.index)).map(sweepCard), D.rankings.filter(ranking => ranking.variants.some(variant => variant[5] === row.index)).map(rankingCard)];
}
