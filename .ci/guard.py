#!/usr/bin/env python3
"""Holds the program against hostile addresses, a full disk and a second run: guard.py BINARY

Everything happens in network and mount namespaces of its own; where they cannot be made it prints "skipped".
Ends with "N passed, N failed"; exit code 1 on a failure.
"""
import http.server
import json
import os
import signal
import socket
import socketserver
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import xml.parsers.expat
from pathlib import Path

PORT = 8080
PUBLIC = "93.184.216.34"
# Nobody may reach these; all of them are given to this namespace, so that a connection would succeed.
CANARIES = ["10.0.0.1", "169.254.169.254", "127.0.0.2", "127.0.0.9", "fd00::1", "::1", "::10.0.0.1", "64:ff9b::a00:1",
            "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe"]
PORTS = (80, 443, 8080, 8443)
PLAIN = ["10.0.0.1:8080", "169.254.169.254", "169.254.169.254:8080", "[fd00::1]:8080", "127.0.0.2:8080", "127.0.0.2",
         "[::1]:8080", "10.0.0.1:8443"]
SPELLINGS = ["2130706434:8080", "2130706434", "0x7f000002:8080", "0177.0.0.2:8080", "127.2:8080", "127.0.2:8080", "0:80",
             "0.0.0.0:80", "0:8443", "[::]:80", "167772161:8080", "0xa000001:8080", "012.0.0.1:8080", "10.1:8080",
             "[::ffff:10.0.0.1]:8080", "[::ffff:a00:1]:8080", "[::10.0.0.1]:8080", "[64:ff9b::a00:1]:8080",
             "[2002:a00:1::]:8080", "[2001:0:4136:e378:8000:63bf:f5ff:fffe]:8080", "①⓪.0.0.①:8080", "１２７.0.0.２:8080",
             "10。0。0。1:8080", "10.0.0.1.:8080", "%31%30.0.0.1:8080", "user:word@10.0.0.1:8080"]
NAMES = ["inner.test:8080", "mixed.test:8080", "mixed6.test:8080", "localhost:80", "localhost.:80", "meta.test"]
HOSTS = f"""127.0.0.2 localhost
::1 localhost
10.0.0.1 inner.test
{PUBLIC} mixed.test
10.0.0.1 mixed.test
{PUBLIC} mixed6.test
fd00::1 mixed6.test
169.254.169.254 meta.test
{PUBLIC} fine.test
"""
LOCATIONS = ["file:///etc/passwd", "ftp://10.0.0.1/", "gopher://10.0.0.1:80/_x", "//10.0.0.1/", "//10.0.0.1:8080/x",
             "http:///x", "http:10.0.0.1", "http://[bad", "", None, "data:text/xml,<rss/>", "javascript:1",
             "\\\\10.0.0.1\\x", "http://127.0.0.1:8080@10.0.0.1/"]


def feed(title, guids, extra=""):
    items = "".join(f"<item><title>{title} number {g}</title><link>http://{PUBLIC}:8080/a/{g}</link><guid>{title}-{g}</guid>"
                    f"<pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate><description>Text of {g}</description></item>" for g in guids)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>http://{PUBLIC}/</link>{extra}{items}</channel></rss>'.encode()


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def that(self, right, name, detail=""):
        if right:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {str(detail)[:700]}", flush=True)


class Canary:
    """Counts connections, and answers each as a feed, so that a program that gets through goes on."""

    def __init__(self, address, port):
        self.hits = 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.bind((address, port))
        self.socket.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        body = feed("Secret", ["s"])
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        while True:
            connection, _ = self.socket.accept()
            self.hits += 1
            try:
                connection.settimeout(1)
                connection.recv(4096)
                connection.sendall(head.encode() + body)
            except OSError:
                pass
            connection.close()


