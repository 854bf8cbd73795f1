"""Words in the languages a catalogue is written in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


@dataclass(frozen=True)
class Words:
    """The same thing said in Simplified Chinese and in English; names in Traditional Chinese come from a catalogue."""

    zh: str
    en: str

    @property
    def hant(self) -> str:
        """The Traditional Chinese text as written in Taiwan where the catalogue has one, else the Simplified."""
        return _traditional().get(self.zh, self.zh)

    def in_language(self, language: str) -> str:
        """The Chinese text for any `zh…` language, else the English one."""
        name = language.lower().replace("_", "-")
        if name.startswith(_TRADITIONAL):
            return self.hant
        return self.zh if name.startswith("zh") else self.en


@cache
def _traditional() -> dict[str, str]:
    """The names of metrics and facts in Traditional Chinese, by their names in Simplified Chinese."""
    from babel.messages.pofile import read_po

    from pipeline.resources import built_in

    path = built_in("templates", "locales", "zh_Hant", "LC_MESSAGES", "metrics.po")
    with path.open("rb") as stream:
        found = read_po(stream, locale="zh_Hant", abort_invalid=True)
    return {
        str(entry.id): str(entry.string) for entry in found if entry.id and entry.string and not entry.fuzzy
    }
