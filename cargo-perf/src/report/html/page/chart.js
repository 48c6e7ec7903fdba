// Charts, drawn by uPlot. Each can be read with the keyboard and has its numbers beside it as a table.
const live = new Set();

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const of = name => style.getPropertyValue(name).trim();
  return { ink: of("--ink"), soft: of("--soft"), line: of("--line"), accent: of("--accent"), band: of("--accent-soft"), bad: of("--bad"), good: of("--good"), warn: of("--warn"), other: of("--other"), card: of("--card") };
}

// Ends the charts inside an element, or all.
function clearCharts(within = document) {
  for (const chart of live) if (within.contains(chart.box)) { chart.end(); live.delete(chart); }
}

// A box with a chart that follows its width and the theme. `options(colours, width)` gives what uPlot is made from,
// `hover(at)` what stands beside the pointer, `label` what the chart says to whoever cannot see it.
function chartBox(label, height, options, data, hover) {
  const box = h("div", { class: "chart", role: "img", tabindex: "0", "aria-label": `${label} Arrow keys move from point to point.` });
  const tip = h("div", { class: "tip", hidden: true });
  let plot = null, at = null;
  const show = index => {
    at = index;
    if (index === null || index === undefined || !hover) { tip.hidden = true; return; }
    const content = hover(index);
    if (!content) { tip.hidden = true; return; }
    tip.replaceChildren(...[content].flat());
    tip.hidden = false;
    const x = plot.valToPos(plot.data[0][index], "x") + plot.over.offsetLeft;
    const room = box.clientWidth - tip.offsetWidth - 4;
    tip.style.left = `${Math.max(4, Math.min(room, x > box.clientWidth / 2 ? x - tip.offsetWidth - 14 : x + 14))}px`;
    tip.style.top = `${plot.over.offsetTop + 8}px`;
  };
  const draw = () => {
    if (plot) plot.destroy();
    const width = Math.max(220, box.clientWidth);
    const made = options(tokens(), width);
    made.hooks = { ...made.hooks, setCursor: [u => { if (u.cursor.idx !== at || tip.hidden) show(u.cursor.left < 0 ? null : u.cursor.idx); }] };
    plot = new uPlot({ width, height, legend: { show: false }, ...made }, data, box);
    box.append(tip);
    box.dataset.points = data[0].length;
  };
  box.addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
    if (!step || !plot) return;
    event.preventDefault();
    const last = data[0].length - 1, next = Math.max(0, Math.min(last, (at === null || at === undefined ? (step < 0 ? last + 1 : -1) : at) + step));
    plot.setCursor({ left: plot.valToPos(data[0][next], "x"), top: plot.over.clientHeight / 2 });
    show(next);
    tell(tip.textContent);
  });
  box.addEventListener("blur", () => show(null));
  const watch = new ResizeObserver(() => { if (!plot || Math.abs(plot.width - Math.max(220, box.clientWidth)) > 2) draw(); });
  watch.observe(box);
  live.add({ box, redraw: draw, end: () => { watch.disconnect(); if (plot) plot.destroy(); } });
  return box;
}

function axis(c, extra) {
  return { stroke: c.soft, grid: { stroke: c.line, width: 1 }, ticks: { stroke: c.line, width: 1, size: 4 }, font: "12px system-ui, sans-serif", ...extra };
}

// The vertical axis of an amount: one scale for all its numbers.
function amountAxis(c, unit) {
  return axis(c, { size: 74, values: (u, ticks) => {
    const largest = Math.max(...ticks.filter(tick => tick !== null).map(Math.abs));
    const [size, word] = scaleOf(largest, unit);
    const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) / size : 1;
    const places = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step) - 1e-9)));
    return ticks.map(tick => tick === null ? "" : `${(tick / size).toFixed(places)} ${word}`.trim());
  } });
}

// Both axes logarithmic, with room around the points and the line that a chart may have.
function logScales(x, y, line) {
  const around = (list, by) => [Math.min(...list) / by, Math.max(...list) * by], all = line ? [...y, line] : y;
  return { scales: { x: { time: false, distr: 3, range: () => around(x, 1.25) }, y: { distr: 3, range: () => around(all, 1.7) } } };
}