class Origin:
    """127.0.0.1:8080: path → bytes, a ("location", text or None), or a ("slow", seconds, bytes)."""

    def __init__(self):
        pages, asked = {}, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                page = pages.get(self.path)
                if page is None:
                    self.send_response_only(404)
                    self.end_headers()
                elif page[0] == "location":
                    self.send_response_only(302)
                    if page[1] is not None:
                        self.wfile.flush()
                        self._headers_buffer.append(b"Location: " + page[1].encode() + b"\r\n")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    if page[0] == "slow":
                        time.sleep(page[1])
                        page = page[2]
                    self.send_response_only(200)
                    self.send_header("Content-Type", "application/xml")
                    self.send_header("Content-Length", str(len(page)))
                    self.end_headers()
                    try:
                        self.wfile.write(page)
                    except OSError:
                        pass

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that was killed

        self.pages, self.asked = pages, asked
        threading.Thread(target=Server(("127.0.0.1", PORT), Handler).serve_forever, daemon=True).start()


class Names(socketserver.BaseRequestHandler):
    """A name server: rebind.test is the origin when first asked, 10.0.0.1 ever after."""
    asked = 0

    def handle(self):
        data, reply = self.request
        kind = struct.unpack(">H", data[data.index(0, 12) + 1:][:2])[0]
        question = data[12:data.index(0, 12) + 5]
        answer = b""
        if b"\x06rebind\x04test" in question.lower() and kind == 1:
            Names.asked += 1
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton("127.0.0.1" if Names.asked == 1 else "10.0.0.1")
        flags = 0x8580 if b"rebind" in question.lower() else 0x8583
        reply.sendto(data[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + question + answer, self.client_address)


class Program:
    def __init__(self, binary, folder, more=""):
        self.binary, self.folder, self.more = binary, Path(folder), more
        self.database, self.public = self.folder / "data/feedloom.db", self.folder / "data/public"

    def configure(self, sources):
        self.folder.joinpath("feeds.toml").write_text(
            f'title = "Guard"\nlink = "https://feeds.example.org/"\ncontact = "https://feeds.example.org/about"\n{self.more}'
            f'[fetch]\nallow = ["127.0.0.1:{PORT}"]\nspacing = "0s"\n'
            # The feeds here differ in a number only: every entry shall be a story.
            f'[weave]\nsame_story = "off"\n' + "".join(
                f"[[source]]\nid = {json.dumps(name)}\nurl = {json.dumps(url)}\n{keys}" for name, url, keys in sources))

    def start(self, now, env=None):
        args = [self.binary, "--config", str(self.folder / "feeds.toml"), "run", "--all", "--json", "--now", now]
        return subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})})

    def run(self, now, env=None):
        running = self.start(now, env)
        out, err = running.communicate(timeout=200)
        try:
            told = {each["id"]: each for each in json.loads(out)["sources"]}
        except ValueError:
            told = {}
        return running.returncode, told, err.decode("utf-8", "replace")

    def titles(self):
        return {item["title"] for item in json.loads((self.public / "feed.json").read_bytes())["items"]}

    def bytes_everywhere(self):
        return b"".join(path.read_bytes() for path in sorted((self.folder / "data").rglob("*")) if path.is_file())


