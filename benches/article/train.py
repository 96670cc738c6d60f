#!/usr/bin/env python3
"""Learns which blocks of a page belong to its article, and writes the trees that src/gather/article/ reads.

    cargo bench --bench article -- PAGES --rows > rows.jsonl
    python3 benches/article/train.py PAGES rows.jsonl [--write src/gather/article] [--threshold 0.5]
                                                         needs: pip install scikit-learn

A block's label comes from the page's known text. Figures are cross-validated: five folds, the pages of one
domain in one fold. Two stages: the second sees what the first thinks of the blocks around. Deterministic.
"""
import argparse, collections, importlib.util, json, os, re
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

FOLDS = 5
SETS = ("aeb", "fundus", "wcxb", "traf")
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55)
# Smaller ones do worse on pages of domains that they have not seen (60 trees of 12 leaves: .947), and so do stronger penalties.
FIRST = dict(max_iter=120, learning_rate=0.09, max_leaf_nodes=24, max_depth=8, min_samples_leaf=40, l2_regularization=3.0,
             max_bins=64, early_stopping=False, random_state=1)
SECOND = dict(FIRST, max_iter=60, learning_rate=0.1, max_leaf_nodes=12, max_depth=5, min_samples_leaf=60)
TOK = re.compile(r"\w+", re.UNICODE)


def words(text):
    return TOK.findall(text or "")


def labels_of_body(blocks, body):
    """1 where most of a block's four-word runs stand in the body; short blocks: as a line of it, or in its run of words."""
    truth = words(body)
    grams = {n: {tuple(truth[i:i + n]) for i in range(len(truth) - n + 1)} for n in (1, 2, 3, 4)}
    lines = {" ".join(words(line)) for line in body.split("\n")}
    texts = [words(block["text"]) for block in blocks]
    out = []
    for at, text in enumerate(texts):
        if not text:
            out.append(None)
        elif len(text) >= 4:
            runs = [tuple(text[i:i + 4]) in grams[4] for i in range(len(text) - 3)]
            out.append(float(np.mean(runs) >= 0.5))
        else:
            around = [(texts[at - 1][-(4 - len(text)):] if at else []) + text, text + (texts[at + 1][:4 - len(text)] if at + 1 < len(texts) else [])]
            known = any(len(run) == 4 and tuple(run) in grams[4] for run in around)
            out.append(float(known or (" ".join(text) in lines and len(text) > 1)))
    # What stands twice in the page and once in the truth counts where it stands among other kept blocks.
    seen = collections.defaultdict(list)
    for at, text in enumerate(texts):
        if out[at] == 1 and len(text) >= 4:
            seen[tuple(text)].append(at)
    kept = np.array([value == 1 for value in out], float)
    for text, places in seen.items():
        if len(places) > 1:
            times = max(1, sum(tuple(truth[i:i + len(text)]) == text for i in range(len(truth) - len(text) + 1) if truth[i] == text[0]))
            near = sorted(places, key=lambda at: -kept[max(0, at - 4):at + 5].sum())
            for at in near[times:]:
                out[at] = 0.0
    return out


def labels_of_parts(blocks, row):
    squeeze = lambda text: re.sub(r"\s+", " ", text).strip()
    yes, no = [squeeze(t) for t in row.get("with", [])], [squeeze(t) for t in row.get("without", [])]
    out = []
    for block in blocks:
        text = squeeze(block["text"])
        inside = any(part in text or (len(text) > 25 and text in part) for part in yes)
        outside = any(part in text or (len(text) > 25 and text in part) for part in no)
        out.append(1.0 if inside and not outside else 0.0 if outside and not inside else None)
    return out


