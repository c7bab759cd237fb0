"""What may be said about a telephone number as written: its E.164 form, and its oddities.

Numbers are kept digit for digit; suspicious ones are flagged, never repaired (seed-facts S1-29,
S1-30, S2-35, S2-36). Own rules on top of `phonenumbers`, which calls a truncated number valid. What
a flag means to a person is said in `phrases.py`.
"""

import phonenumbers

SWEDEN = 46
FEWEST_NATIONAL_DIGITS = 8
"""Swedish fixed numbers have 8 or 9 digits behind the trunk zero; fewer looks truncated."""
LONGEST_INTERNAL = 6


def describe(number: str, *, fixed: bool) -> tuple[str | None, tuple[str, ...]]:
    """(E.164 or None, flags). `fixed`: the routine calls it a fax or fixed telephony."""
    digits = "".join(letter for letter in number if letter.isdigit())
    if not number.strip().startswith(("0", "+")) and len(digits) <= LONGEST_INTERNAL:
        return None, ("internal_short",)
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return None, ("invalid",)
    flags: list[str] = []
    if parsed.country_code != SWEDEN:
        flags.append("foreign")
    elif len(phonenumbers.national_significant_number(parsed)) < FEWEST_NATIONAL_DIGITS:
        flags.append("too_few_digits")
    if _is_oddly_grouped(number, parsed):
        flags.append("odd_grouping")
    if fixed and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
        flags.append("type_mismatch")
    if not phonenumbers.is_valid_number(parsed):
        flags.append("invalid")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164, tuple(flags)


def _is_oddly_grouped(number: str, parsed: phonenumbers.PhoneNumber) -> bool:
    """True if the first group behind +46 is not the area code (S2-36: +46 81 for 08)."""
    groups = number.strip().split()
    if not groups[0].startswith("+") or len(groups) < 2:  # noqa: PLR2004 - country and area
        return False
    area = phonenumbers.length_of_national_destination_code(parsed)
    return parsed.country_code == SWEDEN and len(groups[1]) != area
