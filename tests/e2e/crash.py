#!/usr/bin/env python3
"""Kills the program at 200 random points of passes while a reader re-reads its outputs all the time: crash.py BINARY [KILLS]

Runs in network and mount namespaces of its own; where they cannot be made it prints SKIPPED. Prints where the kills
fell and ends with "N passed, N failed"; exit code 1 on a failure.
"""
import json
import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
import urllib.parse
import xml.parsers.expat
from collections import Counter
from pathlib import Path

import stage
from stage import Checks, Net, Page, Program, feed

SOURCES = ["anvil", "bellows", "crucible", "dynamo", "engine", "flywheel"]
FILES = ["feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml"]
OUTPUTS = "".join(f'[[output]]\nfile = "{name}"\nitems = 300\nspan = "60d"\n' for name in FILES)
# Entries of a source at first; then each round adds one to one source. All fit into an output of 300.
FIRST = 10
# After so many kills in a row a pass may end, and everything is counted.
IN_A_ROW = 5


def whole(name, data):
    """Why `data` is no whole document; "": it is one."""
    try:
        if name.endswith(".json"):
            json.loads(data)
        elif name.endswith(".html"):
            if not (data.lstrip()[:9].lower() == b"<!doctype" and data.rstrip().endswith(b"</html>")):
                return "it does not begin or end as a page"
        else:
            xml.parsers.expat.ParserCreate().Parse(data, True)
    except (ValueError, xml.parsers.expat.ExpatError) as error:
        return str(error)
    return ""


def read_on(folder, ready, over, told):
    """Reads every output again and again; a version that was seen whole needs no second look."""
    known, seen, wrong, reads, begun = set(), set(), [], 0, time.monotonic()
    ready.set()
    while not over.is_set():
        for name in FILES:
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    data, mode = file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            except FileNotFoundError:
                if name in seen:
                    wrong.append(f"{name} was gone")
                continue
            reads += 1
            seen.add(name)
            version = (name, hash(data), mode)
            if version in known:
                continue
            known.add(version)
            why = whole(name, data)
            if why or mode != 0o644:
                wrong.append(f"{name}, mode {mode:o}, {len(data)} bytes: {why}")
    told.put((reads, time.monotonic() - begun, len(known), wrong))


def dead_links(folder):
    """Links of pages to pages beside them that are not there."""
    dead = []
    for page in folder.rglob("*.html"):
        for href in re.findall(r'(?:href="|content="0; url=)([^"#:]+\.html)', page.read_text(encoding="utf-8")):
            if not (page.parent / urllib.parse.unquote(href)).is_file():
                dead.append(f"{page.relative_to(folder)}: {href}")
    return dead


