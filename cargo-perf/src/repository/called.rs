//! What commits are called: tags and branches, for whoever looks at a list of commits.

use perf_schema::Sha;

use super::{Repository, RepositoryError};

impl Repository {
    /// Commits that have a name of their own, and the name without `refs/…/`: tags first, then local branches. What points to no
    /// commit is passed over.
    ///
    /// # Errors
    /// When the references cannot be read.
    pub fn called(&self) -> Result<Vec<(Sha, String)>, RepositoryError> {
        let mut called = Vec::new();
        for (glob, folder) in [
            ("refs/tags/*", "refs/tags/"),
            ("refs/heads/*", "refs/heads/"),
        ] {
            let names = self.references(glob)?.into_iter();
            called.extend(names.filter_map(|name| {
                let commit = self.tip_of(&name)?;
                Some((commit, name.strip_prefix(folder)?.to_owned()))
            }));
        }
        Ok(called)
    }
}

#[cfg(test)]
mod tests {
    use crate::repository::fixture::Project;

    #[test]
    fn tags_and_branches_name_their_commits_and_nothing_else_does() {
        let project = Project::new();
        project.write("a", "1");
        let first = project.commit("first");
        project.write("a", "2");
        let second = project.commit("second");
        project.point("refs/tags/v1/0", &first);
        project.point("refs/remotes/origin/main", &first);
        let blob = project.git().blob(b"no commit").unwrap();
        project
            .git()
            .reference("refs/tags/blob", blob, true, "test")
            .unwrap();
        let called = project.open().called().unwrap();
        assert_eq!(
            called,
            [(first, "v1/0".to_owned()), (second, "main".to_owned())]
        );
    }
}
