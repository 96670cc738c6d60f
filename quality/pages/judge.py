#!/usr/bin/env python3
"""Articles of saved pages against their known texts: thresholds that only rise.

    python3 quality/pages/judge.py target/release/feedloom CORPUS/data/pages

Scores with the set's own score.py; mutated and hostile pages must be answered, too. No page may take more than 1 s (CPU) or 100 MB.
Where the speed fails on a busy or slow machine, quality/instructions.py says whether the program changed.
"""
import gzip, importlib.util, json, os, random, subprocess, sys, tempfile

BINARY, PAGES = sys.argv[1], sys.argv[2]
# F1 of the body (of segments for traf), share of right titles and dates.
LEAST = {
    ("aeb", "F1"): 0.982, ("fundus", "F1"): 0.974, ("wcxb", "F1"): 0.963, ("traf", "segF1"): 0.953,
    ("wcxb", "title"): 0.86, ("traf", "title"): 0.81, ("fundus", "title"): 0.83,
    ("wcxb", "date"): 0.86, ("traf", "date"): 0.88, ("fundus", "date"): 0.98,
}
LEAST_MEAN = 0.968
LEAST_PAGES_A_SECOND = 80
# Of any one page.
MOST_SECONDS, MOST_MB = 1.0, 100


class Server:
    """`inspect --article --server`, asked page by page: its own CPU time and memory, none of ours."""

    def __init__(self):
        self.process = subprocess.Popen([BINARY, "inspect", "--article", "--server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

    def ask(self, request):
        before = self.cpu()
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == request["id"], answer
        return answer, self.cpu() - before

    def end(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0


def ask(requests):
    """The answers, CPU seconds in all, those of the slowest page and which it is, the peak of memory in MB."""
    server = Server()
    asked = [server.ask(request) for request in requests]
    slowest = max((spent, str(request["id"])) for request, (_, spent) in zip(requests, asked))
    spent, peak = server.cpu(), server.peak()
    server.end()
    return [answer for answer, _ in asked], spent, slowest, peak


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


def bombs(folder):
    """Pages that try to cost much."""
    text = b"<p>A sentence, of some length, that stands here.</p>"
    told = b'{"@type":"NewsArticle","headline":"T","articleBody":"' + b"A sentence of it. " * 290_000 + b'"}'
    pages = {
        "nested": text + b"<div>" * 50_000 + text,
        "formatting": b"<p><b title=i>x" * 10_000,
        "tables": b"<table><tr><td>" * 20_000,
        "adopted": b"<a href=i><div>" * 20_000,
        "many tags": b"<br>x" * 200_000,
        "3 MiB of text": text * (3 * 1024 * 1024 // len(text)),
        "10 MB of text": text * (10_000_000 // len(text)),
        "20 MB": text * (20_000_000 // len(text)),
        "20 MB of zeros, gzipped": gzip.compress(bytes(20_000_000)),
        "binary": random.Random(3).randbytes(1_000_000),
        "JSON-LD of 5 MB": b"<script type=application/ld+json>" + told + b"</script>" + text,
        "JSON-LD of 5 MB, broken": b"<script type=application/ld+json>" + told[:-2] + b"</script>" + text,
        "JSON-LD that nests": b"<script type=application/ld+json>" + b"[" * 5_000_000 + b"</script>" + text,
        "many JSON-LD": (b"<script type=application/ld+json>{\"a\":[" + b"{\"b\":1}," * 6_000 + b"0]}</script>") * 50,
        "long attributes": b"<div class='" + b"article body " * 200_000 + b"'>" + text,
        "many attributes": b"<div " + b"".join(b"a%d=1 " % at for at in range(200_000)) + b">" + text,
        "attributes in short tags": (b"<b " + b"".join(b"%c%c " % (97 + at % 26, 97 + at // 26) for at in range(30)) + b"></b>") * 24_000,
        "attributes in long tags": (b"<p " + b"".join(b"a%d " % at for at in range(1_000)) + b">") * 90,
        "one JSON-LD of objects": b"<script type=application/ld+json>[" + b'{"":0},' * 140_000 + b"0]</script>" + text,
        "one JSON-LD of lists": b"<script type=application/ld+json>[" + b"[],[0]," * 140_000 + b"0]</script>" + text,
        "the most tags": text * 12_000,
        "the most of a tree": b"<div class='a b'><p>Some text.<i>x</i></p></div>" * 8_000,
        "a list of invitations": text * 20 + b"<ul>" + b"<li>Sign up for our newsletter to get the latest news.</li>" * 16_000 + b"</ul>",
        "lists of invitations": text * 20 + b"<ul><li>Sign up for our newsletter to get the latest news.</li><li>Something else.</li></ul>" * 5_000,
        "entities": b"<p>" + b"&amp;&lt;&#9731;" * 150_000,
    }
    for name, page in pages.items():
        path = os.path.join(folder, name.replace(" ", "_") + ".html")
        with open(path, "wb") as out:
            out.write(page)
        yield {"id": name, "url": "https://page.example/x", "file": path}


def main():
    spec = importlib.util.spec_from_file_location("score", os.path.join(PAGES, "score.py"))
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = score.load(os.path.join(PAGES, "truth.jsonl"))
    answers, spent, slowest, peak = ask([{"id": row["id"], "url": row.get("run_url") or row["url"], "file": os.path.join(PAGES, row["html"])} for row in rows])
    got = score.score(rows, {answer["id"]: answer for answer in answers})
    failed = []
    for (name, figure), least in LEAST.items():
        value = got[name][figure]
        print(f"{name:8}{figure:8}{value:.3f}  at least {least}")
        if value < least:
            failed.append(f"{figure} of {name}")
    mean = (got["aeb"]["F1"] + got["fundus"]["F1"] + got["wcxb"]["F1"] + got["traf"]["segF1"]) / 4
    speed = len(rows) / spent
    print(f"mean    F1      {mean:.4f}  at least {LEAST_MEAN}\n{speed:.0f} pages a CPU second, the slowest {slowest[0] * 1e3:.0f} ms ({slowest[1]}), peak {peak:.0f} MB")
    held = [("real pages", slowest, peak)]
    if mean < LEAST_MEAN:
        failed.append("the mean")
    if speed < LEAST_PAGES_A_SECOND:
        failed.append("the speed")
    with tempfile.TemporaryDirectory() as folder:
        for what, bad in (("mutated", list(mutations(rows, folder))), ("hostile", list(bombs(folder)))):
            answers, spent, slowest, peak = ask(bad)
            refused = sum("error" in answer for answer in answers)
            print(f"{len(bad)} {what} pages answered ({refused} refused), {spent * 1e3 / len(bad):.0f} ms each, the slowest {slowest[0] * 1e3:.0f} ms ({slowest[1]}), peak {peak:.0f} MB")
            held.append((what + " pages", slowest, peak))
    failed += [f"the time of {what}" for what, (spent, _), _ in held if spent > MOST_SECONDS]
    failed += [f"the memory of {what}" for what, _, peak in held if peak > MOST_MB]
    if failed:
        sys.exit("below the threshold: " + ", ".join(failed))


main()
