#!/usr/bin/env python3
"""Feeds as hostile as they come, published in every way: hostile.py BINARY

Every output must be valid by the rules of tests/validators, and the well-behaved entries beside the hostile ones must be in
it. Ends with "N outputs checked …"; exit code 1 on a failure.
"""
import json
import subprocess
import sys
import tempfile
import calendar
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "validators"))
import tools  # noqa: E402

tools.inside(sys.argv)
from validity import Validity  # noqa: E402

LINK = "https://feeds.example.org/"
NOW = "2026-11-03T00:00:00Z"
FORBIDDEN = "".join(map(chr, [*range(0x20), *range(0x7f, 0xa0), 0xfffd, 0xfffe, 0xffff, 0x1fffe, 0x10ffff]))
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"

TEXTS = [
    "", " ", "\n\t", "x" * 5_000_000, "ü " * 300_000, "a]]>b", "]]>]]>", "</title><script>alert(1)</script>", "<![CDATA[x]]>",
    "a" + FORBIDDEN + "b", "\u202eevil\u202c", "\u202eevil", "\u2067\u202eevil\u2069", "\u2069\u2069\u202c evil", BIDI, BIDI[::-1],
    "AT&T", "R&D;", "&amp;amp;", "&lt;b&gt;", "&copycat &B2 &#x41; &#0; &#xFFFE;", "Vec<T> & </b>", "a < b > c && d", "<b>bold</b>",
    "<!-- x --> <?php x ?>", "Wêreld", "WÃªreld Nuus Ã©", "emoji 😀 \U0001f1e9\U0001f1ea", "{link} {x} {{ x }} {% x %}",
    "%s %d {0} ${x}", "../../etc/passwd\0", "\r\nSet-Cookie: x", "a,b,,c", "שלום \u202b עולם", "ﷺ" * 100, "\u0301" * 500, "\u200b" * 50,
    "\u2028line\u2029paragraph", "\ufeffbom", "<name@example.org>", "Jane <jane@example.org>", "=cmd()|x", "'\"><img src=x onerror=y>",
]

MARKUP = [
    "<p>one<div>two</div>three</p>", "<ul><p>x</p>y<li>z</li></ul>", "<ol><ul><li>x</li></ul></ol>", "<li>alone</li>", "<dl>x<p>y</p></dl>",
    "<dd>x</dd><dt>y</dt>", "<table><caption>c</caption><tr><td>x</td></tr></table>", "<table>x<tr>y<td>z</table>",
    "<table><colgroup><col><tr><td colspan=9999 rowspan=0>x</td></tr><tr><td>y<td>z</table>", "<td>x</td>", "<tr><td>x",
    "<table><tr><td><table><tr><td>x</table></table>", "<a href='https://a.example/'>x<a href='https://b.example/'>y</a></a>",
    "<a href='https://a.example/'><table><tr><td><a href='https://b.example/'>y</a></table></a>", "<b><p>x</b>y</p>", "<i><b>x</i>y</b>",
    "<p><b><ul><li>x</ul></b>", "<h2><h3>x</h3></h2>", "<h6></h6><h1>x</h1><h5>y</h5>", "<h2><p>x</p></h2>", "<pre><p>x</p></pre>", "<pre>\n\nx</pre>",
    "<blockquote>x</blockquote>", "<figure><figcaption>a</figcaption><p>b</p><figcaption>c</figcaption></figure>", "<figcaption>x</figcaption>",
    "<time>soon</time><time datetime='tomorrow'>x</time><time datetime='2026-11-03'>x</time>", "<q cite='javascript:x'>x</q>",
    "<img src='https://a.example/x.png'>", "<img src='data:image/png;base64,x' alt='y'>", "<img alt='a > b'>", "<a name=x>x</a><a>y</a>",
    "<a href='//a.example/x'>x</a><a href='/y'>y</a><a href='#z'>z</a><a href=''>w</a><a href='?q'>v</a>",
    "<a href='https://a.example/" + "x" * 10_000 + "'>long</a>", "<a href='https://a.example/a\r\nb c\t|^\"<>`{}'>x</a>",
    "<a href='https://u:p@a.example/'>x</a>", "<a href='http://[::1]/x'>x</a><a href='http://a.example./%zz%'>y</a>", "<a href='mailto:a@b.example?x=<y>'>m</a>",
    "<a href='java\tscript:alert(1)'>x</a>", "<a href='https://a.example/?utm_source=x&amp;y=1&fbclid=2'>x</a>", "<a href='ftp://a.example/'>x</a>",
    "<svg><script>x</script></svg><math><mi>x</math>", "<style>p{}</style><link rel=x href=y><meta x>", "<form><input><button>x</button></form>",
    "<iframe src='https://a.example/'>x</iframe><object><embed></object>", "<p onclick=x style='x' class=y id=z hidden>x</p>", "<!-- x --><p>y",
    "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "<details><summary>s</summary>x</details>", "<center><font color=red>x</font></center><tt>y</tt>",
    "<sub><sup><sub>x", "<del><p>x</p></del><ins><ul><li>y</ul></ins>", "<abbr title='<x>'>y</abbr>", "&nbsp;&unknown; &amp &lt &#150; &#x80;",
    "<video src=x><track></video><audio controls>y</audio>", "<p>" + "<b>" * 200 + "x", "<div>" * 2_000 + "x", "<p>x<br/><br></br></p></p>", "<hr><hr/>",
    "<select><option>x</select>", "<xmp><b></xmp><plaintext>x", "<noscript><img src=x></noscript>", "<template><p>x</template>", "<p>\u202eturned</p>",
    "<table><thead><tr><th>a<th>b</thead><tbody><tr><td>1</tbody><tfoot><tr><td>2<td>3<td>4</tfoot></table>", "<table></table>", "<ul></ul><dl></dl><ol></ol>",
    "<a href='https://a.example/'><h2>x</h2><p>y</p></a>", "<p><a href='https://a.example/'></a></p>", "<em><strong><code><pre>x</pre></code></strong></em>",
    "<p>" + "文章首发于文章。" * 5_000, "<p>" + "The post A appeared first on B. " * 2_000, "<p>" + "Loading..." * 9_000, "<p>" + "J.Inc." * 9_000,
    "<samp><dl><dt>x<dd>y</dl></samp>", "<small><blockquote>x</blockquote></small>", "<p>a<table><tr><td>b</table>c", "<h2>  <img src=x> </h2>",
]

