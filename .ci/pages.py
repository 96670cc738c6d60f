#!/usr/bin/env python3
"""Articles of saved pages against their known texts: thresholds that only rise.

    python3 .ci/pages.py target/release/feedloom ../shared/data/pages

Scores with the set's own score.py; the mutated pages at the end must be answered, within limits.
"""
import gzip, importlib.util, json, os, random, resource, subprocess, sys, tempfile, time

BINARY, PAGES = sys.argv[1], sys.argv[2]
# F1 of the body (of segments for traf), share of right titles and dates.
LEAST = {
    ("aeb", "F1"): 0.974, ("fundus", "F1"): 0.966, ("wcxb", "F1"): 0.954, ("traf", "segF1"): 0.940,
    ("wcxb", "title"): 0.86, ("traf", "title"): 0.81, ("fundus", "title"): 0.83,
    ("wcxb", "date"): 0.86, ("traf", "date"): 0.88, ("fundus", "date"): 0.98,
}
LEAST_MEAN = 0.960
LEAST_PAGES_A_SECOND = 60


def ask(requests):
    start, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([BINARY, "inspect", "--article", "--server"], input=lines, capture_output=True, text=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(answers) == len(requests), (len(answers), len(requests))
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return answers, spent, after.ru_maxrss / 1024


def mutations(rows, folder):
    """Pages cut, doubled and sprinkled with noise, by a fixed seed."""
    rnd = random.Random(7)
    for number, row in enumerate(rnd.sample(rows, 150)):
        page = bytearray(gzip.open(os.path.join(PAGES, row["html"])).read())
        for _ in range(rnd.randrange(1, 30)):
            at, length = rnd.randrange(len(page) or 1), rnd.randrange(2_000)
            kind = rnd.randrange(4)
            if kind == 0:
                del page[at:at + length]
            elif kind == 1:
                page[at:at] = page[at:at + length]
            elif kind == 2:
                page[at:at] = rnd.choice([b"<div>", b"</p></div>", b"<!--", b"<script>", b"<table><tr>", b"\x00", b"\xff\xfe", b"<b><a>"]) * rnd.randrange(1, 200)
            else:
                page[at:at + 4] = rnd.randbytes(4)
        path = os.path.join(folder, f"{number}.html")
        with open(path, "wb") as out:
            out.write(page)
        yield {"id": number, "url": row["url"], "file": path}


def main():
    spec = importlib.util.spec_from_file_location("score", os.path.join(PAGES, "score.py"))
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = score.load(os.path.join(PAGES, "truth.jsonl"))
    answers, spent, peak = ask([{"id": row["id"], "url": row.get("run_url") or row["url"], "file": os.path.join(PAGES, row["html"])} for row in rows])
    got = score.score(rows, {answer["id"]: answer for answer in answers})
    failed = []
    for (name, figure), least in LEAST.items():
        value = got[name][figure]
        print(f"{name:8}{figure:8}{value:.3f}  at least {least}")
        if value < least:
            failed.append(f"{figure} of {name}")
    mean = (got["aeb"]["F1"] + got["fundus"]["F1"] + got["wcxb"]["F1"] + got["traf"]["segF1"]) / 4
    speed = len(rows) / spent
    print(f"mean    F1      {mean:.4f}  at least {LEAST_MEAN}\n{speed:.0f} pages a CPU second, peak {peak:.0f} MB")
    if mean < LEAST_MEAN:
        failed.append("the mean")
    if speed < LEAST_PAGES_A_SECOND:
        failed.append("the speed")
    with tempfile.TemporaryDirectory() as folder:
        bad = list(mutations(rows, folder))
        answers, spent, peak = ask(bad)
        refused = sum("error" in answer for answer in answers)
        print(f"{len(bad)} mutated pages answered ({refused} refused), {spent * 1e3 / len(bad):.0f} ms each, peak {peak:.0f} MB")
        if peak > 160:
            failed.append("the memory of mutated pages")
    if failed:
        sys.exit("below the threshold: " + ", ".join(failed))


main()
