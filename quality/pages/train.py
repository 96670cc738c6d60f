#!/usr/bin/env python3
"""Learns which blocks of a page belong to its article, and writes the trees that src/extract/ reads.

    cargo bench --bench article -- PAGES --rows > rows.jsonl
    python3 quality/pages/train.py PAGES rows.jsonl                            prints the figures, in most of an hour
    python3 quality/pages/train.py PAGES rows.jsonl --date DATE --figures "TEXT" --write src/extract/models
                                                                               only learns and writes, in minutes
                                                         needs: pip install -r quality/requirements.txt

A block's label comes from the page's known text. Figures are cross-validated: five folds, the pages of one
domain in one fold. Several sets of trees, each of which sees other features at its splits, are asked together: their mean
errs less than any of them. A second stage that saw what the first thinks of the blocks around gained nothing. Deterministic.
"""
import argparse, collections, datetime, hashlib, importlib.util, json, os, re
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier

FOLDS = 5
SETS = ("aeb", "fundus", "wcxb", "traf")
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55)
# Smaller trees do worse on pages of domains that they have not seen, and so does one set that sees all features; a third set of
# trees brings .0002 and costs a fifteenth of the time of a page.
SETTINGS = dict(max_iter=260, learning_rate=0.07, max_leaf_nodes=24, max_depth=8, min_samples_leaf=40, l2_regularization=3.0,
                max_bins=64, max_features=0.15, early_stopping=False)
SEEDS = (1, 2)
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
            docs.append(dict(id=row["id"], set=row["set"], domain=row["domain"], texts=[block["text"] for block in blocks], rows=rows, label=label, weight=weight))
    return truth, names, docs


def fit(docs):
    """A model a seed."""
    x = np.concatenate([doc["rows"] for doc in docs])
    y = np.concatenate([doc["label"] for doc in docs])
    w = np.concatenate([doc["weight"] for doc in docs])
    keep = w > 0
    return [HistGradientBoostingClassifier(**SETTINGS, random_state=seed).fit(x[keep], y[keep].astype(int), sample_weight=w[keep]) for seed in SEEDS]


def score(models, doc):
    odds = np.mean([model.decision_function(doc["rows"]) for model in models], axis=0)
    return 1 / (1 + np.exp(-odds))


def folds(docs):
    return {doc["id"]: int(hashlib.sha256(doc["domain"].encode()).hexdigest(), 16) % FOLDS for doc in docs}


def judge(scorer, truth, docs, chances, threshold):
    pred = {doc["id"]: {"body": "\n\n".join(text for text, chance in zip(doc["texts"], chances[doc["id"]]) if chance >= threshold)} for doc in docs}
    got = scorer.score(truth, pred)
    figures = [got[name]["segF1" if name == "traf" else "F1"] for name in SETS]
    return figures + [float(np.mean(figures))]


def table(models, names):
    """One line a tree: nodes `feature<=limit? left : right` in pre-order, leaves as numbers; the mean of all models."""
    lines = [f"start {np.mean([float(np.ravel(model._baseline_prediction)[0]) for model in models]):.5f}"]
    for (tree,) in (trees for model in models for trees in model._predictors):
        nodes, out = tree.nodes, []

        def walk(at):
            node = nodes[at]
            if node["is_leaf"]:
                out.append(f"{node['value'] / len(models):.4f}")
            else:
                out.append(f"{names[node['feature_idx']]}<={node['num_threshold']:.6g}")
                walk(node["left"])
                walk(node["right"])

        walk(0)
        lines.append(" ".join(out))
    return "\n".join(lines) + "\n"


def head(a, docs, names):
    """Where the table comes from, as comments before it."""
    with open(os.path.join(a.pages, "truth.jsonl"), "rb") as truth:
        digest = hashlib.sha256(truth.read()).hexdigest()
    blocks = sum(len(doc["texts"]) for doc in docs)
    return (f"# Which blocks of a page belong to its article: the trees of extract/chooser.rs.\n"
            f"# Made {a.date} by quality/pages/train.py (scikit-learn {sklearn.__version__}) from data/pages of the corpus,\n"
            f"# sha256 of truth.jsonl {digest}.\n"
            f"# {len(docs):,} pages, {blocks:,} blocks, {len(names)} features, {len(SEEDS) * SETTINGS['max_iter']} trees. {a.figures}\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("pages"); ap.add_argument("rows"); ap.add_argument("--write"); ap.add_argument("--threshold", type=float)
    ap.add_argument("--date", default=datetime.date.today().isoformat()); ap.add_argument("--figures", default="")
    a = ap.parse_args()
    if a.write:
        _, names, docs = load(a.pages, a.rows)
        with open(os.path.join(a.write, "chooser.trees"), "w", encoding="utf-8") as out:
            out.write(head(a, docs, names) + table(fit(docs), names))
        return
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
    unseen = {}
    for k in range(FOLDS):
        models = fit([doc for doc in docs if fold[doc["id"]] != k])
        unseen.update({doc["id"]: score(models, doc) for doc in docs if fold[doc["id"]] == k})
    figures = {threshold: judge(scorer, truth, docs, unseen, threshold) for threshold in THRESHOLDS}
    for threshold in THRESHOLDS:
        show(f"pages unseen, {threshold}", figures[threshold])
    best = max(THRESHOLDS, key=lambda threshold: figures[threshold][-1])
    models = fit(docs)
    show(f"all pages, seen, {a.threshold or best}", judge(scorer, truth, docs, {doc["id"]: score(models, doc) for doc in docs}, a.threshold or best))
    print("threshold to use:", a.threshold or best)
    # The threshold of each fold is chosen on the other folds: nothing of a page has a say in how it is read.
    nested = {}
    for k in range(FOLDS):
        rest = [row for row in truth if fold.get(row["id"]) != k]
        among = {doc["id"]: doc for doc in docs if fold[doc["id"]] != k}.values()
        threshold = max(THRESHOLDS, key=lambda threshold: judge(scorer, rest, among, unseen, threshold)[-1])
        nested.update({doc["id"]: unseen[doc["id"]] + 0.5 - threshold for doc in docs if fold[doc["id"]] == k})
    show("the same, nested threshold", judge(scorer, truth, docs, nested, 0.5))


if __name__ == "__main__":
    main()
