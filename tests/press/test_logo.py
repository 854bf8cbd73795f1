"""Logos: told by their bytes, bounded, and without anything that runs or asks for another file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import SettingsError
from pipeline.press.logo import LARGEST, logo_in, read

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20">{}</svg>'
PLAIN = SVG.format('<path d="M0 0h60v20z" fill="#204080"/>').encode()


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#204080").save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "ratio"),
    [("a.svg", PLAIN, 3), ("a.png", picture(400, 200), 2), ("a.jpg", picture(200, 400, "JPEG"), 0.5)],
)
def test_a_good_logo_is_read_with_its_shape(name: str, content: bytes, ratio: float) -> None:
    found = read(name, content)

    assert (found.type, found.ratio) == (name[2:], ratio)
    assert found.address.startswith("data:image/")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="http://example.org/x.png"/>',
        "<foreignObject/>",
        '<g onload="x()"/>',
        '<path style="fill: url(http://example.org/#a)"/>',
        '<path fill="url(http://example.org/#a)"/>',
        '<path fill="URL(file:///etc/passwd#a)"/>',
        '<use href="other.svg#a"/>',
        '<g xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://example.org"/>',
        "<?php ?><style>@import 'x'</style>",
        "<text>A</text>",
    ],
)
def test_an_svg_that_runs_or_asks_for_a_file_is_refused(inside: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read("a.svg", SVG.format(inside).encode())

    assert caught.value.code == "KB-1056"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", PLAIN),
        ("a.svg", picture(300, 300)),
        ("a.png", b"GIF89a"),
        ("a.png", b""),
        ("a.png", picture(300, 300)[:200]),
        ("a.png", picture(40, 40)),
        ("a.png", picture(5000, 200)),
        ("a.png", picture(2000, 200)),
        ("a.svg", b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + PLAIN),
        ("a.svg", PLAIN.replace(b' viewBox="0 0 60 20"', b"")),
        ("a.svg", PLAIN[:-8]),
        ("a.svg", PLAIN + b" " * LARGEST),
    ],
)
def test_a_file_that_is_not_what_it_says_or_of_no_use_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(SettingsError) as caught:
        read(name, content)

    assert (caught.value.code, caught.value.where) == ("KB-1056", name)


def test_a_gradient_of_its_own_is_no_other_file() -> None:
    inside = '<defs><linearGradient id="a"/></defs><path fill="url(#a)"/>'

    assert read("a.svg", SVG.format(inside).encode()).type == "svg"


def test_a_client_without_a_logo_has_none_and_one_with_two_must_choose(tmp_path: Path) -> None:
    assert logo_in(tmp_path, "A-0001") is None
    (tmp_path / "A-0001.svg").write_bytes(PLAIN)
    assert logo_in(tmp_path, "A-0001") == read("a.svg", PLAIN)
    (tmp_path / "A-0001.png").write_bytes(picture(300, 300))

    with pytest.raises(SettingsError) as caught:
        logo_in(tmp_path, "A-0001")

    assert "stands beside A-0001.svg" in caught.value.what
