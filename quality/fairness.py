#!/usr/bin/env python3
"""How fair a pass is among its sources, in figures: fairness.py BINARY

Everything runs on loopback, each source at an address of its own (127.x.y.z), with `timeout = "2s"` and
`deadline = "12s"`, so that what takes a quarter of an hour by default takes some seconds. Prints the figures that
docs/performance.md shows. Exit code 1 where another source has no item in the output, where a good source is not asked by
the second pass, or where the news of others is public only in the second half of a run that waits for pages.
"""
import hashlib
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TIMEOUT, DEADLINE = 2, 12


def title(source, number):
    """Words that no other title has: nothing is one story."""
    letters = hashlib.sha256(f"{source} {number}".encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    return " ".join(letters[at:at + 8] for at in range(0, 40, 8))


def feed(source, count, link):
    items = "".join(
        f"<item><guid>{source}-{n}</guid><title>{title(source, n)}</title><link>{link}/{source}-{n}</link>"
        f"<description>Text {source} {n}.</description><pubDate>02 Nov 2026 {9 - n % 9:02}:{n % 60:02}:00 GMT</pubDate></item>"
        for n in range(count))
    return f'<rss version="2.0"><channel><title>Outlet {source}</title><link>{link}/</link>{items}</channel></rss>'.encode()


class Host(http.server.ThreadingHTTPServer):
    """Answers by path at every address of 127.0.0.0/8, or, where a path begins with /hang, never."""
    daemon_threads, request_queue_size = True, 2048

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server = self.server
                server.asked.append((time.monotonic(), self.path))
                if self.path.startswith("/hang"):
                    server.closing.wait()
                    return
                kind, body = server.bodies.get(self.path, ("text/plain", None))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        super().__init__(("0.0.0.0", 0), Handler)
        self.bodies, self.asked, self.closing = {}, [], threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def verify_request(self, request, address):
        return address[0].startswith("127.")

    def url(self, number, path):
        return f"http://127.{1 + number // 60000}.{number // 250 % 240}.{1 + number % 250}:{self.server_address[1]}{path}"


class World:
    def __init__(self, binary, more=""):
        self.binary, self.made = binary, tempfile.TemporaryDirectory()
        self.folder = Path(self.made.name)
        self.toml = (f'title = "F"\n[fetch]\nallow = ["127.0.0.0/8"]\nspacing = "0s"\n'
                     f'timeout = "{TIMEOUT}s"\ndeadline = "{DEADLINE}s"\n{more}')

    def source(self, name, url, article="never"):
        self.toml += f'[[source]]\nid = "{name}"\nurl = "{url}"\narticle = "{article}"\n'

    def start(self, hour):
        (self.folder / "feeds.toml").write_text(self.toml)
        command = [self.binary, "--config", self.folder / "feeds.toml", "run", "--all", "--now", f"2026-11-02T{hour:02}:00:00Z"]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def items(self):
        try:
            return json.loads((self.folder / "data/public/feed.json").read_text())["items"]
        except FileNotFoundError:
            return []


def share_of_the_window(binary):
    """A source with many new entries among some with one: its share of the first items of an output."""
    rows = []
    for fresh, others in ((20, 19), (110, 10), (300, 10), (400, 40)):
        host, world = Host(), World(binary)
        for number in range(others + 1):
            path = f"/{number}"
            host.bodies[path] = ("application/rss+xml", feed(number, fresh if number == 0 else 1, f"http://o{number}.example"))
            world.source(f"s{number}", host.url(number, path))
        world.start(10).wait()
        items = world.items()
        names = [item["url"].split("/")[2] for item in items]
        seen = sum(f"o{n}.example" in names for n in range(1, others + 1))
        rows.append((fresh, others, len(items), names.count("o0.example"), seen))
        host.closing.set()
    print("\n| new entries of one source | others with one | items of the first output | from it | others shown |\n|--:|--:|--:|--:|--:|")
    for row in rows:
        print("| {} | {} | {} | {} | {} |".format(*row))
    return all(seen == others for _, others, _, _, seen in rows)


def hanging(binary):
    """Sources that never answer, before ten good ones: who is asked, and how long a good one waits for its turn."""
    rows = []
    for count in (60, 300, 1000):
        host, world = Host(), World(binary)
        for number in range(count):
            world.source(f"h{number}", host.url(number, f"/hang{number}"))
        for number in range(10):
            path = f"/good{number}"
            host.bodies[path] = ("application/rss+xml", feed(number, 1, f"http://o{number}.example"))
            world.source(f"g{number}", host.url(2000 + number, path))
        asked, seen, longest = [], {}, 0.0
        for turn in range(3):
            host.asked.clear()
            begun = time.monotonic()
            world.start(10 + turn).wait()
            paths = {path for _, path in host.asked}
            asked.append(len(paths))
            for at, path in host.asked:
                if path.startswith("/good") and path not in seen:
                    seen[path] = turn + 1
                    longest = max(longest, at - begun)
        rows.append((count, " / ".join(map(str, asked)), len(seen), max(seen.values(), default=0), longest))
        host.closing.set()
    print("\n| hanging | asked in pass 1 / 2 / 3 | good asked | at the latest in pass | longest wait |\n|--:|--:|--:|--:|--:|")
    for row in rows:
        print("| {} | {} | {} of 10 | {} | {:.1f} s |".format(*row))
    return all(good == 10 and latest <= 2 for _, _, good, latest, _ in rows)


def pages_and_feeds(binary):
    """A host whose pages take their time: when the news of the others is public, and when the run ends."""
    host, world = Host(), World(binary)
    host.bodies["/robots.txt"] = ("text/plain", b"User-agent: *\nCrawl-delay: 1\n")
    slow = host.url(0, "")
    host.bodies["/slow"] = ("application/rss+xml", feed(0, 30, slow))
    world.source("slow", host.url(0, "/slow"), "always")
    for number in range(1, 11):
        host.bodies[f"/{number}"] = ("application/rss+xml", feed(number, 2, f"http://o{number}.example"))
        world.source(f"s{number}", host.url(number, f"/{number}"))
    begun, public = time.monotonic(), None
    running = world.start(10)
    while running.poll() is None:
        if public is None and len({item["url"].split("/")[2] for item in world.items()} & {f"o{n}.example" for n in range(1, 11)}) == 10:
            public = time.monotonic() - begun
        time.sleep(0.05)
    took = time.monotonic() - begun
    public = public or took
    host.closing.set()
    print(f"\n30 pages of a host with a Crawl-delay: the news of ten others is public after {public:.1f} s, the run ends after {took:.1f} s")
    return public < took / 2


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    checks = [check(sys.argv[1]) for check in (share_of_the_window, hanging, pages_and_feeds)]
    sys.exit(0 if all(checks) else 1)
