#!/usr/bin/env python3
"""A day of `feedloom serve`, in minutes: day.py PROGRAM [PUBLISHES [SECONDS BETWEEN THEM]]

Ninety-six publishes, as many as a day of quarter-hours has, by passes beside the service, while fifty readers ask for its four documents in
all encodings, most of them with the tag that they were given last. Counts answers whose bytes are no whole document or not the one that
their tag names, what is older than what the same reader had before, and documents of two publishes given as if they were of one; and says
how memory grows.
"""

import gzip
import hashlib
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter

PORT = 18490
READERS = 50
SOURCES = 8
FILES = ("feed.xml", "atom.xml", "feed.json", "index.html")
PUBLISH = re.compile(rb"publish number (\d+) of source")


def feed(source, publishes, chance):
    """The last thirty items of `source`, each saying in which publish it came."""
    items = "".join(
        f"<item><title>publish number {number} of source {source}: {chance[source, number]}</title>"
        f"<link>https://s{source}.example/{number}</link><guid>{number}</guid><description>{chance[source, -number - 1]}</description></item>"
        for number in range(max(0, publishes - 29), publishes + 1)
    )
    return f'<rss version="2.0"><channel><title>Source {source}</title><link>https://s{source}.example/</link>{items}</channel></rss>'


class Words(dict):
    """Words of their own for each text."""

    def __missing__(self, key):
        chance = random.Random(repr(key))
        made = " ".join("".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)) for _ in range(6 if key[1] >= 0 else 20))
        self[key] = made
        return made


class Day:
    def __init__(self, program, folder):
        self.program, self.folder, self.words = program, folder, Words()
        toml = f'link = "http://127.0.0.1:{PORT}/"\n[serve]\nlisten = "127.0.0.1:{PORT}"\n'
        for file in FILES:
            toml += f'[[output]]\nfile = "{file}"\n'
        for source in range(SOURCES):
            toml += f'[[source]]\nid = "s{source}"\nurl = "file:s{source}.xml"\n'
        with open(f"{folder}/feeds.toml", "w") as file:
            file.write(toml)
        self.write(0)
        self.found, self.counts, self.over = [], Counter(), threading.Event()

    def write(self, publishes):
        for source in range(SOURCES):
            with open(f"{self.folder}/s{source}.new", "w") as file:
                file.write(feed(source, publishes, self.words))
            os.rename(f"{self.folder}/s{source}.new", f"{self.folder}/s{source}.xml")

    def publish(self, number):
        self.write(number)
        while subprocess.run([self.program, "--config", f"{self.folder}/feeds.toml", "run", "--quiet"], capture_output=True).returncode == 75:
            time.sleep(0.05)

    def read(self, seed):
        """One reader, until the day is over."""
        chance, tags, seen = random.Random(seed), {}, Counter()
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        while not self.over.is_set():
            # A set is of one publish: what is asked between two equal answers is of the same one.
            first, second = chance.sample(FILES, 2)
            sets = [self.ask(connection, file, chance, tags) for file in (first, second, first)]
            if sets[0] == sets[2] and None not in sets and sets[1] != sets[0]:
                self.found.append(f"{first} is of publish {sets[0]}, {second} of {sets[1]}")
            self.counts["sets"] += 1
            for file, number in zip((first, second, first), sets):
                if number is not None and number < seen[file]:
                    self.found.append(f"{file} goes back from publish {seen[file]} to {number}")
                seen[file] = max(seen[file], number or 0)
            time.sleep(chance.random() * 0.2)

    def ask(self, connection, file, chance, tags):
        """The publish that an answer is of."""
        encoding = chance.choice(("identity", "gzip"))
        headers = {"Accept-Encoding": encoding}
        known = tags.get((file, encoding))
        if known and chance.random() < 0.7:
            headers["If-None-Match"] = known[0]
        connection.request("GET", f"/{file}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        self.counts[answer.status] += 1
        tag = answer.headers["ETag"]
        if answer.status == 304:
            if known is None or tag != known[0]:
                self.found.append(f"{file}: 304 for {tag}, asked with {known}")
                return None
            return known[1]
        if answer.status != 200 or len(body) != int(answer.headers["Content-Length"]):
            self.found.append(f"{file}: {answer.status}, {len(body)} bytes of {answer.headers['Content-Length']}")
            return None
        text = gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body
        try:
            json.loads(text) if file.endswith("json") else file.endswith("xml") and ElementTree.fromstring(text)
        except (ValueError, ElementTree.ParseError) as error:
            self.found.append(f"{file}: {error}")
        number = max(map(int, PUBLISH.findall(text)), default=-1)
        digest = hashlib.sha256(body).digest()
        if known and known[0] == tag and known[2] != digest:
            self.found.append(f"{file}: other bytes under the tag {tag}")
        tags[file, encoding] = (tag, number, digest)
        return number


def rss_mb(process):
    with open(f"/proc/{process.pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def main():
    program = os.path.abspath(sys.argv[1])
    publishes = int(sys.argv[2]) if len(sys.argv) > 2 else 96
    pause = float(sys.argv[3]) if len(sys.argv) > 3 else 3.0
    with tempfile.TemporaryDirectory() as folder:
        day = Day(program, folder)
        process = subprocess.Popen([program, "--config", f"{folder}/feeds.toml", "serve"], stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if line.startswith("pass:"):
                break
        threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
        time.sleep(1)
        readers = [threading.Thread(target=day.read, args=(seed,)) for seed in range(READERS)]
        for reader in readers:
            reader.start()
        memory = []
        for number in range(1, publishes + 1):
            began = time.monotonic()
            day.publish(number)
            memory.append(rss_mb(process))
            time.sleep(max(0.0, pause - (time.monotonic() - began)))
        day.over.set()
        for reader in readers:
            reader.join()
        process.terminate()
        process.wait(20)
    for line in day.found[:20]:
        print(line)
    quarter = max(1, publishes // 4)
    at = ", ".join(f"{memory[number - 1]:.0f}" for number in range(quarter, publishes + 1, quarter))
    asked = {code: count for code, count in day.counts.items() if code != "sets"}
    print(f"{publishes} publishes, {READERS} readers, {day.counts['sets']} sets of three answers, {asked}: {len(day.found)} wrong; memory {at} MB")
    sys.exit(bool(day.found))


if __name__ == "__main__":
    main()
