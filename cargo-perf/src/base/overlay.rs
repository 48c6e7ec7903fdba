//! `--harness-from head`: the base's library with the benchmarks of now.
//!
//! The folders with the sources of the bench targets are taken from the working tree, and with them what the manifests say of
//! bench targets and development dependencies. Everything else stays as the commit has it.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table};

use crate::hash;
use crate::plan::BenchPackage;

/// What of a manifest belongs to the benchmarks.
const BENCH_TABLES: [&str; 3] = ["bench", "dev-dependencies", "dev_dependencies"];

/// The benchmarks of the working tree. Paths are paths in the repository.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// Files and folders that replace the base's.
    sources: Vec<PathBuf>,
    /// The files in them, with their content.
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Manifests of packages with benchmarks.
    manifests: Vec<(PathBuf, DocumentMut)>,
    /// The manifest of the workspace, from which others inherit.
    workspace: Option<(PathBuf, DocumentMut)>,
}

impl Overlay {
    /// Reads the benchmarks of `packages`.
    pub(super) fn read(workdir: &Path, root: &Path, packages: &[BenchPackage]) -> io::Result<Self> {
        let mut overlay = Self {
            workspace: document(workdir, &root.join("Cargo.toml"))?,
            ..Self::default()
        };
        for package in packages {
            overlay
                .manifests
                .extend(document(workdir, &package.manifest)?);
            for source in package
                .sources
                .iter()
                .filter_map(|s| part_of(&package.manifest, s))
            {
                let Ok(inside) = source.strip_prefix(workdir) else {
                    continue;
                };
                let inside = inside.to_owned();
                if !overlay.sources.contains(&inside) {
                    collect(workdir, &inside, &mut overlay.files)?;
                    overlay.sources.push(inside);
                }
            }
        }
        overlay.files.sort();
        Ok(overlay)
    }

    /// A text that is the same for the same benchmarks.
    pub(super) fn fingerprint(&self) -> String {
        let mut text = String::new();
        for (path, bytes) in &self.files {
            text.push_str(&format!("{} {}\n", path.display(), hash::short(bytes, 64)));
        }
        for (path, document) in &self.manifests {
            let tables = BENCH_TABLES.iter().filter_map(|name| document.get(name));
            let auto = document.get("package").and_then(|p| p.get("autobenches"));
            let tables: String = tables.chain(auto).map(ToString::to_string).collect();
            text.push_str(&format!("{} {}\n", path.display(), hash::short(tables, 64)));
        }
        // What the benchmarks may inherit is put in as well.
        let workspace = self.workspace.iter().filter_map(|(_, document)| {
            let dependencies = document.get("workspace")?.get("dependencies")?;
            Some(dependencies.to_string())
        });
        for dependencies in workspace {
            text.push_str(&format!("workspace {}\n", hash::short(dependencies, 64)));
        }
        text
    }

    /// Puts the benchmarks into `tree`, in place of those that are there. Packages that the base does not have stay away.
    pub(super) fn put(&self, tree: &Path, manifests: &[PathBuf]) -> io::Result<()> {
        let known = |path: &Path| {
            let mut folders = path.ancestors().skip(1);
            folders.any(|folder| manifests.contains(&folder.join("Cargo.toml")))
        };
        for source in self.sources.iter().filter(|source| known(source)) {
            remove(tree, source)?;
        }
        for (path, bytes) in self.files.iter().filter(|(path, _)| known(path)) {
            let path = tree.join(path);
            let folder = path.parent().unwrap_or(tree);
            fs::create_dir_all(folder)?;
            // The commit may have made a folder a link to anywhere.
            if folder.canonicalize()?.starts_with(tree.canonicalize()?) {
                fs::write(path, bytes)?;
            }
        }
        for (path, ours) in &self.manifests {
            if manifests.contains(path) {
                self.edit(&tree.join(path), ours, tree)?;
            }
        }
        Ok(())
    }

    fn edit(&self, manifest: &Path, ours: &DocumentMut, tree: &Path) -> io::Result<()> {
        let mut theirs = parse(&fs::read_to_string(manifest)?)?;
        for name in BENCH_TABLES {
            replace(&mut theirs, ours, name);
        }
        if let Some(auto) = ours
            .get("package")
            .and_then(|package| package.get("autobenches"))
            && let Some(package) = theirs.get_mut("package").and_then(Item::as_table_like_mut)
        {
            package.insert("autobenches", auto.clone());
        }
        fs::write(manifest, theirs.to_string())?;
        self.inherit(ours, tree)
    }

    /// Adds to the base's workspace what the benchmarks' dependencies inherit and it does not have.
    fn inherit(&self, ours: &DocumentMut, tree: &Path) -> io::Result<()> {
        let Some((path, workspace)) = &self.workspace else {
            return Ok(());
        };
        let inherited = BENCH_TABLES[1..]
            .iter()
            .filter_map(|name| ours.get(name)?.as_table_like())
            .flat_map(|table| table.iter())
            .filter(|(_, item)| item.get("workspace").is_some())
            .map(|(name, _)| name);
        let known = workspace
            .get("workspace")
            .and_then(|w| w.get("dependencies"));
        let path = tree.join(path);
        if !path.symlink_metadata().is_ok_and(|data| data.is_file()) {
            return Ok(());
        }
        let mut theirs = parse(&fs::read_to_string(&path)?)?;
        let mut is_changed = false;
        for name in inherited {
            let Some(found) = known.and_then(|known| known.get(name)) else {
                continue;
            };
            let table = theirs
                .entry("workspace")
                .or_insert(Item::Table(Table::new()));
            let Some(table) = table.as_table_like_mut() else {
                continue;
            };
            let below = table
                .entry("dependencies")
                .or_insert(Item::Table(Table::new()));
            if let Some(below) = below.as_table_like_mut().filter(|t| !t.contains_key(name)) {
                below.insert(name, found.clone());
                is_changed = true;
            }
        }
        if is_changed {
            fs::write(&path, theirs.to_string())?;
        }
        Ok(())
    }
}

