"""What the long checks share: a small network of their own, the program under test, and a count of what held.

Not run by itself. `inside_namespaces` starts a script again in network and mount namespaces, where every address in
the world belongs to this machine: a connection anywhere would succeed, and is counted.
"""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import xml.parsers.expat
from pathlib import Path

ORIGIN = ("127.0.0.1", 8080)
PUBLIC, PUBLIC6 = "93.184.216.34", "2606:2800:220:1::1946"
PORTS = (80, 443, 8080, 8443)
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


def item(title, number, link=None, more=""):
    link = link or f"http://{PUBLIC}:8080/a/{number}"
    return (f"<item><title>{title} number {number}</title><link>{link}</link><guid isPermaLink=\"false\">{title}-{number}</guid>"
            f"<pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate><description>Text of {number}</description>{more}</item>")


def feed(title, numbers, extra=""):
    items = "".join(item(title, number) for number in numbers)
    return (f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>http://{PUBLIC}/</link>'
            f"{extra}{items}</channel></rss>").encode()


class Checks:
    """Counts what held and prints what did not."""

    def __init__(self):
        self.passed = self.failed = 0

    def that(self, right, name, detail=""):
        if right:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {str(detail)[:700]}", flush=True)
        return right

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


class Page:
    """An answer: whole by itself, a redirect, raw bytes, or none at all (the connection is closed). `then` goes on with
    the open connection once they are sent."""

    def __init__(self, body=b"", kind="application/xml", status=200, headers=(), raw=None, pause=0.0, then=None):
        self.body, self.kind, self.status, self.headers, self.raw, self.pause = body, kind, status, headers, raw, pause
        self.then = then

    @classmethod
    def to(cls, location, status=302):
        return cls(status=status, headers=() if location is None else (("Location", location),))

    @classmethod
    def hang_up(cls):
        return cls(raw=b"")

    def bytes(self):
        if self.raw is not None:
            return self.raw
        head = f"HTTP/1.1 {self.status} x\r\nContent-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n"
        return head.encode() + "".join(f"{name}: {value}\r\n" for name, value in self.headers).encode() + b"\r\n" + self.body


class Net:
    """Servers on every address of this machine. The origin and the public addresses answer with pages; any other is a
    canary: it counts the connection and answers with a feed, so that a program that gets through goes on."""

    def __init__(self, ports=PORTS):
        self.pages = {}  # (host name or None, path) → a page, or a list of pages that are answered one after the other
        self.asked = []  # (local address, port, Host, method and path)
        self.moments = []  # when each of them was asked, by the monotonic clock
        self.hits = {}   # canary (address, port) → connections
        self.accepted = 0
        self.lock = threading.Lock()
        for port in ports:
            for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                listener = socket.socket(family, socket.SOCK_STREAM)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((any_address, port))
                listener.listen(512)
                threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            connection, _ = listener.accept()
            address, port = connection.getsockname()[:2]
            open_to_all = (address, port) == ORIGIN or address in (PUBLIC, PUBLIC6)
            with self.lock:
                self.accepted += 1
                if not open_to_all:
                    self.hits[(address, port)] = self.hits.get((address, port), 0) + 1
            threading.Thread(target=self.talk, args=(connection, address, port, open_to_all), daemon=True).start()

    def talk(self, connection, address, port, open_to_all):
        try:
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(4096)
                if not piece:
                    return
                head += piece
            line, *fields = head.decode("latin-1").split("\r\n")
            method, path = line.split(" ")[:2]
            host = next((field[5:].strip() for field in fields if field.lower().startswith("host:")), "")
            name = re.sub(r":\d+$", "", host)
            with self.lock:
                self.asked.append((address, port, host, f"{method} {path}"))
                self.moments.append(time.monotonic())
            page = self.page(name, path) if open_to_all else Page(feed("Secret", ["s"]))
            time.sleep(page.pause)
            connection.sendall(page.bytes())
            if page.then:
                page.then(connection)
        except OSError:
            pass  # a client that hung up or was killed
        finally:
            connection.close()

    def page(self, name, path):
        with self.lock:
            found = self.pages.get((name, path)) or self.pages.get((None, path)) or Page(status=404)
            if isinstance(found, list):
                return found.pop(0) if len(found) > 1 else found[0]
            return found

    def serve(self, path, page, host=None):
        with self.lock:
            self.pages[(host, path)] = page if isinstance(page, (Page, list)) else Page(page)

    def paths(self, method="GET"):
        with self.lock:
            return [line.split(" ")[1] for *_, line in self.asked if line.startswith(method)]

    def forget(self):
        with self.lock:
            self.hits, self.asked, self.moments, self.accepted = {}, [], [], 0


