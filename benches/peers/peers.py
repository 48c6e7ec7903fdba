#!/usr/bin/env python3
"""How often comparing two builds errs, and what it finds: ours beside criterion and tango-bench, on the same bodies.

    benches/peers/peers.py MINUTES [--busy] [--tools TOOL,…] [--scenarios NAME,…] [--share BODIES] [--results FILE] [--folder FOLDER]

Makes a package for each tool in a folder of its own: the bodies of `examples/paired_error_rates`, benched with that tool and
with its defaults. The baseline is built, and variants of it:

    same     other data that nothing reads, and the same code: every change that is called is a false alarm
    layout   a function added that nobody calls, so that the code behind it lies 16, 32 or 48 bytes further
    2, 5, 10 so many per cent more of the same work

Then they are compared in turns until the time is up, with a neighbour that never rests beside them if it is to be busy:
ours by `cargo perf compare --paired`, tango-bench by `compare`, criterion by a saved baseline. criterion takes some twenty
seconds for each body, so it has only some bodies in each turn, drawn anew for each; what it calls a suite is that much
smaller. Every verdict is noted in a file at once, and the table is made of all that is in it: stop it at any time, and start it again
for more; 0 minutes give the table. The first start fetches and builds for some minutes, which do not count.
"""

import argparse
import collections
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = {
    "perf-harness": f'{{ path = "{ROOT / "perf-harness"}" }}',
    "criterion": '"=0.8.2"',
    "tango-bench": '"=0.9.0"',
}
MANIFEST = """\
[package]
name = "peers"
version = "0.1.0"
edition = "2024"

[lib]
name = "subject"
bench = false

[dev-dependencies]
{tool} = {source}

[[bench]]
name = "bodies"
harness = false

[workspace]
"""
TURNS = ["same", "2", "layout", "same", "5", "layout", "same", "10"]
LAYOUTS = 3
WORK = (ROOT / "examples/paired_error_rates/work.rs").read_text()
BODIES = re.findall(r'^    \("([^"]+)", \|pieces\|', WORK, re.MULTILINE)
CHANGES = {"regressed", "improved"}
Verdict = collections.namedtuple("Verdict", "condition turn tool scenario body verdict seconds")


def replaced(text, old, new):
    assert text.count(old) == 1, f"{old} is there once"
    return text.replace(old, new)


def variant(scenario, number):
    """The two sources of the code under test."""
    lib = (HERE / "lib.rs").read_text()
    work = WORK
    if scenario == "same":
        lib = replaced(lib, "MARK: u64 = 0", f"MARK: u64 = {1 + number}")
    elif scenario == "layout":
        steps = "".join(f"    let x = std::hint::black_box(x).wrapping_mul({i + 3});\n" for i in range(4 * number + 1))
        uncalled = f"/// Is never called.\npub fn uncalled(x: usize) -> usize {{\n{steps}    x\n}}\n\n"
        work = replaced(work, "/// What is to be timed.\n", uncalled + "/// What is to be timed.\n")
        lib = replaced(lib, "= &[];", "= &[work::uncalled];")
    elif scenario != "baseline":
        lib = replaced(lib, "black_box(100)", f"black_box({100 + int(scenario)})")
    return {"src/lib.rs": lib, "src/work.rs": work}


