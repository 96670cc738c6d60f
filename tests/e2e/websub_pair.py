#!/usr/bin/env python3
"""Two services of feedloom, each in a network namespace of its own: websub_pair.py BINARY [KILLS]

One is a hub for its feed, the other subscribes to it there. First what is pushed is timed from the publish to the page of the other; then
either or both are killed (SIGKILL) again and again at random moments, while news comes: nothing may be lost or be there twice, and the
subscription stays. Needs `unshare`, `nsenter` and `ip`, and a kernel with virtual cables; without them nothing is checked.
"""

import atexit
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

INSIDE = "FEEDLOOM_PAIR_INSIDE"
HUB, SUBSCRIBER, PORT = "93.184.216.34", "93.184.216.35", 8080
LAST_WAIT = 120
PATIENCE = 60


def two_namespaces():
    """Starts this program again in a namespace of its own, with a second one at the end of a cable."""
    if INSIDE in os.environ:
        return
    for flags in ("-n", "-rn"):
        if shutil.which("unshare") and shutil.which("nsenter") and subprocess.run(["unshare", flags, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp("unshare", ["unshare", flags, sys.executable, *sys.argv])
    print("  no network namespaces here: nothing is checked")
    sys.exit(0)


def ip(*words, inside=None):
    enter = ["nsenter", "-t", str(inside), "-n"] if inside else []
    subprocess.run([*enter, "ip", *words], check=True)


def cable():
    """The id of a process that holds the second namespace."""
    holder = subprocess.Popen(["unshare", "-n", "sleep", "3600"])
    atexit.register(holder.kill)
    own = os.readlink("/proc/self/ns/net")
    while os.readlink(f"/proc/{holder.pid}/ns/net") == own:
        time.sleep(0.01)
    ip("link", "set", "lo", "up")
    made = subprocess.run(["ip", "link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(holder.pid)], capture_output=True, text=True)
    if made.returncode:
        print(f"  no cable between namespaces here ({made.stderr.strip()}): nothing is checked")
        sys.exit(0)
    for name, address, inside in (("here", HUB, None), ("there", SUBSCRIBER, holder.pid)):
        ip("address", "add", f"{address}/24", "dev", name, inside=inside)
        ip("link", "set", name, "up", inside=inside)
    ip("link", "set", "lo", "up", inside=holder.pid)
    return holder.pid


class Service:
    """One of the two: a folder, and a process that comes and goes."""

    def __init__(self, binary, folder, address, text, inside=None):
        folder.mkdir()
        self.binary, self.folder, self.address, self.process = binary, folder, address, None
        self.enter = ["nsenter", "-t", str(inside), "-n"] if inside else []
        listen = f'[serve]\nlisten = "{address}:{PORT}"\npublic_url = "http://{address}:{PORT}/"\naccess_log = "log"\n'
        output = '[[output]]\nfile = "feed.xml"\nitems = 1000\n[[output]]\nfile = "feed.json"\nitems = 1000\n'
        (folder / "feeds.toml").write_text(f'link = "http://{address}:{PORT}/"\n{output}{text.replace("[serve]", listen)}')

    def start(self):
        with open(self.folder / "told", "a") as told:
            self.process = subprocess.Popen([*self.enter, self.binary, "--config", self.folder / "feeds.toml", "serve"], stderr=told)
        atexit.register(self.process.kill)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def run(self):
        """A pass beside the service; one of its own may be in the way."""
        for _ in range(100):
            done = subprocess.run([*self.enter, self.binary, "--config", self.folder / "feeds.toml", "run"], capture_output=True, text=True)
            if done.returncode != 75:
                return done
            time.sleep(0.05)
        sys.exit(f"no pass can be made: {done.stderr}")

    def titles(self):
        """What its feed shows, as another program is given it."""
        get = [*self.enter, sys.executable, "-c", f"import urllib.request as u; print(u.urlopen('http://{self.address}:{PORT}/feed.json', timeout=5).read().decode())"]
        if not self.enter:
            try:
                with urllib.request.urlopen(f"http://{self.address}:{PORT}/feed.json", timeout=5) as answer:
                    text = answer.read()
            except OSError:
                return []
        else:
            text = subprocess.run(get, capture_output=True, text=True).stdout
        return [item["title"] for item in json.loads(text)["items"]] if text else []

    def rows(self, question):
        database = sqlite3.connect(f"file:{self.folder}/data/feedloom.db?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(question).fetchone()[0]
        finally:
            database.close()


passed = failed = 0


def check(what, is_so, more=""):
    global passed, failed
    passed, failed = passed + bool(is_so), failed + (not is_so)
    print(f"  {'ok' if is_so else 'FAILED'}: {what} {'' if is_so else more}", flush=True)


def wait_for(what, test, seconds=PATIENCE):
    began = time.monotonic()
    while not test():
        if time.monotonic() - began > seconds:
            check(what, False, f"not within {seconds} s")
            return None
        time.sleep(0.02)
    return time.monotonic() - began


class News:
    """The feed that the hub's service reads: an item more each time."""

    def __init__(self, path, chance):
        self.path, self.chance, self.titles, self.items, self.used = path, chance, [], "", set()

    def words(self, count):
        """So many words that stand nowhere else: no two items tell the same story."""
        made = []
        while len(made) < count:
            word = "".join(self.chance.choice("bdfgklmnprstvz") + self.chance.choice("aeiou") for _ in range(4))
            if word not in self.used:
                self.used.add(word)
                made.append(word)
        return " ".join(made)

    def add(self):
        number = len(self.titles)
        title = self.words(5)
        self.titles.append(title)
        self.items += (f"<item><title>{title}</title><link>https://alpha.example/{number}</link><guid>{number}</guid>"
                       f"<description>{self.words(12)}</description></item>")
        whole = f'<rss version="2.0"><channel><title>Alpha</title><link>https://alpha.example/</link>{self.items}</channel></rss>'
        aside = self.path.with_suffix(".new")
        aside.write_text(whole)
        aside.rename(self.path)
        return title


def main():
    two_namespaces()
    binary, kills = str(Path(sys.argv[1]).resolve()), int(sys.argv[2]) if len(sys.argv) > 2 else 30
    chance = random.Random(20)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        far = cable()
        hub = Service(binary, work / "hub", HUB, '[serve]\nhub = true\n[[source]]\nid = "alpha"\nurl = "file:in.xml"\n')
        topic = f"http://{HUB}:{PORT}/feed.xml"
        other = Service(binary, work / "other", SUBSCRIBER, f'[serve]\n[[source]]\nid = "hub"\nurl = "{topic}"\n', inside=far)
        news = News(hub.folder / "in.xml", chance)
        news.add()
        hub.start()
        wait_for("the hub's feed is published", lambda: hub.titles())
        other.start()
        wait_for("the other one shows it", lambda: other.titles())
        wait_for("it is subscribed", lambda: hub.rows("SELECT count(*) FROM hub_subscriber") == 1)
        took = []
        for _ in range(5):
            title = news.add()
            hub.run()
            took.append(wait_for("what is new is pushed", lambda: title in other.titles()))
        check(f"from a publish of the one to the page of the other: {max(took):.2f} s at most", max(took) < 2)
        counts = {"hub": 0, "other": 0}
        while sum(counts.values()) < kills:
            news.add()
            dies = chance.choice([[hub], [other], [hub, other]])
            if hub not in dies:
                hub.run()
            else:
                # Its own pass at its start takes in what is new.
                hub.kill()
                hub.start()
            time.sleep(chance.random() * 0.6)
            for one in dies:
                one.kill()
                counts[one.folder.name] += 1
            for one in dies:
                one.start()
        print(f"  killed: the hub {counts['hub']} times, the other one {counts['other']} times", flush=True)
        hub.run()
        for name, one in (("hub", hub), ("other one", other)):
            wait_for(f"the {name} has all {len(news.titles)}", lambda: set(news.titles) <= set(one.titles()), LAST_WAIT)
            shown = one.titles()
            check(f"the {name} shows each of {len(news.titles)} once", sorted(shown) == sorted(news.titles), [t for t in shown if shown.count(t) > 1 or t not in news.titles])
        check("the subscription is kept", hub.rows("SELECT count(*) FROM hub_subscriber") == 1)
        asked = (hub.folder / "log").read_text().count("POST /hub")
        check("and was asked for once", asked == 1, asked)
        title = news.add()
        hub.run()
        wait_for("what is new is pushed still", lambda: title in other.titles())
        for one in (hub, other):
            one.kill()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
