#!/usr/bin/env python3
"""Holds the program against addresses that it must never reach, on every path that a request can take: guard.py BINARY

Runs in network and mount namespaces of its own; where they cannot be made it prints SKIPPED. Prints a table of what
was tried and ends with "N passed, N failed"; exit code 1 on a failure.
"""
import contextlib
import json
import socket
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import stage
from stage import Checks, Names, Net, Page, Program, clean, feed, item, refused

NOW, LATER = "2026-11-02T09:00:00Z", "2026-11-02T11:00:00Z"
GOOD = ("good", "http://127.0.0.1:8080/good", "")

# What is not public, and what hides such an address.
V4 = ["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.1.2.3", "10.255.255.254", "100.64.0.1", "100.100.100.200", "100.127.255.254",
      "127.0.0.2", "127.0.0.53", "127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1",
      "172.20.10.1", "172.31.255.254", "192.0.0.1", "192.0.0.170", "192.0.0.192", "192.168.0.1", "192.168.1.1",
      "192.168.255.254", "198.18.0.1", "198.19.255.254", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"]
V6 = ["::", "::1", "::2", "::10.0.0.1", "::127.0.0.2", "::169.254.169.254", "::ffff:10.0.0.1", "::ffff:127.0.0.2",
      "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::7f00:2",
      "64:ff9b:1::10.0.0.1", "64:ff9b:1:ffff::808:808", "2002:a00:1::", "2002:7f00:2::1", "2002:a9fe:a9fe::", "2002:c0a8:101::1",
      "2001:0:a00:1::f7f7:f7f7", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:0:4136:e378:8000:63bf:5601:5601",
      "2001:0:4136:e378:8000:63bf:80ff:fffd", "fc00::1", "fd00::1", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
      "ff0e::1", "100::1", "2a00::5efe:10.0.0.1", "2a00::200:5efe:10.0.0.1", "2606:4700::5efe:169.254.169.254"]
ADDRESSES = V4 + V6
# The same written so that a filter of texts would not know it.
ODD = ["2130706434", "2130706434:8080", "0x7f000002", "0x7F.2", "0177.0.0.2", "0177.0x0.0.2", "127.2", "127.0.2", "0", "0:8443",
       "0x0", "00", "167772161", "0xa000001", "012.0.0.1", "10.1", "10.0.1", "0x0a.0.0.1", "2852039166", "0xa9fea9fe",
       "0251.0376.0251.0376", "169.254.43518", "169.16689662", "[::ffff:a00:1]", "[::FFFF:0A00:0001]",
       "[0:0:0:0:0:ffff:169.254.169.254]", "[::ffff:7f00:2]:8080", "[0000:0000:0000:0000:0000:0000:0000:0001]",
       "[::a00:1]", "[64:ff9b::a00:1]:8080", "①⓪.0.0.①", "①②⑦.0.0.②", "１２７.0.0.２", "１０．０．０．１", "10。0。0。1",
       "10｡0｡0｡1", "169。254。169。254", "10.0.0.1.", "127.0.0.2.", "0x7f.2.", "%31%30.0.0.1", "%31%36%39.254.169.254",
       "user:word@10.0.0.1", "user@169.254.169.254", "example.org@10.0.0.1", "example.org:80@10.0.0.1",
       "10.0.0.1:443", "10.0.0.1:8443", "169.254.169.254:8080", "\u00ad10.0.0.1", "10.0.0.1\u200b",
       "localhost", "localhost.", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ", "inner.test", "inner.test.:8080", "mixed.test:8080",
       "mixed6.test:8080", "meta.test"]
SPELLINGS = ODD + V4 + [f"[{address}]" for address in V6]
# These would reach a public address, but a port that a feed has no business on.
BAD_PORTS = ["93.184.216.34:22", "93.184.216.34:6379", "fine.test:25", "fine.test:9200", "fine.test:1"]
LOCATIONS = ["file:///etc/passwd", "ftp://10.0.0.1/", "gopher://10.0.0.1:80/_x", "//10.0.0.1/", "//10.0.0.1:8080/x",
             "http:///x", "http:10.0.0.1", "http://[bad", "", None, "data:text/xml,<rss/>", "javascript:1",
             "\\\\10.0.0.1\\x", "http://127.0.0.1:8080@10.0.0.1/", "http:\\\\10.0.0.1\\", "///10.0.0.1/", "unix:/run/x"]
REFUSED = ("address guard refuses",)
# Nothing that an address parser takes for a host cannot be asked either.
NO_ADDRESS = REFUSED + ("leads nowhere",)


class Guard:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.checks, self.net, self.names = Checks(), Net(), Names(self.answer)
        self.table = []
        self.net.serve("/good", feed("Good", ["1"]))
        self.net.serve("/f", feed("Outside", ["1"]))
        self.net.serve("/f", [Page.hang_up(), Page(feed("Flip", ["1"]))], host="flip")

    @staticmethod
    def answer(name, lookup):
        """n12.KIND.test, with the address of that number in it; None: no such name."""
        if name in ("localhost", "inner.test"):  # with a dot at its end a name is not looked for in the hosts file
            return ["127.0.0.2" if name == "localhost" else "10.0.0.1"]
        number, kind = (name.split(".") + ["", ""])[:2]
        # Each with a site of its own: the pages of one site are capped.
        if kind.rstrip("0123456789") in ("ok", "turn", "tdm"):
            return [stage.PUBLIC]
        if not name.endswith(".test") or not number[1:].isdigit():
            return None
        target = ADDRESSES[int(number[1:])]
        if kind in ("rebind", "flip") and lookup == 1:
            return [stage.PUBLIC]
        mixed = [stage.PUBLIC6 if ":" in target else stage.PUBLIC, target]
        return {"dns": [target], "rebind": [target], "flip": [target], "mixed": mixed, "last": mixed[::-1],
                "both": [stage.PUBLIC6 if "." in target and ":" not in target else stage.PUBLIC, target]}.get(kind)

    def program(self):
        return Program(self.binary, tempfile.mkdtemp(dir=self.folder))

    def watched(self, act):
        """What `act` gives; nobody may have tried to connect to anything but the origin and the public addresses."""
        self.net.forget()
        before = stage.connections_opened()
        done = act()
        for _ in range(50):  # a connection is made by the system before this program hears of it
            strays = stage.connections_opened() - before - self.net.accepted
            if strays == 0:
                break
            time.sleep(0.01)
        return done, self.net.hits, strays

    def held(self, what, tried, act, check):
        """One row of the table: `act`, then `check` of what it gave; the number of those that were refused."""
        done, hits, strays = self.watched(act)
        good = check(done)
        self.checks.that(not hits, f"{what}: 0 hits", hits)
        self.checks.that(strays == 0, f"{what}: nobody else was even tried", strays)
        self.table.append((what, tried, good, sum(hits.values()) + max(strays, 0)))

    def controls(self):
        """A canary counts, a stray connection is seen, and the program reaches what it may."""
        for address in ("10.0.0.1", "169.254.169.254", "127.0.0.2", "192.168.1.1", "240.0.0.1", "::1", "::10.0.0.1", "fd00::1",
                        "64:ff9b::a00:1", "2002:a00:1::", "100::1"):
            for port in stage.PORTS:
                _, hits, strays = self.watched(lambda: socket.create_connection((address, port), 5).recv(0))
                self.checks.that((hits, strays) == ({(address, port): 1}, 0), "control: a canary counts", f"{address} {port} {hits}")
        _, _, strays = self.watched(lambda: socket.socket().connect_ex(("10.0.0.1", 9)))
        self.checks.that(strays == 1, "control: a connection to a closed port is seen", strays)
        program = self.program()
        program.configure([GOOD, ("outside", f"http://{stage.PUBLIC}:8080/f", ""), ("name", "http://fine.test/f", ""),
                           ("dns", "http://n1.ok.test/f", ""), ("six", f"http://[{stage.PUBLIC6}]/f", "")])
        done, hits, strays = self.watched(lambda: program.run(NOW))
        told = clean(self.checks, done, "control", program)
        read = [told.get(name, {}).get("outcome") for name in ("good", "outside", "name", "dns", "six")]
        self.checks.that(read == ["read"] * 5 and self.net.accepted == 5, "control: public addresses and names are fetched",
                         f"{read} {self.net.accepted} {told}")
        self.checks.that(not hits and strays == 0, "control: no hits", f"{hits} {strays}")
        program = self.program()
        for number, target in enumerate(SPELLINGS):
            self.net.serve(f"/c{number}", Page.to(f"http://{target}/feed"))
        program.configure([(f"c{n}", f"http://127.0.0.1:8080/c{n}", "") for n in range(len(SPELLINGS))],
                          allow=("0.0.0.0/0", "::/0"))
        _, hits, _ = self.watched(lambda: program.run(NOW))
        self.checks.that(len(hits) >= 50, "control: with everything allowed the same spellings reach canaries", hits)

    def pass_over(self, what, sources, words=REFUSED, top="", fetch="", now=NOW, program=None):
        """A pass over sources that must all be refused."""
        program = program or self.program()
        program.configure([GOOD] + sources, top=top, fetch=fetch)

        def check(done):
            told = clean(self.checks, done, what, program)
            self.checks.that("Secret number s" not in program.titles(), f"{what}: nothing of a canary is published")
            return sum(refused(self.checks, told, name, f"{what}: {url}", words) for name, url, _ in sources)
        self.held(what, len(sources), lambda: program.run(now), check)

    def sources(self):
        """T35, T36: as sources: refused when feeds.toml is read, with the line, or by the guard."""
        program, sources, by_config = self.program(), [], 0
        for number, target in enumerate(SPELLINGS + BAD_PORTS[2:]):
            source = (f"s{number}", f"http://{target}/feed{number}", "")
            program.configure([GOOD, source])
            code, _, err = program.say("check")
            if code == 0:
                sources.append(source)
            else:
                by_config += self.checks.that(code == 2 and "feeds.toml:" in err, f"source {target}: refused with its line", err)
        ports = [source for source in sources if source[1].split("/")[2] in BAD_PORTS]
        # A port that feeds.toml names is the person's own wish; nothing listens there.
        self.pass_over("source", [source for source in sources if source not in ports])
        what, tried, good, hits = self.table.pop()
        self.table.append((what, tried + by_config, good + by_config, hits))

    def redirects(self):
        """T35, T36: every kind of redirect, once and twice."""
        targets = SPELLINGS + BAD_PORTS
        for status in (301, 302, 303, 307, 308):
            for number, target in enumerate(targets):
                self.net.serve(f"/r{status}/{number}", Page.to(f"http://{target}/feed", status))
        sources = [(f"r{n}", f"http://127.0.0.1:8080/r{(301, 302, 303, 307, 308)[n % 5]}/{n}", "") for n in range(len(targets))]
        self.pass_over("redirect", sources, NO_ADDRESS)
        for number, target in enumerate(targets):
            self.net.serve(f"/two/{number}", Page.to(f"http://{stage.PUBLIC}/two/{number}"), host="127.0.0.1")
            self.net.serve(f"/two/{number}", Page.to(f"//{target}/feed"), host=stage.PUBLIC)
        self.pass_over("second redirect", [(f"r{n}", f"http://127.0.0.1:8080/two/{n}", "") for n in range(len(targets))], NO_ADDRESS)

    def locations(self):
        """T39: a Location that is no address of the web."""
        for number, location in enumerate(LOCATIONS):
            self.net.serve(f"/l{number}", Page.to(location))
        program = self.program()
        program.configure([GOOD] + [(f"l{n}", f"http://127.0.0.1:8080/l{n}", "") for n in range(len(LOCATIONS))])

        def check(done):
            told = clean(self.checks, done, "T39", program)
            secret = Path("/etc/passwd").read_bytes().splitlines()[0]
            everything = program.bytes_everywhere() + done[2].encode() + json.dumps(told).encode()
            self.checks.that(secret not in everything, "T39 no file content in database, output or log")
            return sum(self.checks.that(told.get(f"l{n}", {}).get("outcome") == "failed" and bool(told[f"l{n}"].get("error")),
                                        f"T39 Location {location!r} is an error", told.get(f"l{n}"))
                       for n, location in enumerate(LOCATIONS))
        self.held("odd Location", len(LOCATIONS), lambda: program.run(NOW), check)

    def resolved(self):
        """T37: names that lead to such an address: alone, beside a public one of its family or of the other."""
        for kind, what in (("dns", "DNS"), ("mixed", "mixed DNS"), ("last", "mixed DNS, last"), ("both", "mixed A and AAAA")):
            self.pass_over(what, [(f"n{n}", f"http://n{n}.{kind}.test/f", "") for n in range(len(ADDRESSES))])

    def rebinding(self):
        """T38: public when first asked, with TTL 0; later not: in the next pass, and at the second try of the same pass."""
        sources = [(f"n{n}", f"http://n{n}.rebind.test/f", "") for n in range(len(ADDRESSES))]
        program = self.program()
        program.configure([GOOD] + sources)
        done, hits, strays = self.watched(lambda: program.run(NOW))
        told = clean(self.checks, done, "rebinding, first pass", program)
        read = sum(told.get(name, {}).get("outcome") == "read" for name, _, _ in sources)
        lookups = [self.names.lookups.get(f"n{n}.rebind.test") for n in range(len(ADDRESSES))]
        self.checks.that(read == len(sources) and set(lookups) == {1} and not hits and strays == 0,
                         "T38 the first pass looks once and connects to what it found", f"{read} {lookups} {hits} {strays}")
        self.pass_over("rebinding", sources, now=LATER, program=program)
        for number in range(len(ADDRESSES)):
            self.net.serve("/f", Page.hang_up(), host=f"n{number}.flip.test")
        self.pass_over("rebinding, second try", [(f"n{n}", f"http://n{n}.flip.test/f", "") for n in range(len(ADDRESSES))])
        lookups = {self.names.lookups.get(f"n{n}.flip.test") for n in range(len(ADDRESSES))}
        self.checks.that(lookups == {2}, "T38 control: the second try looks again", lookups)

    def by_hand(self):
        """`inspect ADDRESS` and `check --fetch` go the same way."""
        program = self.program()
        program.configure([GOOD])

        def inspect():
            return [program.say("inspect", f"http://{target}/feed") for target in SPELLINGS]

        def refusals(done):
            return sum(self.checks.that(code != 0 and "panicked" not in err and "Secret" not in out, f"inspect {target}: refused",
                                        f"{code} {out} {err}") for target, (code, out, err) in zip(SPELLINGS, done))
        self.held("inspect", len(SPELLINGS), inspect, refusals)
        program = self.program()
        program.configure([GOOD] + [(f"n{n}", f"http://n{n}.dns.test/f", "") for n in range(len(ADDRESSES))])

        def check(done):
            code, out, err = done
            return self.checks.that((out + err).count("address guard refuses") == len(ADDRESSES) and "panicked" not in err,
                                    "check --fetch: refused", f"{code} {out} {err}") * len(ADDRESSES)
        self.held("check --fetch", len(ADDRESSES), lambda: program.say("check", "--fetch"), check)

    def pages_behind(self, what, links, asked_first=None):
        """T40: a feed with these links, all of whose pages are wanted: none is got, and each says why. With a file that is
        asked for first, it is that which is refused, and the pages are read without it."""
        # Of a new source the newest twenty entries count.
        groups = [list(enumerate(links))[start:start + 20] for start in range(0, len(links), 20)]
        for number, group in enumerate(groups):
            self.net.serve(f"/pages{number}", feed(f"Pages {number}", [], "".join(item("Page", n, link) for n, link in group)))
        program = self.program()
        program.configure([GOOD] + [(f"pages{n}", f"http://127.0.0.1:8080/pages{n}", 'article = "always"\n') for n in range(len(groups))],
                          outputs="".join(f'[[output]]\nfile = "{name}"\nitems = 300\n' for name in ("feed.xml", "atom.xml", "feed.json")))

        def check(done):
            told = clean(self.checks, done, what, program)
            kept = sum(told.get(f"pages{n}", {}).get("new") or 0 for n in range(len(groups)))
            with contextlib.closing(sqlite3.connect(program.database)) as store:
                rows = store.execute("SELECT address, state, reason FROM article").fetchall()
                wanted, = store.execute("SELECT count(*) FROM article_of").fetchone()
            if asked_first:
                wrong = [row for row in rows if row[1] != "kept"]
                asked = self.net.paths().count(asked_first)
                self.checks.that(asked == len(links), f"{what}: it is asked for", asked)
            else:
                wrong = [row for row in rows if row[1] == "kept" or not row[2]]
            self.checks.that(kept >= 110 and wanted == kept and not wrong, f"{what}: each is refused with a reason",
                             f"{kept} {wanted} {wrong}")
            # The other links are no addresses of articles, and their entries were left out; some are one address.
            return len(links) - kept + wanted - len(wrong)
        self.held(what, len(links), lambda: program.run(NOW), check)

    def articles(self):
        self.pages_behind("article page", [f"http://{target}/a{n}" for n, target in enumerate(SPELLINGS)])
        for number, target in enumerate(SPELLINGS):
            self.net.serve("/turn", Page.to(f"http://{target}/a{number}"), host=f"n{number}.turn{number}.test")
        self.pages_behind("article page, redirected", [f"http://n{n}.turn{n}.test/turn" for n in range(len(SPELLINGS))])

    def robots(self):
        """T40: robots.txt that leads there: of a feed's host, and of a page's."""
        for number, target in enumerate(SPELLINGS):
            self.net.serve("/robots.txt", Page.to(f"http://{target}/robots.txt"), host=f"n{number}.ok.test")
        sources = [(f"n{n}", f"http://n{n}.ok.test/f", "") for n in range(len(SPELLINGS))]
        self.pass_over("robots.txt of a feed", sources, ("robots.txt",), fetch='robots = "all"\n')
        self.pages_behind("robots.txt of a page", [f"http://n{n}.ok.test/a" for n in range(len(SPELLINGS))])

    def reserved(self):
        """tdmrep.json of a page's host that leads there."""
        file, text = "/.well-known/tdmrep.json", b"<p>A sentence that is as long as those of an article are, and then another.</p>" * 20
        for number, target in enumerate(SPELLINGS):
            self.net.serve(file, Page.to(f"http://{target}/tdmrep.json"), host=f"n{number}.tdm{number}.test")
            page = b"<html><head><title>Page %d</title></head><body><article>%s</article></body></html>" % (number, text)
            self.net.serve("/p", Page(page, kind="text/html"), host=f"n{number}.tdm{number}.test")
        self.pages_behind("tdmrep.json of a page", [f"http://n{n}.tdm{n}.test/p" for n in range(len(SPELLINGS))], file)

    def hubs(self):
        program, outputs, by_config = self.program(), [], 0
        for number, target in enumerate(SPELLINGS):
            output = f'[[output]]\nfile = "h{number}.xml"\nformat = "rss"\nhub = "http://{target}/hub"\n'
            program.configure([GOOD], outputs=output)
            code, _, err = program.say("check")
            if code == 0:
                outputs.append(output)
            else:
                by_config += self.checks.that(code == 2 and "feeds.toml:" in err, f"hub {target}: refused with its line", err)
        plain = '[[output]]\nfile = "feed.json"\n[[output]]\nfile = "feed.xml"\n[[output]]\nfile = "atom.xml"\n'
        program.configure([GOOD], outputs=plain + "".join(outputs))

        def check(done):
            clean(self.checks, done, "hub", program)
            self.checks.that(not any(line.startswith("POST") for *_, line in self.net.asked), "hub: nothing is posted", self.net.asked)
            said = done[2].count("address guard refuses") + done[2].count("cannot find")
            return by_config + self.checks.that(said > 0, "hub: it says why", done[2]) * len(outputs)
        self.held("hub", len(SPELLINGS), lambda: program.run(NOW, words=("-v",)), check)

    def links(self):
        """T40: addresses that a feed only mentions are never asked."""
        bad = "http://169.254.169.254:8080"
        extra = (f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{bad}/hub"/><image><url>{bad}/i.png</url>'
                 f'<title>x</title><link>{bad}/</link></image><docs>{bad}/docs</docs><rsl:content xmlns:rsl="https://rslstandard.org/rsl"'
                 f' server="{bad}/rsl" url="{bad}/"><rsl:license/></rsl:content><cloud domain="169.254.169.254" port="8080" path="/"/>')
        more = (f'<enclosure url="{bad}/e.mp3" type="audio/mpeg" length="5"/><comments>{bad}/c</comments>'
                f'<source url="{bad}/source">x</source><license xmlns="http://backend.userland.com/creativeCommonsRssModule">{bad}/cc</license>'
                f'<media:content xmlns:media="http://search.yahoo.com/mrss/" url="{bad}/m.png" medium="image"/>'
                f'<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">&lt;img src="{bad}/p.png"&gt; &lt;iframe'
                f' src="{bad}/frame"&gt;&lt;/iframe&gt;&lt;link rel="icon" href="{bad}/favicon.ico"&gt; short</content:encoded>')
        self.net.serve("/links", feed("Links", [], extra + item("Inward", 1, f"{bad}/article", more)))
        program = self.program()
        program.configure([GOOD, ("links", "http://127.0.0.1:8080/links", 'republish = "full"\n')])

        def check(done):
            told = clean(self.checks, done, "T40", program)
            return self.checks.that(told.get("links", {}).get("outcome") == "read" and "Inward number 1" in program.titles(),
                                    "T40 the source is read and published", told) * 14
        self.held("mentioned only", 14, lambda: program.run(NOW), check)

    def proxy(self):
        """T41: a proxy of the environment is not asked."""
        names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        program = self.program()
        program.configure([GOOD, ("outside", f"http://{stage.PUBLIC}:8080/f", "")])

        def check(done):
            told = clean(self.checks, done, "T41", program)
            return self.checks.that([each["outcome"] for each in told.values()] == ["read"] * 2, "T41 both are read", told) * len(names)
        self.held("proxy of the environment", len(names), lambda: program.run(NOW, {n: "http://127.0.0.9:8080" for n in names}), check)

    def all(self):
        for step in (self.controls, self.sources, self.redirects, self.locations, self.resolved, self.rebinding, self.by_hand,
                     self.articles, self.robots, self.reserved, self.hubs, self.links, self.proxy):
            step()
        print(f"{'path':<28}{'tried':>7}{'refused':>9}{'hits':>6}")
        for what, tried, good, hits in self.table:
            print(f"{what:<28}{tried:>7}{good:>9}{hits:>6}")
        return self.checks.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(stage.inside_namespaces(__file__, sys.argv[1], lambda binary, folder: Guard(binary, folder).all()))
