"""Reads the outputs back and looks for what each item owes: the link to the original and to every other outlet, the
names of the outlets and of who wrote it, the rights, the disclosure. In every format that has the item.

What is owed is taken from the database: the entries that it calls shown. The documents are read by expat, json and
html.parser, which know nothing of how they were written.
"""
import collections
import json
import re
import sqlite3
import unicodedata
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from tree import parse

ATOM = "http://www.w3.org/2005/Atom"
# Services that led from an address of their own to the original's, which is the one to link.
REDIRECTS = re.compile(r"//[^/]*\.feedsportal\.com/|//us\.rd\.yahoo\.com/.*\*http")
DC = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"


class Html(HTMLParser):
    """The links and the words of some HTML; of each `article` of a page by itself."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links, self.words, self.articles, self.article = set(), [], {}, None
        self.feed(text)
        self.close()
        self.text = plain("".join(self.words))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "article":
            self.article = self.articles.setdefault(attributes.get("id"), (set(), []))
        if tag == "a" and attributes.get("href"):
            self.links.add(attributes["href"])
            if self.article:
                self.article[0].add(attributes["href"])

    def handle_endtag(self, tag):
        if tag == "article":
            self.article = None

    def handle_data(self, data):
        self.words.append(data)
        if self.article:
            self.article[1].append(data)


def plain(text):
    """Words as a reader sees them: without what has no shape, all spaces alike."""
    return " ".join("".join(c for c in text or "" if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()).split())


def place(address):
    """Host and path: what stays of an address when what follows a reader is taken off."""
    parts = urlsplit(address or "")
    return parts.netloc.lower().removeprefix("www."), unquote(parts.path).rstrip("/")


def voices_of(source, address):
    """Who speaks by an entry: its source, and the domain of its article by its last two labels."""
    return {source, ".".join(place(address)[0].split(".")[-2:])}


def named(credit):
    """How a reader sees whose entry it is: the name, and the host where the two say different things."""
    return plain(credit["name"]) + (f" ({plain(credit['host'])})" if credit.get("host") else "")


class Credited:
    """Counts what was read back, and keeps what was missing."""

    def __init__(self):
        self.items, self.credits, self.read, self.missing = 0, 0, 0, {}

    def look(self, public, database, disclosure=None, what=""):
        """All items of the five formats under `public`, published from `database`."""
        owed, self.what = entries_shown(database), what
        sources = {outline.get("xmlUrl") for outline in parse((public / "sources.opml").read_bytes())[0].walk()}
        rss = {item.words("guid"): item for item in parse((public / "feed.xml").read_bytes())[0].walk() if item.name == "item"}
        atom = {entry.words("id"): entry for entry in parse((public / "atom.xml").read_bytes())[0].all("entry")}
        page = Html((public / "index.html").read_text()).articles
        for item in json.loads((public / "feed.json").read_bytes())["items"]:
            self.items += 1
            self.item, sources_of = item["id"], item["_feedloom"]["sources"]
            self.story(item, owed.get(item["id"].rpartition("/")[2], {}))
            for credit in sources_of:
                # A file on the operator's machine has no public address.
                if "feed_url" in credit:
                    self.that(credit["feed_url"] in sources, "opml", "the source", credit["feed_url"])
            if disclosure:
                self.that(item["_feedloom"].get("disclosure") == disclosure, "json", "the disclosure", "")
            self.body("json", Html(item["content_html"]), sources_of, disclosure)
            self.rss(rss.get(item["id"]), item, disclosure)
            self.atom(atom.get(item["id"]), item, disclosure)
            shown = page.get("s-" + item["id"].rpartition("/")[2])
            if shown:
                self.page(shown, sources_of, disclosure)

    def that(self, right, form, name, detail):
        self.read += 1
        if not right:
            self.missing.setdefault(f"{form}: {name}", []).append(f"{self.what} {self.item}: {detail}")

    def story(self, item, owed):
        """JSON names all that the database calls shown, as the feed gave it."""
        credits = {(each["id"], each["guid"]): each for each in item["_feedloom"]["sources"]}
        self.credits += len(credits)
        self.that(set(credits) <= set(owed), "json", "only entries that were shown", f"{sorted(credits)}, not {sorted(owed)}")
        # What one outlet says several times at one address is credited once.
        places = {(key[0], place(owed[key][0])) for key in credits if key in owed}
        # One outlet is credited once in an item.
        voices = collections.Counter(voice for key in credits if key in owed for voice in voices_of(key[0], owed[key][0]))
        full = set(voices)
        left_out = [key for key in owed if key not in credits and (key[0], place(owed[key][0])) not in places
                    and not full & voices_of(key[0], owed[key][0])]
        self.that(not left_out, "json", "all entries that were shown", left_out)
        self.that(item["url"] == item["_feedloom"]["sources"][0]["url"], "json", "the lead's address", item["url"])
        for key, credit in credits.items():
            address, authors, rights = owed.get(key, ("", [], ""))
            self.that(place(credit["url"]) == place(address) or REDIRECTS.search(address), "json", "the original's address", f"{credit['url']}, not {address}")
            for author in authors[:1]:
                # One who is called as the outlet is told by its name.
                told = plain(credit.get("author")) or plain(credit["name"])
                # A list of authors that is longer than a line is cut, with a mark.
                whole = author.lower() in told.lower() or told.endswith("…") and author.startswith(told[:-1])
                self.that(whole, "json", "who wrote it", f"{credit.get('author')!r} of {credit['name']!r}, not {author!r}")
            if rights:
                self.that(credit.get("rights") or credit.get("licenses"), "json", "the rights", rights)

    def body(self, form, html, credits, disclosure):
        for credit in credits:
            self.that({credit["url"], credit.get("comments")} & html.links, form, "a link in the body", credit["url"])
            self.that(plain(credit["name"]) in html.text, form, "an outlet in the body", credit["name"])
            if credit.get("author"):
                self.that(plain(credit["author"]) in html.text, form, "who wrote it, in the body", credit["author"])
        if disclosure:
            self.that(plain(disclosure) in html.text, form, "the disclosure in the body", "")

    def rss(self, found, item, disclosure):
        self.that(found is not None, "rss", "the item", "")
        if found is None:
            return
        lead = item["_feedloom"]["sources"][0]
        source = found.one("source")
        self.that(found.words("link") == lead["url"], "rss", "the link", found.words("link"))
        # The feed, or the home page where the feed is served by someone else.
        addresses = {lead.get("feed_url"), lead.get("home_page_url")} - {None}
        self.that(source is not None and (not addresses or source.get("url") in addresses) and plain(source.text) == named(lead),
                  "rss", "the source", lead)
        self.that(found.words("creator", DC) == item["author"]["name"], "rss", "the creator", item["author"]["name"])
        self.that(plain(found.words("rights", DC)) == plain(lead.get("rights")), "rss", "the rights", lead.get("rights"))
        self.body("rss", Html(found.words("encoded", CONTENT) or ""), item["_feedloom"]["sources"], disclosure)

    def atom(self, found, item, disclosure):
        self.that(found is not None, "atom", "the entry", "")
        if found is None:
            return
        lead = item["_feedloom"]["sources"][0]
        links = {(link.get("rel"), link.get("href")) for link in found.all("link")}
        self.that(("alternate", lead["url"]) in links, "atom", "the link", links)
        for other in item["_feedloom"]["sources"][1:]:
            self.that({("related", other["url"]), ("related", other.get("comments"))} & links, "atom", "another outlet's link", other["url"])
        source = found.one("source")
        self.that(source is not None and plain(source.words("title")) == named(lead), "atom", "the source", lead["name"])
        author = found.one("author")
        self.that(author is not None and author.words("name") == item["author"]["name"], "atom", "the author", item["author"]["name"])
        self.that(plain(found.words("rights")) == plain(lead.get("rights")), "atom", "the rights", lead.get("rights"))
        self.body("atom", Html(found.words("content") or ""), item["_feedloom"]["sources"], disclosure)

    def page(self, shown, credits, disclosure):
        html = Html("")
        html.links, html.text = shown[0], plain("".join(shown[1]))
        self.body("page", html, credits, disclosure)
        for credit in credits:
            if credit.get("rights"):
                self.that(plain(credit["rights"]) in html.text, "page", "the rights", credit["rights"])

    def finish(self):
        """Says what was read back and what was missing. The number of things missing."""
        for name, places in sorted(self.missing.items()):
            print(f"  {len(places)} × {name}\n      {places[0][:600]}")
        count = sum(map(len, self.missing.values()))
        print(f"{self.items} items read back in five formats, {self.credits} outlets credited, {self.read} things looked for: "
              f"{count} missing")
        return count


def entries_shown(database):
    """Story → (source, guid) → address, authors and rights of every entry that was shown."""
    base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = base.execute("""SELECT story.key, entry.source_id, entry.guid, entry.url, entry.extra, feed.rights, feed.lists
                             FROM story JOIN member ON member.story_id = story.id JOIN entry ON entry.id = member.entry_id
                             LEFT JOIN feed ON feed.source_id = entry.source_id
                            WHERE member.shown_at IS NOT NULL""").fetchall()
    base.close()
    stories = {}
    for story, source, guid, address, extra, rights, lists in rows:
        extra = json.loads(extra or "{}")
        authors = [plain(each["name"]) for each in extra.get("authors", []) if plain(each.get("name")) and not re.search(r"[<&@]", each["name"])]
        if lists or extra.get("via"):
            # The outlet is the one that the item leads to: neither who submitted it nor what its list says of itself counts.
            authors, rights = [], None
        stories.setdefault(story, {})[(source, guid)] = (address, authors, extra.get("rights") or rights)
    return stories
