"""Where the paths of an order used to differ: late answers, silent signers, an authority's no."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus import regimes
from fiscus.issuing import driver, recording
from fiscus.issuing.answers import OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.tests.counter import SAID, Counter, a_receipt, done, failure
from fiscus.issuing.tests.kiosk import Kiosk, a_sale, kinds, until_device
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Fault
from fiscus.model.orders import Enter
from fiscus.model.records import Case, Seal
from fiscus.regimes import SealFlow
from fiscus.regimes.plain import PLAIN
from fiscus.signers import EcdsaSha256, Signer, SignerDown, SignRequest

A_MINUTE = 60


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def a_closing(counter: Counter, metadata: str = "") -> Enter:
    return Enter(
        organization=counter.shop.organization,
        register=counter.shop.register,
        said=SAID,
        draft=Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY),
        claim=counter.claim(metadata=metadata),
    )


def test_an_end_that_is_told_after_recovery_gets_the_document_that_recovery_made(
    kiosk: Kiosk,
) -> None:
    order = kiosk.issue(a_sale(), kiosk.begins())
    asked = until_device(kiosk, order)
    late = driver.prepared(kiosk.services, kiosk.channel, QueuedOrder(order=order), asked)
    kiosk.clock.move(seconds=A_MINUTE)
    assert driver.recover(kiosk.services, kiosk.channel) == 1

    answer = kiosk.together(late)[0]

    assert done(answer).body.id == asked.entry
    assert kinds(kiosk).count("document@1") == 1
    kiosk.assert_proved()


def test_a_closing_that_is_told_after_recovery_keeps_the_callers_label(kiosk: Kiosk) -> None:
    kiosk.sells()
    order = a_closing(kiosk, metadata='{"shift":"7"}')
    asked = until_device(kiosk, order)
    late = driver.prepared(kiosk.services, kiosk.channel, QueuedOrder(order=order), asked)
    kiosk.clock.move(seconds=A_MINUTE)
    assert driver.recover(kiosk.services, kiosk.channel) == 1

    answer = kiosk.together(late)[0]

    assert isinstance(answer, OrderDone)
    assert answer.metadata == '{"shift":"7"}'
    assert kinds(kiosk).count("closing@1") == 1


def seal_signed(case: Case) -> SealFlow:
    """A law that wants every number signed, and lets nothing out unsigned."""
    signature = yield EcdsaSha256(b"every number")
    seal: Seal = yield from PLAIN.seal(case)  # type: ignore[misc]
    return msgspec.structs.replace(seal, signature=signature)


def silent(request: SignRequest) -> str:
    raise SignerDown("no answer")


def test_a_silent_signer_leaves_no_intention_of_a_closing_behind(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(engine, "plain", tmp_path)
    counter.sells(a_receipt())
    law = replace(PLAIN, seal=seal_signed, seal_key="ecdsa-p256")
    monkeypatch.setitem(regimes.installed(), PLAIN.code, law)
    counter.services.seal_keys[PLAIN.code] = Signer(sign=silent, public_pem="")
    before = counter.entries()

    answer = driver.carried_out(counter.services, counter.channel, a_closing(counter))

    assert failure(answer) == recording.SIGNER_DOWN.id
    assert counter.entries() == before
    counter.assert_proved()


def test_a_closing_whose_series_an_authority_refuses_is_refused(
    engine: Engine, tmp_path: Path
) -> None:
    counter = Counter(engine, "plain", tmp_path)
    counter.sells(a_receipt())
    said = Fault(code="AT-SERIES-4001", text="this series is somebody else's", paths=("series",))
    counted = driver.prepared(
        counter.services,
        counter.channel,
        QueuedOrder(order=a_closing(counter)),
        counter.together(a_closing(counter))[0],  # type: ignore[arg-type]
    )
    before = counter.entries()

    answer = counter.together(msgspec.structs.replace(counted, faults=(said,)))[0]

    assert isinstance(answer, OrderFailed)
    assert answer.trouble.code.id == recording.NOT_LAWFUL.id
    assert answer.trouble.faults == (said,)
    assert counter.entries() == before
