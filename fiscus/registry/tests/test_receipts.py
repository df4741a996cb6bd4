from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.journal.tests.bodies import SEAL, a_body
from fiscus.model.documents import DocumentKind, Draft
from fiscus.model.faults import Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import organizations, receipts
from fiscus.registry.organizations import ACCOUNT, GROUP, UNIT
from fiscus.registry.receipts import REMEMBERED, ReceiptAddresses
from fiscus.registry.tests.builders import an_id, an_organization
from fiscus.store.connect import reading, writing

KEY = receipts.key(bytes(range(32)))
ID = "01936f2e-7d3a-7001-8a55-3c5f3d2b1a09"


def test_a_token_is_26_letters_and_digits_and_leads_back_to_its_record() -> None:
    made = receipts.token(KEY, ID)

    assert len(made) == 26
    assert made == made.lower()
    assert receipts.record_of(KEY, made) == ID
    assert receipts.token(KEY, ID) == made


def test_tokens_of_neighbours_are_nothing_alike() -> None:
    one, next_ = receipts.token(KEY, ID), receipts.token(KEY, ID[:-1] + "a")

    assert sum(a == b for a, b in zip(one, next_, strict=True)) < 10


def test_another_key_gives_another_token_and_reads_another_record() -> None:
    other = receipts.key(bytes(32))

    assert receipts.token(other, ID) != receipts.token(KEY, ID)
    assert receipts.record_of(other, receipts.token(KEY, ID)) != ID


def test_capitals_and_digits_that_look_like_letters_are_read_as_meant() -> None:
    made = receipts.token(KEY, ID)
    mistyped = made.upper().replace("O", "0").replace("L", "1").replace("B", "8")

    assert mistyped != made.upper()
    assert receipts.record_of(KEY, mistyped) == ID


def test_each_character_counts() -> None:
    made = receipts.token(KEY, ID)
    for place, was in enumerate(made):
        changed = made[:place] + ("a" if was != "a" else "e") + made[place + 1 :]
        try:
            assert receipts.record_of(KEY, changed) != ID
        except Missing:
            assert place == 25  # the two bits that are too many


@pytest.mark.parametrize(
    "text", ["", "a", "a" * 25, "a" * 27, "9" * 26, "é" * 26, "ſ" * 26, " " * 26, "a" * 25 + "="]
)
def test_what_is_no_token_is_missing(text: str) -> None:
    with pytest.raises(Missing) as trouble:
        receipts.record_of(KEY, text)

    assert trouble.value.code == receipts.UNKNOWN


def test_of_the_last_character_only_one_spelling_counts() -> None:
    made = receipts.token(KEY, ID)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    good = [letter for letter in letters if _is_read(made[:-1] + letter)]

    assert len(good) == 8
    assert made[-1] in good


def _is_read(text: str) -> bool:
    try:
        receipts.record_of(KEY, text)
    except Missing:
        return False
    return True


def test_whoever_is_above_switches_off_for_all_below(engine: Engine) -> None:
    with writing(engine) as tx:
        account = an_organization(tx, ACCOUNT)
        group = an_organization(tx, GROUP, account)
        unit, beside = (an_organization(tx, UNIT, group) for _ in range(2))
        assert organizations.switched_off(tx, unit) == ""

        organizations.switch_receipts(tx, unit, is_on=False, at=MORNING)
        assert organizations.switched_off(tx, unit) == unit
        assert organizations.switched_off(tx, beside) == ""
        organizations.switch_receipts(tx, account, is_on=False, at=MORNING)
        organizations.switch_receipts(tx, unit, is_on=True, at=MORNING)

        assert organizations.switched_off(tx, unit) == account
        assert organizations.read(tx, unit).has_receipts
        assert organizations.switched_off(tx, group) == account


def a_document(organization: str, kind: DocumentKind = DocumentKind.RECEIPT) -> EntryBody:
    made = a_body(EntryKind.DOCUMENT)
    place = msgspec.structs.replace(made.place, organization=organization)
    return msgspec.structs.replace(made, place=place, draft=Draft(kind=kind), seal=SEAL)


def test_a_switch_is_noticed_within_five_seconds(engine: Engine) -> None:
    clock = StandingClock()
    addresses = ReceiptAddresses(engine, clock, KEY, "https://shop.example")
    with writing(engine) as tx:
        unit = an_organization(tx, UNIT)
    body = a_document(unit)
    assert addresses.needs_look(EntryKind.DOCUMENT, body)
    whole = addresses.of(EntryKind.DOCUMENT, body)
    assert whole == f"https://shop.example/r/{receipts.token(KEY, body.id)}"
    assert not addresses.needs_look(EntryKind.DOCUMENT, body)

    with writing(engine) as tx:
        organizations.switch_receipts(tx, unit, is_on=False, at=MORNING)
    clock.now += REMEMBERED - timedelta(microseconds=1)
    assert addresses.of(EntryKind.DOCUMENT, body) == whole
    clock.now += timedelta(microseconds=1)

    with reading(engine) as tx:
        assert addresses.of(EntryKind.DOCUMENT, body, tx) == ""


def test_without_a_public_address_none_is_handed_out(engine: Engine) -> None:
    addresses = ReceiptAddresses(engine, StandingClock(), KEY, "")

    assert not addresses.are_offered
    assert addresses.of(EntryKind.DOCUMENT, a_document(an_id())) == ""


def test_only_what_a_customer_gets_has_a_page(engine: Engine) -> None:
    body = a_document(an_id())
    assert receipts.has_page(EntryKind.DOCUMENT, body)

    for kind in EntryKind:
        assert receipts.has_page(kind, body) is (kind is EntryKind.DOCUMENT)
    for drawn in (DocumentKind.ORDER, DocumentKind.MOVEMENT):
        assert not receipts.has_page(EntryKind.DOCUMENT, a_document(an_id(), drawn))
