#!/usr/bin/env python3
"""What a harness costs the build of those who use it: ours beside criterion and divan.

    benches/weight/weight.py [--clean ROUNDS] [--touched ROUNDS]

Makes three packages in a temporary folder, which differ in their harness and the bench written for it and in nothing
else, and prints a table: crates in the tree of dependencies, seconds of a clean `cargo bench --no-run`, seconds of one
after a change of the code under test. The harnesses take turns in each round, and their order is turned from round to
round, so that what else the machine does hits all alike: trust the ratios of one table, not its seconds, and those of CPU
time before those of wall time where other work was going on. The newest versions are resolved and fetched before the first
build; that needs the network.
"""

import argparse
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
HARNESSES = {
    "perf-harness": f'{{ path = "{HERE.parent.parent / "perf-harness"}" }}',
    "criterion": '"0.8"',
    "divan": '"0.1"',
}
MANIFEST = """\
[package]
name = "weight"
version = "0.1.0"
edition = "2024"

[lib]
name = "subject"
bench = false

[dev-dependencies]
{harness} = {source}

[[bench]]
name = "weight"
harness = false

[workspace]
"""


class Package:
    """A package that benches the same with one of the harnesses."""

    def __init__(self, folder, harness, source):
        self.harness = harness
        self.root = folder / harness
        self.target = self.root / "target"
        (self.root / "src").mkdir(parents=True)
        (self.root / "benches").mkdir()
        (self.root / "Cargo.toml").write_text(MANIFEST.format(harness=harness, source=source))
        shutil.copy(HERE / "lib.rs", self.root / "src/lib.rs")
        shutil.copy(HERE / f"{harness}.rs", self.root / "benches/weight.rs")
        self.cargo("fetch", "--quiet")
        self.clean, self.touched = [], []

    def cargo(self, *arguments):
        """What cargo prints. Settings of the caller that change a build are left out."""
        changing = re.compile(r"RUSTFLAGS|RUSTC_WRAPPER|CARGO_(TARGET_DIR|BUILD_|PROFILE_|INCREMENTAL)")
        environment = {name: value for name, value in os.environ.items() if not changing.search(name)}
        environment["CARGO_TARGET_DIR"] = str(self.target)
        command = ["cargo", *arguments]
        done = subprocess.run(command, cwd=self.root, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def crates(self):
        """Name and version of all crates that the bench is built with, those of build scripts and macros among them."""
        tree = self.cargo("tree", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}")
        crates = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
        return {crate for crate in crates if crate[0] != "weight"}

    def version(self):
        return next(version for name, version in self.crates() if name == self.harness)

    def build(self):
        """Wall and CPU seconds of a build."""
        cpu, wall = spent(), time.perf_counter()
        self.cargo("bench", "--no-run", "--quiet", "--offline")
        return time.perf_counter() - wall, spent() - cpu

    def build_clean(self):
        shutil.rmtree(self.target, ignore_errors=True)
        self.clean.append(self.build())

    def build_touched(self, seed):
        library = self.root / "src/lib.rs"
        text, changed = re.subn(r"SEED: u64 = \d+", f"SEED: u64 = {seed}", library.read_text())
        assert changed == 1, "the code under test has one seed"
        library.write_text(text)
        self.touched.append(self.build())


def spent():
    """CPU seconds of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def turned(packages, number):
    """The packages in the order of one round."""
    start = number % len(packages)
    return packages[start:] + packages[:start]


def measured(packages, clean, touched):
    for number in range(clean):
        for package in turned(packages, number):
            package.build_clean()
    for number in range(touched):
        for package in turned(packages, number):
            package.build_touched(number + 1)


def cells(package, yardstick):
    """Medians, and how many times the first harness's they are."""
    row = [f"{package.harness} {package.version()}", str(len(package.crates()))]
    for builds, own in ((package.clean, yardstick.clean), (package.touched, yardstick.touched)):
        for kind in (0, 1):
            seconds = statistics.median(build[kind] for build in builds)
            # Of each round its own ratio: a busy minute hits all of a round.
            ratio = statistics.median(b[kind] / o[kind] for b, o in zip(builds, own))
            row.append(f"{seconds:.2f} ({ratio:.2f})")
    return row


def table(packages, clean, touched):
    heads = ["harness", "crates", "clean, s", "clean, CPU s", "touched, s", "touched, CPU s"]
    print("| " + " | ".join(heads) + " |")
    print("|---|" + "---:|" * (len(heads) - 1))
    for package in packages:
        print("| " + " | ".join(cells(package, packages[0])) + " |")
    rustc = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print()
    print(f"Medians of {clean} clean builds and {touched} after a change, harnesses in turn; in brackets the median over")
    print("the rounds of the ratio to the first line. Default features, `cargo bench --no-run`, nothing to download.")
    print(f"{rustc}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=int, default=3, metavar="ROUNDS", help="clean builds of each (3)")
    parser.add_argument("--touched", type=int, default=15, metavar="ROUNDS", help="builds of each after a change (15)")
    rounds = parser.parse_args()
    if rounds.clean < 1 or rounds.touched < 1:
        parser.error("a round of each kind at least")
    with tempfile.TemporaryDirectory(prefix="weight-") as folder:
        packages = [Package(Path(folder), harness, source) for harness, source in HARNESSES.items()]
        measured(packages, rounds.clean, rounds.touched)
        table(packages, rounds.clean, rounds.touched)


if __name__ == "__main__":
    main()
