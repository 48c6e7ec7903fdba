// Limits: how far each benchmark goes, what a level takes, and how much many users get done.
function limitsPage() {
  const rows = D.rows.filter(row => row.limit), first = 6;
  if (!rows.length && !D.sweeps.length && !D.rankings.length) return [h("h1", {}, "Limits"), h("section", { class: "card" }, h("p", { class: "empty" }, "No benchmark here is a limit, runs over an axis of sizes or has variants. A limit is written ", h("code", {}, "#[perf::limit(n in 1..=1_000_000, wall = \"2s\")]"), "."))];
  return [h("section", { class: "head" }, h("h1", {}, "Limits"), h("p", { class: "soft" }, "The largest level that stays within its caps, how time grows with size, and which variant is the best.")),
    rows.length > 0 && h("section", { class: "card" }, h("h2", {}, "Every limit"), h("div", { class: "scroll" }, h("table", { class: "stack" }, h("thead", {}, h("tr", {}, LIMIT_HEADS.map((text, i) => h("th", { scope: "col", class: [2, 3, 5, 6].includes(i) ? "num" : null }, text)))),
      h("tbody", {}, rows.map(limitLine))))),
    rows.slice(0, first).map(limitCard),
    rows.slice(first).map(row => h("section", { class: "card" }, folded(`Levels of ${within(row.id)}`, () => limitParts(row)))),
    D.sweeps.slice(0, first).map(sweepCard),
    D.sweeps.slice(first).map(sweep => h("section", { class: "card" }, folded(`Growth of ${within(sweep.id)} over ${sweep.axis}`, () => sweepParts(sweep)))),
    D.rankings.map(rankingCard)];
}

const LIMIT_HEADS = ["Limit", "Kind", "Largest pass", "Smallest fail", "What broke", "Time there", "Memory there"];

function limitLine(row) {
  const limit = row.limit, fail = limit.end === "not-reached" ? "not reached" : count(limit.smallest), pass = limit.largest === null ? "below range" : count(limit.largest);
  const num = (text, label) => h("td", { class: "num", "data-label": label }, text);
  return h("tr", {}, h("th", { scope: "row" }, nameLink(row)), h("td", {}, limit.kind), num(pass, "passes"), num(fail, "fails"), h("td", { class: "wide" }, limit.broke || "–"), num(limit.served ? "–" : amount(limit.wall_ns, "ns"), "time"), num(amount(limit.memory_bytes, "B"), "memory"));
}

function count(value) { return value === null ? "–" : value.toLocaleString("en").replaceAll(",", "\u202f"); }

function limitCard(row) {
  return h("section", { class: "card", "data-limit": row.id }, h("h2", {}, "Levels of ", h("a", { class: "name", href: `#/bench/${row.index}` }, within(row.id))), limitParts(row));
}

function limitParts(row) {
  const limit = row.limit;
  return [h("p", { class: "told" }, h("b", {}, limit.text)), limit.growth && h("p", { class: "small told" }, limit.growth), limit.remarks.map(text => h("p", { class: "soft small told" }, text)),
    limit.served ? servedParts(row) : levelParts(row)];
}

// Time and memory of each level, with the caps as lines.
function levelParts(row) {
  const limit = row.limit, part = (title, at, unit, most) => {
    const levels = limit.levels.filter(level => level[at] !== null && level[at] > 0 && level[0] > 0).sort((a, b) => a[0] - b[0]);
    if (levels.length < 2) return null;
    const x = levels.map(level => level[0]), of = passed => levels.map(level => level[3] === passed ? level[at] : null);
    const hover = i => [h("b", {}, `${limit.axis} = ${count(x[i])}`), h("div", {}, amount(levels[i][at], unit)), h("div", { class: levels[i][3] ? "good" : "bad" }, levels[i][3] ? "passed" : levels[i][4] || "failed")];
    return h("div", {}, h("h3", {}, title), chartBox(`${title} of ${row.id}, both axes logarithmic.`, 240, c => ({
      ...logScales(x, levels.map(level => level[at]), most), cursor: { y: false, points: { size: 9 } },
      series: [{}, { stroke: c.accent, width: 1.5, spanGaps: true, points: { show: true, size: 6, fill: c.card } }, { paths: () => null, stroke: c.bad, points: { show: true, size: 8, stroke: c.bad, fill: c.card, width: 2 } }],
      axes: [logAxis(c, "1", { size: 34 }), logAxis(c, unit, { size: 70 }, unit === "B" ? 2 : 10)], hooks: { draw: [u => drawLine(u, c, most, `cap ${amount(most, unit)}`)] },
    }), [x, of(true), of(false)], hover));
  };
  const parts = [part("Time of each level", 1, "ns", limit.most_wall_ns), part("Memory of each level", 2, "B", limit.most_memory_bytes)].filter(Boolean);
  const table = () => simpleTable([limit.axis, "time", "memory", "outcome"], limit.levels.map(level => [count(level[0]), amount(level[1], "ns"), amount(level[2], "B"), level[3] ? "passed" : level[4] || "failed"]));
  return [parts.length ? h("div", { class: "split" }, parts) : h("p", { class: "soft small" }, "Too few levels came to their end to be drawn."), parts.length > 0 && legend([["--accent", "passed"], ["--bad", "failed"]]), folded("These levels as a table", table)];
}