def load(pages, path):
    truth = [json.loads(line) for line in open(os.path.join(pages, "truth.jsonl"), encoding="utf-8")]
    by_id = {row["id"]: row for row in truth}
    names, docs = None, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            if names is None:
                names = value["names"]
                continue
            row, blocks = by_id[value["id"]], value["blocks"]
            if not blocks:
                continue
            rows = np.array([block.pop("row") for block in blocks], np.float32)
            groups = np.array([block.pop("groups") for block in blocks], int)
            label = labels_of_body(blocks, row["body"]) if row.get("body") else labels_of_parts(blocks, row)
            size = np.array([max(1, len(words(block["text"]))) for block in blocks], float)
            label = np.array([-1 if value is None else value for value in label])
            if row["set"] == "traf":
                weight = np.where(label >= 0, 0.12, 0)
            else:
                total = max(60.0, size[label == 1].sum())
                weight = (size + 1.5) / total
                weight = np.where(label >= 0, np.minimum(weight, 0.5), 0)
            weight *= {"aeb": 2.0, "fundus": 1.3, "moz": 0.3, "np4k": 0.3, "postlight": 0}.get(row["set"], 1.0)
            docs.append(dict(id=row["id"], set=row["set"], domain=row["domain"], texts=[block["text"] for block in blocks], rows=rows, groups=groups, label=label, weight=weight))
    return truth, names, docs


# ---- the second stage: what the first thinks of the blocks around; chooser.rs computes the same ----


def around(doc, chance):
    n = len(chance)
    size = np.expm1(doc["rows"][:, 0].astype(np.float64))
    out = [chance]
    for step in (1, -1, 2, -2, 3, -3):
        moved = np.zeros(n)
        if step > 0:
            moved[step:] = chance[:-step] if step < n else moved[step:]
        else:
            moved[:step] = chance[-step:] if -step < n else moved[:step]
        out.append(moved)
    for reach in (5, 15):
        heavy = np.concatenate([[0], np.cumsum(chance * size)])
        total = np.concatenate([[0], np.cumsum(size)])
        low, high = np.maximum(np.arange(n) - reach, 0), np.minimum(np.arange(n) + reach + 1, n)
        here_h, here_t = heavy[np.arange(n) + 1] - heavy[np.arange(n)], size
        out.append((heavy[high] - heavy[low] - here_h) / np.maximum(total[high] - total[low] - here_t, 1))
    sure = (chance >= 0.5) * size
    before = np.concatenate([[0], np.cumsum(sure)])
    whole = max(before[-1], 1.0)
    out.append(before[:-1] / whole)
    out.append((before[-1] - before[1:]) / whole)
    out.append(np.full(n, np.log1p(before[-1])))
    # The mean inside the elements around, told apart by what was measured of them (prose share and size).
    for key in doc["groups"].T:
        heavy, total = np.zeros(key.max() + 1), np.zeros(key.max() + 1)
        np.add.at(heavy, key, chance * size)
        np.add.at(total, key, size)
        out.append((heavy[key] - chance * size) / np.maximum(total[key] - size, 1))
    return np.column_stack(out).astype(np.float32)


AROUND = (["chance"] + [f"chance{step:+d}" for step in (-1, 1, -2, 2, -3, 3)] + ["chance_near5", "chance_near15"]
          + ["sure_before", "sure_after", "sure_all", "chance_own", "chance_up1", "chance_up2", "chance_alike"])


def fit(settings, docs, chances=None):
    x = np.concatenate([doc["rows"] if chances is None else np.hstack([doc["rows"], around(doc, chances[doc["id"]])]) for doc in docs])
    y = np.concatenate([doc["label"] for doc in docs])
    w = np.concatenate([doc["weight"] for doc in docs])
    keep = w > 0
    return HistGradientBoostingClassifier(**settings).fit(x[keep], y[keep].astype(int), sample_weight=w[keep])


def score(model, doc, chance=None):
    x = doc["rows"] if chance is None else np.hstack([doc["rows"], around(doc, chance)])
    return model.predict_proba(x)[:, 1]


def folds(docs):
    import hashlib
    return {doc["id"]: int(hashlib.sha256(doc["domain"].encode()).hexdigest(), 16) % FOLDS for doc in docs}


def judge(scorer, truth, docs, chances, threshold):
    pred = {doc["id"]: {"body": "\n\n".join(text for text, chance in zip(doc["texts"], chances[doc["id"]]) if chance >= threshold)} for doc in docs}
    got = scorer.score(truth, pred)
    figures = [got[name]["segF1" if name == "traf" else "F1"] for name in SETS]
    return figures + [float(np.mean(figures))]


