"""What a text does not say of itself: its encoding and its delimiter. Pure; nothing is read here."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

DELIMITERS = ("\t", "|", ";", ",")
"""Rarest in running text first: that one wins where two fit equally."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHINESE = ("gb18030", "big5hkscs")
_LATIN = "cp1252"
OF_SEVERAL_BYTES = ("utf-8", *_CHINESE, "utf-16-le", "utf-16-be")
"""Encodings that are recognised and whose characters have more than one byte."""

_SAMPLE = 1 << 16
_SURE = 0.25
"""By how much the best candidate's share of plausible characters must lead without a second opinion."""

_ENOUGH = 12
"""How many non-ASCII bytes a lead must rest on to be believed alone."""

_FEW = 8
"""How many it takes where chardet agrees."""

_PLAUSIBLE = 0.25
"""The share of frequent characters below which a text is not Chinese."""

# Frequent in running text and in the headers and names of business exports, simplified and traditional.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果"
    "料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则"
    "任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带"
    "安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装"
    "司限额客户订编号址称项税付款合同签约销售商采购联系电话邮箱手机省市县镇街厂店厦楼室备注状态类型等级创建更新负责经理部门职业务员"
    "李王刘陈杨赵黄周吴徐孙胡朱郭何罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范石姚谭廖邹熊"
    "京津沪渝深圳杭苏州宁武汉成都青岛济厦福建浙江贸易股份有限实集团智能制造设备材料科技工程服务产品数量价格日期金额折扣库存发票应收"
    "這個國為來時們說會發動產種後過經進著現實電裡體機當點從業應開還與關線內數問題見計別華類場車報務達確許傳張節話萬單證轉邊長門東導"
    "區將組論運農帶處隊給規熱領壓爭濟階術極聯認權減連議聲離馬況溫廣記研觀織裝額戶訂編號稱項稅約銷貿購係郵縣鎮廠樓備註狀態創負責職"
    "劉陳楊趙黃吳孫羅鄭謝韓馮蕭鄧蔣賈葉閻餘譚鄒臺灣滬寧漢島廈貿價檔實團設備應發庫無對於樣質變條結解給選參雙歲歡鐵銀錢錄鋼師級純"
)
_FIRST_LEVEL = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}
_WESTERN = frozenset("äöüßÄÖÜéèêëàâîïôûùçñáíóúãõåøæœìòÉÈÊÀÂÎÔÇÑÓÍÁÚÃÕÅØÆŒ¿¡€£’‘“”–—…•°§«»·ªº®©™´ \xa0")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ASCII = bytes(range(128))
_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Encoding:
    """The encoding that was recognised, or None and the candidates a person must choose from."""

    name: str | None
    candidates: tuple[str, ...] = ()
    mark: int = 0
    """Bytes of the byte order mark, to be left out when decoding."""


def encoding_of(data: bytes) -> Encoding:
    """The encoding of a whole file: its mark, else strict UTF-8, else by how plausible the characters are.

    GB18030, Big5-HKSCS and Windows-1252 are told apart; where two of them stay plausible and chardet does not
    settle it, `name` is None. Anything else has to be named in the mapping.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Encoding(name, mark=len(mark))
    if data.isascii() and b"\0" not in data:
        return Encoding("utf-8")
    if wide := _wide(data):
        return Encoding(wide)
    if _decodes(data, "utf-8"):
        return Encoding("utf-8")
    return _by_characters(data)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in text with Latin letters or digits every other byte is often zero."""
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < len(sample) / 20 or min(even, odd) * 10 > max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    return name if _decodes(data, name) and "\n" in data.decode(name) else None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_characters(data: bytes) -> Encoding:
    scores = {name: _chinese_share(data, name) for name in _CHINESE if _decodes(data, name)}
    if _decodes(data, _LATIN):
        scores[_LATIN] = _latin_share(data)
    ranked = sorted(scores, key=lambda name: -scores[name])
    opinion = _second_opinion(data)
    best = ranked[0] if ranked else None
    if best is None or scores[best] == 0:
        return Encoding(None, tuple(dict.fromkeys((*opinion, *ranked))))
    lead = scores[best] - max((scores[name] for name in ranked[1:]), default=0.0)
    high_bytes = len(data.translate(None, _ASCII))
    alone = lead >= _SURE and (high_bytes >= _ENOUGH or best == _LATIN)
    if alone or (lead > 0 and high_bytes >= _FEW and best in opinion):
        return Encoding(best)
    return Encoding(None, tuple(dict.fromkeys((*ranked[:2], *opinion))))


