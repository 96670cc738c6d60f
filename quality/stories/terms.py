"""Titles and texts as the program reads them: terms, numbers, kinds of pieces (English only).

The word lists are read out of the Rust sources and tables, so that there is one copy of each.
"""

import math
import re
import unicodedata
from pathlib import Path

WEAVE = Path(__file__).resolve().parents[2] / "src" / "weave"

TITLE_TERMS = 40
TEXT_TERMS = 30
MAX_TERM_BYTES = 48
FLOOR_LN = -11.29

SENTENCE_END = set('.!?:"“‘\n•')
HYPHENS = "-\u2010\u2011"
APOSTROPHES = "'\u2019\u02bc"
BY_HAND = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}


def _list(name):
    """The string literals of a constant in the Rust sources of the weaver."""
    pattern = re.compile(r"const %s: \[[^=]*=\s*&?\[(.*?)\n?\];" % name, re.S)
    for source in sorted(WEAVE.rglob("*.rs")):
        found = pattern.search(source.read_text(encoding="utf-8"))
        if found:
            return re.findall(r'"([^"]*)"', found.group(1))
    raise LookupError(f"no constant {name} below {WEAVE}")


STOP_WORDS = set(_list("ENGLISH"))
_SAME = _list("SAME")
SYNONYMS = dict(zip(_SAME[::2], _SAME[1::2]))


