"""Remissvakt: proves that radiology referrals arrive, and says what to do when they do not."""

__version__ = "0.1.0"
