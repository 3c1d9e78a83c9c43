"""Whether what was read is a number of which characters were lost, doubled or added on the way. Pure."""

from supplychain.identifiers.rules.donation_numbers import CHECK_ALPHABET, check_character, is_in_form

# Characters within a number that a scanner loses or doubles; at its ends it may be any.
MOST_WITHIN = 2
# Shorter numbers stand in others by chance.
LEAST_OF_OTHER_KIND = 8


def is_damaged(read: str, own: str) -> bool:
    """Whether the key `read` is the key `own`, or that with its check character, with a stretch lost or added. Another
    character in one's place is no such thing: that is another number."""
    printed = own.upper()
    forms = [own]
    if all(character in CHECK_ALPHABET for character in printed):
        forms.append(own + check_character(printed).lower())
    if is_in_form(printed) and own.endswith(read[:-2]) and read[-2:].isdigit():  # its end, with the symbol's flags
        return True
    return any(_lost(*sorted((read, form), key=len)) for form in forms)


def holds_other(read: str, own: str) -> bool:
    """Whether a number of another kind stands in what was read, or the other way round: a mark was misread."""
    return min(len(read), len(own)) >= LEAST_OF_OTHER_KIND and (read in own or own in read)


def _lost(short: str, long: str) -> bool:
    if not short or len(short) == len(long):
        return False
    if short in long:
        return True
    same = next((at for at, character in enumerate(short) if character != long[at]), len(short))
    return len(long) - len(short) <= MOST_WITHIN and long.endswith(short[same:])
