"""(a) Saved feeds and polls as sources: whose each item is, in five formats and through three feedlooms."""
import json
import re
import shutil
import sqlite3
from collections import defaultdict
from pathlib import Path

from outputs import of_list, plain, read_back
from program import Program, domain, host

NOW = "2026-10-10T00:00:00Z"
HEAD = '[store]\nkeep = "forever"\n[defaults]\nmax_age = "none"\n'
# What a further feedloom needs in order to announce all that the one before it has.
LOOSE = '[weave]\nsame_story = "off"\n[store]\nkeep = "forever"\n[defaults]\nmax_age = "none"\nallow_duplicates = true\n'
# One old entry: what comes after the first poll of a source is no back-fill.
SEED = ("<rss version='2.0'><channel><title>Seed</title><link>https://seed.example/</link><item><title>Seed</title>"
        "<link>https://seed.example/1</link><pubDate>Mon, 01 Jan 1990 00:00:00 GMT</pubDate></item></channel></rss>")
LEAST_LISTED, SITES_LISTED = 5, 3


class Known:
    """What the database knows of sources and entries; whose these are is worked out here once more, from it alone."""

    def __init__(self, folder):
        base = sqlite3.connect(f"file:{folder}/data/feedloom.db?mode=ro", uri=True)
        feeds = base.execute("SELECT source_id, title, link, self_url FROM feed").fetchall()
        entries = base.execute("SELECT source_id, guid, url, extra FROM entry ORDER BY id").fetchall()
        base.close()
        self.titles = {source: plain(title) for source, title, _, _ in feeds}
        self.homes = {source: {domain(link), domain(address)} - {""} for source, _, link, address in feeds}
        self.entries = {(source, guid): (url, json.loads(extra or "{}")) for source, guid, url, extra in entries}
        links = defaultdict(list)
        for source, _, url, _ in entries:
            links[source].append(domain(url))
        self.lists = {source for source, found in links.items() if self.is_list(source, found)}

    def is_list(self, source, links):
        foreign = [link for link in links if link not in self.homes.get(source, set())]
        return len(links) >= LEAST_LISTED and 2 * len(foreign) > len(links) and len(set(foreign)) >= SITES_LISTED

    def is_name_of(self, name, source):
        bare = re.sub(r" \([\w.-]+\)$", "", name).lower()
        title = self.titles.get(source, "").lower()
        # A feed without a title is named by its file.
        return bare.rstrip("…") in title if title else bare.endswith(".feed")

    def is_own(self, item):
        """Whether the outlet of the lead is whose the article is."""
        name, link = item.lead.outlet, item.lead.link
        url, extra = self.entries.get((item.source, item.guid), (link, {}))
        of_address = host(link) in name.lower() or domain(link) in name.lower()
        of_owner = any(self.is_name_of(name, source) for source, homes in self.homes.items()
                       if domain(link) in homes and source not in self.lists)
        via = extra.get("via") or {}
        of_item = bool(via.get("title")) and plain(via["title"]).lower().startswith(name.lower().rstrip("…"))
        of_item |= bool(extra.get("credits"))
        of_source = self.is_name_of(name, item.source) and (item.source not in self.lists or domain(link) in self.homes[item.source])
        return of_address or of_owner or of_item or of_source

    def is_of_list(self, credit):
        """Whether a link list is named as if it had written the article."""
        lists = [source for source in self.lists if self.is_name_of(credit.outlet, source)]
        return any(domain(credit.link) not in self.homes[source] for source in lists)


class Wrong:
    def __init__(self):
        self.cases = defaultdict(list)

    def that(self, right, what, case):
        if not right:
            self.cases[what].append(case)

    def count(self):
        return sum(map(len, self.cases.values()))

    def show(self):
        for what, cases in self.cases.items():
            print(f"    {len(cases)} × {what}: " + "\n        ".join(str(case) for case in cases[:4]))


