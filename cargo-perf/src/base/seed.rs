//! What is compiled already: dependencies from outside the repository are the same for both sides.
//!
//! Cargo knows a compiled dependency by a hash of its name, version, features, profile and compiler, whatever workspace it was
//! compiled for, and keeps what it needs to know of it beside it. So its files can be handed on from the candidate's target
//! folder to the base's; cargo looks at each as it would at its own, and compiles what does not fit. Without this the first
//! base of a workspace with large dependencies would take minutes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use crate::run::Unit;

/// Fills the new target folder `into` with what `units` are of packages outside `workdir`. It appears in one step. Best effort:
/// what is not handed on is compiled.
pub(super) fn hand_on(units: &[Unit], from: &Path, workdir: &Path, into: &Path) {
    if into.exists() {
        return;
    }
    let half = into.with_extension("half");
    let _absent = fs::remove_dir_all(&half);
    if copy_units(units, from, workdir, &half).is_err() {
        let _absent = fs::remove_dir_all(&half);
        return;
    }
    // Fails where there was nothing to hand on.
    let _nothing = fs::rename(&half, into);
}

fn copy_units(units: &[Unit], from: &Path, workdir: &Path, into: &Path) -> io::Result<()> {
    let foreign = units
        .iter()
        .filter(|unit| !unit.manifest.starts_with(workdir));
    let places: BTreeSet<Place> = foreign
        .flat_map(|unit| &unit.files)
        .filter_map(|file| Place::of(file.strip_prefix(from).ok()?))
        .collect();
    for place in places {
        place.copy(from, into)?;
    }
    Ok(())
}

/// Where cargo keeps what it compiled of a unit: `<profile>/deps/<name>-<hash>.*` or `<profile>/build/<name>-<hash>/`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// `<profile>`, with a target before it where cargo builds for another.
    profile: PathBuf,
    hash: String,
}

impl Place {
    /// Reads a path in the target folder. `None` for what has no hash, such as what cargo copies out for people.
    fn of(file: &Path) -> Option<Self> {
        let parts: Vec<&OsStr> = file.iter().collect();
        let at = parts
            .iter()
            .rposition(|part| *part == "deps" || *part == "build")?;
        let name = Path::new(parts.get(at + 1)?);
        // `libname-hash.rlib` in `deps`, `name-hash` in `build`.
        let (_, hash) = name.file_stem()?.to_str()?.rsplit_once('-')?;
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then(|| Self {
            profile: parts[..at].iter().collect(),
            hash: hash.to_owned(),
        })
    }

    fn copy(&self, from: &Path, into: &Path) -> io::Result<()> {
        // The fingerprint last: cargo believes it that the rest is there.
        for folder in ["deps", "build", ".fingerprint"] {
            let (from, into) = (
                from.join(&self.profile).join(folder),
                into.join(&self.profile).join(folder),
            );
            let Ok(items) = fs::read_dir(&from) else {
                continue;
            };
            for item in items.flatten().filter(|item| self.is_of(&item.file_name())) {
                fs::create_dir_all(&into)?;
                copy(&item.path(), &into.join(item.file_name()))?;
            }
        }
        Ok(())
    }

    fn is_of(&self, name: &OsStr) -> bool {
        let stem = Path::new(name).file_stem().and_then(OsStr::to_str);
        stem.is_some_and(|stem| stem.ends_with(&self.hash))
    }
}

/// Copies a file or folder with its times, by which cargo tells what is older than what it was made of. What the compiler only
/// ever replaces gets a second name instead, for it is large; build scripts and cargo write to their files in place.
fn copy(from: &Path, into: &Path) -> io::Result<()> {
    let is_replaced = from
        .extension()
        .is_some_and(|end| end == "rlib" || end == "rmeta");
    // Not every file system has links, or across its borders.
    if is_replaced && fs::hard_link(from, into).is_ok() {
        return Ok(());
    }
    let data = from.symlink_metadata()?;
    if data.is_dir() {
        fs::create_dir(into)?;
        for item in fs::read_dir(from)? {
            let item = item?;
            copy(&item.path(), &into.join(item.file_name()))?;
        }
    } else if data.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from)?, into)?;
    } else {
        fs::copy(from, into)?;
        let times = FileTimes::new().set_modified(data.modified()?);
        File::open(into)?.set_times(times)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_their_hash() {
        let place = |path: &str| Place::of(Path::new(path));
        let expected = |profile: &str| {
            Some(Place {
                profile: profile.into(),
                hash: "0123456789abcdef".to_owned(),
            })
        };
        assert_eq!(
            place("release/deps/libserde-0123456789abcdef.rmeta"),
            expected("release")
        );
        assert_eq!(
            place("release/build/serde-0123456789abcdef/build-script-build"),
            expected("release")
        );
        assert_eq!(
            place("x86_64-unknown-linux-gnu/release/build/serde-0123456789abcdef/out"),
            expected("x86_64-unknown-linux-gnu/release")
        );
        assert_eq!(place("release/libserde.rlib"), None);
        assert_eq!(place("release/deps/libserde.rlib"), None);
    }

    #[test]
    fn only_what_is_from_outside_is_handed_on_and_with_its_times() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("target");
        let write = |path: &str| {
            let path = from.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            path
        };
        let outside = write("release/deps/liba-0123456789abcdef.rlib");
        let fingerprint = write("release/.fingerprint/a-0123456789abcdef/lib-a");
        let inside = write("release/deps/libb-fedcba9876543210.rlib");
        let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        for file in [&outside, &fingerprint] {
            let times = FileTimes::new().set_modified(then);
            File::open(file).unwrap().set_times(times).unwrap();
        }
        let unit = |manifest: &str, file: &Path| Unit {
            manifest: manifest.into(),
            files: vec![file.to_owned()],
        };
        let units = [
            unit("/registry/a/Cargo.toml", &outside),
            unit("/repo/b/Cargo.toml", &inside),
        ];
        let into = folder.path().join("other");
        hand_on(&units, &from, Path::new("/repo"), &into);
        for file in [&outside, &fingerprint] {
            let copied = into.join(file.strip_prefix(&from).unwrap());
            assert_eq!(copied.metadata().unwrap().modified().unwrap(), then);
        }
        assert!(
            !into
                .join("release/deps/libb-fedcba9876543210.rlib")
                .exists()
        );
    }
}
