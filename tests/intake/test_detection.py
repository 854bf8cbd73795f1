from __future__ import annotations

import codecs

import pytest

from pipeline.intake.detection import delimiters_of, encoding_of

GB = "客户编号,客户名称,行业\nC001,衡川智能装备有限公司,制造\n"
BIG5 = "客戶編號,客戶名稱,行業\nC001,衡川智能裝備有限公司,製造\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a,b\n1,2\n", "utf-8"),
        (GB, "utf-8"),
        (GB, "gb18030"),
        ("公司名称\n华东机械\n", "gb18030"),
        (GB + "C002,䶮㐂有限公司,制造\n", "gb18030"),
        (BIG5, "big5hkscs"),
        ("名稱\n華東機械公司\n", "big5hkscs"),
        ("name\nMüller\n", "cp1252"),
        ("Name;Ort\nJosé Pérez;Málaga\nStraße 5;Köln\n", "cp1252"),
        ("Preis\n5 € – „gut“\n", "utf-8"),
        ("a,b\n1,衡\n", "utf-16-le"),
        ("a,b\n1,衡\n", "utf-16-be"),
    ],
)
def test_an_encoding_is_told_from_the_characters(text: str, encoding: str) -> None:
    assert encoding_of(text.encode(encoding)).name == encoding


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_says_it_and_is_left_out(mark: bytes, encoding: str) -> None:
    found = encoding_of(mark + GB.encode(encoding))

    assert (found.name, found.mark) == (encoding, len(mark))


@pytest.mark.parametrize(
    "data",
    [
        "a,b\n鑫,1\n".encode("gb18030"),  # one character says too little
        "a,b\n鑫,1\n".encode("big5hkscs"),
        "ad,soyad\nIşık,Gündoğdu\n".encode("cp1254"),  # Turkish letters are not Western ones
        "имя\nЯков\n".encode("cp1251"),
        "이름\n홍길동 주식회사 대한민국\n".encode("cp949"),
    ],
)
def test_where_characters_do_not_tell_a_person_is_asked(data: bytes) -> None:
    found = encoding_of(data)

    assert found.name is None
    assert found.candidates


def test_a_binary_file_is_no_utf_16() -> None:
    assert encoding_of(b"a\0b\0c\0\x01\xff\n").name != "utf-16-le"


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4\n", ";"),
        ("a\tb, c\n1\t2, 3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("name\nAcme\n", ","),
        ('"a,b";c;d\n"1,2";3;4\n', ";"),
        ("Report of March, all regions\n\na;b;c\n1;2;3\n4;5;6\n", ";"),
        ("", ","),
    ],
)
def test_a_delimiter_gives_most_rows_the_same_width(sample: str, delimiter: str) -> None:
    assert delimiters_of(sample) == (delimiter,)
