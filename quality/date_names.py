#!/usr/bin/env python3
"""Writes src/text/date/names.txt: names of months and weekdays in many languages, from Unicode CLDR by way of Babel.

usage: pip install babel==2.19.0 && python3 quality/date_names.py > src/text/date/names.txt

A line is `m NAME NUMBERS` (months, 1 to 12) or `d NAME NUMBERS` (weekdays, 1 = Monday), parted by tabs. Where a name means
different months in different languages, all are listed, the one that most languages mean first."""
import collections
import unicodedata

import babel
from babel import Locale

# In the order that decides where as many languages mean one month as another.
LANGUAGES = """en es fr de pt ru it ja zh ko nl pl tr uk cs sv ar fa he id vi hu ro el da fi nb nn bg hr sk sl sr sr_Latn lt lv et ca
eu gl is ga cy af sq mk bs be ka hy az kk uz mn ms fil sw hi bn ta te mr gu kn ml pa ur ne si th lo km my am lb fo br gd mt
es_MX fr_CA pt_PT de_AT de_CH en_GB en_AU en_CA it_CH ar_EG ar_SY ar_MA ar_AE zh_Hant""".split()
# Not in CLDR, but in feeds: shortened by hand, without accents, with slips of old systems.
SEEN = {
    1: "jan. jän gen ene sty led stycznia ιαν".split(),
    2: "fevr fev uno unor úno φεβ".split(),
    3: "mrz maerz maa brez bre μάρ μαρ μάώ μαώ".split(),
    4: "avr apr ápr απρ".split(),
    5: "mai kve kvě maj máj μάι μαϊ μαι".split(),
    6: "juin cerv črv červn cze ιούν ιον ιουν".split(),
    7: "juil čvc cvc ιούλ ιολ ιουλ".split(),
    8: "aout aou aoû αύγ αυγ".split(),
    9: "sept sep set zari zář wrz szept σεπ".split(),
    10: "okt oct rij říj paz paź οκτ".split(),
    11: "nov lis νοέ νοε".split(),
    12: "dec dez des pro gru δεκ".split(),
}


def forms(name):
    """The name as a reader of dates looks it up: lower case, without dots and apostrophes at its ends; and without accents."""
    name = " ".join(unicodedata.normalize("NFC", name).lower().replace("\u200f", "").replace("\u200e", "").split())
    name = name.strip(".'’׳")
    if any(c.isdigit() for c in name) or len(name) < 2:
        return
    yield name
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    if plain.isascii():
        yield plain


votes = {"m": collections.defaultdict(collections.Counter), "d": collections.defaultdict(collections.Counter)}
rank = {}
for place, code in enumerate(LANGUAGES):
    locale = Locale.parse(code)
    for kind, names in (("m", locale.months), ("d", locale.days)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[context][width].items():
                    number = number if kind == "m" else number + 1
                    for form in forms(name):
                        if (kind, form, number, code) not in rank:
                            rank[kind, form, number, code] = place
                            votes[kind][form][number] += 1
                        first = rank.setdefault((kind, form, number), place)
                        rank[kind, form, number] = min(first, place)
for number, names in SEEN.items():
    for name in names:
        for form in forms(name):
            votes["m"][form][number] += 1
            rank.setdefault(("m", form, number), len(LANGUAGES))

print(f"# Names of months (m) and weekdays (d) in {len(LANGUAGES)} locales, made by quality/date_names.py; do not edit.")
print(f"# Source: Unicode CLDR {babel.core.get_cldr_version()} as packed by Babel {babel.__version__}; Unicode License v3.")
for kind in "md":
    for name in sorted(votes[kind]):
        numbers = sorted(votes[kind][name], key=lambda number: (-votes[kind][name][number], rank[kind, name, number]))
        print(kind, name, " ".join(map(str, numbers)), sep="\t")
