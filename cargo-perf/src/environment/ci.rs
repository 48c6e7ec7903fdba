//! Which continuous-integration system a command runs under, and what it gives a command to write to.

use std::path::PathBuf;

use crate::secret::Secret;

/// Where the command runs, if not at a person's desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ci {
    /// The name of the system; `None` at a person's desk.
    pub system: Option<&'static str>,
    /// GitHub's file for what is shown on the page of the job.
    pub github_summary: Option<PathBuf>,
    /// GitHub's file for what later steps may ask for.
    pub github_output: Option<PathBuf>,
    /// GitHub's file on why the job runs.
    pub github_event: Option<PathBuf>,
    /// What lets one speak at GitHub.
    pub github_token: Option<Secret>,
    /// What lets one speak at GitLab. The token that each job has may not write comments.
    pub gitlab_token: Option<Secret>,
    /// Where GitLab's interface is.
    pub gitlab_api: Option<String>,
    /// What notices are signed with.
    pub webhook_key: Option<Secret>,
}

/// A variable that only that system sets, and its name. The last is what all of them set.
const SYSTEMS: [(&str, &str); 12] = [
    ("GITHUB_ACTIONS", "GitHub Actions"),
    ("GITLAB_CI", "GitLab CI"),
    ("TF_BUILD", "Azure Pipelines"),
    ("CIRCLECI", "CircleCI"),
    ("BUILDKITE", "Buildkite"),
    ("JENKINS_URL", "Jenkins"),
    ("TEAMCITY_VERSION", "TeamCity"),
    ("BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines"),
    ("TRAVIS", "Travis CI"),
    ("DRONE", "Drone"),
    ("CIRRUS_CI", "Cirrus CI"),
    ("CI", "continuous integration"),
];

impl Ci {
    /// What the environment says. A variable that is empty or `false` is as good as none.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty() && value != "false");
        let system = SYSTEMS.iter().find(|(name, _)| set(name).is_some());
        let file = |name: &str| set(name).map(PathBuf::from);
        Self {
            system: system.map(|(_, system)| *system),
            github_summary: file("GITHUB_STEP_SUMMARY"),
            github_output: file("GITHUB_OUTPUT"),
            github_event: file("GITHUB_EVENT_PATH"),
            github_token: Secret::of(variable("GITHUB_TOKEN")),
            gitlab_token: Secret::of(variable("GITLAB_TOKEN")),
            gitlab_api: set("CI_API_V4_URL"),
            webhook_key: Secret::of(variable("CARGO_PERF_WEBHOOK_SECRET")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &[(&str, &str)]) -> Ci {
        Ci::detect(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_system_is_told_by_the_variable_that_only_it_sets() {
        assert_eq!(detected(&[]), Ci::default());
        assert_eq!(detected(&[("CI", "false")]).system, None);
        assert_eq!(
            detected(&[("CI", "true")]).system,
            Some("continuous integration")
        );
        assert_eq!(
            detected(&[("CI", "true"), ("GITLAB_CI", "true")]).system,
            Some("GitLab CI")
        );
    }

    #[test]
    fn github_says_where_to_write() {
        let ci = detected(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_STEP_SUMMARY", "/s"),
            ("GITHUB_OUTPUT", ""),
        ]);
        assert_eq!(ci.system, Some("GitHub Actions"));
        assert_eq!(ci.github_summary, Some(PathBuf::from("/s")));
        assert_eq!(ci.github_output, None);
    }
}
