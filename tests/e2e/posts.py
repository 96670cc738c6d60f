#!/usr/bin/env python3
"""Posts under kills, merges, new guids and restored databases, and the recipes against a stub: posts.py BINARY [KILLS]

Nothing leaves the loopback. Ends with "N passed, N failed"; exit code 1 on a failure.
"""
import email
import email.policy
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from stage import Checks

RECIPES = Path(__file__).resolve().parents[2] / "contrib/posts"
START = datetime(2026, 11, 3, tzinfo=timezone.utc)
WORDS = ("harbour kernel mountain violin turbine orchard satellite glacier compiler museum battery lantern parliament "
         "reactor saffron tunnel umbrella voyager windmill xylophone yacht zeppelin anchor bakery canyon dolphin engine "
         "furnace garden hammer island jacket kettle ladder meadow needle oyster pepper quarry ribbon saddle timber").split()
OUTLETS = ["amber", "birch", "cedar"]
SLOW = """#!/bin/sh
read -r item
sleep 0.0$(( $$ % 4 ))
printf '%s\\n' "$item" >> posted
sleep 0.0$(( $$ % 3 ))
"""


def made_words(seed, count):
    """Words that nobody else uses, but for one: no two stories are alike."""
    chance = random.Random(seed)
    made = ["".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3)) for _ in range(count - 1)]
    return " ".join([*made, chance.choice(WORDS)]).capitalize()


