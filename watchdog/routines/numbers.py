"""What may be said about a telephone number as written: its E.164 form, and its oddities.

Numbers are kept digit for digit; suspicious ones are flagged, never repaired (seed-facts S1-29,
S1-30, S2-35). Own rules on top of `phonenumbers`, which calls a truncated number valid.
"""

import phonenumbers

SWEDEN = 46
FEWEST_NATIONAL_DIGITS = 8
"""Swedish fixed numbers have 8 or 9 digits behind the trunk zero; fewer looks truncated."""
LONGEST_INTERNAL = 6

FLAGS = {
    "internal_short": "an internal short number: works from the hospital's own telephones only",
    "too_few_digits": "looks truncated: too few digits for a Swedish number",
    "foreign": "a foreign country code",
    "type_mismatch": "the library says mobile, the routine says fixed or fax",
    "invalid": "not a number that the numbering plan knows",
}


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
    if fixed and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
        flags.append("type_mismatch")
    if not phonenumbers.is_valid_number(parsed):
        flags.append("invalid")
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164, tuple(flags)