fn replace(theirs: &mut DocumentMut, ours: &DocumentMut, name: &str) {
    match ours.get(name) {
        Some(item) => {
            theirs.insert(name, item.clone());
        }
        None => {
            theirs.remove(name);
        }
    }
}

fn document(workdir: &Path, manifest: &Path) -> io::Result<Option<(PathBuf, DocumentMut)>> {
    let Ok(inside) = manifest.strip_prefix(workdir) else {
        return Ok(None);
    };
    let document = parse(&fs::read_to_string(manifest)?)?;
    Ok(Some((inside.to_owned(), document)))
}

fn parse(text: &str) -> io::Result<DocumentMut> {
    text.parse::<DocumentMut>().map_err(io::Error::other)
}

/// The part of a package that a bench target's source stands for: the folder in the package's root that it lies in, or the
/// file alone where that folder holds the library as well.
fn part_of(manifest: &Path, source: &Path) -> Option<PathBuf> {
    let root = manifest.parent()?;
    let mut parts = source.strip_prefix(root).ok()?.components();
    match (parts.next()?, parts.next()) {
        (Component::Normal(folder), Some(_)) if folder != "src" => Some(root.join(folder)),
        _ => Some(source.to_owned()),
    }
}

/// Reads the files at and below a path. Links are no benchmarks.
fn collect(workdir: &Path, path: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) -> io::Result<()> {
    let data = workdir.join(path).symlink_metadata()?;
    if data.is_dir() {
        for item in fs::read_dir(workdir.join(path))? {
            collect(workdir, &path.join(item?.file_name()), files)?;
        }
    } else if data.is_file() {
        files.push((path.to_owned(), fs::read(workdir.join(path))?));
    }
    Ok(())
}

/// Removes a file or folder of the tree; a link itself, not what it leads to.
fn remove(tree: &Path, path: &Path) -> io::Result<()> {
    let mut place = tree.to_owned();
    for part in path {
        place.push(part);
        match place.symlink_metadata() {
            Ok(data) if !data.is_dir() => return fs::remove_file(place),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    fs::remove_dir_all(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_stands_for_its_folder_unless_the_library_lies_there() {
        let part = |source: &str| part_of(Path::new("/repo/a/Cargo.toml"), Path::new(source));
        assert_eq!(
            part("/repo/a/benches/cpu.rs"),
            Some("/repo/a/benches".into())
        );
        assert_eq!(
            part("/repo/a/benches/x/main.rs"),
            Some("/repo/a/benches".into())
        );
        assert_eq!(
            part("/repo/a/src/bench.rs"),
            Some("/repo/a/src/bench.rs".into())
        );
        assert_eq!(part("/repo/a/cpu.rs"), Some("/repo/a/cpu.rs".into()));
        assert_eq!(part("/elsewhere/cpu.rs"), None);
    }

    #[test]
    fn benchmarks_are_replaced_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
        write(
            "now/Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"2.0.0\"\n[dependencies]\nx = \"2\"\n\
               [dev-dependencies]\ny = { workspace = true }\n[[bench]]\nname = \"new\"\n\
               [workspace.dependencies]\ny = \"3\"\n",
        );
        write("now/benches/new.rs", "new");
        write("now/src/lib.rs", "now");
        write(
            "then/Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\nx = \"1\"\n\
               [dev-dependencies]\nz = \"1\"\n[[bench]]\nname = \"old\"\n",
        );
        write("then/benches/old.rs", "old");
        write("then/src/lib.rs", "then");
        let now = folder.path().join("now");
        let package = BenchPackage {
            manifest: now.join("Cargo.toml"),
            sources: vec![now.join("benches/new.rs")],
        };
        let overlay = Overlay::read(&now, &now, std::slice::from_ref(&package)).unwrap();
        let then = folder.path().join("then");
        overlay.put(&then, &[PathBuf::from("Cargo.toml")]).unwrap();
        assert!(!then.join("benches/old.rs").exists());
        assert_eq!(read("then/benches/new.rs"), "new");
        assert_eq!(read("then/src/lib.rs"), "then");
        let manifest = parse(&read("then/Cargo.toml")).unwrap();
        let text = |path: [&str; 2]| manifest[path[0]][path[1]].to_string().trim().to_owned();
        assert_eq!(text(["package", "version"]), "\"1.0.0\"");
        assert_eq!(text(["dependencies", "x"]), "\"1\"");
        assert!(manifest["dev-dependencies"].get("z").is_none());
        assert_eq!(
            manifest["workspace"]["dependencies"]["y"].as_str(),
            Some("3")
        );
        assert!(manifest["bench"].to_string().contains("new"));
        let first = overlay.fingerprint();
        write("now/benches/new.rs", "changed");
        let changed = Overlay::read(&now, &now, &[package]).unwrap();
        assert_ne!(changed.fingerprint(), first);
    }
}
