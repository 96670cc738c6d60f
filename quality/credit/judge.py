#!/usr/bin/env python3
"""Who is credited, and what reaches a reader: judge.py BINARY CORPUS [--short] [--only saved|hourly] [--days N]

saved   CORPUS/data/feeds and the saved polls, all as sources: every item of all five formats is read back. The outlet of
        the lead is the domain of the link, a source that owns it, the outlet that the item names, or the source itself
        where it is no link list; the lead is not among the others; no outlet stands twice; no link list covers anything.
        Then a second and a third feedloom read the first, by each format: the sets of (story, outlet, link) are equal.
hourly  CORPUS/data/stories: its windows laid end to end, one feed for each publisher, asked every hour: which share of the
        credits stood in feed.xml, what a reader loses that asks every 1, 4, 8, 24 hours, how large the feed is, how many
        excerpts are under 40 characters although a publisher gave more, and how many dates are not the publisher's.

--short: a third of the feeds, and four days. Exit code 1 where a figure misses its mark. Standard library only.
"""
import argparse
import os
import sys
import tempfile
from pathlib import Path

import hourly
import saved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("corpus")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--days", type=float, help="replay so many days only")
    parser.add_argument("--only", choices=("saved", "hourly"))
    given = parser.parse_args()
    binary, corpus, missed = os.path.abspath(given.binary), Path(given.corpus).resolve(), 0
    with tempfile.TemporaryDirectory() as scratch:
        if given.only != "hourly":
            missed += saved.judge(binary, corpus, scratch, most=3 if given.short else None)
        if given.only != "saved":
            missed += hourly.judge(binary, corpus, scratch, given.days or (4 if given.short else None))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
