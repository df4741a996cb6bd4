"""What a report is made of before any paper is chosen."""

import msgspec


class LabelledValues(msgspec.Struct, frozen=True, kw_only=True):
    """Labels with their values."""

    title: str
    rows: tuple[tuple[str, str], ...]


class FigureTable(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of figures behind one of text; the first of `head` is the text's. `totals` are
    rows like the others, set apart."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, ...], ...] = ()


class TextListing(msgspec.Struct, frozen=True, kw_only=True):
    """Short texts of one kind, in as many columns as the paper has room for."""

    title: str
    items: tuple[str, ...]


Block = LabelledValues | FigureTable | TextListing


class ZReport(msgspec.Struct, frozen=True, kw_only=True):
    """`footer` stands on every page, `page` is its page number with `{page}` and `{pages}`;
    `created` is the time of the record as PDF spells it."""

    title: str
    subtitle: str
    author: str
    language: str
    created: str
    footer: str
    page: str
    blocks: tuple[Block, ...]
