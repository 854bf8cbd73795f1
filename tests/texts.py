"""The texts that code and templates ask catalogues for, and what a language lacks: `python -m tests.texts`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from pipeline.engine import examples
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.press.languages import LANGUAGES, SOURCE, catalogue_files
from pipeline.resources import built_in
from pipeline.words import Words

TRANSLATED = sorted(LANGUAGES.keys() - {SOURCE})
WORDED = "zh-Hans"
"""The other language in which words of metrics and facts stand in the code; further languages name them by it."""
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def asked(name: str) -> set[str]:
    """Every text that documents and pages in a language ask its catalogues for."""
    found = texts_of_the_code()
    return found if name in (SOURCE, WORDED) else found | words_of_metrics()


def texts_of_the_code() -> set[str]:
    """Every text that code or templates of documents ask a catalogue for."""
    root = built_in("templates").parent
    found: set[str] = set()
    for path in sorted((root / "pipeline").rglob("*.py")):
        found |= _texts("python", path)
    for folder in ("sections", "documents", "pages"):
        for path in sorted(built_in("templates", folder).glob("*.html")):
            found |= _texts("jinja2.ext.babel_extract", path)
    return found | _reasons_of_expectations()


def _reasons_of_expectations() -> set[str]:
    """What every built-in suite says a row means that breaks one of its claims."""
    suites = [json.loads(path.read_text("utf-8")) for path in built_in("expectations").glob("*.json")]
    return {entry["meta"]["why"] for suite in suites for entry in suite["expectations"]}


def words_of_metrics() -> set[str]:
    """Names of metrics and facts, what metrics mean, their formulas and edges; sources of the field stay as they are."""
    words = [each.label for each in (*METRICS.all().values(), *FACTS.all().values())]
    words += [said for each in METRICS.all().values() for said in each.words.values()]
    words += [*examples.VIEW_WORDS.values(), examples.DAYS]
    return {each.zh for each in words if _differs(each)}


def _differs(words: Words) -> bool:
    return words.zh != words.en


def _texts(method: str, path: Path) -> set[str]:
    options = {"silent": "false"}
    texts = (text for _, text, _, _ in extract_from_file(method, path, keywords=_KEYWORDS, options=options))
    return {text if isinstance(text, str) else text[0] for text in texts}


def entries(name: str) -> list[Message]:
    """The entries of a language's catalogues."""
    found: list[Message] = []
    for path in catalogue_files(name):
        with path.open("rb") as stream:
            found += [entry for entry in read_po(stream, abort_invalid=True) if entry.id]
    return found


def first(texts: object) -> str:
    """A text, or the first of its forms for numbers."""
    return texts if isinstance(texts, str) else texts[0]  # type: ignore[index]


def lacking(name: str) -> dict[str, list[str]]:
    """What is missing from a language, what is not finished, and what nothing asks for any more."""
    wanted, found = asked(name), entries(name)
    said = {first(entry.id) for entry in found}
    unfinished = {first(entry.id) for entry in found if entry.fuzzy or not first(entry.string)}
    return {
        "missing": sorted(wanted - said),
        "unfinished": sorted(unfinished),
        "left over": sorted(said - wanted),
    }


def main() -> int:
    """Print what each language lacks; 1 where one lacks something."""
    lines = [
        f"{name}: {what}: {text!r}"
        for name in TRANSLATED
        for what, texts in lacking(name).items()
        for text in texts
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
