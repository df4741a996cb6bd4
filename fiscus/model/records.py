"""What the law adds to a draft, and what the journal remembers of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from fiscus.model.closings import Closing
from fiscus.model.documents import Draft
from fiscus.model.faults import Fault, Notice
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


class SeriesPurpose(StrEnum):
    """What a series is registered for. `recovery`: documents of another program or of pads of paper
    that are entered again with the number they had."""

    NORMAL = "normal"
    TRAINING = "training"
    RECOVERY = "recovery"


class SeriesWanted(msgspec.Struct, frozen=True, kw_only=True):
    """The counter a draft draws from, as the regime names it.

    `channel` is the authority's channel that must register the series before its first use
    (empty: nobody must); `facts` is what that channel wants to know besides. `said` is the name
    as a caller would say it; `is_default`: the caller said none, so another name serves as well.
    """

    document_type: str
    name: str
    purpose: SeriesPurpose = SeriesPurpose.NORMAL
    channel: str = ""
    facts: Mapping[str, str] = {}
    said: str = ""
    is_default: bool = False

    @property
    def is_training(self) -> bool:
        return self.purpose is SeriesPurpose.TRAINING


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The next place in a series. Nothing is taken by looking at it.

    `carried` is what the last seal of the series left for this one (empty at the start),
    `opened_on` the first day of the series, as an authority has it: it holds nothing older.
    """

    series: Series
    number: int
    carried: str = ""
    last_record: str = ""
    last_day: date | None = None
    last_at: datetime | None = None
    opened_on: date | None = None


class AssessedPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a composed line, under the line's rate and with its sign."""

    text: str
    product: str
    quantity: Decimal
    net: Decimal
    vat: Decimal
    gtin: str = ""
    product_group: str = ""
    product_group_name: str = ""


class AssessedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line as the law sees it. Amounts unrounded, net and VAT always positive;
    `unit_price` is net of VAT and of all discounts; `is_debit` tells the side. `case` is the
    law's word for the business case, `voucher` the number of the voucher sold or redeemed. Lines of
    one `number` are one line under several rates. `gtin`, `product_group`, `product_group_name` and
    `is_eaten_in` are the draft's, `serial` the serial number of the thing that is sold; `parts` are
    those of its parts that stand under this rate."""

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
    gtin: str = ""
    product_group: str = ""
    product_group_name: str = ""
    is_eaten_in: bool | None = None
    parts: tuple[AssessedPart, ...] = ()
    voucher: str = ""
    serial: str = ""


class TaxShare(msgspec.Struct, frozen=True, kw_only=True):
    """What a document comes to under one tax of one region, in cents; the shares of a document
    add up to its totals."""

    region: str
    tax_type: str
    tax_code: str
    percentage: Decimal
    net: Decimal
    vat: Decimal


class AssessedPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment in the law's words. `amount` is in the document's currency, signed;
    `foreign_amount` is there for another currency."""

    type: str
    amount: Decimal
    name: str = ""
    currency: str = ""
    foreign_amount: Decimal | None = None
    is_cash: bool = False


class DeviceSigning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    time of entry; `net`, `vat`, `gross` the fiscal totals with two decimals, `taxes` the same by
    tax, where the law states them; `notices` what the caller must know; `code` the unique document
    code; `qr` the text of the QR code; `excerpt` the printed characters of the
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
    lines: tuple[AssessedLine, ...] = ()
    taxes: tuple[TaxShare, ...] = ()
    payments: tuple[AssessedPayment, ...] = ()
    notices: tuple[Notice, ...] = ()
    signing: DeviceSigning | None = None
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


class CallerWords(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own words: which API family and version, and the operation as JSON text."""

    family: str
    version: str
    text: str


class TakenNumber(msgspec.Struct, frozen=True, kw_only=True):
    """Which series and number a document took."""

    series: str
    name: str
    number: int
    previous: str = ""


class StatedRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a row of a table is after an entry: values by column, None if the row is gone.

    Texts, whole numbers and None; bytes of a secret as `sha256:<hex>`.
    """

    table: str
    key: str
    row: dict[str, str | int | None] | None


class EntryBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a register's chain. Encoded once, hashed and kept as those bytes.

    `chain` is the register's id; `previous` the hex link of the chain's entry before (64 zeros for
    the first). `relies` are the links of the entries it rests on, by name: master data, series, the
    record it refers to. `intent` is the intention a document concludes, `refers` the record it
    corrects or cancels, or the first order of its tab. Exactly one of `seal` (issued) and `faults`
    (refused) is there for a document. `closing` holds what a closing counted; `note` why a device
    was out; `session` the cash session an intention fell into. `by` is the API key, command or
    chore that ordered it, `claim` binds the idempotency key that is answered with this entry,
    `rows` is what it makes of other tables.
    """

    id: str
    kind: str
    chain: str
    epoch: int
    sequence: int
    previous: str
    at: datetime
    place: PlaceRef
    relies: Mapping[str, str]
    said: CallerWords | None = None
    intent: str = ""
    refers: str = ""
    draft: Draft | None = None
    numbered: TakenNumber | None = None
    seal: Seal | None = None
    faults: tuple[Fault, ...] = ()
    closing: Closing | None = None
    note: str = ""
    session: str = ""
    claim: str = ""
    by: str = ""
    rows: tuple[StatedRow, ...] = ()

    @property
    def register(self) -> str:
        """The register whose chain it is."""
        return self.chain


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One journal entry as read back: what was said, and the proof around it.

    `link` is the hex link of the chain, `key` the id of the key that signed, `signature` the third
    part of the JWS with detached payload over the stored bytes; `used_in` the record that
    concluded, corrected or cancelled this one.
    """

    kind: str
    body: EntryBody
    stored: bytes
    link: str
    key: str
    signature: str
    used_in: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A draft with its place and its context: all that the law may look at, and nothing else.

    `slot` is None for acts that take no number. `original` is the record the draft refers to,
    `notes` the documents that refer to it and stand (cancelled ones left out), `begun` the drafts
    of those that a device is signing just now, `is_original_void` whether it was cancelled,
    `is_original_declared` whether a person said that the file of its month was handed in;
    `is_external_ours`: what the draft names as a document from outside was issued here. `tab` is
    the first order of the draft's tab and what was recorded for it since, oldest first.
    `latest_at` is the entry time of the taxpayer's last document in any series. `remembered` is
    what the law has remembered of earlier documents, under the keys it asked for. `settings` are
    the regime's own settings of this installation. `is_number_claimed`: the draft's `reference` may
    be a number that the register's program has printed, and is to be compared. `drawer` is the cash
    that the drawer holds, where the draft takes some out of it (None: it takes none, or no cash
    session is in progress).
    """

    draft: Draft
    place: Place
    at: datetime
    slot: Slot | None = None
    original: EntryBody | None = None
    is_original_void: bool = False
    is_original_declared: bool = False
    is_external_ours: bool = False
    notes: tuple[EntryBody, ...] = ()
    tab: tuple[EntryBody, ...] = ()
    begun: tuple[Draft, ...] = ()
    drawer: Decimal | None = None
    latest_at: datetime | None = None
    remembered: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}
    is_live: bool = False
    is_number_claimed: bool = False
