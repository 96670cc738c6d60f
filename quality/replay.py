#!/usr/bin/env python3
"""Replays saved feeds through the program: replay.py BINARY CORPUS

(a) CORPUS/data/feeds/polls/*/TIME.*: one source a folder, poll after poll through a loopback origin.
(b) CORPUS/data/feeds/*.xml: all of them as the sources of one pass, as files and over HTTP.
(c) The same feeds some at a time, so that more of their entries are on show: whole texts, and headlines alone.
Every output of every pass is held against the rules of tests/validators, and read back: each item credits what it owes.

Ends with "N passed, N failed"; exit code 1 on a failure.
"""
import calendar
import hashlib
import html
import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from email.utils import parsedate_to_datetime
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
from credited import Credited  # noqa: E402
from validity import Validity  # noqa: E402

LINK = "https://feeds.example.org/"
ATOM = "{http://www.w3.org/2005/Atom}"
ALL_AT_ONCE = calendar.timegm((2026, 10, 10, 0, 0, 0))
DISCLOSURE = "Links may earn & <pay>; machines helped"
ERROR_PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We will be back soon</h1></body></html>"


class Checks:
    """Counts each named check once per occasion; keeps the first failures of each name in full."""

    def __init__(self):
        self.passed, self.failed, self.shown, self.validity, self.credited = 0, 0, {}, Validity(), Credited()

    def that(self, right, name, detail=""):
        if right:
            self.passed += 1
            return True
        self.failed += 1
        self.shown[name] = self.shown.get(name, 0) + 1
        if self.shown[name] <= 5:
            print(f"FAIL {name}: {detail}", flush=True)
        return False

    def end(self):
        self.that(self.credited.finish() == 0, "every item credits what it owes, in every format")
        self.that(self.validity.finish() == 0, "every output is valid")
        for name, times in self.shown.items():
            print(f"  {times} × {name}")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


class Origin:
    """Serves `pages` (path → bytes) on loopback, with ETag and 304; anything else is a 404."""

    def __init__(self):
        pages, asked = {}, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = pages.get(self.path)
                asked.append(self.path)
                if body is None:
                    self.answer(404, b"none", [])
                    return
                tag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
                if self.headers.get("If-None-Match") == tag:
                    self.answer(304, b"", [("ETag", tag)])
                else:
                    self.answer(200, body, [("ETag", tag), ("Content-Type", "application/xml")])

            def answer(self, status, body, headers):
                # Without a Date: the clock of a replay is not the clock on the wall.
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.pages, self.asked = pages, asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


