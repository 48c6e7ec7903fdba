//! Where the repository is published, as far as a link to a range of its commits can be made of that.

use perf_schema::Sha;

use super::Repository;

impl Repository {
    /// The page that shows the commits after `from` up to `to`, where the remote `origin` is of a host whose pages are known.
    /// Nothing is asked over the network.
    #[must_use]
    pub fn page_of_range(&self, from: &Sha, to: &Sha) -> Option<String> {
        let remote = self.git().find_remote("origin").ok()?;
        page(remote.url().ok()?, from.as_str(), to.as_str())
    }
}

fn page(remote: &str, from: &str, to: &str) -> Option<String> {
    let (host, path) = host_and_path(remote)?;
    let compare = match host {
        _ if host.contains("gitlab") => "-/compare",
        "github.com" | "codeberg.org" => "compare",
        _ if host.starts_with("github.") || host.starts_with("gitea.") => "compare",
        _ => return None,
    };
    Some(format!("https://{host}/{path}/{compare}/{from}...{to}"))
}

/// Host and path of an address as git takes them, without user, password and port. What holds anything else than the
/// characters of ordinary names is no address that a link may be made of.
fn host_and_path(remote: &str) -> Option<(&str, &str)> {
    let rest = match remote.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest,
        Some(_) => return None,
        None => remote,
    };
    let begin = rest.find(['/', ':'])?;
    let rest = match rest.rfind('@') {
        Some(at) if at < begin || !rest[..at].contains('/') => &rest[at + 1..],
        _ => rest,
    };
    let (host, path) = rest.split_once(['/', ':'])?;
    // After a host comes a port or, as in `git@host:owner/name`, the path.
    let path = match path.split_once('/') {
        Some((port, path))
            if remote.contains("://") && port.bytes().all(|b| b.is_ascii_digit()) =>
        {
            path
        }
        _ => path,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let plain = |text: &str, also: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
        !text.is_empty() && text.chars().all(fits)
    };
    (plain(host, "-.") && plain(path, "-._~/") && path.contains('/')).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_of_every_way_to_write_an_address() {
        for remote in [
            "https://github.com/ada/wordy.git",
            "https://ada:secret@github.com/ada/wordy",
            "git@github.com:ada/wordy.git",
            "ssh://git@github.com:22/ada/wordy.git",
        ] {
            let link = page(remote, "1", "2");
            assert_eq!(
                link.as_deref(),
                Some("https://github.com/ada/wordy/compare/1...2"),
                "{remote}"
            );
        }
        assert_eq!(
            page("https://gitlab.example.org/a/b/c.git", "1", "2").as_deref(),
            Some("https://gitlab.example.org/a/b/c/-/compare/1...2")
        );
    }

    #[test]
    fn no_link_is_made_of_what_is_not_known() {
        for remote in [
            "",
            "/home/ada/wordy",
            "../wordy",
            "file:///home/ada/wordy.git",
            "https://example.org/ada/wordy",
            "https://github.com/ada",
            "https://github.com/ada/wor\"dy",
            "javascript://github.com/ada/wordy",
        ] {
            assert_eq!(page(remote, "1", "2"), None, "{remote}");
        }
    }
}
