#!/usr/bin/env python3
"""Reproduces the order of top stories from the database alone: top.py BINARY CORPUS [DAYS]

The labelled windows, laid end to end (about 35 days), are read every hour, one feed for each publisher. After each run the two outputs
of top stories are compared with what this script makes of the tables `story`, `member` and `entry`, in code of its own: which outlets
count, what they weigh, which stories are still new, and in which order they come. Exit code 1 where one place differs.
"""
import html
import json
import math
import re
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent / "credit"))
from hourly import FEED_ENTRIES, laid_end_to_end, rss_of  # noqa: E402
from program import Program, domain  # noqa: E402

HALF_LIFE, SPAN, BAR, FILLED_TO, ITEMS = 12 * 3600, 48 * 3600, 2, 10, 500
# Two hosts that show the same articles.
TWINS = {"bbc.com": "bbc.co.uk"}
OUTPUTS = '[[output]]\nfile = "two.json"\norder = "top"\nmin_outlets = 2\n[[output]]\nfile = "top.json"\norder = "top"\n'


def weight_of(publisher):
    """Some weigh more than others."""
    return 1 + sum(publisher.encode()) % 3


def article_of(url):
    """Its address, however it is reached."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return TWINS.get(host, host) + parts.path.rstrip("/").lower()


def words_of(text):
    return re.findall(r"[^\W_]+", text.lower())[:1500]


def fnv(first, second):
    value = 0xCBF29CE484222325
    for byte in first.encode() + b"\0" + second.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & 0xFFFFFFFFFFFFFFFF
    return value >> 32


class Text:
    """The pairs of words of a text, the least 192 of them by hash."""

    def __init__(self, text):
        words = words_of(text)
        hashes = sorted({fnv(*pair) for pair in zip(words, words[1:])})
        self.pairs, self.least = len(hashes), hashes[:192]
        self.set = set(self.least)

    @staticmethod
    def of(summary, content):
        plain = [re.sub(r"<[^>]*>", " ", text) if kind == 2 else text for kind, text in (content, summary) if text]
        text = max((html.unescape(one) for one in plain), key=lambda one: len(" ".join(one.split()).encode()), default="")
        if len(text.split()) < 25:
            return None
        made = Text(text)
        return made if made.pairs >= 5 else None

    def near(self, other):
        union = sorted(self.set | other.set)[:192]
        both = sum(one in self.set and one in other.set for one in union)
        return both >= 0.7 * len(union) or self.teaser_of(other) or other.teaser_of(self)

    def teaser_of(self, longer):
        whole, greatest = longer.pairs == len(longer.least), longer.least[-1]
        looked_up = sum(whole or one <= greatest for one in self.least)
        there = len(self.set & longer.set)
        return self.pairs <= longer.pairs and looked_up >= 8 and there / looked_up >= 0.9


class Store:
    """What the tables say of every story that was published."""

    def __init__(self, path, publishers):
        self.path, self.publishers = path, publishers
        self.domains = {domain(f"https://{name}/") for name in publishers.values()}
        self.texts, self.tallies = {}, {}

    def stories(self):
        base = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        newest = base.execute("SELECT max(shown_at) FROM member").fetchone()[0]
        if newest is None:
            return []
        rows = base.execute(
            "SELECT story.key, story.date_at, story.first_published_at, story.lead_entry_id, member.entry_id, member.shown_at,"
            "       member.joined_at, entry.source_id, entry.url"
            "  FROM story JOIN member ON member.story_id = story.id JOIN entry ON entry.id = member.entry_id"
            " WHERE story.held_back = 0 AND story.first_published_at IS NOT NULL AND member.shown_at IS NOT NULL"
            "   AND story.id IN (SELECT story_id FROM member WHERE shown_at >= ?)"
            " ORDER BY story.key, member.shown_at, member.joined_at, member.entry_id", (newest - 4 * SPAN,))
        members, heads = defaultdict(list), {}
        for key, date, first, lead, entry, shown, _, source, url in rows:
            heads[key] = (date, first, lead)
            members[key].append((entry, shown, source, url))
        return [self.story(base, key, *heads[key], members[key]) for key in members]

    def story(self, base, key, date, first, lead, members):
        members.sort(key=lambda one: one[0] != lead)
        outlets, weight = self.tally(base, members)
        shown = sorted({one[1] for one in members})
        crossed = next((at for at in shown if self.tally(base, [one for one in members if one[1] <= at])[0] >= BAR), None)
        gained = {}
        for _, at, source, _ in members:
            gained[source] = min(at, gained.get(source, at))
        return {"key": key, "date": date, "first": first, "outlets": outlets, "weight": weight, "crossed": crossed,
                "gained": gained, "height": math.log2(weight) + date / HALF_LIFE}

    def tally(self, base, members):
        """Independent outlets, the leading one first, and the sum of their weights."""
        known = tuple((one[0], one[3]) for one in members)
        if known in self.tallies:
            return self.tallies[known]
        owners, articles, sources, texts, outlets, weight = set(), set(), set(), [], 0, 0
        for entry, _, source, url in members:
            publisher = self.publishers[source]
            key, place, article = domain(f"https://{publisher}/"), domain(url), article_of(url)
            if owners and place != key and place in self.domains:
                continue  # it is about the article of another source
            text = self.text(base, entry)
            fresh = not (owners & {key, place}) and source not in sources and article not in articles
            if not owners or fresh and not (text and any(other and other.near(text) for other in texts)):
                outlets, weight = outlets + 1, weight + weight_of(publisher)
            owners |= {key, place}
            articles.add(article)
            sources.add(source)
            texts.append(text)
        self.tallies[known] = outlets, weight
        return outlets, weight

    def text(self, base, entry):
        if entry not in self.texts:
            row = base.execute("SELECT summary_kind, summary, content_kind, content FROM entry WHERE id = ?", (entry,)).fetchone()
            self.texts[entry] = Text.of(row[:2], row[2:])
        return self.texts[entry]


def choose(stories, before, has_rules):
    """The ids of an output of top stories, first to last. `before`: what it had; with rules, only what several outlets tell."""
    chosen = []
    for story in stories:
        if has_rules and story["outlets"] < BAR:
            continue
        first = min(story["gained"].values()) if has_rules else story["first"]
        entered = max(first, story["first"], story["crossed"] or first)
        last = max(story["gained"].values())
        chosen.append((story, max(entered, last)))
    chosen.sort(key=lambda one: (-one[0]["height"], -one[0]["date"], one[0]["key"]))
    newest = max((changed for _, changed in chosen), default=0)
    room = FILLED_TO - sum(changed >= newest - SPAN for _, changed in chosen)
    kept = []
    for story, changed in chosen:
        if changed < newest - SPAN:
            room -= 1
            if room < 0:
                continue
        kept.append(story)
    if not has_rules:
        top = {story["key"] for story in kept if story["key"] in before or story["outlets"] >= BAR}
        for story in kept:
            if len(top) >= FILLED_TO:
                break
            top.add(story["key"])
        kept = [story for story in kept if story["key"] in top]
    return [story["key"] for story in kept[:ITEMS]]


def main():
    binary, corpus = sys.argv[1], Path(sys.argv[2])
    entries = laid_end_to_end(corpus)
    if len(sys.argv) > 3:
        entries = [one for one in entries if one["time"] < entries[0]["time"] + timedelta(days=float(sys.argv[3]))]
    scratch = tempfile.mkdtemp()
    program = Program(binary, scratch)
    names = sorted({one["publisher"] for one in entries})
    ids = {re.sub(r"[^a-z0-9.]", "-", name.lower()): name for name in names}
    text = 'title = "Woven"\nlink = "https://feeds.example.org/"\n[store]\nkeep = "forever"\n'
    for number, (source, name) in enumerate(ids.items()):
        text += (f'[[source]]\nid = "{source}"\nurl = "file:{number}.xml"\nsite = "https://{name}/"\nkind = "original"\n'
                 f"weight = {weight_of(name)}\n")
    (program.folder / "feeds.toml").write_text(text + OUTPUTS)
    store, brought, before = Store(program.folder / "data/feedloom.db", ids), defaultdict(list), set()
    at, now, end, runs, places, wrong = 0, entries[0]["time"], entries[-1]["time"] + timedelta(hours=3), 0, 0, []
    while now <= end:
        changed = set(names) if runs == 0 else set()
        while at < len(entries) and entries[at]["time"] <= now:
            brought[entries[at]["publisher"]].insert(0, entries[at])
            changed.add(entries[at]["publisher"])
            at += 1
        for number, name in enumerate(ids.values()):
            if name in changed:
                (program.folder / f"{number}.xml").write_text(rss_of(name, brought[name][:FEED_ENTRIES]))
        program.run(now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        stories = store.stories()
        for file, has_rules in (("two.json", True), ("top.json", False)):
            path = program.public / file
            shown = [one["id"].rsplit("/", 1)[1] for one in json.loads(path.read_text())["items"]] if path.exists() else []
            want = choose(stories, before, has_rules)
            places += len(want)
            if shown != want:
                wrong.append((now, file, differing(shown, want)))
            if not has_rules:
                before = set(shown)
        runs, now = runs + 1, now + timedelta(hours=1)
    for when, file, what in wrong[:20]:
        print(f"FAIL {when} {file}: {what}")
    print(f"{runs} runs, {runs * 2} orders, {places} places: {len(wrong)} orders differ")
    shutil.rmtree(scratch)
    return 1 if wrong or not places else 0


def differing(shown, want):
    missing, more = [one for one in want if one not in shown], [one for one in shown if one not in want]
    place = next((place for place, pair in enumerate(zip(shown, want)) if pair[0] != pair[1]), min(len(shown), len(want)))
    return f"{len(shown)} shown, {len(want)} expected; first at {place}; missing {missing[:3]}, more {more[:3]}"


sys.exit(main())
