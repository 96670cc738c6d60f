#!/usr/bin/env python3
"""Who is credited, and what reaches a reader: judge.py BINARY CORPUS [--days N]

(a) CORPUS/data/feeds and the saved polls, all as sources: every item of all five formats is read back. The outlet of the
    lead is the domain of the link, a source that owns it, the outlet that the item names, or the source itself where it is
    no link list; the lead is not among the others; no outlet stands twice; no link list covers anything. Then a second
    and a third feedloom read the first, by each format: the sets of (story, outlet, link) are equal.
(b) CORPUS/data/stories: its windows laid end to end, one feed for each publisher, asked every hour: which share of the
    credits stood in a feed, what a reader loses that asks every 1, 4, 8, 24 hours, how large the feeds are, how many
    excerpts are under 40 characters although the publisher gave more, and how many dates are not the publisher's.

Prints the figures; exit code 1 where a figure of (a) is not zero. Standard library only.
"""
import argparse
import html
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("feed.xml", "atom.xml", "feed.json")
SECOND_LEVELS = {"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"}


def domain(address):
    """The registrable domain, near enough to compare."""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    labels = host.split(".")
    deep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVELS else 2
    return ".".join(labels[-deep:])


def run(binary, folder, now):
    done = subprocess.run([binary, "--config", str(folder / "feeds.toml"), "run", "--all", "--json", "--now", now],
                          capture_output=True, timeout=600)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode("utf-8", "replace"))
    return json.loads(done.stdout or b"{}")


def configure(folder, sources, more=""):
    text = 'link = "https://feeds.example.org/"\ntitle = "Woven"\n' + more
    for name, address in sources:
        text += f"[[source]]\nid = {json.dumps(name)}\nurl = {json.dumps(address)}\n"
    (folder / "feeds.toml").write_text(text)


def items_of(folder):
    path = folder / "data/public/feed.json"
    return json.loads(path.read_bytes())["items"] if path.exists() else []


def credits(folder):
    """(title of the story, outlet, link) of every credit, by JSON."""
    return {(item["title"], each["name"], each["url"]) for item in items_of(folder) for each in item["_feedloom"]["sources"]}


def read_back(folder):
    """format → story → (link of the lead, links of the others)."""
    public, found = folder / "data/public", {}
    found["json"] = {i["id"]: (i["url"], [s["url"] for s in i["_feedloom"]["sources"][1:]]) for i in items_of(folder)}
    rss = ET.parse(public / "feed.xml").getroot().iter("item")
    related = lambda item: [l.get("href") for l in item.findall(ATOM + "link") if l.get("rel") == "related"]
    found["rss"] = {item.findtext("guid"): (item.findtext("link"), related(item)) for item in rss}
    entries = ET.parse(public / "atom.xml").getroot().findall(ATOM + "entry")
    alternate = lambda entry: next(l.get("href") for l in entry.findall(ATOM + "link") if l.get("rel") == "alternate")
    found["atom"] = {entry.findtext(ATOM + "id"): (alternate(entry), related(entry)) for entry in entries}
    page = (public / "index.html").read_text()
    found["page"] = {}
    for story, body in re.findall(r'<article id="s-(\w+)".*?>(.*?)</article>', page, re.S):
        also = re.search(r'<p class="also"[^>]*>(?!Discussed)(.*?)</p>', body, re.S)
        links = [html.unescape(link) for link in re.findall(r'<a href="([^"]+)" title', also[1])] if also else []
        found["page"][story] = (html.unescape(re.search(r'<h3[^>]*><a href="([^"]+)"', body)[1]), links)
    return found