// What users, or operations at a rate, got done: how it scales, and how long each took.
function servedParts(row) {
  const limit = row.limit, { levels, law, is_rate, least_share, most_p99_ns } = limit.served;
  return scalingParts({ id: row.id, axis: limit.axis, levels, law, shares: is_rate ? "Achieved" : "Efficiency", least_share, most_p99_ns });
}

function scalingParts({ id, axis: along, levels, law, shares, least_share, most_p99_ns }) {
  const seen = new Map(levels.map(level => [level.n, level])), lawAt = new Map(law);
  // The law is drawn between the levels, too; each point of the chart is a level or a point of the law.
  const x = [...new Set([...seen.keys(), ...lawAt.keys()])].sort((a, b) => a - b), of = pick => x.map(n => seen.has(n) ? pick(seen.get(n)) : null);
  const alone = law.length ? law[0][1] / law[0][0] : null;
  const hover = i => {
    const level = seen.get(x[i]), lines = [h("b", {}, `${along} = ${count(x[i])}`)];
    if (level) lines.push(h("div", {}, `${amount(level.per_second, "1")}/s`), level.share !== null && h("div", { class: "soft" }, `${shares.toLowerCase()} ${share(level.share)}`), level.p99_ns !== null && h("div", { class: "soft" }, `p99 ${amount(level.p99_ns, "ns")}`), level.error_share > 0 && h("div", { class: "bad" }, `${share(level.error_share)} failed`));
    if (lawAt.has(x[i])) lines.push(h("div", { class: "soft" }, `law: ${amount(lawAt.get(x[i]), "1")}/s`));
    return lines.filter(Boolean);
  };
  const chart = (title, data, range, unit, line, words) => data.some(list => list.some(value => value !== null)) && h("div", {}, h("h3", {}, title), chartBox(`${title} of ${id} over ${along}.`, 230, c => ({
    scales: { x: { time: false, distr: 3, log: 2, range: () => [x[0] / 1.12, x[x.length - 1] * 1.12] }, y: { range: (u, least, most) => range(least, most) } }, cursor: { y: false, points: { size: 9 } },
    series: [{}, ...data.map((_, i) => i === 0 ? { stroke: c.accent, width: words[1] === "law" ? 0 : 1.5, spanGaps: true, points: { show: true, size: 7, stroke: c.accent, fill: c.card, width: 2 } } : { stroke: words[i] === "law" ? c.other : c.warn, width: 1.6, spanGaps: true, dash: words[i] === "law" ? [5, 4] : undefined, points: { show: words[i] !== "law", size: 5 } })],
    axes: [logAxis(c, "1", { grid: { show: false }, size: 34 }, 2), unit === "%" ? axis(c, { size: 56, values: (u, ticks) => ticks.map(tick => share(tick)) }) : amountAxis(c, unit)],
    hooks: { draw: [u => drawLine(u, c, line, unit === "%" ? `least ${share(line ?? 0)}` : `cap ${amount(line, unit)}`)] },
  }), [x, ...data], hover), legend(words.map((word, i) => [word === "law" ? "--other" : i ? "--warn" : "--accent", word === "law" ? "Universal Scalability Law" : word])));
  const top = (least, most) => [0, (most ?? 1) * 1.12], upTo = line => (least, most) => [0, Math.max(most ?? 0, line ?? 0) * 1.15 || 1];
  const drawn = law.length > 0;
  const parts = [
    chart("Done in a second", [of(level => level.per_second), ...(drawn ? [x.map(n => lawAt.get(n) ?? null)] : [])], top, "1", null, ["measured", ...(drawn ? ["law"] : [])]),
    chart(shares, [of(level => level.share), ...(drawn && alone ? [x.map(n => lawAt.has(n) ? lawAt.get(n) / n / alone : null)] : [])], upTo(Math.max(1, least_share ?? 0)), "%", least_share, ["measured", ...(drawn && alone ? ["law"] : [])]),
    chart("Latency", [of(level => level.p99_ns), of(level => level.p50_ns)], upTo(most_p99_ns), "ns", most_p99_ns, ["p99", "p50"]),
  ].filter(Boolean);
  const time = ns => amount(ns, "ns");
  const table = () => simpleTable([along, "done", shares.toLowerCase(), "p50", "p90", "p99", "max", "errors"], levels.map(level => [count(level.n), `${amount(level.per_second, "1")}/s`, level.share === null ? "–" : share(level.share), time(level.p50_ns), time(level.p90_ns), time(level.p99_ns), time(level.max_ns), share(level.error_share)]));
  return [h("div", { class: "split" }, parts), folded("These levels as a table", table)];
}

function share(value) { return `${(value * 100).toFixed(value > 0 && value < 0.0995 ? 1 : 0)} %`; }
