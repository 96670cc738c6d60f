"""Reads the features of pairs that the program wrote.

A file: one line of JSON {"set", "names", "ids", "home", "pairs"}, where ids are the entries in the order in which they were
placed and home is the place of the first entry of the story that the sure layers gave each; then for each pair, little
endian: u32 older, u32 newer, u32 number of the pass, and one f32 for each name.
"""

import json

import numpy as np


def load(path, window):
    """The pairs of a window as pairs.of_window gives them, and the names of the features."""
    with open(path, "rb") as file:
        head = json.loads(file.readline())
        body = file.read()
    names = head["names"]
    if head["ids"] != [row["id"] for row in window.rows]:
        raise ValueError(f"{path}: the entries are not those of window {window.name}, in its order")
    window.home = np.array(head["home"])
    row = np.dtype([("pair", "<u4", 2), ("pass", "<u4"), ("x", "<f4", len(names))])
    rows = np.frombuffer(body, row)
    if len(rows) != head["pairs"]:
        raise ValueError(f"{path}: {len(rows)} pairs where {head['pairs']} are announced")
    features = rows["x"].astype(np.float32)
    found = rows["pair"].astype(np.int64), features, features[:, names.index("cos_base")], rows["pass"].astype(np.int64)
    return found, names