def zero_figures(folder, owners, lists):
    wrong, count = defaultdict(list), 0
    back = read_back(folder)
    for item in items_of(folder):
        count += 1
        sources = item["_feedloom"]["sources"]
        lead, others = sources[0], sources[1:]
        site = lead.get("home_page_url") or lead.get("feed_url") or ""
        named = domain(lead["url"]) in lead["name"] or domain(site) == domain(lead["url"]) or lead.get("host")
        itself = lead["id"] not in lists and not lead.get("via")
        owned = owners.get(domain(lead["url"])) == lead["name"]
        if not (named or itself or owned or lead.get("via")):
            wrong["the lead's outlet is nobody's"].append((item["id"], lead))
        if lead["id"] in lists and not lead.get("via") and domain(lead["url"]) != domain(owners.get(lead["id"], lead["url"])):
            wrong["a link list is credited for another's article"].append((item["id"], lead))
        for form, stories in back.items():
            seen = stories.get(item["id"]) or stories.get(item["id"].rpartition("/")[2])
            if seen is None:
                continue
            link, links = seen
            if link != lead["url"]:
                wrong[f"{form}: another lead"].append((item["id"], link))
            if link in links or domain(link) in [domain(each) for each in links]:
                wrong[f"{form}: the lead among the others"].append((item["id"], link))
            domains = [domain(each) for each in links]
            if len(set(domains)) < len(domains):
                wrong[f"{form}: an outlet twice"].append((item["id"], domains))
        if any(each["id"] in lists and not each.get("via") for each in others):
            wrong["a link list as coverage"].append(item["id"])
    return count, wrong


def credit(binary, corpus, scratch):
    saved = sorted(path for path in (corpus / "data/feeds").iterdir() if path.suffix in (".xml", ".json"))
    polls = corpus / "data/feeds/polls"
    if polls.is_dir():
        saved += [sorted(folder.iterdir())[-1] for folder in sorted(polls.iterdir()) if folder.is_dir()]
    bad, items, depths, stories = 0, 0, 0, 0
    for at in range(0, len(saved), 60):
        folder = Path(scratch) / f"first-{at}"
        folder.mkdir()
        configure(folder, [(f"s{at + n}", path.as_uri()) for n, path in enumerate(saved[at:at + 60])],
                  '[defaults]\nmax_age = "none"\n')
        run(binary, folder, "2026-10-10T00:00:00Z")
        first = items_of(folder)
        lists = {each["via"] and each["id"] for item in first for each in item["_feedloom"]["sources"] if each.get("via")}
        count, wrong = zero_figures(folder, {}, lists - {None})
        items += count
        for what, cases in wrong.items():
            bad += len(cases)
            print(f"    {len(cases)} × {what}: {cases[0]}")
        want = credits(folder)
        for one in FEEDS:
            second = Path(scratch) / f"second-{at}-{one}"
            second.mkdir()
            configure(second, [("woven", (folder / "data/public" / one).as_uri())], LOOSE)
            run(binary, second, "2026-10-10T00:00:00Z")
            third = Path(scratch) / f"third-{at}-{one}"
            third.mkdir()
            configure(third, [("woven", (second / "data/public" / one).as_uri())], LOOSE)
            run(binary, third, "2026-10-10T00:00:00Z")
            for depth, got in (("second", credits(second)), ("third", credits(third))):
                depths += 1
                # A new source announces its newest twenty items: these are compared.
                titles = {title for title, _, _ in got}
                here = {each for each in want if each[0] in titles and stands_in(folder, one, each)}
                stories += len(titles)
                if got != here:
                    bad += 1
                    print(f"    {one}, {depth}: {len(here - got)} lost, {len(got - here)} new of {len(here)}: "
                          f"{sorted(here - got)[:2]} {sorted(got - here)[:2]}")
    print(f"(a) {len(saved)} feeds, {items} items read back from five formats, {depths} comparisons of credits over {stories} stories: {bad} wrong")
    return bad


def stands_in(folder, file, credit):
    """Whether the file of the first feedloom holds the story: each is measured by itself."""
    text = (folder / "data/public" / file).read_text()
    return credit[2] in html.unescape(text) or credit[2] in text


# What a second feedloom needs in order to announce all that the first has.
LOOSE = '[weave]\nsame_story = "off"\n[defaults]\nmax_age = "none"\nallow_duplicates = true\n'


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
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return text + "</channel></rss>"


