"""Names of people and businesses."""

from unicodedata import combining, normalize


def folded(name: str) -> str:
    """A name without what people spell differently: case, accents, blanks, punctuation."""
    letters = (each for each in normalize("NFKD", name.casefold()) if not combining(each))
    return "".join(each for each in letters if each.isalnum())
