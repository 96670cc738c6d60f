#!/usr/bin/env python3
"""Passes over real feeds with random damage done to them: mutate.py BINARY FOLDER [DOCUMENTS]

FOLDER holds saved feeds. Each document is broken in one to eight places (bytes flipped, cut, doubled, moved, spliced with
another document's, markup that feeds are broken by put in) and is a source of a pass; after each pass every output is
parsed with strict parsers. Ends with "N passed, N failed"; exit code 1 on a failure.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import xml.parsers.expat
from pathlib import Path

SOURCES = 250
PIECES = [b"&", b"&nbsp;", b"&#0;", b"&#xD800;", b"<", b">", b"]]>", b"<![CDATA[", b"-->", b"<!--", b"<?xml version='1.0' encoding='utf-16'?>",
          b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\x00", b"\x08", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"</title><script>alert(1)</script>",
          b"</item>", b"</channel>", b"</rss>", b"<item>", b"<entry>", b"xmlns:x='y'", b"xml:base='//x'", b"\"", b"'", b"=", b"type='xhtml'",
          "\u202e\u2066".encode(), b"<p><b title=i>x" * 400, b"9" * 400, b"1601-01-01T00:00:00Z", b"javascript:alert(1)", b"http://["]


def broken(text, others, dice):
    """`text` with some damage."""
    data = bytearray(text)
    for _ in range(dice.randint(1, 8)):
        at, length = dice.randrange(len(data) + 1), dice.choice((1, 4, 40, 400, 4000))
        kind = dice.randrange(7)
        if kind == 0 and data:
            data[min(at, len(data) - 1)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[at:at + length]
        elif kind == 2:
            data[at:at] = data[at:at + length]
        elif kind == 3:
            piece, to = bytes(data[at:at + length]), dice.randrange(len(data) + 1)
            data[to:to] = piece
        elif kind == 4:
            other = dice.choice(others)
            start = dice.randrange(len(other) + 1)
            data[at:at + length] = other[start:start + length]
        elif kind == 5 and len(data) > 100:
            del data[dice.randrange(100, len(data)):]
        else:
            data[at:at] = dice.choice(PIECES)
    return bytes(data)


def whole(path):
    """Why an output does not parse; "": it does."""
    data = path.read_bytes()
    try:
        if path.suffix == ".json":
            json.loads(data)
        elif path.suffix in (".xml", ".opml"):
            xml.parsers.expat.ParserCreate().Parse(data, True)
        elif re.search(rb"<script|\son\w+\s*=|javascript:", re.sub(rb"(?s)<style>.*?</style>|&lt;.*?&gt;", b"", data), re.I):
            active = re.search(rb"<script|<[^>]*\son\w+\s*=|<[^>]*(?:href|src)=[\"']?javascript:", data, re.I)
            return f"something active: {active.group()[:80]!r}" if active else ""
    except (ValueError, xml.parsers.expat.ExpatError) as error:
        return str(error)
    return ""


def main(binary, folder, count):
    texts = [path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.suffix in (".xml", ".json") and path.stat().st_size < 300_000]
    dice, passed, failed, tried, read, slowest = random.Random(20261102), 0, 0, 0, 0, 0.0
    while tried < count:
        with tempfile.TemporaryDirectory() as home:
            home = Path(home)
            names = [f"d{n}" for n in range(SOURCES)]
            for name in names:
                (home / f"{name}.xml").write_bytes(broken(dice.choice(texts), texts, dice))
            (home / "feeds.toml").write_text('title = "Broken"\nlink = "https://feeds.example.org/"\n[defaults]\nrepublish = "full"\n' + "".join(
                f'[[source]]\nid = "{name}"\nurl = "file:{name}.xml"\n' for name in names))
            begun = time.monotonic()
            done = subprocess.run([os.path.abspath(binary), "--config", str(home / "feeds.toml"), "run", "--json", "--now",
                                   "2026-11-02T09:00:00Z"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
            slowest = max(slowest, time.monotonic() - begun)
            wrong = [f"{path.name}: {why}" for path in (home / "data/public").glob("*.*") if (why := whole(path))]
            told = json.loads(done.stdout)["sources"] if done.returncode == 0 else []
            panicked = "panicked" in done.stderr or any("made the reader fail" in str(each.get("error")) for each in told)
            read += sum(each["outcome"] == "read" for each in told)
            for right, what in ((done.returncode == 0, f"exit code {done.returncode}: {done.stderr[-600:]}"), (not wrong, wrong[:5]),
                                (not panicked, f"a panic: {done.stderr[-600:]}"), (len(told) == SOURCES, "a source is not told of")):
                passed, failed = passed + bool(right), failed + (not right)
                if not right:
                    print(f"FAIL documents {tried} to {tried + SOURCES}: {what}", flush=True)
            tried += SOURCES
    print(f"{tried} mutated documents, {read} of them read as feeds; a pass over {SOURCES} took {slowest:.1f} s at most")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 5000))