def replay(binary, corpus, scratch, days):
    folder = Path(scratch) / "replay"
    folder.mkdir()
    entries = laid_end_to_end(corpus)
    begin = entries[0]["time"]
    if days:
        entries = [entry for entry in entries if entry["time"] < begin + timedelta(days=days)]
    publishers = sorted({entry["publisher"] for entry in entries})
    configure(folder, [(re.sub(r"[^a-z0-9.]", "-", name.lower()), f"file:{n}.xml") for n, name in enumerate(publishers)])
    dates = {entry["id"]: entry["time"] for entry in entries}
    summaries = {entry["id"]: entry["summary"] for entry in entries}
    stood, born, sizes, short, wrong_dates, shown = {}, {}, [], set(), set(), defaultdict(set)
    at, hour, end = 0, 0, entries[-1]["time"] + timedelta(hours=1)
    brought = defaultdict(list)
    now = begin
    while now <= end:
        changed = set()
        while at < len(entries) and entries[at]["time"] <= now:
            brought[entries[at]["publisher"]].insert(0, entries[at])
            changed.add(entries[at]["publisher"])
            at += 1
        for n, name in enumerate(publishers):
            if name in changed or hour == 0:
                (folder / f"{n}.xml").write_text(rss_of(name, brought[name][:40]))
        run(binary, folder, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        path = folder / "data/public/feed.xml"
        if path.exists():
            sizes.append(path.stat().st_size)
        for item in items_of(folder):
            born.setdefault(item["id"], hour)
            stood.setdefault(item["id"], set()).add(hour)
            lead = item["_feedloom"]["sources"][0]
            for each in item["_feedloom"]["sources"]:
                shown[item["id"]].add((each["id"], each["guid"]))
            if len(item.get("summary", "")) < 40 and len(summaries.get(lead["guid"], "")) > 60:
                short.add(item["id"])
            date = datetime.fromisoformat(item["date_published"].replace("Z", "+00:00"))
            if lead["guid"] in dates and abs((date - dates[lead["guid"]]).total_seconds()) > 60:
                wrong_dates.add(item["id"])
        now += timedelta(hours=1)
        hour += 1
    owed = owed_credits(binary, folder)
    stood_in_a_feed = sum(1 for story, outlets in owed.items() for outlet in outlets
                          if any(outlet == source for source, _ in shown.get(story, ())))
    total = sum(map(len, owed.values()))
    print(f"(b) {len(entries)} entries of {len(publishers)} publishers in {hour} hours: {len(stood)} items")
    print(f"    credits that stood in a feed: {100 * stood_in_a_feed / max(total, 1):.2f} % of {total}")
    for every in (1, 4, 8, 24):
        lost = sum(1 for hours in stood.values() if not any(h % every == 0 for h in hours))
        complete = sum(1 for story, hours in stood.items() if story in born)
        print(f"    lost to a reader that asks every {every} h: {100 * lost / max(complete, 1):.2f} %")
    print(f"    feed.xml: median {statistics.median(sizes) // 1024:.0f} KiB, largest {max(sizes) // 1024} KiB")
    print(f"    excerpts under 40 characters although there was more: {len(short)}; dates not the publisher's: {len(wrong_dates)}")


def owed_credits(binary, folder):
    """Story → the outlets that tell it, by the database: every source of a published story."""
    import sqlite3
    base = sqlite3.connect(f"file:{folder}/data/feedloom.db?mode=ro", uri=True)
    rows = base.execute("""SELECT story.key, entry.source_id FROM story
                             JOIN member ON member.story_id = story.id JOIN entry ON entry.id = member.entry_id
                            WHERE story.first_published_at IS NOT NULL AND story.held_back = 0""").fetchall()
    base.close()
    owed = defaultdict(set)
    for story, source in rows:
        owed["tag:feeds.example.org,2026:s/" + story].add(source)
    return owed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("corpus")
    parser.add_argument("--days", type=float, help="replay so many days only")
    parser.add_argument("--only", choices=("credit", "replay"))
    given = parser.parse_args()
    binary, corpus, bad = os.path.abspath(given.binary), Path(given.corpus).resolve(), 0
    with tempfile.TemporaryDirectory() as scratch:
        if given.only != "replay":
            bad = credit(binary, corpus, scratch)
        if given.only != "credit":
            replay(binary, corpus, scratch, given.days)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
