#!/usr/bin/env python3
"""Damaged databases: damage.py BINARY [--count N] [--seed N] [--large]

Makes a database by a few passes over local feeds, damages a copy of it in one of several ways (flipped bits, pages
zeroed, overwritten, exchanged or taken from an older copy, the file cut, a log of another day beside it), and runs the
program on it twice. What counts as damage is what SQLite's own `PRAGMA integrity_check` says of the copy beforehand.

- A run over damage ends with 1, says that the database is damaged and what to do, and leaves file and log as they are.
- A run that ends with 0 had a database in which SQLite finds nothing wrong.
- Flipped bits within a value are no damage to SQLite: such a row is told when it is read, which may be after a first
  commit of the same run. These runs are counted, not held against the program.
- Then the other commands, each on the copy as it was damaged: `status`, `why`, `search`, `publish`, `takedown` and
  `backup`. What ends with 1 says the same, what writes does not go on over damage, and what reads writes nothing.
- Nothing ever panics, hangs or says that the next run goes on.

With --large, the database is too large to be checked as a whole when it is opened: there a run may end well where the
damage lies in pages that it does not read. Ends with counts; exit code 1 where one of these does not hold.
"""
import argparse
import collections
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = 4096
TELLS = ("is damaged", "is not a feedloom database", "by a development version", "by a newer feedloom")
HELPS = ("mv ",)
NEVER = ("panicked", "continues from there", "goes on from there")
WORDS = "kettle harbour violin glacier pepper lantern orchard saddle turbine meadow copper walnut penguin tunnel".split()


def feed(number, entries, words):
    items = "".join(
        f"<item><title>{WORDS[i % 14]} {WORDS[(i * 5 + number) % 14]} {number} {i} tells</title>"
        f"<link>https://o{number}.example/{i}</link><pubDate>Mon, 02 Nov 2026 {i % 24:02}:{i % 60:02}:00 GMT</pubDate>"
        f"<description>{'Words of it. ' * words}</description></item>"
        for i in range(entries)
    )
    return f'<rss version="2.0"><channel><title>Outlet {number}</title><link>https://o{number}.example/</link>{items}</channel></rss>'


