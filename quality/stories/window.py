"""A labelled window as the program meets it: entries by time, passes of an hour, and what is counted at each."""

import hashlib
import json
import math
from datetime import datetime

import numpy as np

import terms as words

TITLE_LONGEST, TEXT_LONGEST = 20, 30
LEAST_WINDOW, LARGEST_WINDOW_IDF = 400, 7.6
LOOKBACK_H, PASS_H = 72.0, 1.0


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def hours_of(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() / 3600


def _hash(*parts):
    return int.from_bytes(hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest(), "little")


class Entry:
    """What is compared of one entry."""

    def __init__(self, row, kinds):
        title, text = words.without_outlet(row["title"]), row.get("summary") or ""
        self.title_case = words.is_title_case(title)
        in_title, in_text = words.terms(title, words.TITLE_TERMS), words.terms(text, words.TEXT_TERMS)
        self.all_title = list(dict.fromkeys(t for t, *_ in in_title))
        self.title = self.all_title[:TITLE_LONGEST]
        self.text = list(dict.fromkeys(t for t, *_ in in_text))
        self.strong = {t for t, capital, digit, _ in in_title if digit or (capital and not self.title_case)}
        self.strong |= {t for t, capital, digit, _ in in_text if digit or capital}
        self.said = [] if self.title_case else [(t, c) for t, c, digit, first in in_title if not first and not digit]
        self.said += [(t, c) for t, c, digit, first in in_text if not first and not digit]
        self.publisher, self.time = row["publisher"], hours_of(row["published"])
        self.marks = words.marks(title)
        self.kinds = kinds.of(title)
        both = title + " " + text[:300]
        self.quantities = words.quantities(both)
        self.models = {t for t in self.title if any(c.isdigit() for c in t) and any(c.isalpha() for c in t)}
        self.digits = {t for t in self.title if any(c.isdigit() for c in t)}
        self.key = words.title_key(title)
        pairs = zip(self.all_title, self.all_title[1:])
        self.bigrams = {_hash(self.publisher, a, b) for a, b in pairs}
        self.teaser = _hash(self.publisher, "teaser", *self.text[:12]) if len(self.text) >= 4 else 0


class Window:
    """All entries of one labelled window in the order in which they are placed."""

    def __init__(self, name, rows, kinds=None, rates=None):
        kinds, rates = kinds or words.Kinds(), rates or words.shipped_rates()
        self.name = name
        self.rows = sorted(rows, key=lambda row: (hours_of(row["published"]), row["id"]))
        self.entries = [Entry(row, kinds) for row in self.rows]
        self.n = len(self.entries)
        self.time = np.array([e.time for e in self.entries])
        numbers = {}
        self.publisher = np.array([numbers.setdefault(e.publisher, len(numbers)) for e in self.entries])
        self.story = np.array([row["story"] or "" for row in self.rows], dtype=object)
        self.saga = np.array([row.get("saga") or "" for row in self.rows], dtype=object)
        self.number = {}
        for e in self.entries:
            for t in e.all_title + e.text:
                self.number.setdefault(t, len(self.number))
        self.terms = list(self.number)
        self.base = np.array([rates.get(t, words.FLOOR_LN) for t in self.terms])
        self.is_digit = np.array([any(c.isdigit() for c in t) for t in self.terms] + [False])
        self.title = self._table([e.title for e in self.entries], TITLE_LONGEST)
        self.text = self._table([e.text for e in self.entries], TEXT_LONGEST)
        self.kinds = np.array([e.kinds for e in self.entries])
        self.home = self._sure_stories()

    def _table(self, lists, width):
        table = np.full((self.n, width), -1, np.int32)
        for i, row in enumerate(lists):
            ids = [self.number[t] for t in row[:width]]
            table[i, : len(ids)] = ids
        return table

    def _sure_stories(self):
        """The first entry with the same address or the same title (about as the sure layers of the program)."""
        home, by_address, by_title = [], {}, {}
        for i, (row, e) in enumerate(zip(self.rows, self.entries)):
            address = words.address_key(row["url"])
            found = by_address.get(address) if address else None
            if found is None and len(e.key.split()) >= 4:
                for k in by_title.get(e.key, []):
                    other = self.entries[k]
                    same = other.publisher == e.publisher
                    if e.time - other.time <= (6 if same else LOOKBACK_H) and not words.contradict(e.marks, other.marks):
                        found = home[k]
                        break
            home.append(i if found is None else found)
            if address:
                by_address.setdefault(address, home[i])
            by_title.setdefault(e.key, []).append(i)
        return np.array(home)

    def passes(self):
        """(first, last) of the entries that come in each pass; a pass begins with an entry and takes an hour."""
        bounds = [0]
        for i in range(self.n):
            if self.time[i] - self.time[bounds[-1]] >= PASS_H:
                bounds.append(i)
        return list(zip(bounds, bounds[1:] + [self.n]))


class State:
    """What the program has counted when a pass ends."""

    def __init__(self, window, end):
        self.window, self.end = window, end
        self.first = int(np.searchsorted(window.time, window.time[end - 1] - LOOKBACK_H))
        size = len(window.terms)
        df, capital, small = np.zeros(size), np.ones(size), np.ones(size)
        for e in window.entries[self.first : end]:
            for t in set(e.all_title) | set(e.text):
                df[window.number[t]] += 1
        for e in window.entries[self.first : end]:
            for t, is_capital in set(e.said):
                (capital if is_capital else small)[window.number[t]] += 1
        now = np.log(np.maximum(df, 1)) - math.log(max(end - self.first, LEAST_WINDOW))
        self.df = df
        self.name = capital / (capital + small)
        self.idf = np.maximum(-0.5 * window.base - 0.5 * np.maximum(now, window.base), 0)
        self.widf = np.clip(-now, 0, LARGEST_WINDOW_IDF)
        self.lidf = -window.base
        self.burst = np.clip(now - window.base, -3, 7)
