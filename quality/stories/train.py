#!/usr/bin/env python3
"""Trains the pair model and the merge model, says how good they are on windows that they did not see, writes the tables.

usage: train.py DATA [--dumps FOLDER] [--tables FOLDER] [--date DATE] [--folds N]

DATA holds windows.jsonl and dev.jsonl, labelled by a reader. The figures are of leave-one-window-out (`--folds N`: N
groups of windows, faster). `--dumps`: the features of pairs that the program computed (FORMAT.md) instead of ours.
The same data, date and versions (requirements.txt) give the same bytes.
"""

import os

# One thread and one kind of kernel: sums are taken in the same order on every machine.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", OPENBLAS_CORETYPE="Haswell")
os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"

import argparse
import hashlib
import sys
import warnings
from collections import Counter
from pathlib import Path

warnings.filterwarnings("ignore", message="During parsing environment variable")

import numpy as np

import dump
import linkage
import measure
import net
import pairs
import terms
from window import State, Window, read

LEFT_OUT = {"uci"}
EASY, EASY_KEPT = 0.13, 5
PAIR_NET = dict(hidden=32, epochs=12, seeds=(1, 2), decay=1e-4, drop_in=0.05)
MERGE_NET = dict(hidden=16, epochs=14, seeds=(1, 2), decay=3e-4, drop_in=0.15)
FIRST_THRESHOLD = 0.5
SWEEP = (0.4, 0.45, 0.5, 0.55, 0.58, 0.6, 0.62, 0.64, 0.66, 0.7)
# What a balanced threshold has to keep: most wrong stories of 100, least precision of pairs.
BALANCED = dict(wrong=13.5, P=0.899)


class Labelled:
    """A window with the features of its pairs and what the labels say of them."""

    def __init__(self, window, found, names):
        self.window, self.names = window, names
        self.pairs, self.features, self.cosine, self.passes = found
        self.states = [State(window, end) for _, end in window.passes()]
        story = window.story
        one, two = story[self.pairs[:, 0]], story[self.pairs[:, 1]]
        size = Counter(story)
        sizes = np.array([size[s] if s else 0 for s in one])
        self.used = (one != "") & (two != "")
        self.right = (one == two) & self.used
        easy = (self.cosine < EASY) & ~self.right
        kept = (self.pairs[:, 0].astype(np.int64) * 7919 + self.pairs[:, 1] * 104729) % EASY_KEPT == 0
        self.trained = self.used & (~easy | kept)
        weight = np.where(easy, float(EASY_KEPT), 1.0)
        self.weight = weight * np.where(self.right, 1 / np.sqrt(np.maximum(sizes, 2) - 1), 1.0)

    def scored(self, odds):
        return linkage.Scored(self.window, self.pairs, self.features, self.names, self.passes, odds, self.states)


def load(data, dumps):
    """All windows but those left out, by name; and a hash of what they were made from."""
    rows, digest = [], hashlib.sha256()
    for name in ("dev.jsonl", "windows.jsonl"):
        digest.update((data / name).read_bytes())
        rows += read(data / name)
    kinds, rates, windows = terms.Kinds(), terms.shipped_rates(), []
    for name in sorted({row["set"] for row in rows} - LEFT_OUT):
        window = Window(name, [row for row in rows if row["set"] == name], kinds, rates)
        if dumps:
            found, names = dump.load(dumps / f"{name}.pairs", window)
        else:
            found = pairs.of_window(window)
            names = pairs.NAMES
        windows.append(Labelled(window, found, names))
    return windows, digest.hexdigest()[:16]


def pair_model(windows):
    x = np.concatenate([w.features[w.trained] for w in windows])
    y = np.concatenate([w.right[w.trained] for w in windows])
    weight = np.concatenate([w.weight[w.trained] for w in windows])
    return net.train(x, y, weight, **PAIR_NET)


def merge_model(records):
    x = np.array([row for r in records for _, row in r], np.float32)
    y = np.array([share > 0.5 for r in records for (share, _), _ in r])
    weight = np.sqrt([float(count) for r in records for (_, count), _ in r])
    return net.train(x, y, weight, **MERGE_NET)


def leave_out(windows, folds):
    """For each window the windows that its models may see."""
    groups = [windows[i::folds] for i in range(folds)]
    return [(group, [w for w in windows if w not in group]) for group in groups]


def record(scored, score):
    found = []
    linkage.stream(scored, score, FIRST_THRESHOLD, found)
    return [(label, row) for label, row in found if label[1]]


