"""JSON Feed 1.1: what the schema does not say."""
import json

import rules


def refuse(_):
    raise ValueError("NaN or Infinity")


def pairs(found):
    if len({key for key, _ in found}) != len(found):
        raise ValueError("a key twice")
    return dict(found)


def check(data, wrong, context):
    feed = json.loads(data.decode("utf-8"), parse_constant=refuse, object_pairs_hook=pairs)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        wrong(None, "not version 1.1")
    context.own_address([feed["feed_url"]] if "feed_url" in feed else [], None, wrong)
    if "language" in feed:
        context.language(feed["language"], None, wrong)
    items = feed["items"]
    ids = [item["id"] for item in items]
    if len(set(ids)) != len(ids):
        wrong(None, "an id twice")
    for path, value in strings(feed):
        name = path[-1]
        # A guid is passed on as its source wrote it.
        bad = None if name == "guid" else rules.characters(value)
        if not value.strip():
            bad = "empty"
        elif name.endswith("url") or name in ("image", "license", "comments"):
            bad = bad or rules.address(value)
        elif name.startswith("date_"):
            bad = bad or rules.rfc_3339(value, context.now)
        elif name in ("name", "content_text", "disclosure", "rights"):
            bad = bad or rules.bidi(value)
        if bad:
            wrong(None, f"{'.'.join(path)}: {bad}: {value[:100]!r}")
    for item in items:
        if not rules.TAG.match(item["id"]):
            wrong(None, f"id {item['id']!r}")
        for name in ("url", "title", "content_html", "content_text", "date_published", "authors"):
            if not item.get(name):
                wrong(None, f"an item without {name}")
        if any("," in tag for tag in item.get("tags", [])):
            wrong(None, "a comma in a tag")
        if "language" in item:
            context.language(item["language"], None, wrong)
        context.html(item["content_html"], None, wrong)
    return items


def strings(value, path=("feed",)):
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, path + (key,))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, path)
