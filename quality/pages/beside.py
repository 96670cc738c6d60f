#!/usr/bin/env python3
"""feedloom, Python's trafilatura and dom_smoothie on the same saved pages, in one run and one table.

    python3 quality/pages/beside.py PAGES      needs: pip install trafilatura lxml_html_clean

The table shows the score of the set's own score.py (F1; of segments for traf) and each one's CPU and memory as it tells them.
What feedloom's trees learned from these pages flatters it here: train.py prints the figures for domains that it has not seen.
"""
import importlib.util, json, os, subprocess, sys, tempfile

PAGES = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
FIGURES = {"aeb": "F1", "fundus": "F1", "wcxb": "F1", "traf": "segF1"}


def answers(command):
    """What a program prints, and what it says of its cost."""
    done = subprocess.run(command, cwd=os.path.join(HERE, "..", ".."), capture_output=True, text=True, check=True)
    cost = [line for line in (done.stdout + done.stderr).splitlines() if "pages/s" in line or "peak memory" in line]
    return [line for line in done.stdout.splitlines() if line.startswith("{")], cost


def main():
    spec = importlib.util.spec_from_file_location("score", os.path.join(PAGES, "score.py"))
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    rows = score.load(os.path.join(PAGES, "truth.jsonl"))
    bench = ["cargo", "bench", "--quiet", "--bench", "article", "--", PAGES]
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as out:
        python = answers([sys.executable, os.path.join(HERE, "peers.py"), PAGES, out.name])[1]
        found = {"trafilatura (Python)": (out.read().splitlines(), python)}
    found["dom_smoothie"] = answers([*bench, "--smoothie"])
    found["feedloom"] = answers([*bench, "--answers"])
    print(f"{'':22}" + "".join(f"{name:>8}" for name in FIGURES) + f"{'mean':>8}  title of wcxb, traf   date of wcxb, traf")
    for name, (lines, _) in found.items():
        got = score.score(rows, {answer["id"]: answer for answer in map(json.loads, lines)})
        values = [got[which][figure] for which, figure in FIGURES.items()]
        known = "   ".join(f"{got[which][what]:.3f}" for what in ("title", "date") for which in ("wcxb", "traf"))
        print(f"{name:22}" + "".join(f"{value:8.4f}" for value in [*values, sum(values) / 4]) + f"  {known}")
    for name, (_, cost) in found.items():
        print(f"{name}: " + "; ".join(cost))


main()
