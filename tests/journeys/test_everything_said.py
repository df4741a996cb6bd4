"""Whatever a document of the Unified API says is used, checked, refused or in the list of what is
kept: every member of every version, found in the shapes themselves, so that a new one must be
decided."""

import re
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fiscus.api.families.unified.wire import intentions, transactions, v2026_06_01
from tests.journeys.test_lisbon_cafe import SAFT, audit_file, number
from tests.journeys.test_lisbon_refusals import expect_clean
from tests.journeys.test_versions import LATER
from tests.support import words
from tests.support.body_places import STEP, expect_there, named, transaction
from tests.support.everything import (
    BY,
    CONSUMER,
    EFFECTS,
    MECHANISMS,
    TOTALS,
    USED,
    USED_OF_CONSUMERS,
    WAYS,
    WRONG,
    WRONG_ELSEWHERE,
    an_invoice,
    earlier,
    paid,
)
from tests.support.members import members
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs

GUIDE = Path(__file__).parents[2] / "docs" / "portugal.md"
KEPT_MAX = 15

KEPT = {
    "`document.text`": "document.text",
    "`entries[].details.description`, `label`, `regulatory`": (
        "entries.details.(description|label|regulatory)"
    ),
    "`properties`, of whatever": ".*properties",
    "`product.details`: `name`, `brand`, `model`, `label`, `batch`": (
        "entries.data(.items)?.product.details.(name|brand|model|label|batch)"
    ),
    "`text`, `unit.measure`, `product` of the `items[]` of a group": (
        "entries.data.items.(text|unit.measure|product.number)"
    ),
    "`payments[].number`": "payments.number",
    "`payments[].concept`": "payments.concept",
    "`details.creators[].name`": "details.creators.name[.].*",
    "`recipients[].name.gender`": "recipients.name.gender",
    "`details` of an intention": "intention.details.(creators.label|properties)",
}
"""The rows of the guide, and the members that each stands for."""

ELSEWHERE = {
    "entries.data.value.base": "net or gross, as tills do; of an exempt line it is the worth",
    "entries.data.items.value.base": "the same",
}


def normal(place: str) -> str:
    return re.sub(r"\[[0-9]+\]", "", place)


def put(operation: Json, place: str, value: Any) -> Json:
    changed = deepcopy(operation)
    *steps, last = STEP.findall(place)
    node: Any = changed
    for step in steps:
        if step.startswith("["):
            node = node[int(step[1:-1])]
        else:
            node = node.setdefault(step, {"country": "PT"})
    node[last] = value
    return changed


def is_of(place: str, said: set[str]) -> bool:
    """Whether one of these is the place, or holds it."""
    return any(place == one or place.startswith(f"{one}.") for one in said)


def is_kept(place: str) -> bool:
    return any(re.fullmatch(pattern, place) for pattern in KEPT.values())


def test_every_member_of_a_document_is_used_checked_refused_or_kept() -> None:
    shapes = (transactions.Receipt, transactions.Invoice, v2026_06_01.Receipt, v2026_06_01.Invoice)
    said = set().union(*map(members, shapes))
    decided = {normal(each) for each in (*USED, *USED_OF_CONSUMERS, *WRONG, *WRONG_ELSEWHERE)}

    open_ = {x for x in said if not is_of(x, decided | EFFECTS.keys() | ELSEWHERE.keys())}

    assert {x for x in open_ if not is_kept(x)} == set()
    assert {x for x in decided | EFFECTS.keys() if not (is_of_any(x, said))} == set()


def is_of_any(place: str, said: set[str]) -> bool:
    return any(one == place or one.startswith(f"{place}.") for one in said)


def test_every_member_of_the_other_operations_is_one_of_a_document_or_named_here() -> None:
    """What corrects, cancels, aborts or begins something."""
    document = members(v2026_06_01.Invoice) | members(v2026_06_01.Receipt)
    document |= members(transactions.Invoice) | members(transactions.Receipt)
    own = {"record.id", "record.offset", "reason"}
    own |= {"preceding_document.number", "preceding_document.issued_at"}
    for shape in (
        transactions.Correction,
        transactions.Cancellation,
        transactions.Abort,
        v2026_06_01.Correction,
        intentions.TransactionIntention,
    ):
        left = {x.removeprefix("data.") for x in members(shape)} - document
        assert left <= own, shape


def test_the_list_of_what_is_kept_is_that_of_the_guide_and_short() -> None:
    section = GUIDE.read_text().partition("**Kept, not printed.**")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")]

    assert rows[2:] == list(KEPT)
    assert len(KEPT) <= KEPT_MAX
    never = "amount|price|quantity|discount|percentage|vat|date|issued|references|identification"
    for pattern in KEPT.values():
        assert not re.search(never, pattern), pattern


def texts_of(root: etree._Element) -> str:
    return "\n".join(node.text for node in root.iter() if node.text)


