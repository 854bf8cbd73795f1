"""Names of companies where room is short: in drawings and in running text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_CHINESE_FORM = re.compile(r"(?:股份|[责責]任|有限)*(?:[责責]任)?有限公司$|有限[责責]任公司$|公司$")
_LATIN_FORM = re.compile(
    r"[,\s]+(?:GmbH|AG|SE|KG|Ltd|Limited|Inc|Incorporated|LLC|LLP|PLC|Corp|Corporation|Co|Company|S\.?A|B\.?V|N\.?V"
    r"|Pty|Pte|S\.?r\.?l|S\.?p\.?A|Oy|AB|A/S|Sdn|Bhd)\.?$",
    re.IGNORECASE,
)
_SHORTEST = 2


def without_legal_form(name: str) -> str:
    """The name without the legal form at its end; the whole name where too little would be left."""
    if found := _CHINESE_FORM.search(name):
        return name[: found.start()] if found.start() >= _SHORTEST else name
    kept = name
    while (found := _LATIN_FORM.search(kept)) and found.start() >= _SHORTEST:
        kept = kept[: found.start()]
    return kept


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Each name without its legal form, by the same key; those that would then be alike stay whole."""
    made = {key: without_legal_form(name) for key, name in names.items()}
    often = Counter(made.values())
    return {key: short if often[short] == 1 else names[key] for key, short in made.items()}
