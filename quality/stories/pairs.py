"""Features of a pair of entries, the later of which is new in the pass. FORMAT.md defines each."""

from collections import Counter

import numpy as np
import scipy.sparse as sp

import terms as words
from window import State

WORTH_SCORING = 0.08
NAME = 0.6
TEXT_WEIGHT, STRONG_WEIGHT = 0.35, 1.3
NOWHERE = 20
COMMON = 2000.0
OFTEN = 3


def _rows(window, first, end, weight):
    """A row a entry of `first..end`, of length one: term -> weight(entry)."""
    i, j, x = [], [], []
    for row, e in enumerate(window.entries[first:end]):
        for t, value in weight(e).items():
            i.append(row)
            j.append(window.number[t])
            x.append(value)
    return sp.csr_matrix((x, (i, j)), shape=(end - first, len(window.terms)), dtype=np.float64)


def _unit(matrix):
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    return sp.diags(1 / np.maximum(length, 1e-9)).dot(matrix).tocsr()


def _place(e):
    """How much of an entry each term is, before rarity."""
    weight = {t: 1.0 for t in e.all_title}
    for t in e.text:
        weight[t] = weight.get(t, 0) + TEXT_WEIGHT
    return {t: w * (STRONG_WEIGHT if t in e.strong else 1) for t, w in weight.items()}


class Matrices:
    """Which terms each entry has, once for a window; rarity is multiplied in at each pass."""

    def __init__(self, window):
        n = window.n
        self.window = window
        self.place = _rows(window, 0, n, _place)
        self.title = _rows(window, 0, n, lambda e: dict.fromkeys(e.all_title, 1.0))
        self.both = _rows(window, 0, n, lambda e: dict.fromkeys(e.all_title + e.text, 1.0))


def of_pass(window, matrices, bounds):
    """The pairs of a pass (older, newer), their features and their base cosines."""
    new, end = bounds
    state = State(window, end)
    first = state.first
    scaled = lambda m, w: _unit(m[first:end].multiply(w[None, :]).tocsr())
    base = scaled(matrices.place, state.idf)
    cosine = (base[new - first :] @ base.T).toarray()
    older = np.arange(first, end)[None, :] < np.arange(new, end)[:, None]
    row, col = np.nonzero(older & (cosine >= WORTH_SCORING))
    pairs = np.stack([col + first, row + new], 1)
    if not len(pairs):
        return pairs, np.zeros((0, 0), np.float32), np.zeros(0)
    cosines = {
        "base": base,
        "tit": scaled(matrices.title, state.idf),
        "allw": scaled(matrices.both, state.widf),
    }
    features = _features(window, state, pairs, cosines)
    global NAMES
    NAMES = list(features)
    return pairs, np.stack([np.asarray(v, np.float32) for v in features.values()], 1), cosine[row, col]


NAMES = []


def _minmax(features, name, a, b):
    features[name + "_min"], features[name + "_max"] = np.minimum(a, b), np.maximum(a, b)


