//! Where the file lies: in the working tree, or in a commit, read from the objects of git.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use perf_schema::Sha;

use super::file::{LARGEST, read};
use super::{Config, ConfigError};
use crate::repository::Repository;

/// The file, from the workspace root.
pub const FILE: &str = ".config/perf.toml";

/// A file that was looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What it says; what is built in, if there is none.
    pub config: Config,
    /// Whether there is one.
    pub exists: bool,
}

/// The file of the working tree at `root`.
///
/// # Errors
/// When there is one that cannot be used.
pub fn in_working_tree(root: &Path) -> Result<Found, ConfigError> {
    let path = root.join(FILE);
    let fault = |message: &str| Err(ConfigError::whole(FILE, message));
    let unreadable = |error| ConfigError::whole(FILE, format!("it cannot be read: {error}"));
    let folder = path.parent().map(Path::symlink_metadata);
    if let Some(Ok(metadata)) = folder
        && metadata.is_symlink()
    {
        return fault(
            "its folder is a symbolic link, which git would not follow; move the file to where it stands",
        );
    }
    // Looked at before it is opened: opening a pipe would wait for ever.
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::default()),
        // `.config` may be a file of something else.
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            return Ok(Found::default());
        }
        Err(error) => return Err(unreadable(error)),
    };
    if metadata.is_symlink() {
        return fault(
            "it is a symbolic link, which git would not follow either; copy the file here",
        );
    }
    if !metadata.is_file() {
        return fault("it is not a regular file");
    }
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    found(FILE, &bytes)
}

/// The file as a commit has it. Nothing is checked out.
///
/// # Errors
/// When there is one that cannot be used.
pub fn in_commit(repository: &Repository, commit: &Sha) -> Result<Found, ConfigError> {
    let name = format!("{}:{FILE}", commit.short(12));
    match bytes_of(repository, commit) {
        Ok(None) => Ok(Found::default()),
        Ok(Some(Ok(bytes))) => found(&name, &bytes),
        Ok(Some(Err(message))) => Err(ConfigError::whole(&name, message)),
        Err(error) => {
            let message = format!("it cannot be read from git: {}", error.message());
            Err(ConfigError::whole(&name, message))
        }
    }
}

fn found(name: &str, bytes: &[u8]) -> Result<Found, ConfigError> {
    Ok(Found {
        config: read(name, bytes)?,
        exists: true,
    })
}

type Bytes = Option<Result<Vec<u8>, &'static str>>;

fn bytes_of(repository: &Repository, commit: &Sha) -> Result<Bytes, git2::Error> {
    const FILES: [i32; 2] = [0o100_644, 0o100_755];
    let git = repository.git();
    let tree = git
        .find_commit(git2::Oid::from_str(commit.as_str())?)?
        .tree()?;
    let entry = match tree.get_path(Path::new(&repository.path_in_git(FILE))) {
        Ok(entry) => entry,
        Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !FILES.contains(&entry.filemode()) {
        return Ok(Some(Err("it is not a regular file")));
    }
    let odb = git.odb()?;
    // The size comes first: a few hundred bytes of an object may unpack to gigabytes.
    let (size, _) = odb.read_header(entry.id())?;
    if size > LARGEST {
        return Ok(Some(Err("it is too large")));
    }
    Ok(Some(Ok(odb.read(entry.id())?.data().to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::fixture::Project;

    #[test]
    fn the_working_tree_and_a_commit_have_each_their_own() {
        let project = Project::new();
        project.write(FILE, "machine = \"one\"\n");
        let commit = project.commit("one");
        project.write(FILE, "machine = \"two\"\n");
        let repository = project.open();
        let then = in_commit(&repository, &commit).unwrap();
        assert_eq!(
            (then.config.machine.as_deref(), then.exists),
            (Some("one"), true)
        );
        let now = in_working_tree(repository.workdir()).unwrap();
        assert_eq!(now.config.machine.as_deref(), Some("two"));
        assert_eq!(now.config.differences(&then.config), ["machine"]);
        project.write(FILE, "machine = 1\n");
        let broken = project.commit("broken");
        let error = in_commit(&repository, &broken).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{}:.config/perf.toml:1:11: ", broken.short(12))),
            "{error}"
        );
    }

    #[test]
    fn where_there_is_none_everything_is_as_it_is_built_in() {
        let project = Project::new();
        project.write("a", "");
        let commit = project.commit("a");
        let repository = project.open();
        assert_eq!(in_commit(&repository, &commit).unwrap(), Found::default());
        assert_eq!(
            in_working_tree(repository.workdir()).unwrap(),
            Found::default()
        );
        project.write(".config", "a file of something else");
        assert_eq!(
            in_working_tree(repository.workdir()).unwrap(),
            Found::default()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_a_link_is_not_followed_either() {
        let project = Project::new();
        project.write("elsewhere/perf.toml", "machine = \"one\"\n");
        let repository = project.open();
        let root = repository.workdir();
        std::os::unix::fs::symlink("elsewhere", root.join(".config")).unwrap();
        let error = in_working_tree(root).unwrap_err();
        assert!(error.message.contains("its folder is a symbolic link"));
        let commit = project.commit("link");
        assert_eq!(in_commit(&repository, &commit).unwrap(), Found::default());
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let project = Project::new();
        project.write(".config/other.toml", "machine = \"one\"\n");
        let repository = project.open();
        let root = repository.workdir();
        std::os::unix::fs::symlink("other.toml", root.join(FILE)).unwrap();
        assert!(
            in_working_tree(root)
                .unwrap_err()
                .message
                .contains("symbolic link")
        );
        let commit = project.commit("link");
        assert!(
            in_commit(&repository, &commit)
                .unwrap_err()
                .message
                .contains("regular file")
        );
    }
}
