"""Folded forms of names, for finding and ordering people. Never signed and never shown: folding loses what a name is."""

import unicodedata

#: Letters that people write the usual way when they look for a name. A few of the many: search falls back on kana.
_USUAL = str.maketrans("髙﨑𠮷邉邊濵濱齋齊斎德塚槗栁曻冨廣澤櫻眞", "高崎吉辺辺浜浜斉斉斉徳塚橋柳昇富広沢桜真")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def fold(text: str) -> str:
    """Fold width, case, kana, variation selectors, common variant kanji and spaces."""
    usual = unicodedata.normalize("NFKC", text).translate(_USUAL).translate(_HIRAGANA_TO_KATAKANA).casefold()
    return "".join(
        character
        for character in usual
        if not character.isspace() and unicodedata.category(character) != "Mn"
    )


def search_key(*parts: str) -> str:
    """Return the text in which names and numbers are looked for, one a line."""
    return "\n".join(folded for part in parts if (folded := fold(part)))


def sort_key(family_kana: str, given_kana: str, family: str, given: str) -> str:
    """Return the key of kana order; who has no kana comes by name after those who have."""
    if family_kana or given_kana:
        return f"{fold(family_kana)}\t{fold(given_kana)}"
    return f"\uffff{fold(family)}\t{fold(given)}"
