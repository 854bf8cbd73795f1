"""Words in the languages a catalogue is written in."""

from __future__ import annotations

from dataclasses import dataclass

_WRITTEN = ("zh-Hans", "en")
"""The languages in which words stand in the code, the first of a Han script."""


@dataclass(frozen=True)
class Words:
    """The same thing said in Simplified Chinese and in English; a language's catalogues say it in that language."""

    zh: str
    en: str

    def in_language(self, locale: str) -> str:
        """The words in the language that a locale asks for; where it has none of its own, in the nearest script.

        Catalogues name them by the words in Simplified Chinese, which tell apart what English may call alike.
        """
        from pipeline.press.languages import LANGUAGES, catalogue, matched

        name = matched(locale, LANGUAGES) or _WRITTEN[-1]
        if name == _WRITTEN[0] or not self.zh:
            return self.zh
        if name == _WRITTEN[-1]:
            return self.en
        said = catalogue(name).ugettext(self.zh)  # itself where there is none
        return said if said != self.zh or LANGUAGES[name].is_han else self.en
