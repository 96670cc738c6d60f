#!/usr/bin/env python3
"""Hostile worlds, pass after pass: worlds.py BINARY [--worlds N] [--passes N] [--first N]

Each world has some sources that say whatever a feed can say wrongly (addresses, types, licences, languages, enclosures,
guids, dates, markup that quotes ours, declarations of rights) beside two that are well-behaved. Between passes entries come,
go and are edited, feeds.toml is edited, and the database is lost or restored from an older copy. After each pass:

- The run ends well: no output is refused as a whole, and each of them can be read.
- Whatever the two well-behaved sources announced is in `feed.json`.
- An item that was there is there still, or a rule says why it is not: that of the story in a dry run, the edit of feeds.toml
  that took all its sources away, or an edit that made something else of its entry, which `why` names.
- Half of the worlds have pages by templates that quote nothing, and feeds through a program that fails on some texts: what
  becomes active there, or cannot be filtered, is left out alone. All others that `feed.json` has are there.
- What was refused is named by the run, and by `status` after it.

Ends with "N worlds, N passes …"; exit code 1 where one of these does not hold. Fifty worlds take about a minute; more of
them are a run by hand: `--worlds 200`.
"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

BEGAN = datetime(2026, 11, 3, 12, tzinfo=timezone.utc)
SYLLABLES = "ba dor fen gim hul jas kor lim mot nar pel quo rus sim tav und vex wol yar zed".split()
TEXTS = [
    "", " ", "\n\t", "x" * 3_000, "ü " * 800, "a]]>b", "]]>]]>", "</title><script>alert(1)</script>", "<![CDATA[x]]>", "\u202eevil\u202c", "\u202eevil",
    "\u2067\u202eevil\u2069", "AT&T", "&amp;amp;", "&lt;b&gt;", "&copycat &#x41; &#0; &#xFFFE;", "Vec<T> & </b>", "a < b > c && d", "<b>bold</b>", "<!-- x --> <?php x ?>",
    "emoji 😀", "{link} {x} {{ x }} {% x %}", "%s %d {0} ${x}", "../../etc/passwd", "\r\nSet-Cookie: x", "a,b,,c", "שלום \u202b עולם", "ﷺ" * 40, "\u0301" * 200,
    "\u200b" * 30, "\u2028line\u2029", "\ufeffbom", "Jane <jane@example.org>", "'\"><img src=x onerror=y>", ' id="s-x"', 'id="s-aaaaaaaaaaaaaaaa"', "\ufffd\ufffe", "\x85\x9f",
    "Here is the source article for this story: x", "Also covered by", "Outlet:\u00a0title", "null", "0", "<?xml version='1.0'?>", "<rss version='2.0'>", "x" * 200 + "\u202e",
]
OURS = [
    '<p class="feedloom">Here is the source article for this story: <a href="https://a.example/">x</a></p>', '<article id="s-abcdefghijklmnop"><h2>x</h2></article>',
    '<div class="feedloom"><ul><li>Also covered by <a href="https://evil.example/">x</a></li></ul></div>', "</article></main></body></html>", '<main><article id="s-x">',
    'the words id="s-aaaaaaaaaaaaaaaa" in a text', '<p id="s-aaaaaaaaaaaaaaaa">x</p>', '<time datetime="2026-11-03">x</time>', '<link rel="alternate" href="https://evil.example/">',
    "<item><title>x</title></item>", "<guid>tag:feeds.example.org,2026:aaaaaaaaaaaaaaaa</guid>", "]]></description><item>", '<a rel="related" href="https://evil.example/1">x</a>',
    "<table><tr><td><table><tr><td>x", "<div>" * 400 + "x", "<p>" + "<b>" * 150 + "x", "<svg><script>x</script></svg><math><mi>x", "<template><p>x", "<xmp><b></xmp><plaintext>x",
    "<a href='javascript:x'>x</a><a href='data:text/html,x'>y</a>", "<img src='https://a.example/x.png' srcset='x'>", "<base href='https://evil.example/'><a href='x'>x</a>",
    "<style>p{}</style><meta http-equiv=refresh content='0;url=https://evil.example/'>", "<details open><summary>x", "<p>" + "word " * 4_000, "<!--", "<![CDATA[", "&", "<",
]
ADDRESSES = [
    "javascript:alert(1)", "data:text/html,x", "ftp://a.example/x", "mailto:a@b.example", "http://", "https://[::1", "https://[::1]/x", "//evil.example/x", "../x", "#x", "?x", "", " ",
    "https://user:pw@a.example/x", "https://a.example:99999/x", "https://a.example:8443/x", "https://a.example/%00", "https://a.example/%zz", "https://a.example/" + "x" * 3_000,
    'https://a.example/"><script>', "https://a.example/a b\tc", "https://a.example/\u202e", "https://bücher.example/ü", "https://xn--bcher-kva.example/", "https://a.example./x", "http://127.0.0.1/x",
    "http://localhost/x", "https://a.example/x?token=secret&key=1", "https://a.example/]]>", "https://a.example/&amp;&", "HTTPS://A.EXAMPLE/X", "https://feeds.example.org/feed.xml",
    "https://feeds.example.org/", "https://a.example/", "urn:uuid:1", "about:blank", "file:///etc/passwd", "https://.example/", "https://a..example/", "https://a.example/#s-aaaaaaaaaaaaaaaa",
]
TYPES = ["audio/mpeg", "AUDIO/MPEG", 'audio/mpeg; codecs="x"', '"><b>', "", "audio", "audio/", "/mpeg", "video/mp4\n", "image/png", "text/html", "x" * 500, "audio/\u202e"]
LENGTHS = ["1", "-1", "", "x", "99999999999999999999", "1e9", " 7 "]
LANGUAGES = ["en", "de-AT", "x-klingon", "zz-\"><", "de_AT", "", "x" * 200, "i-default", "\u202e", "en-US-x-twain", "C", "*"]
LICENCES = ["https://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by-nc-nd/3.0/de/", "CC BY", "javascript:x", "all rights reserved", "", "x" * 2_000,
            "https://creativecommons.org/licenses/by/4.0/ for excerpts only", "public domain", "\u202e", "https://a.example/]]>"]
RIGHTS = [
    "<itunes:block>yes</itunes:block>", "<itunes:block>\u202e</itunes:block>", "<tdm:reservation>1</tdm:reservation>", "<tdm:policy>javascript:x</tdm:policy>",
    '<rsl:content url="/"><rsl:license><rsl:prohibits>all</rsl:prohibits></rsl:license></rsl:content>', '<rsl:content url="/" type="x" rsl:type="y"><rsl:license/></rsl:content>',
    '<rsl:content url="\u202e"><rsl:license><rsl:permits type="usage" rsl:type="z">all</rsl:permits></rsl:license></rsl:content>', "<rsl:content/>" * 40,
    '<rsl:content url="https://a.example/"><rsl:license><rsl:payment type="purchase"><rsl:amount currency="\u202e">NaN</rsl:amount></rsl:payment></rsl:license></rsl:content>',
    '<rsl:content url="/"><x:y xmlns:x="urn:x" x:z="1">w</x:y></rsl:content>', "<access:restriction relationship=\"deny\"/>",
]
DATES = ["Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT", "2026-11-03T12:00:00+99:00", "Tue, 31 Feb 2026 25:61:00 XYZ"]
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:rsl="https://rslstandard.org/rsl" xmlns:tdm="http://www.w3.org/ns/tdmrep#" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:cc="http://backend.userland.com/creativeCommonsRssModule" xmlns:access="http://www.bloglines.com/about/specs/fac-1.0"'
)
OUTPUTS = [
    "", "",
    '[[output]]\nfile = "feed.json"\n[[output]]\nfile = "feed.xml"\n[[output]]\nfile = "atom.xml"\n[[output]]\nfile = "index.html"\n',
    '[[output]]\nfile = "feed.json"\nitems = 12\n[[output]]\nfile = "feed.xml"\nmax_bytes = "48 KiB"\n',
    '[[output]]\nfile = "feed.json"\n[[output]]\nfile = "some.xml"\ntags = ["some"]\n',
]
# Pages of operators who quote nothing, and a filter that fails on what it does not expect.
CARELESS = [
    '<p data-x={{ item.title }} id="s-{{ item.id }}"><a href="{{ item.url }}">x</a></p>',
    '<p id="s-{{ item.id }}" title={{ item.excerpt }}><a href="{{ item.url }}">x</a></p>',
    '<p id="s-{{ item.id }}"><a href="{{ item.url }}">x</a>{% for x in item.credits %}<img alt={{ x.title }}>{% endfor %}</p>',
    '<p id="s-{{ item.id }}"><a href="{{ item.url }}">x</a><a href="{{ item.title }}">y</a>{{ item.text }}</p>',
]
FAILING = "#!/bin/sh\ninput=$(cat)\ncase $input in *script*|*onclick*|*u202e*|*token*) exit 3;; esac\nprintf '%s' \"$input\"\n"
HOSTILE = ["x onclick=alert(1) y", "a id=s-aaaaaaaaaaaaaaaa b", "javascript:alert(1)", "x style=a onfocus=b autofocus", "onload=x srcdoc=y"]
SPECIAL = '[[output]]\nfile = "careless.html"\nitems = 300\ntemplate = "careless.tpl"\n[[output]]\nfile = "careful.json"\nfilter = ["./failing"]\nitems = 300\n'


def coined(chance):
    return "".join(chance.choices(SYLLABLES, k=4))


def attribute(text):
    return escape(text, {'"': "&quot;"})


class Item:
    def __init__(self, chance, source, number, well_behaved):
        self.chance, self.source, self.well_behaved = chance, source, well_behaved
        self.guid = f"{source}-{number}"
        self.title = " ".join(coined(chance) for _ in range(5))
        self.link = f"https://{source}.example/{number}"
        self.body = "<p>" + " ".join(coined(chance) for _ in range(30)) + "</p>"
        self.more, self.language, self.date = "", "", None
        if not well_behaved:
            for _ in range(chance.randrange(1, 4)):
                self.spoil()

    def spoil(self):
        chance = self.chance
        what = chance.randrange(13)
        if what == 0:
            self.title = chance.choice(TEXTS)
        elif what == 1:
            self.link = chance.choice(ADDRESSES)
        elif what == 2:
            self.body = chance.choice(OURS) + self.body
        elif what == 3:
            self.body += chance.choice(TEXTS)
        elif what == 4:
            self.guid = chance.choice([*TEXTS, *ADDRESSES])
        elif what == 5:
            self.more += f'<enclosure url="{attribute(chance.choice(ADDRESSES))}" type="{attribute(chance.choice(TYPES))}" length="{attribute(chance.choice(LENGTHS))}"/>'
        elif what == 6:
            self.more += f"<cc:license>{escape(chance.choice(LICENCES))}</cc:license><dc:rights>{escape(chance.choice(TEXTS))}</dc:rights>"
        elif what == 7:
            self.more += f"<dc:language>{escape(chance.choice(LANGUAGES))}</dc:language>"
        elif what == 8:
            self.more += chance.choice(RIGHTS)
        elif what == 9:
            self.more += f"<author>{escape(chance.choice(TEXTS))}</author><category>{escape(chance.choice(TEXTS))}</category>" * chance.choice([1, 30])
        elif what == 12:
            self.title = f"{coined(chance)} {chance.choice(HOSTILE)} {coined(chance)}"
        elif what == 10:
            self.date = chance.choice(DATES)
        else:
            self.more += (f'<comments>{escape(chance.choice(ADDRESSES))}</comments><media:content url="{attribute(chance.choice(ADDRESSES))}" medium="image"/>'
                          f'<source url="{attribute(chance.choice(ADDRESSES))}">{escape(chance.choice(TEXTS))}</source>')

    def rss(self, now):
        date = self.date if self.date is not None else format_datetime(now, usegmt=True)
        return (f"<item><title>{escape(self.title)}</title><link>{escape(self.link)}</link><guid isPermaLink=\"false\">{escape(self.guid)}</guid><pubDate>{escape(date)}</pubDate>"
                f"<description>{escape(self.body)}</description>{self.more}</item>")


class Source:
    def __init__(self, chance, name, well_behaved):
        self.chance, self.name, self.well_behaved, self.items, self.made = chance, name, well_behaved, [], 0
        self.title, self.link, self.more = f"Outlet {name}", f"https://{name}.example/", ""
        if not well_behaved and chance.random() < 0.5:
            self.title, self.link = chance.choice(TEXTS), chance.choice(ADDRESSES)
            self.more = (f"<language>{escape(chance.choice(LANGUAGES))}</language><copyright>{escape(chance.choice(TEXTS))}</copyright>"
                         f"<cc:license>{escape(chance.choice(LICENCES))}</cc:license>" + chance.choice(["", *RIGHTS]))

    def step(self, now):
        chance = self.chance
        if not self.well_behaved:
            for item, _ in self.items:
                if chance.random() < 0.15:
                    item.spoil()
            self.items = [item for item in self.items if chance.random() > 0.05]
        for _ in range(1 if self.well_behaved else chance.choice([0, 1, 2, 3, 12])):
            self.made += 1
            self.items.append((Item(chance, self.name, self.made, self.well_behaved), now - timedelta(minutes=chance.randrange(1, 50))))
        self.items = self.items[-40:]

    def document(self):
        items = "".join(item.rss(when) for item, when in self.items)
        text = (f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {NAMESPACES}><channel><title>{escape(self.title)}</title><link>{escape(self.link)}</link>'
                f"{self.more}{items}</channel></rss>")
        return text.encode("utf-8", "surrogatepass")


class World:
    def __init__(self, binary, number):
        self.binary, self.number, self.chance = binary, number, random.Random(number)
        self.folder = Path(tempfile.mkdtemp(prefix="feedloom-world-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        count = self.chance.randrange(4, 10)
        self.sources = [Source(self.chance, f"s{at}", at < 2) for at in range(count)]
        self.keys = {source.name: self.chance.choice(["", 'tags = ["some"]', 'republish = "full"', "weight = 9", 'kind = "aggregator"', "trusted = true"]) if at > 1 else 'tags = ["some"]'
                     for at, source in enumerate(self.sources)}
        self.isolated = 0
        self.is_careless = self.chance.random() < 0.5
        self.outputs, self.copies, self.complaints, self.before, self.refused, self.passes, self.was_small = self.chance.choice(OUTPUTS), [], [], {}, 0, 0, False

    def write_config(self):
        toml = 'title = "T"\nlink = "https://feeds.example.org/"\n'
        for source in self.sources:
            if source.name in self.keys:
                toml += f'[[source]]\nid = "{source.name}"\nurl = "file:{source.name}.xml"\n{self.keys[source.name]}\n'
        outputs = self.outputs or OUTPUTS[2]
        (self.folder / "feeds.toml").write_text(toml + (outputs + SPECIAL if self.is_careless else self.outputs))
        if self.is_careless:
            template = "<!doctype html>\n<html lang=en><meta charset=utf-8><title>t</title>{% for day in days %}{% for item in day.items %}" + CARELESS[self.number % len(CARELESS)]
            (self.folder / "careless.tpl").write_text(template + "{% endfor %}{% endfor %}</html>\n")
            (self.folder / "failing").write_text(FAILING)
            (self.folder / "failing").chmod(0o755)

    def command(self, *arguments):
        return subprocess.run([self.binary, "--config", str(self.folder / "feeds.toml"), *arguments], capture_output=True, text=True, errors="replace", timeout=120)

    def edit_config(self):
        """One edit; returns what it was."""
        names = [source.name for source in self.sources[2:]]
        name, what = self.chance.choice(names), self.chance.randrange(6)
        if what == 0 and name in self.keys:
            del self.keys[name]
            return f"{name} is removed"
        if what == 1:
            self.outputs = self.chance.choice(OUTPUTS)
            return "other outputs"
        self.keys[name] = self.chance.choice(["", 'republish = "headline"', 'republish = "full"', 'kind = "aggregator"', "weight = 3", 'exclude = [{ field = "title", contains = "ba" }]', "max_items = 2", 'tags = ["some"]'])
        return f"{name}: {self.keys[name]}"

    def lose(self):
        data = self.folder / "data"
        for file in data.glob("feedloom.db*"):
            file.unlink()
        if self.chance.random() < 0.5 and self.copies:
            shutil.copyfile(self.chance.choice(self.copies), data / "feedloom.db")
            return "an older database"
        return "no database"

    def once(self, number):
        now = BEGAN + timedelta(hours=number)
        happened = []
        if number and self.chance.random() < 0.25:
            happened.append(self.edit_config())
        if number and self.chance.random() < 0.2:
            happened.append(self.lose())
        self.write_config()
        self.was_small = self.was_small or "items = " in self.outputs
        for source in self.sources:
            source.step(now)
            (self.folder / f"{source.name}.xml").write_bytes(source.document())
        stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        done = self.command("run", "--all", "--now", stamp)
        self.passes += 1
        if done.returncode or "panicked" in done.stderr:
            return self.complain(number, happened, f"exit {done.returncode}: {done.stderr[-600:]}")
        self.look(number, happened, stamp, done)
        if self.chance.random() < 0.3:
            copy = self.folder / f"copy{number}.db"
            self.command("backup", str(copy))
            if copy.exists():
                self.copies.append(copy)

    def look(self, number, happened, stamp, done):
        public = self.folder / "data" / "public"
        for file in public.iterdir():
            try:
                if file.suffix in (".xml", ".opml"):
                    ET.parse(file)
                elif file.suffix == ".json":
                    json.loads(file.read_text())
            except Exception as error:
                self.complain(number, happened, f"{file.name} cannot be read: {error}")
        if not (public / "feed.json").exists():
            return self.complain(number, happened, "no feed.json")
        items = {item["id"]: item for item in json.loads((public / "feed.json").read_text())["items"]}
        gone = [item for id, item in self.before.items() if id not in items]
        told = {source["url"] for item in items.values() for source in item["_feedloom"]["sources"]}
        missing = [f"{item.link} {item.title}" for source in self.sources[:2] for item, _ in source.items if item.link not in told]
        if gone or missing:
            told = self.dry_run(stamp)
            verdicts = {story["story"]: story for output in told["outputs"] if output["file"] == "feed.json" for story in output["stories"]}
            held_back = {entry[key] for entry in told["held_back"] for key in ("title", "url")}
            for item in gone:
                verdict = verdicts.get(item["id"].rsplit("/", 1)[-1], {})
                sources = {source["id"] for source in item["_feedloom"]["sources"]}
                is_told = verdict.get("rule") or not held_back.isdisjoint({item["title"], item["url"]})
                is_told = is_told or f"left story {item['id'].rsplit('/', 1)[-1]}" in self.command("why", item["url"], "--now", stamp).stdout
                if not is_told and sources & set(self.keys):
                    self.complain(number, happened, f"{item['title'][:60]!r} ({item['url'][:80]}, {sources}) is gone: {verdict or 'no verdict'}")
            # What once found no room counts as announced.
            if not self.was_small:
                for text in missing:
                    self.complain(number, happened, f"not there: {text}")
        refused = [line for line in done.stderr.splitlines() if "the gate refuses it" in line]
        self.refused += len(refused)
        if refused:
            status = self.command("status", "--now", stamp).stdout
            titles = {line.split(": ", 2)[2].split(" is left out, the gate refuses it")[0] for line in refused}
            for title in titles:
                if f"{title} is left out of" not in status and " more" not in status:
                    self.complain(number, happened, f"status does not name {title}")
        if self.is_careless and not self.was_small:
            self.look_at_special(number, happened, done, items)
        self.before = items

    def look_at_special(self, number, happened, done, items):
        """What the well-behaved announced, as far as `feed.json` has it for itself, is on the careless page, too, unless it is
        named; and in the filtered feed, where nothing of others that the filter cannot take is in its item."""
        public = self.folder / "data" / "public"
        page = (public / "careless.html").read_text() if (public / "careless.html").exists() else ""
        filtered = {item["id"] for item in json.loads((public / "careful.json").read_text())["items"]} if (public / "careful.json").exists() else set()
        own = {item.link for source in self.sources[:2] for item, _ in source.items}
        for item in items.values():
            if item["url"] not in own or len(item["_feedloom"]["sources"]) > 1:
                continue
            if f'id="s-{item["id"].rsplit("/", 1)[-1]}"' not in page:
                self.complain(number, happened, f"not on the careless page: {item['title'][:80]} {item['url']}")
            if item["id"] not in filtered:
                self.complain(number, happened, f"not in the filtered feed: {item['title'][:80]} {item['url']}")
        named = [line for line in done.stderr.splitlines() if "is left out, the gate refuses it" in line and "careless.html" in line]
        self.isolated += bool(named) and bool(page)

    def dry_run(self, stamp):
        done = self.command("run", "--dry-run", "--json", "--offline", "--now", stamp)
        return json.loads(done.stdout) if done.returncode == 0 else {"outputs": [], "held_back": []}

    def complain(self, number, happened, text):
        self.complaints.append(f"pass {number} ({', '.join(happened) or 'as before'}): {text}")


def run(binary, number, passes):
    world = World(binary, number)
    try:
        for at in range(passes):
            world.once(at)
            if world.complaints:
                break
        return number, world.passes, (world.refused, world.isolated), world.complaints
    finally:
        shutil.rmtree(world.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--passes", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.worlds)
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda number: run(options.binary, number, options.passes), numbers))
    wrong = [(number, complaints) for number, _, _, complaints in results if complaints]
    for number, complaints in wrong[:10]:
        print(f"world {number}:", *complaints[:4], sep="\n  ")
    print(f"{len(results)} worlds, {sum(passes for _, passes, _, _ in results)} passes, "
          f"{sum(refused for _, _, (refused, _), _ in results)} items refused by name in {sum(of for _, _, (_, of), _ in results)} documents that went out without them, "
          f"{len(wrong)} worlds wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
