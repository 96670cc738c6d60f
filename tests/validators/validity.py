"""Holds outputs against the rules: strict parsers and schemas that share no code with the program's writers.

What it asks: expat, html5lib (strict), RFC 4287's RELAX NG schema by jing, JSON Feed's schema by ajv, the Nu HTML
checker, and the rules of rss.py, atom.py, opml.py, jsonfeed.py and markup.py.
"""
import hashlib
import pathlib
import tempfile
from urllib.parse import quote
from xml.parsers import expat

import atom
import jsonfeed
import opml
import rss
import rules
import tools
from markup import Markup
from tree import parse

# ISO 639-1.
LANGUAGES = set("""aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk
kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om
or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt
tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu""".split())


class Validity:
    """Checks each distinct document once; the tools that are programs of their own look at all of them in `finish`."""

    def __init__(self):
        self.markup, self.seen, self.complaints = Markup(), {}, {}
        self.folder = tempfile.TemporaryDirectory()
        self.looked_at = 0

    def look(self, folder, now, link):
        """Checks every output under `folder`, published at `now` (Unix seconds) for the public address `link`."""
        folder = pathlib.Path(folder)
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            kind = kind_of(path)
            if kind is None:
                continue
            self.looked_at += 1
            data, file = path.read_bytes(), path.relative_to(folder).as_posix()
            key = hashlib.sha256(file.encode() + b"\0" + data).hexdigest()
            if key not in self.seen:
                self.seen[key] = f"{path} ({now})"
                aside = pathlib.Path(self.folder.name, kind)
                aside.mkdir(exist_ok=True)
                (aside / f"{key}.{SUFFIX[kind]}").write_bytes(data)
                self.document(kind, data, str(path), Context(self.markup, now, link and link + quote(file)))

    def document(self, kind, data, where, context):
        def wrong(element, what):
            self.complain(what, f"{where}:{element.line}" if element is not None else where)
        context.wrong = wrong
        try:
            if kind == "json":
                jsonfeed.check(data, wrong, context)
            elif kind == "html":
                self.page(data, wrong)
            else:
                root, spaces = parse(data)
                for element in root.walk():
                    for value in [element.text, *element.attributes.values()]:
                        bad = rules.characters(value)
                        if bad:
                            wrong(element, f"{element.name}: {bad}")
                {"rss": rss, "atom": atom, "opml": opml}[kind].check(root, spaces, wrong, context)
        except (expat.ExpatError, ValueError, KeyError) as error:
            self.complain(f"no strict parser takes it: {error!r}", where)

    def page(self, data, wrong):
        bad = rules.characters(data.decode("utf-8"))
        if bad:
            wrong(None, bad)

    def complain(self, what, where):
        self.complaints.setdefault(what, []).append(where)

    def finish(self):
        """Asks the tools about every distinct document, and says what was found. The number of complaints."""
        for kind, ask in (("atom", tools.jing), ("json", tools.ajv), ("html", tools.nu)):
            aside = pathlib.Path(self.folder.name, kind)
            if aside.exists():
                for name, what in ask(aside):
                    self.complain(what, self.seen[name.partition(".")[0]])
        for what, places in sorted(self.complaints.items(), key=lambda each: -len(each[1]))[:40]:
            print(f"  {len(places)} × {what[:300]}\n      {places[0]}")
        count = sum(map(len, self.complaints.values()))
        print(f"{self.looked_at} outputs checked, {len(self.seen)} of them different, "
              f"{self.markup.looked_at} pieces of HTML: {count} complaints")
        return count


SUFFIX = {"rss": "xml", "atom": "xml", "opml": "opml", "json": "json", "html": "html"}


def kind_of(path):
    head = path.read_bytes()[:400]
    if path.suffix == ".json":
        return "json"
    if path.suffix in (".html", ".htm"):
        return "html"
    if path.suffix == ".opml":
        return "opml"
    if path.suffix in (".xml", ".rss", ".atom"):
        return "atom" if b"<feed" in head else "rss"
    return None


class Context:
    """What a rule has to know beside the value."""

    def __init__(self, markup, now, own):
        self.markup, self.now, self.own = markup, now, own

    def html(self, fragment, element, wrong):
        for what in self.markup.wrong(fragment or ""):
            wrong(element, f"in HTML: {what}")

    def language(self, value, element, wrong):
        parts = (value or "").split("-")
        if not rules.LANGUAGE.match(value or "") or len(parts[0]) == 2 and parts[0] not in LANGUAGES:
            wrong(element, f"the language {value!r}")

    def own_address(self, found, element, wrong):
        if found != ([self.own] if self.own else []):
            wrong(element, f"its own address is {found}, not {self.own}")
