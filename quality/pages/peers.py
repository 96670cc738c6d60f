#!/usr/bin/env python3
"""Python's trafilatura on the pages that `cargo bench --bench article` reads: speed, and predictions to score.

    python3 quality/pages/peers.py PAGES OUT.jsonl      needs: pip install trafilatura lxml_html_clean
    python3 PAGES/score.py PAGES OUT.jsonl
"""
import gzip, json, os, resource, sys, time

from trafilatura import bare_extraction

pages, out = sys.argv[1], open(sys.argv[2], "w", encoding="utf-8")
rows = [json.loads(line) for line in open(os.path.join(pages, "truth.jsonl"), encoding="utf-8")]
took = slowest = 0.0
for row in rows:
    html = gzip.open(os.path.join(pages, row["html"])).read()
    start = time.process_time()
    try:
        found = bare_extraction(html, url=row["url"], with_metadata=True, include_comments=False)
        found = found.as_dict() if found else {}
    except Exception as error:
        print(row["id"], error, file=sys.stderr)
        found = {}
    spent = time.process_time() - start
    took, slowest = took + spent, max(slowest, spent)
    out.write(json.dumps({
        "id": row["id"], "body": found.get("text") or "", "title": found.get("title"), "byline": found.get("author"),
        "date": found.get("date"), "site": found.get("sitename"), "image": found.get("image"),
        "excerpt": found.get("description"),
    }) + "\n")
print(f"trafilatura (Python): {len(rows) / took:.0f} pages/s, the slowest took {slowest * 1e3:.0f} ms (CPU time)")
print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
