//! How long the paths of a base are.
//!
//! A program that holds the path of its package or of a build script's folder (`env!("CARGO_MANIFEST_DIR")`) holds another text
//! on either side, and everything behind it moves by what that text is longer. Moved by less than a cache line, code that
//! nobody touched can take more or less time. So a base's paths are longer by whole cache lines.

use std::path::Path;

/// Bytes of a cache line, as far as alignment matters to code.
const LINE: usize = 64;

/// The name of a base whose path `<bases>/<name>/<below>` is longer than `candidate` by whole lines, made of digits of two
/// hashes: at least 16 of `content`, which has 40, and 8 of `rest`, which has 64.
pub(super) fn name(
    bases: &Path,
    below: &Path,
    candidate: &Path,
    content: &str,
    rest: &str,
) -> String {
    let least = format!("{}-{}", &content[..16], &rest[..8]);
    let more = missing(&bases.join(least).join(below), candidate);
    let of_content = more.min(24);
    format!(
        "{}-{}",
        &content[..16 + of_content],
        &rest[..8 + more - of_content]
    )
}

/// The name of a folder in `folder` whose path is longer than `candidate` by whole lines, which begins with `name`.
pub(super) fn padded(folder: &Path, name: &str, candidate: &Path) -> String {
    let more = missing(&folder.join(name), candidate);
    format!("{name}{}", "_".repeat(more))
}

/// How many letters `path` lacks.
fn missing(path: &Path, candidate: &Path) -> usize {
    let length = |path: &Path| path.as_os_str().len();
    let over = (length(path) % LINE + LINE - length(candidate) % LINE) % LINE;
    (LINE - over) % LINE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_differ_by_whole_lines() {
        let (content, rest) = ("c".repeat(40), "d".repeat(64));
        for candidate in [
            "/a",
            "/home/ada/code/some-project",
            "/w/a-folder-with-quite-a-long-name/and/more/below/it/still",
        ] {
            let candidate = Path::new(candidate);
            let bases = candidate.join("sub/.perf/bases");
            let name = name(&bases, Path::new("tree/sub"), candidate, &content, &rest);
            let length = |path: &Path| path.as_os_str().len();
            let path = bases.join(&name).join("tree/sub");
            assert_eq!((length(&path) - length(candidate)) % LINE, 0, "{name}");
            assert!(
                name.starts_with("cccccccccccccccc") && name.contains("-dddddddd"),
                "{name}"
            );
            for target in ["/t", "/home/ada/code/some-project/target"] {
                let target = Path::new(target);
                let padded = padded(&bases.join(&name), "target", target);
                let path = bases.join(&name).join(&padded);
                assert_eq!((length(&path) - length(target)) % LINE, 0, "{padded}");
                assert!(padded.starts_with("target"));
            }
        }
    }
}
