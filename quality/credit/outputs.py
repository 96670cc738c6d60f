"""The five formats, read back by parsers that know nothing of how they were written: what each says of whose an item is."""
import html
import json
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
NO_SHAPE = str.maketrans("", "", "\u200b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass
class Credit:
    """The name of an outlet as shown, and its article."""
    outlet: str
    link: str


@dataclass
class Item:
    story: str
    title: str
    lead: Credit
    others: list = field(default_factory=list)
    discussed: list = field(default_factory=list)
    date: str = ""
    excerpt: str = ""
    # The source that brought it, where the format says so.
    source: str = ""
    guid: str = ""


def plain(text):
    return " ".join((text or "").translate(NO_SHAPE).split())


def of_rss(path):
    for item in ET.parse(path).getroot().iter("item"):
        links = item.findall(ATOM + "link")
        yield Item(
            item.findtext("guid").rpartition("/")[2], plain(item.findtext("title")),
            Credit(plain(item.findtext("source")), item.findtext("link")),
            [titled(link) for link in links if link.get("rel") == "related"],
            [link.get("href") for link in links if link.get("rel") == "replies"],
            item.findtext("pubDate"), html.unescape(item.findtext("description") or ""))


def of_atom(path):
    for entry in ET.parse(path).getroot().findall(ATOM + "entry"):
        links = entry.findall(ATOM + "link")
        lead = next(link.get("href") for link in links if link.get("rel") == "alternate")
        yield Item(
            entry.findtext(ATOM + "id").rpartition("/")[2], plain(html.unescape(entry.findtext(ATOM + "title"))),
            Credit(plain(entry.find(ATOM + "source").findtext(ATOM + "title")), lead),
            [titled(link) for link in links if link.get("rel") == "related"],
            [link.get("href") for link in links if link.get("rel") == "replies"], entry.findtext(ATOM + "published"))


def titled(link):
    """`The Outlet: the title`, with a no-break space, as the title of a link."""
    return Credit(plain(link.get("title").partition(":\u00a0")[0]), link.get("href"))


def of_json(path):
    for item in json.loads(path.read_bytes())["items"]:
        ours = item["_feedloom"]
        credits = [Credit(plain(named(each)), each["url"]) for each in ours["sources"]]
        yield Item(
            item["id"].rpartition("/")[2], plain(item["title"]), credits[0], credits[1:],
            [page["url"] for page in ours.get("discussions", [])], item["date_published"], item.get("summary", ""),
            ours["sources"][0]["id"], ours["sources"][0]["guid"])


def named(credit):
    return credit["name"] + (f" ({credit['host']})" if credit.get("host") else "")


def of_page(path):
    text = path.read_text()
    for story, body in re.findall(r'<article id="s-(\w+)".*?>(.*?)</article>', text, re.S):
        headline = re.search(r'<h3[^>]*><a href="([^"]+)">(.*?)</a>', body, re.S)
        outlet = re.search(r'class="outlet"[^>]*>(.*?)</', body, re.S)
        lists = re.findall(r'<p class="also"[^>]*>(.*?)</p>', body, re.S)
        also = [Credit(plain(html.unescape(name)), html.unescape(link)) for block in lists
                for link, name in re.findall(r'<a href="([^"]+)" title="[^"]*">(.*?)</a>', block, re.S)]
        yield Item(story, plain(html.unescape(headline[2])), Credit(plain(html.unescape(outlet[1])), html.unescape(headline[1])), also)


def of_list(path):
    """The names of the sources."""
    return {plain(outline.get("title") or outline.get("text")) for outline in ET.parse(path).getroot().iter("outline")}


READERS = {"feed.xml": of_rss, "atom.xml": of_atom, "feed.json": of_json, "index.html": of_page}


def read_back(public):
    """File → story → item."""
    return {name: {item.story: item for item in reader(public / name)} for name, reader in READERS.items()
            if (public / name).exists()}
