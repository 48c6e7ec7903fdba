//! A branch, tag or commit as the baseline: the nearest records on its line of first parents.

use std::collections::HashSet;

use perf_schema::{Commit, Sha};

use super::anchor::{self, NoAnchor};
use super::explanation::Nothing;
use super::gathered::Gathered;
use super::lineage::{Chain, End, Lineage};
use super::past::on_line;
use super::placement::{Due, Ground};
use super::rejection::Why;
use super::selection::{Offer, Place, Selection};
use super::{Matched, Query, Rejected, Resolution, ResolveError, Sources, Walked, brought};
use crate::repository::{LookupError, Repository, RepositoryError, State, Target};
use crate::store::name::SHA_DIGITS;
use crate::store::{CommittedBaselines, RecordEntry};

/// How many commits beyond the limits are searched, by name only, to say how far away the nearest record is.
const BEYOND: usize = 2_000;

/// How many records are opened to guess the newest in a shallow clone.
const GUESSED: usize = 500;

pub(super) fn resolve(
    query: &Query<'_>,
    sources: &Sources<'_>,
    name: &str,
) -> Result<Resolution, ResolveError> {
    let nothing = |nothing| Resolution {
        typed: query.baseline.to_owned(),
        class: query.class.to_owned(),
        nothing: Some(nothing),
        ..Resolution::default()
    };
    let (Some(repository), Some(state)) = (sources.repository, query.measured) else {
        return Ok(nothing(Nothing::NoGit));
    };
    let target = match repository.look_up(name) {
        // Before the first commit no branch exists, not even the one that is checked out.
        Err(LookupError::Unknown { .. }) if state.commit.is_none() => {
            return Ok(nothing(Nothing::Unborn));
        }
        found => found?,
    };
    if target.is_branch() && state.commit.is_none() {
        return Ok(nothing(Nothing::Unborn));
    }
    let gathered = Gathered::new(query, sources, repository, &target, state)?;
    Search {
        query,
        repository,
        state,
        target,
        gathered: &gathered,
    }
    .resolve()
    .map(|resolution| gathered.complete(resolution))
    .map_err(ResolveError::from)
}

struct Search<'a> {
    query: &'a Query<'a>,
    repository: &'a Repository,
    state: &'a State,
    target: Target,
    gathered: &'a Gathered<'a>,
}