class Crash:
    def __init__(self, binary, folder, kills):
        self.checks, self.net, self.kills = Checks(), Net(ports=(8080,)), kills
        self.program = Program(binary, folder)
        self.program.configure([(name, f"http://127.0.0.1:8080/{name}", "max_items = 300\nmax_age = \"none\"\n") for name in SOURCES], outputs=OUTPUTS)
        self.random, self.hour, self.version = random.Random(7), 0, 0
        self.held, self.where = set(), Counter()

    def numbers(self, name):
        """The entries of a source by now."""
        turns = self.version + len(SOURCES) - 1 - SOURCES.index(name)
        return range(FIRST + turns // len(SOURCES))

    def serve(self):
        for name in SOURCES:
            self.net.serve(f"/{name}", Page(feed(name, self.numbers(name))))

    def now(self):
        self.hour += 1
        return f"2026-{11 + self.hour // 720:02}-{1 + self.hour // 24 % 30:02}T{self.hour % 24:02}:00:00Z"

    def look(self):
        """What the database holds, asked of a copy: the next run is to find what the kill left."""
        if not self.program.database.exists():
            return None
        aside = Path(tempfile.mkdtemp())
        try:
            for suffix in ("", "-wal"):
                source = Path(f"{self.program.database}{suffix}")
                if source.exists():
                    shutil.copy(source, aside / f"copy.db{suffix}")
            store = sqlite3.connect(aside / "copy.db")
            sound = store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            sound &= store.execute("PRAGMA foreign_key_check").fetchall() == []
            entries = store.execute("SELECT source_id || ' ' || guid FROM entry").fetchall()
            woven, = store.execute("SELECT count(*) FROM member").fetchone()
            shown, = store.execute("SELECT count(*) FROM member WHERE shown_at IS NOT NULL").fetchone()
            store.close()
            return sound, [name for name, in entries], woven, shown
        finally:
            shutil.rmtree(aside)

    def after_a_kill(self, before):
        found = self.look()
        if found is None:
            self.where["before there was a database"] += 1
            return
        sound, entries, woven, shown = found
        self.checks.that(sound, "the database is sound")
        self.checks.that(len(entries) == len(set(entries)), "no entry is doubled")
        self.checks.that(self.held <= set(entries), "no entry that was there is lost", self.held - set(entries))
        new = len(entries) - len(self.held)
        self.held = set(entries)
        if new == 0 and woven == before[0] and shown == before[1]:
            self.where["while fetching, or with nothing to commit"] += 1
        elif len(entries) > woven:
            self.where["between the commits of sources and weaving"] += 1
        elif woven > shown:
            self.where["between weaving and publishing"] += 1
        else:
            self.where["while writing the files, or after"] += 1

    def everything_once(self):
        code, _, err = self.program.run(self.now())
        self.checks.that(code == 0 and "panicked" not in err, "the next pass completes", f"{code} {err}")
        found = self.look()
        want = {f"{name} {name}-{number}" for name in SOURCES for number in self.numbers(name)}
        self.checks.that(found[0] and sorted(found[1]) == sorted(want), "every entry is held once", f"{len(found[1])} of {len(want)}")
        self.held = set(found[1])
        items = json.loads((self.program.public / "feed.json").read_bytes())["items"]
        titles = [item["title"] for item in items]
        self.checks.that(len(titles) == len(set(titles)) == len(want), "every entry is published once", f"{len(titles)} of {len(want)}")
        files = {str(path.relative_to(self.program.public)) for path in self.program.public.rglob("*") if path.is_file()}
        pages = {f"s/{item['id'].rsplit('/', 1)[1]}.html" for item in items}
        self.checks.that(pages <= files, "every item has its page", sorted(pages - files))
        others = re.compile(r"archive/(\d{4}-\d\d-\d\d|index)\.html|s/[a-z0-9]+\.html|o/[a-z]+\.html|about\.html")
        left = sorted(name for name in files - set(FILES) if not others.fullmatch(name))
        dead = dead_links(self.program.public)
        self.checks.that(not dead, "no link between pages leads nowhere", dead[:5])
        self.checks.that(not left, "nothing is left aside", left)

    def all(self):
        ready, over, told = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
        reader = multiprocessing.Process(target=read_on, args=(str(self.program.public), ready, over, told), daemon=True)
        reader.start()
        ready.wait()
        took, killed = 0.5, 0
        for round in range(self.kills):
            self.version += 1
            self.serve()
            found = self.look()
            before = found[2:] if found else (0, 0)
            run = self.program.start("run", "--all", "--now", self.now())
            time.sleep(self.random.uniform(0, took * 1.1))
            run.kill()
            run.communicate()
            killed += run.returncode < 0
            self.after_a_kill(before)
            if round % IN_A_ROW == IN_A_ROW - 1:
                begun = time.monotonic()
                self.everything_once()
                took = time.monotonic() - begun
        self.everything_once()
        over.set()
        reads, seconds, versions, wrong = told.get(timeout=60)
        reader.join()
        self.checks.that(not wrong, "a reader saw whole files only", wrong[:5])
        self.checks.that(reads / seconds >= 1000, "the reader read 1,000 times a second", f"{reads / seconds:.0f}")
        self.checks.that(killed * 2 >= self.kills, "half of the kills at least fell before the end of a pass", killed)
        print(f"{killed} of {self.kills} runs were killed before they ended; where the others stood:")
        for place, count in self.where.most_common():
            print(f"  {count:4} {place}")
        print(f"a reader read {reads} files in {seconds:.0f} s, {versions} versions, {len(wrong)} not whole")
        return self.checks.end()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    kills = int(os.environ.get("FEEDLOOM_KILLS", "200"))
    sys.exit(stage.inside_namespaces(__file__, sys.argv[1], lambda binary, folder: Crash(binary, folder, kills).all()))
