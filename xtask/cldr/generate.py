"""Writes the tables of the price reader from CLDR, and amounts as Babel formats them for its tests.

Run by `cargo xtask cldr`; the arguments are the table and the file of amounts.
"""

import sys
import unicodedata
from collections import defaultdict
from datetime import date
from decimal import Decimal

import babel
from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, get_territory_currencies

# Currencies whose names are read in every language; other currencies only in the languages of their territories.
WORLD = "USD EUR JPY GBP CNY INR KRW CAD AUD CHF HKD SGD SEK NOK DKK PLN CZK HUF RON BGN RUB UAH TRY BRL MXN ZAR AED SAR ILS THB".split()
PERIODS = {
    "duration-hour": "hour",
    "duration-day": "day",
    "duration-week": "week",
    "duration-month": "month",
    "duration-year": "year",
    "area-square-meter": "area",
    "area-square-foot": "area",
    "area-acre": "area",
    "area-hectare": "area",
}
AMOUNTS = [Decimal("5"), Decimal("1234.5"), Decimal("98765"), Decimal("1234567.89")]


# Dates keep the tables from changing with the day they are made: ads still name a currency years after it was replaced.
SINCE, UNTIL = date(2015, 1, 1), date(2026, 1, 1)


def locales():
    """Every locale of CLDR in a territory, with the currencies used there lately, the current ones first."""
    likely = get_global("likely_subtags")
    for name in sorted(localedata.locale_identifiers()):
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
        territory = locale.territory or likely.get(name, "").rpartition("_")[2]
        if territory and not territory.isdigit():
            now = get_territory_currencies(territory, UNTIL)
            yield name, locale, [*now, *(set(get_territory_currencies(territory, SINCE, UNTIL)) - set(now))]


def words(pattern):
    """The words of a pattern such as `0 Mio'.'`, without its number."""
    text = "".join(c for c in str(pattern) if c not in "0#,¤'\u200e\u200f").replace("{}", " ").replace("{1}", " ")
    return " ".join(text.split())


def signs_and_names():
    """Signs and names of currencies, each with the currencies that are written so."""
    signs, names = defaultdict(set), defaultdict(set)
    current = {code for _, _, own in locales() for code in own}
    for _, locale, own in locales():
        for code, sign in locale.currency_symbols.items():
            if code in current and sign != code and sign.strip("\u200b "):
                signs[sign].add(code)
        for code in {*own, *WORLD}:
            plurals = locale._data["currency_names_plural"].get(code)
            forms = [plurals[form] for form in plurals] if plurals else []
            for name in [*forms, locale.currencies.get(code, code)]:
                if name != code:
                    names[" ".join(name.lower().split())].add(code)
    return signs, names


def scales():
    """Words for powers of ten, with the currencies of the locales that write them."""
    found = defaultdict(lambda: defaultdict(set))
    for _, locale, own in locales():
        for length in ("short", "long"):
            formats = locale._data["compact_decimal_formats"].get(length) or {}
            for form in formats:
                for magnitude in formats[form]:
                    pattern = formats[form][magnitude].pattern
                    power = len(magnitude) - 1 - (pattern.split(";")[0].count("0") - 1)
                    word = words(pattern.split(";")[0]).lower()
                    # Higher powers are no prices, and short Latin words are too often something else.
                    if 0 < power <= 9 and (len(word) > 2 or not word.isascii()):
                        found[word][power].update(own)
    return found


def periods():
    """Names of periods and areas, and phrases such as `pro Monat`; one that means two of them is left out."""
    found = defaultdict(set)
    for _, locale, _ in locales():
        for unit, period in PERIODS.items():
            patterns = locale._data["unit_patterns"].get(unit) or {}
            for length in patterns:
                for form in patterns[length]:
                    pattern = patterns[length][form]
                    if not isinstance(pattern, str):
                        continue
                    word = " ".join(pattern.replace("{0}", " ").strip(" /").lower().split())
                    is_phrase = form == "per" and "/" not in pattern and " " in word
                    if len(word.rstrip(".")) > 2 or (word and not word.isascii()):
                        found["per" if is_phrase else "unit", word].add(period)
    return sorted((*key, of.pop()) for key, of in found.items() if len(of) == 1)


def marks():
    """The decimal marks of currencies with thousandths, and the currencies with a locale that groups digits by spaces.

    A comma counts as a decimal mark where no locale of the currency groups digits by it.
    """
    decimals, groups = defaultdict(set), defaultdict(set)
    for _, locale, own in locales():
        symbols = locale.number_symbols
        symbols = symbols.get("latn", symbols)
        for code in own:
            decimals[code].add(symbols.get("decimal", "."))
            groups[code].add(symbols.get("group", ","))
    mills = {
        code: "." + ("," if "," in of and "," not in groups[code] else "")
        for code, of in decimals.items()
        if get_currency_precision(code) == 3
    }
    return mills, [code for code, of in groups.items() if of & set(" \u00a0\u202f")]


def table():
    zeros = [c for c in map(chr, range(128, 0x110000)) if unicodedata.category(c) == "Nd" and unicodedata.digit(c) == 0]
    signs, names = signs_and_names()
    mills, spaces = marks()
    codes = sorted({code for _, _, own in locales() for code in own})
    yield from (("digit", f"{ord(zero):x}") for zero in zeros)
    yield from (("code", code) for code in codes)
    yield from (("sign", sign, " ".join(sorted(of))) for sign, of in sorted(signs.items()))
    yield from (("name", name, " ".join(sorted(of))) for name, of in sorted(names.items()))
    for word, powers in sorted(scales().items()):
        yield from (("scale", word, str(power), " ".join(sorted(of))) for power, of in sorted(powers.items()))
    yield from periods()
    yield from (("mills", *row) for row in sorted(mills.items()))
    yield ("spaces", " ".join(sorted(spaces)))


def amounts():
    """Amounts in the first currency of each language's main locale, in Latin and in native digits."""
    seen = set()
    for name, locale, own in locales():
        if not locale.territory or not own or locale.script or locale.variant:
            continue
        for system in ("latn", "default"):
            for amount in AMOUNTS:
                rounded = round(amount, get_currency_precision(own[0]))
                text = format_currency(amount, own[0], locale=locale, numbering_system=system)
                if (own[0], text) not in seen:
                    seen.add((own[0], text))
                    yield name, own[0], f"{rounded.normalize():f}", text


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"# {line}\n" for line in header)
        file.writelines("\t".join(row) + "\n" for row in rows)


def main():
    licence = f"Generated by `cargo xtask cldr` from CLDR as Babel {babel.__version__} has it; Unicode License v3, see LICENSE-UNICODE."
    kinds = "digit ZERO, code ISO, sign TEXT OWNERS, name TEXT OWNERS, scale WORD POWER CURRENCIES, per PHRASE PERIOD, unit WORD PERIOD, mills ISO DECIMALS, spaces ISO..."
    write(sys.argv[1], [licence, kinds], table())
    write(sys.argv[2], [licence, "locale, currency, amount, text"], amounts())


main()