// An axis of amounts at round numbers: powers of ten, with what lies between them where there are few; of two if that is the base.
function logAxis(c, unit, extra, base = 10) {
  const short = tick => amount(tick, unit).replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
  const splits = (u, at, least, most) => {
    const log = Math.log(most / least) / Math.log(base), steps = base === 2 || log > 2.5 ? [1] : log > 1.2 ? [1, 3] : [1, 2, 5], all = [];
    const every = base === 10 && log > 7 ? Math.ceil(log / 6) : base === 2 && log > 8 ? Math.ceil(log / 6) : 1;
    const from = Math.floor(Math.log(least) / Math.log(base) + 1e-9);
    for (let power = from - (from % every); base ** power <= most; power += every) for (const step of steps) all.push(base ** power * step);
    return all.filter(tick => tick >= least && tick <= most);
  };
  return axis(c, { splits, filter: (u, ticks) => ticks, values: (u, ticks) => ticks.map(short), ...extra });
}

// A level that something must not pass, across a chart.
function drawLine(u, c, value, text) {
  if (value === null || value === undefined) return;
  const context = u.ctx, ratio = devicePixelRatio || 1, y = Math.round(u.valToPos(value, "y", true)), { left, top, width, height } = u.bbox;
  if (y < top || y > top + height) return;
  context.save();
  context.strokeStyle = context.fillStyle = c.warn;
  context.lineWidth = ratio;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.setLineDash([5 * ratio, 4 * ratio]);
  context.beginPath(); context.moveTo(left, y); context.lineTo(left + width, y); context.stroke();
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.fillText(text, left + 5 * ratio, y - top < 16 * ratio ? y + 13 * ratio : y - 4 * ratio);
  context.restore();
}

