//! The attribute macros of perf-harness. They expand to calls of the public builder and to nothing else; see the
//! documentation of `perf-harness` for what they are for.

mod attribute;
mod awaited;
mod command;
mod expand;
mod limit;

use proc_macro::TokenStream;
use syn::parse::{ParseStream, Parser};

/// Makes a function a benchmark.
///
/// The function may take a `perf::Bench` first, and then one parameter for each axis:
///
/// ```text
/// #[perf::bench]                                  // what it returns is kept, and dropped untimed
/// fn parse() -> Doc { Doc::parse(perf::input(SAMPLE)) }
///
/// #[perf::bench(n = [100, 10_000])]               // an axis: any iterator of values, named by their `Debug` text
/// fn sort(b: perf::Bench, n: usize) { … }
///
/// #[perf::bench(n = [10, 20])]                    // the arguments are hidden from the optimiser
/// fn fibonacci(n: u64) -> u64 { … }
///
/// #[perf::bench(types = [Vec<u8>, VecDeque<u8>], consts = [16, 256])]
/// fn fill<T: Extend<u8> + Default, const N: usize>() -> T { … }
///
/// #[perf::bench(runtime = Runtime::new().unwrap())]   // an async function on a `perf::Runtime`
/// async fn fetch() -> Page { … }
/// ```
///
/// | option | meaning |
/// |---|---|
/// | `axis = values` | measure each value; several axes multiply |
/// | `types = [A, B]` | what the function's type parameter stands for; of several, `T = [A, B], U = […]` |
/// | `consts = [1, 2]` | what its const parameter stands for; of several, each by its name |
/// | `threads = [1, 2]` | the axis of `Bench::run_shared`; needs no parameter |
/// | `runtime = expression` | of an `async fn`: the runtime that awaits it, made once in each process |
/// | `timeout = "10s"` | longest answer of one launch: `ms`, `s` or `min` |
/// | `version = 2` | raise it when the benchmark comes to measure something else under its name |
/// | `allocs <= 3`, `peak <= "64KiB"`, `wall <= "10us"` | a budget, which needs no baseline to fail |
/// | `items >= 1_000_000`, `bytes >= "100MiB"`, `ratio >= 2.5` | the same of what is the better the more there is of it; items and bytes in a second |
/// | `gate = "5%"`, `gate = "never"` | how much worse it may become without failing a comparison |
/// | `fit = "n log n"`, `fit = "n over words"` | a promise of how time grows over an axis of numbers, which `cargo perf run` and `compare` hold |
/// | `under = [cpu(2), mem("70%"), io, fault]` | measure it beside what disturbs it, for whoever asks for that |
/// | `recovery = "5s"` | how long it is waited for to be as fast as before |
/// | `ignore`, `ignore = "reason"` | leave it out unless `--ignored` or `--include-ignored` is given |
#[proc_macro_attribute]
pub fn bench(attribute: TokenStream, function: TokenStream) -> TokenStream {
    let function = syn::parse_macro_input!(function as syn::ItemFn);
    let options = options_of(attribute, &function);
    let expanded = options.and_then(|options| expand::bench(&options, &function));
    or_error(expanded, &function)
}

/// Makes a function that returns a `perf::Command` a benchmark of that program.
///
/// The function takes one parameter for each axis, and is called once in each launch:
///
/// ```text
/// #[perf::command]
/// fn version() -> perf::Command { perf::Command::new(env!("CARGO_BIN_EXE_tool")).arg("--version") }
///
/// #[perf::command(jobs = [1, 4], timeout = "2min")]
/// fn build(jobs: u32) -> perf::Command { … }
/// ```
///
/// The options are those of `#[perf::bench]`, without `threads`, `runtime`, `under` and `recovery`.
#[proc_macro_attribute]
pub fn command(attribute: TokenStream, function: TokenStream) -> TokenStream {
    let function = syn::parse_macro_input!(function as syn::ItemFn);
    let options = options_of(attribute, &function);
    let expanded = options.and_then(|options| command::command(&options, &function));
    or_error(expanded, &function)
}