def connections_opened():
    """Connections that anybody in this network namespace has tried to open so far, whatever became of them."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("ActiveOpens")])


class Names:
    """A name server on 127.0.0.1:53. `answer(name, lookup)` gives the addresses; lookups of a name are counted from 1."""

    def __init__(self, answer):
        self.answer, self.lookups = answer, {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            data, client = self.socket.recvfrom(4096)
            labels, at = [], 12
            while data[at]:
                labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1").lower())
                at += data[at] + 1
            name, kind = ".".join(labels), struct.unpack(">H", data[at + 1:at + 3])[0]
            if kind == 1:  # each look-up asks for A first, then for AAAA
                self.lookups[name] = self.lookups.get(name, 0) + 1
            addresses = self.answer(name, self.lookups.get(name, 1))
            wanted = [] if addresses is None else [a for a in addresses if (":" in a) == (kind == 28) and kind in (1, 28)]
            records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, 16 if ":" in a else 4)
                               + socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a) for a in wanted)
            flags = 0x8583 if addresses is None else 0x8580
            head = data[:2] + struct.pack(">HHHHH", flags, 1, len(wanted), 0, 0)
            self.socket.sendto(head + data[12:at + 5] + records, client)


class Program:
    """A folder with feeds.toml, and runs of the program over it."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.database, self.public = self.folder / "data/feedloom.db", self.folder / "data/public"
        self.peak_kib = 0

    def configure(self, sources, top="", fetch="", outputs="", allow=("127.0.0.1:8080",), spacing="0s"):
        """`sources` are (id, address, further keys). The feeds here differ in a number only: every entry is a story."""
        self.folder.joinpath("feeds.toml").write_text(
            f'title = "Checked"\nlink = "https://feeds.example.org/"\ncontact = "https://feeds.example.org/about"\n{top}'
            f'[fetch]\nallow = {json.dumps(list(allow))}\nspacing = "{spacing}"\n{fetch}[weave]\nsame_story = "off"\n' + "".join(
                f"[[source]]\nid = {json.dumps(name)}\nurl = {json.dumps(url)}\n{keys}" for name, url, keys in sources) + outputs)

    def start(self, *words, env=None):
        return subprocess.Popen([self.binary, "--config", str(self.folder / "feeds.toml"), *words], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})})

    def say(self, *words, env=None, limit=300):
        """Exit code, stdout and stderr of a command; `peak_kib` is its largest resident size (VmHWM, looked at often)."""
        running = self.start(*words, env=env)
        self.peak_kib = 0
        told = [b"", b""]
        readers = [threading.Thread(target=lambda n=n, pipe=pipe: told.__setitem__(n, pipe.read()))
                   for n, pipe in enumerate((running.stdout, running.stderr))]
        for reader in readers:
            reader.start()
        timer = threading.Timer(limit, running.kill)
        timer.start()
        while running.poll() is None:
            # What wait4 tells counts what this process held when it forked.
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{running.pid}/status").read_text())
            self.peak_kib = max(self.peak_kib, int(found[1]) if found else 0)
            time.sleep(0.002)
        timer.cancel()
        for reader in readers:
            reader.join()
        return running.returncode, told[0].decode("utf-8", "replace"), told[1].decode("utf-8", "replace")

    def run(self, now, env=None, words=()):
        """A pass at `now`: exit code, what it told of each source, stderr."""
        code, out, err = self.say("run", "--all", "--json", "--now", now, *words, env=env)
        try:
            told = {each["id"]: each for each in json.loads(out)["sources"]}
        except ValueError:
            told = {}
        return code, told, err

    def titles(self):
        return {entry["title"] for entry in json.loads((self.public / "feed.json").read_bytes())["items"]}

    def bytes_everywhere(self):
        return b"".join(path.read_bytes() for path in sorted((self.folder / "data").rglob("*")) if path.is_file())


def clean(checks, done, what, program, good="Good number 1"):
    """A clean run: exit code 0, no panic, the good source published, every output parses. Gives what was told."""
    code, told, err = done
    checks.that(code == 0, f"{what}: exit code 0", f"{code} {err}")
    checks.that("panicked" not in err, f"{what}: no panic text", err)
    try:
        checks.that(good in program.titles(), f"{what}: the good source is published", program.titles())
        for name in ("feed.xml", "atom.xml"):
            xml.parsers.expat.ParserCreate().Parse((program.public / name).read_bytes(), True)
    except (OSError, ValueError, xml.parsers.expat.ExpatError) as error:
        checks.that(False, f"{what}: the outputs are there and parse", error)
    return told


def refused(checks, told, name, what, words=("address guard refuses",)):
    each = told.get(name, {})
    error = each.get("error") or ""
    return checks.that(each.get("outcome") == "failed" and any(word in error for word in words), f"{what}: refused by policy",
                       f"{each.get('outcome')} {error!r}")


def build_world(folder):
    def sh(*words):
        subprocess.run(words, check=True)
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo")
    sh("ip", "-6", "route", "add", "local", "::/0", "dev", "lo")
    for name, text in (("hosts", HOSTS), ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"),
                       ("nsswitch.conf", "hosts: files dns\n")):
        Path(folder, name).write_text(text)
        if Path("/etc", name).exists():
            sh("mount", "--bind", f"{folder}/{name}", f"/etc/{name}")


def inside_namespaces(script, binary, main):
    """Runs `main(binary, folder)` in namespaces of its own, or says visibly that it cannot."""
    import tempfile
    if os.environ.get("FEEDLOOM_NAMESPACE"):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "etc").mkdir()
            build_world(Path(folder, "etc"))
            return main(binary, folder)
    inside = ["unshare", "-rmn"]
    try:
        probe = subprocess.run(inside + ["sh", "-c", "ip link set lo up && ip -6 route add local ::/0 dev lo"], capture_output=True)
    except OSError:
        probe = None
    if probe is None or probe.returncode != 0:
        print(f"SKIPPED {Path(script).name}: no namespaces here (needs unshare and ip)")
        return 0
    return subprocess.run(inside + [sys.executable, script, os.path.abspath(binary)],
                          env={**os.environ, "FEEDLOOM_NAMESPACE": "1"}).returncode
