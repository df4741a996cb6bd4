"""Groups of orders through a real desk: what each leaves, and what it must not disturb."""

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.issuing import errands
from fiscus.issuing.answers import Done, Failed, SeriesNeeded, Waiting
from fiscus.issuing.issue import carry_out
from fiscus.issuing.tests.counter import (
    SAID,
    Counter,
    a_cancellation,
    a_correction,
    a_line,
    a_receipt,
    done,
    failure,
)
from fiscus.journal import read
from fiscus.model.documents import ClosingType, Draft, Kind
from fiscus.model.faults import Fault
from fiscus.model.orders import Enter
from fiscus.model.records import Series
from fiscus.registry import registers, taxpayers
from fiscus.registry.tests.builders import (
    a_shop,
    another_register,
    move_register,
    move_taxpayer,
)
from fiscus.registry.things import Mode, State
from fiscus.signers import Signer, SignerDown, SignRequest
from fiscus.store.connect import reading, writing

UNLAWFUL = a_receipt(series="no good name!")


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    """In Portugal, where documents are signed and series registered."""
    return Counter(engine, "pt", tmp_path)


@pytest.fixture
def plain(engine: Engine) -> Counter:
    """In Italy, as far as we know its law: numbers only."""
    return Counter(engine, "it")


@pytest.mark.parametrize("regime", ["pt", "it"])
def test_a_group_is_numbered_in_the_order_it_came(
    engine: Engine, tmp_path: Path, regime: str
) -> None:
    counter = Counter(engine, regime, tmp_path)
    orders = [counter.issue(a_receipt(), intent) for intent in counter.intends(6)]
    bodies = [done(answer).body for answer in counter.settled(*orders)]

    numbered = [body.numbered for body in bodies if body.numbered]
    assert [one.number for one in numbered] == [1, 2, 3, 4, 5, 6]
    assert [one.previous for one in numbered] == ["", *(body.id for body in bodies[:-1])]
    assert [body.sequence for body in bodies] == [*range(7, 13)]
    counter.assert_proved()


@pytest.mark.parametrize("keeps", [True, False])
def test_refused_neighbours_leave_no_gap(counter: Counter, keeps: bool) -> None:
    counter.sells(a_receipt())
    drafts = [a_receipt(), UNLAWFUL, a_receipt(), UNLAWFUL, UNLAWFUL, a_receipt()]
    intents = counter.intends(len(drafts))
    orders = [
        counter.issue(draft, intent, keeps_refusals=keeps)
        for draft, intent in zip(drafts, intents, strict=True)
    ]
    answers = counter.together(*orders)

    assert counter.numbers() == [1, 2, 3, 4]
    refused = [answer for answer, draft in zip(answers, drafts, strict=True) if draft is UNLAWFUL]
    if keeps:
        assert [done(answer).kind for answer in refused] == ["refusal@1"] * 3
        assert {done(answer).body.faults[0].code for answer in refused} == {"PT-SERIES-01"}
    else:
        assert [failure(answer) for answer in refused] == ["ISSUE-LAW-01"] * 3
    counter.assert_proved()


def test_a_refusal_concludes_its_intention_but_a_refused_request_does_not(
    counter: Counter,
) -> None:
    counter.sells(a_receipt())
    kept, given_back = counter.intends(2)
    counter.together(counter.issue(UNLAWFUL, kept))
    counter.together(counter.issue(UNLAWFUL, given_back, keeps_refusals=False))

    again = counter.together(
        counter.issue(a_receipt(), kept), counter.issue(a_receipt(), given_back)
    )

    assert failure(again[0]) == "ISSUE-INTENT-03"
    assert done(again[1]).body.intent == given_back


