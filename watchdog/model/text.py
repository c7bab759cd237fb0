"""A sentence in Swedish and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What people read; Swedish first."""

    sv: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in `sv` or `en`; Swedish for any other language."""
        return self.en if language == "en" else self.sv