def table(model, names):
    """One line a tree: nodes `feature<=limit? left : right` in pre-order, leaves as numbers."""
    lines = [f"start {float(np.ravel(model._baseline_prediction)[0]):.5f}"]
    for (tree,) in model._predictors:
        nodes, out = tree.nodes, []

        def walk(at):
            node = nodes[at]
            if node["is_leaf"]:
                out.append(f"{node['value']:.4f}")
            else:
                out.append(f"{names[node['feature_idx']]}<={node['num_threshold']:.6g}")
                walk(node["left"])
                walk(node["right"])

        walk(0)
        lines.append(" ".join(out))
    return "\n".join(lines) + "\n"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("pages"); ap.add_argument("rows"); ap.add_argument("--write"); ap.add_argument("--threshold", type=float)
    a = ap.parse_args()
    spec = importlib.util.spec_from_file_location("score", os.path.join(a.pages, "score.py"))
    scorer = importlib.util.module_from_spec(spec); spec.loader.exec_module(scorer)
    truth, names, docs = load(a.pages, a.rows)
    truth = [row for row in truth if row["set"] in SETS]
    fold = folds(docs)
    print(f"{len(docs)} pages, {sum(len(doc['texts']) for doc in docs)} blocks, {len(names)} features")
    oracle = {doc["id"]: (doc["label"] == 1).astype(float) for doc in docs}
    show = lambda what, figures: print(f"{what:<28}" + "".join(f"{x:8.4f}" for x in figures), flush=True)
    print(f"{'':<28}" + "".join(f"{x:>8}" for x in SETS + ("mean",)))
    show("the labels themselves", judge(scorer, truth, docs, oracle, 0.5))
    # First stage: what it thinks of pages it has not seen is what the second stage learns from.
    first = {}
    for k in range(FOLDS):
        model = fit(FIRST, [doc for doc in docs if fold[doc["id"]] != k])
        first.update({doc["id"]: score(model, doc) for doc in docs if fold[doc["id"]] == k})
    for threshold in (0.4, 0.5):
        show(f"first stage, unseen, {threshold}", judge(scorer, truth, docs, first, threshold))
    second = {}
    for k in range(FOLDS):
        model = fit(SECOND, [doc for doc in docs if fold[doc["id"]] != k], first)
        second.update({doc["id"]: score(model, doc, first[doc["id"]]) for doc in docs if fold[doc["id"]] == k})
    figures = {threshold: judge(scorer, truth, docs, second, threshold) for threshold in THRESHOLDS}
    for threshold in THRESHOLDS:
        show(f"second stage, unseen, {threshold}", figures[threshold])
    best = max(THRESHOLDS, key=lambda threshold: figures[threshold][-1])
    one, two = fit(FIRST, docs), fit(SECOND, docs, first)
    fitted = {doc["id"]: score(two, doc, score(one, doc)) for doc in docs}
    show(f"all pages, seen, {a.threshold or best}", judge(scorer, truth, docs, fitted, a.threshold or best))
    if a.write:
        for name, model in (("first", one), ("second", two)):
            with open(os.path.join(a.write, f"{name}.trees"), "w", encoding="utf-8") as out:
                out.write(table(model, names + AROUND))
        print("threshold to use:", a.threshold or best)
    # The threshold of each fold is chosen on the other folds: nothing of a page has a say in how it is read.
    nested = {}
    for k in range(FOLDS):
        rest = [row for row in truth if fold.get(row["id"]) != k]
        among = {doc["id"]: doc for doc in docs if fold[doc["id"]] != k}.values()
        threshold = max(THRESHOLDS, key=lambda threshold: judge(scorer, rest, among, second, threshold)[-1])
        nested.update({doc["id"]: second[doc["id"]] + 0.5 - threshold for doc in docs if fold[doc["id"]] == k})
    show("the same, nested threshold", judge(scorer, truth, docs, nested, 0.5))


if __name__ == "__main__":
    main()
