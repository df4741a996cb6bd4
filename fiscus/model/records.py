"""What the law adds to a draft, and what the journal remembers of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from fiscus.model.closings import Closing
from fiscus.model.documents import Draft
from fiscus.model.faults import Fault
from fiscus.model.places import Place

GENESIS = "0" * 64
"""What the first entry of a register's chain names as its predecessor's link."""


class PlaceRef(msgspec.Struct, frozen=True, kw_only=True):
    """A place by ids and versions: what a journal entry keeps; the versions are in the registry."""

    organization: str
    taxpayer: str
    taxpayer_version: int
    location: str
    location_version: int
    register_version: int


class Series(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A gapless counter of a taxpayer; `validation_code` is the authority's, if the law has one."""

    id: str
    taxpayer: str
    document_type: str
    name: str
    is_training: bool = False
    validation_code: str = ""


class SeriesWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The counter a draft draws from, as the regime names it.

    `channel` is the authority's channel that must register the series before its first use
    (empty: nobody must); `facts` is what that channel wants to know besides.
    """

    document_type: str
    name: str
    is_training: bool = False
    channel: str = ""
    facts: Mapping[str, str] = {}


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The next place in a series. Nothing is taken by looking at it.

    `carried` is what the last seal of the series left for this one (empty at the start).
    """

    series: Series
    number: int
    carried: str = ""
    last_record: str = ""
    last_day: date | None = None
    last_at: datetime | None = None


class Assessed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line as the law sees it. Amounts unrounded, net and VAT always positive;
    `unit_price` is net of VAT and of all discounts; `is_debit` tells the side. `case` is the
    law's word for the business case. Lines of one `number` are one line under several rates."""

    number: int
    product: str
    text: str
    quantity: Decimal
    measure: str
    unit_price: Decimal
    net: Decimal
    vat: Decimal
    region: str
    tax_type: str
    tax_code: str
    percentage: Decimal
    exemption: str = ""
    exemption_text: str = ""
    is_debit: bool = False
    is_service: bool = False
    discount: Decimal = Decimal(0)
    original_line: int = 0
    case: str = ""
    unit_gross: Decimal = Decimal(0)


class Paid(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment in the law's words. `amount` is in the document's currency, signed;
    `foreign_amount` is there for another currency."""

    type: str
    amount: Decimal
    name: str = ""
    currency: str = ""
    foreign_amount: Decimal | None = None
    is_cash: bool = False


class Signing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a foreign device made of a transaction. `serial` is hex, `signature` and `public_key`
    (uncompressed point) are base64, instants are UTC as the device logged them."""

    serial: str
    client: str
    number: int
    process_type: str
    process_data: str
    started_at: datetime
    finished_at: datetime
    counter: int
    signature: str
    algorithm: str
    time_format: str
    public_key: str


class Seal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the law adds to a draft.

    `number` is the legal document number; `day` and `entered` the document's date and the local
    time of entry; `net`, `vat`, `gross` the fiscal totals with two decimals; `code` the unique
    document code; `qr` the text of the QR code; `excerpt` the printed characters of the
    signature; `carry` what the next seal of the series builds on; `outage` why there is no
    signature, where the law lets a sale go without.
    """

    number: str
    document_type: str
    day: date
    entered: datetime
    net: Decimal
    vat: Decimal
    gross: Decimal
    lines: tuple[Assessed, ...] = ()
    payments: tuple[Paid, ...] = ()
    signing: Signing | None = None
    signed_text: str = ""
    signature: str = ""
    carry: str = ""
    key_version: str = ""
    code: str = ""
    qr: str = ""
    excerpt: str = ""
    certificate: str = ""
    prints: tuple[str, ...] = ()
    facts: Mapping[str, str] = {}
    outage: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own words: which API family and version, and the operation as JSON text."""

    family: str
    version: str
    text: str


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """Which series and number a document took."""

    series: str
    name: str
    number: int
    previous: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One journal entry. Encoded once, hashed and kept as those bytes.

    `previous` is the hex hash of the register's entry before (64 zeros for the first).
    `intent` is the intention a document concludes, `refers` the record it corrects or cancels.
    Exactly one of `seal` (issued) and `faults` (refused) is there for a document. `closing` holds
    what a closing counted; `note` why a device was out; `session` the cash session an intention
    fell into.
    """

    id: str
    register: str
    sequence: int
    previous: str
    at: datetime
    place: PlaceRef
    said: Said | None = None
    intent: str = ""
    refers: str = ""
    draft: Draft | None = None
    numbered: Numbered | None = None
    seal: Seal | None = None
    faults: tuple[Fault, ...] = ()
    closing: Closing | None = None
    note: str = ""
    session: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One journal entry as read back: what was said, and the proof around it.

    `jws` is the flattened compact JWS with detached payload over the stored bytes; `link` the hex
    SHA-256 chain hash; `used_in` the record that concluded, corrected or cancelled this one.
    """

    kind: str
    body: Body
    stored: bytes
    link: str
    signature: str
    used_in: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with its place and its context: all that the law may look at, and nothing else.

    `slot` is None for acts that take no number. `original` is the record the draft refers to,
    `notes` the standing corrections of it (cancelled ones left out), `is_original_void` whether it
    was cancelled. `latest_at` is the entry time of the taxpayer's last document in any series.
    `descriptions` are the product descriptions already frozen, by product code.
    `settings` are the regime's own settings of this installation.
    """

    draft: Draft
    place: Place
    at: datetime
    slot: Slot | None = None
    original: Body | None = None
    is_original_void: bool = False
    notes: tuple[Body, ...] = ()
    latest_at: datetime | None = None
    descriptions: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}
    is_live: bool = False
