#!/usr/bin/env python3
"""Measures `feedloom serve` beside nginx with the same files, one core each: run.py PROGRAM [PART…]

Parts: speed (304s and gzip bodies), idle (10,000 connections), attacks, pass (a pass while it serves). Needs wrk and nginx-light of
Debian. Everything stays on loopback; every load ends by itself.
"""

import json
import os
import random
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

PORT, NGINX_PORT = 18480, 18481
SECONDS = 6
CORE_OF_SERVER, CORE_OF_CLIENT = "0", "1"


def feed(items, seed=1):
    chance = random.Random(seed)
    words = ["".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randint(3, 9))) for _ in range(4000)]
    text = lambda count: " ".join(chance.choice(words) for _ in range(count))
    made = "".join(
        f"<item><title>{text(8)}</title><link>https://a.example/{at}</link><guid>{at}</guid>"
        f"<description>{text(60)}</description></item>"
        for at in range(items)
    )
    return f'<rss version="2.0"><channel><title>A</title><link>https://a.example/</link>{made}</channel></rss>'


class Server:
    """feedloom serve in a folder of its own."""

    def __init__(self, program, folder, items=500, sources=1, pin=True):
        os.makedirs(folder, exist_ok=True)
        text = f'link = "https://feeds.example.org/"\n[serve]\nlisten = "127.0.0.1:{PORT}"\nmetrics_listen = "127.0.0.2:{PORT}"\n'
        for number in range(sources):
            name = f"s{number}"
            with open(f"{folder}/{name}.xml", "w") as file:
                file.write(feed(items, number + 1).replace("a.example", f"{name}.example"))
            text += f'[[source]]\nid = "{name}"\nurl = "file:{name}.xml"\n'
        with open(f"{folder}/feeds.toml", "w") as file:
            file.write(text)
        pinned = ["taskset", "-c", CORE_OF_SERVER] if pin else []
        self.process = subprocess.Popen(pinned + [program, "--config", f"{folder}/feeds.toml", "serve"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if line.startswith("pass:"):
                break
        threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
        time.sleep(0.5)

    def rss_mb(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def head_of(port, path="/feed.xml", lines=""):
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())
        data = b""
        while chunk := sock.recv(65536):
            data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    return head.decode(), body


def wrk(port, lines, connections=64):
    command = ["taskset", "-c", CORE_OF_CLIENT, "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency"]
    for line in lines:
        command += ["-H", line]
    out = subprocess.run(command + [f"http://127.0.0.1:{port}/feed.xml"], capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    p99 = float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    return rate, p99


def nginx(folder, root):
    config = f"""daemon off; worker_processes 1; error_log {folder}/nginx.err; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; types {{ application/rss+xml xml; }}
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3; uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  open_file_cache max=100; gzip_static on; gzip_vary on;
  server {{ listen 127.0.0.1:{NGINX_PORT} backlog=4096; root {root}; add_header Access-Control-Allow-Origin "*"; add_header Cache-Control "public, max-age=900"; }} }}"""
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write("user root;\n" + config)
    process = subprocess.Popen(["taskset", "-c", CORE_OF_SERVER, "nginx", "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    return process


def speed(program):
    with tempfile.TemporaryDirectory() as folder:
        # Of each source a first run shows its newest twenty: a feed of some hundred kilobytes.
        server = Server(program, folder, items=20, sources=25)
        _, body = head_of(PORT, lines="Accept-Encoding: gzip\r\n")
        shutil.copytree(f"{folder}/data/public", f"{folder}/root")
        with open(f"{folder}/root/feed.xml.gz", "wb") as file:
            file.write(body)
        print(f"body: {len(body)} bytes of gzip")
        tags = {}
        other = nginx(folder, f"{folder}/root")
        for port in (PORT, NGINX_PORT):
            head, _ = head_of(port, lines="Accept-Encoding: gzip\r\n")
            tags[port] = re.search(r"(?i)etag: (.*)\r", head + "\r").group(1)
        results = {}
        for round_ in range(2):
            for name, port in (("feedloom", PORT), ("nginx", NGINX_PORT)):
                gzip = ["Accept-Encoding: gzip"]
                for what, lines in (("304", gzip + [f"If-None-Match: {tags[port]}"]), ("gzip", gzip)):
                    results.setdefault((name, what), []).append(wrk(port, lines))
        for what in ("304", "gzip"):
            ours, theirs = (max(results[(name, what)]) for name in ("feedloom", "nginx"))
            print(f"{what}: feedloom {ours[0]:.0f}/s p99 {ours[1]:.2f} ms; nginx {theirs[0]:.0f}/s p99 {theirs[1]:.2f} ms; ratio {ours[0] / theirs[0]:.2f}")
        other.terminate()
        other.wait()
        server.end()


def many(count):
    socks = []
    for number in range(count):
        sock = socket.socket()
        sock.connect(("127.0.0.1", PORT))
        socks.append(sock)
        if number % 500 == 499:
            time.sleep(0.02)
    return socks


def idle(program, count=10_000):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, pin=False)
        before = server.rss_mb()
        socks = many(count)
        time.sleep(1)
        print(f"{count} connections that said nothing: {server.rss_mb() - before:.1f} MB")
        for sock in socks:
            sock.sendall(b"GET /feed.xml HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n")
        peak = 0
        for sock in socks:
            assert sock.recv(4096).startswith(b"HTTP/1.1 304")
            peak = max(peak, server.rss_mb()) if sock.fileno() % 100 == 0 else peak
        time.sleep(9)
        print(f"{count} connections that asked once: {server.rss_mb() - before:.1f} MB (while asking: {peak - before:.1f} MB); before: {before:.1f} MB")
        for sock in socks:
            sock.close()
        time.sleep(7)
        print(f"after they left: {server.rss_mb() - before:.1f} MB")
        server.end()


class Prober(threading.Thread):
    """An honest reader, every few milliseconds."""

    def __init__(self):
        super().__init__(daemon=True)
        self.took, self.over, self.failed = [], False, 0

    def run(self):
        while not self.over:
            began = time.perf_counter()
            try:
                head, _ = head_of(PORT, lines="If-None-Match: *\r\n")
                self.failed += not head.startswith("HTTP/1.1 304")
            except OSError:
                self.failed += 1
            self.took.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.005)

    def p99(self):
        self.over = True
        self.join()
        return sorted(self.took)[int(len(self.took) * 0.99)], self.failed, len(self.took)


def attacks(program):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, pin=False)

        def during(name, attack):
            before, prober = server.rss_mb(), Prober()
            prober.start()
            socks = attack() or []
            time.sleep(6)
            p99, failed, count = prober.p99()
            print(f"{name}: others' p99 {p99:.1f} ms of {count}, {failed} failed; memory {server.rss_mb() - before:+.1f} MB")
            for sock in socks:
                sock.close()

        def send(count, data, read=False):
            socks = []
            for _ in range(count):
                sock = socket.socket()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.connect(("127.0.0.1", PORT))
                try:
                    sock.sendall(data)
                except OSError:
                    pass
                socks.append(sock)
            return socks

        during("nothing", lambda: None)
        during("1,000 slow heads", lambda: send(1000, b"GET / HTTP/1.1\r\nHost: x\r\nX: "))
        during("1,000 slow readers", lambda: send(1000, b"GET /feed.xml HTTP/1.1\r\nHost: x\r\n\r\n" * 4))
        during("1,000 half-open", lambda: send(1000, b""))
        during("300 floods of header lines", lambda: send(300, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000))
        during("300 huge addresses", lambda: send(300, b"GET /" + b"a" * 200_000))
        during("1,000 pipelines of 100", lambda: send(1000, b"GET /feed.xml HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n" * 100))
        server.end()


def while_passing(program):
    """A pass over 1,000 sources while readers ask 2,000 times a second."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(program, folder, items=3, sources=1000, pin=False)
        results = []
        for what in ("quiet", "pass"):
            if what == "pass":
                for number in range(1000):
                    with open(f"{folder}/s{number}.xml", "w") as file:
                        file.write(feed(4, 5000 + number).replace("a.example", f"s{number}.example/new"))
                server.process.send_signal(1)
            out = subprocess.run(["wrk", "-t1", "-c20", "-d8s", "--latency", "-H", "If-None-Match: *", f"http://127.0.0.1:{PORT}/feed.xml", "-s", "/dev/stdin"],
                                 input="function delay() return 9 end", capture_output=True, text=True).stdout
            rate = re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)
            results.append(re.search(r"99%\s+(\S+)", out).group(1))
            print(f"{what}: {rate}/s, p99 {results[-1]}, {server.rss_mb():.0f} MB")
        server.end()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    parts = {"speed": speed, "idle": idle, "attacks": attacks, "pass": while_passing}
    for name in sys.argv[2:] or parts:
        parts[name](os.path.abspath(sys.argv[1]))
