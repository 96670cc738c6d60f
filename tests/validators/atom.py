"""Atom 1.0: what RFC 4287 says beyond its schema (which jing checks), and what the W3C validator warns of."""
import rules
from rss import web

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
RELATIONS = {"self", "alternate", "related", "license", "replies", "enclosure", "hub", "via"}
ENTRY = "title id updated author link published content summary category rights source".split()


def check(root, spaces, wrong, context):
    if (root.space, root.name) != (ATOM, "feed"):
        return wrong(root, "not an Atom feed")
    for prefix, space in spaces.items():
        if {None: ATOM, "media": MEDIA}.get(prefix) != space:
            wrong(root, f"the namespace {prefix}={space} is none that every validator knows")
    own = [link for link in root.all("link") if link.get("rel") == "self"]
    context.own_address([link.get("href") for link in own], root, wrong)
    if any(link.get("type") != "application/atom+xml" for link in own):
        wrong(root, "rel=self is not application/atom+xml")
    if not rules.TAG.match(root.words("id") or ""):
        wrong(root, f"id {root.words('id')!r}")
    entries = root.all("entry")
    for name, many in (("id", "an id"), ("updated", "the same updated")):
        values = [entry.words(name) for entry in entries]
        if len(set(values)) != len(values):
            wrong(root, f"{many} twice")
    if entries and root.words("updated") != max(entry.words("updated") for entry in entries):
        wrong(root, "the feed's updated is not that of its newest entry")
    for element in [root, *entries]:
        links(element, wrong)
    for element in root.walk():
        one(element, wrong, context)
    for entry in entries:
        if not entry.one("author") or not entry.one("author").words("name"):
            wrong(entry, "no author")
        if [child.name for child in entry.children if child.space == ATOM][-1:] != ["source"]:
            wrong(entry, "source is not the last element")
        places = [ENTRY.index(child.name) for child in entry.children if child.space == ATOM and child.name in ENTRY]
        if places != sorted(places):
            wrong(entry, "its elements are in another order")
        source = entry.one("source")
        if source is not None:
            if not all(source.words(name) for name in ("id", "title", "updated")) or source.one("author"):
                wrong(source, "source lacks id, title or updated, or has an author")
            if source.words("updated", None) == "1970-01-01T00:00:00Z":
                wrong(source, "source was updated in 1970")
            web(source.words("id"), source, "id", wrong)
        if not rules.TAG.match(entry.words("id") or ""):
            wrong(entry, f"id {entry.words('id')!r}")
    return entries


def one(element, wrong, context):
    language = element.get("lang", "http://www.w3.org/XML/1998/namespace")
    if language is not None:
        context.language(language, element, wrong)
    if element.space != ATOM:
        if element.name != "thumbnail":
            wrong(element, f"the element {element.name} of {element.space}")
        return web(element.get("url"), element, "url", wrong)
    if element.name in ("published", "updated"):
        bad = rules.rfc_3339(element.text.strip(), context.now)
        if bad:
            wrong(element, f"{element.name}: {bad}: {element.text!r}")
    elif element.name in ("title", "subtitle", "summary", "rights", "content", "name", "generator"):
        value = element.text.strip()
        if not value:
            wrong(element, f"an empty {element.name}")
        if element.get("type") == "html":
            context.html(value, element, wrong)
            if element.name == "title" and "&" not in value and "<" not in value:
                wrong(element, "a title as HTML without any markup")
        else:
            bad = rules.plain(value) or element.name not in ("title", "summary") and rules.bidi(value)
            if bad:
                wrong(element, f"{element.name}: {bad}: {value[:100]!r}")
    elif element.name == "category" and not (element.get("term") or "").strip():
        wrong(element, "an empty term")


def links(element, wrong):
    alternates = []
    for link in element.all("link"):
        web(link.get("href"), link, "href", wrong)
        if link.get("rel") not in RELATIONS:
            wrong(link, f"rel={link.get('rel')}")
        if link.get("type") is not None and not rules.MEDIA_TYPE.match(link.get("type")):
            wrong(link, f"type={link.get('type')}")
        if link.get("length") is not None and not link.get("length").isdecimal():
            wrong(link, f"length={link.get('length')}")
        title = link.get("title")
        if title is not None and (not title.strip() or rules.plain(title) or rules.bidi(title)):
            wrong(link, f"title={title[:100]!r}")
        if link.get("rel") == "alternate":
            alternates.append((link.get("type"), link.get("hreflang")))
    if len(alternates) != 1:
        wrong(element, f"{len(alternates)} alternates")
