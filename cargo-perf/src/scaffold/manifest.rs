//! Edits of a `Cargo.toml` that leave all else, comments too, as it was.

use std::path::Path;

use thiserror::Error;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TableLike, Value, value};

use super::harness::HarnessSource;

/// The dependency.
const HARNESS: &str = "perf-harness";

/// A manifest that is being edited.
#[derive(Clone, Debug)]
pub struct Manifest {
    document: DocumentMut,
    /// What was done, a phrase each.
    said: Vec<String>,
    /// What was left as it is, and why.
    left: Vec<String>,
}

/// Why a manifest cannot be edited.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// It is no TOML.
    #[error(transparent)]
    Toml(#[from] toml_edit::TomlError),
    /// A key has another shape than cargo's.
    #[error("`{0}` has a shape that cargo does not know")]
    Shape(&'static str),
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is no TOML.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        Ok(Self {
            document: text.parse()?,
            said: Vec::new(),
            left: Vec::new(),
        })
    }

    /// The text, what was done to it, and what was left.
    #[must_use]
    pub fn finish(self) -> (String, Vec<String>, Vec<String>) {
        (self.document.to_string(), self.said, self.left)
    }

    /// Whether the workspace says where perf-harness comes from.
    #[must_use]
    pub fn provides_harness(&self) -> bool {
        let workspace = self.document.get("workspace");
        let all = workspace.and_then(|workspace| workspace.get("dependencies"));
        all.is_some_and(|all| all.get(HARNESS).is_some())
    }

    /// Makes perf-harness a dependency of the benches. That it is none yet is for the caller to know.
    ///
    /// # Errors
    /// When `[dev-dependencies]` is no table.
    pub fn depend(&mut self, source: &HarnessSource, folder: &Path) -> Result<(), ManifestError> {
        let table = table(self.document.as_table_mut(), "dev-dependencies")?;
        table.insert(HARNESS, source.dependency(folder));
        let written = source.dependency(folder);
        self.said.push(format!(
            "add {HARNESS} = {} to [dev-dependencies]",
            written.to_string().trim()
        ));
        Ok(())
    }

    /// Declares a bench target that brings its own `main`.
    ///
    /// # Errors
    /// When `bench` is no list of tables.
    pub fn declare_bench(&mut self, name: &str) -> Result<(), ManifestError> {
        let root = self.document.as_table_mut();
        let benches = root
            .entry("bench")
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let mut target = Table::new();
        target.insert("name", value(name));
        target.insert("harness", value(false));
        match benches {
            Item::ArrayOfTables(all) => all.push(target),
            Item::Value(Value::Array(all)) => all.push(target.into_inline_table()),
            _ => return Err(ManifestError::Shape("bench")),
        }
        self.said.push(format!(
            "declare the bench target `{name}` with harness = false"
        ));
        Ok(())
    }

    /// Keeps `cargo bench` from asking the library's unit tests, which know fewer flags.
    ///
    /// # Errors
    /// When `[lib]` is no table.
    pub fn spare_library(&mut self) -> Result<(), ManifestError> {
        let is_new = self.document.get("lib").is_none();
        let library = table(self.document.as_table_mut(), "lib")?;
        match library.get("bench").map(Item::as_bool) {
            Some(Some(false)) => {}
            Some(_) => self.left.push(
                "[lib] says `bench` already; unless that is false, `cargo bench` asks the unit tests, too".to_owned(),
            ),
            None => {
                library.insert("bench", value(false));
                let what = if is_new { "add [lib] with" } else { "set" };
                self.said
                    .push(format!("{what} bench = false, for `cargo bench`"));
            }
        }
        Ok(())
    }

    /// Lets no code elsewhere in a crate decide how a benched function is compiled.
    ///
    /// # Errors
    /// When `[profile.bench]` is no table.
    pub fn steady_profile(&mut self) -> Result<(), ManifestError> {
        const UNITS: &str = "codegen-units";
        let profiles = implicit_table(self.document.as_table_mut(), "profile")?;
        let profile = table(profiles, "bench")?;
        match profile.get(UNITS) {
            Some(units) if units.as_integer() == Some(1) => {}
            Some(units) => self.left.push(format!(
                "[profile.bench] says {UNITS} = {}; with more than one, code elsewhere decides how a function is compiled",
                units.to_string().trim()
            )),
            None => {
                profile.insert(UNITS, value(1));
                self.said
                    .push(format!("set {UNITS} = 1 in [profile.bench]"));
            }
        }
        Ok(())
    }

    /// Keeps records out of what is published.
    ///
    /// # Errors
    /// When `[package]` is no table.
    pub fn exclude_baselines(&mut self) -> Result<(), ManifestError> {
        const FOLDER: &str = "baselines/";
        let package = table(self.document.as_table_mut(), "package")?;
        if package.contains_key("include") {
            // What is named is published, and nothing else.
            return Ok(());
        }
        let is_of_baselines = |path: &Value| {
            path.as_str()
                .is_some_and(|p| p.trim_matches('/') == "baselines")
        };
        match package.get_mut("exclude") {
            None => {
                package.insert("exclude", value(Array::from_iter([FOLDER])));
            }
            Some(Item::Value(Value::Array(all))) if all.iter().any(is_of_baselines) => {
                return Ok(());
            }
            Some(Item::Value(Value::Array(all))) => all.push(FOLDER),
            Some(_) => {
                self.left.push(
                    "`exclude` of [package] comes from the workspace; add \"baselines/\" there"
                        .to_owned(),
                );
                return Ok(());
            }
        }
        self.said
            .push(format!("exclude {FOLDER} from what is published"));
        Ok(())
    }
}