def run(command, folder, **more):
    """Code, output and errors of a command. Settings of the caller that change a build are left out."""
    changing = re.compile(r"RUSTFLAGS|RUSTC_WRAPPER|CARGO_(TARGET_DIR|BUILD_|PROFILE_|INCREMENTAL)")
    environment = {name: value for name, value in os.environ.items() if not changing.search(name)}
    done = subprocess.run(command, cwd=folder, env=environment | more, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def must(command, folder, **more):
    code, text, errors = run(command, folder, **more)
    if code != 0:
        sys.exit(f"{' '.join(map(str, command))} failed with {code}:\n{text}{errors}")
    return text


class Tool:
    """A package benched with one tool."""

    def __init__(self, folder, tool):
        self.tool, self.root = tool, folder / tool
        (self.root / "src").mkdir(parents=True, exist_ok=True)
        (self.root / "benches").mkdir(exist_ok=True)
        (self.root / "Cargo.toml").write_text(MANIFEST.format(tool=tool, source=SOURCES[tool]))
        (self.root / ".gitignore").write_text("/target\n")
        shutil.copy(HERE / f"{tool}.rs", self.root / "benches/bodies.rs")
        self.write("baseline", 0)

    def write(self, scenario, number):
        for name, text in variant(scenario, number).items():
            (self.root / name).write_text(text)


class Peer(Tool):
    """A tool that is given two binaries."""

    def __init__(self, folder, tool):
        super().__init__(folder, tool)
        self.built = {}

    def binary(self, scenario, number):
        """That of a variant, built when it is asked for first."""
        if (scenario, number) not in self.built:
            self.write(scenario, number)
            build = ["cargo", "bench", "--no-run", "--quiet", "--message-format", "json"]
            messages = [json.loads(line) for line in must(build, self.root).splitlines()]
            made = [m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "bodies"]
            kept = self.root / f"{scenario}-{number}"
            shutil.copy(made[0], kept)
            self.built[scenario, number] = kept
        return self.built[scenario, number]


class Tango(Peer):
    def prepare(self, scenario, number):
        self.binary("baseline", 0)
        self.binary(scenario, number)

    def compare(self, scenario, number, bodies):
        candidate, baseline = self.binary(scenario, number), self.binary("baseline", 0)
        # It ends with 1 where it calls a change.
        code, text, errors = run([candidate, "compare", baseline], self.root)
        found = {}
        for line in text.splitlines():
            read = re.match(r"(.*?)\s+\[.*\]\s+([+-][\d.]+)%(\*?)", re.sub("\x1b\\[[0-9;]*[mK]", "", line))
            if read:
                name, change, is_significant = read.groups()
                found[name.strip()] = "unchanged" if not is_significant else "regressed" if float(change) > 0 else "improved"
        if code not in (0, 1) or len(found) != len(BODIES):
            sys.exit(f"tango-bench ended with {code} and verdicts of {sorted(found)}:\n{text}{errors}")
        return found


class Criterion(Peer):
    SAYS = {
        "Performance has regressed": "regressed",
        "Performance has improved": "improved",
        "No change in performance detected": "unchanged",
        "Change within noise threshold": "unchanged",
    }

    def prepare(self, scenario, number):
        self.binary("baseline", 0)
        self.binary(scenario, number)

    def compare(self, scenario, number, bodies):
        """A run of all bodies of the one, then one of all bodies of the other, as who changes code does."""
        home = {"CRITERION_HOME": str(self.root / "criterion")}
        shutil.rmtree(home["CRITERION_HOME"], ignore_errors=True)
        found = {}
        for side, keep in [(("baseline", 0), "--save-baseline"), ((scenario, number), "--baseline")]:
            for body in bodies:
                command = [self.binary(*side), "--bench", "--noplot", keep, "base", f"^{body}$"]
                text = must(command, self.root, **home)
                if keep == "--baseline":
                    said = [verdict for words, verdict in self.SAYS.items() if words in text]
                    assert len(said) == 1, text
                    found[body] = said[0]
        return found


class Ours(Tool):
    def __init__(self, folder, tool):
        super().__init__(folder, tool)
        git = ["git", "-c", "user.name=peers", "-c", "user.email=peers@example.org"]
        must(["cargo", "generate-lockfile", "--quiet"], self.root)
        must([*git, "init", "--quiet", "--initial-branch", "main"], self.root)
        must([*git, "add", "."], self.root)
        must([*git, "commit", "--quiet", "--allow-empty", "--message", "baseline"], self.root)
        build = ["cargo", "build", "--release", "--quiet", "-p", "cargo-perf", "--message-format", "json"]
        where = {name: value for name, value in os.environ.items() if name == "CARGO_TARGET_DIR"}
        messages = [json.loads(line) for line in must(build, ROOT, **where).splitlines()]
        made = [m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "cargo-perf"]
        self.perf = [made[0], "perf"]

    def prepare(self, scenario, number):
        # The same machine code is not measured: this builds the base, and keeps it.
        self.write("baseline", 0)
        self.judged()
        self.write(scenario, number)
        must(["cargo", "bench", "--no-run", "--quiet"], self.root)

    def compare(self, scenario, number, bodies):
        return self.judged()

    def judged(self):
        command = [*self.perf, "compare", "--paired", "--baseline", "main", "--require-baseline", "--format", "json"]
        code, text, errors = run(command, self.root)
        try:
            return {b["id"].rsplit("::", 1)[-1]: b["verdict"] for b in json.loads(text)["benchmarks"]}
        except (ValueError, KeyError):
            sys.exit(f"{' '.join(command)} gave no report but {code}:\n{errors}")


KINDS = {"perf-harness": Ours, "criterion": Criterion, "tango-bench": Tango}
NEIGHBOUR = """
import sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), __import__("os")._exit(0)), daemon=True).start()
memory = bytearray(1 << 23)
while True:
    memory.reverse()
"""


def measure(asked, results):
    order = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="peers-") as passing:
        folder = Path(asked.folder or passing).resolve()
        tools = [KINDS[tool](folder, tool) for tool in asked.tools]
        neighbour = None
        spent = 0.0
        turn = 1 + max((v.turn for v in results), default=-1)
        try:
            while spent < 60 * asked.minutes:
                scenario, number = asked.scenarios[turn % len(asked.scenarios)], turn // len(asked.scenarios) % LAYOUTS
                bodies = random.Random(turn).sample(BODIES, asked.share)
                for tool in tools:
                    tool.prepare(scenario, number)
                if asked.busy and neighbour is None:
                    neighbour = subprocess.Popen([sys.executable, "-c", NEIGHBOUR], stdin=subprocess.PIPE)
                for tool in order.sample(tools, len(tools)):
                    start = time.perf_counter()
                    found = tool.compare(scenario, number, bodies)
                    seconds = time.perf_counter() - start
                    spent += seconds
                    with open(asked.results, "a", encoding="utf-8") as file:
                        for body, verdict in found.items():
                            condition = "busy" if asked.busy else "as is"
                            noted = Verdict(condition, turn, tool.tool, scenario, body, verdict, seconds / len(found))
                            results.append(noted)
                            print(*noted, sep="\t", file=file)
                    changed = sum(verdict in CHANGES for verdict in found.values())
                    print(f"{spent:.0f} s: {scenario}, {tool.tool}: {changed} of {len(found)} called changed", file=sys.stderr)
                turn += 1
        finally:
            if neighbour:
                neighbour.communicate()


