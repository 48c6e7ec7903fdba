//! What a name means: `main`, `origin/main`, `v1.2`, `1a2b3c4`, `HEAD~3`.
//!
//! A branch name means what the team sees, the remote-tracking branch, if there is one; a tag never shadows a branch.
//! The text is only looked up. It is no glob, no search and no option, whatever it looks like.

use std::fmt;

use git2::{ErrorCode, Reference};
use perf_schema::Sha;

use super::state::sha;
use super::{Repository, RepositoryError};

/// The longest name that is looked up at all, in bytes.
const LONGEST: usize = 1024;

/// How many references are searched for a similar name.
const SEARCHED: usize = 10_000;

/// A commit that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What was typed.
    pub typed: String,
    /// Whether it names a line of commits or one commit.
    pub kind: TargetKind,
    /// The commit, or the tip of the branch.
    pub commit: Sha,
    /// What the user should know about how the name was understood.
    pub notes: Vec<String>,
}

/// A branch grows and is shared; a commit is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A branch, local or remote-tracking.
    Branch {
        /// Full name of the reference.
        reference: String,
    },
    /// A tag, an id, or an expression such as `HEAD~3`.
    Commit,
}

impl Target {
    /// Whether a branch was named.
    #[must_use]
    pub const fn is_branch(&self) -> bool {
        matches!(self.kind, TargetKind::Branch { .. })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, at) = (&self.typed, self.commit.short(12));
        match &self.kind {
            TargetKind::Branch { reference } if short(reference) != name => {
                write!(f, "{name} ({} at {at})", short(reference))
            }
            _ if self.commit.as_str().starts_with(name.as_str()) => f.write_str(at),
            _ => write!(f, "{name} (at {at})"),
        }
    }
}

/// Why a name means nothing.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// Nothing has that name.
    #[error("{}", unknown(typed, near, fetch.as_deref()))]
    Unknown {
        /// What was typed, shortened.
        typed: String,
        /// Names that look like it, best first.
        near: Vec<String>,
        /// The command that may bring it.
        fetch: Option<String>,
    },
    /// A short id that several objects begin with.
    #[error("`{typed}` is the beginning of several ids; type more digits")]
    Ambiguous {
        /// What was typed.
        typed: String,
    },
    /// It exists, but is no commit.
    #[error(
        "`{typed}` is not a commit but another kind of object; name a branch, a tag or a commit"
    )]
    NotACommit {
        /// What was typed.
        typed: String,
    },
    /// Git could not be asked.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

fn unknown(typed: &str, near: &[String], fetch: Option<&str>) -> String {
    let mut text = format!("there is no branch, tag or commit {typed:?} in this clone");
    if !near.is_empty() {
        text.push_str(&format!("; did you mean {}?", near.join(" or ")));
    }
    if let Some(fetch) = fetch {
        text.push_str(&format!("; if the remote has it, type `{fetch}`"));
    }
    text
}

impl Repository {
    /// Looks up what was typed as a baseline.
    ///
    /// # Errors
    /// [`LookupError::Unknown`] with similar names when nothing has that name.
    pub fn look_up(&self, typed: &str) -> Result<Target, LookupError> {
        // `:` begins a search of messages or names a file in a commit, `{/` searches: neither names a commit.
        if typed.is_empty()
            || typed.len() > LONGEST
            || typed.contains(['\0', ':'])
            || typed.contains("{/")
        {
            return Err(self.unknown(typed));
        }
        let end = typed.find(['~', '^', '@']).unwrap_or(typed.len());
        let (base, steps) = typed.split_at(end);
        // `a@b` is a good branch name too.
        if let Some(branch) = self.branch_named(typed)? {
            return self.branch_target(typed, branch);
        }
        match self.branch_named(base)? {
            Some(branch) => self.expression(typed, &format!("{}{steps}", branch.reference)),
            None => self.expression(typed, typed),
        }
    }

    /// Names of all local and remote-tracking branches, full.
    ///
    /// # Errors
    /// When the references cannot be read.
    pub fn branches(&self) -> Result<Vec<String>, RepositoryError> {
        let mut names = Vec::new();
        for glob in ["refs/heads/*", "refs/remotes/*"] {
            names.extend(self.references(glob)?);
        }
        Ok(names)
    }