def shipped_rates():
    """ln of the long-term rate of each term that the shipped table knows."""
    rates, entries = {}, None
    for line in (WEAVE / "models" / "term_counts.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("entries "):
            entries = int(line.split()[1])
        elif entries and line and not line.startswith("#"):
            step, *terms = line.split()
            for term in terms:
                rates[term] = math.log(2 ** (int(step) / 4) / entries)
    return rates


def is_word(c):
    return c.isalnum() or unicodedata.combining(c) != 0


def fold(text):
    folded = []
    for c in unicodedata.normalize("NFKD", text):
        if not "\u0300" <= c <= "\u036f":
            folded.append(BY_HAND.get(c, c))
    return "".join(folded)


def stem(word):
    """The light English stemmer."""
    if not word.isascii():
        return word
    length = len(word)
    if length > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if length > 4 and word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    if length > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    cut, least = (3, 7) if word.endswith("ing") else (2, 6)
    if word.endswith(("ing", "ed")) and len(word) >= least:
        word = word[:-cut]
        if len(word) > 1 and word[-1] == word[-2] and word[-1] not in "lszeo":
            word = word[:-1]
    if len(word) >= 6 and word.endswith("e"):
        word = word[:-1]
    return word


def _is_year(word):
    return len(word) == 4 and word[:2] in ("19", "20") and word.isascii() and word.isdigit()


def _term(raw):
    """The term of a word, or None where it says nothing."""
    digit = any("0" <= c <= "9" for c in raw)
    low = raw.lower()
    if "'" in low:
        low = low.removesuffix("'s")
        article, mark, rest = low.partition("'")
        if mark and len(article.encode()) <= 2 and len(rest.encode()) > 2:
            low = rest
        low = low.replace("'", "")
    if low in STOP_WORDS or _is_year(low):
        return None
    term = low if digit else SYNONYMS.get(stem(low), stem(low))
    if not term.isascii():
        term = fold(term)
    if not term or (len(term.encode()) == 1 and not digit):
        return None
    cut = term.encode()[:MAX_TERM_BYTES]
    return cut.decode("utf-8", "ignore")


def _read_word(text, at):
    """The raw word that starts at `at`, and where it ends."""
    word = text[at]
    at += 1
    while at < len(text):
        c = text[at]
        if is_word(c):
            word += c
            at += 1
            continue
        after = text[at + 1] if at + 1 < len(text) and is_word(text[at + 1]) else ""
        is_digit_before = "0" <= word[-1] <= "9"
        if c in APOSTROPHES and after:
            word += "'"
        elif c in ".," and is_digit_before and "0" <= after <= "9" and after:
            word += "." if c == "." else ""
        elif c == "." and not is_digit_before and after and len(word.rsplit(".", 1)[-1]) == 1:
            word += "."
        else:
            break
        at += 1
    return word, at


def terms(text, limit):
    """At most `limit` of (term, capital, digit, first in its sentence), in order."""
    found, at, first, before = [], 0, True, None

    def emit(raw):
        nonlocal first
        was_first, first = first, False
        term = _term(raw)
        if term is not None:
            found.append((term, raw[0].isupper(), any("0" <= c <= "9" for c in raw), was_first))

    while at < len(text) and len(found) < limit:
        c = text[at]
        if not is_word(c):
            first = first or c in SENTENCE_END
            at += 1
            continue
        raw, at = _read_word(text, at)
        hyphen_next = at < len(text) and text[at] in HYPHENS
        emit(raw)
        short = len(raw) <= 2
        if before is not None and len(found) < limit and (before[1] or short):
            emit(before[0] + raw)
            before = None
        else:
            before = (raw, short) if hyphen_next and len(raw.encode()) <= MAX_TERM_BYTES else None
    return found[:limit]


def without_outlet(title):
    title = title.strip()
    cut = max(((title.rfind(mark), title.rfind(mark) + len(mark)) for mark in (" | ", " - ", " – ", " — ")))
    if cut[0] < 0:
        return title
    head, tail = title[: cut[0]], title[cut[1] :]
    words = tail.split()
    named = all(not word[0].islower() for word in words)
    if 1 <= len(words) <= 4 and named and len(head.split()) >= 4 and len(tail.encode()) <= 40:
        return head
    return title


def is_title_case(title):
    long = [word for word in title.split() if len(word.encode()) > 3]
    return sum(word[0].isupper() for word in long) * 10 >= len(long) * 7


# --- numbers that tell two things apart (title_features.rs)

MONTHS = "january february march april may june july august september october november december".split()
SERIES = set(_list("SERIES"))


def _month(word):
    word = "sep" if word == "sept" else word
    return next((i for i, long in enumerate(MONTHS) if word in (long, long[:3])), None)


def _bare(word):
    return re.sub(r"^\W+|\W+$", "", word.replace("_", " ").strip() if word.strip("_") != word else word)


def marks(title):
    """Numbers, dates and series of a title: {kind: values}."""
    words = [w for w in re.split(r'[\s:;()–—|"]', title[:600].lower()) if w]
    found = {}

    def add(kind, value):
        found.setdefault(kind, set()).add(value)

    for i, word in enumerate(words):
        bare = re.sub(r"^[^\w#]+|[^\w#]+$", "", word)
        if bare.startswith("cve-"):
            add("cve", bare[4:])
            continue
        if bare.startswith("#") and bare[1:].isdecimal():
            add("issue", bare[1:])
            continue
        before = _bare(words[i - 1]) if i else ""
        after = _bare(words[i + 1]) if i + 1 < len(words) else ""
        day = re.sub(r"(st|nd|rd|th)$", "", bare)
        if day.isdecimal() and len(day) <= 2:
            month = next((m for m in (_month(before), _month(after)) if m is not None), None)
            if month is not None:
                add("date", "%d-%s" % (month, day.lstrip("0")))
                continue
        parts = re.split(r"[-/.]", bare)
        if len(parts) == 3 and all(p.isdecimal() and len(p) <= 4 for p in parts):
            if len(parts[0]) == 4 or len(parts[2]) == 4 or "/" in bare:
                add("date", "-".join(p.lstrip("0") for p in parts))
                continue
        value = bare.lstrip("$€£¥").rstrip("%").replace(",", "")
        if not value[:1].isdecimal():
            continue
        if value.isdecimal() and before in SERIES:
            add("series " + before, value.lstrip("0"))
        elif not _is_year(value):
            add("number", value)
    return found


def contradict(a, b):
    """Whether two titles carry a date, an issue, an episode or a CVE id each, and share none."""
    return any(k != "number" and k in b and not a[k] & b[k] for k in a)


# --- kinds of pieces, by the phrases of one table

def _tokens(text):
    """Lower-cased words; a number is followed by its class: `#`, `$` with a currency before it, `%` with one behind."""
    tokens = []
    low = text.lower()
    for m in re.finditer(r"[^\W_]+(?:[%s][^\W_]+|(?<=\d)[.,](?=\d)[^\W_]+)*" % APOSTROPHES, low):
        word = re.sub("[%s,]" % APOSTROPHES, "", m.group())
        kind = ""
        if "0" <= word[0] <= "9":
            money = m.start() > 0 and low[m.start() - 1] in "$£€"
            kind = "$" if money else "%" if low[m.end() : m.end() + 1] == "%" else "#"
        tokens.append((word, kind))
    return tokens


class Kinds:
    """The table of kinds: a line is a kind and its phrases; `word*` is a prefix, `^` the start, `# $ %` numbers."""

    def __init__(self, path=WEAVE / "models" / "kinds.txt"):
        self.names, self.phrases = [], []
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("# "):
                continue
            name, _, rest = line.partition(":")
            self.names.append(name.strip())
            for phrase in rest.split(","):
                words = phrase.split()
                anchored = words[0] == "^"
                self.phrases.append((len(self.names) - 1, anchored, words[anchored:]))
        self.by_word, self.by_prefix, self.by_class = {}, [], []
        for phrase in self.phrases:
            head = phrase[2][0]
            if head in ("#", "$", "%"):
                self.by_class.append(phrase)
            elif head.endswith("*"):
                self.by_prefix.append(phrase)
            else:
                self.by_word.setdefault(head, []).append(phrase)

    def of(self, text):
        tokens = _tokens(text)
        bits = [False] * len(self.names)
        for i, (word, _) in enumerate(tokens):
            for kind, anchored, words in self.by_word.get(word, []) + self.by_prefix + self.by_class:
                if bits[kind] or (anchored and i) or i + len(words) > len(tokens):
                    continue
                bits[kind] = all(_fits(w, tokens[i + k]) for k, w in enumerate(words))
        if text.rstrip().endswith("?") and "question" in self.names:
            bits[self.names.index("question")] = True
        return bits


def _fits(want, token):
    word, kind = token
    if want in ("#", "$", "%"):
        return kind == want
    if want.endswith("*"):
        return word.startswith(want[:-1])
    return word == want


# --- quantities, titles and addresses as a whole

SCALE = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "tn": 12, "trillion": 12}


