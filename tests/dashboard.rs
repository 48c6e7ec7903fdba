//! The dashboard in a real browser: what it shows, what can be done with it, and that it asks nobody for anything.

use std::path::{Path, PathBuf};

use crate::support::browser::Browser;
use crate::support::{Output, made_up};

/// Where pictures go, if somebody wants to see them:
/// `PERF_SCREENSHOTS=/tmp/shots cargo test -p cargo-perf --test end_to_end dashboard::`.
const SCREENSHOTS: &str = "PERF_SCREENSHOTS";

/// A folder with a dashboard of 120 benchmarks over 24 commits, one of which steps.
fn dashboard(folder: &Path) -> PathBuf {
    let root = folder.join("made-up");
    made_up::repository(&root, 120, 24);
    let page = folder.join("page.html");
    let mut command = made_up::perf(&root);
    let output = Output::of(
        command
            .args(["report", "--html"])
            .arg(&page)
            .output()
            .expect("it runs"),
    );
    output.code(0);
    page
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which a wish for pictures is read"
)]
pub fn picture(browser: &mut Browser, name: &str) {
    if let Some(folder) = std::env::var_os(SCREENSHOTS) {
        std::fs::create_dir_all(&folder).expect("a folder");
        browser.screenshot(&PathBuf::from(folder).join(format!("{name}.png")));
    }
}

/// Whether the first chart has anything on it.
const IS_DRAWN: &str = "(() => {
    const canvas = document.querySelector('.chart canvas');
    if (!canvas || !canvas.width) return false;
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(pixels.filter((_, i) => i % 4 === 3)).size > 2;
})()";

#[test]
fn it_shows_searches_sorts_and_turns_pages_without_a_network() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = dashboard(folder.path());
    let mut browser = Browser::start(1280, 1000);
    browser.open(&page);

    let count = |browser: &mut Browser| {
        browser.evaluate("document.querySelectorAll('#benchmarks tbody tr').length")
    };
    assert_eq!(count(&mut browser), 50);
    assert_eq!(
        browser.evaluate("document.querySelector('.pages').textContent"),
        "Previous1–50 of 120Next"
    );
    picture(&mut browser, "overview-desktop-light");
    // What stands between backticks is code, and the backticks are gone.
    let code = browser.evaluate("document.querySelector('.list code').textContent");
    let code = code.as_str().expect("a text");
    assert!(code.starts_with("cargo perf baseline accept "), "{code}");

    // What steps stands first: the table begins with the gravest.
    let first = "document.querySelector('#benchmarks tbody tr').dataset.id";
    assert_eq!(browser.evaluate(first), "made-up/cpu::function_7");

    let search = |browser: &mut Browser, text: &str| {
        browser.evaluate(&format!("(() => {{ const s = document.getElementById('search'); s.value = '{text}'; s.dispatchEvent(new Event('input')); }})()"));
    };
    search(&mut browser, "FUNCTION_11");
    // 11 and 110 to 119.
    assert_eq!(count(&mut browser), 11);
    search(&mut browser, "no such thing");
    assert_eq!(
        browser.evaluate("document.querySelector('.empty').textContent"),
        "No benchmark is called that."
    );
    search(&mut browser, "");

    let sort = "[...document.querySelectorAll('#benchmarks thead button')].find(b => b.textContent.startsWith('Now')).click()";
    browser.evaluate(sort);
    assert_eq!(browser.evaluate(first), "made-up/cpu::function_0");
    assert_eq!(
        browser.evaluate("document.querySelector('th[aria-sort]').getAttribute('aria-sort')"),
        "ascending"
    );
    browser.evaluate(sort);
    assert_eq!(browser.evaluate(first), "made-up/cpu::function_119");

    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn a_benchmark_has_charts_that_pointer_keyboard_and_screen_reader_can_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = dashboard(folder.path());
    let mut browser = Browser::start(1280, 1000);
    browser.open(&page);
    browser.evaluate("location.hash = '#/bench/0'");
    browser.wait_for("document.querySelector('h1').textContent === 'made-up/cpu::function_7'");
    browser.wait_for(IS_DRAWN);
    assert_eq!(
        browser.evaluate("document.querySelector('.chart').dataset.points"),
        "24"
    );
    // The step stands beside its chart, too, with the commits that may be to blame.
    let said = browser.evaluate("document.querySelector('[data-series=wall]').textContent");
    let said = said.as_str().expect("a text");
    assert!(
        said.contains("after ") && said.contains(", up to "),
        "{said}"
    );
    picture(&mut browser, "benchmark-desktop-light");

    let place = browser.evaluate("(() => { const b = document.querySelector('.u-over').getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()");
    browser.hover(
        place[0].as_f64().expect("a number"),
        place[1].as_f64().expect("a number"),
    );
    browser.wait_for("!document.querySelector('.chart .tip').hidden && document.querySelector('.chart .tip').textContent.includes('change ')");
    picture(&mut browser, "benchmark-hover");

    browser.evaluate("document.querySelector('.chart').focus()");
    browser.press("Home");
    browser.wait_for("document.querySelector('.chart .tip').textContent.includes('change 0')");
    browser.press("ArrowRight");
    browser.wait_for("document.getElementById('told').textContent.includes('change 1')");

    browser.evaluate("document.querySelector('[data-series=wall] details summary').click()");
    browser
        .wait_for("document.querySelectorAll('[data-series=wall] details tbody tr').length === 24");
    assert_eq!(browser.evaluate("document.querySelector('.chart').getAttribute('aria-label').includes('over 24 commits')"), true);

    for theme in ["light", "dark"] {
        browser.evaluate("document.getElementById('theme').click()");
        assert_eq!(
            browser.evaluate("document.documentElement.dataset.theme"),
            theme
        );
    }
    picture(&mut browser, "benchmark-desktop-dark");
    assert_eq!(browser.problems(), [""; 0]);
}

#[test]
fn it_compares_commits_and_benchmarks_and_fits_a_telephone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = dashboard(folder.path());
    let mut browser = Browser::start(1280, 1000);
    browser.open(&page);
    browser.evaluate("[...document.querySelectorAll('#benchmarks input')].slice(0, 2).forEach(box => box.click())");
    browser.evaluate("[...document.querySelectorAll('.tools button')].find(b => b.textContent === 'Compare 2 selected').click()");
    browser.wait_for("document.querySelector('[data-series=overlay]') !== null");
    browser.wait_for(IS_DRAWN);
    // The last two commits: what stepped before them is the same in both.
    assert_eq!(
        browser.evaluate("document.querySelectorAll('#sides tbody tr').length"),
        120
    );
    browser.evaluate("(() => { const s = document.querySelector('.tools select'); s.value = '0'; s.dispatchEvent(new Event('change')); })()");
    assert_eq!(
        browser.evaluate("document.querySelector('#sides tbody th').textContent"),
        "cpu::function_7"
    );
    picture(&mut browser, "compare-desktop");

    browser.resize(390, 844);
    for (name, hash) in [
        ("overview", "#/"),
        ("benchmark", "#/bench/0"),
        ("limits", "#/limits"),
        ("about", "#/about"),
        ("compare", "#/compare/0,1"),
    ] {
        browser.evaluate(&format!("location.hash = '{hash}'"));
        browser.wait_for("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
        let overhang = "document.documentElement.scrollWidth - innerWidth";
        let overhang = browser.evaluate(overhang);
        assert!(
            overhang.as_f64().is_some_and(|px| px <= 0.0),
            "{name} is {overhang} px too wide"
        );
        picture(&mut browser, &format!("{name}-phone"));
    }
    assert_eq!(browser.problems(), [""; 0]);
}