def test_what_the_request_itself_lacks_is_sent_back_even_where_refusals_are_kept(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    wish = msgspec.structs.replace(a_cancellation(receipt.id), reason=" ")

    assert failure(counter.together(counter.issue(wish))[0]) == "PT-NOTE-01"


def test_the_same_key_twice_in_a_group_is_one_document(plain: Counter) -> None:
    plain.sells(a_receipt())
    order = plain.issue(a_receipt(), claim=plain.claim("key", metadata='{"table":"4"}'))
    first, second = plain.together(order, order)

    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert first.record == second.record
    assert (first.is_replay, second.is_replay) == (False, True)
    assert plain.numbers() == [1, 2]


def test_the_same_key_later_gives_the_same_answer_from_any_process(plain: Counter) -> None:
    order = plain.issue(a_receipt(), claim=plain.claim("key", metadata='{"table":"4"}'))
    first = plain.settled(order)[0]
    plain.clock.move(days=400)
    again = plain.together(order, desk=plain.another_desk())[0]

    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert again.is_replay
    assert msgspec.structs.replace(again, is_replay=False) == first


def test_a_trouble_is_replayed_too(plain: Counter) -> None:
    order = plain.issue(a_receipt(), intent="0196a1f2-0000-7c3d-9e4f-0123456789ab")
    first, again = plain.together(order)[0], plain.together(order)[0]

    assert failure(first) == failure(again) == "ISSUE-INTENT-01"
    assert isinstance(again, Failed)
    assert again.is_replay


def test_the_same_key_with_another_request_is_a_conflict(plain: Counter) -> None:
    plain.sells(a_receipt())
    one, two = plain.intends(2)
    first = plain.issue(a_receipt(), one, claim=plain.claim("key", "digest"))
    other = plain.issue(a_receipt(), two, claim=plain.claim("key", "another"))

    answers = plain.together(first, other)
    later = plain.together(other)

    assert done(answers[0]).body.intent == one
    assert failure(answers[1]) == failure(later[0]) == "ISSUE-KEY-01"
    assert plain.numbers() == [1, 2]


def test_an_intention_is_concluded_once_within_a_group_and_after_it(plain: Counter) -> None:
    plain.sells(a_receipt())
    intent = plain.intends()[0]
    answers = plain.together(*(plain.issue(a_receipt(), intent) for _ in range(2)))

    assert done(answers[0]).body.intent == intent
    assert failure(answers[1]) == "ISSUE-INTENT-03"
    assert failure(plain.together(plain.issue(a_receipt(), intent))[0]) == "ISSUE-INTENT-03"


def test_only_an_intention_can_be_concluded(plain: Counter) -> None:
    receipt = plain.sells(a_receipt())

    answer = plain.together(plain.issue(a_receipt(), receipt.id))[0]

    assert failure(answer) == "ISSUE-INTENT-02"


def test_another_organization_sees_neither_register_nor_intention_nor_document(
    plain: Counter,
) -> None:
    receipt = plain.sells(a_receipt())
    intent = plain.intends()[0]
    with writing(plain.engine) as tx:
        stranger = a_shop(tx)
    elsewhere = plain.together(plain.open(stranger.register, organization=stranger.organization))

    answers = plain.together(
        plain.open(organization=stranger.organization),
        plain.issue(a_receipt(), intent, organization=stranger.organization),
        plain.issue(
            a_correction(receipt.id),
            done(elsewhere[0]).body.id,
            organization=stranger.organization,
        ),
        plain.open("0196a1f2-0000-7c3d-9e4f-0123456789ab"),
    )

    assert [failure(answer) for answer in answers] == [
        "ISSUE-PLACE-02",
        "ISSUE-INTENT-01",
        "ISSUE-ORIGINAL-01",
        "ISSUE-PLACE-02",
    ]


def test_a_kind_that_the_law_does_not_know_is_refused(plain: Counter) -> None:
    invoice = plain.issue(a_receipt(kind=Kind.INVOICE))

    assert failure(plain.together(invoice)[0]) == "ISSUE-KIND-01"


@pytest.mark.parametrize("mode", [Mode.SUSPENDED, None])
@pytest.mark.parametrize("what", ["taxpayer", "register"])
def test_only_who_is_in_service_issues(plain: Counter, what: str, mode: Mode | None) -> None:
    intent = plain.intends()[0]
    plain.sells(a_receipt())
    with writing(plain.engine) as tx:
        register = registers.read(tx, plain.shop.organization, plain.shop.register)
        to = (State.COMMISSIONED, mode) if mode else (State.DECOMMISSIONED, Mode.INACTIVE)
        if what == "register":
            move_register(tx, plain.shop.organization, register, to)
        elif mode:
            move_taxpayer(tx, taxpayers.by_id(tx, plain.shop.taxpayer), to)
        else:
            pytest.skip("a taxpayer leaves after its registers")

    answers = plain.together(plain.open(), plain.issue(a_receipt(), intent))

    assert [failure(answer) for answer in answers] == ["ISSUE-PLACE-01"] * 2


def test_a_clock_that_slipped_back_a_little_is_held(counter: Counter) -> None:
    before = counter.sells(a_receipt())
    counter.clock.move(minutes=-5)
    held = counter.sells(a_receipt())

    assert held.at == before.at
    assert held.seal is not None
    assert before.seal is not None
    assert held.seal.entered == before.seal.entered
    counter.assert_proved()


def test_a_clock_that_is_far_behind_stops_issuing_until_it_is_set_right(counter: Counter) -> None:
    counter.sells(a_receipt())
    intent = counter.intends()[0]
    order = counter.issue(a_receipt(), intent)
    counter.clock.move(minutes=-11)
    assert [failure(answer) for answer in counter.together(order, counter.open())] == [
        "ISSUE-CLOCK-01"
    ] * 2

    counter.clock.move(minutes=11)
    assert done(counter.together(order)[0]).body.intent == intent
    assert counter.numbers() == [1, 2]


def test_a_clock_that_leaps_forward_is_believed(counter: Counter) -> None:
    counter.sells(a_receipt())
    counter.clock.move(days=40)
    later = counter.sells(a_receipt())

    assert later.at == counter.clock()


def test_the_clock_is_held_for_all_registers_of_a_taxpayer(counter: Counter) -> None:
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    intent = counter.intends(register=other)[0]
    counter.clock.move(minutes=5)
    before = counter.sells(a_receipt())
    counter.clock.move(minutes=-4)
    held = counter.sells(a_receipt(), intent=intent)

    assert before.seal is not None
    assert held.at == before.seal.entered


def test_a_series_is_set_aside_then_registered_and_then_it_works(counter: Counter) -> None:
    order = counter.issue(a_receipt())
    needed = counter.together(order)[0]

    assert isinstance(needed, SeriesNeeded)
    assert (needed.wanted.document_type, needed.wanted.name) == ("FR", "LOJA")
    assert counter.numbers() == []
    counter.prepare(needed)
    receipt = done(counter.together(order)[0]).body
    assert receipt.seal is not None
    assert (receipt.seal.number, receipt.seal.code[8:]) == ("FR LOJA/1", "-1")


def test_no_series_is_registered_for_a_document_that_is_not_lawful(counter: Counter) -> None:
    answer = counter.together(counter.issue(UNLAWFUL))[0]

    assert done(answer).kind == "refusal@1"


def test_what_an_authority_has_against_a_series_becomes_a_refusal(counter: Counter) -> None:
    from_outside = (Fault(code="ISSUE-SERIES-01", text="the authority said no"),)
    waiting = Waiting(order=counter.issue(a_receipt()), faults=from_outside)
    answer = counter.together(waiting)[0]

    assert done(answer).body.faults == from_outside
    assert counter.numbers() == []


def test_corrections_of_one_document_in_one_group_know_of_each_other(counter: Counter) -> None:
    receipt = counter.sells(a_receipt(a_line("4.92", quantity=2)))
    counter.sells(a_correction(counter.sells(a_receipt()).id))
    back = a_correction(receipt.id, a_line(number="1"))
    orders = [counter.issue(back, intent) for intent in counter.intends(3)]
    answers = [done(answer) for answer in counter.together(*orders)]

    assert [answer.kind for answer in answers] == ["document@1", "document@1", "refusal@1"]
    assert "PT-NOTE-04" in {fault.code for fault in answers[2].body.faults}
    counter.assert_proved()


def test_a_cancellation_in_the_same_group_stops_a_correction_and_a_second_one(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    counter.sells(a_correction(counter.sells(a_receipt()).id))
    drafts = [
        a_cancellation(receipt.id),
        a_correction(receipt.id),
        a_cancellation(receipt.id),
    ]
    intents = counter.intends(3)
    orders = [counter.issue(draft, intent) for draft, intent in zip(drafts, intents, strict=True)]
    answers = [done(answer) for answer in counter.together(*orders)]

    assert [answer.kind for answer in answers] == ["void@1", "refusal@1", "refusal@1"]
    assert [answer.body.faults[0].code for answer in answers[1:]] == ["PT-NOTE-03", "PT-VOID-02"]


def test_a_correction_is_credited_again_after_it_was_cancelled_in_the_same_group(
    counter: Counter,
) -> None:
    receipt = counter.sells(a_receipt())
    note = counter.sells(a_correction(receipt.id))
    drafts = [a_correction(receipt.id), a_cancellation(note.id), a_correction(receipt.id)]
    intents = counter.intends(3)
    orders = [counter.issue(draft, intent) for draft, intent in zip(drafts, intents, strict=True)]
    kinds = [done(answer).kind for answer in counter.together(*orders)]

    assert kinds == ["refusal@1", "void@1", "document@1"]


def test_a_product_keeps_its_description_within_a_group_and_for_ever(counter: Counter) -> None:
    one, other = (a_line(text=text, product="cafe") for text in ("Café", "Galão"))
    counter.sells(a_receipt())
    orders = [
        counter.issue(a_receipt(line), intent)
        for line, intent in zip((one, other, one), counter.intends(3), strict=True)
    ]
    kinds = [done(answer).kind for answer in counter.together(*orders)]
    later = counter.together(counter.issue(a_receipt(other)), desk=counter.another_desk())

    assert kinds == ["document@1", "refusal@1", "document@1"]
    assert [fault.code for fault in done(later[0]).body.faults] == ["PT-PRODUCT-01"]
    assert done(counter.together(counter.issue(a_receipt(one)))[0]).kind == "document@1"


def test_a_description_of_a_group_that_was_rolled_back_is_not_frozen(counter: Counter) -> None:
    counter.sells(a_receipt())
    intents = counter.intends(2)
    wrong = counter.issue(a_receipt(a_line(text="Typo", product="cafe")), intents[0])

    def sell_and_fail() -> None:
        with writing(counter.engine) as tx:
            assert isinstance(carry_out(tx, counter.desk, [Waiting(order=wrong)])[0], Done)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        sell_and_fail()

    right = counter.issue(a_receipt(a_line(text="Café", product="cafe")), intents[1])
    assert done(counter.together(right)[0]).kind == "document@1"


def test_training_documents_count_apart(plain: Counter) -> None:
    real = plain.sells(a_receipt())
    intent = done(plain.together(plain.open(is_training=True))[0]).body.id
    training = plain.sells(a_receipt(), intent=intent)

    assert training.draft is not None
    assert training.draft.is_training
    assert training.numbered is not None
    assert real.numbered is not None
    assert (training.numbered.number, training.numbered.name) == (1, f"{real.numbered.name}-T")


def test_an_abort_takes_no_number(plain: Counter) -> None:
    answer = plain.together(plain.issue(Draft(kind=Kind.ABORT)))[0]

    assert done(answer).kind == "abort@1"
    assert plain.numbers() == []
    plain.assert_proved()


def test_an_outage_of_the_signer_refuses_the_sale_and_takes_no_number(counter: Counter) -> None:
    counter.sells(a_receipt())
    working = counter.desk.seal_keys["pt"]

    def silent(request: SignRequest) -> str:
        raise SignerDown("no device")

    counter.desk.seal_keys["pt"] = Signer(sign=silent, public_pem="")
    order = counter.issue(a_receipt())
    assert failure(counter.together(order)[0]) == "ISSUE-SIGNER-01"
    counter.desk.seal_keys["pt"] = working

    assert done(counter.together(order)[0]).body.numbered is not None
    assert counter.numbers() == [1, 2]


def test_registers_of_one_taxpayer_share_a_series_without_gap(counter: Counter) -> None:
    counter.sells(a_receipt())
    with writing(counter.engine) as tx:
        other = another_register(tx, counter.shop)
    intents = [*counter.intends(2), *counter.intends(2, other)]
    counter.together(*(counter.issue(a_receipt(), intent) for intent in intents))

    assert counter.numbers() == [1, 2, 3, 4, 5]
    counter.assert_proved()


def test_the_desk_remembers_only_what_is_so_in_every_process(counter: Counter) -> None:
    receipt = counter.sells(a_receipt())
    fresh = counter.another_desk()
    counter.together(counter.issue(a_receipt()), desk=fresh)

    assert receipt.numbered is not None
    assert {series.id for series in fresh.series.values()} == {receipt.numbered.series}
    assert all(isinstance(series, Series) for series in counter.desk.series.values())
    with reading(counter.engine) as tx:
        found = read.one(tx, counter.shop.organization, receipt.id)
    assert found.record.body == receipt


def test_a_closing_counts_what_was_sold_without_any_device(plain: Counter) -> None:
    plain.sells(a_receipt(a_line("2.46")))
    order = Enter(
        organization=plain.shop.organization, register=plain.shop.register, said=SAID,
        draft=Draft(kind=Kind.CLOSING, closing=ClosingType.DAILY), claim=plain.claim(),
    )  # fmt: skip
    record = errands.carried_out(plain.desk, plain.channel, order)

    closing = done(record).body.closing
    assert closing is not None
    assert (closing.number, closing.documents, closing.sales.gross) == (1, 1, Decimal("2.46"))
    assert sorted(kind for kind, _ in plain.entries())[:1] == ["closing@1"]
    plain.assert_proved()
