#!/usr/bin/env python3
"""WebSub with peers that others wrote, over loopback: websub.py BINARY

flask-websub (PyPI) is once the hub that pushes a feed to `feedloom serve`, and once the subscriber of the hub that `feedloom serve` is.
"""

import pathlib
import sys
import tempfile
import threading
import time
import types

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
import atexit  # noqa: E402
import base64  # noqa: E402
import subprocess  # noqa: E402
import urllib.error  # noqa: E402
import urllib.request  # noqa: E402

import flask  # noqa: E402: only there in the environment
from flask_websub.hub import Hub, SQLite3HubStorage  # noqa: E402
from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage, Subscriber, discover  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

SERVICE, PEER = 18610, 18611
BASE, PEERS = f"http://127.0.0.1:{SERVICE}", f"http://127.0.0.1:{PEER}"
passed = failed = 0


def check(what, is_so, more=""):
    global passed, failed
    passed, failed = passed + bool(is_so), failed + (not is_so)
    print(f"  {'ok' if is_so else 'FAILED'}: {what} {'' if is_so else more}")


def get(address):
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.read().decode()
    except (OSError, urllib.error.HTTPError):
        return ""


def wait_for(what, test, seconds=60):
    """The seconds until `test` is true."""
    began = time.monotonic()
    while not test():
        if time.monotonic() - began > seconds:
            check(what, False, f"not within {seconds} s")
            sys.exit(1)
        time.sleep(0.02)
    return time.monotonic() - began


def feed(titles, links=""):
    items = "".join(
        f"<item><title>{title}</title><link>https://alpha.example/{title}</link><guid>{title}</guid>"
        f"<description>{title} and what it means to those who read of it.</description></item>" for title in titles)
    return f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Alpha</title><link>https://alpha.example/</link>{links}{items}</channel></rss>'


def served(app):
    server = make_server("127.0.0.1", PEER, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def service(binary, work, text):
    (work / "feeds.toml").write_text(f'link = "{BASE}/"\n[fetch]\nallow = ["127.0.0.1"]\nspacing = "0s"\n{text}')
    with open(work / "log", "a") as log:
        process = subprocess.Popen([binary, "--config", work / "feeds.toml", "serve"], stderr=log)
    atexit.register(process.kill)
    return process


def stop(process):
    process.terminate()
    check("the service ends well", process.wait(20) == 0)


class Threads:
    """What flask-websub asks of celery: each task on a thread of its own."""

    def task(self, bind=False, **_):
        def made(function):
            own = types.SimpleNamespace(request=types.SimpleNamespace(retries=0), max_retries=0)

            def call(*args, **kwargs):
                return function(own, *args, **kwargs) if bind else function(*args, **kwargs)
            call.delay = lambda *args, **kwargs: threading.Thread(target=call, args=args, kwargs=kwargs, daemon=True).start()
            return call
        return made


def pushed(binary, work):
    """A hub of flask-websub pushes a feed to the service."""
    app = flask.Flask("hub")
    hub = Hub(SQLite3HubStorage(str(work / "hub.db")), Threads(), PUBLISH_SUPPORTED=False)
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
    topic, links = f"{PEERS}/feed.xml", f'<atom:link rel="hub" href="{PEERS}/hub"/><atom:link rel="self" href="{PEERS}/feed.xml"/>'
    now = {"titles": ["first"], "fetched": 0}

    @app.route("/feed.xml")
    def document():
        now["fetched"] += 1
        return flask.Response(feed(now["titles"], links), mimetype="application/rss+xml")

    server = served(app)
    process = service(binary, work, f'[[source]]\nid = "alpha"\nurl = "{topic}"\n[serve]\nlisten = "127.0.0.1:{SERVICE}"\n')
    wait_for("the feed is published", lambda: "first" in get(f"{BASE}/feed.xml"))
    wait_for("the service is subscribed at the hub", lambda: list(hub.storage.get_callbacks(topic)))
    for title in ("second", "third"):
        now["titles"].append(title)
        body = feed(now["titles"], links).encode()
        fetched = now["fetched"]
        hub.send_change_notification.delay(
            topic, {"headers": {"Content-Type": "application/rss+xml", "Link": f'<{PEERS}/hub>; rel="hub", <{topic}>; rel="self"'}, "content": base64.b64encode(body).decode()})
        took = wait_for(f"{title} is pushed", lambda: title in get(f"{BASE}/feed.xml"))
        check(f"{title}: from the hub to the published page in {took:.2f} s, and nothing fetched", now["fetched"] == fetched)
    stop(process)
    server.shutdown()


def delivered(binary, work):
    """flask-websub subscribes to a feed of the service."""
    app = flask.Flask("subscriber")
    app.config["SERVER_NAME"] = f"127.0.0.1:{PEER}"
    subscriber = Subscriber(SQLite3SubscriberStorage(str(work / "a.db")), SQLite3TempSubscriberStorage(str(work / "b.db")))
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    came, confirmed = [], []
    subscriber.add_listener(lambda topic, callback, body: came.append((topic, body)))
    subscriber.add_success_handler(lambda topic, callback, mode: confirmed.append(mode))
    server = served(app)
    (work / "in.xml").write_text(feed(["first"]))
    process = service(binary, work, f'[[source]]\nid = "beta"\nurl = "file:in.xml"\n[serve]\nlisten = "127.0.0.1:{SERVICE}"\nhub = true\n')
    wait_for("the feed is published", lambda: "first" in get(f"{BASE}/feed.xml"))
    found = discover(f"{BASE}/feed.xml")
    check("flask-websub discovers hub and topic", found == {"hub_url": f"{BASE}/hub", "topic_url": f"{BASE}/feed.xml"}, found)
    with app.app_context():
        callback = subscriber.subscribe(**found, lease_seconds=3600)
    wait_for("the subscription is confirmed", lambda: confirmed == ["subscribe"])
    # A run beside the service publishes: the service delivers.
    time.sleep(0.5)
    (work / "in.xml").write_text(feed(["first", "second"]))
    subprocess.run([binary, "--config", work / "feeds.toml", "run"], check=True, capture_output=True)
    took = wait_for("the change is delivered", lambda: came)
    check(f"what is delivered {took:.2f} s after the run is what is served", came[0] == (f"{BASE}/feed.xml", get(f"{BASE}/feed.xml").encode()))
    with app.app_context():
        subscriber.unsubscribe(callback)
    wait_for("the end is confirmed", lambda: confirmed == ["subscribe", "unsubscribe"])
    stop(process)
    server.shutdown()


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    for part in (pushed, delivered):
        with tempfile.TemporaryDirectory() as folder:
            part(binary, pathlib.Path(folder))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