def check_items(folder, wrong):
    """Every item of every format; the number of items."""
    public, known = folder / "data/public", Known(folder)
    back = read_back(public)
    whose = back["feed.json"]
    names = of_list(public / "sources.opml")
    for file, items in back.items():
        for story, item in items.items():
            json_item = whose.get(story)
            if json_item:
                item.source, item.guid = json_item.source, json_item.guid
                same = (item.lead, item.others) == (json_item.lead, json_item.others)
                wrong.that(same, f"{file} and feed.json credit alike", (story, item.lead, item.others, json_item.lead, json_item.others))
            elif file != "feed.json":
                continue
            case = (file, story, item.lead, [each.outlet for each in item.others])
            wrong.that(known.is_own(item), "the lead's outlet is whose the article is", (case, item.source))
            wrong.that(not known.is_of_list(item.lead), "no link list leads another's article", case)
            outlets = [item.lead.outlet.lower()] + [each.outlet.lower() for each in item.others]
            domains = [domain(item.lead.link)] + [domain(each.link) for each in item.others]
            wrong.that(outlets[0] not in outlets[1:] and domains[0] not in domains[1:], "the lead is not among the others", case)
            wrong.that(len(set(outlets)) == len(outlets) and len(set(domains)) == len(domains), "no outlet stands twice", (case, domains))
            wrong.that(not any(known.is_of_list(each) for each in item.others), "no link list covers anything", case)
            if file == "feed.json" and known.is_name_of(item.lead.outlet, item.source):
                wrong.that(item.lead.outlet.rpartition(" (")[0] in names or item.lead.outlet in names, "sources.opml has the name", (case, sorted(names)[:5]))
    return len(whose)


def credits(items):
    """(story by its leading link, outlet, link) of every credit."""
    return {(item.lead.link, credit.outlet, credit.link) for item in items.values() for credit in [item.lead, *item.others]}


def through(binary, scratch, file):
    """A feedloom whose only source is `file`, which has polled it once before there was anything in it."""
    program = Program(binary, scratch)
    given = scratch / f"given{file.suffix}"
    given.write_text(SEED)
    program.configure([("woven", f"file:{given.name}")], LOOSE)
    program.run("2026-10-09T00:00:00Z")
    given.write_bytes(file.read_bytes())
    program.run(NOW)
    return program


def check_composition(binary, scratch, folder, wrong):
    """The same credits in a second and a third feedloom over each format; the number of comparisons."""
    compared = 0
    for name in ("feed.xml", "atom.xml", "feed.json"):
        first = read_back(folder / "data/public")[name]
        at = folder / "data/public" / name
        for depth in ("second", "third"):
            program = through(binary, scratch / f"{depth}-{name}", at)
            for file, items in read_back(program.public).items():
                # Each file holds as much as fits into it.
                items = {story: item for story, item in items.items() if item.lead.link != "https://seed.example/1"}
                links = {item.lead.link for item in items.values()}
                if file == name:
                    missing = [item.lead for item in first.values() if item.lead.link not in links]
                    wrong.that(not missing, f"{depth} over {name}: every story is there", (len(missing), len(first), missing[:2]))
                want = credits({story: item for story, item in first.items() if item.lead.link in links})
                got = credits(items)
                compared += 1
                wrong.that(got == want, f"{depth} over {name}, in {file}: the same credits",
                           (len(want - got), len(got - want), sorted(want - got)[:2], sorted(got - want)[:2]))
            at = program.public / name
        for depth in ("second", "third"):
            shutil.rmtree(scratch / f"{depth}-{name}")
    return compared


def batches(corpus, size):
    saved = sorted(path for path in (corpus / "data/feeds").iterdir() if path.suffix in (".xml", ".json"))
    for at in range(0, len(saved), size):
        yield f"feeds {at}–{min(at + size, len(saved))}", [saved[at:at + size]]
    polls = corpus / "data/feeds/polls"
    if polls.is_dir():
        folders = [sorted(folder.iterdir()) for folder in sorted(polls.iterdir()) if folder.is_dir()]
        most = max(map(len, folders))
        yield "polls", [[polled[min(at, len(polled) - 1)] for polled in folders] for at in range(0, most, 6)]


def judge(binary, corpus, scratch, size=25, most=None):
    """Prints the figures; the number of faults."""
    items = compared = sources = 0
    wrong = Wrong()
    for at, (name, rounds) in enumerate(batches(corpus, size)):
        if most is not None and at % most:
            continue
        program = Program(binary, Path(scratch) / "first")
        for turn, files in enumerate(rounds):
            for n, file in enumerate(files):
                (program.folder / f"{n}.feed").write_bytes(file.read_bytes())
            program.configure([(f"s{n}", f"file:{n}.feed") for n in range(len(files))], HEAD)
            program.run(f"2026-10-{10 + turn:02}T00:00:00Z" if turn < 20 else f"2026-11-{turn - 19:02}T00:00:00Z")
        sources += len(rounds[-1])
        items += check_items(program.folder, wrong)
        compared += check_composition(binary, Path(scratch), program.folder, wrong)
        shutil.rmtree(program.folder)
    wrong.show()
    print(f"(a) {sources} sources, {items} items read back from five formats, {compared} documents of a second and third "
          f"feedloom compared: {wrong.count()} wrong")
    return wrong.count()
