#!/usr/bin/env python3
"""Our feed as its subscribers' programs see it, over loopback: readers.py BINARY

newsboat and sfeed (Debian), reader and feedparser (PyPI), rss-parser (npm) subscribe to the three formats and poll
them over four passes: two stories; the first gains an outlet and the second is edited; nothing; a third story. What
was read stays read, what is new is new once. Ends with counts; exit code 1 on a failure.
"""
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
import feedparser  # noqa: E402: only there in the environment
import reader as reader_package  # noqa: E402

import subscribers  # noqa: E402
from subscribers import text  # noqa: E402

FEEDS = ("feed.xml", "atom.xml", "feed.json")
JS = """
const Parser = require("rss-parser");
new Parser().parseString(require("fs").readFileSync(process.argv[1], "utf8")).then(
  (feed) => console.log(JSON.stringify(feed.items.map((item) => [item.guid || item.id, item.link, item.title]))));
"""


def feed(outlet, entries):
    return subscribers.feed(outlet, [(guid, title, f"https://{outlet}.example/{guid}", date, text(words)) for guid, title, date, words in entries])


CRANE = ("crane", "Harbour crane learns to knit socks by itself", "Mon, 02 Nov 2026 07:00:00 GMT", "The crane of the harbour knits.")
FERRY = ("ferry", "Ferry timetable set to music", "Mon, 02 Nov 2026 07:10:00 GMT", "The timetable sounds well.")
EDITED = (FERRY[0], "Ferry timetable set to music, twice", FERRY[2], "The timetable sounds even better now.")
TOWER = ("tower", "Clock tower strikes for shorter hours", "Mon, 02 Nov 2026 11:00:00 GMT", "It strikes at noon.")
# When, what alpha has, what beta has, and how many items a subscriber has not seen yet.
PASSES = [
    ("2026-11-02T08:00:00Z", [CRANE, FERRY], [], 2),
    ("2026-11-02T10:00:00Z", [CRANE, EDITED], [CRANE], 0),
    ("2026-11-02T10:30:00Z", [CRANE, EDITED], [CRANE], 0),
    ("2026-11-02T12:00:00Z", [TOWER, CRANE, EDITED], [CRANE], 1),
]


class Newsboat(subscribers.Newsboat):
    """Reads everything after each poll; what is unread after the next one came as news."""

    def __init__(self, folder, base, name="feed.xml"):
        # One feed a folder: newsboat knows items by their ids alone, which are the same in both.
        super().__init__(folder / f"newsboat-{name}", f"{base}/{name}")
        self.feeds = 1

    def poll(self):
        self.reload()
        base = self.items()
        unread = base.execute("SELECT count(*) FROM rss_item WHERE unread = 1").fetchone()[0]
        base.execute("UPDATE rss_item SET unread = 0")
        base.commit()
        base.close()
        return unread


class Sfeed:
    """Keeps a line for each item; a line more is an item more."""

    def __init__(self, folder, base):
        self.folder, self.seen, self.feeds = folder / "sfeed", set(), 2
        self.folder.mkdir()
        rc = f'sfeedpath="{self.folder}"\nfeeds() {{\n' + "".join(
            f'feed "{name}" "{base}/{name}"\n' for name in ("feed.xml", "atom.xml")) + "}\n"
        (self.folder / "rc").write_text(rc)

    def poll(self):
        subprocess.run(["sfeed_update", self.folder / "rc"], check=True, capture_output=True, timeout=60)
        # timestamp, title, link, content, type, id, …: it knows an item by id, link and title.
        now = {(name, *line.split("\t")[5:6]) for name in ("feed.xml", "atom.xml")
               for line in (self.folder / name).read_text(encoding="utf-8").splitlines()}
        new, self.seen = len(now - self.seen), self.seen | now
        return new


class Reader:
    def __init__(self, folder, base):
        self.reader, self.feeds = reader_package.make_reader(str(folder / "reader.db")), 3
        for name in FEEDS:
            self.reader.add_feed(f"{base}/{name}")

    def poll(self):
        # Each by name: all of them at once would wait for the hour that it leaves between two polls.
        for each in list(self.reader.get_feeds()):
            self.reader.update_feed(each.url)
        unread = list(self.reader.get_entries(read=False))
        for entry in unread:
            self.reader.mark_entry_as_read(entry)
        return len(unread)


class ById:
    """A client that knows items by id alone and wants link and date to stay."""

    def __init__(self, items, feeds):
        self.items, self.known, self.feeds = items, {}, feeds

    def poll(self):
        new = 0
        for key, constant in self.items():
            new += key not in self.known
            if self.known.setdefault(key, constant) != constant:
                raise RuntimeError(f"{key}: {self.known[key]} became {constant}")
        return new


def with_feedparser(base):
    for name in ("feed.xml", "atom.xml"):
        parsed = feedparser.parse(f"{base}/{name}")
        if parsed.bozo:
            raise RuntimeError(f"feedparser: {parsed.bozo_exception}")
        yield from ((f"{name} {entry.id}", (entry.link, entry.published)) for entry in parsed.entries)


def with_rss_parser(public):
    for name in ("feed.xml", "atom.xml"):
        done = subprocess.run(["node", "-e", JS, public / name], capture_output=True, text=True, check=True, timeout=60,
                              env={**os.environ, "NODE_PATH": str(tools.node_modules())})
        yield from ((f"{name} {guid}", link) for guid, link, _ in json.loads(done.stdout))


def main():
    binary, failures, polls = Path(sys.argv[1]).resolve(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        public = folder / "data/public"
        base = subscribers.serve(folder)
        subscribers.configure(folder, base, ("alpha", "beta"))
        clients = {"reader": Reader}
        if shutil.which("newsboat"):
            clients |= {"newsboat (RSS)": Newsboat, "newsboat (Atom)": functools.partial(Newsboat, name="atom.xml")}
        if shutil.which("sfeed_update"):
            clients["sfeed"] = Sfeed
        if len(clients) < 4:
            print("SKIPPED: newsboat or sfeed is not installed")
        clients = {name: make(folder, base) for name, make in clients.items()}
        clients["feedparser"] = ById(lambda: with_feedparser(base), 2)
        clients["rss-parser"] = ById(lambda: with_rss_parser(public), 2)
        before = {}
        for number, (now, alpha, beta, news) in enumerate(PASSES):
            (folder / "alpha.xml").write_text(feed("alpha", alpha))
            (folder / "beta.xml").write_text(feed("beta", beta))
            subscribers.run(binary, folder, now)
            failures += shows(public, number)
            before = date_files(public, now, before)
            for name, client in clients.items():
                polls += 1
                new = client.poll()
                if new != news * client.feeds:
                    failures += 1
                    print(f"FAIL {name}, pass {number + 1}: {new} items are new, not {news} in each of {client.feeds} feeds")
    print(f"{polls} polls by {', '.join(clients)}: {failures} failures")
    return failures > 0


def date_files(public, now, before):
    """Gives each file that changed the time of its pass: passes follow in less than the second that HTTP dates know."""
    files = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    for path, data in files.items():
        if before.get(path) != data:
            moment = datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp()
            os.utime(path, (moment, moment))
    return files


def shows(public, number):
    """From the second pass on the crane has two outlets and the ferry another title: else nothing was tested."""
    items = {item["title"]: item["_feedloom"]["sources"] for item in json.loads((public / "feed.json").read_bytes())["items"]}
    if number > 0 and (len(items[CRANE[1]]) != 2 or EDITED[1] not in items):
        print(f"FAIL pass {number + 1}: {items}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
