#!/usr/bin/env python3
"""Holds the program against answers that are too large, too slow or no answers at all: limits.py BINARY

Runs in network and mount namespaces of its own; where they cannot be made it prints SKIPPED. Prints what each answer
cost and ends with "N passed, N failed"; exit code 1 on a failure.
"""
import gzip
import subprocess
import sys
import tempfile
import time
import zlib

import stage
from stage import Checks, Net, Page, Program, clean, feed

GOOD = ("good", "http://127.0.0.1:8080/good", "")
MIB = 1024 * 1024
# What an answer may cost beyond a pass without it.
MOST_SECONDS, MOST_MIB, MOST_MIB_OF_A_BOMB = 1.0, 64, 40
# The same for a large document that is read.
MOST_SECONDS_OF_A_MONSTER = 5.0
# The time limit of a request here, so that a slow answer costs a few seconds.
TIMEOUT = 3


def gzip_bomb(size, wrapper=31):
    """`size` zeros, compressed as well as it goes; `wrapper` as zlib's wbits: 31 gzip, 15 zlib, -15 bare."""
    squeeze, zeros, out = zlib.compressobj(9, zlib.DEFLATED, wrapper), bytes(MIB), []
    for _ in range(size // MIB):
        out.append(squeeze.compress(zeros))
    return b"".join(out) + squeeze.flush()


def zstd_bomb(size):
    """`size` zeros as blocks of one repeated byte (RFC 8878, section 3.1.1.2)."""
    block = 128 * 1024
    count = size // block
    blocks = [(int(n == count - 1) | 1 << 1 | block << 3).to_bytes(3, "little") + b"\0" for n in range(count)]
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(blocks)


def brotli_bomb(size):
    """`size` zeros by the brotli tool."""
    made = subprocess.Popen(["brotli", "-q", "11", "--large_window=24", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(size // MIB):
        made.stdin.write(bytes(MIB))
    return made.communicate()[0]


def encoded(body, *encodings):
    return Page(body, headers=[("Content-Encoding", encoding) for encoding in encodings])


def raw(text, then=None):
    return Page(raw=text if isinstance(text, bytes) else text.encode(), then=then)


def drip(piece, pause):
    """The same bytes again and again until the client has gone; an error of the socket ends it."""
    def go_on(connection):
        while True:
            connection.sendall(piece)
            time.sleep(pause)
    return go_on


def stall(connection):
    """Nothing more, until the client has gone."""
    while connection.recv(1024):
        pass


def feed_of(size):
    """A feed of `size` bytes."""
    return feed("Large", [1], "<description>" + "x" * (size - 400) + "</description>").ljust(size)


class Limits:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.checks, self.net, self.rows = Checks(), Net(ports=(8080, 8443)), []
        self.net.serve("/good", feed("Good", ["1"]))
        # The middle of five passes without a bad source.
        costs = sorted(self.cost([GOOD])[1:] for _ in range(5))
        self.seconds, self.mib = costs[2]

    def cost(self, sources):
        """A pass over `sources`: what it told, seconds, peak memory in MiB."""
        program = Program(self.binary, tempfile.mkdtemp(dir=self.folder))
        program.configure(sources, fetch=f'timeout = "{TIMEOUT}s"\ndeadline = "20s"\n', allow=("127.0.0.1:8080", "127.0.0.1:8443"))
        begun = time.monotonic()
        done = program.run("2026-11-02T09:00:00Z")
        return (program, done), time.monotonic() - begun, program.peak_kib / 1024

    def against(self, what, page, words, seconds=MOST_SECONDS, mib=MOST_MIB, url="http://127.0.0.1:8080/bad"):
        """A pass with a good source and this one, whose error says one of `words` ("read": it is read)."""
        if page:
            self.net.serve("/bad", page)
        (program, done), took, peak = self.cost([GOOD, ("bad", url, "")])
        told = clean(self.checks, done, what, program).get("bad", {})
        said = "read" if told.get("outcome") == "read" else str(told.get("error"))
        self.checks.that(any(word in said for word in words), f"{what}: says what it is", said)
        self.titles = program.titles()
        took, peak = took - self.seconds, peak - self.mib
        self.checks.that(took < seconds, f"{what}: takes less than {seconds} s", f"{took:.2f} s")
        self.checks.that(peak < mib, f"{what}: costs less than {mib} MiB", f"{peak:.0f} MiB")
        self.rows.append((what, took, peak, said))

    def bombs(self):
        """T42."""
        for name, encoding, body in (("gzip, 1 GiB", "gzip", gzip_bomb(1024 * MIB)), ("zlib, 1 GiB", "deflate", gzip_bomb(1024 * MIB, 15)),
                                     ("bare deflate, 1 GiB", "deflate", gzip_bomb(1024 * MIB, -15)),
                                     ("zstd, 1 GiB", "zstd", zstd_bomb(1024 * MIB)), ("br, 256 MiB", "br", brotli_bomb(256 * MIB))):
            self.against(f"T42 bomb: {name} in {len(body)} bytes", encoded(body, encoding), ["too_large"], mib=MOST_MIB_OF_A_BOMB)

    def sizes(self):
        """T43."""
        large = feed_of(11 * MIB)
        self.against("T43 11 MiB with its length", Page(large), ["too_large"])
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
        self.against("T43 11 MiB without a length", raw(f"{head}\r\n".encode() + large), ["too_large"])
        small = feed("Bad", [1, 2, 3])
        lying = f"{head}Content-Length: {len(small) + 500}\r\n\r\n".encode() + small
        self.against("T43 a length too long by 500", raw(lying), ["read"], seconds=TIMEOUT + 6)
        lying = f"{head}Content-Length: {len(small) - 40}\r\n\r\n".encode() + small
        # No client can tell this from a file that is cut: what is whole is kept, and nothing vouches for it.
        self.against("T43 a length too short by 40", raw(lying), ["read"])
        self.checks.that(self.titles == {"Good number 1", "Bad number 1", "Bad number 2"}, "T43 no half entry is published", self.titles)
        lying = f"{head}Content-Length: 999999999999\r\n\r\n".encode() + small
        self.against("T43 a length of 10^12", raw(lying), ["too_large"])
        lying = f"{head}Content-Length: {len(small)}\r\nContent-Length: 5\r\n\r\n".encode() + small
        self.against("T43 two lengths", raw(lying), ["cannot be understood"])

    def encodings(self):
        """T44."""
        small = feed("Bad", [1])
        twice = gzip.compress(gzip.compress(small))
        self.against("T44 gzip, gzip", encoded(twice, "gzip, gzip"), ["read"])
        self.against("T44 gzip and gzip", encoded(twice, "gzip", "gzip"), ["read"])
        self.against("T44 foo", encoded(small, "foo"), ["read"])
        self.against("T44 gzip over plain bytes", encoded(small, "gzip"), ["read"])
        self.against("T44 gzip cut in the middle", encoded(gzip.compress(feed("Bad", range(900)))[:900], "gzip"), ["damaged"])
        bomb = gzip.compress(gzip_bomb(1024 * MIB))
        self.against("T44 a bomb in a bomb", encoded(bomb, "gzip, gzip"), ["too_large"])

    def slowness(self):
        """T45."""
        in_time, late = ["no complete answer"], TIMEOUT + 2
        self.against("T45 a body of a byte a second", raw("HTTP/1.1 200 OK\r\n\r\n", drip(b"x", 1)), in_time, late)
        self.against("T45 a head of a byte a second", raw("HTTP/1.1 200 OK\r\nX: ", drip(b"x", 1)), in_time, late)
        self.against("T45 no answer", raw("", stall), in_time, late)
        self.against("T45 half an answer", raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<rss>", stall), in_time, late)
        self.against("T45 a TLS handshake that stalls", None, ["no connection with 127.0.0.1 in time", *in_time], late, url="https://127.0.0.1:8443/bad")

    def floods(self):
        """T46."""
        no_http = ["cannot be understood", "no complete answer", "broke off"]
        many = "HTTP/1.1 200 OK\r\n" + "".join(f"X-{n}: y\r\n" for n in range(200_000)) + "\r\n"
        self.against("T46 200,000 headers", raw(many), no_http)
        hints = "HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000
        good = f"HTTP/1.1 200 OK\r\nContent-Length: {len(feed('Bad', [1]))}\r\n\r\n".encode() + feed("Bad", [1])
        self.against("T46 100,000 times 103", raw(hints.encode() + good), ["read"] + no_http, TIMEOUT + 2)
        self.against("T46 103 without end", raw("", drip(b"HTTP/1.1 103 x\r\n\r\n" * 99, 0.001)), no_http, TIMEOUT + 2)
        self.against("T46 a status line of 10 MB", raw(b"HTTP/1.1 200 " + b"x" * 10_000_000 + b"\r\n\r\n"), no_http)
        self.against("T46 a header of 10 MB", raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000 + b"\r\n\r\n"), no_http)
        self.against("T46 HTTP/0.9", raw(b"<rss version='2.0'><channel/></rss>"), no_http)
        self.against("T46 noise", raw(bytes(range(256)) * 400), no_http)
        self.against("T46 endless chunks", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", drip(b"1\r\nx\r\n" * 9999, 0)),
                     ["too_large", "no complete answer"], TIMEOUT + 2)
        self.against("T46 a chunk of 2^63", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx", stall),
                     ["no complete answer", "cannot be understood"], TIMEOUT + 2)

    def monsters(self):
        """T57: documents that are large in one way, each less than 10 MiB."""
        good = stage.item("Bad", 1)
        around = lambda inside, attributes="": (
            f'<?xml version="1.0"?><rss version="2.0"{attributes}><channel><title>Bad</title><link>http://bad.example/</link>'
            f"{good}{inside}</channel></rss>").encode()
        numbers = range(60_000)
        for what, body in (
            ("200,000 elements deep", around("<a>" * 200_000 + "</a>" * 200_000)),
            ("200,000 elements deep, never closed", around("<a>" * 200_000)),
            ("60,000 attributes", around("<x " + " ".join(f"a{n}='1'" for n in numbers) + "/>")),
            ("60,000 namespaces", around("", "".join(f" xmlns:a{n}='u'" for n in numbers))),
            ("100,000 items", around("".join(f"<item><title>t{n}</title><link>http://bad.example/{n}</link></item>" for n in range(100_000)))),
            ("a title of 5 MB", around(f"<item><title>{'x' * 5_000_000}</title><link>http://bad.example/x</link></item>")),
            ("an item of 9 MB of text", around(f"<item><title>x</title><link>http://bad.example/x</link><description>{'x ' * 4_500_000}</description></item>")),
            ("an item of 9 MB of markup", around(f"<item><title>x</title><link>http://bad.example/x</link><description>{'&lt;p&gt;x' * 900_000}</description></item>")),
        ):
            self.against(f"T57 {what}", Page(body), ["read"], seconds=MOST_SECONDS_OF_A_MONSTER)
            # Of a hundred thousand without a date others come first.
            right = "Bad number 1" in self.titles or what == "100,000 items" and len(self.titles) == 21
            self.checks.that(right, f"T57 {what}: what is good in it is published", len(self.titles))

    def entities(self):
        """T48: entities that would expand to a billion times their size, and some that lie elsewhere."""
        laughs = "".join(f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in zip("abcdefghi", "bcdefghij"))
        for what, doctype, text in (
            ("billion laughs", f'<!DOCTYPE rss [<!ENTITY a "lol">{laughs}]>', "&j;"),
            ("quadratic blow-up", f'<!DOCTYPE rss [<!ENTITY a "{"lol" * 30_000}">]>', "&a;" * 30_000),
            ("an external DTD", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:8080/dtd">', "&a;"),
            ("an external entity", '<!DOCTYPE rss [<!ENTITY a SYSTEM "http://127.0.0.1:8080/dtd">]>', "&a;"),
            ("a parameter entity", '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1:8080/dtd"> %a;]>', "&b;"),
        ):
            body = feed("Bad", [1]).decode().replace("<rss", f"{doctype}<rss").replace("Text of 1", f"Text {text}")
            self.net.forget()
            self.against(f"T48 {what}", Page(body.encode()), ["read"])
            self.checks.that("Bad number 1" in self.titles, f"T48 {what}: the entry is published", self.titles)
            self.checks.that("/dtd" not in self.net.paths(), f"T48 {what}: nothing is fetched for it", self.net.paths())

    def one_host(self):
        """T28: twenty feeds of one host, each after 300 ms, with the spacing that is the default."""
        program = Program(self.binary, tempfile.mkdtemp(dir=self.folder))
        sources = [(f"s{n}", f"http://127.0.0.1:8080/s{n}", "") for n in range(20)]
        for n in range(20):
            self.net.serve(f"/s{n}", Page(feed(f"S{n}", [1]), pause=0.3))
        program.configure([GOOD, *sources], spacing="1s")
        self.net.forget()
        begun = time.monotonic()
        clean(self.checks, program.run("2026-11-02T09:00:00Z"), "T28", program)
        gaps = [later - sooner for sooner, later in zip(self.net.moments, self.net.moments[1:])]
        self.checks.that(len(gaps) == 20, "T28 each is asked once", self.net.asked)
        # A busy machine sees a request later than it was sent. More than 300 ms apart is also one at a time.
        self.checks.that(min(gaps, default=0) > 0.7 and sum(gaps) > 19.5, "T28 a second between two starts", gaps)
        self.rows.append((f"21 sources of one host, at least {min(gaps, default=0):.2f} s apart", time.monotonic() - begun, 0, "read"))

    def all_at_once(self):
        """A pass ends by its deadline with the other sources done, whatever hangs."""
        self.net.serve("/hang", raw("", stall))
        program = Program(self.binary, tempfile.mkdtemp(dir=self.folder))
        hanging = [(f"hang{n}", f"http://127.0.0.1:8080/hang?{n}", "") for n in range(40)]
        for n in range(40):
            self.net.serve(f"/hang?{n}", raw("", stall))
        program.configure([GOOD] + hanging, fetch='timeout = "30s"\ndeadline = "5s"\n')
        begun = time.monotonic()
        clean(self.checks, program.run("2026-11-02T09:00:00Z"), "40 that hang", program)
        took = time.monotonic() - begun
        self.checks.that(took < 8, "40 that hang: the pass ends by its deadline of 5 s", f"{took:.1f} s")
        self.rows.append(("40 sources of one host that hang, deadline 5 s", took, 0, "the good source is published"))

    def all(self):
        for step in (self.bombs, self.sizes, self.encodings, self.slowness, self.floods, self.entities, self.monsters, self.one_host, self.all_at_once):
            step()
        print(f"beyond a pass of {self.seconds:.2f} s and {self.mib:.0f} MiB:")
        for what, took, peak, said in self.rows:
            print(f"  {took:6.2f} s {peak:6.1f} MiB  {what}: {said[:90]}")
        return self.checks.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(stage.inside_namespaces(__file__, sys.argv[1], lambda binary, folder: Limits(binary, folder).all()))
