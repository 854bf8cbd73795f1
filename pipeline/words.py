"""Words in the languages a catalogue is written in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The same thing said in Simplified Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The Chinese text for any `zh…` language, else the English one."""
        return self.zh if language.lower().startswith("zh") else self.en