def test_what_is_used_stands_in_the_audit_file(
    premises: Premises, till: Till, tmp_path: Path, shared_data: Path
) -> None:
    """References, delivery, terms of payment and the names of payments were taken and never
    exported; the items of a group were ignored."""
    speaking = till.speaking(LATER)
    invoice = speaking.sells(an_invoice())
    receipt = speaking.sells(paid(*WAYS))
    of_consumer = an_invoice(recipients=[CONSUMER])
    of_consumer["document"]["series"] = "CONSUMO-2026"
    speaking.sells(of_consumer)
    trained = an_invoice(details={**BY, "training": True})
    training = speaking.sells(trained)
    for earlier_version in (an_invoice(), paid(*WAYS)):
        earlier_version["document"]["series"] = "ANTES-2026"
        till.sells(earlier(earlier_version))

    root = expect_clean(premises, till, tmp_path, shared_data)

    issued = {one.findtext(f"{SAFT}InvoiceNo"): one for one in root.iter(f"{SAFT}Invoice")}
    assert number(training) not in issued
    whole = texts_of(issued[number(invoice)]) + texts_of(root.find(f"{SAFT}MasterFiles"))
    assert {
        place: text for place, text in (USED | USED_OF_CONSUMERS).items() if text not in whole
    } == {}
    kept = re.findall(r"[^\n]*(?:-K|-k)\b[^\n]*", texts_of(root))
    assert kept == []
    found = [x.text for x in issued[number(receipt)].iter(f"{SAFT}PaymentMechanism")]
    assert found == MECHANISMS
    amounts = [x.text for x in issued[number(receipt)].iter(f"{SAFT}PaymentAmount")]
    assert amounts == [x["details"]["amount"] for x in WAYS]
    taxes = [
        x.findtext(f"{SAFT}Tax/{SAFT}TaxPercentage")
        for x in issued[number(invoice)].iter(f"{SAFT}Line")
    ]
    assert list(map(Decimal, taxes)) == [23, 22, 0, 23, 13]


def outcome(till: Till, operation: Json) -> tuple[bool, str]:
    """Whether it was refused, and with which words."""
    answer = till.concludes(operation)
    if answer.status_code != 200:
        assert answer.status_code in (400, 422, 501), answer.text
        return True, answer.json()["content"]["message"]
    record = answer.json()["content"]
    if record["state"] == "COMPLETED":
        return False, ""
    return True, logs(record)


def test_what_is_wrong_is_refused_at_its_place(till: Till) -> None:
    """A breakdown of 999.99, a price of 99.00, a day of supply in 2099 were sealed."""
    speaking = till.speaking(LATER)
    accepted, elsewhere = [], []
    for place, value in WRONG.items():
        body = put(an_invoice(), place, value)
        is_refused, text = outcome(speaking, body)
        if not is_refused:
            accepted.append(place)
        elif "BODY" not in text:
            expect_there(text, transaction(body))
            if not named(text) and f"content.operation.{place} " not in text:
                elsewhere.append(place)

    assert (accepted, elsewhere) == ([], [])


def test_what_is_wrong_in_other_documents_is_refused_too(till: Till) -> None:
    speaking = till.speaking(LATER)

    accepted = [x for x, said in WRONG_ELSEWHERE.items() if not outcome(speaking, said)[0]]

    assert accepted == []


V4_WRONG = {
    "entries[0].data.unit.price": "99.00",
    "entries[3].data.items[0].unit.price": "99.00",
    **{f"document.total_vat.{name}": "9.99" for name in TOTALS},
    "breakdown[0].amount": "999.99",
    "breakdown[0].percentage": "6",
}


@pytest.mark.parametrize("version", ["2026-02-03", "2026-05-04"])
def test_the_earlier_versions_refuse_the_same(till: Till, version: str) -> None:
    speaking = till.speaking(version)

    found = [
        x
        for x, wrong in V4_WRONG.items()
        if not outcome(speaking, put(earlier(an_invoice()), x, wrong))[0]
    ]

    assert found == []


def test_a_correction_and_a_cancellation_are_read_whole(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    """A reason longer than the file takes was cut."""
    sold = till.sells(words.receipt())
    note = words.correction(sold["id"])
    void = words.cancellation(sold["id"])
    by = {"creators": [{"type": "PERSON", "label": "gerente-Z"}]}
    wrong = {
        "reason": ({**note, "reason": "x" * 51}, {**void, "reason": "x" * 51}),
        "record.id": ({**note, "record": {"id": till.intends()}},),
        "record.offset": (
            {**note, "record": {**note["record"], "offset": "2"}},
            {**void, "record": {**void["record"], "offset": "2"}},
        ),
        "preceding_document.number": (
            {**note, "preceding_document": {"number": "FT Z/9", "issued_at": "2026-11-16"}},
        ),
        "preceding_document.issued_at": (
            {**note, "preceding_document": {"number": number(sold), "issued_at": "2026-11-15"}},
        ),
        "details.training": (
            {**note, "details": {**by, "training": True}},
            {**void, "details": {**by, "training": True}},
        ),
        "details.creators.label": (
            {**void, "details": words.BY | {"creators": [{"type": "PERSON", "label": "x" * 31}]}},
        ),
    }
    accepted = [name for name, said in wrong.items() for x in said if not outcome(till, x)[0]]
    assert accepted == []

    credit = till.sells(note)
    cancelled = till.sells(words.cancellation(credit["id"], "Engano da Zulmira") | {"details": by})
    root = etree.parse(str(audit_file(premises, till, tmp_path))).getroot()
    whole = texts_of(root)
    assert cancelled["type"] == "TRANSACTION::CANCELLATION"
    for text in ("Artigo devolvido", number(sold), "Engano da Zulmira", "gerente-Z"):
        assert text in whole
