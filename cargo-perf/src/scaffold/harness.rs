//! Where perf-harness comes from, as a dependency says it.

use std::path::{Component, Path, PathBuf};

use thiserror::Error;
use toml_edit::{InlineTable, Item, Value};

/// Where perf-harness comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HarnessSource {
    /// What the workspace says.
    Workspace,
    /// A folder, as an absolute path.
    Path(PathBuf),
    /// A git repository.
    Git(String),
    /// A registry.
    Version(String),
}

/// A text that is no source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no source of perf-harness: it is a folder, the address of a git repository, or a version such as 0.1"
)]
pub struct NotASource(String);

impl HarnessSource {
    /// What somebody typed. A path is taken from `directory`.
    ///
    /// # Errors
    /// When it is nothing of that kind.
    pub fn typed(text: &str, directory: &Path) -> Result<Self, NotASource> {
        let is_address = text.contains("://") || text.starts_with("git@") || text.ends_with(".git");
        let is_version = text.starts_with(|c: char| c.is_ascii_digit() || "=^~".contains(c))
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "=^~.+-".contains(c));
        let refused = || NotASource(text.to_owned());
        if text.is_empty()
            || text.chars().any(|c| c.is_control() || c.is_whitespace()) && is_address
        {
            Err(refused())
        } else if is_address {
            Ok(Self::Git(text.to_owned()))
        } else if directory.join(text).is_dir() {
            Ok(Self::Path(directory.join(text)))
        } else if is_version {
            Ok(Self::Version(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// The dependency of a package that lies in `folder`.
    #[must_use]
    pub fn dependency(&self, folder: &Path) -> Item {
        let mut table = InlineTable::new();
        match self {
            Self::Workspace => table.insert("workspace", true.into()),
            Self::Path(path) => table.insert("path", relative(folder, path).into()),
            Self::Git(address) => table.insert("git", address.into()),
            Self::Version(version) => return Item::Value(Value::from(version)),
        };
        Item::Value(table.into())
    }
}

/// A path as it is written in a manifest in `folder`: from there where both lie near each other, else from the root.
fn relative(folder: &Path, path: &Path) -> String {
    const FARTHEST: usize = 3;
    let common = folder
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().count() - common;
    let below: PathBuf = path.components().skip(common).collect();
    // With nothing but the root in common, the way from here is no shorter and says less.
    let is_near = up <= FARTHEST
        && path.components().nth(common.saturating_sub(1)) != Some(Component::RootDir);
    let written = if is_near {
        std::iter::repeat_n(Path::new(".."), up)
            .collect::<PathBuf>()
            .join(below)
    } else {
        path.to_owned()
    };
    written.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_told_by_its_form() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let typed = |text| HarnessSource::typed(text, here);
        assert_eq!(typed("src"), Ok(HarnessSource::Path(here.join("src"))));
        for address in ["https://host/x", "git@host:x/y", "../x.git"] {
            assert_eq!(typed(address), Ok(HarnessSource::Git(address.to_owned())));
        }
        for version in ["0.1", "=0.1.0", "^0.1", "1.0.0-rc.1"] {
            let found = HarnessSource::Version(version.to_owned());
            assert_eq!(typed(version), Ok(found));
        }
        for none in ["", "nowhere", "https://host/a b", "0.1 || 2"] {
            assert!(typed(none).is_err(), "{none}");
        }
    }

    #[test]
    fn a_dependency_is_written_as_one_would() {
        let folder = Path::new("/home/ada/wordy");
        let written = |source: HarnessSource| source.dependency(folder).to_string();
        let near = HarnessSource::Path("/home/ada/clone/perf-harness".into());
        assert_eq!(written(near), r#"{ path = "../clone/perf-harness" }"#);
        let far = HarnessSource::Path("/opt/clone/perf-harness".into());
        assert_eq!(written(far), r#"{ path = "/opt/clone/perf-harness" }"#);
        let git = HarnessSource::Git("https://host/x".to_owned());
        assert_eq!(written(git), r#"{ git = "https://host/x" }"#);
        assert_eq!(written(HarnessSource::Workspace), "{ workspace = true }");
        assert_eq!(
            written(HarnessSource::Version("0.1".to_owned())),
            r#""0.1""#
        );
    }
}