class Program:
    def __init__(self, binary, folder, port, sources, more=""):
        self.binary, self.folder = binary, Path(folder)
        head = (f'title = "Replay"\nlink = "{LINK}"\ncontact = "https://feeds.example.org/about"\n'
                f'[store]\nkeep = "forever"\n[fetch]\nallow = ["127.0.0.1:{port}"]\nspacing = "0s"\n'
                f'[defaults]\nmax_age = "none"\ndisclosure = {json.dumps(DISCLOSURE)}\n{more}')
        (self.folder / "feeds.toml").write_text(head + "".join(
            f"[[source]]\nid = {json.dumps(name)}\nurl = {json.dumps(url)}\n" for name, url in sources))
        self.public = self.folder / "data" / "public"

    def run(self, now, checks, what, code=0):
        done = subprocess.run([self.binary, "--config", str(self.folder / "feeds.toml"), "run", "--all", "--json",
                               "--now", now], capture_output=True, timeout=300)
        err = done.stderr.decode("utf-8", "replace")
        checks.that("panicked" not in err and "RUST_BACKTRACE" not in err, "no panic text on stderr", f"{what}: {err[:500]}")
        checks.that(done.returncode == code, "the exit code is right", f"{what}: {done.returncode} {err[:500]}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            checks.that(False, "run --json prints JSON", f"{what}: {done.stdout[:200]!r}")
            return {"sources": []}

    def files(self):
        files = sorted(path for path in self.public.rglob("*") if path.is_file())
        return {str(path.relative_to(self.public)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    def query(self, sql):
        base = sqlite3.connect(f"file:{self.folder}/data/feedloom.db?mode=ro", uri=True)
        try:
            return base.execute(sql).fetchall()
        finally:
            base.close()


def is_web(address):
    return re.match(r"https?://[^/\s]+", address or "") is not None


def rss_items(path):
    found = []
    for item in ET.parse(path).getroot().iter("item"):
        found.append((item.findtext("guid"), parsedate_to_datetime(item.findtext("pubDate")).timestamp(),
                      item.findtext("link"), item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or ""))
    return found


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def atom_items(path):
    found = []
    for entry in ET.parse(path).getroot().findall(ATOM + "entry"):
        link = next((each.get("href") for each in entry.findall(ATOM + "link") if each.get("rel") == "alternate"), None)
        found.append((entry.findtext(ATOM + "id"), moment(entry.findtext(ATOM + "published")), link,
                      entry.findtext(ATOM + "content") or ""))
    return found


class Seen:
    """What never may change, over all passes of one replay."""

    def __init__(self, checks):
        self.checks, self.dates, self.homes, self.order = checks, {}, {}, []
        self.json_items = []

    def look(self, program, now, what):
        that = self.checks.that
        self.checks.validity.look(program.public, now, LINK)
        self.checks.credited.look(program.public, program.folder / "data/feedloom.db", DISCLOSURE, what)
        rss, atom = rss_items(program.public / "feed.xml"), atom_items(program.public / "atom.xml")
        items = json.loads((program.public / "feed.json").read_bytes())["items"]
        ids = [item["id"] for item in items]
        three = [each[0] for each in rss], [each[0] for each in atom], ids
        sizes = [(len(each), (program.public / name).stat().st_size) for each, name in zip(three, ("feed.xml", "atom.xml", "feed.json"))]
        # Each file holds as many of the newest as its size allows.
        longest = max(three, key=len)
        that(all(each == longest[: len(each)] for each in three), "ids are equal in the three formats", f"{what}: items and bytes {sizes}")
        that(len(set(ids)) == len(ids), "no id twice", what)
        for name, found in (("rss", rss), ("atom", atom),
                            ("json", [(i["id"], moment(i["date_published"]), i["url"], i["content_html"]) for i in items])):
            for item, date, link, body in found:
                first = self.dates.setdefault((name, item), date)
                # Atom may carry a fraction of a second, RSS cannot.
                that(first == date, "a date never changes", f"{what}: {name} {item}: {first} → {date}")
                that(is_web(link) and re.search(r'<a href="https?://', body), "an item links to its original",
                     f"{what}: {name} {item} {link}")
        self.credits(items, what)
        old, kept = self.order, set(ids)
        at = [item for item in ids if item in set(old)]
        that(at == [item for item in old if item in kept], "items keep their order", what)
        that(ids[len(ids) - len(at):] == at, "news come before what was there", what)
        self.order, self.json_items = ids, items
        return ids

    def credits(self, items, what):
        now = {}
        for item in items:
            sources = item["_feedloom"]["sources"]
            self.checks.that(sources and all(is_web(each["url"]) for each in sources), "an item credits an original",
                             f"{what}: {item['id']}")
            for each in sources:
                key = (each["id"], each["guid"])
                self.checks.that(key not in now, "an entry is credited once", f"{what}: {key}")
                now[key] = item["id"]
                first = self.homes.setdefault(key, item["id"])
                self.checks.that(first == item["id"], "an entry stays with its story (never announced again)",
                                 f"{what}: {key}: {first} → {item['id']} {item['title']!r}")


def plain(text):
    text = html.unescape(html.unescape(text or ""))
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


def entry_title(entry):
    title = entry.find(ATOM + "title")
    return "" if title is None else "".join(title.itertext())


def poll_entries(body):
    """guid → title of a saved RSS or Atom poll; none where it is no feed."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError:
        return {}
    found = {}
    for item in root.iter("item"):
        guid = item.findtext("guid") or item.findtext("link")
        if guid:
            found[guid.strip()] = plain(item.findtext("title"))
    for entry in root.iter(ATOM + "entry"):
        found[(entry.findtext(ATOM + "id") or "").strip()] = plain(entry_title(entry))
    return found


def time_of(path):
    return calendar.timegm(time.strptime(path.stem, "%Y-%m-%dT%H%M%S"))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def replay_polls(binary, corpus, checks):
    folders = sorted(path for path in (corpus / "data/feeds/polls").iterdir() if path.is_dir())
    polls = {}
    for folder in folders:
        for path in folder.iterdir():
            polls.setdefault(time_of(path), {})[folder.name] = path.read_bytes()
    origin = Origin()
    with tempfile.TemporaryDirectory() as scratch:
        program = Program(binary, scratch, origin.port, [(f.name.replace(".", "-"), origin.url("/" + f.name)) for f in folders])
        seen, titles, edits = Seen(checks), {}, 0
        for number, now in enumerate(sorted(polls)):
            for name, body in polls[now].items():
                origin.pages["/" + name] = body
            what = f"poll {stamp(now)} {sorted(polls[now])}"
            edited, before = {}, set(seen.order)
            for name, body in polls[now].items():
                for guid, title in poll_entries(body).items():
                    if titles.setdefault((name, guid), title) != title:
                        edited[(name.replace(".", "-"), guid)] = title
                    titles[(name, guid)] = title
            program.run(stamp(now), checks, what)
            seen.look(program, now, what)
            edits += check_edits(seen, edited, before, checks, what)
            idle(program, now, checks, what)
            if number % 5 == 2:
                error_pages(program, origin, now, seen, checks, what)
        entries_once(program, titles, checks)
        print(f"(a) {len(polls)} moments, {sum(map(len, polls.values()))} polls, {len(titles)} entries, {edits} edited titles "
              f"on show, {len(seen.homes)} entries credited in {len(set(seen.homes.values()))} items")


def check_edits(seen, edited, before, checks, what):
    shown = 0
    for item in seen.json_items:
        for each in item["_feedloom"]["sources"]:
            title = edited.get((each["id"], each["guid"]))
            if title is not None:
                shown += 1
                checks.that(plain(each["title"]) == title, "an edit updates the story",
                            f"{what}: {each['guid']}: {each['title']!r}, not {title!r}")
                checks.that(not before or item["id"] in before or seen.homes[(each["id"], each["guid"])] == item["id"],
                            "an edit is never announced", f"{what}: {each['guid']}")
    return shown


def idle(program, now, checks, what):
    """The same moment again: all sources answer 304, or fail as before."""
    before = program.files()
    done = program.run(stamp(now), checks, what)
    news = [each["id"] for each in done["sources"] if each.get("new") or each.get("updated")]
    checks.that(not news, "a second pass finds nothing new", f"{what}: {news}")
    after = program.files()
    touched = [name for name in after if after[name] != before.get(name)] + [name for name in before if name not in after]
    checks.that(not touched, "a pass with nothing new touches no file", f"{what}: {touched}")


def error_pages(program, origin, now, seen, checks, what):
    """Every source answers 200 with an HTML page, once: nothing is lost, nothing is touched."""
    good, before = dict(origin.pages), program.files()
    for path in good:
        origin.pages[path] = ERROR_PAGE
    count = program.query("SELECT count(*) FROM entry")
    done = program.run(stamp(now), checks, what + " error pages", code=1)
    failed = [each for each in done["sources"] if each["outcome"] == "failed"]
    checks.that(len(failed) == len(done["sources"]), "an HTML error page is reported as a failure",
                f"{what}: {[each['outcome'] for each in done['sources']]}")
    checks.that(program.query("SELECT count(*) FROM entry") == count, "an HTML error page loses no entry", what)
    checks.that(program.files() == before, "an HTML error page touches no file", what)
    origin.pages.update(good)
    program.run(stamp(now), checks, what + " after error pages")
    checks.that(program.files() == before, "after an error page all is as it was", what)


def entries_once(program, titles, checks):
    rows = program.query("SELECT source_id, guid FROM entry ORDER BY 1, 2")
    checks.that(len(set(rows)) == len(rows), "the store holds an entry once")
    # An entry without a guid gets one made of its link.
    held = set(rows) | set(program.query("SELECT source_id, url FROM entry WHERE guid LIKE 'link:%'"))
    # One that came again under another guid is held under one of the two.
    named = set(program.query("SELECT source_id, title FROM entry"))
    for (name, guid), title in titles.items():
        source = name.replace(".", "-")
        checks.that((source, guid) in held or (source, title) in named, "every entry is in the store", f"{name} {guid}")
    checks.that(len(rows) <= len(titles), "the store holds no entry that no poll had", f"{len(rows)} > {len(titles)}")
    loose = program.query("SELECT count(*) FROM entry e LEFT JOIN member m ON m.entry_id = e.id WHERE m.entry_id IS NULL")
    checks.that(loose == [(0,)], "every entry has its story", loose)


def all_at_once(binary, corpus, checks):
    saved = sorted((corpus / "data/feeds").glob("*.xml"))
    origin, outcomes = Origin(), {}
    origin.pages.update({f"/{number}.xml": path.read_bytes() for number, path in enumerate(saved)})
    for how in ("file", "http"):
        address = (lambda n, p: p.as_uri()) if how == "file" else (lambda n, p: origin.url(f"/{n}.xml"))
        with tempfile.TemporaryDirectory() as scratch:
            program = Program(binary, scratch, origin.port, [(f"s{n}", address(n, p)) for n, p in enumerate(saved)])
            begun = time.monotonic()
            done = program.run(stamp(ALL_AT_ONCE), checks, how)
            took = time.monotonic() - begun
            Seen(checks).look(program, ALL_AT_ONCE, how)
            told = {each["id"]: each for each in done["sources"]}
            for number, path in enumerate(saved):
                each = told.get(f"s{number}")
                if checks.that(each is not None, "every source is reported", f"{how}: {path.name}"):
                    good = each["outcome"] == "read" or each["error"]
                    checks.that(good, "a source is read, or says why not", f"{how}: {path.name}: {each}")
                    entries = poll_entries(path.read_bytes())
                    if entries:
                        checks.that(each["outcome"] == "read", "a well-formed feed with entries is read",
                                    f"{how}: {path.name}: {each['error']}")
                    outcomes.setdefault(path.name, []).append((each["outcome"], each["new"], each["dropped"]))
            idle(program, ALL_AT_ONCE, checks, how)
            print(f"(b) {how}: {len(saved)} sources in {took:.1f} s, "
                  f"{sum(each['outcome'] == 'read' for each in told.values())} read, {sum(each['new'] or 0 for each in told.values())} entries")
            for each in told.values():
                if each["outcome"] != "read":
                    print(f"    {saved[int(each['id'][1:])].name}: {each['outcome']}: {each['error']}")
    for name, both in outcomes.items():
        head = re.split(rb"<(?:item|entry)\b", (corpus / "data/feeds" / name).read_bytes())[0]
        head = re.sub(rb"\sxmlns(:\w+)?=(\"[^\"]*\"|'[^']*')", b"", head)
        if not re.search(rb"https?://[^<\"']+(?:</link>|[\"'])", head):
            continue  # it says nowhere where it lives: relative addresses lead nowhere from a file
        checks.that(len(set(both)) == 1, "a file and the same feed over HTTP give the same", f"{name}: {both}")


def in_parts(binary, corpus, checks, at_once=40):
    saved, items = sorted((corpus / "data/feeds").glob("*.xml")), 0
    outputs = "".join(f'[[output]]\nfile = "{file}"\nitems = 300\n'
                      for file in ("feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml"))
    for extent in ("full", "headline"):
        for at in range(0, len(saved), at_once):
            with tempfile.TemporaryDirectory() as scratch:
                sources = [(f"s{n}", path.as_uri()) for n, path in enumerate(saved[at:at + at_once])]
                program = Program(binary, scratch, 9, sources, f'republish = "{extent}"\nrights = "© whoever wrote it"\n{outputs}')
                program.run(stamp(ALL_AT_ONCE), checks, f"{extent} {at}")
                Seen(checks).look(program, ALL_AT_ONCE, f"{extent} {at}")
                items += len(json.loads((program.public / "feed.json").read_bytes())["items"])
    print(f"(c) {items} items of {len(saved)} feeds, as whole texts and as headlines")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, corpus, checks = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve(), Checks()
    replay_polls(binary, corpus, checks)
    all_at_once(binary, corpus, checks)
    in_parts(binary, corpus, checks)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
