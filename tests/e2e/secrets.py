#!/usr/bin/env python3
"""Looks for secrets where none may be, and for connections that are not secure: secrets.py BINARY

Runs in network and mount namespaces of its own; where they cannot be made it prints SKIPPED. Ends with "N passed, N
failed"; exit code 1 on a failure.
"""
import os
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import socket
from pathlib import Path

import stage
from stage import Checks, Net, Program, clean, feed

TOKEN, WORD, NAME = "tok-5e7c9a1b", "pass-9f3d2c77", "user-0b1d4e55"
SECRETS = [TOKEN, WORD]
# base64 of NAME:WORD, as it goes over the wire.
BASIC = "dXNlci0wYjFkNGU1NTpwYXNzLTlmM2QyYzc3"
GOOD = ("good", "http://127.0.0.1:8080/good", "")


class Secrets:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, Path(folder)
        self.checks, self.net = Checks(), Net(ports=(8080, 8081))
        self.net.serve("/good", feed("Good", ["1"]))

    def program(self):
        return Program(self.binary, tempfile.mkdtemp(dir=self.folder))

    def silent(self, what, text):
        found = [secret for secret in SECRETS + [BASIC] if secret.encode() in text]
        self.checks.that(not found, f"T80 {what} tells no secret", found)

    def words_and_tokens(self):
        """T80: a token from the environment, a password in feeds.toml; with good answers, refusals, redirects, no server."""
        heads, lock = [], threading.Lock()

        def hear(listener):
            while True:
                connection, _ = listener.accept()
                head = connection.recv(65536)
                with lock:
                    heads.append(head)
                body = feed("Closed", ["1"])
                path = head.split(b" ")[1] if b" " in head else b""
                answer = {b"/401": b"HTTP/1.1 401 No\r\n", b"/away": b"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:8080/good\r\n"}
                connection.sendall(answer.get(path, b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n")
                                   + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
                connection.close()
        listener = socket.create_server(("127.0.0.1", 8090))
        threading.Thread(target=hear, args=(listener,), daemon=True).start()
        program = self.program()
        keys = f'headers = {{ X-Token = "env:CHECK_TOKEN", Authorization = "Basic {BASIC}" }}\n'
        program.configure([GOOD] + [(name, f"http://127.0.0.1:{port}/{name}", keys) for name, port in
                                    (("fine", 8090), ("401", 8090), ("away", 8090), ("nobody", 8099))],
                          allow=("127.0.0.1:8080", "127.0.0.1:8090", "127.0.0.1:8099"))
        os.chmod(program.folder / "feeds.toml", 0o644)
        env = {"CHECK_TOKEN": TOKEN, "RUST_LOG": "trace"}
        code, out, err = program.say("check", env=env)
        self.checks.that(code == 0 and "can read the secret" in err and "chmod" in err, "T79 a secret in a file that all may read is warned of", err + out)
        self.silent("check", (out + err).encode())
        done = program.run("2026-11-02T09:00:00Z", env=env)
        clean(self.checks, done, "T80", program)
        with lock:
            self.checks.that(len(heads) == 3 and all(TOKEN.encode() in head and BASIC.encode() in head for head in heads),
                             "control: the secrets go where they belong", heads)
            elsewhere = [asked for asked in self.net.asked if any(secret in str(asked) for secret in SECRETS + [BASIC])]
            self.checks.that(not elsewhere, "T80 a redirect takes no secret elsewhere", elsewhere)
        for words in (["-vv", "run", "--all", "--now", "2026-11-02T10:00:00Z"], ["-vv", "run", "--all", "--now", "2026-11-02T10:30:00Z", "--json"],
                      ["status", "--now", "2026-11-02T11:00:00Z"], ["status", "--json", "--now", "2026-11-02T11:00:00Z"], ["check", "--fetch"],
                      ["why", "Closed number 1"], ["why", "Closed number 1", "--json"], ["gather", "-v", "--now", "2026-11-03T11:00:00Z"],
                      ["run", "--dry-run", "--now", "2026-11-03T12:00:00Z"], ["run", "--dry-run", "--json", "--now", "2026-11-03T12:00:00Z"]):
            _, out, err = program.say(*words, env=env)
            self.silent(" ".join(words), (out + err).encode())
        self.silent("what lies in data/", program.bytes_everywhere())
        store = sqlite3.connect(f"file:{program.database}?mode=ro", uri=True)
        self.silent("a dump of the database", "\n".join(store.iterdump()).encode())
        wrong = self.program()
        wrong.configure([GOOD, ("in-address", f"http://{NAME}:{WORD}@127.0.0.1:8090/fine", "")], allow=("127.0.0.1:8080", "127.0.0.1:8090"))
        code, out, err = wrong.say("check", env=env)
        self.checks.that(code == 2 and "headers" in err, "T80 a password in an address is refused with the way to do it", err)
        self.silent("the message about it", (out + err).encode())
        missing = self.program()
        missing.configure([GOOD, ("needs", "http://127.0.0.1:8090/fine", 'headers = { X-Token = "env:CHECK_TOKEN" }\n')], allow=("127.0.0.1:8080", "127.0.0.1:8090"))
        code, _, err = missing.say("check")
        self.checks.that(code == 2 and "CHECK_TOKEN" in err and "feeds.toml:" in err, "a variable that is not set is told with its line", err)

    def certificates(self):
        """T47: certificates of an authority made here, which the program is told to trust by SSL_CERT_FILE."""
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)
        new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30")
        openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority of this check")
        openssl(*new, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
        openssl(*new, "-keyout", "leaf.key", "-out", "leaf.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE")

        def signed(name, alt, *dates):
            openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
            (self.folder / f"{name}.ext").write_text(f"subjectAltName={alt}\n")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem",
                    "-extfile", f"{name}.ext", *dates)
        signed("fine", "IP:127.0.0.1", "-days", "10")
        signed("expired", "IP:127.0.0.1", "-days", "-1")
        signed("other", "DNS:other.example", "-days", "10")
        heard, expect = {}, {"fine": "", "self": "signs itself", "leaf": "not signed by an authority", "expired": "has expired", "other": "is for another name"}

        def serve(name, port):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
            listener = socket.create_server(("127.0.0.1", port))
            while True:
                connection, _ = listener.accept()
                try:
                    secure = context.wrap_socket(connection, server_side=True)
                    heard.setdefault(name, []).append(secure.recv(65536))
                    body = feed("Secure", ["1"])
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
                    secure.close()
                except OSError:
                    pass  # the client wants no such certificate
        ports = {name: 9000 + n for n, name in enumerate(expect)}
        for name, port in ports.items():
            threading.Thread(target=serve, args=(name, port), daemon=True).start()
        program = self.program()
        program.configure([GOOD] + [(name, f"https://127.0.0.1:{port}/f", "") for name, port in ports.items()],
                          allow=["127.0.0.1:8080"] + [f"127.0.0.1:{port}" for port in ports.values()])
        told = clean(self.checks, program.run("2026-11-02T09:00:00Z", env={"SSL_CERT_FILE": str(self.folder / "ca.pem")}), "T47", program)
        for name, word in expect.items():
            error = told.get(name, {}).get("error") or ""
            print(f"  certificate {name}: {error or told.get(name, {}).get('outcome')}")
            if name == "fine":
                self.checks.that(told[name]["outcome"] == "read", "control: a good certificate is taken", told[name])
            else:
                self.checks.that("certificate" in error and word in error, f"T47 {name}: the error says so", error)
                self.checks.that(not any(heard.get(name, [])), f"T47 {name}: nothing was asked", heard.get(name))

    def all(self):
        for step in (self.words_and_tokens, self.certificates):
            step()
        return self.checks.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(stage.inside_namespaces(__file__, sys.argv[1], lambda binary, folder: Secrets(binary, folder).all()))
