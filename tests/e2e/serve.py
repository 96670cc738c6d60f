#!/usr/bin/env python3
"""`feedloom serve` among the programs that meet it, over loopback: serve.py BINARY

The parser of prometheus_client (PyPI) reads /metrics; feedparser and newsboat read the feed; Chromium opens every page under the policy that
is in force, with a small copy of a picture on it, and has nothing to say on its console; nginx and Caddy stand in front with the configurations
of contrib/, where they are installed.
"""

import http.server
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
import feedparser  # noqa: E402: only there in the environment
from prometheus_client.openmetrics.parser import text_string_to_metric_families  # noqa: E402

ROOT = HERE.parent.parent
PORT, PRIVATE, FRONT, PICTURES = 18590, 18591, 18592, 18594
FEED = f"""<rss version="2.0"><channel><title>Alpha</title><link>https://alpha.example/</link>
<item><title>Harbour crane learns to knit socks by itself</title><link>https://alpha.example/crane</link><guid>crane</guid>
<description>The crane of the harbour knits, and sells what it knits on Sundays to whoever comes by.</description>
<enclosure url="http://127.0.0.1:{PICTURES}/crane.png" type="image/png" length="1"/></item>
</channel></rss>"""
passed = failed = 0


class PictureHost(http.server.BaseHTTPRequestHandler):
    """Has one picture, a PNG of 320 by 200 pixels."""

    def do_GET(self):
        part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        lines = b"".join(b"\0" + bytes((column * 3 + row) % 256 for column in range(3 * 320)) for row in range(200))
        body = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 320, 200, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")
        self.send_response(200 if self.path == "/crane.png" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def check(what, is_so, more=""):
    global passed, failed
    passed, failed = passed + bool(is_so), failed + (not is_so)
    print(f"  {'ok' if is_so else 'FAILED'}: {what} {'' if is_so else more}")


def get(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def wait_for(address):
    for _ in range(200):
        try:
            if get(address)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"{address} is never there")


def metrics():
    _, headers, body = get(f"http://127.0.0.1:{PRIVATE}/metrics")
    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    check("a real parser reads the metrics", len(families) > 15 and "openmetrics" in headers["content-type"], families.keys())
    requests = {sample.labels["code"]: sample.value for sample in families["feedloom_http_requests"].samples}
    check("answers are counted by their codes", requests["200"] > 0, requests)
    check("what 304 saves is counted", families["feedloom_http_saved_bytes"].samples[0].value > 0)


def readers(base, work):
    for name, kind in (("feed.xml", "rss20"), ("atom.xml", "atom10"), ("feed.json", None)):
        if kind:
            first = feedparser.parse(f"{base}/{name}")
            again = feedparser.parse(f"{base}/{name}", etag=first.etag, modified=first.modified)
            seen = (first.version, len(first.entries), first.bozo, again.status)
            check(f"feedparser reads {name}, and the second time there is nothing new", seen == (kind, 1, False, 304), seen)
    if shutil.which("newsboat"):
        (work / "urls").write_text(f"{base}/feed.xml\n")
        done = [subprocess.run(["newsboat", "-u", work / "urls", "-c", work / "cache.db", "-C", "/dev/null", "-x", *words], capture_output=True, text=True)
                for words in (["reload"], ["print-unread"])]
        check("newsboat reads the feed", done[1].stdout.startswith("1 unread"), done)


def pictures(base, work):
    found = None
    for _ in range(100):
        found = found or re.search(r'<img [^>]*src="(pictures/[^"]*)"', get(base + "/")[2].decode())
        time.sleep(0 if found else 0.1)
    check("the page shows a small copy of the picture", found)
    if found:
        code, headers, body = get(f"{base}/{found[1]}")
        seen = (code, headers["Content-Type"], body[:2])
        check("and it is there", seen == (200, "image/jpeg", b"\xff\xd8"), seen)
    validators = [sys.executable, HERE.parent / "validators", work / "data/public", "--link", "https://feeds.example.org/"]
    done = subprocess.run(validators, capture_output=True, text=True)
    check("the validators have nothing to say of a page with copies", done.returncode == 0, done.stdout + done.stderr)


def browser(base, work):
    chromium = shutil.which("chromium")
    if not chromium:
        return
    for path in ("/", "/about.html", "/archive/", "/search?q=crane"):
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=4000", "--dump-dom",
             f"--user-data-dir={work / 'profile'}", base + path], capture_output=True, text=True, timeout=120)
        told = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        check(f"Chromium opens {path} and says nothing", "</html>" in done.stdout and not told, told)
    status = get(base + "/status")[0]
    check("the operator's page is not there for readers", status == 404, status)