def tell(text):
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--dumps", type=Path)
    parser.add_argument("--tables", type=Path, default=terms.WEAVE / "models")
    parser.add_argument("--date", default="2026-11-27")
    parser.add_argument("--folds", type=int)
    given = parser.parse_args()

    windows, corpus = load(given.data, given.dumps)
    splits = leave_out(windows, given.folds or len(windows))
    tell(f"{len(windows)} windows, {sum(w.window.n for w in windows)} entries, {sum(len(w.pairs) for w in windows)} pairs, corpus {corpus}")

    odds = {}
    for group, others in splits:
        model = pair_model(others)
        odds.update({w.window.name: model(w.features) for w in group})
    fit = net.calibrate(
        np.concatenate([odds[w.window.name][w.used] for w in windows]), np.concatenate([w.right[w.used] for w in windows])
    )
    scored = {w.window.name: w.scored(fit[0] * odds[w.window.name] + fit[1]) for w in windows}
    tell("pairs left out: average precision %.4f" % precision(windows, odds))
    for text in tenths(windows, {name: fit[0] * o + fit[1] for name, o in odds.items()}):
        tell(text)

    records = {w.window.name: record(scored[w.window.name], linkage.by_mean) for w in windows}
    merged, values, labels = {}, [], []
    for group, others in splits:
        model = merge_model([records[w.window.name] for w in others])
        for w in group:
            merged[w.window.name] = model
            r = records[w.window.name]
            values.append(model(np.array([row for _, row in r], np.float32)))
            labels.append(np.array([share > 0.5 for (share, _), _ in r]))
    merge_fit = net.calibrate(np.concatenate(values), np.concatenate(labels))
    score = lambda name: lambda x: linkage.sigmoid(merge_fit[0] * merged[name](x) + merge_fit[1])

    best = {}
    for threshold in SWEEP:
        tally, found = measure.Tally(), {}
        for w in windows:
            name = w.window.name
            found[name] = linkage.stream(scored[name], score(name), threshold)
            tally.add(w.window, found[name])
        best[threshold] = (tally.figures(), found)
        tell("at %.2f  %s" % (threshold, measure.line(tally.figures())))
    keeps = lambda f: f["wrong"] <= BALANCED["wrong"] and f["P"] >= BALANCED["P"]
    balanced = next((t for t in SWEEP if keeps(best[t][0])), SWEEP[-1])
    eager = max(SWEEP, key=lambda t: best[t][0]["F1"] + best[t][0]["B3"])
    for mode, threshold in (("balanced", balanced), ("eager", eager)):
        figures, found = best[threshold]
        tell("%s %.2f left out: %s" % (mode, threshold, measure.line(figures)))
        tell("  " + measure.joins(((w.window, found[w.window.name]) for w in windows)))
        for w in windows:
            tally = measure.Tally()
            tally.add(w.window, found[w.window.name])
            tell("  %-4s %s" % (w.window.name, measure.line(tally.figures())))

    figures = {mode: measure.line(best[t][0]) for mode, t in (("balanced", balanced), ("eager", eager))}
    head = [
        f"date {given.date}; made by quality/stories/train.py from {len(windows)} labelled windows, corpus {corpus}",
        *(f"{mode}, each window by models that did not see it: {text}" for mode, text in figures.items()),
    ]
    write(given.tables / "pair.txt", head, pair_model(windows).table(windows[0].names, fit, f"pair model: {PAIR_NET}"))
    merge = merge_model([records[w.window.name] for w in windows])
    write(given.tables / "merge.txt", head, merge.table(linkage.MERGE_NAMES, merge_fit, f"merge model: {MERGE_NET}"))
    write(given.tables / "thresholds.txt", head, [f"balanced {balanced:.2f}", f"eager {eager:.2f}"])


def precision(windows, odds):
    """Average precision over all pairs that were scored."""
    values = np.concatenate([odds[w.window.name][w.used] for w in windows])
    right = np.concatenate([w.right[w.used] for w in windows])
    right = right[np.argsort(-values, kind="stable")]
    return float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean())


def tenths(windows, odds):
    """How many pairs of each tenth of probability are right."""
    p = linkage.sigmoid(np.concatenate([odds[w.window.name][w.used] for w in windows]))
    right = np.concatenate([w.right[w.used] for w in windows])
    for low in range(5, 10):
        at = (p >= low / 10) & (p < low / 10 + 0.1)
        yield "  p .%d to .%d: %4d pairs, right %.2f" % (low, low + 1, at.sum(), right[at].mean())


def write(path, head, lines):
    path.write_text("".join(f"# {text}\n" for text in head) + "".join(f"{text}\n" for text in lines), encoding="utf-8")
    tell(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