LINKS = [
    "https://a.example/" + "l" * 10_000, "https://a.example/a\r\nX-Evil: b", "javascript:alert(1)", "data:text/html,x", "//a.example/x", "/relative",
    "https://user:pass@a.example/x", "http://[2001:db8::1]/x", "https://a.example/?a=1|2^3[4]&b=ü ü", "https://bücher.example/ü", "https://a_b.example/x",
    "https://a.example./x", "https://a.example:65535/x", "https://A.EXAMPLE/%7Ex%zz", "ftp://a.example/x", "", "https://a.example/#a#b", "https://1.2.3.4/x",
]


DATES = ["", "now", "0000-00-00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-11-02T23:59:60Z", "-1", "2026-02-30T00:00:00Z"]
FILES = ("feed.xml", "atom.xml", "feed.json", "index.html", "sources.opml", "a b/ü feed.xml")


def entry(number, **more):
    return {"id": f"h{number}", "url": f"https://hostile.example/{number}", "title": f"Hostile {number}", "content_html": "<p>x</p>",
            "date_published": f"2026-11-02T{number % 24:02}:{number // 24 % 60:02}:00Z", **more}


def feeds():
    """Documents with at most a dozen hostile entries each, so that a new source's limit of twenty leaves none out."""
    short = [text[:100_000] for text in TEXTS]
    yield from some("texts", [entry(n, title=text, summary=less, content_html=less.replace("<", "&lt;"), tags=[less, less + ","],
                                    id=f"{less[:2000]}{n}", authors=[{"name": less}], language=less[:40])
                              for n, (text, less) in enumerate(zip(TEXTS, short))], "Texts & <b>R&D</b> &amp; \u202e")
    yield from some("markup", [entry(n, content_html=html) for n, html in enumerate(MARKUP)], "", language="xx-YY")
    media = {"mime_type": "audio/mpeg; x=\"y\"", "size_in_bytes": -5}
    yield from some("links", [entry(n, url=link, external_url=link, image=link, attachments=[{"url": link, **media}])
                              for n, link in enumerate(LINKS)], "\0")
    yield from some("dates", [entry(n, date_published=date, date_modified=date) for n, date in enumerate(DATES)], "D" * 5_000)
    for name in ("xss.txt", "read/xss.txt"):
        lines = (HERE.parent / "fixtures" / name).read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if not line.startswith("# ")]
        yield from some(name, [entry(n, title=line, content_html=line, summary=line) for n, line in enumerate(lines)], lines[0])


def some(name, entries, title, **more):
    for at in range(0, len(entries), 12):
        good = entry(999, id="good", title="Good entry of a bad feed", url="https://good.example/x",
                     date_published="2026-11-02T23:59:00Z", summary="All is well here.")
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": [*entries[at:at + 12], good], **more}
        yield f"{name} {at}", json.dumps(feed).encode()


def main():
    binary, validity, missing, runs = Path(sys.argv[1]).resolve(), Validity(), 0, 0
    now = calendar.timegm(time.strptime(NOW, "%Y-%m-%dT%H:%M:%SZ"))
    for name, document in feeds():
        for extent in ("full", "excerpt", "headline"):
            runs += 1
            with tempfile.TemporaryDirectory() as folder:
                wrong = publish(binary, Path(folder), document, extent, "start" if runs % 2 else "end")
                missing += len(wrong)
                for what in wrong:
                    print(f"FAIL {name} {extent}: {what}")
                validity.look(Path(folder) / "data/public", now, LINK)
    print(f"{runs} runs over hostile feeds, {missing} failures")
    return validity.finish() > 0 or missing > 0


def publish(binary, folder, document, extent, place):
    """Publishes `document` in every format; what is wrong with that."""
    (folder / "bad.json").write_bytes(document)
    outputs = "".join(f'[[output]]\nfile = "{file}"\nitems = 300\nattribution_place = "{place}"\n' for file in FILES)
    (folder / "feeds.toml").write_text(
        f'title = "T & <b>R&D</b> &amp;"\ndescription = "</p> & R&D"\nlink = "{LINK}"\n[weave]\nsame_story = "off"\n'
        f'[defaults]\nrepublish = "{extent}"\ndisclosure = "May earn <b>money</b> & more"\n'
        f'[[source]]\nurl = "file:bad.json"\nsite = "https://hostile.example/"\n{outputs}')
    done = subprocess.run([binary, "--config", folder / "feeds.toml", "run", "--now", NOW], capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or "panicked" in done.stderr:
        return [f"exit {done.returncode}: {done.stderr[:500]}"]
    public = folder / "data/public"
    return [f"{file} lacks the good entry" for file in FILES
            if "https://good.example/" not in (public / file).read_text(encoding="utf-8") and not file.endswith("opml")]


if __name__ == "__main__":
    sys.exit(main())
