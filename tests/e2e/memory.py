#!/usr/bin/env python3
"""What a document of 10 MiB costs in memory: memory.py BINARY [--only TEXT] [--seconds N]

Serves documents of nearly `max_body` in many shapes from loopback: feeds as XML and JSON, pages, robots.txt and
tdmrep.json, each for one source. The peak of a pass over it, less that of a pass over a small document of its kind, is
at most 64 MiB. Then one pass over 50 such documents at once, on two cores: at most 300 MiB. Everything is sent packed,
as it would be over the network. Prints a table; exit code 1 where something costs more, or the whole takes longer than
--seconds (600), so that nobody waits for ever.
"""
import argparse
import gzip
import http.server
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

MIB = 1024 * 1024
SIZE = 10 * MIB - 2048
# Larger pages are not read: the program stops there itself.
PAGE_SIZE = 3 * MIB - 2048
# Fifty at once are measured as a whole: what is in flight, and what waits to be saved.
MOST_OF_ONE, MOST_OF_FIFTY, FIFTY = 64, 300, 50
NOW = "2026-11-02T10:00:00Z"
GOOD = "<item><guid>good</guid><title>Good news of the day</title><link>{link}</link><description>Words of it.</description></item>"


def repeated(piece, size):
    """`piece` (a function of a number, or a text) again and again, up to `size` bytes."""
    if not piece:
        return ""
    if isinstance(piece, str):
        return piece * (size // len(piece.encode()))
    parts, length, number = [], 0, 0
    while length < size:
        parts.append(piece(number))
        length += len(parts[-1].encode())
        number += 1
    return "".join(parts[:-1])


def rss(inside, head="", after=""):
    start = f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>T</title><link>http://t.example/</link>'
    start += GOOD.format(link="http://t.example/good")
    end = "</channel></rss>" + after
    return start + (repeated(inside, SIZE - len(start) - len(end)) if not isinstance(inside, tuple) else inside[0]) + end


def in_item(inside, before="", after=""):
    head = f"<item><guid>big</guid><title>Big</title><link>http://t.example/big</link>{before}"
    return rss((head + repeated(inside, SIZE - 1500 - len(before) - len(after)) + after + "</item>",))


def json_feed(inside, before='"items":[', after="]"):
    start, end = '{"version":"https://jsonfeed.org/version/1.1","title":"T",' + before, after + "}"
    return start + repeated(inside, SIZE - len(start) - len(end) - 64).rstrip(",") + end


def page(inside, head="", before="", after=""):
    start = f"<!doctype html><html><head><title>P</title>{head}</head><body><article><h1>P</h1>{before}"
    prose = "<p>" + "The council met in the old hall and voted for the new bridge over the river. " * 20 + "</p>"
    end = f"{after}{prose}</article></body></html>"
    return start + (repeated(inside, PAGE_SIZE - len(start) - len(end)) if inside else "") + end


def deep(open_, close, size=SIZE):
    count = (size - 4000) // (len(open_) + len(close))
    return open_ * count, close * count


def feeds():
    opened, closed = deep("<a>", "</a>")
    yield "xml: elements, 1.5 million deep", rss((opened + closed,))
    yield "xml: an item with 900,000 attributes", rss(("<item " + repeated(lambda n: f"a{n}='' ", SIZE - 900) + "/>",))
    yield "xml: elements with 30 attributes each", rss(lambda n: "<x " + " ".join(f"a{i}='{n}'" for i in range(30)) + "/>")
    yield "xml: 10 million/7 empty items", rss("<item/>")
    yield "xml: many tiny items", rss(lambda n: f"<item><title>t{n}</title><link>http://t.example/{n}</link></item>")
    yield "xml: one long title", in_item("x", "<description>d</description><title>", "</title>")
    yield "xml: one long word in a text", in_item("x", "<description>", "</description>")
    yield "xml: a text of entities", in_item("&amp;lt;", "<description>", "</description>")
    yield "xml: a text of character references", in_item("&#x26;#38;", "<description>", "</description>")
    yield "xml: a text of tiny elements", in_item("&lt;b/&gt;", "<description>", "</description>")
    yield "xml: a text of empty paragraphs", in_item("<p>", "<description><![CDATA[", "]]></description>")
    opened, closed = deep("<b>", "</b>")
    yield "xml: a text nested 1.4 million deep", in_item("", "<description><![CDATA[" + opened, closed + "]]></description>")
    yield "xml: a text of a table", in_item("<tr><td>1", "<description><![CDATA[<table>", "]]></description>")
    yield "xml: a text of links", in_item(lambda n: f"<a href='/{n}'>x</a> ", "<description><![CDATA[", "]]></description>")
    yield "xml: a text of pictures", in_item(lambda n: f"<img src='/{n}.png'>", "<description><![CDATA[", "]]></description>")
    yield "xml: categories", in_item(lambda n: f"<category>c{n}</category>")
    yield "xml: enclosures", in_item(lambda n: f"<enclosure url='http://t.example/{n}.mp3' length='1' type='audio/mpeg'/>")
    yield "xml: authors and links", in_item(lambda n: f"<author>a{n}</author><link>http://t.example/{n}</link>")
    for what, part in (
        ("links", "<link>a{i}</link>"), ("categories", "<category>a{i}</category>"), ("enclosures", "<enclosure url='a{i}'/>"),
        ("authors", "<author>a{i}</author>"), ("contents", "<content:encoded>a{i}</content:encoded>"),
        ("media", "<media:content url='a{i}'/>"), ("thumbnails", "<media:thumbnail url='a{i}'/>"),
        ("licences", "<license>http://a/{i}</license>"), ("Atom links", "<atom:link href='a{i}' rel='x'/>"),
    ):
        for count in (4, 30, 190):
            inside = "".join(part.format(i=i) for i in range(count))
            yield f"xml: many items with {count} {what}", rss(lambda n: f"<item><guid>{n}</guid>{inside}</item>")
    yield "xml: namespaces", rss(lambda n: f"<x xmlns:n{n}='http://n.example/{n}'/>")
    yield "xml: comments", rss("<!---->")
    yield "xml: processing instructions", rss("<?a b?>")
    yield "xml: declared entities", rss(("",), "<!DOCTYPE rss [" + repeated(lambda n: f"<!ENTITY e{n} 'v'>", SIZE - 900) + "]>")
    yield "xml: xhtml in Atom", ("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>u:1</id><entry><id>u:2</id><title>A</title>"
                                 "<link href='http://t.example/a'/><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
                                 + repeated("<i>x</i>", SIZE - 900) + "</div></content></entry></feed>")
    yield "xml: UTF-16", "\ufeff" + rss(lambda n: f"<item><title>t{n}</title><link>http://t.example/{n}</link></item>")[: SIZE // 2 - 100]
    yield "json: empty objects", json_feed("{},")
    yield "json: empty objects in an unknown key", json_feed("{},", '"items":[],"x":[')
    yield "json: nested arrays", (lambda d: json_feed("", '"items":[],"x":' + d[0], d[1]))(deep("[", "]"))
    yield "json: nested objects", (lambda d: json_feed("", '"items":[],"x":' + d[0] + "1", d[1]))(deep('{"a":', "}"))
    yield "json: long keys", json_feed(lambda n: '{"id":"%d","%s":1},' % (n, "k" * 60_000))
    yield "json: one key of 10 MB", json_feed("k", '"items":[],"', '":1')
    yield "json: an item of many keys", json_feed(lambda n: f'"k{n}":0,', '"items":[{"id":"1","url":"http://t.example/1","title":"t",', "}]")
    yield "json: many tiny items", json_feed(lambda n: f'{{"id":"{n}","url":"http://t.example/{n}","title":"t"}},')
    for what, key, part in (
        ("authors", "authors", '{{"name":"{i}"}}'), ("attachments", "attachments", '{{"url":"a{i}","mime_type":"a/b"}}'),
        ("tags", "tags", '"{i}"'), ("objects", "x", "{{}}"), ("keys", "x", '{{"{i}":1}}'),
    ):
        for count in (4, 30, 190):
            inside = ",".join(part.format(i=i) for i in range(count))
            yield f"json: many items with {count} {what}", json_feed(lambda n: '{"id":"%d","url":"http://t.example/%d","%s":[%s]},' % (n, n, key, inside))
    yield "json: an item of authors", json_feed(lambda n: f'{{"name":"a{n}"}},', '"items":[{"id":"1","url":"http://t.example/1","title":"t","authors":[', "]}]")
    yield "json: an item of attachments", json_feed(lambda n: f'{{"url":"http://t.example/{n}","mime_type":"a/b"}},', '"items":[{"id":"1","url":"http://t.example/1","title":"t","attachments":[', "]}]")
    yield "json: an item of tags", json_feed('"",', '"items":[{"id":"1","url":"http://t.example/1","title":"t","tags":[', "]}]")
    yield "json: one long text of escapes", json_feed("\\u003cb\\u003e", '"items":[{"id":"1","url":"http://t.example/1","title":"t","content_html":"', '"}]')
    yield "json: numbers", json_feed("1,", '"items":[],"x":[')
    yield "json: a list of nulls as items", json_feed("null,")


def pages():
    yield "page: a table of many cells", page("<td>1", before="<table>")
    yield "page: a table of many rows", page("<tr><td>a<td>b", before="<table><tr><th>A<th>B")
    yield "page: tables in tables", page("<table><tr><td>")
    yield "page: many paragraphs", page("<p>Word")
    yield "page: many empty elements", page("<b></b>")
    opened, closed = deep("<div>", "</div>", PAGE_SIZE)
    yield "page: 280,000 deep", page("", before=opened, after=closed)
    yield "page: formatting that is never closed", page("<p><b><i><u>x")
    yield "page: many attributes", page("", before="<div " + repeated(lambda n: f"a{n} ", PAGE_SIZE - 4000) + ">")
    yield "page: elements with many attributes", page(lambda n: "<i " + " ".join(f"a{i}={n}" for i in range(20)) + "></i>")
    yield "page: one long word", page("x")
    yield "page: entities", page("&eacute;")
    yield "page: lists", page("<ul><li>x")
    yield "page: links", page(lambda n: f"<a href=/{n}>x</a> ")
    yield "page: meta", page("", head=repeated(lambda n: f"<meta name=a{n} content=b>", PAGE_SIZE - 4000))
    yield "page: JSON-LD of empty objects", page("", head='<script type="application/ld+json">[' + repeated("{},", PAGE_SIZE - 4000) + "{}]</script>")
    yield "page: JSON-LD nested", page("", head='<script type="application/ld+json">' + "".join(deep("[", "]", PAGE_SIZE - 4000)) + "</script>")
    yield "page: a script", page("", head="<script>" + repeated("a=1;", PAGE_SIZE - 4000) + "</script>")
    yield "page: a style", page("", head="<style>" + repeated("a{b:c}", PAGE_SIZE - 4000) + "</style>")
    yield "page: comments", page("<!---->")
    yield "page: options", page("<option>x", before="<select>")
    yield "page: formulas", page("<math><mi>x</mi></math>")


def host_files():
    yield "robots: rules", "/robots.txt", "User-agent: *\n" + repeated(lambda n: f"Disallow: /x/{n}\n", SIZE)
    yield "robots: groups", "/robots.txt", repeated(lambda n: f"User-agent: b{n}\nDisallow: /\n", SIZE)
    yield "robots: our name again and again", "/robots.txt", repeated("User-agent: feedloom\nAllow: /\n", SIZE)
    yield "robots: one line", "/robots.txt", "User-agent: *\nDisallow: /" + "x" * (SIZE - 40)
    yield "robots: stars", "/robots.txt", "User-agent: *\n" + repeated("Disallow: /*a*b*c*d*e*\n", SIZE)
    yield "robots: Content-Signal", "/robots.txt", "User-agent: *\n" + repeated("Content-Signal: search=yes, ai-train=no\n", SIZE)
    yield "robots: empty lines", "/robots.txt", "\n" * SIZE
    yield "robots: sitemaps", "/robots.txt", repeated(lambda n: f"Sitemap: http://t.example/{n}\n", SIZE)
    tdm = "/.well-known/tdmrep.json"
    yield "tdmrep: empty objects", tdm, "[" + repeated("{},", SIZE) + "{}]"
    yield "tdmrep: rules", tdm, "[" + repeated(lambda n: f'{{"location":"/{n}","tdm-reservation":0}},', SIZE - 100).rstrip(",") + "]"
    yield "tdmrep: nested arrays", tdm, "".join(deep("[", "]"))
    yield "tdmrep: long keys", tdm, "[" + repeated(lambda n: '{"%s":1},' % ("k" * 60_000), SIZE - 100).rstrip(",") + "]"
    yield "tdmrep: numbers", tdm, "[" + repeated("1,", SIZE) + "1]"


# Starts the program from a small process, on two cores: the peak of a child counts what its parent held when it forked.
LAUNCHER = """
import os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
child = os.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print()
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
"""


class Host(http.server.ThreadingHTTPServer):
    """What is served, by path; a body is packed once."""
    daemon_threads, request_queue_size = True, 128

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, body = self.server.bodies.get(self.path, ("text/plain", None))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Connection", "close")
                if body:
                    self.send_header("Content-Encoding", "gzip")
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def put(self, path, kind, text):
        encoded = text.encode("utf-16-le" if text.startswith("\ufeff") else "utf-8")
        self.bodies[path] = (kind, gzip.compress(encoded, 1))


def kind_of(text):
    return "application/feed+json" if text.startswith("{") else "application/xml"


class Memory:
    def __init__(self, binary, only):
        self.binary, self.only, self.rows, self.failed = binary, only, [], 0

    def peak(self, host, feeds, article="never"):
        """The peak of a pass over `feeds` in MiB, its seconds, and what it said."""
        with tempfile.TemporaryDirectory() as folder:
            toml = 'title = "M"\n[fetch]\nallow = ["127.0.0.1"]\nspacing = "0s"\ntimeout = "60s"\n'
            for number, path in enumerate(feeds):
                toml += f'[[source]]\nid = "s{number}"\nurl = "{host.url(path)}"\narticle = "{article}"\n'
            (Path(folder) / "feeds.toml").write_text(toml)
            command = [self.binary, "--config", f"{folder}/feeds.toml", "run", "--all", "--now", NOW, "--allow-clock", "--json"]
            return self.measured(command)

    def measured(self, command):
        """The peak of `command` in MiB, its seconds, and what it said."""
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, *command], capture_output=True, text=True)
        code, peak_kib = map(int, done.stdout.splitlines()[-1].split())
        told = done.stdout + done.stderr
        if code < 0 or "panicked" in told:
            self.fault(f"the program died ({code}): {told[-300:]}")
        return peak_kib / 1024, time.monotonic() - begun, told

    def fault(self, what):
        self.failed += 1
        print(f"  FAILED {what}", flush=True)

    def one(self, what, host, feeds, idle, article="never"):
        if self.only not in what:
            return
        peak, took, told = self.peak(host, feeds, article)
        self.rows.append((peak - idle, took, what))
        print(f"  {peak - idle:6.1f} MiB {took:5.1f} s  {what}", flush=True)
        if peak - idle > MOST_OF_ONE:
            self.fault(f"{what}: {peak - idle:.0f} MiB above idle")
        if article != "never" and '"kept":1,' not in told:
            self.fault(f"{what}: its page was not read")

    def all(self):
        host = Host()
        small = rss(("",))
        host.put("/small", "application/xml", small)
        idle = min(self.peak(host, ["/small"])[0] for _ in range(3))
        print(f"a pass over a small feed: {idle:.1f} MiB", flush=True)
        big = []
        for what, text in feeds():
            if self.only in what or len(big) < 13:
                path = f"/{len(host.bodies)}"
                host.put(path, kind_of(text), text)
                big.append(path)
                self.one(what, host, [path], idle)
        with_page = small.replace("http://t.example/good", host.url("/page"))
        host.put("/one", "application/xml", with_page)
        host.put("/page", "text/html", page("")[:3000])
        idle_page = min(self.peak(host, ["/one"], "always")[0] for _ in range(3))
        print(f"a pass over a small page: {idle_page:.1f} MiB", flush=True)
        heavy = []
        for what, text in pages():
            if self.only in what or len(heavy) < 6:
                host.put("/page", "text/html", text)
                heavy.append(host.bodies["/page"])
                self.one(what, host, ["/one"], idle_page, "always")
        host.put("/page", "text/html", page("")[:3000])
        for what, path, text in host_files():
            if self.only in what:
                host.put(path, "application/json" if "tdm" in path else "text/plain", text)
                self.one(what, host, ["/one"], idle_page, "always")
                del host.bodies[path]
        self.fifty(host, big, heavy)
        return 1 if self.failed else 0

    def fifty(self, host, big, heavy):
        """Feeds, and feeds with pages, all at once."""
        if self.only not in "fifty at once":
            return
        hosts = [Host() for _ in range(FIFTY)]
        toml = 'title = "M"\n[fetch]\nallow = ["127.0.0.1"]\nspacing = "0s"\ntimeout = "120s"\nparallelism = 64\n'
        for number, one in enumerate(hosts):
            one.bodies = {"/feed": host.bodies[big[number % len(big)]], "/page": heavy[number % len(heavy)]}
            one.put("/robots.txt", "text/plain", "User-agent: *\n" + repeated("Disallow: /x\n", SIZE // 8) if number == 0 else "\n")
            one.put("/small", "application/xml", rss(("",)).replace("http://t.example/good", one.url("/page")))
            toml += f'[[source]]\nid = "a{number}"\nurl = "{one.url("/feed")}"\n'
            toml += f'[[source]]\nid = "b{number}"\nurl = "{one.url("/small")}"\narticle = "always"\n'
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "feeds.toml").write_text(toml)
            command = [self.binary, "--config", f"{folder}/feeds.toml", "run", "--all", "--now", NOW, "--allow-clock"]
            peak, took, _ = self.measured(command)
        print(f"  {peak:6.1f} MiB {took:5.1f} s  50 feeds and 50 pages at once, in all", flush=True)
        if peak > MOST_OF_FIFTY:
            self.fault(f"50 at once: {peak:.0f} MiB")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--seconds", type=int, default=600)
    given = arguments.parse_args()
    begun = time.monotonic()
    code = Memory(given.binary, given.only).all()
    took = time.monotonic() - begun
    print(f"{took:.0f} s")
    sys.exit(1 if took > given.seconds else code)
