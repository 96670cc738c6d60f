"""(b) The labelled stories as they came, one feed for each publisher, asked every hour: what reaches a reader."""
import html
import json
import re
import sqlite3
import statistics
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from outputs import of_rss
from program import Program, domain

# As many of its newest entries as a feed usually holds.
FEED_ENTRIES = 40
READERS = {1: 0.1, 4: 0.1, 8: 0.5, 24: 5.0}
LEAST_STOOD = 99.5
LEAST_EXCERPT = 40
# After the last entry, so that what came late has its turn.
HOURS_AFTER = 3


def laid_end_to_end(corpus):
    """The entries of all windows, shifted so that each begins where the one before ends: about 35 days."""
    windows = defaultdict(list)
    for line in open(corpus / "data/stories/windows.jsonl"):
        entry = json.loads(line)
        entry["time"] = datetime.fromisoformat(entry["published"].replace("Z", "+00:00"))
        windows[entry["set"]].append(entry)
    at, entries = datetime(2026, 9, 1, tzinfo=timezone.utc), []
    for name in sorted(windows):
        first = min(entry["time"] for entry in windows[name])
        for entry in windows[name]:
            entry["time"] += at - first
            entries.append(entry)
        at = max(entry["time"] for entry in windows[name]) + timedelta(minutes=30)
    return sorted(entries, key=lambda entry: entry["time"])


def rss_of(publisher, entries):
    text = f"<rss version='2.0'><channel><title>{publisher}</title><link>https://{publisher}/</link>"
    for entry in entries:
        text += (f"<item><title>{html.escape(entry['title'])}</title><link>{html.escape(entry['url'])}</link>"
                 f"<guid isPermaLink='false'>{entry['id']}</guid><pubDate>{format_datetime(entry['time'])}</pubDate>"
                 f"<description>{html.escape(html.escape(entry['summary']))}</description></item>")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text) + "</channel></rss>"


# What WordPress and link lists write after a text, or in place of one.
APPENDED = re.compile(r"(?s)\s*(The post .* (?:appeared first on|first appeared on) .*|Article URL: .*|Comments URL: .*|Comments|\[…\]|…|(?:Read more|Continue reading).*)$")


def given(entry):
    """What a publisher wrote of an article; nothing where that is its title again."""
    text = APPENDED.sub("", " ".join(entry["summary"].split()))
    return "" if text.lower() == entry["title"].strip().lower() else text


