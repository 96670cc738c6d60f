"""HTML inside of a feed: what a strict HTML5 parser says, and what it may hold at all."""
import hashlib
import re

import html5lib
from html5lib.html5parser import ParseError

import rules

# What shows text and does nothing else. Narrower than any validator's list.
ELEMENTS = set("a abbr b bdi blockquote br caption cite code col colgroup dd del dfn div dl dt em figcaption figure "
               "h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub sup "
               "table tbody td tfoot th thead time tr u ul var wbr".split())
ATTRIBUTES = set("alt colspan datetime dir height href lang rel rowspan scope src start title width".split())
BLOCKS = set("blockquote div dl figure h1 h2 h3 h4 h5 h6 hr ol p pre table ul".split())
HTML = "{http://www.w3.org/1999/xhtml}"


class Markup:
    """Checks fragments, each distinct one once."""

    def __init__(self):
        self.known, self.looked_at = {}, 0

    def wrong(self, fragment):
        """A list of what is wrong with `fragment`."""
        key = hashlib.sha256(fragment.encode("utf-8", "surrogatepass")).digest()
        if key not in self.known:
            self.looked_at += 1
            self.known[key] = list(complaints(fragment))
        return self.known[key]

    def links(self, fragment):
        """The addresses that `fragment` links, each with its text."""
        tree = html5lib.parseFragment(fragment)
        return [(each.get("href"), " ".join("".join(each.itertext()).split()))
                for each in tree.iter(HTML + "a") if each.get("href")]

    def text(self, fragment):
        return "".join(html5lib.parseFragment(fragment).itertext())


def complaints(fragment):
    for wrong in (rules.characters(fragment),):
        if wrong:
            yield wrong
    try:
        tree = html5lib.HTMLParser(strict=True).parseFragment(fragment)
    except ParseError as error:
        yield f"HTML that a strict parser refuses: {error}"
        tree = html5lib.parseFragment(fragment)
    for element in tree.iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        if not isinstance(element.tag, str) or not element.tag.startswith(HTML):
            yield "a comment or a foreign element"
            continue
        name = element.tag[len(HTML):]
        if name not in ELEMENTS:
            yield f"the element {name}"
        if name == "p" and any(child.tag[len(HTML):] in BLOCKS for child in element.iter() if child is not element):
            yield "a block in a paragraph"
        for attribute, value in element.attrib.items():
            # The one class there is tells another feedloom which words are ours.
            if attribute not in ATTRIBUTES and (attribute, value) != ("class", "feedloom"):
                yield f"the attribute {attribute} of {name}"
            if attribute in ("href", "src"):
                yield from address(name, attribute, value)
        if name == "img" and not element.get("src"):
            yield "a picture without address"


def address(name, attribute, value):
    if value.startswith("mailto:") and attribute == "href":
        return
    wrong = rules.address(value)
    if wrong:
        yield f"{attribute} of {name}: {wrong}: {value[:100]!r}"
    # By the names of its own parameters: an address inside a value is the publisher's business.
    names = [pair.partition("=")[0] for pair in value.partition("?")[2].partition("#")[0].split("&")]
    if attribute == "href" and any(re.fullmatch(r"utm_\w+|fbclid|gclid|mc_eid", name) for name in names):
        yield f"{attribute} of {name} tracks: {value[:200]!r}"
