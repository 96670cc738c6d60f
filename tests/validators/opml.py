"""OPML 2.0, by its own specification and the W3C validator's additions."""
import rules
from rss import web

ATTRIBUTES = {"text", "title", "type", "xmlUrl", "htmlUrl", "url", "category", "description", "language", "version"}


def check(root, spaces, wrong, context):
    if spaces or root.name != "opml" or root.get("version") != "2.0":
        wrong(root, "not <opml version=\"2.0\"> without namespaces")
    head, body = root.one("head"), root.one("body")
    if head is None or body is None or not head.words("title"):
        return wrong(root, "no head with a title, or no body")
    if [child.name for child in head.children] != ["title"]:
        wrong(head, "more than a title in the head")
    context.html(head.words("title"), head, wrong)
    outlines = body.all("outline")
    if not outlines:
        wrong(body, "no outline")
    for outline in outlines:
        for (_, name), value in outline.attributes.items():
            if name not in ATTRIBUTES or not value.strip():
                wrong(outline, f"the attribute {name}={value!r}")
            bad = rules.characters(value) or rules.bidi(value)
            if bad:
                wrong(outline, f"{name}: {bad}")
        # Both may hold HTML, says the specification: so they must be good HTML as they are.
        for name in ("text", "title"):
            if outline.get(name) is not None:
                context.html(outline.get(name), outline, wrong)
        kind = outline.get("type")
        if kind == "rss":
            if not outline.get("title") or not outline.get("xmlUrl"):
                wrong(outline, "an rss outline without title or xmlUrl")
        elif kind == "link":
            if not outline.get("url"):
                wrong(outline, "a link outline without url")
        elif set(outline.attributes) - {("", "text")}:
            wrong(outline, "an outline with more than text and no type")
        if outline.get("version") not in (None, "RSS", "RSS1", "RSS2"):
            wrong(outline, f"version={outline.get('version')}")
        for name in ("xmlUrl", "htmlUrl", "url"):
            if outline.get(name) is not None:
                web(outline.get(name), outline, name, wrong)
    return outlines
