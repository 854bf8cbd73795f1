"""Company names as they are compared: without what two people write differently of the same company. Pure.

Full and half width, traditional and simplified, case, accents, punctuation and the legal form do not count. A place in
brackets does: 某某（上海）有限公司 and 某某（北京）有限公司 are two companies.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.intake.characters import simplified

_FORMS = frozenset(
    "co company corp corporation inc incorporated in ltd limited llc llp lp plc pte pty pvt private public"
    " gmbh ggmbh mbh ag kg kgaa ohg ug se sa sas sarl sl slu spa srl snc bv nv ab as asa oy oyj aps sro spol doo"
    " kk kabushiki kaisha sdn bhd tbk pt cv zoo sp jsc ooo oao zao and the of und et".split()
)
"""Words of a legal form, and words that hold a name together."""

_WEAK = frozenset(
    "group groups holding holdings international global worldwide enterprise enterprises industries trust foundation"
    " associates partners systems services us usa uk eu".split()
)
"""Words that often tell a company from its parent or sister, and often are left out."""

_CHINESE_FORMS = re.compile(
    "股份有限责任公司|有限责任公司|股份有限公司|集团有限公司|有限公司|分公司|总公司|公司|有限合伙|合伙企业|普通合伙|个体工商户"
)
_CHINESE_WEAK = re.compile("集团|控股|中国|国际|股份")
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_NOT_A_WORD = re.compile(r"[^\w]+|_")
_CJK = re.compile("[\u3400-\u9fff]")


def core(name: str) -> str:
    """The name without its legal form: what is left of 上海衡川智能裝備有限公司 is 上海衡川智能装备."""
    words = [word for word in _words(name) if word not in _FORMS]
    return " ".join(words) or " ".join(_words(name))


def bare(name: str) -> str:
    """The core without words such as group, holdings, 集团 and 中国, which may or may not be said."""
    words = [_CHINESE_WEAK.sub("", word) for word in core(name).split() if word not in _WEAK]
    return " ".join(word for word in words if word) or core(name)


def _words(name: str) -> list[str]:
    half = _ABBREVIATION.sub(lambda found: found.group().replace(".", ""), simplified(name)).casefold()
    plain = _without_accents(half.replace("&", " and ").replace("'", "").replace("’", ""))
    return [word for part in _NOT_A_WORD.sub(" ", plain).split() if (word := _CHINESE_FORMS.sub("", part))]


def _without_accents(text: str) -> str:
    if _CJK.search(text):
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