def table(results):
    text = []
    for condition in sorted({v.condition for v in results}):
        text += [
            f"{condition}:",
            "",
            "| tool | unchanged: alarms | suites with one | cannot tell | a function added: regressed | improved | layout | cannot tell "
            "| +2 % found | +5 % | +10 % | s for each body |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for tool in KINDS:
            of = [v for v in results if v.condition == condition and v.tool == tool]
            if of:
                text.append(row(tool, of))
        text.append("")
    return "\n".join(text)


def row(tool, of):
    def count(scenario, verdicts):
        here = [v for v in of if v.scenario == scenario]
        return f"{sum(v.verdict in verdicts for v in here)}/{len(here)}"

    suites = collections.defaultdict(bool)
    for v in of:
        if v.scenario == "same":
            suites[v.turn] |= v.verdict in CHANGES
    cells = [
        tool,
        count("same", CHANGES),
        f"{sum(suites.values())}/{len(suites)}",
        count("same", {"cannot tell"}),
        count("layout", {"regressed"}),
        count("layout", {"improved"}),
        count("layout", {"layout"}),
        count("layout", {"cannot tell"}),
        *(count(percent, {"regressed"}) for percent in ("2", "5", "10")),
        f"{statistics.mean(v.seconds for v in of):.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def known(allowed):
    def parse(text):
        asked = text.split(",")
        for name in asked:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(allowed)}")
        return asked

    return parse


def noted(path):
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [Verdict(c, int(turn), tool, s, body, verdict, float(seconds)) for c, turn, tool, s, body, verdict, seconds in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--busy", action="store_true", help="with a process beside it that never rests")
    parser.add_argument("--tools", type=known(list(KINDS)), default=list(KINDS))
    parser.add_argument("--scenarios", type=known(TURNS), default=TURNS)
    parser.add_argument("--share", type=int, default=3, choices=range(1, len(BODIES) + 1), help="bodies that criterion has in a turn")
    parser.add_argument("--results", type=Path, default=ROOT / "target/peers.tsv")
    parser.add_argument("--folder", type=Path, help="where to build, and to find again what was built; else in one that passes")
    asked = parser.parse_args()
    asked.results.parent.mkdir(parents=True, exist_ok=True)
    results = noted(asked.results)
    if asked.minutes > 0:
        measure(asked, results)
    print(table(results))


if __name__ == "__main__":
    main()