def quantities(text):
    """Numbers of two digits or more, years aside, by their value: `665k` and `665,000` are one."""
    found = set()
    for digits, unit in re.findall(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:[\s-]?(k|thousand|mn|million|m|bn|billion|b|tn|trillion)\b)?", text, re.I):
        number = digits.replace(",", "")
        if not unit and (len(number) < 2 or _is_year(number)):
            continue
        whole, _, part = number.partition(".")
        scale = SCALE.get(unit.lower(), 0)
        part = part.ljust(scale, "0")
        value = (whole + part[:scale]).lstrip("0") + ("." + part[scale:].rstrip("0") if part[scale:].rstrip("0") else "")
        found.add(value)
    return found


def title_key(title):
    low = fold(title.lower())
    key = re.sub(r"['’.,]", "", low)
    return re.sub(r"[\W_]+", " ", key).strip()


def address_key(url):
    m = re.match(r"https?://(?:www\.|m\.|mobile\.|amp\.)?([^/?#]+)([^?#]*)(\?[^#]*)?", url.strip(), re.I)
    if not m:
        return ""
    path = re.sub(r"/(index\.html?|amp)?$", "", m.group(2))
    query = "&".join(q for q in sorted((m.group(3) or "?")[1:].split("&")) if q and not re.match(r"utm_|ref=|source=|via=|from=|src=|mod=|ftag=|cmp|rss", q))
    return (m.group(1).lower() + path + ("?" + query if query else "")) if path or query else ""
