#!/usr/bin/env python3
"""The pages as a browser, a screen reader and a text browser meet them.

    page.py BINARY FOLDER [CORPUS]

Every kind of page under FOLDER (and of a pass over the feeds in CORPUS, where it is there) is opened in headless Chromium, on a
desktop and on a phone, light and dark: axe-core finds nothing, nothing else is requested, nothing runs out of the side,
what has the focus shows it. lynx shows every headline. A front page has at most 100,000 bytes.
"""

import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "validators"))
import tools  # noqa: E402

FRONT_BYTES = 100_000
NOW = "2026-11-03T12:00:00Z"
# Chromium does not make its window narrower than 500: a phone is a frame in it.
SIZES = {"desktop": 1280, "phone": 390}
PROBE = """
axe.run().then(found => {
  const skip = document.querySelector("a");
  skip.focus({focusVisible: true});
  const ring = getComputedStyle(skip);
  parent.postMessage({
    width: innerWidth, runs_out: document.documentElement.scrollWidth - innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    requests: 1 + performance.getEntriesByType("resource").length,
    focus: ring.outlineStyle + " " + ring.outlineWidth,
    violations: found.violations.map(v => [v.id, v.impact, v.nodes.length, v.nodes[0].html]),
    passes: found.passes.length,
  }, "*");
});
"""


def axe():
    return (tools.node_modules() / "axe-core/axe.min.js").read_text(encoding="utf-8")


def in_browser(chromium, work, script, page, size, scheme):
    """What the probe finds on `page`; its own policy forbids scripts, so that line is taken out of a copy."""
    text = page.read_text(encoding="utf-8")
    probed = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text)
    assert probed != text, f"{page} has no Content-Security-Policy"
    (work / "probed.html").write_text(probed.replace("</body>", f"<script>{script}</script><script>{PROBE}</script></body>"), encoding="utf-8")
    (work / "frame.html").write_text(
        f"<!doctype html><iframe src=probed.html style='width:{SIZES[size]}px;height:2000px;border:0'></iframe>"
        "<script>onmessage = told => { document.body.innerHTML = '<pre id=told></pre>';"
        " document.getElementById('told').textContent = JSON.stringify(told.data) }</script>", encoding="utf-8")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--window-size=1400,2100",
         f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}", "--virtual-time-budget=60000", "--dump-dom",
         f"--user-data-dir={work / 'profile'}", (work / "frame.html").as_uri()], capture_output=True, text=True, timeout=180)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.S)
    assert told, f"{page} at {size}, {scheme}: no answer from the browser\n{done.stderr[-2000:]}"
    return json.loads(html.unescape(told[1]))


def complaints(found, size, scheme):
    if found["dark"] != (scheme == "dark") or found["width"] != SIZES[size]:
        yield f"the browser is not as asked for: {found['width']} px, dark {found['dark']}"
    if found["runs_out"] > 0:
        yield f"it is {found['runs_out']} px too wide"
    if found["requests"] != 1:
        yield f"{found['requests']} requests"
    if not re.fullmatch(r"solid [2-9](\.\d+)?px", found["focus"]):
        yield f"the focus does not show: {found['focus']}"
    if found["passes"] < 15:
        yield f"axe looked at too little: {found['passes']} rules"
    yield from (f"axe: {violation}" for violation in found["violations"])


def in_lynx(page):
    """Headlines that a text browser does not show."""
    text = page.read_text(encoding="utf-8")
    shown = subprocess.run(["lynx", "-dump", "-nolist", "-width=1000", "-assume_charset=utf-8", "-display_charset=utf-8", str(page)],
                           capture_output=True, text=True, check=True).stdout
    letters = lambda words: re.sub(r"\W+", "", words)
    headlines = [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in re.findall(r"<h3[^>]*>(.*?)</h3>", text)]
    return [headline for headline in headlines if letters(headline) not in letters(shown)]


def of_real_feeds(binary, corpus, work):
    """The pages of a pass over all saved feeds, given whole as far as they go."""
    feeds = sorted((corpus / "data/feeds").glob("*.*ml")) + sorted((corpus / "data/feeds").glob("*.json"))
    sources = "".join(f"[[source]]\nurl = \"file:{feed.resolve()}\"\n" for feed in feeds)
    (work / "real").mkdir()
    toml = work / "real/feeds.toml"
    toml.write_text(f"title = \"Real feeds\"\nlink = \"https://f.example/\"\n[defaults]\nrepublish = \"full\"\n{sources}", encoding="utf-8")
    subprocess.run([binary, "--config", toml, "run", "--all", "--now", NOW], check=True, capture_output=True)
    return work / "real/data/public"


def main():
    binary, folders = sys.argv[1], [pathlib.Path(sys.argv[2])]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium or not shutil.which("lynx"):
        print("skipped: chromium or lynx is not here and cannot be installed")
        return
    with tempfile.TemporaryDirectory() as made:
        work = pathlib.Path(made)
        if len(sys.argv) > 3 and pathlib.Path(sys.argv[3], "data/feeds").is_dir():
            folders.append(of_real_feeds(binary, pathlib.Path(sys.argv[3]), work))
        script, bad, looked = axe(), 0, 0
        for folder in folders:
            days = sorted(folder.glob("archive/2*.html"))
            stories = sorted(folder.glob("s/*.html"), key=lambda page: page.stat().st_size)
            # The largest page of a tag and of a source, and the smallest of both.
            sized = lambda pages: sorted(pages, key=lambda page: page.stat().st_size)
            facets = [*sized(folder.glob("t/*.html"))[-1:], *sized(folder.glob("o/*.html"))[-1:], *sized(folder.glob("[to]/*.html"))[:1]]
            for page in [folder / "index.html", folder / "about.html", folder / "archive/index.html", *days[-1:], *stories[:1], *stories[-1:], *facets]:
                found = [f"{page.stat().st_size} bytes"] if page.name == "index.html" and page.parent == folder and page.stat().st_size > FRONT_BYTES else []
                found += [f"lynx does not show {headline!r}" for headline in in_lynx(page)]
                for size in SIZES:
                    for scheme in ("light", "dark"):
                        told = in_browser(chromium, work, script, page, size, scheme)
                        found += [f"{size}, {scheme}: {complaint}" for complaint in complaints(told, size, scheme)]
                        looked += 1
                bad += len(found)
                print(f"{page.relative_to(folder.parent)}: {page.stat().st_size} bytes, 1 request, {len(found)} complaints")
                print("".join(f"  {line}\n" for line in found), end="")
        print(f"{looked} looks at pages, {bad} complaints")
        sys.exit(bad > 0)


main()