    /// The commits that have a tag.
    ///
    /// # Errors
    /// When the references cannot be read.
    pub fn tagged(&self) -> Result<Vec<Sha>, RepositoryError> {
        let tags = self.references("refs/tags/*")?;
        // A tag of something else than a commit is none of ours.
        Ok(tags.iter().filter_map(|tag| self.tip_of(tag)).collect())
    }

    /// The commit a full reference name points to, if it does.
    #[must_use]
    pub fn tip_of(&self, reference: &str) -> Option<Sha> {
        let commit = self
            .git
            .find_reference(reference)
            .ok()?
            .peel_to_commit()
            .ok()?;
        sha(commit.id()).ok()
    }

    fn branch_target(&self, typed: &str, branch: Branch) -> Result<Target, LookupError> {
        let commit = self
            .tip_of(&branch.reference)
            .ok_or_else(|| LookupError::NotACommit {
                typed: typed.to_owned(),
            })?;
        let mut notes = branch.notes;
        if branch.reference == format!("refs/remotes/{}", short(&branch.reference))
            && short(&branch.reference) != typed
            && branch.reference != typed
        {
            notes.insert(
                0,
                format!(
                    "{typed} means the remote-tracking branch {}",
                    short(&branch.reference)
                ),
            );
            let local = self.tip_of(&format!("refs/heads/{typed}"));
            if let Some(local) = local.filter(|local| *local != commit) {
                notes.push(format!(
                    "the local branch {typed} is at {}, {} at {}; type refs/heads/{typed} to mean the local one",
                    local.short(12), short(&branch.reference), commit.short(12)
                ));
            }
        }
        let kind = TargetKind::Branch {
            reference: branch.reference,
        };
        Ok(Target {
            typed: typed.to_owned(),
            kind,
            commit,
            notes,
        })
    }

    /// Resolves an expression that is no plain branch name.
    fn expression(&self, typed: &str, expression: &str) -> Result<Target, LookupError> {
        let (object, reference) = self
            .git
            .revparse_ext(expression)
            .map_err(|error| match error.code() {
                ErrorCode::Ambiguous => LookupError::Ambiguous {
                    typed: typed.to_owned(),
                },
                _ => self.unknown(typed),
            })?;
        let commit = object
            .peel_to_commit()
            .map_err(|_| LookupError::NotACommit {
                typed: typed.to_owned(),
            })?;
        // `@{upstream}` and `heads/main` are branches; HEAD is what is checked out, not the branch it is on.
        let branch = reference
            .filter(|_| !matches!(typed, "HEAD" | "@"))
            .filter(|reference| reference.is_branch() || reference.is_remote())
            .and_then(|reference| Some(reference.name().ok()?.to_owned()));
        Ok(Target {
            typed: typed.to_owned(),
            kind: branch.map_or(TargetKind::Commit, |reference| TargetKind::Branch {
                reference,
            }),
            commit: sha(commit.id())?,
            notes: Vec::new(),
        })
    }

    fn branch_named(&self, name: &str) -> Result<Option<Branch>, RepositoryError> {
        if ["refs/heads/", "refs/remotes/"]
            .iter()
            .any(|kind| name.starts_with(kind))
        {
            return Ok(self.exists(name).then(|| Branch::plain(name.to_owned())));
        }
        let mut notes = Vec::new();
        let local = format!("refs/heads/{name}");
        let found = match self.remote_tracking(name, &mut notes)? {
            Some(remote) => Some(remote),
            None if self.exists(&local) => Some(local),
            None => Some(format!("refs/remotes/{name}")).filter(|remote| self.exists(remote)),
        };
        let Some(reference) = found else {
            return Ok(None);
        };
        if self.exists(&format!("refs/tags/{name}")) {
            notes.push(format!(
                "there is a tag {name} too; {name} means the branch, refs/tags/{name} the tag"
            ));
        }
        Ok(Some(Branch { reference, notes }))
    }

