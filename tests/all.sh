#!/usr/bin/env bash
# Installs what the tests need and runs them all. Run it from anywhere.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for tool in git cc valgrind python3; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
# The dashboard is tested in a real browser.
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
# One test fills a small disk of its own, which it mounts in a namespace of its own.
command -v unshare >/dev/null || missing+=(util-linux)
if [ ${#missing[@]} -gt 0 ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq "${missing[@]/#cc/gcc}"
fi
# The workflows that projects get are looked through by actionlint.
tests/actionlint.sh --install

command -v cargo-nextest >/dev/null || cargo install --locked --quiet cargo-nextest

# Our own benchmarks, once each on their smallest case, through cargo and through nextest.
cargo test --quiet --package perf-suite --benches
cargo nextest run --package perf-suite --benches --no-fail-fast --status-level fail --final-status-level fail

# Everything else; `--no-fail-fast`, so that one run tells all that is wrong.
cargo test --workspace --no-fail-fast
