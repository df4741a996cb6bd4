"""The machine-readable code of a receipt, its signature, and the two chains that it continues.

RKSV, annex, Z 4 and 5: the signature before goes into the next one, and so does the sum of all
receipts, encrypted. Both are in what one seal carries to the next, as one text.
"""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC
from decimal import Decimal
from hashlib import sha256

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import Direction, Draft
from fiscus.model.records import Case, Seal, Slot
from fiscus.model.times import local
from fiscus.regimes import SealFlow
from fiscus.signers import EcdsaSha256, EncryptIcm, KeySerial, SignerDown

TIMEZONE = "Europe/Vienna"
HEADER = urlsafe_b64encode(b'{"alg":"ES256"}').rstrip(b"=").decode()
OUT = urlsafe_b64encode(b"Sicherheitseinrichtung ausgefallen").rstrip(b"=").decode()

RATES = (Decimal(20), Decimal(10), Decimal(13), ZERO, Decimal(19))
"""In the order of the code: normal, reduced 1 and 2, zero, special."""

COUNTER_BYTES = 8
TRAINING = b64encode(b"TRA").decode()


def seal(case: Case) -> SealFlow:
    """Sign the receipt with the sum of all before it. A receipt goes out without a signature while
    the signer is out, and says so (RKSV § 17 (4))."""
    slot, draft, register = case.slot, case.draft, case.place.register.id
    assert slot is not None
    turnover, before = carried(slot, register)
    amounts = by_rate(draft)
    serial = yield KeySerial()
    if draft.is_training:
        counter = TRAINING
    else:
        turnover += int(sum(amounts, ZERO) * 100)
        counter = yield EncryptIcm(
            counter=sha256(f"{register}{slot.number}".encode()).digest()[:16],
            message=turnover.to_bytes(COUNTER_BYTES, "big", signed=True),
        )
    at = local(draft.issued_at or case.at, TIMEZONE)
    text = "_".join(
        (
            "",
            "R1-AT0",
            register,
            str(slot.number),
            at.strftime("%Y-%m-%dT%H:%M:%S"),
            *(str(amount).replace(".", ",") for amount in amounts),
            counter,
            serial,
            before,
        )
    )
    signed, outage = f"{HEADER}.{urlsafe_b64encode(text.encode()).rstrip(b'=').decode()}", ""
    try:
        signature = yield EcdsaSha256(signed.encode())
    except SignerDown as down:
        signature, outage = OUT, str(down)
    gross = sum(amounts, ZERO)
    vat = sum((_signed(line.direction, line.vat.amount) for line in draft.lines), ZERO)
    return Seal(
        number=str(slot.number),
        document_type=slot.series.document_type,
        day=at.date(),
        entered=case.at.astimezone(UTC).replace(microsecond=0),
        net=gross - vat,
        vat=vat,
        gross=gross,
        signed_text=text,
        signature=signature,
        carry=f"{turnover} {link(f'{signed}.{signature}')}",
        outage=outage,
        qr=f"{text}_{_plain_base64(signature)}",
    )


def carried(slot: Slot, register: str) -> tuple[int, str]:
    """The sum of all before, in cents, and the link to the receipt before: the first one's is to
    the register itself."""
    if not slot.carried:
        return 0, link(register)
    turnover, before = slot.carried.split(" ")
    return int(turnover), before


def link(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()[:8]).decode()


def by_rate(draft: Draft) -> tuple[Decimal, ...]:
    """Gross by rate, in the order of `RATES`."""
    return tuple(
        cents_half_up(
            sum(
                (
                    _signed(line.direction, line.vat.inclusive)
                    for line in draft.lines
                    if line.vat.percentage == rate
                ),
                ZERO,
            )
        )
        for rate in RATES
    )


def _plain_base64(signature: str) -> str:
    """As it stands on paper, where an underscore parts the members."""
    raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return b64encode(raw).decode()


def _signed(direction: Direction, amount: Decimal) -> Decimal:
    return -amount if direction is Direction.RETURN else amount
