"""What a reader feels of a clustering, and what a statistician says of it."""

from collections import Counter, defaultdict


def _pairs(n):
    return n * (n - 1) // 2


def _f1(p, r):
    return 2 * p * r / (p + r) if p + r else 0.0


class Tally:
    """Sums over windows; `figures` are of all that was added."""

    def __init__(self):
        self.sums = Counter()

    def add(self, window, found):
        story, publisher = window.story, window.publisher
        scored = [i for i in range(window.n) if story[i]]
        cells = Counter((story[i], found[i]) for i in scored)
        gold, made = Counter(story[i] for i in scored), Counter(found[i] for i in scored)
        members, stories = defaultdict(list), defaultdict(set)
        for i in range(window.n):
            members[found[i]].append(i)
            if story[i]:
                stories[found[i]].add(story[i])
        shared = [c for c, m in members.items() if len({publisher[i] for i in m}) > 1]
        homes = defaultdict(set)
        for s, c in cells:
            homes[s].add(c)
        many = [s for s, n in gold.items() if n > 1]
        self.sums += Counter(
            {
                "tp": sum(map(_pairs, cells.values())),
                "made": sum(map(_pairs, made.values())),
                "gold": sum(map(_pairs, gold.values())),
                "b3p": sum(n * n / made[c] for (_, c), n in cells.items()),
                "b3r": sum(n * n / gold[s] for (s, _), n in cells.items()),
                "scored": len(scored),
                "items": len(members),
                "repeats": sum(len(h) - 1 for h in homes.values()),
                "shared": len(shared),
                "wrong": sum(len(stories[c]) > 1 for c in shared),
                "many": len(many),
                "whole": sum(len(homes[s]) == 1 and len(stories[next(iter(homes[s]))]) == 1 for s in many),
            }
        )

    def figures(self):
        s = self.sums
        p, r = s["tp"] / max(1, s["made"]), s["tp"] / max(1, s["gold"])
        return {
            "wrong": 100 * s["wrong"] / max(1, s["shared"]),
            "repeats": 100 * s["repeats"] / max(1, s["items"]),
            "whole": 100 * s["whole"] / max(1, s["many"]),
            "P": p,
            "R": r,
            "F1": _f1(p, r),
            "B3": _f1(s["b3p"] / max(1, s["scored"]), s["b3r"] / max(1, s["scored"])),
        }


def line(f):
    return "wrong %4.1f repeats %4.1f whole %4.1f | P %.3f R %.3f F1 %.3f | B3 %.4f" % (
        f["wrong"], f["repeats"], f["whole"], f["P"], f["R"], f["F1"], f["B3"])


def joins(found):
    """How many stories of two entries are right, where one publisher wrote both, and where one has no text."""
    same, bare = [0, 0], [0, 0]
    for window, clusters in found:
        members = defaultdict(list)
        for i, c in enumerate(clusters):
            members[c].append(i)
        for pair in (m for m in members.values() if len(m) == 2 and all(window.story[i] for i in m)):
            one, two = pair
            right = window.story[one] == window.story[two]
            if window.publisher[one] == window.publisher[two]:
                same[0] += right
                same[1] += 1
            if not (window.entries[one].text and window.entries[two].text):
                bare[0] += right
                bare[1] += 1
    return "pairs of one publisher right %d of %d = %.0f %%; pairs with a bare title right %d of %d = %.0f %%" % (
        *same, 100 * same[0] / max(1, same[1]), *bare, 100 * bare[0] / max(1, bare[1]))