class Home:
    def __init__(self, binary, folder, words):
        self.binary, self.folder, self.words = binary, Path(folder), words
        toml = 'title = "T"\nlink = "https://feeds.example.org/"\n'
        for number in range(4):
            toml += f'[[source]]\nid = "o{number}"\nurl = "file:{number}.xml"\n'
        (self.folder / "feeds.toml").write_text(toml)
        self.data = self.folder / "data"
        self.database = self.data / "feedloom.db"

    def put(self, entries):
        for number in range(4):
            (self.folder / f"{number}.xml").write_text(feed(number, entries, self.words))

    def run(self, now):
        return self.say("run", "--all", "--now", now)

    def say(self, *words):
        command = [self.binary, "--config", self.folder / "feeds.toml", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr

    def files(self):
        """What lies in the database and in its log; an index of the log (-shm) is made anew by whoever looks."""
        return {name.name: name.read_bytes() for name in self.data.glob("feedloom.db*") if name.suffix not in (".lock", ".db-shm")}


def log_of_another_day(home, base):
    """A log with transactions that are not in `base`, as a run that was killed leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "c.db"
        shutil.copy(base / "feedloom.db", copy)
        store = sqlite3.connect(copy)
        store.execute("PRAGMA wal_autocheckpoint = 0")
        store.execute("DELETE FROM member WHERE entry_id % 3 = 0")
        store.execute("UPDATE entry SET title = title || ' again', guid = guid || 'x' WHERE id % 2 = 0")
        store.commit()
        log = (Path(folder) / "c.db-wal").read_bytes()
        store.close()
        return log


def damage(rng, kind, fresh, old, log):
    """The bytes of database and log, damaged."""
    bytes_, beside = bytearray(fresh), b""
    pages = len(bytes_) // PAGE
    page = lambda: rng.randrange(pages) * PAGE
    if kind == "flips":
        for _ in range(rng.choice((1, 8, 64))):
            bytes_[rng.randrange(len(bytes_))] ^= 1 << rng.randrange(8)
    elif kind == "flips in one page":
        at = page()
        for _ in range(16):
            bytes_[at + rng.randrange(PAGE)] ^= 1 << rng.randrange(8)
    elif kind == "zeroed page":
        at = page()
        bytes_[at:at + PAGE] = bytes(PAGE)
    elif kind == "zeroed run of pages":
        at, count = page(), rng.randrange(2, 9)
        bytes_[at:at + count * PAGE] = bytes(len(bytes_[at:at + count * PAGE]))
    elif kind == "noise in a page":
        at = page()
        bytes_[at:at + PAGE] = rng.randbytes(PAGE)
    elif kind == "exchanged pages":
        a, b = page(), page()
        bytes_[a:a + PAGE], bytes_[b:b + PAGE] = bytes_[b:b + PAGE], bytes_[a:a + PAGE]
    elif kind == "page of an older copy":
        at = rng.randrange(len(old) // PAGE) * PAGE
        bytes_[at:at + PAGE] = old[at:at + PAGE]
    elif kind == "cut":
        bytes_ = bytes_[:rng.randrange(len(bytes_))]
    elif kind == "cut at a page":
        bytes_ = bytes_[:page()]
    elif kind == "log of another day":
        beside = log
    elif kind == "cut log of another day":
        bytes_, beside = bytearray(fresh), log[:rng.randrange(len(log))]
    elif kind == "older copy, log of another day":
        bytes_, beside = bytearray(old), log
    return bytes(bytes_), beside


def verdict(database, log):
    """What SQLite says of the copy; None: nothing is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "c.db"
        copy.write_bytes(database)
        if log:
            (Path(folder) / "c.db-wal").write_bytes(log)
        try:
            store = sqlite3.connect(copy)
            found = store.execute("PRAGMA integrity_check(1)").fetchone()[0]
            store.close()
        # A complaint may quote bytes that are no text.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            found = str(error)
    return None if found == "ok" else found


# What is said beside `run`, and whether it writes to the database.
COMMANDS = ((("status",), False), (("status", "--json"), False), (("why", "kettle"), False), (("search", "kettle"), False),
            (("publish", "--now", "2026-11-03T04:00:00Z"), True),
            (("takedown", "https://o1.example/7", "--now", "2026-11-03T04:00:00Z"), True), (("backup", "copy.db"), True))


def other_commands(home, found, put_back):
    """What is wrong with what the other commands do on the damaged copy that `put_back` lays down."""
    for words, writes in COMMANDS:
        put_back()
        before, copy = home.files(), home.folder / "copy.db"
        copy.unlink(missing_ok=True)
        words = [str(copy) if word == "copy.db" else word for word in words]
        try:
            code, said = home.say(*words)
        except subprocess.TimeoutExpired:
            code, said = "hangs", ""
        after = home.files()
        for files in (before, after):
            files.pop("feedloom.db.takedowns", None)
            files.pop("feedloom.db.takedowns.seal", None)
        tells = any(word in said for word in TELLS) and any(word in said for word in HELPS)
        for is_wrong, what in (
            (any(word in said for word in NEVER), "says what it must not"),
            (code not in (0, 1), f"exit {code}"),
            (code == 1 and not tells and "no story" not in said, "says nothing that helps"),
            (code == 0 and found and writes, "goes on over damage"),
            (found and after != before, "the database was written"),
            (found and code == 1 and copy.exists(), "left a copy"),
        ):
            if is_wrong:
                yield words[0], code, what, said[-300:]


KINDS = ("flips", "flips in one page", "zeroed page", "zeroed run of pages", "noise in a page", "exchanged pages",
         "page of an older copy", "cut", "cut at a page", "log of another day", "cut log of another day",
         "older copy, log of another day")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--count", type=int, default=240)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--large", action="store_true")
    options = options.parse_args()
    rng, outcomes, wrong, late = random.Random(options.seed), collections.Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        home = Home(os.path.abspath(options.binary), folder, 400 if options.large else 20)
        base = Path(folder) / "base"
        home.put(100)
        assert home.run("2026-11-03T00:00:00Z")[0] == 0
        old = home.database.read_bytes()
        log = log_of_another_day(home, home.data)
        home.put(400 if options.large else 130)
        code, said = home.run("2026-11-03T02:00:00Z")
        assert code == 0, said
        shutil.copytree(home.data, base)
        fresh = home.database.read_bytes()
        home.put(410 if options.large else 140)
        for number in range(options.count):
            kind = KINDS[number % len(KINDS)]
            database, beside = damage(rng, kind, fresh, old, log)
            found = verdict(database, beside)

            def put_back():
                shutil.rmtree(home.data)
                shutil.copytree(base, home.data)
                home.database.write_bytes(database)
                if beside:
                    (home.data / "feedloom.db-wal").write_bytes(beside)

            put_back()
            for turn, now in enumerate(("2026-11-03T04:00:00Z", "2026-11-03T06:00:00Z")):
                before, why = home.files(), []
                try:
                    code, said = home.run(now)
                except subprocess.TimeoutExpired:
                    code, said = "hangs", ""
                if any(word in said for word in NEVER):
                    why.append("says what it must not")
                if code == 0 and found and not options.large:
                    why.append(f"goes on over damage: {found[:80]}")
                if code == 1:
                    if not (any(word in said for word in TELLS) and any(word in said for word in HELPS)):
                        why.append("says nothing that helps")
                    if not options.large and home.files() != before:
                        if found:
                            why.append("the database was written")
                        late += 1
                if code not in (0, 1):
                    why.append(f"exit {code}")
                if why:
                    wrong.append((number, kind, turn, code, why, said[-300:]))
                outcomes[("damaged" if found else "whole", "refused" if code == 1 else f"exit {code}")] += 1
            if not options.large:
                wrong.extend((number, kind, *case) for case in other_commands(home, found, put_back))
    print(f"{options.count} databases, two runs each, SQLite's verdict and ours: ", end="")
    print(", ".join(f"{state} {outcome} {count}" for (state, outcome), count in sorted(outcomes.items())))
    print(f"{late} runs had committed something before they met a row that SQLite's check does not mind")
    for case in wrong[:12]:
        print("WRONG", *case)
    print(f"{len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
