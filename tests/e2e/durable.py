#!/usr/bin/env python3
"""Holds the program against full disks, folders that cannot be written, and a second run: durable.py BINARY

Runs in network and mount namespaces of its own; where they cannot be made it prints SKIPPED. Ends with "N passed, N
failed"; exit code 1 on a failure.
"""
import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import stage
from stage import Checks, Net, Page, Program, clean, feed


class Durable:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.checks, self.net = Checks(), Net()

    def program(self):
        return Program(self.binary, tempfile.mkdtemp(dir=self.folder))

    def second_run(self):
        """T72, T73: a second run exits with 75 at once; a lock dies with its holder."""
        self.net.serve("/slow", Page(feed("Slow", ["1"]), pause=3))
        program = self.program()
        program.configure([("slow", "http://127.0.0.1:8080/slow", "")])
        args = ("run", "--all", "--now")
        holder = program.start(*args, "2026-11-02T09:00:00Z")
        while "/slow" not in self.net.paths() and holder.poll() is None:
            time.sleep(0.02)
        for _ in range(3):
            begun = time.monotonic()
            code, _, err = program.run("2026-11-02T09:00:00Z")
            took = time.monotonic() - begun
            self.checks.that(code == 75 and took < 1, "T72 a second run exits 75 within 1 s", f"{code} after {took:.2f} s {err}")
            self.checks.that("another feedloom is at work" in err and "panicked" not in err, "T72 it says why", err)
        holder.communicate(timeout=60)
        self.checks.that(holder.returncode == 0, "T72 the first run works", holder.returncode)
        self.checks.that(self.net.paths().count("/slow") == 1, "T72 no request twice", self.net.paths())
        holder = program.start(*args, "2026-11-02T11:00:00Z")
        while self.net.paths().count("/slow") < 2 and holder.poll() is None:
            time.sleep(0.02)
        holder.send_signal(signal.SIGKILL)
        self.net.serve("/slow", feed("Slow", ["1", "2"]))
        done = program.run("2026-11-02T11:00:01Z")
        holder.communicate(timeout=10)
        self.checks.that(holder.returncode == -signal.SIGKILL, "T73 control: the holder was killed", holder.returncode)
        clean(self.checks, done, "T73 starts at once", program, "Slow number 2")

    @staticmethod
    def files(program):
        """Every file under the output folder: its path there, its bytes."""
        return {str(path.relative_to(program.public)): path.read_bytes() for path in program.public.rglob("*") if path.is_file()}

    def small_disk(self, program, what):
        """A tmpfs of 1 MiB under the database, or under the outputs alone."""
        small = program.folder / "small"
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], check=True)
        if what == "database":
            top, program.database = 'database = "small/feedloom.db"\n', small / "feedloom.db"
        else:
            top, program.public = 'output_dir = "small/public"\n', small / "public"
        program.configure([("good", "http://127.0.0.1:8080/grow", "")], top=top)
        self.net.serve("/grow", feed("Good", ["1"]))
        clean(self.checks, program.run("2026-11-02T09:00:00Z"), f"{what}: at first", program)
        return small, self.files(program)

    def after(self, program, what, before, now):
        """The trouble is over: everything is there, and nothing else."""
        clean(self.checks, program.run(now), f"{what}: when it is over", program, "Good number 14")
        files = self.files(program)
        pages = {item["_feedloom"]["story_page"].split("/")[-1] for item in json.loads(files["feed.json"])["items"]}
        expected = sorted({*before, *(f"s/{page}" for page in pages), "o/good.html"})
        self.checks.that(len(pages) >= 14 and sorted(files) == expected, f"{what}: no leftover", sorted(files))
        state = sqlite3.connect(program.database).execute("PRAGMA integrity_check").fetchall()
        self.checks.that(state == [("ok",)], f"{what}: the database is whole", state)

    def trouble(self, program, what, before, words):
        code, _, err = program.run("2026-11-02T11:00:00Z")
        self.checks.that(code == 1, f"{what}: exit code 1", f"{code} {err}")
        self.checks.that("panicked" not in err and any(word in err.lower() for word in words), f"{what}: it says what is wrong", err)
        after = self.files(program)
        self.checks.that(before.items() <= after.items(), f"{what}: the old outputs are intact")
        print(f"--- {what}\n{err}", end="")

    def looking(self, program, what):
        """What only reads works nevertheless."""
        for command in (["status"], ["why", "Good number 1"], ["search", "good"], ["export"], ["corrections"], ["backup", f"{program.folder}/copy.db"]):
            code, _, err = program.say(*command)
            self.checks.that(code == 0, f"{what}: {command[0]}", f"{code} {err}")

    def full_disk(self):
        """T71."""
        for what in ("database", "outputs"):
            program = self.program()
            small, before = self.small_disk(program, what)
            try:
                self.net.serve("/grow", feed("Good", range(1, 15), "<description>" + "long " * 400 + "</description>"))
                with open(small / "filler", "wb", buffering=0) as filler:
                    try:
                        while filler.write(b"x" * 4096):
                            pass
                    except OSError:
                        pass
                self.trouble(program, f"T71 full disk, {what}", before, ["space"])
                (small / "filler").unlink()
                self.after(program, f"T71 full disk, {what}", before, "2026-11-02T13:00:00Z")
            finally:
                subprocess.run(["umount", "-l", str(small)], check=True)

    def read_only(self):
        """A disk that was mounted read-only under the program, as a system does after an error."""
        for what in ("database", "outputs"):
            program = self.program()
            small, before = self.small_disk(program, what)
            try:
                self.net.serve("/grow", feed("Good", range(1, 15)))
                subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
                self.trouble(program, f"read-only, {what}", before, ["read-only"])
                self.looking(program, f"read-only, {what}")
                subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
                self.after(program, f"read-only, {what}", before, "2026-11-02T13:00:00Z")
            finally:
                subprocess.run(["umount", "-l", str(small)], check=True)

    def all(self):
        for step in (self.second_run, self.full_disk, self.read_only):
            step()
        return self.checks.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(stage.inside_namespaces(__file__, sys.argv[1], lambda binary, folder: Durable(binary, folder).all()))