def _chinese_share(data: bytes, encoding: str) -> float:
    """How Chinese a text looks, 0-1: frequent characters, and those on the encoding's own first level.

    0 where frequent characters are too few for Chinese (Korean, too, lies in the first level of GB2312).
    """
    counts = Counter({c: n for c, n in Counter(data.decode(encoding)).items() if _CJK.match(c)})
    frequent = sum(count for character, count in counts.items() if character in _FREQUENT)
    common = sum(count for character, count in counts.items() if _on_first_level(character, encoding))
    if frequent < _PLAUSIBLE * counts.total() or not counts:
        return 0.0
    return (frequent + common) / (2 * counts.total())


def _on_first_level(character: str, encoding: str) -> bool:
    """Both GB2312 and Big5 keep their common characters in a first block of lead bytes."""
    code = character.encode(encoding)
    first, last = _FIRST_LEVEL[encoding]
    plain = encoding != "gb18030" or code[1] >= 0xA1  # below lie the rare characters that GBK added
    return len(code) == 2 and first <= code[0] <= last and plain


def _latin_share(data: bytes) -> float:
    """The share of non-ASCII bytes that stand alone and are accents of Western words; Chinese never is.

    A text with letters that these languages do not have (Turkish, Polish, Czech in their own code pages) scores 0.
    """
    runs = [run.decode(_LATIN) for run in _HIGH_RUN.findall(data)]
    if not all(character in _WESTERN for run in runs for character in run):
        return 0.0
    return sum(1 for run in runs if len(run) == 1) / sum(map(len, runs)) if runs else 0.0


def _second_opinion(data: bytes) -> tuple[str, ...]:
    """What chardet takes it for, by the names used here; empty where it has no idea."""
    import chardet

    said = chardet.detect(data[:_SAMPLE])["encoding"]
    if said is None:
        return ()
    families = {
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "big5": "big5hkscs",
        "iso-8859-1": _LATIN,
        "windows-1252": _LATIN,
    }
    return (families.get(said.lower(), said.lower()),)


def delimiters_of(sample: str, wanted: Collection[str] = ()) -> tuple[str, ...]:
    """The delimiter of a text of complete lines, or all between which only a person can choose.

    It is the one that gives most rows the same number of cells; titles above the header and short rows do not count
    against it. Of several that do, it is the one that makes the wanted headers; a mark that stands in running text (with
    a blank after it) and one that does not split the row of the header are none. A comma where every row has one cell.
    """
    shapes = {mark: _shape(sample, mark) for mark in DELIMITERS}
    best = max(shapes.values())
    if best[0] == 0:
        return (",",)
    fitting = [mark for mark in DELIMITERS if shapes[mark][0] == best[0]]
    hits = {mark: _hits(sample, mark, wanted) for mark in fitting}
    fitting = [mark for mark in fitting if hits[mark] == max(hits.values())]
    chosen = max(fitting, key=lambda mark: shapes[mark])
    rivals = [mark for mark in fitting if mark != chosen and _splits_header(sample, mark, chosen)]
    return (chosen, *rivals)


def _hits(sample: str, delimiter: str, wanted: Collection[str]) -> int:
    """The most wanted headers that a row holds."""
    rows = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter) if wanted else ()
    return max((len({cell.strip() for cell in row} & set(wanted)) for row in rows), default=0)


def _splits_header(sample: str, mark: str, chosen: str) -> bool:
    """Whether a mark, too, parts the first row that the chosen one parts, and is not just punctuation there."""
    lines = (line for line in sample.splitlines() if chosen in line)
    header = re.sub(r'"[^"]*"', "", next(lines, ""))
    return mark in header and f"{mark} " not in header


def _shape(sample: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits: the share of rows of the commonest width (above one), and that width."""
    widths = Counter(
        len(row) for row in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter) if row
    )
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0
    width = max(wide, key=lambda each: (wide[each], each))
    return round(wide[width] / widths.total(), 1), width
