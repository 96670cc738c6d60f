#!/usr/bin/env python3
"""Writes THIRD-PARTY.txt: every crate of the program with its licence, and the texts of these licences.

    quality/licenses.py            # anew, after Cargo.lock changed

Equal texts stand once. `cargo test` fails if a crate of the program is missing.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]
NAMES = re.compile(r"^(licen[cs]e|copying|notice|unlicense|copyright)", re.I)
WIDTH = 100


def crates():
    found = set()
    for target in TARGETS:
        words = ["cargo", "tree", "--locked", "--edges", "normal", "--target", target, "--prefix", "none", "-f", "{p}"]
        for line in subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines():
            name, version = line.split()[:2]
            found.add((name, version.removeprefix("v")))
    return {one for one in found if one[0] != "feedloom"}


def texts_of(folder, licence):
    """The texts of a crate; where it may be taken under the MIT licence, that one and its notices."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and NAMES.match(path.name)]
    of_mit = [path for path in files if "mit" in path.name.lower()]
    may_choose = re.search(r"\bMIT\b", licence) and re.search(r"\bOR\b|/", licence) and "AND" not in licence
    if may_choose and of_mit:
        files = of_mit + [path for path in files if path.name.lower().startswith(("notice", "copyright"))]
    for path in files:
        yield path.read_text(errors="replace").replace("\r\n", "\n").strip()


def main():
    metadata = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    packages = {(one["name"], one["version"]): one for one in json.loads(metadata)["packages"]}
    lines, texts = [], {}
    for key in sorted(crates()):
        package = packages[key]
        name = f"{key[0]} {key[1]}"
        where = package["repository"] or f"https://crates.io/crates/{key[0]}"
        lines.append(f"{name}: {package['license'] or 'see its text'}; {where}")
        for text in texts_of(pathlib.Path(package["manifest_path"]).parent, package["license"] or ""):
            shape = re.sub(r"\s+", " ", text).lower()
            texts.setdefault(shape, (text, []))[1].append(name)
    out = ["feedloom is made with these crates:", ""] + lines
    for text, users in sorted(texts.values(), key=lambda one: (-len(one[1]), one[1])):
        out += ["", "=" * WIDTH, ", ".join(users), "-" * WIDTH, "", text]
    (ROOT / "THIRD-PARTY.txt").write_text("\n".join(out) + "\n")
    print(f"{len(lines)} crates, {len(texts)} texts", file=sys.stderr)


if __name__ == "__main__":
    main()
