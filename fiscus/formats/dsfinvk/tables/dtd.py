"""The document type of index.xml, and how to tell whether another one says the same."""

import re

FILE = "gdpdu-01-09-2004.dtd"

_TEXTS = """
    AcceptNoTables Accuracy ColumnDelimiter Command Comment DecimalSymbol Description
    DigitGroupingSymbol Epoch Format From ImpliedAccuracy Length Location MaxLength Name
    RecordDelimiter References SkipNumBytes TextEncapsulator To URL Version
"""

_EMPTIES = "AlphaNumeric ANSI Macintosh OEM UTF16 UTF7 UTF8"

_FIXED = "(Name, Description?, (Numeric | AlphaNumeric | Date), Map*, FixedRange)"
_VARIABLE = "(Name, Description?, (Numeric | (AlphaNumeric, MaxLength?) | Date), Map*)"

_PARTS = {
    "DataSet": "(Extension*, Version, DataSupplier?, Command*, Media+, Command*)",
    "Extension": "(Name, URL)",
    "DataSupplier": "(Name, Location, Comment)",
    "Media": "(Name, Command*, Table*, Command*, AcceptNoTables?)",
    "Table": (
        "(URL, Name?, Description?, Validity?, (ANSI | Macintosh | OEM | UTF16 | UTF7 | UTF8)?, "
        "(DecimalSymbol, DigitGroupingSymbol)?, SkipNumBytes?, Range?, Epoch?, "
        "(VariableLength | FixedLength))"
    ),
    "Validity": "(Range, Format?)",
    "Range": "(From, (To | Length)?)",
    "VariableLength": (
        "(ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?, "
        "((VariablePrimaryKey+, VariableColumn*) | (VariableColumn+)), ForeignKey*)"
    ),
    "VariablePrimaryKey": _VARIABLE,
    "VariableColumn": _VARIABLE,
    "FixedLength": (
        "((Length | RecordDelimiter)?, ((FixedPrimaryKey+, FixedColumn*) | (FixedColumn+)), "
        "ForeignKey*)"
    ),
    "FixedPrimaryKey": _FIXED,
    "FixedColumn": _FIXED,
    "FixedRange": "(From, (To | Length))",
    "Numeric": "((ImpliedAccuracy | Accuracy)?)",
    "Date": "(Format?)",
    "Map": "(Description?, From, To)",
    "ForeignKey": "(Name+, References, Alias*)",
    "Alias": "(From, To)",
}

_ELEMENT = "<!ELEMENT"
_COMMENT, _COMMENT_END = "<!--", "-" * 2 + ">"
_PROLOGUE = re.compile(r"<\?xml[^<>]*\?>")


def dtd() -> str:
    """The grammar of 2004-09-01, version 1.5: structures first, then plain values."""
    models = dict(_PARTS)
    models |= dict.fromkeys(_TEXTS.split(), "(#PCDATA)")
    models |= dict.fromkeys(_EMPTIES.split(), "EMPTY")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!-- Which files a data medium holds and how their columns are to be read. -->",
        *(f"<!ELEMENT {name} {model}>" for name, model in models.items()),
    ]
    return "\n".join(lines) + "\n"


def declarations(text: str) -> dict[str, str] | None:
    """Each element with its content model, spaces removed; None if there is anything else."""
    bare = _without_comments(text.removeprefix("\ufeff")).strip()
    prologue = _PROLOGUE.match(bare)
    rest = bare[prologue.end() :] if prologue else bare
    before, *parts = rest.split(_ELEMENT)
    found: dict[str, str] = {}
    for part in parts:
        said, end, after = part.partition(">")
        name, _, model = " ".join(said.split()).partition(" ")
        if not end or after.strip() or "<" in said or not model or name in found:
            return None
        found[name] = model.replace(" ", "")
    return None if before.strip() else found


def _without_comments(text: str) -> str:
    """A comment without an end is left: it is no declaration."""
    first, *rest = text.split(_COMMENT)
    parts = [first]
    for one in rest:
        inside, end, after = one.partition(_COMMENT_END)
        parts.append(after if end else f"{_COMMENT}{inside}")
    return "".join(parts)