class Desk:
    """Three outlets, and a post."""

    def __init__(self, binary, folder, posts):
        self.binary, self.folder = binary, Path(folder)
        self.written, self.guids, self.random = [], {outlet: "g" for outlet in OUTLETS}, random.Random(7)
        sources = "".join(f'[[source]]\nid = "{outlet}"\nurl = "file:{outlet}.xml"\n' for outlet in OUTLETS)
        (self.folder / "feeds.toml").write_text(
            f'link = "https://f.example/"\n{sources}[[output]]\nfile = "feed.json"\nitems = 1000\nspan = "7d"\n{posts}')

    def script(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def write(self, now):
        """News of this pass: one of an outlet alone, one that all three report in the same words."""
        for outlets in ([self.random.choice(OUTLETS)], OUTLETS):
            number = len(self.written)
            self.written.append((outlets, number, made_words(str(number), 6), now))
        for outlet in OUTLETS:
            items = "".join(self.item(outlet, *one) for one in reversed(self.written[-60:]) if outlet in one[0])
            (self.folder / f"{outlet}.xml").write_text(
                f'<rss version="2.0"><channel><title>{outlet}</title><link>https://{outlet}.example/</link>{items}</channel></rss>')

    def item(self, outlet, _, number, title, at):
        return (f"<item><title>{title}</title><link>https://{outlet}.example/{number}</link>"
                f'<guid isPermaLink="false">{self.guids[outlet]}{number}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>'
                f"<description>{made_words(f'{outlet} {number}', 14)}.</description></item>")

    def run(self, now, *words, command="run"):
        words = [*words, "--now", f"{now:%Y-%m-%dT%H:%M:%SZ}"]
        return subprocess.Popen([self.binary, "--config", self.folder / "feeds.toml", command, *words], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def whole(self, now, *words, command="run"):
        done = self.run(now, *words, command=command)
        out, err = done.communicate(timeout=120)
        assert done.returncode == 0, (words, err)
        return out


def kills(binary, folder, most, checks):
    """T89. At random places of passes: nothing is posted twice, all is posted or told."""
    desk = Desk(binary, folder, '[[post]]\nrun = ["./slow"]\nburst = 1000\nper_hour = 1000\nspan = "7d"\n')
    desk.script("slow", SLOW)
    database, backup = desk.folder / "data/feedloom.db", desk.folder / "backup.db"
    chance, killed, passes, whole, restored, renamed = random.Random(11), 0, 0, 0.2, 0, 0
    now = START
    while killed < most:
        passes, now = passes + 1, now + timedelta(minutes=7)
        if passes % 15 == 0:
            desk.guids[chance.choice(OUTLETS)] = f"n{passes}-"
            renamed += 1
        desk.write(now)
        began, calm = time.monotonic(), passes % 5 == 0
        child = desk.run(now, "--all")
        try:
            child.communicate(timeout=None if calm else whole * chance.uniform(0.2, 1.05))
            whole = time.monotonic() - began
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            killed += 1
            continue
        if passes % 20 == 0:
            backup.unlink(missing_ok=True)
            subprocess.run(
                [binary, "--config", desk.folder / "feeds.toml", "backup", backup], check=True, capture_output=True)
        elif passes % 45 == 0 and backup.exists():
            for suffix in ("-wal", "-shm"):
                Path(f"{database}{suffix}").unlink(missing_ok=True)
            shutil.copy(backup, database)
            restored += 1
    time.sleep(0.3)
    for _ in range(3):
        now += timedelta(minutes=61)
        desk.whole(now, "--all")
    posted = [json.loads(line) for line in (desk.folder / "posted").read_text().splitlines()]
    status = json.loads(desk.whole(now, "--json", command="status"))["posts"][0]
    items = json.loads((desk.folder / "data/public/feed.json").read_text())["items"]
    told = {one["title"] for one in status["in_doubt"] + status["dropped"]}
    ids, links = [one["id"] for one in posted], [one["url"] for one in posted]
    # After a restore, a story may have another id: its articles are known.
    known = told | {one["title"] for one in posted}
    lost = [item["title"] for item in items if item["title"] not in known]
    checks.that(len(ids) == len(set(ids)), "no story is posted twice", [i for i in ids if ids.count(i) > 1])
    checks.that(len(links) == len(set(links)), "no article leads two posts", [i for i in links if links.count(i) > 1])
    checks.that(not lost, "each story is posted or told", lost)
    shown = {item["id"]: place for place, item in enumerate(reversed(items))}
    places = [shown[one] for one in ids if one in shown]
    checks.that(places == sorted(places), "in the order in which the output has them", places)
    print(f"{killed} kills in {passes} passes, {restored} databases restored, guids changed {renamed} times: {len(items)} stories, "
          f"{len(posted)} posted, {len(status['in_doubt'])} in doubt, {len(status['dropped'])} dropped, "
          f"{len(ids) - len(set(ids))} repeated, {len(lost)} lost", flush=True)


class Stub(http.server.BaseHTTPRequestHandler):
    """A server that takes posts."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        answers = self.server.answers
        status = answers.pop(0) if answers else 200
        if status is None:
            self.connection.close()
            return
        reply = {"id": f"{len(self.server.seen)}", "did": "did:plc:x", "accessJwt": "jwt", "uri": "at://did:plc:x/app.bsky.feed.post/k7"}
        data = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def recipes(binary, folder, checks):
    """Each recipe against a stub: what it sends, and what becomes of refusals and broken connections."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.seen, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    os.environ |= {"WEBHOOK_URL": f"{address}/hook", "MASTODON_TOKEN": "tok", "BLUESKY_PASSWORD": "word",
                   "SENDMAIL": str(Path(folder) / "sendmail")}
    runs = {
        "webhook": ('["./webhook"]', '["WEBHOOK_URL"]'),
        "mail": ('["./mail", "news@example.org"]', '["SENDMAIL"]'),
        "mastodon": (f'["./mastodon", "{address}"]', '["MASTODON_TOKEN"]'),
        "bluesky": (f'["./bluesky", "me.example", "{address}"]', '["BLUESKY_PASSWORD"]'),
    }
    for name, (run, env) in runs.items():
        here = Path(folder) / name
        here.mkdir()
        desk = Desk(binary, here, f'[[post]]\nrun = {run}\nenv = {env}\nevents = ["new", "taken_down"]\nburst = 1\n')
        shutil.copy(RECIPES / name, here / name)
        (Path(folder) / "sendmail").write_text(f"#!/bin/sh\n[ -e {here}/refuse ] && exit 75\ncat >> {here}/mails\n")
        (Path(folder) / "sendmail").chmod(0o755)
        server.seen.clear()
        desk.write(START)
        desk.whole(START, "--all")
        item = json.loads((here / "data/public/feed.json").read_text())["items"][0]
        status = json.loads(desk.whole(START, "--json", command="status"))["posts"][0]
        checks.that(status["posted"] == 1, f"{name} posts", status)
        sent = check_sent(name, item, server.seen, here)
        checks.that(sent is True, f"{name} sends what it should", sent)
        desk.whole(START + timedelta(hours=1), item["id"], command="takedown")
        later = START + timedelta(hours=2)
        desk.whole(later, "--all")
        if name != "mail":
            checks.that("DELETE" in server.seen[-1][0] or "delete" in server.seen[-1][1] or b"taken_down" in server.seen[-1][3],
                        f"{name} tells a takedown", server.seen[-1][:2])
        if name in ("webhook", "mastodon"):
            desk.write(later)
            # Mastodon may have posted before an error of its own; a refusal is sure.
            server.answers[:] = [500 if name == "webhook" else 422]
            desk.whole(later + timedelta(hours=1), "--all")
            status = json.loads(desk.whole(later, "--json", command="status"))["posts"][0]
            checks.that(status["failing"] is not None and not status["in_doubt"], f"{name}: a refusal is tried again", status)
            server.answers[:] = [None]
            desk.whole(later + timedelta(hours=2), "--all")
            status = json.loads(desk.whole(later, "--json", command="status"))["posts"][0]
            checks.that(len(status["in_doubt"]) == 1, f"{name}: what broke off is in doubt", status)
            count = len(server.seen)
            desk.whole(later + timedelta(hours=12), "--all")
            again = [one for one in server.seen[count:] if one[3] == server.seen[count - 1][3]]
            checks.that(not again, f"{name}: it is not sent again", again)
        if name in ("mastodon", "bluesky"):
            desk.write(later + timedelta(hours=18))
            server.answers[:] = [500] if name == "mastodon" else [200, 500]
            before = json.loads(desk.whole(later, "--json", command="status"))["posts"][0]
            desk.whole(later + timedelta(hours=20), "--all")
            status = json.loads(desk.whole(later, "--json", command="status"))["posts"][0]
            is_noted = len(status["in_doubt"]) == len(before["in_doubt"]) + 1
            checks.that(is_noted, f"{name}: an error of the server leaves it in doubt", (before, status))
    server.shutdown()


def check_sent(name, item, seen, folder):
    if name == "mail":
        mail = email.message_from_bytes((folder / "mails").read_bytes(), policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        return (mail["To"] == "news@example.org" and item["title"] in mail["Subject"] and item["url"] in text
                and item["url"] in mail.get_body(("html",)).get_content()) or bytes(mail)
    method, path, headers, body = seen[-1]
    if name == "webhook":
        return json.loads(body)["content_html"] == item["content_html"] and headers["Idempotency-Key"] == item["id"] or body
    if name == "mastodon":
        return (path == "/api/v1/statuses" and headers["Authorization"] == "Bearer tok" and b"status=" in body
                and item["title"].split()[0].encode() in body) or (path, headers, body)
    record = json.loads(body)["record"]
    return (path.endswith("createRecord") and item["title"] in record["text"]
            and record["facets"][0]["features"][0]["uri"] == item["url"]) or body


def main():
    binary = Path(sys.argv[1]).resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        recipes(binary, folder, checks)
    with tempfile.TemporaryDirectory() as folder:
        kills(binary, folder, int(sys.argv[2]) if len(sys.argv) > 2 else 200, checks)
    sys.exit(checks.end())


main()