/// Makes a function a limit: it is searched for the largest level that breaks none of its caps.
///
/// The function takes a `perf::Probe` first (a `perf::Load` where users or a rate are served), then the level, a `u64`, and one parameter for each axis:
///
/// ```text
/// #[perf::limit(n in 1..=1_000_000_000, wall = "2s", rss = "512MiB")]
/// fn largest_parse(p: perf::Probe, n: u64) {
///     let text = p.untimed(|| json(n));
///     p.measure(|| parse(&text));
/// }
///
/// #[perf::limit(depth in 1..=10_000_000, stack = "8MiB")]
/// fn deepest(p: perf::Probe, depth: u64) { … }
///
/// #[perf::limit(users in 1..=64, p99 <= "10ms", efficiency >= "50%")]
/// fn cache(load: perf::Load) {
///     let cache = load.once(Cache::new);
///     load.run(|user| cache.get(user.rng().u64(..)));
/// }
/// ```
///
/// | option | meaning |
/// |---|---|
/// | `name in 1..=1_000_000` | what is raised from level to level |
/// | `wall = "2s"` | a cap: the deadline of what `measure` runs |
/// | `rss = "512MiB"` | a cap: the most memory resident beyond that of the bare process |
/// | `stack = "8MiB"` | a cap: the stack that the body runs on |
/// | `p99 <= "10ms"`, `p50`, `p90`, `max` | a cap of `users in …` and `rate in …`: the latency of so many in a hundred operations |
/// | `errors <= "1%"` | a cap of theirs: the share of operations that may fail |
/// | `efficiency >= "50%"` | a cap of `users in …`: what each gets done beside one alone |
/// | `warm_up = "50ms"`, `window = "200ms"` | of theirs: how long a level runs before anything counts, and while everything does |
/// | `ramp = "1ms"`, `think = "5ms"` | of users: how long after each other they begin, and wait between two operations |
/// | `clients = 64` | of a rate: how many operations can be under way at once |
/// | `kind = cpu`, `memory`, `timeout`, `recursion`, `concurrency`, `load` | for reports; follows from the caps if nothing is said |
/// | `precision = 0.05` | how far apart the largest pass and the smallest fail may be |
/// | `repeats = 3` | how often each of the two is probed at most; the majority decides |
/// | `budget = "10s"` | how long the search may take |
/// | `fit = "n log n"` | a promise of how time grows with the level, which `cargo perf run` and `compare` hold |
///
/// Besides these it has axes, `types`, `consts`, `timeout`, `version`, `gate` and `ignore`, as `#[perf::bench]` does.
#[proc_macro_attribute]
pub fn limit(attribute: TokenStream, function: TokenStream) -> TokenStream {
    let function = syn::parse_macro_input!(function as syn::ItemFn);
    let generics = &function.sig.generics;
    let options = |input: ParseStream<'_>| attribute::LimitOptions::parse(input, generics);
    let options = options.parse(attribute);
    let expanded = options.and_then(|options| limit::limit(options, &function));
    or_error(expanded, &function)
}

fn options_of(attribute: TokenStream, function: &syn::ItemFn) -> syn::Result<attribute::Options> {
    let generics = &function.sig.generics;
    let options = |input: ParseStream<'_>| attribute::Options::parse(input, generics);
    options.parse(attribute)
}

fn or_error(
    expanded: syn::Result<proc_macro2::TokenStream>,
    function: &syn::ItemFn,
) -> TokenStream {
    match expanded {
        Ok(tokens) => tokens.into(),
        Err(error) => {
            // The function stays, so that an error in its attribute is the only one.
            let error = error.into_compile_error();
            quote::quote!(#[allow(dead_code)] #function #error).into()
        }
    }
}
