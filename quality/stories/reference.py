#!/usr/bin/env python3
"""Writes reference.jsonl: made-up entries in passes, the features of their pairs and of merges, for the test in Rust.

usage: reference.py [--tables FOLDER]
"""

import argparse
import json
from pathlib import Path

import numpy as np

import pairs
from window import Window

TITLES = [
    ("Rokid unveils display-free AI glasses for $299", "Rokid announced glasses without a display. They cost $299 and weigh 38 grams, the company said on Monday.", "alpha"),
    ("Rokid launches $299 smart glasses without a display", "The new Rokid Glasses Style drop the display, weigh 38 grams and start at $299.", "beta"),
    ("Hands-on: Rokid's new glasses are light, but where is the display?", "I tried the Rokid glasses at the show for a day.", "gamma"),
    ("Xreal unveils One Pro glasses with 57-degree view", "Xreal announced the One Pro, display glasses for $599.", "beta"),
    ("Wordle today: hints and answer for May 10", "Need help with Wordle? Here are hints for puzzle 1421.", "gamma"),
    ("Wordle today: hints and answer for May 11", "Need help with Wordle? Here are hints for puzzle 1422.", "gamma"),
    ("Connections hints and answers for May 11, 2026", "Need help with Connections? Here are hints.", "alpha"),
    ("Samsung Galaxy S26 Ultra leak shows flat edges", "A leak of the Galaxy S26 Ultra reportedly shows flat edges and a 200MP camera.", "alpha"),
    ("Galaxy S26 Ultra: new renders show flatter frame", "", "delta"),
    ("Samsung Galaxy S26 leak: the base phone stays small", "The Galaxy S26 stays at 6.2 inches, a leak says.", "alpha"),
    ("FTC sues chip maker over $40 billion merger", "The FTC filed a lawsuit on Tuesday to block the $40B merger.", "beta"),
    ("Chip maker's $40bn merger blocked? FTC files suit", "The regulator sued to stop the 40-billion deal.", "delta"),
    ("665k customers hit by breach at carrier", "Data of 665,000 customers were stolen.", "alpha"),
    ("Carrier says breach hit 665,000 people", "The carrier confirmed a breach; hackers took names and addresses of 665K people.", "gamma"),
    ("The best deals today: save $200 off OLED TVs, 40% off earbuds", "The best deals of the day on TVs and earbuds.", "gamma"),
    ("The best deals today: save $50 on a smartwatch", "The best deals of the day on smartwatches.", "gamma"),
    ("The 7 best laptops you can buy", "We tested dozens of laptops.", "beta"),
    ("Rokid unveils display-free AI glasses for $299 - The Daily Wire", "Rokid announced glasses without a display.", "epsilon"),
    ("U.S. bans TP-Link Wi-Fi 7 routers over CVE-2026-1234", "The ban covers Wi-Fi 7 routers with the flaw.", "beta"),
    ("TP-Link routers banned in the U.S.", "", "delta"),
]


def rows():
    for number, (title, text, publisher) in enumerate(TITLES):
        minutes = 25 * number
        yield {
            "id": f"r{number:02}",
            "title": title,
            "summary": text,
            "url": f"https://{publisher}.example/{number}",
            "publisher": publisher,
            "published": f"2026-05-11T{minutes // 60:02}:{minutes % 60:02}:00Z",
            "story": "",
        }


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("reference.jsonl"))
    given = parser.parse_args()
    made = list(rows())
    window = Window("reference", made)
    found, features, _, _ = pairs.of_window(window)
    with open(given.out, "w", encoding="utf-8") as out:
        for row in made:
            out.write(json.dumps({key: row[key] for key in ("id", "title", "summary", "url", "publisher", "published")}, ensure_ascii=False) + "\n")
        out.write(json.dumps({"names": pairs.NAMES}) + "\n")
        for (i, j), x in zip(found.tolist(), features):
            out.write(json.dumps({"older": window.rows[i]["id"], "newer": window.rows[j]["id"], "features": [float(f"{v:.5g}") for v in np.asarray(x)]}) + "\n")


if __name__ == "__main__":
    main()
