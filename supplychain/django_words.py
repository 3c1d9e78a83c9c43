"""Django's own words about a value that it does not take, in ours: what is wrong, and what to do. Pure."""

import re
from collections.abc import Sequence

# So many choices are named where none of them was chosen.
MOST_OFFERED = 8
# What Django says, and what people read of it: {0} and {1} are what it names, {choose} how to choose among what a field
# offers, {deed} what to do about a field that people do not see.
SENTENCES = (
    (r"Select a valid choice\. That choice is not one of the available choices\.",
     "This cannot be chosen here: {choose}."),
    (r"Select a valid choice\. (.*) is not one of the available choices\.", "“{0}” cannot be chosen here: {choose}."),
    (r"Value '?(.+?)'? is not a valid choice\.", "“{0}” cannot be chosen here: {choose}."),
    (r"“(.+)” is not a valid value\.", "“{0}” cannot be chosen here: {choose}."),
    (r"(.+) instance with .+ does not exist\.", "What was chosen is not there any more: open the page again."),
    (r"Enter a list of values\.|Enter a complete value\.",
     "This could not be read: choose again, or open the page again."),
    (r"Enter a valid UUID\.|“(.+)” is not a valid UUID\.", "This names nothing that there is: {deed}."),
    (r"Enter a whole number\.|“(.+)” value must be an integer\.", "Write a whole number in digits, such as 12."),
    (r"Enter a number\.|“(.+)” value must be a (?:float|decimal number)\.", "Write a number in digits, such as 2.5."),
    (r"Ensure this value is greater than or equal to (.+)\.", "This is too little: write {0} or more."),
    (r"Ensure this value is less than or equal to (.+)\.", "This is too much: write {0} or less."),
    (r"Ensure this value is a multiple of step size (.+)\.", "Write a multiple of {0}."),
    (r"Ensure this value has at most (.+) characters? \(it has (.+)\)\.",
     "{1} characters are too many: write at most {0}."),
    (r"Ensure this value has at least (.+) characters? \(it has (.+)\)\.",
     "{1} characters are too few: write at least {0}."),
    (r"Ensure this filename has at most (.+) characters? \(it has (.+)\)\.",
     "The file's name has {1} characters: give it one of at most {0}, then choose it again."),
    (r"Ensure that there are no more than (.+) digits? in total\.", "Write at most {0} digits."),
    (r"Ensure that there are no more than (.+) decimal places?\.", "Write at most {0} digits behind the point."),
    (r"Ensure that there are no more than (.+) digits? before the decimal point\.",
     "Write at most {0} digits before the point."),
    (r"Enter a valid date\.", "This is no day: choose one, or write it as 2026-03-31."),
    (r"Enter a valid time\.", "This is no time of day: write it as 14:30."),
    (r"Enter a valid date/time\.", "This is no moment: choose the day and the time, or write 2026-03-31T14:30."),
    (r"Enter a valid duration\.", "This is no length of time: write hours and minutes as 36:00:00."),
    (r"Enter a valid email address\.", "This is no e-mail address: write it as name@hospital.example."),
    (r"Enter a valid URL\.", "This is no address of a page: write it with https:// in front."),
    (r"Enter a valid domain name\.", "This is no address of a server: write it as mail.hospital.example."),
    (r"Enter a valid (.*)address\.", "This is no {0}address: copy it again whole."),
    (r"Enter only digits separated by commas\.", "Write numbers with commas between, such as 1,2,3."),
    (r"Ensure this value is (.+) \(it is (.+)\)\.", "“{1}” is not what it must be: write {0}."),
    (r"Enter a valid “slug” consisting of .*", "Use only letters without accents, digits, “-” and “_”; no blanks."),
    (r"Enter a valid JSON\.|Could not load JSON data\.|Input must be a JSON dictionary\.|Value must be valid JSON\.",
     "This is no JSON: copy it again whole."),
    (r"Enter a valid value\.", "“{label}” is written otherwise: do it as the words below the field say."),
    (r"This password is too common\.", "This password is too common: choose another, such as four words in a row."),
    (r"This password is entirely numeric\.", "This password is digits alone: add letters."),
    (r"The password is too similar to the (.+)\.", "This password is too much like the {0}: choose another."),
    (r"Null characters are not allowed\.", "It holds a hidden character (NUL): write it again by hand."),
    (r"No file was submitted\..*", "No file arrived: choose it again."),
    (r"The submitted file is empty\.", "This file is empty: choose another."),
    (r"Please either submit a file or check the clear checkbox, not both\.",
     "Either choose a file or tick that there is to be none, not both."),
    (r"Upload a valid image\..*", "This is no picture that can be read: choose another file."),
    (r"File extension “(.*)” is not allowed\. Allowed extensions are: (.*)\.",
     "A file “.{0}” is not taken here: choose one of these: {1}."),
    (r"(.+) with this (.+) already exists\.", "There is one with this {1} already: use another, or open that one."),
    (r"(.+) must be unique for .+\.", "There is one with this {0} already: use another."),
    (r"Constraint “(.+)” is violated\.", "These values do not go together: check them against each other."),
    (r"List contains (.+) items?, it should contain no more than (.+)\.",
     "{0} entries are too many: give at most {1}."),
    (r"List contains (.+) items?, it should contain no fewer than (.+)\.",
     "{0} entries are too few: give at least {1}."),
    (r"Enter two .*|The start of the range must not .*", "Give the first and the last of it, the first first."),
    (r"The number of days must be between .*", "So many days cannot be counted: write fewer."),
    (r"The inline value did not match the parent instance\.", "This row is of another page: open the page again."),
    (r"This field (?:is required|cannot be (?:blank|null))\.", "“{label}” is missing: enter it."),
)  # fmt: skip
_ENTRY = re.compile(r"Item (\d+) in the array did not validate: (.*)", re.DOTALL)


def own_words(text: str, label: str, *, offered: Sequence[str] = (), is_hidden: bool = False) -> str:
    """What Django says of the field under `label`, as we say it; every other text as it is. `offered`: what there is to
    choose from."""
    if entry := _ENTRY.fullmatch(text):
        number, rest = entry.groups()
        said = own_words(rest, label, offered=offered, is_hidden=is_hidden)
        return f"Entry {number}: {said[:1].lower()}{said[1:]}"
    few = 0 < len(offered) <= MOST_OFFERED
    given = {
        "choose": f"choose one of {', '.join(offered)}" if few else "choose one of those that are offered",
        "deed": "open the page again, then send it" if is_hidden else "check it, or leave it out",
        "label": label,
    }
    for pattern, words in SENTENCES:
        if match := re.fullmatch(pattern, text, re.DOTALL):
            return words.format(*match.groups(""), **given)
    return text
