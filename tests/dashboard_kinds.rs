//! The dashboard of a project that has one of each kind: a limit, users at once, a sweep over sizes, variants, a benchmark that fails;
//! and names and messages of people who mean no good.

use std::path::PathBuf;

use serde_json::Value;

use crate::dashboard::picture;
use crate::support::Project;
use crate::support::browser::Browser;

const BENCHES: &str = r#"
use std::sync::Mutex;
use perf_harness as perf;
use perf_harness::scripted::{now_ns, spend};

#[perf::limit(n in 1..=1_000_000_000, wall = "10ms", rss = "512MiB", fit = "n")]
fn largest(p: perf::Probe, n: u64) {
    let kept = p.untimed(|| vec![1_u8; 64 * n as usize]);
    p.measure(|| spend(n * 1_000 + u64::from(kept[0])));
}

#[perf::limit(users in 1..=32, efficiency >= "60%", p99 <= "8ms")]
fn workers(load: perf::Load) {
    let free = load.once(|| Mutex::new([0_u64; 6]));
    load.run(|_| {
        let mut free = free.lock().unwrap();
        let first = free.iter_mut().min().unwrap();
        *first = now_ns().max(*first) + 1_000_000;
        spend(*first - now_ns());
    });
}

#[perf::bench(n = perf::log_range(10..=10_000, 7), fit = "n log n")]
fn grows(b: perf::Bench, n: u64) { b.items(n).run(|| spend(40 + 10 * n)); }

#[perf::bench(way = ["join", "</script><script>alert(1)</script><img src=x onerror=alert(2)>", "`tick` ]]> & \"quoted\""])]
fn ways(way: &str) { spend(1_000 + 100 * way.len() as u64); }

#[perf::bench]
fn breaks() {
    if demo::parse() > 1 { panic!("{}{}", "</script><script>alert(3)</script><img src=x onerror=alert(4)> \u{202e}txt.exe ]]> ", "long ".repeat(2_000)) }
}

perf::main!();
"#;

/// A branch, a tag and a subject that would each like to be more than text.
const BRANCH: &str = "<svg/onload=alert(5)>";
const SUBJECT: &str = "<script>alert(6)</script> ]]> \u{202e}gpj.exe `rm -rf` {{data}} '\"><img src=x onerror=alert(7)>";

/// Two commits of it, the second of which breaks one benchmark, and its dashboard.
fn dashboard() -> (Project, PathBuf) {
    let project = Project::new();
    project.write("benches/cpu.rs", BENCHES);
    project.commit(SUBJECT);
    project.git(&["tag", "v1.0"]);
    project.git(&["branch", BRANCH]);
    project.perf(&["run", "--quick"]).code(0);
    project.edit("src/lib.rs", "1000); 1 }", "1000); 2 }");
    project.commit(&"x".repeat(10_000));
    project.perf(&["run", "--quick"]).code(12);
    project.perf(&["report", "--html", "page.html"]).code(0);
    let page = project.path("page.html");
    (project, page)
}

/// Whether every chart that is to be seen has something on it.
const ARE_DRAWN: &str = "(() => {
    const drawn = canvas => {
        if (!canvas.width) return false;
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(pixels.filter((_, i) => i % 4 === 3)).size > 2;
    };
    const all = [...document.querySelectorAll('.chart')];
    return all.length > 0 && all.every(chart => chart.querySelector('canvas') && drawn(chart.querySelector('canvas')));
})()";

/// What nobody but the page itself may have put there.
const IS_OURS: &str = "document.scripts.length === 3 && document.querySelectorAll('img, iframe, object, embed, svg[onload], [onerror]').length === 0
    && !/[\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f]/.test(document.documentElement.textContent)
    && document.documentElement.dataset.ready !== undefined";

fn go(browser: &mut Browser, page: &str) {
    browser.evaluate(&format!("location.hash = '{page}'"));
    browser.wait_for(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
    );
}

/// The page of the benchmark whose name holds this.
fn go_to(browser: &mut Browser, name: &str) {
    let at = browser.evaluate(&format!(
        "D.rows.findIndex(row => row.id.includes({}))",
        Value::from(name)
    ));
    assert!(at.as_i64().is_some_and(|at| at >= 0), "{name} has a page");
    go(browser, &format!("#/bench/{at}"));
}

