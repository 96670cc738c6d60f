#!/bin/sh
# Checks published files with parsers that are not ours: expat and Python's JSON, and, where java and
# npm are at hand, the Nu HTML checker for pages. Usage: tests/validate.sh FOLDER
set -eu
folder=${1:?usage: tests/validate.sh FOLDER}

python3 - "$folder" <<'PYTHON'
import json, pathlib, sys, xml.parsers.expat

checked = 0
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.suffix in {".xml", ".opml"}:
        xml.parsers.expat.ParserCreate(namespace_separator=" ").Parse(path.read_bytes(), True)
    elif path.suffix == ".json":
        json.loads(path.read_bytes())
    else:
        continue
    checked += 1
    print(f"ok: {path}")
if not checked:
    sys.exit(f"error: no .xml, .opml or .json file under {sys.argv[1]}")
PYTHON

if command -v java >/dev/null && command -v npm >/dev/null; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    npm install --silent --no-save --prefix "$tools" vnu-jar >/dev/null
    java -jar "$tools/node_modules/vnu-jar/build/dist/vnu.jar" --skip-non-html "$folder"
    echo "ok: pages under $folder"
else
    echo "skipped: pages (no java or npm)"
fi