def _features(window, state, pairs, cosines):
    f = {}
    one, two = pairs[:, 0], pairs[:, 1]
    first = state.first
    for name, m in cosines.items():
        f["cos_" + name] = np.asarray(m[one - first].multiply(m[two - first]).sum(1)).ravel()
    pad = lambda x, last=0.0: np.append(x, last)
    idf, widf, name, burst = pad(state.idf), pad(state.widf), pad(state.name), pad(state.burst)
    df = pad(state.df, 1e9)
    T1, T2, B1, B2 = window.title[one], window.title[two], window.text[one], window.text[two]
    v1, v2 = T1 >= 0, T2 >= 0
    eq = (T1[:, :, None] == T2[:, None, :]) & v1[:, :, None]
    m1, m2 = eq.any(2), eq.any(1)
    any1 = m1 | ((T1[:, :, None] == B2[:, None, :]).any(2) & v1)
    any2 = m2 | ((T2[:, :, None] == B1[:, None, :]).any(2) & v2)
    mb = (B1[:, :, None] == B2[:, None, :]).any(2) & (B1 >= 0)
    i1, i2, w1, w2, n1, n2 = idf[T1], idf[T2], widf[T1], widf[T2], name[T1], name[T2]
    d1, d2 = window.is_digit[T1], window.is_digit[T2]
    top = lambda x: -np.sort(-x, 1)

    f["tt_n"], f["tt_idf"], f["tt_widf"] = m1.sum(1), (i1 * m1).sum(1), (w1 * m1).sum(1)
    total1, total2 = (i1 * v1).sum(1) + 1e-6, (i2 * v2).sum(1) + 1e-6
    f["tt_share_min"], f["tt_share_max"] = f["tt_idf"] / np.maximum(total1, total2), f["tt_idf"] / np.minimum(total1, total2)
    t = top(i1 * m1)
    f["tt_top1"], f["tt_top2"] = t[:, 0], t[:, 1]
    f["tt_wtop"] = (w1 * m1).max(1)
    f["tt_name"], f["tt_verb"] = (i1 * n1 * m1).sum(1), (i1 * (1 - n1) * m1).sum(1)

    a1, a2 = (i1 * any1).sum(1), (i2 * any2).sum(1)
    _minmax(f, "ta_share", a1 / total1, a2 / total2)
    f["ta_mean"] = (a1 / total1 + a2 / total2) / 2
    _minmax(f, "ta_idf", a1, a2)
    _minmax(f, "ta_widf", (w1 * any1).sum(1), (w2 * any2).sum(1))

    u1, u2 = v1 & ~any1, v2 & ~any2
    _minmax(f, "un_top", (i1 * u1).max(1), (i2 * u2).max(1))
    _minmax(f, "un_name", (i1 * n1 * u1).sum(1), (i2 * n2 * u2).sum(1))
    f["un_ntop_min"] = np.minimum((i1 * n1 * u1).max(1), (i2 * n2 * u2).max(1))
    _minmax(f, "un_widf", (w1 * u1).sum(1), (w2 * u2).sum(1))
    f["un_digit"] = (u1 & d1).sum(1) + (u2 & d2).sum(1)
    f["un_digit_both"] = (u1 & d1).any(1) & (u2 & d2).any(1)
    f["tt_digit"] = (m1 & d1).sum(1)

    ib = idf[B1]
    f["bb_idf"], f["bb_widf"], f["bb_top"] = (ib * mb).sum(1), (widf[B1] * mb).sum(1), (ib * mb).max(1)
    f["bb_name"] = (ib * name[B1] * mb).sum(1)

    # where names part: one word the same, the next another
    s1, s2 = (n1 > NAME) | d1, (n2 > NAME) | d2
    parts = eq[:, :-1, :-1] & ~eq[:, 1:, 1:]
    joins = eq[:, 1:, 1:] & ~eq[:, :-1, :-1]
    f["part_both"] = (parts & (u1 & s1)[:, 1:, None] & (u2 & s2)[:, None, 1:]).any(2).sum(1)
    f["part_one"] = (parts & (u1 & s1)[:, 1:, None] & v2[:, None, 1:]).any(2).sum(1) + (
        parts & (u2 & s2)[:, None, 1:] & v1[:, 1:, None]
    ).any(2).sum(1)
    f["part_before"] = (joins & (u1 & s1)[:, :-1, None] & (u2 & s2)[:, None, :-1]).any(2).sum(1)
    f["un_first"] = u1[:, 0].astype(int) + u2[:, 0]
    f["un_early"] = (u1 & s1)[:, :3].any(1).astype(int) + (u2 & s2)[:, :3].any(1)

    e2 = eq[:, :-1, :-1] & eq[:, 1:, 1:]
    e3 = e2[:, :-1, :-1] & eq[:, 2:, 2:]
    f["or_two"], f["or_three"] = e2.any(2).sum(1), e3.any(2).sum(1)
    f["or_two_idf"] = ((i1[:, :-1] + i1[:, 1:]) * e2.any(2)).max(1)
    f["or_first"] = (m1[:, 0] | m2[:, 0]).astype(int)
    f["or_equal1"] = eq[:, 0, 0]
    f["or_equal2"] = eq[:, 0, 0] & eq[:, 1, 1]
    _minmax(f, "or_at", np.where(m1.any(1), m1.argmax(1), NOWHERE), np.where(m2.any(1), m2.argmax(1), NOWHERE))
    r1, r2 = (i1 * m1).argmax(1), (i2 * m2).argmax(1)
    _minmax(f, "or_rare_at", np.where(m1.any(1), r1, NOWHERE), np.where(m1.any(1), r2, NOWHERE))
    f["or_rare_apart"] = np.abs(r1 - r2)
    row = np.arange(len(one))
    f["or_rarest_in"] = any1[row, i1.argmax(1)].astype(int) + any2[row, i2.argmax(1)]
    f["or_name_in"] = any1[row, (i1 * n1).argmax(1)].astype(int) + any2[row, (i2 * n2).argmax(1)]

    f["bu_max"] = np.where(m1, burst[T1], -9).max(1)
    f["bu_mean"] = (burst[T1] * i1 * m1).sum(1) / (f["tt_idf"] + 1e-6)
    few = lambda T, ok: np.minimum(np.where(ok, df[T], 1e9).min(1), COMMON)
    f["df_any"] = np.minimum(few(T1, any1), few(T2, any2))
    f["df_title"], f["df_text"] = few(T1, m1), few(B1, mb)
    f["df_second"] = np.minimum(np.sort(np.where(any1, df[T1], 1e6), 1)[:, 1], COMMON)

    f["same_publisher"] = window.publisher[one] == window.publisher[two]
    f["hours"] = np.abs(window.time[one] - window.time[two])
    _minmax(f, "ci_title", v1.sum(1), v2.sum(1))
    _minmax(f, "ci_text", (B1 >= 0).sum(1), (B2 >= 0).sum(1))
    _columns(f, window, state, pairs)

    K1, K2 = window.kinds[one], window.kinds[two]
    for k, kind in enumerate(KINDS.names):
        f["k_" + kind] = K1[:, k].astype(int) + K2[:, k]
    f["k_same"] = (K1 == K2).sum(1)

    loop = np.zeros((len(one), 8))
    for q, (i, j) in enumerate(pairs.tolist()):
        x, y = window.entries[i], window.entries[j]
        loop[q] = (
            words.contradict(x.marks, y.marks),
            disjoint(x.marks.get("number", ()), y.marks.get("number", ())),
            len(x.quantities & y.quantities),
            disjoint(x.quantities, y.quantities),
            len(x.models & y.models),
            disjoint(x.models, y.models),
            x.key == y.key,
            bool(x.digits) != bool(y.digits),
        )
    for k, key in enumerate("contra number quantity_n quantity model_n model same_title one_digit".split()):
        f["ma_" + key] = loop[:, k]
    return f


