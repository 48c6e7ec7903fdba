// Time, throughput, memory and errors of one benchmark, four charts over the same commits whose pointers move together.
const MEMORY = ["peak-rss", "peak", "alloc-bytes"];

// The series that the four are made of: of the machine and build that the table shows. Nothing where no time was measured.
function foursome(row) {
  const time = row.series.find(series => series.metric === "wall");
  return time && { time, memory: MEMORY.map(name => row.series.find(series => series.metric === name && series.where === time.where)).find(Boolean) };
}

function four(row, window) {
  const { time, memory } = foursome(row), failed = new Map(time.failed.map(([commit, , count, of]) => [commit, of ? count / of : 0]));
  const seen = new Set([...points(time).at, ...(memory ? points(memory).at : []), ...failed.keys()]);
  const at = [...seen].filter(commit => (D.commits.time[commit] ?? Infinity) >= window).sort((a, b) => a - b), x = at.map((_, i) => i);
  if (!x.length) return h("section", { class: "card" }, h("p", { class: "empty" }, "No commit of this period was measured."));
  const of = series => { const p = points(series), place = new Map(p.at.map((commit, i) => [commit, i])); return at.map(commit => place.has(commit) ? p.value[place.get(commit)] : null); };
  const [works, what] = row.works, times = of(time), rates = times.map(ns => ns > 0 ? works * 1e9 / ns : null);
  const rate = value => `${amount(value, what === "B" ? "B" : "1")}${what === "B" ? "" : ` ${what}`}/s`;
  const sync = uPlot.sync(`four-${row.index}`);
  const card = (title, list, text, tone, axisOf, range) => h("section", { class: "card", "data-four": title }, h("h3", {}, title), chartBox(`${title} of ${row.id} over ${x.length} commits.`, 190, c => ({
    scales: { x: { time: false, range: () => [-0.5, Math.max(0.5, x.length - 0.5)] }, y: { range } }, cursor: { y: false, sync: { key: sync.key }, points: { size: 8 } },
    series: [{}, { stroke: c[tone], width: 1.7, spanGaps: true, points: { show: x.length < 60, size: 5, fill: c.card } }],
    axes: [axis(c, { grid: { show: false }, space: 80, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (u, ticks) => ticks.map(tick => Number.isInteger(tick) && at[tick] !== undefined ? D.commits.sha[at[tick]].slice(0, 7) : "") }), axisOf(c)],
  }), [x, list], i => list[i] === null ? null : [h("b", {}, text(list[i])), h("div", { class: "soft" }, h("span", { class: "sha" }, D.commits.sha[at[i]].slice(0, 9)), ` ${day(D.commits.time[at[i]])}`)]));
  const free = (u, least, most) => least === null ? [0, 1] : padded(least, most);
  const table = () => simpleTable(["commit", "day", "time", "throughput", memory ? memory.metric : "memory", "launches that failed"], at.map((commit, i) => [D.commits.sha[commit].slice(0, 9), day(D.commits.time[commit]), amount(times[i], "ns"), rates[i] === null ? "–" : rate(rates[i]), memory ? amount(of(memory)[i], memory.unit) : "–", share(failed.get(commit) ?? 0)]).reverse());
  return [h("div", { class: "split", "data-four": "all" },
    card("Time", times, value => amount(value, "ns"), "accent", c => amountAxis(c, "ns"), free),
    card("Throughput", rates, rate, "good", c => axis(c, { size: 74, values: (u, ticks) => ticks.map(tick => tick === null ? "" : amount(tick, what === "B" ? "B" : "1")) }), free),
    memory ? card(`Memory (${memory.metric})`, of(memory), value => amount(value, memory.unit), "other", c => amountAxis(c, memory.unit), free) : h("section", { class: "card" }, h("h3", {}, "Memory"), h("p", { class: "empty" }, "No metric of memory was measured.")),
    card("Launches that failed", at.map(commit => failed.get(commit) ?? 0), share, "bad", c => axis(c, { size: 56, values: (u, ticks) => ticks.map(tick => share(tick)) }), (u, least, most) => [0, Math.max(0.1, most ?? 0) * 1.1])),
    h("section", { class: "card" }, h("p", { class: "soft small" }, `${time.where}. Throughput is ${works === 1 && what === "iterations" ? "iterations" : what === "B" ? "bytes" : what} in a second, from the same times.`), folded("These values as a table", table))];
}
