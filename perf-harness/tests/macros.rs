//! What `#[perf::bench]` refuses, with its message, and what it registers.

use perf_harness as perf;

#[test]
fn misuse_is_an_error_at_the_users_own_line() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

mod text {
    #[perf_harness::bench]
    fn plain() -> u64 {
        1
    }
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Small,
    Large,
}

#[perf::bench(n = [1, 2], size = [Size::Small, Size::Large], timeout = "2s", version = 3)]
fn axes(b: perf::Bench, size: Size, n: u64) {
    // No semicolon: what `run` returns need not be looked at.
    b.run(|| perf::input(size as u64 + n))
}

#[perf::bench(threads = [1, 2], ignore)]
fn threads(b: perf::Bench) {
    b.run_shared(&(), |(), t| t.index());
}

/// Polls once, which is enough here.
struct Once;

impl perf::Runtime for Once {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(output) => output,
            std::task::Poll::Pending => panic!("it is not ready"),
        }
    }
}

#[perf::bench(runtime = Once, n = [1, 2])]
async fn later(n: u64) -> u64 {
    n
}

#[perf::command(text = ["a", "b"], version = 2)]
fn echo(text: &'static str) -> perf::Command {
    perf::Command::new("echo").arg(text)
}

#[test]
fn the_attribute_says_what_the_builder_says() {
    let registered = format!("{:?}", perf::private::registered());
    let mut suite = perf::Suite::new();
    suite.bench("text::plain").run(|b, _| drop(b.run(|| 1)));
    suite
        .bench("axes")
        .axis("n", [1_u64, 2])
        .axis("size", [Size::Small, Size::Large])
        .timeout(std::time::Duration::from_secs(2))
        .version(3)
        .run(|b, case| drop(b.run(|| case.get::<u64>("n"))));
    suite
        .bench("threads")
        .threads([1, 2])
        .ignore()
        .run(|b, _| drop(b.run_shared(&(), |(), t| t.index())));
    suite
        .bench("later")
        .axis("n", [1_u64, 2])
        .run(|b, case| drop(b.on(&Once).run(async || case.get::<u64>("n"))));
    suite
        .bench("echo")
        .axis("text", ["a", "b"])
        .version(2)
        .command(|case| perf::Command::new("echo").arg(case.get::<&str>("text")));
    assert_eq!(registered, format!("{suite:?}"));
}
