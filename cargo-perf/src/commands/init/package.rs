//! The package that is made ready: the nearest one, or the one that was named.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Member, Workspace};

/// A package of the workspace.
pub(in super::super) struct Chosen {
    /// The workspace's root folder.
    pub(in super::super) root: PathBuf,
    /// The package's folder.
    pub(in super::super) folder: PathBuf,
    /// Its manifest.
    pub(in super::super) manifest: PathBuf,
    /// Whether it depends on perf-harness.
    pub(in super::super) depends: bool,
    /// Whether it has benches of ours: it depends on perf-harness, and has a bench target.
    pub(in super::super) has_benches: bool,
    /// Whether it has a library.
    pub(in super::super) has_library: bool,
    benches: Vec<String>,
}

impl Chosen {
    /// Finds it.
    ///
    /// # Errors
    /// When there is no workspace, no package of that name, or several and none of them is near.
    pub(in super::super) fn find(
        cx: &Context,
        manifest: Option<&Path>,
        package: Option<&str>,
    ) -> Result<Self, Failure> {
        let workspace = Workspace::find(cx, manifest)?;
        let members = workspace.members();
        let start = manifest.map_or_else(
            || cx.directory.clone(),
            |manifest| {
                cx.directory
                    .join(manifest)
                    .parent()
                    .map_or_else(PathBuf::new, Path::to_owned)
            },
        );
        let found = match package {
            Some(name) => members.iter().find(|member| member.name == name),
            None => nearest(&members, &start).or(match members.as_slice() {
                [one] => Some(one),
                _ => None,
            }),
        };
        let names = || {
            let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            format!("there is: {}", names.join(", "))
        };
        let member = found.ok_or_else(|| match package {
            Some(name) => Failure::said(Kind::Usage, format!("there is no package `{name}` here"))
                .help(names()),
            None => Failure::said(
                Kind::Usage,
                "this is a workspace of several packages, and no package of its own",
            )
            .help(format!("name one with --package; {}", names())),
        })?;
        let Member {
            manifest,
            benches,
            depends,
            has_library,
            ..
        } = member.clone();
        Ok(Self {
            folder: manifest.parent().map_or_else(PathBuf::new, Path::to_owned),
            has_benches: depends && !benches.is_empty(),
            root: workspace.root,
            manifest,
            depends,
            has_library,
            benches,
        })
    }

    /// The workspace's own manifest, where profiles stand.
    pub(in super::super) fn root_manifest(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }

    /// Whether it is the package at the root.
    pub(in super::super) fn is_root(&self) -> bool {
        self.folder == self.root
    }

    /// Whether it has a bench target of that name.
    pub(in super::super) fn has_bench(&self, name: &str) -> bool {
        self.benches.iter().any(|bench| bench == name)
    }

    /// The file of a bench target.
    pub(in super::super) fn bench_file(&self, name: &str) -> PathBuf {
        self.folder.join("benches").join(format!("{name}.rs"))
    }
}

/// The member whose folder is the nearest one around `start`, as cargo finds it.
fn nearest<'a>(members: &'a [Member], start: &Path) -> Option<&'a Member> {
    // Cargo's paths have no links in them; where this one cannot be resolved, it is as it was typed.
    let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    start.ancestors().find_map(|folder| {
        let manifest = folder.join("Cargo.toml");
        members.iter().find(|member| member.manifest == manifest)
    })
}