class Replay:
    def __init__(self, binary, corpus, scratch, days):
        self.program = Program(binary, Path(scratch) / "hourly")
        entries = laid_end_to_end(corpus)
        if days:
            entries = [entry for entry in entries if entry["time"] < entries[0]["time"] + timedelta(days=days)]
        self.entries, self.of_id = entries, {entry["id"]: entry for entry in entries}
        self.publishers = sorted({entry["publisher"] for entry in entries})
        self.program.configure([(re.sub(r"[^a-z0-9.]", "-", name.lower()), f"file:{n}.xml") for n, name in enumerate(self.publishers)],
                               '[store]\nkeep = "forever"\n')
        # Story → the hours at which it stood in feed.xml, what it credited, and how it last looked there.
        self.stood, self.credited, self.last = defaultdict(set), defaultdict(set), {}
        self.sizes, self.counts, self.hours = [], [], 0

    def play(self):
        brought, at, now = defaultdict(list), 0, self.entries[0]["time"]
        end = self.entries[-1]["time"] + timedelta(hours=HOURS_AFTER)
        while now <= end:
            changed = set(self.publishers) if self.hours == 0 else set()
            while at < len(self.entries) and self.entries[at]["time"] <= now:
                brought[self.entries[at]["publisher"]].insert(0, self.entries[at])
                changed.add(self.entries[at]["publisher"])
                at += 1
            for n, name in enumerate(self.publishers):
                if name in changed:
                    (self.program.folder / f"{n}.xml").write_text(rss_of(name, brought[name][:FEED_ENTRIES]))
            self.program.run(now.strftime("%Y-%m-%dT%H:%M:%SZ"))
            self.look()
            now += timedelta(hours=1)
            self.hours += 1

    def look(self):
        path = self.program.public / "feed.xml"
        if not path.exists():
            return
        items = list(of_rss(path))
        self.sizes.append(path.stat().st_size)
        self.counts.append(len(items))
        for item in items:
            self.stood[item.story].add(self.hours)
            self.last[item.story] = item
            self.credited[item.story] |= {domain(credit.link) for credit in [item.lead, *item.others]}

    def rows(self):
        """(story, led by it, source, address, guid) of every entry of every published story."""
        base = sqlite3.connect(f"file:{self.program.folder}/data/feedloom.db?mode=ro", uri=True)
        rows = base.execute("""SELECT story.key, entry.id = story.lead_entry_id, entry.source_id, entry.url, entry.guid FROM story
                                 JOIN member ON member.story_id = story.id JOIN entry ON entry.id = member.entry_id
                                WHERE story.first_published_at IS NOT NULL AND story.held_back = 0""").fetchall()
        aliases = dict(base.execute("SELECT alias.key, story.key FROM story_alias AS alias JOIN story ON story.id = alias.story_id"))
        lists = {source for source, in base.execute("SELECT source_id FROM feed WHERE lists = 1")}
        base.close()
        for old, new in aliases.items():
            self.credited[new] |= self.credited.pop(old, set())
            self.stood[new] |= self.stood.pop(old, set())
        return rows, lists

    def figures(self):
        """Prints them; what misses its mark."""
        missed = []

        def figure(text, value, mark, fits):
            print(f"    {text}: {value:.2f} % ({mark})")
            if not fits:
                missed.append(text)

        rows, lists = self.rows()
        print(f"(b) {len(self.entries)} entries of {len(self.publishers)} publishers in {self.hours} hours; link lists found: {sorted(lists)}; "
              f"{len(self.last)} items")
        owed = defaultdict(set)
        for story, _, source, url, _ in rows:
            # A page of a link list's own is where others talk.
            if source not in lists or domain(url) != domain("https://" + source):
                owed[story].add(domain(url))
        total = sum(map(len, owed.values()))
        missing = [(story, outlet) for story, outlets in owed.items() for outlet in outlets - self.credited[story]]
        stood = 100 * (total - len(missing)) / max(total, 1)
        figure(f"credits that stood in feed.xml, of {total}", stood, f"≥ {LEAST_STOOD}", stood >= LEAST_STOOD)
        for story, outlet in missing[:3]:
            print(f"      not: {outlet} in {story} ({self.last[story].lead if story in self.last else 'never shown'})")
        ended = [self.stood[story] for story in owed if self.hours - 1 not in self.stood[story]]
        for every, mark in READERS.items():
            lost = sum(not any(hour % every == turn for hour in hours) for hours in ended for turn in range(every))
            share = 100 * lost / every / max(len(ended), 1)
            figure(f"lost to a reader that asks every {every} h, of {len(ended)}", share, f"≤ {mark}", share <= mark)
        short = self.short_excerpts(rows)
        wrong = self.wrong_dates(rows)
        print(f"    feed.xml: {statistics.median(self.sizes) // 1024:.0f} KiB and {statistics.median(self.counts):.0f} items (medians), at most "
              f"{max(self.sizes) // 1024} KiB and {max(self.counts)} items")
        print(f"    excerpts under {LEAST_EXCERPT} characters although a publisher gave more: {len(short)} {short[:3]}")
        print(f"    dates that are not the publisher's: {len(wrong)} {wrong[:3]}")
        return len(missed) + len(short) + len(wrong)

    def short_excerpts(self, rows):
        longest = defaultdict(str)
        for story, _, _, _, guid in rows:
            longest[story] = max(longest[story], given(self.of_id[guid]), key=len)
        return [(story, item.excerpt, longest[story][:80]) for story, item in self.last.items()
                if len(item.excerpt) < LEAST_EXCERPT and len(longest[story]) > LEAST_EXCERPT]

    def wrong_dates(self, rows):
        dates = {story: self.of_id[guid]["time"] for story, leads, _, _, guid in rows if leads}
        return [(story, item.date, str(dates[story])) for story, item in self.last.items()
                if story in dates and abs((parsedate_to_datetime(item.date) - dates[story]).total_seconds()) >= 1]


def judge(binary, corpus, scratch, days=None):
    replay = Replay(binary, corpus, scratch, days)
    replay.play()
    return replay.figures()
