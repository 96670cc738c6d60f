"""Speed of the Python feed readers on a folder of feeds, for comparison with `cargo bench --bench read`.

    python3 quality/read_peers.py FOLDER        needs: pip install feedparser fastfeedparser
"""
import glob, os, sys, time
import fastfeedparser, feedparser

files = sorted(f for f in glob.glob(sys.argv[1] + "/**/*", recursive=True) if os.path.isfile(f) and f.endswith((".xml", ".rss", ".atom")))
docs = [open(f, "rb").read() for f in files]
size = sum(map(len, docs)) / 1e6


def measure(name, parse):
    start, entries, failed = time.process_time(), 0, 0
    for doc in docs:
        try:
            entries += len(parse(doc).entries)
        except Exception:
            failed += 1
    took = time.process_time() - start
    print(f"{name:<16} {size:6.1f} MB {entries:6} entries {failed:4} refused {took*1e3:9.1f} ms {size/took:7.1f} MB/s")


measure("fastfeedparser", fastfeedparser.parse)
measure("feedparser", feedparser.parse)