/// The table of that name, made where there is none.
fn table<'a>(
    root: &'a mut dyn TableLike,
    name: &'static str,
) -> Result<&'a mut dyn TableLike, ManifestError> {
    below(root, name, Table::new())
}

/// The same, with no line of its own: `[profile.bench]` needs no `[profile]`.
fn implicit_table<'a>(
    root: &'a mut dyn TableLike,
    name: &'static str,
) -> Result<&'a mut dyn TableLike, ManifestError> {
    let mut table = Table::new();
    table.set_implicit(true);
    below(root, name, table)
}

fn below<'a>(
    root: &'a mut dyn TableLike,
    name: &'static str,
    new: Table,
) -> Result<&'a mut dyn TableLike, ManifestError> {
    let item = root.entry(name).or_insert_with(|| Item::Table(new));
    item.as_table_like_mut().ok_or(ManifestError::Shape(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (String, Vec<String>, Vec<String>) {
        let mut manifest = Manifest::parse(text).unwrap();
        let source = HarnessSource::Git("https://host/x".to_owned());
        if !text.contains("perf-harness") {
            manifest.depend(&source, Path::new("/a")).unwrap();
            manifest.declare_bench("speed").unwrap();
        }
        manifest.spare_library().unwrap();
        manifest.steady_profile().unwrap();
        manifest.exclude_baselines().unwrap();
        manifest.finish()
    }

    #[test]
    fn comments_stay_and_what_is_missing_is_added() {
        let (text, said, left) = all(
            "# About wordy.\n[package]\nname = \"wordy\" # short\nversion = \"0.1.0\"\n\n[dependencies]\nserde = \"1\" # as all do\n",
        );
        insta::assert_snapshot!(text, @r#"
        # About wordy.
        [package]
        name = "wordy" # short
        version = "0.1.0"
        exclude = ["baselines/"]

        [dependencies]
        serde = "1" # as all do

        [dev-dependencies]
        perf-harness = { git = "https://host/x" }

        [[bench]]
        name = "speed"
        harness = false

        [lib]
        bench = false

        [profile.bench]
        codegen-units = 1
        "#);
        assert_eq!((said.len(), left.len()), (5, 0));
        let (again, said, left) = all(&text);
        assert_eq!((again, said, left), (text, Vec::new(), Vec::new()));
    }

    #[test]
    fn what_somebody_decided_otherwise_is_left_and_told() {
        let text = "[package]\nname = \"a\"\nexclude.workspace = true\n[lib]\nbench = true\n[profile.bench]\ncodegen-units = 16\n\
                    [dev-dependencies]\nperf-harness = \"0.1\"\n";
        let (after, said, left) = all(text);
        assert_eq!(after, text);
        assert_eq!((said.len(), left.len()), (0, 3), "{left:?}");
    }

    #[test]
    fn lists_that_are_there_grow() {
        let text = "bench = [{ name = \"old\" }]\n[package]\nname = \"a\"\nexclude = [\"docs\"]\n";
        let (after, ..) = all(text);
        assert!(
            after.contains("exclude = [\"docs\", \"baselines/\"]"),
            "{after}"
        );
        assert!(
            after.contains("{ name = \"speed\", harness = false }"),
            "{after}"
        );
        let (after, said, _) = all("[package]\nname = \"a\"\ninclude = [\"src\"]\n");
        assert!(!after.contains("baselines"), "{after} {said:?}");
    }

    #[test]
    fn a_workspace_may_say_where_it_comes_from() {
        let says = |text: &str| Manifest::parse(text).unwrap().provides_harness();
        assert!(says("[workspace.dependencies]\nperf-harness = \"0.1\"\n"));
        assert!(!says("[workspace]\nmembers = []\n"));
        assert!(!says("[package]\nname = \"a\"\n"));
        assert!(Manifest::parse("[package").is_err());
        let mut odd = Manifest::parse("lib = 3\n").unwrap();
        assert!(matches!(
            odd.spare_library(),
            Err(ManifestError::Shape("lib"))
        ));
    }
}