class Guard:
    def __init__(self, binary):
        self.binary, self.checks, self.origin = binary, Checks(), Origin()
        self.canaries = {}
        for address in CANARIES:
            for port in PORTS:
                self.canaries[(address, port)] = Canary(address, port)
        self.canaries[("127.0.0.9", 1)] = Canary("127.0.0.9", 1)
        self.outside = Canary(PUBLIC, 8080)

    def hits(self):
        return {where: canary.hits for where, canary in self.canaries.items() if canary.hits}

    def none_hit(self, what):
        self.checks.that(not self.hits(), f"{what}: 0 hits", self.hits())
        for canary in self.canaries.values():
            canary.hits = 0

    def clean(self, done, what, program, good="Good number 1"):
        code, told, err = done
        self.checks.that(code == 0, f"{what}: exit code 0", f"{code} {err}")
        self.checks.that("panicked" not in err, f"{what}: no panic text", err)
        try:
            self.checks.that(good in program.titles(), f"{what}: the good source is published", program.titles())
            for name in ("feed.xml", "atom.xml"):
                xml.parsers.expat.ParserCreate().Parse((program.public / name).read_bytes(), True)
        except (OSError, xml.parsers.expat.ExpatError) as error:
            self.checks.that(False, f"{what}: the outputs are there and parse", error)
        return told

    def refused(self, told, name, what, words=("guard",)):
        each = told.get(name, {})
        error = (each.get("error") or "")
        self.checks.that(each.get("outcome") == "failed" and any(word in error for word in words), f"{what}: refused by policy",
                         f"{each.get('outcome')} {error!r}")

    def controls(self, folder):
        """A canary counts, and the program reaches one where it may: 0 hits below mean something."""
        for (address, port), canary in self.canaries.items():
            socket.create_connection((address, port), 5).close()
        time.sleep(0.3)
        silent = [where for where, canary in self.canaries.items() if canary.hits != 1]
        self.checks.that(not silent, "control: every canary counts", silent)
        for canary in self.canaries.values():
            canary.hits = 0
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""), ("outside", f"http://{PUBLIC}:8080/f", ""),
                           ("name", "http://fine.test:8080/f", "")])
        told = self.clean(program.run("2026-11-02T09:00:00Z"), "control", program)
        read = [told.get(name, {}).get("outcome") for name in ("good", "outside", "name")]
        self.checks.that(read == ["read"] * 3 and self.outside.hits == 2, "control: a public address and name are fetched",
                         f"{read} {self.outside.hits} {told}")
        self.none_hit("control")

    def redirects(self, folder):
        targets = PLAIN + SPELLINGS + NAMES
        for number, target in enumerate(targets):
            self.origin.pages[f"/r{number}"] = ("location", f"http://{target}/feed")
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", "")] +
                          [(f"r{n}", f"http://127.0.0.1:{PORT}/r{n}", "") for n in range(len(targets))])
        self.outside.hits = 0
        told = self.clean(program.run("2026-11-02T09:00:00Z"), "T35–T37 redirects", program)
        for number, target in enumerate(targets):
            # A spelling that is no host at all is refused as an address.
            self.refused(told, f"r{number}", f"T35–T37 redirect to {target}", ("guard", "leads nowhere", "cannot find"))
        self.checks.that(self.outside.hits == 0, "T37 a mixed name reaches nobody", self.outside.hits)
        self.checks.that("Secret number s" not in program.titles(), "T35–T37 redirects: nothing of a canary is published")
        self.none_hit("T35–T37 redirects")

    def sources(self, folder):
        """The same as sources of their own: refused by feeds.toml (exit 2, naming it) or by the guard."""
        for number, target in enumerate(PLAIN + SPELLINGS + NAMES):
            place = Path(folder, str(number))
            place.mkdir()
            program = Program(self.binary, place)
            program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""), ("bad", f"http://{target}/feed", "")])
            code, told, err = done = program.run("2026-11-02T09:00:00Z")
            what = f"T35–T37 source {target}"
            if code == 2:
                self.checks.that("feeds.toml:" in err, f"{what}: feeds.toml is refused with its line", err)
            else:
                self.clean(done, what, program)
                self.refused(told, "bad", what, ("guard", "cannot find"))
            self.none_hit(what)

    def rebinding(self, folder):
        server = socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""), ("rebind", f"http://rebind.test:{PORT}/other", "")])
        told = self.clean(program.run("2026-11-02T09:00:00Z"), "T38 first", program)
        self.checks.that(Names.asked >= 1, "T38 control: the name server is asked", Names.asked)
        first = Names.asked
        self.checks.that(told.get("rebind", {}).get("outcome") == ("read" if first == 1 else "failed"), "T38 first answer", told)
        told = self.clean(program.run("2026-11-02T11:00:00Z"), "T38 second", program)
        self.checks.that(Names.asked > first, "T38 control: it is asked again", Names.asked)
        self.refused(told, "rebind", "T38 second answer")
        self.none_hit("T38")

    def locations(self, folder):
        for number, location in enumerate(LOCATIONS):
            self.origin.pages[f"/l{number}"] = ("location", location)
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", "")] +
                          [(f"l{n}", f"http://127.0.0.1:{PORT}/l{n}", "") for n in range(len(LOCATIONS))])
        done = program.run("2026-11-02T09:00:00Z")
        told = self.clean(done, "T39", program)
        for number, location in enumerate(LOCATIONS):
            each = told.get(f"l{number}", {})
            self.checks.that(each.get("outcome") == "failed" and each.get("error"), f"T39 Location {location!r} is an error", each)
        secret = Path("/etc/passwd").read_bytes().splitlines()[0]
        self.checks.that(secret not in program.bytes_everywhere() + done[2].encode() + json.dumps(told).encode(),
                         "T39 no file content in database, output or log")
        self.none_hit("T39")

    def links(self, folder):
        bad = "http://169.254.169.254:8080"
        extra = (f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{bad}/hub"/><image><url>{bad}/i.png</url>'
                 f'<title>x</title><link>{bad}/</link></image><docs>{bad}/docs</docs><rsl:content xmlns:rsl="https://rslstandard.org/rsl"'
                 f' server="{bad}/rsl" url="{bad}/"><rsl:license/></rsl:content>')
        item = (f'<item><title>Inward</title><link>{bad}/article</link><guid>{bad}/guid</guid><description>&lt;img src="{bad}/p.png"'
                f'&gt; short</description><enclosure url="{bad}/e.mp3" type="audio/mpeg" length="5"/><pubDate>Mon, 02 Nov 2026 08:00:00'
                f' GMT</pubDate><license xmlns="http://backend.userland.com/creativeCommonsRssModule">{bad}/cc</license></item>'
                f'<item><title>Turned</title><link>http://127.0.0.1:{PORT}/turn</link><guid>turn</guid><description>s</description></item>')
        self.origin.pages["/links"] = feed("Links", [], extra + item)
        self.origin.pages["/turn"] = ("location", bad + "/turned")
        self.origin.pages["/robots.txt"] = ("location", bad + "/robots.txt")
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""),
                           ("links", f"http://127.0.0.1:{PORT}/links", 'article = "always"\nrepublish = "full"\n')])
        done = program.run("2026-11-02T09:00:00Z")
        if done[0] == 2 and "not supported" in done[2]:
            print("  T40: article pages are not supported yet; the rest of the case is held")
            program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""),
                               ("links", f"http://127.0.0.1:{PORT}/links", 'republish = "full"\n')])
            done = program.run("2026-11-02T09:00:00Z")
        told = self.clean(done, "T40", program)
        self.checks.that(told.get("links", {}).get("outcome") == "read", "T40 the source is read", told)
        del self.origin.pages["/robots.txt"]
        self.origin.pages["/links"] = feed("Links", ["2"], extra + item.replace("turn<", "turn2<"))
        self.clean(program.run("2026-11-02T11:00:00Z"), "T40 without robots.txt", program)
        print(f"  T40: asked at the origin: {sorted(set(self.origin.asked) & {'/robots.txt', '/turn', '/links'})}")
        self.none_hit("T40")

    def proxy(self, folder):
        env = {name: "http://127.0.0.9:1" for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                                                       "all_proxy")}
        program = Program(self.binary, folder)
        program.configure([("good", f"http://127.0.0.1:{PORT}/good", ""), ("outside", f"http://{PUBLIC}:8080/f", "")])
        told = self.clean(program.run("2026-11-02T09:00:00Z", env), "T41", program)
        self.checks.that([each["outcome"] for each in told.values()] == ["read"] * 2, "T41 both are read", told)
        self.none_hit("T41")

    def lock(self, folder):
        self.origin.pages["/slow"] = ("slow", 3, feed("Slow", ["1"]))
        program = Program(self.binary, folder)
        program.configure([("slow", f"http://127.0.0.1:{PORT}/slow", "")])
        holder = program.start("2026-11-02T09:00:00Z")
        while "/slow" not in self.origin.asked and holder.poll() is None:
            time.sleep(0.02)
        for _ in range(2):
            begun = time.monotonic()
            code, _, err = program.run("2026-11-02T09:00:00Z")
            took = time.monotonic() - begun
            self.checks.that(code == 75 and took < 1, "T72 a second run exits 75 within 1 s", f"{code} after {took:.2f} s {err}")
            self.checks.that(err.strip() != "" and "panicked" not in err, "T72 it says why", err)
        holder.communicate(timeout=60)
        self.checks.that(holder.returncode == 0, "T72 the first run works", holder.returncode)
        self.checks.that(self.origin.asked.count("/slow") == 1, "T72 no request twice", self.origin.asked.count("/slow"))
        holder = program.start("2026-11-02T11:00:00Z")
        while self.origin.asked.count("/slow") < 2 and holder.poll() is None:
            time.sleep(0.02)
        holder.send_signal(signal.SIGKILL)
        self.origin.pages["/slow"] = feed("Slow", ["1", "2"])
        done = program.run("2026-11-02T11:00:01Z")
        holder.communicate(timeout=10)
        self.checks.that(holder.returncode == -9, "T73 control: the holder was killed", holder.returncode)
        self.clean(done, "T73 starts at once", program, "Slow number 2")

    def full_disk(self, folder, what):
        """A tmpfs of 1 MiB holds the database and the outputs, or the outputs alone."""
        small = Path(folder, "small")
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], check=True)
        try:
            if what == "database":
                program = Program(self.binary, folder, f'database = "small/feedloom.db"\n')
            else:
                program = Program(self.binary, folder, f'output_dir = "small/public"\n')
                program.public = small / "public"
            program.configure([("good", f"http://127.0.0.1:{PORT}/grow", "")])
            self.origin.pages["/grow"] = feed("Good", ["1"])
            self.clean(program.run("2026-11-02T09:00:00Z"), f"T71 {what}: with space", program)
            before = {path.name: path.read_bytes() for path in program.public.iterdir()}
            self.origin.pages["/grow"] = feed("Good", range(1, 15), "<description>" + "long " * 400 + "</description>")
            self.fill(small)
            code, _, err = program.run("2026-11-02T11:00:00Z")
            self.checks.that(code == 1, f"T71 {what}: a full disk is exit code 1", f"{code} {err}")
            self.checks.that("panicked" not in err and "space" in err.lower(), f"T71 {what}: the message names the space", err)
            after = {path.name: path.read_bytes() for path in program.public.iterdir() if path.name in before}
            self.checks.that(after == before, f"T71 {what}: the old outputs are intact")
            (small / "filler").unlink()
            self.clean(program.run("2026-11-02T13:00:00Z"), f"T71 {what}: space again", program, "Good number 14")
            names = sorted(path.name for path in program.public.iterdir())
            self.checks.that(names == sorted(before), f"T71 {what}: no leftover", names)
            database = small / "feedloom.db" if what == "database" else program.database
            state = sqlite3.connect(database).execute("PRAGMA integrity_check").fetchall()
            self.checks.that(state == [("ok",)], f"T71 {what}: the database is whole", state)
        finally:
            subprocess.run(["umount", "-l", str(small)], check=True)

    @staticmethod
    def fill(folder):
        with open(folder / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def all(self):
        self.origin.pages["/good"] = feed("Good", ["1"])
        self.origin.pages["/other"] = feed("Other", ["1"])
        steps = [self.controls, self.redirects, self.sources, self.rebinding, self.locations, self.links, self.proxy, self.lock,
                 lambda folder: self.full_disk(folder, "database"), lambda folder: self.full_disk(folder, "output")]
        for step in steps:
            with tempfile.TemporaryDirectory() as folder:
                step(folder)
        print(f"{self.checks.passed} passed, {self.checks.failed} failed")
        return 1 if self.checks.failed else 0


def build_world(folder):
    def sh(*words):
        subprocess.run(words, check=True)
    sh("ip", "link", "set", "lo", "up")
    for address in CANARIES + [PUBLIC]:
        if address in ("::1",) or address.startswith("127."):
            continue
        more = ["nodad"] if ":" in address else []
        sh("ip", "addr", "add", f"{address}/{128 if ':' in address else 32}", "dev", "lo", *more)
    for name, text in (("hosts", HOSTS), ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"),
                       ("nsswitch.conf", "hosts: files dns\n")):
        Path(folder, name).write_text(text)
        if Path("/etc", name).exists():
            sh("mount", "--bind", f"{folder}/{name}", f"/etc/{name}")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--inside":
        with tempfile.TemporaryDirectory() as folder:
            build_world(folder)
            return Guard(sys.argv[2]).all()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    inside = ["unshare", "-rmn"]
    try:
        probe = subprocess.run(inside + ["sh", "-c", "ip link set lo up && ip addr add fd00::1/128 dev lo nodad"],
                               capture_output=True)
    except OSError:
        probe = None
    if probe is None or probe.returncode != 0:
        print("skipped: no namespaces here (unshare, ip)\n0 passed, 0 failed")
        return 0
    return subprocess.run(inside + [sys.executable, __file__, "--inside", os.path.abspath(sys.argv[1])]).returncode


if __name__ == "__main__":
    sys.exit(main())
