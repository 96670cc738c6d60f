"""RSS 2.0: the rules under which the W3C validator says nothing, neither error nor warning."""
import rules

CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
LICENCE = "http://backend.userland.com/creativeCommonsRssModule"
PREFIXES = {"content": CONTENT, "dc": DC, "atom": ATOM, "media": MEDIA, "creativeCommons": LICENCE}
CHANNEL = {("", name) for name in "title link description language lastBuildDate generator item".split()} | {(ATOM, "link")}
ITEM = ({("", name) for name in "title link description category comments enclosure guid pubDate source".split()}
        | {(CONTENT, "encoded"), (DC, "creator"), (DC, "rights"), (MEDIA, "thumbnail"), (MEDIA, "content"), (LICENCE, "license"), (ATOM, "link")})
REPEATED = {"category", "item"}


def check(root, spaces, wrong, context):
    if root.name != "rss" or root.get("version") != "2.0" or len(root.all("channel")) != 1:
        return wrong(root, "not <rss version=\"2.0\"> with one channel")
    for prefix, space in spaces.items():
        if PREFIXES.get(prefix) != space:
            wrong(root, f"the namespace {prefix}={space} is none that every validator knows")
    channel = root.one("channel")
    children(channel, CHANNEL, wrong)
    for name in ("title", "link", "description", "language", "generator"):
        if not channel.words(name):
            wrong(channel, f"no {name}")
    for name in ("title", "description"):
        text(channel.one(name), wrong)
    web(channel.words("link"), channel, "link", wrong)
    context.language(channel.words("language"), channel, wrong)
    own = [link for link in channel.all("link", ATOM) if link.get("rel") == "self"]
    context.own_address([link.get("href") for link in own], channel, wrong)
    if any(link.get("type") != "application/rss+xml" for link in own):
        wrong(channel, "rel=self is not application/rss+xml")
    for hub in channel.all("link", ATOM):
        if hub.get("rel") not in ("self", "hub"):
            wrong(hub, f"rel={hub.get('rel')}")
        web(hub.get("href"), hub, "href", wrong)
    items = channel.all("item")
    if items:
        date(channel.words("lastBuildDate"), channel, "lastBuildDate", wrong, context)
    guids = [item.words("guid") for item in items]
    if len(set(guids)) != len(guids):
        wrong(channel, "a guid twice")
    order = [child.name for child in channel.children]
    if items and "item" in order[:order.index("item")] or any(name != "item" for name in order[len(order) - len(items):]):
        wrong(channel, "the channel's own elements do not come first")
    for each in items:
        item(each, wrong, context)
    return items


def item(item, wrong, context):
    children(item, ITEM, wrong)
    for name in ("title", "link", "guid", "pubDate", "description", "source"):
        if item.one(name) is None:
            wrong(item, f"no {name}")
    if not item.words("encoded", CONTENT) or not item.words("creator", DC):
        wrong(item, "no content:encoded or no dc:creator")
    if item.one("guid") is not None:
        if item.one("guid").get("isPermaLink") != "false" or not rules.TAG.match(item.words("guid")):
            wrong(item, f"guid {item.words('guid')!r}")
    for name in ("title", "source", "category"):
        for each in item.all(name):
            text(each, wrong)
    for each in item.all("category"):
        if "," in each.text:
            wrong(each, "a comma in a category")
    for each in (item.one("creator", DC), item.one("rights", DC)):
        if each is not None:
            text(each, wrong)
    for name in ("link", "comments"):
        if item.one(name) is not None:
            web(item.words(name), item, name, wrong)
    date(item.words("pubDate"), item, "pubDate", wrong, context)
    if item.one("source") is not None:
        web(item.one("source").get("url"), item, "source url", wrong)
    for media in item.all("enclosure"):
        web(media.get("url"), media, "url", wrong)
        if not (media.get("length") or "").isdecimal() or not rules.MEDIA_TYPE.match(media.get("type") or ""):
            wrong(media, "an enclosure without length or type")
        if (media.get("type") or "").startswith("image/"):
            wrong(media, "a picture as enclosure")
    for picture in item.all("content", MEDIA):
        if picture.get("medium") != "image" and not (picture.get("type") or "").startswith("image/"):
            wrong(picture, "media:content that is no picture")
    for picture in item.all("thumbnail", MEDIA) + item.all("content", MEDIA):
        web(picture.get("url"), picture, "url", wrong)
        if any(value is not None and not value.isdecimal() for value in (picture.get("width"), picture.get("height"))):
            wrong(picture, "a size that is no whole number")
    # Other outlets and discussions: relations that IANA has registered, each address once.
    others = [(link.get("rel"), link.get("href")) for link in item.all("link", ATOM)]
    if len(set(others)) != len(others) or not {rel for rel, _ in others} <= {"related", "replies", "via"}:
        wrong(item, f"atom:link twice or of no known relation: {others}")
    for link in item.all("link", ATOM):
        web(link.get("href"), link, "href", wrong)
    if item.one("license", LICENCE) is not None:
        web(item.words("license", LICENCE), item, "creativeCommons:license", wrong)
    context.html(item.words("description"), item, wrong)
    context.html(item.words("encoded", CONTENT), item, wrong)


def children(element, known, wrong):
    seen = set()
    for child in element.children:
        if (child.space, child.name) not in known:
            wrong(child, f"the element {child.name} of {child.space or 'RSS'} in {element.name}")
        key = (child.space, child.name, child.get("rel"))
        many = child.name in REPEATED or child.get("rel") == "hub" or (element.name, child.space) == ("item", ATOM)
        if key in seen and not many:
            wrong(child, f"{child.name} twice")
        seen.add(key)
        if not child.text.strip() and not child.attributes and not child.children:
            wrong(child, f"an empty {child.name}")


def text(element, wrong):
    if element is not None:
        # A title stands alone and keeps its text; names and the like stand beside others.
        bad = rules.rss_plain(element.text) or element.name != "title" and rules.bidi(element.text.strip())
        if bad:
            wrong(element, f"{element.name}: {bad}: {element.text[:100]!r}")


def web(value, element, name, wrong):
    bad = rules.address(value)
    if bad:
        wrong(element, f"{name}: {bad}: {(value or '')[:100]!r}")


def date(value, element, name, wrong, context):
    bad = rules.rfc_822(value, context.now)
    if bad:
        wrong(element, f"{name}: {bad}: {value!r}")
