//! A bench target linked again, with its functions in another order.
//!
//! Cargo compiles the last crate alone once more, with one more flag for the linker; what the flag is belongs to the name of what
//! it builds, so each order has its own file beside the others, which is found again as long as nothing changed and is replaced
//! when something did. Nothing of that is ours to keep, to remove or to mend.

use std::collections::HashSet;
use std::io::BufReader;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use cargo_metadata::{Message, TargetKind};

use super::build::{Artefacts, BuildOptions, Built};
use super::cargo::{Called, call, cargo};
use super::link_order;
use crate::context::Context;
use crate::failure::{Failure, Kind};

/// How a linker is asked for another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    before: &'static str,
}

/// The ways there are: of lld and of mold, called by a C compiler; of lld, called by itself. Which one works is found by trying,
/// since neither the linker's name nor its version tells what stands behind it.
const WAYS: [Way; 3] = [
    Way {
        before: "-Wl,--shuffle-sections=.text*=",
    },
    Way {
        before: "-Wl,--shuffle-sections=",
    },
    Way {
        before: "--shuffle-sections=.text*=",
    },
];

/// What a linker says of itself that has no such option is of no use to anyone; this is.
const CANNOT: &str = "the linker cannot put functions in another order; lld and mold can (lld is chosen by \
                      -Clink-arg=-fuse-ld=lld in rustflags)";

/// A bench target that may be linked again.
#[derive(Clone, Copy, Debug)]
pub struct Relinking<'a> {
    /// The target, as it was built.
    pub built: &'a Built,
    /// How it was built.
    pub options: &'a BuildOptions,
    /// All that was built then.
    pub made: &'a Artefacts,
}

/// Why there are no other orders.
#[derive(Debug)]
pub enum NoOrders {
    /// For a reason that a comparison can live with.
    Because(String),
    /// It has to end.
    Failed(Failure),
}

impl From<Failure> for NoOrders {
    fn from(failure: Failure) -> Self {
        match failure.kind() {
            Kind::Interrupted => Self::Failed(failure),
            _ => Self::Because(failure.message().to_owned()),
        }
    }
}

impl Relinking<'_> {
    /// Finds out how this target's linker is asked for another order, with two orders from the `first`.
    ///
    /// # Errors
    /// When none of the ways works, or it was interrupted.
    pub fn find_way(&self, cx: &Context, first: usize) -> Result<Way, NoOrders> {
        let mut why = CANNOT;
        for way in WAYS {
            let two = match [self.link(cx, way, first)?, self.link(cx, way, first + 1)?] {
                [Ok(one), Ok(two)] => [one, two],
                [Err(Refused::ByLinker), _] | [_, Err(Refused::ByLinker)] => continue,
                [Err(Refused::Otherwise(why)), _] | [_, Err(Refused::Otherwise(why))] => {
                    return Err(NoOrders::Because(why));
                }
            };
            if link_order::differs(&two[0], &two[1]) == Some(true) {
                return Ok(way);
            }
            why = "the linker takes the option for it and puts the functions in the same order all the same";
        }
        Err(NoOrders::Because(why.to_owned()))
    }

    /// The binaries of these orders. What a linker makes of the same number for two programs is not
    /// independent, so two sides want two ranges.
    ///
    /// # Errors
    /// When it is not linked any more, or not from what was built, or it was interrupted.
    pub fn orders(
        &self,
        cx: &Context,
        way: Way,
        orders: Range<usize>,
    ) -> Result<Vec<PathBuf>, NoOrders> {
        orders
            .map(|order| match self.link(cx, way, order)? {
                Ok(binary) => Ok(binary),
                Err(Refused::ByLinker) => Err(NoOrders::Because(CANNOT.to_owned())),
                Err(Refused::Otherwise(why)) => Err(NoOrders::Because(why)),
            })
            .collect()
    }

    fn link(
        &self,
        cx: &Context,
        way: Way,
        order: usize,
    ) -> Result<Result<PathBuf, Refused>, NoOrders> {
        let command = self.command(cx, way, order)?;
        let Called {
            said,
            status,
            complaints,
        } = call(cx, command, |stdout| self.listen(stdout))?;
        if !status.success() {
            return Ok(Err(Refused::of(&complaints)));
        }
        let binary = said
            .binary
            .filter(|binary| *binary != self.built.executable);
        let refused = |why: &str| Ok(Err(Refused::Otherwise(why.to_owned())));
        match binary {
            _ if said.is_otherwise => refused(
                "linked by itself it would be built from dependencies with other features; --package with the one package \
                 builds all alike",
            ),
            None => refused("cargo did not give it a binary of its own"),
            Some(binary) => Ok(Ok(binary)),
        }
    }

    fn command(&self, cx: &Context, way: Way, order: usize) -> Result<Command, Failure> {
        let Self { built, options, .. } = self;
        let mut command = cargo(cx)?;
        command.args([
            "rustc",
            "--quiet",
            "--message-format",
            "json-render-diagnostics",
        ]);
        command.arg(format!("--package={}", built.target.package));
        command.arg(format!("--bench={}", built.target.name));
        if options.profile.is_none() {
            command.args(["--profile", "bench"]);
        }
        options.hand_to(&mut command);
        command.arg("--");
        // A seed of zero may mean none.
        command.arg(format!("-Clink-arg={}{}", way.before, order + 1));
        // What it complains is read here: whoever has set it to be coloured gets it plain.
        command.env("CARGO_TERM_COLOR", "never");
        command.stderr(Stdio::piped());
        Ok(command)
    }

    fn listen(&self, stdout: ChildStdout) -> Said {
        let files = self.made.units.iter().flat_map(|unit| &unit.files);
        let known: HashSet<&Path> = files.map(PathBuf::as_path).collect();
        let mut said = Said::default();
        for message in Message::parse_stream(BufReader::new(stdout)).flatten() {
            let Message::CompilerArtifact(artifact) = message else {
                continue;
            };
            let is_it = artifact.target.kind.contains(&TargetKind::Bench)
                && artifact.target.name == self.built.target.name
                && artifact.package_id.repr == self.built.target.package_id;
            if is_it {
                said.binary = artifact.executable.map(Into::into);
            } else {
                let mut files = artifact.filenames.iter().map(|file| file.as_std_path());
                let is_known = files.all(|file| known.contains(file));
                said.is_otherwise |= !artifact.fresh || !is_known;
            }
        }
        said
    }
}

