#!/usr/bin/env python3
"""Makes the tables of the program again by their recipes and compares them with the files in the repository, byte for byte.

usage: tables.py --check CORPUS [TABLE...]

Without names: what takes seconds, which is `heads` (each head names the corpus that is there) and `term_counts`. `all`, or
these by name: `stories` (half an hour), `chooser` (a quarter of an hour), `date_names`. They need quality/requirements.txt;
the first two build benches, too. Exits with 1 where a file differs, and leaves what was made for a look.
"""
import argparse
import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

QUALITY = pathlib.Path(__file__).resolve().parent
ROOT = QUALITY.parent
MODELS = ROOT / "src/weave/models"
CHOOSER = ROOT / "src/extract/models/chooser.trees"
FAST = ["heads", "term_counts"]


def head(path):
    """The comments at the beginning of a table, as one text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line[2:] for line in lines[: next(at for at, line in enumerate(lines) if not line.startswith("# "))])


def named(path, pattern):
    """What the head of a table says of something."""
    found = re.search(pattern, head(path))
    if not found:
        raise SystemExit(f"{path.relative_to(ROOT)}: its head does not say {pattern}")
    return found[1]


def date(path):
    return named(path, r"\b(\d{4}-\d\d-\d\d)\b")


def digest(*paths):
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()


def run(*command, into=None):
    """Runs a part of a recipe at the root of the project, with a low priority; what it prints goes to `into`."""
    print("  " + " ".join(map(str, command)), flush=True)
    with open(into, "wb") if into else open("/dev/null", "wb") as out:
        subprocess.run(["nice", "-n", "10", *map(str, command)], cwd=ROOT, stdout=out, check=True)


def bench(name, *arguments, into=None):
    run("cargo", "bench", "--bench", name, "--", *arguments, into=into)


def heads(data, _folder):
    """Each head names the very corpus that is there."""
    stories, pages = data / "stories", data / "pages"
    for path, pattern, found in [
        (MODELS / "term_counts.txt", r"sha256 ([0-9a-f]{64})", digest(stories / "df.json")),
        *(
            (MODELS / name, r"corpus ([0-9a-f]{16})", digest(stories / "dev.jsonl", stories / "windows.jsonl")[:16])
            for name in ("pair.txt", "merge.txt", "thresholds.txt")
        ),
        (CHOOSER, r"sha256 of truth\.jsonl ([0-9a-f]{64})", digest(pages / "truth.jsonl")),
    ]:
        yield f"{path.relative_to(ROOT)} names its corpus", named(path, pattern) == found


def term_counts(data, folder):
    path, made = MODELS / "term_counts.txt", folder / "term_counts.txt"
    run(sys.executable, QUALITY / "stories/count_terms.py", data / "stories/df.json", "--date", date(path), into=made)
    yield same(path, made)


def stories(data, folder):
    dumps, made = folder / "dumps", folder / "models"
    dumps.mkdir()
    made.mkdir()
    bench("pairs", data / "stories", dumps)
    train = [sys.executable, QUALITY / "stories/train.py", data / "stories", "--dumps", dumps, "--folds", "6"]
    run(*train, "--date", date(MODELS / "pair.txt"), "--tables", made, into=folder / "train.log")
    for name in ("pair.txt", "merge.txt", "thresholds.txt"):
        yield same(MODELS / name, made / name)


def chooser(data, folder):
    rows = folder / "rows.jsonl"
    bench("article", data / "pages", "--rows", into=rows)
    train = [sys.executable, QUALITY / "pages/train.py", data / "pages", rows, "--write", folder]
    run(*train, "--date", date(CHOOSER), "--figures", named(CHOOSER, r"\d trees\. (.*)"))
    yield same(CHOOSER, folder / CHOOSER.name)


def date_names(_data, folder):
    path = ROOT / "src/text/date/names.txt"
    run(sys.executable, QUALITY / "date_names.py", into=folder / path.name)
    yield same(path, folder / path.name)


def same(path, made):
    return f"{path.relative_to(ROOT)} is what its recipe makes ({made})", path.read_bytes() == made.read_bytes()


RECIPES = {recipe.__name__: recipe for recipe in (heads, term_counts, stories, chooser, date_names)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=pathlib.Path, required=True, metavar="CORPUS")
    parser.add_argument("tables", nargs="*", choices=[*RECIPES, "all", []], metavar="TABLE")
    given = parser.parse_args()
    names = list(RECIPES) if "all" in given.tables else given.tables or FAST
    lost = 0
    for name in names:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"tables-{name}-"))
        for what, holds in RECIPES[name]((given.check / "data").resolve(), folder):
            print(("ok    " if holds else "LOST  ") + what, flush=True)
            lost += not holds
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