    /// The remote-tracking branch for a plain branch name: the upstream if it has the same name, `origin`'s, or that of
    /// the only remote that has one.
    fn remote_tracking(
        &self,
        name: &str,
        notes: &mut Vec<String>,
    ) -> Result<Option<String>, RepositoryError> {
        let local = format!("refs/heads/{name}");
        if !Reference::is_valid_name(&local) {
            return Ok(None);
        }
        if let Some(upstream) = self.upstream(&local)
            && upstream.ends_with(&format!("/{name}"))
            && self.exists(&upstream)
        {
            return Ok(Some(upstream));
        }
        let origin = format!("refs/remotes/origin/{name}");
        if self.exists(&origin) {
            return Ok(Some(origin));
        }
        let mut found = self.remotes()?;
        found.retain(|remote| self.exists(&format!("refs/remotes/{remote}/{name}")));
        match &found[..] {
            [only] => Ok(Some(format!("refs/remotes/{only}/{name}"))),
            [] => Ok(None),
            several => {
                notes.push(format!(
                    "the remotes {} all have a branch {name}; type <remote>/{name} to mean one of them",
                    several.join(", ")
                ));
                Ok(None)
            }
        }
    }

    fn upstream(&self, local: &str) -> Option<String> {
        let name = self.git.branch_upstream_name(local).ok()?;
        let name = std::str::from_utf8(&name).ok()?;
        name.starts_with("refs/remotes/").then(|| name.to_owned())
    }

    fn remotes(&self) -> Result<Vec<String>, RepositoryError> {
        let remotes = self
            .git
            .remotes()
            .map_err(RepositoryError::reading("the remotes"))?;
        Ok(remotes
            .iter_bytes()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect())
    }

    fn exists(&self, reference: &str) -> bool {
        Reference::is_valid_name(reference) && self.git.find_reference(reference).is_ok()
    }

    pub(super) fn references(&self, glob: &'static str) -> Result<Vec<String>, RepositoryError> {
        let reading = RepositoryError::reading("the references");
        let mut references = self.git.references_glob(glob).map_err(reading)?;
        Ok(references
            .names()
            .take(SEARCHED)
            .filter_map(|name| Some(name.ok()?.to_owned()))
            .collect())
    }

    fn unknown(&self, typed: &str) -> LookupError {
        LookupError::Unknown {
            typed: typed.chars().take(80).collect(),
            near: self.near(typed),
            fetch: self.fetch_of(typed),
        }
    }

    fn near(&self, typed: &str) -> Vec<String> {
        if typed.len() > 200 {
            return Vec::new();
        }
        let mut known = self.branches().unwrap_or_default();
        known.extend(self.references("refs/tags/*").unwrap_or_default());
        let length = typed.chars().count();
        // Two edits find two letters that changed places; a name of nothing but edits would be like every other.
        let most = (length / 3).max(2).min(length.saturating_sub(1));
        let mut near: Vec<(usize, &str)> = known
            .iter()
            .map(|reference| short(reference))
            .filter(|name| name.len() <= 200)
            .map(|name| {
                let last = name.rsplit('/').next().unwrap_or(name);
                (edits(typed, name).min(edits(typed, last)), name)
            })
            .filter(|(edits, _)| *edits <= most)
            .collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter()
            .take(3)
            .map(|(_, name)| name.to_owned())
            .collect()
    }

    fn fetch_of(&self, typed: &str) -> Option<String> {
        let remotes = self.remotes().ok()?;
        let plain = |text: &str| {
            !text.is_empty()
                && !text.starts_with('-')
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        };
        let (remote, name) = remotes
            .iter()
            .find_map(|remote| Some((remote, typed.strip_prefix(remote)?.strip_prefix('/')?)))
            .or_else(|| {
                let origin = remotes.iter().find(|remote| *remote == "origin");
                Some((origin.or(remotes.first())?, typed))
            })?;
        // It is a command for someone to paste into a shell.
        (plain(remote) && plain(name)).then(|| format!("git fetch {remote} {name}"))
    }
}

struct Branch {
    reference: String,
    notes: Vec<String>,
}

impl Branch {
    fn plain(reference: String) -> Self {
        Self {
            reference,
            notes: Vec::new(),
        }
    }
}

/// A reference as people write it.
fn short(reference: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/tags/"]
        .iter()
        .find_map(|kind| reference.strip_prefix(kind))
        .unwrap_or(reference)
}

/// How many characters must be changed, added or taken away to make one text of the other (Levenshtein's distance).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
