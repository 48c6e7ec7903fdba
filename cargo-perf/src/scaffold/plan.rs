//! What is going to be written, before anything is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is going to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which file.
    pub path: PathBuf,
    /// What will be in it.
    pub text: String,
    /// What that does, a phrase each.
    pub said: Vec<String>,
}

/// All of them, in the order in which they are written, and what was left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files to write.
    pub changes: Vec<Change>,
    /// What was left as it is although it is not as one would have it, and why.
    pub left: Vec<String>,
}

impl Plan {
    /// Adds a file, if there is anything to say of it. What another step already does to the file comes first.
    pub fn add(&mut self, path: &Path, text: String, said: Vec<String>) {
        if said.is_empty() {
            return;
        }
        match self.changes.iter_mut().find(|change| change.path == path) {
            Some(change) => {
                change.text = text;
                change.said.extend(said);
            }
            None => self.changes.push(Change {
                path: path.to_owned(),
                text,
                said,
            }),
        }
    }

    /// What a file will hold: what is planned, else what is there; nothing where there is no file.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn text(&self, path: &Path) -> io::Result<String> {
        if let Some(change) = self.changes.iter().find(|change| change.path == path) {
            return Ok(change.text.clone());
        }
        match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }

    /// Writes the files.
    ///
    /// # Errors
    /// With the file that could not be written. Those before it are; doing all again does the rest.
    pub fn write(&self) -> Result<(), (PathBuf, io::Error)> {
        for Change { path, text, .. } in &self.changes {
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            folder
                .and_then(|()| fs::write(path, text))
                .and_then(|()| make_executable(path, text))
                .map_err(|error| (path.clone(), error))?;
        }
        Ok(())
    }

    /// What was done, or would be, for a person: a line for each step, with files as they lie below `root`.
    #[must_use]
    pub fn told(&self, root: &Path, is_dry: bool) -> String {
        let mut text = String::new();
        for change in &self.changes {
            let path = change.path.strip_prefix(root).unwrap_or(&change.path);
            for said in &change.said {
                let would = if is_dry { "would " } else { "" };
                text.push_str(&format!("{would}{said} ({})\n", path.display()));
            }
        }
        for left in &self.left {
            text.push_str(&format!("left as it is: {left}\n"));
        }
        text
    }
}

/// What begins with the name of the program that runs it is a program itself.
fn make_executable(path: &Path, text: &str) -> io::Result<()> {
    #[cfg(unix)]
    if text.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt;
        return fs::set_permissions(path, fs::Permissions::from_mode(0o755));
    }
    Ok(())
}
