#!/usr/bin/env python3
"""The database stays level: how large it is over simulated days of 100 sources with the default `keep`.

    benches/age/days.py path/to/feedloom [DAYS]

Two passes a day over feeds of 30 entries each, three of them new each day. Prints the size of the database, its entries
and the keys that it remembers of forgotten ones every 50 days; exits with 1 where it grows, once the first entries have
been forgotten, by more than what is remembered of each key.
"""
import datetime
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCES, KEPT_IN_FEED, NEW_A_DAY = 100, 30, 3
KEEP_DAYS = 180
# What is remembered of a forgotten entry may take this many bytes, indexes included.
MOST_A_KEY = 400
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
WORDS = [a + b for a in "bar cor del fen gal hol jun kes lom mar nor pel".split() for b in "ban dic fus gor lin mak nel pot rad sim tun vex".split()]


def words(random_, count):
    return " ".join(random_.choice(WORDS) for _ in range(count))


def feed(source, day):
    items = ""
    for number in range(day * NEW_A_DAY + NEW_A_DAY, max(day * NEW_A_DAY + NEW_A_DAY - KEPT_IN_FEED, 0), -1):
        of_item = random.Random(source * 100_003 + number)
        at = START + datetime.timedelta(days=(number - 1) // NEW_A_DAY, hours=of_item.randrange(8), minutes=of_item.randrange(60))
        items += (f"<item><title>{words(of_item, 9).capitalize()}</title><link>https://s{source}.example/{number}</link>"
                  f"<guid isPermaLink='false'>g{number}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
                  f"<description>{words(of_item, 250)}</description></item>")
    return (f"<rss version='2.0'><channel><title>Source {source}</title><link>https://s{source}.example/</link>"
            f"<description>d</description>{items}</channel></rss>")


def sizes(folder):
    path = os.path.join(folder, "data/feedloom.db")
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    pages, free, page = (store.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
    entries, keys = (store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("entry", "remembered"))
    store.close()
    return pages * page, free * page, entries, keys


def main():
    binary, days = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400
    with tempfile.TemporaryDirectory(prefix="feedloom-days-") as folder:
        config = os.path.join(folder, "feeds.toml")
        with open(config, "w") as file:
            file.write('title = "Days"\nlink = "https://feeds.example.org/"\n')
            for source in range(SOURCES):
                file.write(f'[[source]]\nid = "source{source}"\nurl = "file:{source}.xml"\n')
        rows, began = [], time.monotonic()
        for day in range(days):
            for source in range(SOURCES):
                with open(os.path.join(folder, f"{source}.xml"), "w") as file:
                    file.write(feed(source, day))
            for hour in (9, 21):
                now = START + datetime.timedelta(days=day, hours=hour)
                done = subprocess.run([binary, "--config", config, "run", "--all", "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}"],
                                      capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(f"day {day}: exit code {done.returncode}: {done.stderr}")
            if (day + 1) % 50 == 0 or day + 1 == days:
                size, free, entries, keys = sizes(folder)
                rows.append((day + 1, size, entries, keys))
                print(f"day {day + 1}: {size / 1e6:.1f} MB ({free / 1e6:.1f} free), {entries} entries ({size / entries / 1e3:.1f} KB each), "
                      f"{keys} keys of forgotten ones, "
                      f"{(time.monotonic() - began) / (2 * (day + 1)):.2f} s a pass and its feeds", flush=True)
        level = [row for row in rows if row[0] >= KEEP_DAYS + 50]
        if len(level) >= 2:
            (first_day, first, _, keys), (last_day, last, _, later) = level[0], level[-1]
            a_key = (last - first) / max(later - keys, 1)
            print(f"from day {first_day} to day {last_day}: {(last - first) / (last_day - first_day) / 1e3:.1f} KB a day, "
                  f"{a_key:.0f} bytes for each key that is remembered (at most {MOST_A_KEY})")
            sys.exit(a_key > MOST_A_KEY)


if __name__ == "__main__":
    main()
