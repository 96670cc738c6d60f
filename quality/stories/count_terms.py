#!/usr/bin/env python3
"""Makes src/weave/models/term_counts.txt from the counts of the corpus, byte for byte.

    python3 quality/stories/count_terms.py CORPUS/data/stories/df.json --date 2026-11-23 > src/weave/models/term_counts.txt

The counts were made with a tokenizer that keeps host names and version numbers whole; ours makes no such terms, so they
are left out. A count is kept as round(4 log2(count)), which is enough for a rarity and keeps the table small.
"""
import argparse
import datetime
import hashlib
import json
import math
import pathlib
import re
import sys

LEAST_ENTRIES = 4
# No point at all, a decimal number, or initials of two letters.
OURS = re.compile(r"[^.]*|\d+\.\d+|[a-z]\.[a-z]")


def table(source, date):
    counts = json.loads(source)
    levels = {}
    for term, entries in counts["df"].items():
        if entries >= LEAST_ENTRIES and OURS.fullmatch(term):
            levels.setdefault(round(4 * math.log2(entries)), []).append(term)
    yield f"# How many of {counts['n']:,} English tech-news entries (2023 to 2026) have a term in title or summary."
    yield f"# Made {date} by quality/stories/count_terms.py from data/stories/df.json of the corpus,"
    yield f"# sha256 {hashlib.sha256(source).hexdigest()}."
    yield f"# {sum(map(len, levels.values())):,} terms that at least {LEAST_ENTRIES} entries have; a line is round(4 log2(count)) and the terms of that count."
    yield f"entries {counts['n']}"
    for level in sorted(levels, reverse=True):
        yield " ".join([str(level), *sorted(levels[level])])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=pathlib.Path)
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    for line in table(options.counts.read_bytes(), options.date):
        print(line)


main()
