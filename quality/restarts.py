#!/usr/bin/env python3
"""Replays the polls of CORPUS/data/feeds/polls with the process ending at other places: restarts.py BINARY CORPUS

Poll after poll, once as one run each; then again and again, by seed, with each poll as one run, as three commands, as
a run that is killed in the middle and made again, or with a publish too many. After every poll the items must be the
same, by id and link, with the same dates; and within a replay no date ever changes. Ends with counts; exit code 1 on
a difference.
"""
import calendar
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

SEEDS = 6
# An entry without a date has that of its first sight, which is real time: a run that is killed and made again is later.
LATER_S = 120


def moments(corpus):
    """Time → source → file, in order."""
    found = {}
    for path in sorted((corpus / "data/feeds/polls").glob("*/*")):
        at = calendar.timegm(time.strptime(path.stem, "%Y-%m-%dT%H%M%S"))
        found.setdefault(at, {})[path.parent.name.replace(".", "-")] = path
    return sorted(found.items())


class Home:
    """A feeds.toml with one local file for each source: what is in it changes with each poll."""

    def __init__(self, binary, folder, sources, rng):
        self.binary, self.folder, self.rng, self.kills = binary, Path(folder), rng, 0
        toml = 'title = "Replay"\nlink = "https://feeds.example.org/"\n[store]\nkeep = "forever"\n[defaults]\nmax_age = "none"\n'
        for name in sources:
            toml += f'[[source]]\nid = {json.dumps(name)}\nurl = "file:{name}.xml"\nsite = "https://{name}.example/"\n'
        (self.folder / "feeds.toml").write_text(toml)

    def command(self, *words, now):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        return [self.binary, "--config", self.folder / "feeds.toml", *words, "--now", stamp]

    def do(self, *words, now):
        done = subprocess.run(self.command(*words, now=now), capture_output=True, text=True, timeout=120)
        if "panicked" in done.stderr:
            sys.exit(done.stderr)

    def poll(self, now):
        way = self.rng.randrange(4) if self.rng else 0
        if way == 1:
            for words in (("gather", "--all"), ("weave",), ("publish",)):
                self.do(*words, now=now)
        elif way == 2:
            for _ in range(self.rng.randrange(1, 4)):
                run = subprocess.Popen(self.command("run", "--all", now=now), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    run.wait(self.rng.random() * 0.05)
                except subprocess.TimeoutExpired:
                    run.kill()
                    run.wait()
                    self.kills += 1
            self.do("run", "--all", now=now)
        else:
            self.do("run", "--all", now=now)
            if way == 3:
                self.do("publish", now=now)
                self.do("run", "--all", now=now)

    def items(self):
        """Id → (date, link)."""
        items = json.loads((self.folder / "data/public/feed.json").read_bytes())["items"]
        moment = datetime.fromisoformat
        return {item["id"]: (moment(item["date_published"].replace("Z", "+00:00")), item["url"]) for item in items}


def replay(binary, polls, rng):
    """The items after each poll, how often a run was killed, and how many dates changed on the way."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(binary, folder, sorted({name for _, these in polls for name in these}), rng)
        after, dates, moved = [], {}, 0
        for now, these in polls:
            for name, path in these.items():
                (home.folder / f"{name}.xml").write_bytes(path.read_bytes())
            home.poll(now)
            items = home.items()
            moved += sum(dates.setdefault(item, date) != date for item, (date, _) in items.items())
            after.append(items)
        return after, home.kills, moved


def main():
    binary, corpus = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    polls = moments(corpus)
    want, _, changed = replay(binary, polls, None)
    kills = 0
    for seed in range(SEEDS):
        got, killed, moved = replay(binary, polls, random.Random(seed))
        kills, changed = kills + killed, changed + moved
        for number, (items, others) in enumerate(zip(want, got)):
            wrong = [item for item in items.keys() | others.keys() if not same(items.get(item), others.get(item))]
            changed += len(wrong)
            for item in wrong[:2]:
                print(f"FAIL seed {seed}, poll {number}: {item}: {items.get(item)}, then {others.get(item)}")
    known = {item for items in want for item in items}
    print(f"{1 + SEEDS} replays of {len(polls)} polls with other restarts, {kills} of them kill -9: "
          f"{len(known)} ids, {changed} ids, links or dates changed")
    return changed > 0


def same(one, other):
    return bool(one and other) and one[1] == other[1] and abs((one[0] - other[0]).total_seconds()) <= LATER_S


if __name__ == "__main__":
    sys.exit(main())
