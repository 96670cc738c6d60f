#!/usr/bin/env python3
"""How many instructions reading, weaving, publishing and articles take: quality/instructions.py BINARY [--write]

Forty feeds of twenty entries each, always the same, are read from files, woven and published; then one entry of each of eleven
feeds is edited, read and published again; the articles of ten pages are found. Callgrind counts what the program executes, which
other work on the machine does not change. A count above its bound (and 3 % for threads) in three tries fails; one far below it asks for a new bound.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Millions of instructions of the release build on x86-64.
BOUNDS = {
    "read 40 feeds of 20 entries": 150,
    # What weaving writes of a story tells its page, if it has one.
    "weave 800 entries": 435,
    # With a page for each of 300 stories, some 0.75 million each, and one for each of 40 sources, some 5 million each with
    # their items: rendered, parsed back, written.
    "publish 300 items": 1405,
    "read again, nothing new": 50,
    "read again, 11 entries edited": 69,
    # Eleven pages of stories and eleven of sources among it, what is known of the others, and a look for texts that are denied
    # by now.
    "publish 11 changed items": 873,
    "weave 2,000 entries in memory": 410,
    "find the articles of 10 pages": 399,
}
SLACK, LOWER, TRIES = 1.03, 0.9, 3
NOW = ["2026-10-10T00:00:00Z", "2026-10-10T01:00:00Z", "2026-10-10T02:00:00Z"]
SOURCES, ENTRIES, EDITED = 40, 20, 11


def feed(source, edited):
    """The feed of one source, its first entry edited or not."""
    parts = [f'<rss version="2.0"><channel><title>Outlet {source}</title><link>https://outlet-{source}.example/</link>']
    for entry in range(ENTRIES):
        number = source * ENTRIES + entry
        thing = number // 3 if number % 3 else number
        more = " It was edited." if edited and entry == 0 else ""
        text = (
            f"<p>Report {number} tells of thing {thing * 7919 % 10007} &amp; of what its makers say of it at length. It was seen "
            f"in town {thing * 31 % 997}, where {number} people came to look.{more}</p><p>A second paragraph with a "
            f'<a href="https://outlet-{source}.example/more/{entry}">link</a> and <em>stress</em>.</p>'
        )
        parts.append(
            f"<item><title>Thing {thing * 7919 % 10007} of maker {thing * 131 % 1009} is seen in town {thing * 31 % 997}</title>"
            f"<link>https://outlet-{source}.example/{entry}</link>"
            f"<pubDate>Fri, 09 Oct 2026 {entry:02}:{source:02}:00 GMT</pubDate>"
            f"<description><![CDATA[{text}]]></description></item>"
        )
    return "".join(parts) + "</channel></rss>"


def rows():
    """Entries for `weave --jsonl`: two thousand over two days, every third tells what others tell."""
    for number in range(2000):
        event = number - number % 3 if number % 9 < 6 else number
        words = " ".join(f"wort{event * 7919 % 9973 + part * 31 % 50}" for part in range(5))
        own = " ".join(f"ding{(number * 104729 + part * 7907) % 4001}" for part in range(20))
        yield (
            f'{{"id":"{number}","title":"Maker {words} shows ding{number % 997}","summary":"The {words} of {own}",'
            f'"url":"https://outlet-{number % 40}.example/{number}","publisher":"outlet-{number % 40}.example",'
            f'"published":"2026-10-0{8 + number // 1000}T{number % 1000 * 24 // 1000:02}:{number % 60:02}:00Z","set":"made"}}'
        )


def page(number):
    """A page as news sites make them: a header, a bar of links, an article with pictures and boxes in it, teasers, comments."""
    link = lambda at, words: f'<li class="item"><a href="/{number}/{at}">{words}</a></li>'
    bar = "".join(link(at, f"Section {at}") for at in range(20))
    parts = [
        f"<!doctype html><html><head><title>Thing {number} is seen | Outlet</title><meta property='og:title' content='Thing {number} is seen'>"
        f"</head><body><header class='top'><div class='logo'>Outlet</div><nav><ul>{bar}</ul></nav></header><main><article class='story-body'>"
        f"<h1>Thing {number} is seen</h1><p class='byline'>By Ann Author, 9 October 2026</p>"
    ]
    for at in range(20):
        parts.append(
            f"<p>The makers of thing {number * 7919 % 10007} say, in part {at}, that it was seen in town {at * 31 % 997} by {at + 2} people, "
            f"<a href='/more/{at}'>some of whom</a> had come a long way. <em>Nobody</em> else was there, it is said.</p>"
        )
        if at % 7 == 3:
            parts.append(f"<figure><img src='/{at}.jpg' alt='Town {at}'><figcaption>Town {at}. Photo: P. Hotographer</figcaption></figure>")
        if at % 9 == 5:
            parts.append("<aside class='newsletter'><h3>Sign up for our newsletter</h3><form><input><button>Go</button></form></aside>")
    teasers = "".join(
        f"<div class='card teaser'><h3><a href='/t/{at}'>Other thing {at} in town {at * 17 % 89}</a></h3><p>It was seen, too, by {at} people.</p></div>"
        for at in range(25)
    )
    comments = "".join(f"<div class='comment'><b>user{at}</b><p>I saw it, too, {at} years ago.</p><a href='#'>Reply</a></div>" for at in range(20))
    parts.append(
        f"</article><section class='related'><h2>Read next</h2>{teasers}</section><section id='comments'>{comments}</section></main>"
        f"<footer><ul>{bar}</ul><p>© Outlet 2026. All rights reserved.</p></footer></body></html>"
    )
    return "".join(parts)


class Rig:
    """A folder with the feeds, and the counts so far."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.counts = binary, folder, {}
        toml = ['title = "Counted"', 'link = "https://feeds.example.org/"', "[defaults]", "excerpt_length = 100"]
        for file in ("feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml"):
            toml += ["[[output]]", f'file = "{file}"', "items = 300"]
        for source in range(SOURCES):
            toml += ["[[source]]", f'id = "s{source}"', f'url = "{(folder / f"{source}.xml").as_uri()}"']
        (folder / "feeds.toml").write_text("\n".join(toml) + "\n")
        self.write(())

    def write(self, edited):
        for source in range(SOURCES):
            (self.folder / f"{source}.xml").write_text(feed(source, source in edited))

    def count(self, what, *words, asks=None):
        """Runs the program on the folder as it stands and counts its instructions, in millions; again while they are too many."""
        before = self.folder.with_name(self.folder.name + "-before")
        shutil.copytree(self.folder, before)
        counts = []
        while len(counts) < TRIES and min(counts, default=BOUNDS[what] + 1) > BOUNDS[what]:
            if counts:
                shutil.rmtree(self.folder)
                shutil.copytree(before, self.folder)
            counts.append(self.count_once(what, *words, asks=asks))
        self.counts[what] = min(counts)
        shutil.rmtree(before)

    def count_once(self, what, *words, asks):
        """Runs the program, asks it on its standard input and counts its instructions, in millions."""
        line = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self.binary, *words]
        done = subprocess.run(line, cwd=self.folder, input=asks, capture_output=True, text=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode or not found:
            sys.exit(f"{what}: {' '.join(words)} ended with {done.returncode}\n{done.stderr[-2000:]}")
        return int(found[1]) / 1e6

    def run(self):
        verb = lambda name, now, *more: ("--config", "feeds.toml", name, *more, "--now", NOW[now])
        self.count("read 40 feeds of 20 entries", *verb("gather", 0))
        self.count("weave 800 entries", *verb("weave", 0))
        self.count("publish 300 items", *verb("publish", 0))
        self.count("read again, nothing new", *verb("gather", 1, "--all"))
        self.write(range(EDITED))
        self.count("read again, 11 entries edited", *verb("gather", 2, "--all"))
        subprocess.run([self.binary, *verb("weave", 2)], cwd=self.folder, check=True, capture_output=True)
        self.count("publish 11 changed items", *verb("publish", 2))
        (self.folder / "rows.jsonl").write_text("\n".join(rows()) + "\n")
        self.count("weave 2,000 entries in memory", "weave", "--jsonl", "rows.jsonl", "--publish-every", "1h")
        asks = []
        for number in range(10):
            (self.folder / f"{number}.html").write_text(page(number))
            url = f"https://outlet.example/{number}"
            asks.append(json.dumps({"id": str(number), "url": url, "file": str(self.folder / f"{number}.html")}) + "\n")
        self.count("find the articles of 10 pages", "inspect", "--article", "--server", asks="".join(asks))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--write", action="store_true", help="put the counts into this file where they are below their bounds")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("SKIPPED: valgrind is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(str(pathlib.Path(options.binary).resolve()), pathlib.Path(folder))
        rig.run()
    failed = False
    for what, count in rig.counts.items():
        bound = BOUNDS[what]
        is_more = count > bound * SLACK
        failed |= is_more
        word = "MORE THAN BEFORE" if is_more else "ok, lower the bound" if count < bound * LOWER else "ok"
        print(f"{what:<36} {count:>8.1f} million instructions, bound {bound:>6}: {word}")
    if options.write:
        path = pathlib.Path(__file__)
        text = path.read_text()
        for what, count in rig.counts.items():
            if not BOUNDS[what] or count < BOUNDS[what]:
                text = re.sub(rf'("{re.escape(what)}": )\d+', rf"\g<1>{round(count + 0.5)}", text)
        path.write_text(text)
    elif failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
