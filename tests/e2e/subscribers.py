"""What readers.py and previews.py share: sources as files, a server of the outputs, and newsboat."""
import functools
import http.server
import os
import shutil
import sqlite3
import subprocess
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".xml": "application/xml", ".json": "application/feed+json", "": "text/html"}

    def log_message(self, *_):
        pass


def serve(folder):
    """Serves the outputs of the feeds.toml in `folder` from loopback; their address."""
    public = folder / "data/public"
    public.mkdir(parents=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=public))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def feed(outlet, items):
    """A feed of `items`: guid, title, link, date, and what else each has."""
    found = "".join(f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid>"
                    f"<pubDate>{date}</pubDate>{more}</item>" for guid, title, link, date, more in items)
    return f"<rss version='2.0'><channel><title>{outlet}</title><link>https://{outlet}.example/</link>{found}</channel></rss>"


def text(words):
    return f"<description>{words}</description>"


def configure(folder, base, names):
    """A feeds.toml whose sources are files beside it."""
    config = f'title = "Woven"\nlink = "{base}/"\n'
    for name in names:
        config += f'[[source]]\nurl = "file:{name}.xml"\nid = "{name}"\n'
    (folder / "feeds.toml").write_text(config)


def run(binary, folder, now):
    """One pass; ends this program where it fails."""
    command = [binary, "--config", folder / "feeds.toml", "run", "--all", "--now", now]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)


class Newsboat:
    """newsboat in a folder of its own, subscribed to `address`."""

    def __init__(self, folder, address):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "urls").write_text(address + "\n")
        (folder / "config").write_text("reload-threads 1\n")

    def reload(self):
        command = ["newsboat", "-q", "-u", self.folder / "urls", "-C", self.folder / "config", "-c", self.folder / "cache.db", "-x", "reload"]
        subprocess.run(command, check=True, capture_output=True, timeout=60, env={**os.environ, "HOME": str(self.folder)})

    def items(self):
        """Its database of items."""
        return sqlite3.connect(self.folder / "cache.db")