// Marks of a series across its chart: where it stepped, and where its surroundings changed.
function drawMarks(u, c, marks) {
  const context = u.ctx, ratio = devicePixelRatio || 1;
  context.save();
  for (const mark of marks) {
    const x = Math.round(u.valToPos(mark.x, "x", true)), { top, height, left, width } = u.bbox;
    if (x < left || x > left + width) continue;
    const colour = c[mark.tone] || c.soft;
    context.strokeStyle = colour;
    context.lineWidth = (mark.dashed ? 1 : 1.5) * ratio;
    context.setLineDash(mark.dashed ? [4 * ratio, 4 * ratio] : []);
    context.beginPath(); context.moveTo(x, top); context.lineTo(x, top + height); context.stroke();
    context.fillStyle = colour;
    context.font = `${11 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "alphabetic";
    context.textAlign = x > left + width * 0.8 ? "right" : "left";
    context.fillText(mark.sign, x + (context.textAlign === "right" ? -4 : 4) * ratio, top + 11 * ratio);
  }
  context.restore();
}

// A series over commits, with its interval as a band.
function seriesChart(row, series, window) {
  const p = points(series), keep = p.at.map((at, i) => i).filter(i => (D.commits.time[p.at[i]] ?? Infinity) >= window);
  const x = keep.map((_, i) => i), at = keep.map(i => p.at[i]);
  const of = list => list ? keep.map(i => list[i]) : keep.map(() => null);
  const value = of(p.value), low = of(p.low), high = of(p.high);
  // A mark stands at the first point at or after its commit.
  const placeOf = commit => { const i = at.findIndex(a => a >= commit); return i < 0 ? null : i - 0.5; };
  const marks = [
    ...series.marks.map(([commit, text]) => ({ commit, text, tone: "other", dashed: true, sign: "◆" })),
    ...series.steps.map(([commit, ratio, text]) => ({ commit, text, tone: stepTone(series, ratio), sign: ratio === null ? "from zero" : percent(ratio) })),
    ...D.commits.notes.map(([commit, text]) => ({ commit, text, tone: "accent", dashed: true, sign: "✎" })),
    ...series.failed.map(([commit, text, count, of]) => ({ commit, text: `${text} (${count} of ${of} launches)`, tone: "bad", dashed: true, sign: "✕" })),
  ].map(mark => ({ ...mark, x: placeOf(mark.commit) })).filter(mark => mark.x !== null && (mark.x > -0.5 || mark.tone === "accent"));
  const hover = i => {
    const commit = commitOf(at[i]), lines = marks.filter(mark => Math.abs(mark.x + 0.5 - i) < 0.1);
    return [
      h("b", {}, amount(value[i], series.unit)),
      low[i] !== null && h("div", { class: "soft num" }, `${amount(low[i], series.unit)} … ${amount(high[i], series.unit)}`),
      h("div", { class: "soft" }, h("span", { class: "sha" }, commit.sha.slice(0, 9)), ` ${day(commit.time)}${commit.names ? ` (${commit.names})` : ""}`),
      h("div", { class: "subject" }, h("bdi", {}, commit.subject)),
      ...lines.map(mark => h("div", { class: mark.tone }, `${mark.sign} ${mark.text}`)),
    ].filter(Boolean);
  };
  const options = (c, width) => ({
    scales: { x: { time: false, range: () => [-0.5, Math.max(0.5, x.length - 0.5)] }, y: { range: (u, least, most) => least === null ? [0, 1] : padded(least, most) } },
    cursor: { y: false, points: { size: 8, fill: c.accent, stroke: c.accent } },
    series: [{}, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } },
      { stroke: c.accent, width: 1.8, points: { show: x.length < 90, size: 5, fill: c.card } }],
    bands: [{ series: [1, 2], fill: c.band }],
    axes: [axis(c, { grid: { show: false }, space: 74, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      values: (u, ticks) => ticks.map(tick => Number.isInteger(tick) && at[tick] !== undefined ? `${D.commits.sha[at[tick]].slice(0, 7)}\n${D.commits.time[at[tick]] === null ? "" : day(D.commits.time[at[tick]]).slice(5)}` : ""), size: 44 }), amountAxis(c, series.unit)],
    hooks: { draw: [u => drawMarks(u, c, marks)] },
  });
  const label = `${series.metric} of ${row.id} over ${x.length} commits` +
    (x.length ? `, from ${amount(value[0], series.unit)} to ${amount(value[value.length - 1], series.unit)}.` : ".");
  const table = () => simpleTable(["commit", "day", series.metric, "interval", "subject"], at.map((a, i) => [
    D.commits.sha[a].slice(0, 9), day(D.commits.time[a]), amount(value[i], series.unit),
    low[i] === null ? "–" : `${amount(low[i], series.unit)} … ${amount(high[i], series.unit)}`, D.commits.subject[a]]).reverse());
  return { node: x.length ? chartBox(label, 270, options, [x, high, low, value], hover) : h("p", { class: "empty" }, "No commit of this period was measured."), table, marks };
}

function stepTone(series, ratio) {
  if (series.better === "neither") return "warn";
  // From zero it can only have grown.
  if (ratio === null) return series.better === "lower" ? "bad" : "good";
  return (series.better === "lower") === (ratio > 1) ? "bad" : "good";
}

// Room around the values; never so near that noise looks like mountains.
function padded(least, most) {
  const middle = (least + most) / 2, room = Math.max((most - least) * 0.6, Math.abs(middle) * 0.02, 1e-12);
  return [Math.max(least >= 0 ? 0 : -Infinity, middle - room), middle + room];
}

// The medians of launches of the latest runs, side by side.
function launchesChart(row, series) {
  const runs = series.launches.map(([commit, list]) => [commit, list.map(whole => whole * series.scale)]), x = [], value = [], of = [];
  runs.forEach(([commit, list], run) => list.forEach((v, i) => {
    x.push(run + (list.length > 1 ? (i / (list.length - 1) - 0.5) * 0.6 : 0)); value.push(v); of.push(commit);
  }));
  const options = c => ({
    scales: { x: { time: false, range: () => [-0.6, runs.length - 0.4] }, y: { range: (u, least, most) => padded(least, most) } },
    cursor: { y: false, points: { size: 9 } },
    series: [{}, { paths: () => null, stroke: c.accent, points: { show: true, size: 6, stroke: c.accent, fill: c.band } }],
    axes: [axis(c, { grid: { show: false }, splits: () => runs.map((_, i) => i), values: (u, ticks) => ticks.map(i => runs[i] ? commitOf(runs[i][0]).sha.slice(0, 7) : "") }), amountAxis(c, series.unit)],
  });
  const hover = i => [h("b", {}, amount(value[i], series.unit)), h("div", { class: "soft sha" }, commitOf(of[i]).sha.slice(0, 9))];
  return { node: chartBox(`Launches of the latest ${runs.length} runs of ${row.id}: ${series.metric}.`, 210, options, [x, value], hover),
    table: () => simpleTable(["commit", `${series.metric}, median of each launch`], runs.map(([commit, list]) => [commitOf(commit).sha.slice(0, 9), list.map(v => amount(v, series.unit)).join(", ")])) };
}

// A small plain table, for those who read and do not look.
function simpleTable(headings, rows, caption) {
  const most = 500, shown = rows.slice(0, most);
  return h("div", { class: "scroll" }, h("table", {}, caption && h("caption", {}, caption),
    h("thead", {}, h("tr", {}, headings.map(text => h("th", { scope: "col" }, text)))),
    h("tbody", {}, shown.map(cells => h("tr", {}, cells.map((cell, i) => i === 0 ? h("th", { scope: "row", class: "name" }, cell) : h("td", { class: String(cell).length < 24 ? "short" : "told" }, cell)))))),
    rows.length > most && h("p", { class: "soft small" }, `${rows.length - most} more are not listed.`));
}

// A table that is made when it is opened.
function folded(title, make) {
  const details = h("details", {}, h("summary", {}, title));
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(make()); });
  return details;
}

function legend(items) {
  return h("div", { class: "legend", "aria-hidden": "true" }, items.map(([colour, text]) => {
    const swatch = h("i", {});
    swatch.style.background = `var(${colour})`;
    return h("span", {}, swatch, text);
  }));
}

// A line so small that it fits a table: the last values of a series.
const SPARK = 60;
function spark(row) {
  const series = row.series[0];
  if (!series) return null;
  const p = points(series), from = Math.max(0, p.value.length - SPARK), value = p.value.slice(from);
  if (value.length < 2) return h("span", { class: "soft small" }, value.length === 1 ? "1 run" : "");
  const low = p.low ? p.low.slice(from).map((v, i) => v ?? value[i]) : value, high = p.high ? p.high.slice(from).map((v, i) => v ?? value[i]) : value;
  const [least, most] = padded(Math.min(...low), Math.max(...high));
  const x = i => (2 + 128 * i / (value.length - 1)).toFixed(1), y = v => (28 - 26 * (v - least) / (most - least)).toFixed(1);
  const line = list => list.map((v, i) => `${x(i)},${y(v)}`).join("L");
  const band = `M${line(high)}L${low.map((v, i) => `${x(i)},${y(v)}`).reverse().join("L")}Z`;
  return h("svg", { class: "spark", viewBox: "0 0 132 30", role: "img", "aria-label": `${series.metric} over the last ${value.length} commits, from ${amount(value[0], series.unit)} to ${amount(value[value.length - 1], series.unit)}` },
    h("path", { class: "band", d: band }), h("path", { d: `M${line(value)}` }), h("circle", { cx: x(value.length - 1), cy: y(value[value.length - 1]), r: 2 }));
}

// A change with its interval, as far as `widest` to either side.
function effect(row, widest) {
  if (row.ratio === null) return null;
  const x = ratio => 60 + 56 * Math.max(-1, Math.min(1, Math.log(ratio) / widest));
  return h("svg", { class: `effect ${row.verdict === "unchanged" ? "" : toneOf(row)}`, viewBox: "0 0 120 16", role: "img", "aria-label": `change ${row.change}, interval ${row.interval || "none"}` },
    h("line", { class: "zero", x1: 60, x2: 60, y1: 0, y2: 16 }), h("line", { class: "whisker", x1: x(row.low), x2: x(row.high), y1: 8, y2: 8 }), h("circle", { class: "dot", cx: x(row.ratio), cy: 8, r: 3.5 }));
}