def behind(name, command, base):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{base}/feed.xml")
        code, headers, body = get(f"{base}/feed.xml", **{"Accept-Encoding": "gzip"})
        again = get(f"{base}/feed.xml", **{"Accept-Encoding": "gzip", "If-None-Match": headers["ETag"]})
        seen = (code, headers["Content-Encoding"], again[0], get(f"{base}/metrics")[0], get(f"{base}/archive")[0])
        check(f"{name} passes on encodings and 304s, and hides the operator's pages", seen == (200, "gzip", 304, 404, 200), seen)
    finally:
        process.terminate()
        process.wait(20)


def proxies(work):
    sock = str(work / "http.sock")
    if shutil.which("nginx"):
        text = (ROOT / "contrib/nginx-serve.conf").read_text().replace("/run/feedloom/http.sock", sock)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{FRONT};").replace("    listen [::]:80;\n", "")
        temp = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (work / "nginx.conf").write_text(f"user root; daemon off; pid {work}/nginx.pid; error_log {work}/nginx.err; events {{}} http {{ access_log off; {temp} {text} }}")
        behind("nginx", ["nginx", "-c", str(work / "nginx.conf")], f"http://127.0.0.1:{FRONT}")
    if shutil.which("caddy"):
        text = (ROOT / "contrib/Caddyfile-serve").read_text().replace("/run/feedloom/http.sock", sock)
        text = text.replace("feeds.example.org {", f"http://127.0.0.1:{FRONT + 1} {{")
        (work / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
        behind("Caddy", ["caddy", "run", "--config", str(work / "Caddyfile"), "--adapter", "caddyfile"], f"http://127.0.0.1:{FRONT + 1}")


def serving(binary, work, listen):
    (work / "feed.xml").write_text(FEED)
    (work / "feeds.toml").write_text(
        f'link = "https://feeds.example.org/"\nfetch = {{ allow = ["127.0.0.1"] }}\n[[source]]\nid = "alpha"\nurl = "file:feed.xml"\n'
        + "".join(f'[[output]]\nfile = "{file}"\n' for file in ("feed.xml", "atom.xml", "feed.json")) +
        f'[[output]]\nfile = "index.html"\nimages = "copy"\n'
        f'[serve]\nlisten = "{listen}"\nmetrics_listen = "127.0.0.1:{PRIVATE}"\n')
    return subprocess.Popen([binary, "--config", work / "feeds.toml", "serve"], stderr=subprocess.DEVNULL)


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    host = http.server.ThreadingHTTPServer(("127.0.0.1", PICTURES), PictureHost)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        work, base = pathlib.Path(folder), f"http://127.0.0.1:{PORT}"
        for listen, parts in ((f"127.0.0.1:{PORT}", [lambda: readers(base, work), metrics, lambda: pictures(base, work), lambda: browser(base, work)]), (f"unix:{work}/http.sock", [lambda: proxies(work)])):
            process = serving(binary, work, listen)
            wait_for(f"http://127.0.0.1:{PRIVATE}/feed.xml")
            for part in parts:
                part()
            process.terminate()
            check("it ends well", process.wait(20) == 0)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
