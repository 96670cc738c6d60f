"""Rules on single values: addresses, dates, text that must not look like markup, languages."""
import calendar
import html.entities
import re
from datetime import datetime, timezone

# RFC 2396, absolute. Square brackets (IPv6) are not in it, nor is anything outside of ASCII.
ABSOLUTE = re.compile(r"[a-zA-Z][0-9a-zA-Z+.\-]*:(?://)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+\Z")
WEB = re.compile(r"https?://[^/?#@\s]+(?::\d+)?(?:[/?#]|\Z)")
# A tag URI (RFC 4151).
TAG = re.compile(r"tag:[a-z0-9.\-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]+\Z")
RFC_822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                     r"(\d{4}) (\d\d):(\d\d):(\d\d) GMT\Z")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\Z")
# What some reader would take for a tag's end, or for a reference with or without its semicolon.
END_TAG = re.compile(r"</(\w+)>")
REFERENCE = re.compile(r"&(#?\w+)")
MEDIA_TYPE = re.compile(r"[a-z0-9.+\-]+/[a-z0-9.+\-]+\Z")
# Two-letter codes, and the three-letter ones that have no two-letter code.
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*\Z")
# The outermost controls: XML allows C1, but every validator takes them for a wrong encoding; U+FFFD is a lost letter.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
# Whole lines of Latin-1 with a pair in it that could be UTF-8 read wrongly.
TWICE = re.compile("(?m)^([\x20-\xff]*[\xc2\xc3][\x80-\xbf][\x20-\xff]*)$")
# Opened and not closed, they turn what follows around.
BIDI_OPEN, BIDI_CLOSE = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", "\u202c\u2069"


def address(value):
    """What is wrong with an absolute web address, or None."""
    if not ABSOLUTE.match(value or ""):
        return "not an absolute ASCII address"
    if not WEB.match(value):
        return "not http(s) with a host and without user info"
    if re.search(r"%(?![0-9a-fA-F]{2})", value):
        return "a % that encodes nothing"
    return None


def rfc_822(value, now):
    found = RFC_822.match(value or "")
    if not found:
        return "not RFC 822 with four-digit year and GMT"
    moment = calendar.timegm((int(found[4]), "JanFebMarAprMayJunJulAugSepOctNovDec".index(found[3]) // 3 + 1,
                              int(found[2]), int(found[5]), int(found[6]), int(found[7])))
    if datetime.fromtimestamp(moment, timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT") != value:
        return "no such day, or not its weekday"
    return plausible(moment, now)


def rfc_3339(value, now):
    if not RFC_3339.match(value or ""):
        return "not RFC 3339 in UTC"
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return "no such day"
    return plausible(moment, now)


def plausible(moment, now):
    if moment < 631_152_000:
        return "before 1990"
    # A run takes its time, and the W3C validator allows as much.
    return "in the future" if moment > now + 600 else None


def plain(value):
    """What in a plain text would be taken for markup, or None."""
    if END_TAG.search(value):
        return "what looks like an end tag"
    for name in REFERENCE.findall(value):
        if name in html.entities.name2codepoint or name == "apos" or not name.isalpha():
            return "what looks like a reference"
    return None


def rss_plain(value):
    """As `plain`, and what the RSS profile wants encoded."""
    if re.search(r"&#[x0-9]|<[/a-zA-Z]", value):
        return "what looks like markup"
    return plain(value)


def characters(value):
    """Characters that XML allows and that no reader shows, or text in a wrong encoding."""
    found = CONTROLS.search(value.replace("\t", " "))
    if found:
        return f"the character U+{ord(found[0]):04X}"
    return "UTF-8 read as Latin-1" if any(map(decoded_wrongly, TWICE.split(value)[1::2])) else None


def decoded_wrongly(run):
    try:
        return bool(run.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return False


def bidi(value):
    """Whether a text turns around what follows it."""
    open_now = []
    for letter in value:
        if letter in BIDI_OPEN:
            open_now.append("\u2069" if letter >= "\u2066" else "\u202c")
        elif letter in BIDI_CLOSE and letter in open_now:
            if letter == "\u202c" and open_now[-1] != letter:
                continue
            while open_now.pop() != letter:
                pass
        elif letter == "\n":
            open_now.clear()
    return "a bidi control that is not closed" if open_now else None
