//! The id of a tree after changes, without writing a tree.
//!
//! Only folders that a change touches are read; the rest keeps the id it has. The rules are git's own: entries sorted
//! by name with a folder counted as if its name ended in `/`, and no empty folders.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository};

/// Mode of a folder in a tree.
const TREE: u32 = 0o040_000;

/// Mode of a link to another repository's commit.
pub(super) const GITLINK: u32 = 0o160_000;

/// What stands at a path after the change: a file, link or gitlink, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Remove,
    Put { mode: u32, id: Oid },
}

/// Changes by path, the path cut at each `/`.
#[derive(Debug, Default)]
pub(super) struct Changes(Folder);

#[derive(Debug, Default)]
struct Folder(BTreeMap<Vec<u8>, Node>);

#[derive(Debug, Default)]
struct Node {
    itself: Option<Change>,
    below: Folder,
}

impl Changes {
    /// Notes a change. Removing a folder removes all that is in it.
    pub(super) fn note(&mut self, path: &[u8], change: Change) {
        let mut folder = &mut self.0;
        let mut parts = path.split(|&b| b == b'/').peekable();
        while let Some(part) = parts.next() {
            let node = folder.0.entry(part.to_vec()).or_default();
            if parts.peek().is_none() {
                node.itself = Some(change);
                return;
            }
            folder = &mut node.below;
        }
    }

    /// The id that `tree` would have after the changes. `None` stands for a tree with nothing in it.
    pub(super) fn applied_to(
        &self,
        git: &Repository,
        tree: Option<Oid>,
    ) -> Result<Oid, git2::Error> {
        match self.0.applied_to(git, tree)? {
            Some(id) => Ok(id),
            None => Oid::hash_object(ObjectType::Tree, b""),
        }
    }
}

impl Folder {
    fn applied_to(&self, git: &Repository, tree: Option<Oid>) -> Result<Option<Oid>, git2::Error> {
        let mut entries = match tree {
            Some(id) => entries_of(git, id)?,
            None => BTreeMap::new(),
        };
        for (name, node) in &self.0 {
            match node.applied_to(git, entries.get(name).copied())? {
                Some(entry) => entries.insert(name.clone(), entry),
                None => entries.remove(name),
            };
        }
        if entries.is_empty() {
            return Ok(None);
        }
        Oid::hash_object(ObjectType::Tree, &written(&entries)).map(Some)
    }
}

impl Node {
    fn applied_to(
        &self,
        git: &Repository,
        was: Option<(u32, Oid)>,
    ) -> Result<Option<(u32, Oid)>, git2::Error> {
        match self.itself {
            Some(Change::Put { mode, id }) => return Ok(Some((mode, id))),
            None if self.below.0.is_empty() => return Ok(was),
            _ => {}
        }
        // What was removed may have become a folder: then the new files are noted below it.
        let folder = was.filter(|(mode, _)| *mode == TREE && self.itself.is_none());
        let id = self.below.applied_to(git, folder.map(|(_, id)| id))?;
        Ok(id.map(|id| (TREE, id)))
    }
}

fn entries_of(git: &Repository, tree: Oid) -> Result<BTreeMap<Vec<u8>, (u32, Oid)>, git2::Error> {
    let tree = git.find_tree(tree)?;
    Ok(tree
        .iter()
        .map(|entry| {
            // A mode is six octal digits: it is never negative.
            let mode = entry.filemode_raw().unsigned_abs();
            (entry.name_bytes().to_vec(), (mode, entry.id()))
        })
        .collect())
}

/// The bytes of a tree object.
fn written(entries: &BTreeMap<Vec<u8>, (u32, Oid)>) -> Vec<u8> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_cached_key(|(name, (mode, _))| {
        let mut key = (*name).clone();
        if *mode == TREE {
            key.push(b'/');
        }
        key
    });
    let mut bytes = Vec::new();
    for (name, (mode, id)) in sorted {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    bytes
}