impl Search<'_> {
    fn resolve(self) -> Result<Resolution, RepositoryError> {
        let lineage = Lineage {
            repository: self.repository,
            candidates: &self.gathered.candidates,
        };
        let mut resolution = Resolution {
            typed: self.query.baseline.to_owned(),
            class: self.query.class.to_owned(),
            ..Resolution::default()
        };
        let anchored = match &self.state.commit {
            Some(head) => anchor::find(&lineage, &self.target, head, self.state)?,
            None => Ok(anchor::Anchor {
                commit: self.target.commit.clone(),
                kind: anchor::AnchorKind::Named,
            }),
        };
        let mut selection = Selection::new(self.query);
        match anchored {
            Ok(anchor) => {
                let chain = lineage.chain(&anchor.commit, &self.query.limits)?;
                self.along(lineage, &chain, &mut selection, &mut resolution)?;
                resolution.anchor = Some(anchor);
            }
            Err(NoAnchor::First) => resolution.nothing = Some(Nothing::First),
            Err(NoAnchor::Unrelated) => resolution.nothing = Some(Nothing::Unrelated),
            Err(NoAnchor::Shallow) => {
                resolution.shallow = true;
                self.guess(&mut selection, &|_| false);
            }
        }
        self.list_brought(&mut resolution)?;
        resolution.nearest = selection.nearest.take();
        resolution.rejected.append(&mut selection.rejected);
        (resolution.choices, resolution.unmatched) = selection.finish();
        resolution.target = Some(self.target);
        Ok(resolution)
    }

    /// Walks the line, and looks beyond it for an explanation when it gave nothing.
    fn along(
        &self,
        lineage: Lineage<'_>,
        chain: &Chain,
        selection: &mut Selection<'_>,
        resolution: &mut Resolution,
    ) -> Result<(), RepositoryError> {
        let tip = match (&self.state.commit, self.target.is_branch()) {
            (Some(head), false) => &head.sha,
            _ => &self.target.commit,
        };
        let ground = Ground::new(lineage, chain, tip)?;
        let looked = self.walk(chain, &ground, selection)?;
        resolution.line = on_line(&self.gathered.at_tip.entries, self.query.class, chain);
        resolution.same_code = chain
            .links
            .first()
            .is_some_and(|anchor| anchor.tree.as_ref() == Some(&self.state.source_tree));
        resolution.walked = looked.checked_sub(1).and_then(|last| {
            let oldest = chain.links.get(last)?;
            Some(Walked {
                commits: looked,
                back_to: oldest.committed,
                end: chain.end,
            })
        });
        if chain.end == End::Shallow && !selection.is_complete(usize::MAX) {
            resolution.shallow = true;
            self.guess(selection, &|sha| ground.is_newer(sha));
        }
        if selection.nearest.is_none() {
            let told = self.others(&ground);
            selection.rejected.extend(told);
            selection.rejected.extend(self.too_far(chain)?);
        }
        Ok(())
    }

    /// Offers the records of each commit, nearest first, until all is found. Returns how many commits were looked at.
    fn walk(
        &self,
        chain: &Chain,
        ground: &Ground<'_>,
        selection: &mut Selection<'_>,
    ) -> Result<usize, RepositoryError> {
        let candidates = &self.gathered.candidates;
        let mut due: Vec<Vec<usize>> = vec![Vec::new(); chain.links.len()];
        let mut late = Vec::new();
        for number in candidates.numbers() {
            let candidate = candidates.get(number);
            match ground.due(candidate, || candidates.header(number))? {
                Due::At(step) => due[step].push(number),
                Due::Late => late.push(number),
                Due::Never(why) => self.reject(number, why, selection),
            }
        }
        let mut placed: Vec<Vec<Offer>> = vec![Vec::new(); chain.links.len()];
        for (step, numbers) in due.iter().enumerate() {
            if selection.is_complete(step) {
                return Ok(step);
            }
            self.put(ground, numbers, step, &mut placed, selection);
            self.offer(chain, step, &mut placed, selection);
            if step == 0 && !selection.is_complete(0) && !late.is_empty() {
                self.put(ground, &late, 0, &mut placed, selection);
                self.offer(chain, 0, &mut placed, selection);
            }
        }
        Ok(chain.links.len())
    }

    /// Reads headers and puts each record where it belongs, not before this step.
    fn put(
        &self,
        ground: &Ground<'_>,
        numbers: &[usize],
        step: usize,
        placed: &mut [Vec<Offer>],
        selection: &mut Selection<'_>,
    ) {
        let candidates = &self.gathered.candidates;
        for &number in numbers {
            let Some(header) = candidates.header(number) else {
                continue;
            };
            match ground.place(candidates.get(number), header) {
                Ok((at, matched)) => placed[at.max(step)].push(Offer { number, matched }),
                Err(why) => self.reject(number, why, selection),
            }
        }
    }

    /// Notes a record that is not on the line. Runs of the local history are of all lines: that says nothing.
    fn reject(&self, number: usize, why: Why, selection: &mut Selection<'_>) {
        let candidates = &self.gathered.candidates;
        if !candidates.get(number).is_run() {
            let rejected = candidates.rejected(number, None, why);
            selection.rejected.push(rejected);
        }
    }

    /// Offers what was placed at a commit: first what is of its code, then what it only brought.
    fn offer(
        &self,
        chain: &Chain,
        step: usize,
        placed: &mut [Vec<Offer>],
        selection: &mut Selection<'_>,
    ) {
        let place = Place {
            commit: Some(chain.links[step].sha.clone()),
            distance: Some(step),
        };
        let (adopted, exact): (Vec<_>, Vec<_>) = std::mem::take(&mut placed[step])
            .into_iter()
            .partition(|offer| offer.matched == Matched::Adopted);
        for group in [exact, adopted] {
            if !group.is_empty() && !selection.is_complete(step) {
                selection.offer(&self.gathered.candidates, &place, &group);
            }
        }
    }

    /// In a clone too shallow to know: the newest records of the target that are not younger than HEAD.
    fn guess(&self, selection: &mut Selection<'_>, is_newer: &dyn Fn(&Sha) -> bool) {
        let Some(head) = &self.state.commit else {
            return;
        };
        let candidates = &self.gathered.candidates;
        let mut known: Vec<(&Commit, usize)> = candidates
            .numbers()
            .filter(|&number| candidates.get(number).is_committed())
            .take(GUESSED)
            .filter_map(|number| Some((candidates.header(number)?, number)))
            .filter(|(header, _)| header.source_tree.as_ref() != Some(&self.state.source_tree))
            .filter_map(|(header, number)| Some((header.commit.as_ref()?, number)))
            .filter(|(commit, _)| {
                !commit.dirty
                    && commit.sha != head.sha
                    && commit.committed <= head.committed
                    && !is_newer(&commit.sha)
            })
            .collect();
        known.sort_by(|(a, _), (b, _)| (b.committed, &b.sha).cmp(&(a.committed, &a.sha)));
        for group in known.chunk_by(|(a, _), (b, _)| a.sha == b.sha) {
            if selection.is_complete(usize::MAX) {
                break;
            }
            let place = Place {
                commit: Some(group[0].0.sha.clone()),
                distance: None,
            };
            let offers: Vec<_> = group
                .iter()
                .map(|&(_, number)| Offer {
                    number,
                    matched: Matched::Approximate,
                })
                .collect();
            selection.offer(candidates, &place, &offers);
        }
    }

    /// The nearest record of each other machine class.
    fn others(&self, ground: &Ground<'_>) -> Vec<Rejected> {
        let mut nearest: Vec<(usize, &RecordEntry)> = self
            .gathered
            .foreign
            .iter()
            .map(|entry| {
                let step = ground.step_of(entry.name.sha());
                (step.unwrap_or(usize::MAX), entry)
            })
            .collect();
        nearest.sort_by_key(|(step, entry)| (*step, &entry.file));
        let mut told = HashSet::new();
        nearest
            .into_iter()
            .filter(|(_, entry)| told.len() < 3 && told.insert(&entry.class))
            .map(|(step, entry)| {
                let header = entry.header(Some(self.repository)).ok();
                Rejected {
                    file: entry.file.clone(),
                    commit: header
                        .as_ref()
                        .and_then(|header| Some(header.commit.as_ref()?.sha.clone())),
                    distance: Some(step).filter(|step| *step != usize::MAX),
                    bench: None,
                    why: Why::OtherClass {
                        class: entry.class.clone(),
                        cpu: header
                            .map_or_else(|| "unreadable".to_owned(), |header| header.machine.cpu),
                    },
                }
            })
            .collect()
    }

    /// The nearest record beyond the limits, by name.
    fn too_far(&self, chain: &Chain) -> Result<Option<Rejected>, RepositoryError> {
        let next = chain.links.last().and_then(|last| last.parents.first());
        let (End::Commits | End::Days, Some(next)) = (chain.end, next) else {
            return Ok(None);
        };
        let candidates = &self.gathered.candidates;
        for (further, info) in self.repository.first_parents(next).take(BEYOND).enumerate() {
            let sha = info?.sha;
            if let Some(&number) = candidates.of_commit(sha.short(SHA_DIGITS)).first() {
                let commits = Some(chain.links.len() + further);
                let why = Why::TooFar { commits };
                let mut rejected = candidates.rejected(number, commits, why);
                rejected.commit = Some(sha);
                return Ok(Some(rejected));
            }
        }
        Ok(None)
    }

    fn list_brought(&self, resolution: &mut Resolution) -> Result<(), RepositoryError> {
        let Some(head) = &self.state.commit else {
            return Ok(());
        };
        let anchor = resolution.anchor.as_ref().map(|anchor| &anchor.commit);
        let at_anchor = match anchor.filter(|anchor| self.repository.has(anchor)) {
            Some(anchor) => Some(CommittedBaselines::of(self.repository, anchor)?),
            None => None,
        };
        resolution.brought = brought::find(
            self.repository,
            &self.target,
            head,
            &self.gathered.at_tip,
            &self.gathered.at_head,
            at_anchor.as_ref(),
        )?;
        Ok(())
    }
}
