//! What is said elsewhere, and to whom.

use std::path::PathBuf;

use clap::Args;

use crate::publish::gitlab::Project;
use crate::publish::sticky::Name;
use crate::publish::{Address, Channel, Notify, Slug};

/// Who is told.
#[derive(Clone, Debug, Args)]
pub struct NotifyArgs {
    /// Tell what it came to if it does not end with 0: desktop, or webhook=URL; may be repeated
    #[arg(long, value_name = "CHANNEL")]
    pub notify: Vec<Channel>,
    /// With --notify: even if it ends with 0
    #[arg(long, requires = "notify")]
    pub notify_always: bool,
}

impl NotifyArgs {
    /// What was typed.
    #[must_use]
    pub fn asked(&self) -> Notify {
        Notify {
            channels: self.notify.clone(),
            always: self.notify_always,
        }
    }

    /// The same besides what a file says.
    #[must_use]
    pub fn and(&self, file: Notify) -> Notify {
        let mut all = self.asked();
        for channel in file.channels {
            if !all.channels.contains(&channel) {
                all.channels.push(channel);
            }
        }
        all.always |= file.always;
        all
    }
}

/// `publish`. The token is that of `GITHUB_TOKEN` or `GITLAB_TOKEN`, and of nothing else: what is typed can be read by others.
#[derive(Clone, Debug, Args)]
pub struct PublishArgs {
    /// The text, as `cargo perf compare --output markdown=FILE` writes it
    #[arg(value_name = "FILE", required_unless_present = "untrusted")]
    pub file: Option<PathBuf>,
    /// What the run of a fork left behind, as `--output json=FILE` writes it: believed in nothing, and published where GitHub
    /// says that the run belongs
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "pull_request", "issue"])]
    pub untrusted: Option<PathBuf>,
    /// The pull request [default: the one that the job runs for]
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<u64>,
    /// The merge request at GitLab [default: the one that the job runs for]
    #[arg(long, value_name = "NUMBER", env = "CI_MERGE_REQUEST_IID")]
    pub merge_request: Option<u64>,
    /// An issue with this title, instead of a comment
    #[arg(long, value_name = "TITLE", conflicts_with = "pull_request")]
    pub issue: Option<String>,
    /// Tells apart what several jobs keep in the same place
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub name: Name,
    /// The repository at GitHub
    #[arg(long, value_name = "OWNER/NAME", env = "GITHUB_REPOSITORY")]
    pub repository: Option<Slug>,
    /// The project at GitLab, instead of a repository at GitHub
    #[arg(
        long,
        value_name = "NUMBER|GROUP/NAME",
        env = "CI_MERGE_REQUEST_PROJECT_ID",
        conflicts_with_all = ["pull_request", "untrusted"]
    )]
    pub project: Option<Project>,
    /// Where the interface is [default: GitHub's; of a project CI_API_V4_URL, else that of gitlab.com]
    #[arg(long, value_name = "ADDRESS", env = "GITHUB_API_URL")]
    pub api: Option<Address>,
    /// Print the text, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}
