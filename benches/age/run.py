#!/usr/bin/env python3
"""No command grows with the age of the store: the CPU of each at 36,000 entries and at 2,000,000.

    benches/age/run.py path/to/feedloom [ENTRIES ...]

Makes a database with the program itself, fills it with so many old entries, each a story, and runs every command that
reads it three times; the least CPU counts. Exits with 1 where one takes more than 1.2 times as long (and 10 ms) at the
last size as at the first.
"""
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time

COMMANDS = [
    ["status"], ["status", "-v"], ["status", "source7"], ["check"], ["why", "nothing", "like", "this"],
    ["why", "https://news.example/5"], ["run", "--offline"], ["takedown", "--list"], ["corrections"], ["export"],
    ["search", "budget42"],
]
# `check` has something to say about the configuration, and `why` may find nothing.
ALLOWED = {"check": (0, 1), "why": (0, 1)}
DAY = 86_400
NOW = 1_772_000_000


def feeds_toml(folder):
    with open(os.path.join(folder, "feeds.toml"), "w") as file:
        file.write('title = "Age"\nlink = "https://feeds.example.org/"\n[store]\nkeep = "forever"\n')
        for number in range(100):
            file.write(f'[[source]]\nid = "source{number}"\nurl = "https://s{number}.example/"\ntags = ["all"]\n')
        file.write('[[source]]\nid = "local"\nurl = "file:local.xml"\n')
        file.write('[[output]]\nfile = "feed.xml"\n[[output]]\nfile = "rare.xml"\ntags = ["rare"]\n')
        file.write('[[source]]\nid = "rare"\nurl = "https://rare.example/"\ntags = ["rare"]\n')
    with open(os.path.join(folder, "local.xml"), "w") as file:
        file.write('<rss version="2.0"><channel><title>l</title><link>https://l.example/</link><description>d</description>'
                   '<item><title>Local news of today</title><link>https://l.example/1</link><guid>1</guid></item>'
                   '</channel></rss>')


def fill(path, count):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    # A trigger of the schema counts bytes, which the SQLite of an older Python (before 3.43) cannot.
    db.create_function("octet_length", 1, lambda text: None if text is None else len(str(text).encode()), deterministic=True)
    columns = [row[1] for row in db.execute("PRAGMA table_info(entry)")]
    spacing = 5 * 365 * DAY / count
    text = "The council of the town debated the budget of the library for hours. " * 20

    def entries():
        for n in range(count):
            at = int(NOW - 30 * DAY - (count - n) * spacing)
            values = {
                "id": 1_000 + n, "source_id": f"source{n % 100}", "guid": f"g{n}", "hash": n, "first_seen_at": at,
                "published_at": at, "held_back": 0, "url": f"https://news.example/{n}",
                "title": f"Town {n % 977} debates budget{n % 4999} of library {n}", "text": text, "extra": "",
                "summary_kind": 0, "content_kind": 0, "signals": "",
            }
            yield [values.get(column) for column in columns]
    db.executemany(f"INSERT INTO entry ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})", entries())
    db.execute("""INSERT INTO story (id, key, lead_entry_id, changed_at, held_back, first_published_at, date_at)
                  SELECT id, 'aaaaaaaa' || char(97 + id / 11881376 % 26, 97 + id / 456976 % 26,
                         97 + id / 17576 % 26, 97 + id / 676 % 26, 97 + id / 26 % 26, 97 + id % 26, 97, 97), id, first_seen_at, 0, first_seen_at, first_seen_at FROM entry
                   WHERE id >= 1000""")
    db.execute("""INSERT INTO member (entry_id, story_id, address, time_at, joined_at, shown_at)
                  SELECT id, id, id, first_seen_at, first_seen_at, first_seen_at FROM entry WHERE id >= 1000""")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def cpu(program, folder, args):
    least = None
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        done = subprocess.run([program, *args], cwd=folder, capture_output=True, check=False)
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode not in ALLOWED.get(args[0], (0,)):
            sys.exit(f"{' '.join(args)} ended with {done.returncode}: {done.stderr.decode()[-400:]}")
        least = min(least or (used, wall), (used, wall))
    return least


def main():
    program = os.path.abspath(sys.argv[1])
    sizes = [int(size) for size in sys.argv[2:]] or [36_000, 2_000_000]
    seconds = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            feeds_toml(folder)
            subprocess.run([program, "gather", "local"], cwd=folder, capture_output=True, check=True)
            fill(os.path.join(folder, "data/feedloom.db"), size)
            for args in [["run", "--offline"], ["search", "budget42"]]:
                # The first publish, and the index of words: both are made once.
                subprocess.run([program, *args], cwd=folder, capture_output=True, check=False)
            for args in COMMANDS:
                seconds[size, tuple(args)] = cpu(program, folder, args)
            bytes_held = os.path.getsize(os.path.join(folder, "data/feedloom.db"))
            print(f"{size} entries: {bytes_held / 1e6:.0f} MB, {bytes_held / size:.0f} bytes an entry", flush=True)
    worst = 0
    for args in COMMANDS:
        times = [seconds[size, tuple(args)][0] for size in sizes]
        ratio = times[-1] / max(times[0], 0.001)
        grows = ratio > 1.2 and times[-1] - times[0] > 0.010
        worst += grows
        shown = "  ".join(f"{used * 1000:8.1f} ms" for used in times)
        print(f"{' '.join(args):32} {shown}   x {ratio:.2f}{'   GROWS' if grows else ''}")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
