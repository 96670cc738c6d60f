"""Clusters of entries, pass by pass: which two are compared, what is known of them, and which become one."""

import heapq
from collections import Counter

import numpy as np

from pairs import KINDS

MISSING = -6.0
LINKED = -2.5
COMPARED = 24
LARGEST_STORY = 40
LARGE_STORY = 13
PAIR_FEATURES = ("cos_base", "cos_tit", "cos_allw", "tt_widf", "ta_mean", "ta_share_min", "un_top_min", "un_name_min", "part_both", "or_two")
MERGE_KINDS = "list deal opinion vs howto roundup live review question rumor compat rates puzzle handson preorder launch".split()
_KIND_COLUMNS = [KINDS.names.index(kind) for kind in MERGE_KINDS]

MERGE_NAMES = (
    "size_a size_b odds_mean odds_best odds_worst odds_second odds_better odds_median p_mean share_for share_near"
    " a_least a_mean b_least b_mean pa_mean pb_mean odds_top3 lead_mean lead_lead rival_a rival_b ahead_a ahead_b"
    " gap span apart publishers_per publishers_both publishers terms_common terms_found lacks_a lacks_b lacks_name_a"
    " lacks_name_b top_common"
).split()
MERGE_NAMES += ["least_" + kind for kind in MERGE_KINDS] + ["differ_" + kind for kind in MERGE_KINDS]
MERGE_NAMES += ["mean_" + name for name in PAIR_FEATURES] + ["max_" + name for name in PAIR_FEATURES] + ["published"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Scored:
    """A window with the log odds of its pairs: those that were scored when the later entry was new."""

    def __init__(self, window, pairs, features, names, passes, log_odds, states):
        self.window, n = window, window.n
        self.odds = np.full((n, n), MISSING, np.float32)
        odds = np.clip(log_odds, -6, 6)
        odds = np.where(features[:, names.index("ma_contra")] > 0, MISSING, odds)
        self.odds[pairs[:, 0], pairs[:, 1]] = odds
        self.odds[pairs[:, 1], pairs[:, 0]] = odds
        self.row = np.full((n, n), -1, np.int32)
        self.row[pairs[:, 0], pairs[:, 1]] = self.row[pairs[:, 1], pairs[:, 0]] = np.arange(len(pairs))
        self.some = features[:, [names.index(name) for name in PAIR_FEATURES]]
        self.states = states
        self.title_terms = [set(window.number[t] for t in e.title) for e in window.entries]
        self.all_terms = [set(window.number[t] for t in e.title + e.text) for e in window.entries]
        self.pairs, self.passes = pairs, passes


class Cluster:
    __slots__ = ("members", "published", "version", "title", "all", "kinds")

    def __init__(self, scored, members, published):
        self.members, self.published, self.version = sorted(members), published, 0
        self.title, self.all = Counter(), Counter()
        for i in members:
            self.title.update(scored.title_terms[i])
            self.all.update(scored.all_terms[i])
        self.kinds = scored.window.kinds[self.members][:, _KIND_COLUMNS].mean(0)

    @property
    def compared(self):
        return self.members[-COMPARED:]


class Linkage:
    """The clusters of one pass."""

    def __init__(self, scored, number, clusters, record=None):
        self.scored, self.state, self.record = scored, scored.states[number], record
        self.clusters = dict(enumerate(clusters))
        self.of = {i: key for key, c in self.clusters.items() for i in c.members}
        links = set()
        for i, j in scored.pairs[scored.passes == number].tolist():
            if scored.odds[i, j] > LINKED:
                a, b = self.of.get(i), self.of.get(j)
                if a is not None and b is not None and a != b:
                    links.add((min(a, b), max(a, b)))
        self.links = {key: set() for key in self.clusters}
        for a, b in links:
            self.links[a].add(b)
            self.links[b].add(a)
        self.first_links = sorted(links)
        self.mean_p = {}

    def may_unite(self, a, b):
        x, y = self.clusters[a], self.clusters[b]
        size = len(x.members) + len(y.members)
        large = len(x.members) >= LARGE_STORY and len(y.members) >= LARGE_STORY
        return not (x.published and y.published) and size <= LARGEST_STORY and not large

    def _mean(self, a, b):
        """The mean probability of the pairs of two clusters."""
        x, y = self.clusters[a], self.clusters[b]
        key = (min(a, b), max(a, b), x.version + y.version)
        if key not in self.mean_p:
            self.mean_p[key] = float(sigmoid(self.scored.odds[np.ix_(x.compared, y.compared)]).mean())
        return self.mean_p[key]

    def _rival(self, a, b):
        """The best mean probability of `a` with another cluster than `b`."""
        return max((self._mean(a, c) for c in self.links[a] if c != b and self.may_unite(a, c)), default=0.0)

    def features(self, a, b):
        x, y = self.clusters[a], self.clusters[b]
        if (len(x.members), x.members[0]) > (len(y.members), y.members[0]):
            a, b, x, y = b, a, y, x
        s, w, st = self.scored, self.scored.window, self.state
        m, o = x.compared, y.compared
        grid = s.odds[np.ix_(m, o)]
        q = sigmoid(grid)
        v = np.sort(grid.ravel())[::-1]
        k = len(v)
        p = float(q.mean())
        f = [len(x.members), len(y.members), v.mean(), v[0], v[-1], v[min(1, k - 1)], v[: (7 * k + 9) // 10].mean(), v[k // 2], p]
        f += [(v > 0).mean(), (v > -2).mean(), grid.max(1).min(), grid.max(1).mean(), grid.max(0).min(), grid.max(0).mean()]
        f += [q.max(1).mean(), q.max(0).mean(), v[:3].mean()]
        early, late = (m, o) if m[0] < o[0] else (o, m)
        f += [s.odds[early[0], late].mean(), s.odds[early[0], late[0]]]
        r1, r2 = self._rival(a, b), self._rival(b, a)
        f += [r1, r2, p - r1, p - r2]
        t1, t2 = w.time[m], w.time[o]
        f += [max(0, t1.min() - t2.max(), t2.min() - t1.max()), max(t1.max(), t2.max()) - min(t1.min(), t2.min()), abs(t1.mean() - t2.mean())]
        p1, p2 = set(w.publisher[m].tolist()), set(w.publisher[o].tolist())
        f += [len(p1 | p2) / (len(m) + len(o)), len(p1 & p2), len(p1 | p2)]
        f += self._terms(x, y, st)
        f += np.minimum(x.kinds, y.kinds).tolist() + np.abs(x.kinds - y.kinds).tolist()
        rows = s.row[np.ix_(m[-12:], o[-12:])].ravel()
        rows = rows[rows >= 0]
        if len(rows):
            f += s.some[rows].mean(0).tolist() + s.some[rows].max(0).tolist()
        else:
            f += [0.0] * (2 * len(PAIR_FEATURES))
        f += [x.published or y.published]
        return f

    def _terms(self, x, y, st):
        """Rarity of the terms that the titles of both have, and of those of one that the other lacks."""
        n1, n2 = len(x.members), len(y.members)
        common = found = top = 0.0
        lacks, names = [0.0, 0.0], [0.0, 0.0]
        for side, (c, n, d, l) in enumerate(((x, n1, y, n2), (y, n2, x, n1))):
            for t, count in c.title.items():
                share, idf = count / n, st.idf[t]
                other = d.title.get(t, 0) / l
                if not side and other:
                    common += idf * min(share, other)
                    if share >= 0.5 and other >= 0.5:
                        top = max(top, idf)
                if share >= 0.5:
                    there = d.all.get(t, 0) / l
                    found += idf * there
                    if there < 0.2:
                        lacks[side] += idf * share
                        names[side] += idf * st.name[t] * share
        return [common, found, *lacks, *names, top]

    def neighbours(self, a):
        return [b for b in sorted(self.links[a]) if self.may_unite(a, b)]

    def unite(self, a, b):
        x, y = self.clusters[a], self.clusters.pop(b)
        n1, n2 = len(x.members), len(y.members)
        x.kinds = (x.kinds * n1 + y.kinds * n2) / (n1 + n2)
        x.members = sorted(x.members + y.members)
        x.published = x.published or y.published
        x.version += y.version + 1
        x.title.update(y.title)
        x.all.update(y.all)
        for i in y.members:
            self.of[i] = a
        others = (self.links[a] | self.links.pop(b)) - {a, b}
        for c in others:
            self.links[c].discard(b)
            self.links[c].add(a)
        self.links[a] = others
        return a

    def run(self, score, least):
        """Unites the two that fit best, again and again, down to `least`."""
        heap = []

        def compare(pairs):
            pairs = [pair for pair in pairs if self.may_unite(*pair)]
            if not pairs:
                return
            x = np.array([self.features(a, b) for a, b in pairs], np.float32)
            for (a, b), row, value in zip(pairs, x, score(x)):
                if self.record is not None:
                    self.record(self.clusters[a], self.clusters[b], row)
                if value >= least:
                    versions = (self.clusters[a].version, self.clusters[b].version)
                    heapq.heappush(heap, (-float(value), a, b, versions))

        compare([(a, b) for a, b in self.current_links()])
        while heap:
            _, a, b, versions = heapq.heappop(heap)
            if a not in self.clusters or b not in self.clusters:
                continue
            if versions != (self.clusters[a].version, self.clusters[b].version) or not self.may_unite(a, b):
                continue
            a = self.unite(a, b)
            compare([(a, c) for c in self.neighbours(a)])

    def current_links(self):
        return sorted((a, b) for a in self.links for b in self.links[a] if a < b)


MEAN_P = 8


def by_mean(x):
    return x[:, MEAN_P]


def stream(scored, score, threshold, records=None, down_to=0.08):
    """The clusters of a window after all passes, each published; what was compared goes to `records`."""
    window = scored.window
    clusters = []
    for number, (first, last) in enumerate(window.passes()):
        homes = {}
        for i in range(first, last):
            homes.setdefault(int(window.home[i]), []).append(i)
        for c in clusters:
            mine = homes.pop(next((h for h in homes if h in c.members), -1), None)
            if mine:
                merged = Cluster(scored, c.members + mine, True)
                c.members, c.title, c.all, c.kinds = merged.members, merged.title, merged.all, merged.kinds
        clusters += [Cluster(scored, m, False) for m in homes.values()]
        record = None
        if records is not None:
            record = lambda a, b, row: records.append((label(window, a, b), row))
        link = Linkage(scored, number, clusters, record)
        link.run(score, threshold)
        clusters = list(link.clusters.values())
        if records is not None:
            copies = [copy_of(scored, c) for c in clusters]
            Linkage(scored, number, copies, record).run(score, down_to)
        for c in clusters:
            c.published = True
    found = np.zeros(window.n, int)
    for number, c in enumerate(clusters):
        found[c.members] = number
    return found


def copy_of(scored, c):
    return Cluster(scored, list(c.members), c.published)


def label(window, a, b):
    """(share of the pairs of two clusters that are of one story, how many are labelled)."""
    one = Counter(window.story[i] for i in a.members if window.story[i])
    two = Counter(window.story[i] for i in b.members if window.story[i])
    pairs = sum(one.values()) * sum(two.values())
    right = sum(count * two.get(story, 0) for story, count in one.items())
    return (right / pairs if pairs else 0.0, pairs)
