// Which page is shown, and in which colours.
function route() {
  const [, page = "", rest = ""] = location.hash.split("/");
  clearCharts();
  const made = page === "bench" ? bench(Number(rest)) : page === "limits" ? limitsPage() : page === "compare" ? comparePage(rest) : page === "about" ? about() : overview();
  main.replaceChildren(...[made].flat(3).filter(Boolean));
  const current = { bench: "overview", "": "overview" }[page] ?? page;
  for (const link of document.querySelectorAll("nav a")) link.dataset.page === current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  document.title = page === "bench" && D.rows[Number(rest)] ? `${D.rows[Number(rest)].id} · ${D.title}` : D.title;
}

const THEMES = ["system", "light", "dark"];
const prefers = matchMedia("(prefers-color-scheme: dark)");
// A page opened from a folder may be refused its storage; then the choice lasts until it is closed.
const kept = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } }, set: value => { try { localStorage.setItem("theme", value); } catch { /* see above */ } } };
let theme = THEMES.includes(kept.get()) ? kept.get() : "system";

function paint() {
  document.documentElement.dataset.theme = theme === "system" ? (prefers.matches ? "dark" : "light") : theme;
  document.getElementById("theme").textContent = `Theme: ${theme}`;
  for (const chart of live) chart.redraw();
}

document.getElementById("theme").addEventListener("click", () => { theme = THEMES[(THEMES.indexOf(theme) + 1) % 3]; kept.set(theme); paint(); });
document.getElementById("skip").addEventListener("click", event => { event.preventDefault(); (document.getElementById("search") || main).focus(); });
prefers.addEventListener("change", paint);
addEventListener("hashchange", () => { route(); scrollTo(0, 0); main.focus({ preventScroll: true }); });
addEventListener("keydown", event => { if (event.key === "/" && !["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) { const search = document.getElementById("search"); if (search) { event.preventDefault(); search.focus(); } } });
paint();
route();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
