"""The words: frozen dataclasses and enums that everyone shares."""
