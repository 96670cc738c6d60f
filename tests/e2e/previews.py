#!/usr/bin/env python3
"""What a reader's list of items and its mail show of our feed, over loopback: previews.py BINARY

newsboat (Debian), rss2email, reader and feedparser (PyPI) subscribe to feed.xml and atom.xml. Of each item they show the
news first: neither the headline again nor our own line, which comes last; and whose it is stands beside it. A story whose
lead has a teaser, one that came by a link list without any text, and one whose lead has none but whose other outlet does.
Ends with counts; exit code 1 on a failure.
"""
import email
import email.policy
import mailbox
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
import feedparser  # noqa: E402: only there in the environment
import reader as reader_package  # noqa: E402

import subscribers  # noqa: E402
from subscribers import text  # noqa: E402

NOW = "2026-11-02T10:00:00Z"
CRANE = "Harbour crane learns to knit socks by itself"
KNITS = "It took the crane of the harbour a winter, and the first pair is warm."
BRIDGE = "Old bridge sold to a museum of bridges"
SOLD = "The museum pays by the metre and will carry the bridge home in spring, it says."
LISTED = "Clock tower strikes for shorter hours and better oil"
# Title → what a preview begins with; None: there is no text.
NEWS = {CRANE: KNITS, BRIDGE: SOLD, LISTED: None}


def feed(outlet, items):
    return subscribers.feed(outlet, [(link, title, link, f"Mon, 02 Nov 2026 {hour:02}:00:00 GMT", more) for title, link, hour, more in items])


def sources():
    comments = "<comments>https://list.example/1</comments>"
    return {
        "alpha": [(CRANE, "https://alpha.example/crane", 4, text(KNITS)), (BRIDGE, "https://alpha.example/bridge", 3, "")],
        "beta": [(BRIDGE, "https://beta.example/bridge", 9, text(SOLD))],
        "list": [(LISTED, "https://gamma.example/tower", 8, comments + text("Comments"))],
    }


class Words(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.feed(markup)

    def handle_data(self, data):
        self.found.append(data)


def words(markup):
    return " ".join("".join(Words(markup or "").found).split())


def newsboat(folder, address):
    program = subscribers.Newsboat(folder / "newsboat", address)
    program.reload()
    base = program.items()
    yield from ((title, author, words(content)) for title, author, content in base.execute("SELECT title, author, content FROM rss_item"))
    base.close()


def by_mail(folder, address):
    home = folder / "mail"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    box = mailbox.Maildir(home / "box")
    program = [Path(sys.prefix) / "bin/r2e", "-c", home / "rc", "-d", home / "data"]
    quiet = {"check": True, "capture_output": True, "timeout": 60}
    subprocess.run([*program, "new", "me@example.org"], **quiet)
    settings = {"email-protocol": "maildir", "maildir-path": str(home), "maildir-mailbox": "box"}
    text = (home / "rc").read_text()
    for key, value in settings.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    (home / "rc").write_text(text)
    subprocess.run([*program, "add", "woven", address], **quiet)
    subprocess.run([*program, "run"], **quiet)
    for message in box:
        message = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        yield str(message["subject"]), str(message["from"]), " ".join(message.get_content().split())


def with_reader(folder, address):
    path = folder / "reader.db"
    path.unlink(missing_ok=True)
    reader = reader_package.make_reader(str(path))
    reader.add_feed(address)
    reader.update_feeds()
    for entry in reader.get_entries():
        body = words(entry.content[0].value) if entry.content else ""
        yield entry.title, entry.authors_str, body
        if entry.summary and body:
            yield entry.title, entry.authors_str, words(entry.summary)
    reader.close()


def with_feedparser(_, address):
    for entry in feedparser.parse(address).entries:
        yield entry.title, entry.author, words(entry.content[0].value)
        if entry.get("summary"):
            yield entry.title, entry.author, words(entry.summary)


def wrong(title, author, preview):
    """What is wrong with what a reader shows of an item; empty: nothing."""
    news = NEWS.get(title, "")
    if news == "":
        return f"no such title: {title!r}"
    outlet = {CRANE: "alpha", BRIDGE: "alpha", LISTED: "gamma.example"}[title]
    if not author or outlet not in author:
        return f"{outlet} is not named beside it: {author!r}"
    if news is not None and not preview.startswith(news[:50]):
        return f"the news does not come first: {preview[:90]!r}"
    if title == BRIDGE and not re.search(r"it says\. \(\[?beta\b", preview):
        return f"whose words they are is not said: {preview[:160]!r}"
    return ""


def main():
    binary, failures, seen = Path(sys.argv[1]).resolve(), 0, 0
    clients = {"reader": with_reader, "feedparser": with_feedparser, "rss2email": by_mail}
    if shutil.which("newsboat"):
        clients["newsboat"] = newsboat
    else:
        print("SKIPPED: newsboat is not installed")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        base = subscribers.serve(folder)
        subscribers.configure(folder, base, sources())
        for name, items in sources().items():
            (folder / f"{name}.xml").write_text(feed(name, items))
        subscribers.run(binary, folder, NOW)
        for name, client in clients.items():
            for file in ("feed.xml", "atom.xml"):
                items = list(client(folder, f"{base}/{file}"))
                titles = {re.sub(r"^\[.*?\] ", "", title) for title, _, _ in items}
                if titles != set(NEWS):
                    failures += 1
                    print(f"FAIL {name}, {file}: the items are {titles}")
                for title, author, preview in items:
                    seen += 1
                    fault = wrong(re.sub(r"^\[.*?\] ", "", title), author, preview)
                    if fault:
                        failures += 1
                        print(f"FAIL {name}, {file}, {title!r}: {fault}")
    print(f"{seen} previews in {', '.join(clients)}: {failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