def _columns(f, window, state, pairs):
    """How often the publishers of both use two words of their titles side by side, or the beginning of their texts."""
    entries = window.entries[: state.end]
    known = entries[state.first :]
    used = Counter(p for e in known for p in e.bigrams)
    said = Counter(e.teaser for e in known if e.teaser)
    most = np.array([max((used[p] for p in e.bigrams), default=1) - 1 for e in entries])
    often = np.array([sum(used[p] >= OFTEN for p in e.bigrams) / max(1, len(e.bigrams)) for e in entries])
    again = np.array([said[e.teaser] - 1 if e.teaser else 0 for e in entries])
    one, two = pairs[:, 0], pairs[:, 1]
    _minmax(f, "co_most", most[one], most[two])
    _minmax(f, "co_often", often[one], often[two])
    f["co_both"] = [max((used[p] for p in entries[i].bigrams & entries[j].bigrams), default=0) for i, j in pairs.tolist()]
    _minmax(f, "te_again", again[one], again[two])
    f["te_both"] = [entries[i].teaser != 0 and entries[i].teaser == entries[j].teaser for i, j in pairs.tolist()]


def disjoint(a, b):
    return bool(a and b and not set(a) & set(b))


KINDS = words.Kinds()


def of_window(window):
    """All pairs of a window that are worth scoring: (older, newer), features, base cosines, pass of each."""
    matrices = Matrices(window)
    found = []
    for number, bounds in enumerate(window.passes()):
        pairs, features, cosine = of_pass(window, matrices, bounds)
        if len(pairs):
            found.append((pairs, features, cosine, np.full(len(pairs), number)))
    return tuple(np.concatenate(part) for part in zip(*found))
