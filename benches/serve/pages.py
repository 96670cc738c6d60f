#!/usr/bin/env python3
"""What a service that shows many pages of stories costs: pages.py PROGRAM [PAGES [ITEMS A PUBLISH]]

Publishes until so many pages of stories stand in the folder (10,000 unless told otherwise), starts `feedloom serve`, and says how
long it takes to be ready and how much memory it has: then, after every page was asked for once, and after a further publish.
"""

import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import time

PORT = 18491
SOURCES = 50


def words(chance, count):
    return " ".join("".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)) for _ in range(count))


def write(folder, first, count):
    """Feeds of `count` items together, each news of its own."""
    for source in range(SOURCES):
        items = ""
        for number in range(first + source, first + count, SOURCES):
            chance = random.Random(number)
            items += (
                f"<item><title>{words(chance, 7)}</title><link>https://s{source}.example/{number}</link><guid>{number}</guid>"
                f"<description>{words(chance, 60)}</description></item>"
            )
        with open(f"{folder}/s{source}.xml", "w") as file:
            file.write(
                f'<rss version="2.0"><channel><title>Source {source}</title><link>https://s{source}.example/</link>{items}</channel></rss>'
            )


def rss_mb(process):
    with open(f"/proc/{process.pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def main():
    program = os.path.abspath(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    each = int(sys.argv[3]) if len(sys.argv) > 3 else 80
    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/feeds.toml"
        with open(config, "w") as file:
            file.write(
                f'link = "http://127.0.0.1:{PORT}/"\n[serve]\nlisten = "127.0.0.1:{PORT}"\n'
                f'[[output]]\nfile = "feed.xml"\n[[output]]\nfile = "index.html"\nitems = {each}\nmax_bytes = "8MiB"\n'
                + "".join(f'[[source]]\nid = "s{source}"\nurl = "file:s{source}.xml"\n' for source in range(SOURCES))
            )
        run = [program, "--config", config, "run", "--quiet"]
        began = int(time.time()) - 3600 * (wanted // each + 2)
        for number in range(wanted // each):
            write(folder, number * each, each)
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began + 3600 * number))
            subprocess.run([*run, "--now", now], check=True)
        pages = [f"/s/{name}" for name in os.listdir(f"{folder}/data/public/s") if name.endswith(".html")]
        size = sum(os.path.getsize(f"{folder}/data/public{page}") for page in pages)
        print(f"{len(pages)} pages of {size / len(pages) / 1024:.1f} KiB", flush=True)
        began = time.monotonic()
        process = subprocess.Popen([program, "--config", config, "serve"], stderr=subprocess.DEVNULL)
        while True:
            try:
                if get("/feed.xml")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.02)
        ready = time.monotonic() - began
        time.sleep(3)
        print(f"ready after {ready:.2f} s, {rss_mb(process):.0f} MB", flush=True)
        began = time.monotonic()
        wrong = sum(get(page)[0] != 200 for page in pages)
        print(f"each page asked for once, {len(pages) / (time.monotonic() - began):.0f} a second, {wrong} wrong: {rss_mb(process):.0f} MB", flush=True)
        write(folder, wanted, 10)
        while subprocess.run(run).returncode == 75:
            time.sleep(0.1)
        time.sleep(3)
        print(f"after a further publish: {rss_mb(process):.0f} MB")
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