fn text_of(browser: &mut Browser, selector: &str) -> String {
    let script = format!(
        "document.querySelector({})?.textContent",
        Value::from(selector)
    );
    let text = browser.evaluate(&script);
    text.as_str()
        .unwrap_or_else(|| panic!("{selector} is there"))
        .to_owned()
}

#[test]
fn limits_scaling_growth_and_variants_are_drawn_and_told() {
    let (_project, page) = dashboard();
    let mut browser = Browser::start(1280, 1400);
    browser.open(&page);

    go(&mut browser, "#/limits");
    browser.wait_for(ARE_DRAWN);
    let limit = text_of(&mut browser, "[data-limit$=\"::largest\"]");
    for part in [
        " passes, ",
        " breaks wall (10.00 ms)",
        "time grows as n^",
        "promised n: kept",
    ] {
        assert!(limit.contains(part), "{part}: {limit}");
    }
    let charts = "document.querySelectorAll('[data-limit$=\"::largest\"] .chart').length";
    assert_eq!(browser.evaluate(charts), 2, "time and memory");
    let users = text_of(&mut browser, "[data-limit$=\"::workers\"]");
    for part in [
        "most is done at users = ",
        "scaling: ",
        "Done in a second",
        "Efficiency",
        "Latency",
    ] {
        assert!(users.contains(part), "{part}: {users}");
    }
    // One worker after the other takes an operation, so from six users on each gets less.
    let levels = "D.rows.find(row => row.id.endsWith('::workers')).limit.served.levels.map(level => [level.n, level.share])";
    let levels = browser.evaluate(levels);
    let first = &levels[0];
    assert_eq!((first[0].as_u64(), first[1].as_f64()), (Some(1), Some(1.0)));
    let sweep = text_of(&mut browser, "[data-sweep]");
    assert!(
        sweep.contains("time grows as n^1.") && sweep.contains("promised n log n"),
        "{sweep}"
    );
    let ranking = text_of(&mut browser, "[data-ranking]");
    assert!(
        ranking.contains("the shortest time first") && ranking.contains("join"),
        "{ranking}"
    );
    picture(&mut browser, "limits-desktop-light");
    let head = "document.querySelector('[data-sweep]').scrollIntoView()";
    browser.evaluate(head);
    picture(&mut browser, "families-desktop-light");

    // The pointer tells of a level, and the table has all of them.
    browser.evaluate("document.querySelector('[data-limit$=\"::largest\"] .chart').focus()");
    browser.press("Home");
    browser.wait_for("document.getElementById('told').textContent.startsWith('n = 1')");
    browser
        .evaluate("document.querySelector('[data-limit$=\"::workers\"] details summary').click()");
    let rows = "document.querySelectorAll('[data-limit$=\"::workers\"] details tbody tr').length";
    // The table is made when it is opened, which the page hears of a little later.
    browser.wait_for(&format!("{rows} > 0"));
    assert_eq!(
        browser.evaluate(rows),
        levels.as_array().map_or(0, Vec::len)
    );

    // A law that could be fitted is drawn with the levels. Whether one can be is a matter of chance, so here it is said.
    let legend = "[...document.querySelectorAll('[data-limit$=\"::workers\"] .legend')].map(legend => legend.textContent).join('|')";
    let says_law = |browser: &mut Browser| {
        let text = browser.evaluate(legend);
        text.as_str()
            .expect("a text")
            .matches("Universal Scalability Law")
            .count()
    };
    let law = "D.rows.find(row => row.id.endsWith('::workers')).limit.served.law";
    browser.evaluate(&format!("{law} = []"));
    go(&mut browser, "#/about");
    go(&mut browser, "#/limits");
    assert_eq!(says_law(&mut browser), 0);
    browser.evaluate(&format!("{law} = [[1, 1000], [3, 2900], [16, 6100]]"));
    go(&mut browser, "#/about");
    go(&mut browser, "#/limits");
    browser.wait_for(ARE_DRAWN);
    assert_eq!(says_law(&mut browser), 2, "throughput and efficiency");

    // A case of the sweep shows what it belongs to, and its four charts move together.
    go_to(&mut browser, "grows[n=100]");
    assert!(text_of(&mut browser, "[data-sweep]").contains("over n"));
    browser.evaluate("[...document.querySelectorAll('.seg button')].find(b => b.textContent === '2 × 2').click()");
    browser.wait_for("document.querySelectorAll('[data-four=all] .chart canvas').length === 4");
    browser.wait_for(ARE_DRAWN);
    let place = browser.evaluate("(() => { const b = document.querySelector('[data-four=Time] .u-over').getBoundingClientRect(); return [b.x + b.width * 0.8, b.y + b.height / 2]; })()");
    browser.hover(
        place[0].as_f64().expect("a number"),
        place[1].as_f64().expect("a number"),
    );
    browser
        .wait_for("document.querySelectorAll('[data-four=all] .tip:not([hidden])').length === 4");
    assert!(text_of(&mut browser, "[data-four=Throughput] .tip").contains("items/s"));
    picture(&mut browser, "four-desktop-light");
    browser.evaluate(
        "document.getElementById('theme').click(); document.getElementById('theme').click()",
    );
    picture(&mut browser, "four-desktop-dark");
    go(&mut browser, "#/limits");
    browser.wait_for(ARE_DRAWN);
    picture(&mut browser, "limits-desktop-dark");

    go(&mut browser, "#/compare");
    let names = "[...document.querySelectorAll('.tools option')].map(option => option.textContent).join('|')";
    let names = browser.evaluate(names);
    let names = names.as_str().expect("a text");
    assert!(
        names.contains("(v1.0, ") && names.contains(BRANCH),
        "{names}"
    );
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn texts_of_others_are_text_and_break_no_layout() {
    let (_project, page) = dashboard();
    let mut browser = Browser::start(1280, 1000);
    browser.open(&page);
    let says = |browser: &mut Browser, text: &str| {
        let script = format!("document.body.textContent.includes({})", Value::from(text));
        assert_eq!(browser.evaluate(&script), true, "{text}");
    };
    says(
        &mut browser,
        "</script><script>alert(1)</script><img src=x onerror=alert(2)>",
    );
    says(&mut browser, "`tick` ]]> & \"quoted\"");
    says(&mut browser, "</script><script>alert(3)</script>");
    for (width, height) in [(1280, 1000), (390, 844)] {
        browser.resize(width, height);
        for page in [
            "overview",
            "limits",
            "compare/0,1",
            "about",
            "breaks",
            "ways[way=</script>",
            "ways[way=`tick`",
        ] {
            match page {
                "overview" => go(&mut browser, "#/"),
                "limits" | "compare/0,1" | "about" => go(&mut browser, &format!("#/{page}")),
                name => go_to(&mut browser, name),
            }
            assert_eq!(browser.evaluate(IS_OURS), true, "{page}");
            let overhang = browser.evaluate("document.documentElement.scrollWidth - innerWidth");
            assert!(
                overhang.as_f64().is_some_and(|px| px <= 0.0),
                "{page} is {overhang} px too wide at {width}"
            );
            // Nothing of ten thousand characters takes the page for itself.
            let tallest = browser.evaluate("Math.max(...[...document.querySelectorAll('main .why, main h1, main p, main li, main .subject')].map(e => e.getBoundingClientRect().height))");
            assert!(
                tallest.as_f64().is_some_and(|px| px < 900.0),
                "{page}: {tallest} px at {width}"
            );
            let name = page.split(['[', '/']).next().unwrap_or(page);
            picture(&mut browser, &format!("hostile-{name}-{width}"));
        }
    }
    // A commit's subject beside its point, whatever it says.
    browser.resize(1280, 1000);
    go_to(&mut browser, "grows[n=100]");
    browser.wait_for(ARE_DRAWN);
    browser.evaluate("document.querySelector('.chart').focus()");
    browser.press("Home");
    browser.wait_for("document.querySelector('.chart .tip').textContent.includes('<script>alert(6)</script> ]]>')");
    browser.press("End");
    browser.wait_for("document.querySelector('.chart .tip').textContent.includes('xxxxxxxx')");
    assert_eq!(browser.evaluate(IS_OURS), true);
    picture(&mut browser, "hostile-tip");
    assert_eq!(browser.problems(), [""; 0]);
}
