"""The program as a process, in a folder of its own."""
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

SECOND_LEVELS = {"ac", "co", "com", "edu", "go", "gov", "gob", "ne", "net", "or", "org"}
# Each writer has a host of their own under these.
SHARED = {"blogspot.com", "github.io", "livejournal.com", "medium.com", "substack.com", "tumblr.com", "typepad.com", "wordpress.com"}


class Program:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.public = self.folder / "data/public"

    def configure(self, sources, head="", each=""):
        text = f'title = "Woven"\nlink = "https://feeds.example.org/"\n{head}'
        for name, address in sources:
            text += f"[[source]]\nid = {json.dumps(name)}\nurl = {json.dumps(address)}\n{each}"
        (self.folder / "feeds.toml").write_text(text)

    def run(self, now):
        done = subprocess.run([self.binary, "--config", str(self.folder / "feeds.toml"), "run", "--all", "--json", "--now",
                               now], capture_output=True, timeout=600)
        if done.returncode not in (0, 1):
            sys.exit(done.stderr.decode("utf-8", "replace"))
        return json.loads(done.stdout or b"{}")


def host(address):
    return (urlsplit(address or "").hostname or "").rstrip(".").removeprefix("www.")


def domain(address):
    """The registrable domain, near enough to compare outlets by."""
    name = host(address)
    labels = name.split(".")
    if re.fullmatch(r"[\d.]+", name) or len(labels) < 3:
        return name
    deep = 3 if len(labels[-1]) == 2 and labels[-2] in SECOND_LEVELS or ".".join(labels[-2:]) in SHARED else 2
    return ".".join(labels[-deep:])