/// What cargo said.
#[derive(Default)]
struct Said {
    binary: Option<PathBuf>,
    /// Something besides the target was compiled, or is not what went into it before.
    is_otherwise: bool,
}

/// Why there is no binary.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    ByLinker,
    Otherwise(String),
}

impl Refused {
    fn of(complaints: &str) -> Self {
        if complaints.contains("error: linking with ") {
            return Self::ByLinker;
        }
        let mut lines = complaints.lines();
        let error = lines.find(|line| line.starts_with("error"));
        let why = error.unwrap_or("cargo does not say why");
        Self::Otherwise(format!("it cannot be linked again: {why}"))
    }
}

/// Removes the binaries of orders if together they weigh more than `bytes`: cargo links them again when they
/// are asked for. Best effort: what cannot be removed costs space and nothing else.
pub fn discard_heavy(binaries: &[PathBuf], bytes: u64) {
    let weight = |path: &PathBuf| path.metadata().map_or(0, |data| data.len());
    if binaries.iter().map(weight).sum::<u64>() <= bytes {
        return;
    }
    for binary in binaries {
        let _stays = std::fs::remove_file(binary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_linker_refuses_is_told_from_other_errors() {
        let linker = "error: linking with `cc` failed: exit status: 1\n  = note: ld.bfd: unrecognized option\n";
        assert_eq!(Refused::of(linker), Refused::ByLinker);
        let other = "warning: unused\nerror[E0425]: cannot find value `x`\n";
        assert_eq!(
            Refused::of(other),
            Refused::Otherwise(
                "it cannot be linked again: error[E0425]: cannot find value `x`".to_owned()
            )
        );
    }

    #[test]
    fn only_heavy_binaries_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = (0..3)
            .map(|i| {
                let path = folder.path().join(i.to_string());
                std::fs::write(&path, [0; 100]).unwrap();
                path
            })
            .collect();
        discard_heavy(&files, 300);
        assert!(files.iter().all(|file| file.exists()));
        discard_heavy(&files, 299);
        assert!(files.iter().all(|file| !file.exists()));
        discard_heavy(&files, 0);
    }
}
