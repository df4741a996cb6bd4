"""A law that is not ours: its receipts through the real writer, checked by somebody who knows only
the regulation and the keys."""

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import Connection, Engine, select

from fiscus import channels, regimes
from fiscus.issuing import law_keys
from fiscus.issuing.answers import OrderDone, OrderFailed, QueuedOrder
from fiscus.issuing.driver import OrderDriver
from fiscus.issuing.issue import carry_out
from fiscus.issuing.tests.counter import SAID, Counter, a_line, a_receipt, done, failure
from fiscus.issuing.tests.kiosk import a_drawer_event
from fiscus.issuing.writer import OrderWriter
from fiscus.journal import encode
from fiscus.model.documents import (
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    StatedVat,
)
from fiscus.model.orders import Enter, Order, SessionMove
from fiscus.model.records import EntryBody
from fiscus.outbox import queue
from fiscus.outbox.queue import OutboxTask
from fiscus.outbox.worker import OutboxWorker
from fiscus.registry import certificates, log, signers
from fiscus.registry.tests.builders import a_shop, a_vault, another_register
from fiscus.reporting import lines, listing, sending
from fiscus.reporting.services import ReportingServices
from fiscus.reporting.states import ReportState
from fiscus.signers import Signer, SignerDown, SignRequest
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, TASK
from tests.repository.test_kinds_of_laws import Till

INSTALLED = Path(__file__).parent / "installed"
HEADER = b'{"alg":"ES256"}'
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def law(monkeypatch: pytest.MonkeyPatch) -> Iterator[regimes.Regime]:
    """The law as an installed package declares it."""
    caches = (regimes.installed, channels.installed)
    monkeypatch.syspath_prepend(str(INSTALLED))
    for cache in caches:
        cache.cache_clear()
    yield regimes.find("at")
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def counter(law: regimes.Regime, engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, law.code, tmp_path)


def issued(counter: Counter, *orders: Order) -> list[OrderDone | OrderFailed]:
    """All of them through the writer's queue, from commit to commit."""
    writer, answers, ended = OrderWriter(counter.services), {}, threading.Semaphore(0)
    driver = OrderDriver(
        services=counter.services,
        channels=counter.channel,
        commit=writer.ask,
        outside=lambda do: do(),
    )
    writer.start()
    try:
        for place, order in enumerate(orders):

            def end(answer: OrderDone | OrderFailed, _: QueuedOrder, place: int = place) -> None:
                answers[place] = answer
                ended.release()

            driver.send(QueuedOrder(order=order), end)
        assert all(ended.acquire(timeout=30) for _ in orders)
    finally:
        writer.stop()
    return [answers[place] for place in range(len(orders))]


def sold(counter: Counter, *drafts: Draft, register: str = "") -> list[EntryBody]:
    intents = counter.intends(len(drafts), register)
    orders = [counter.issue(*pair) for pair in zip(drafts, intents, strict=True)]
    return [done(answer).body for answer in issued(counter, *orders)]


def closes(counter: Counter, type_: ClosingType = ClosingType.DAILY) -> EntryBody:
    order = Enter(
        organization=counter.shop.organization,
        register=counter.shop.register,
        said=SAID,
        draft=Draft(kind=DocumentKind.CLOSING, closing=type_),
        claim=counter.claim(),
    )
    return done(issued(counter, order)[0]).body


def at_rate(gross: str, percentage: str, **more: Any) -> DraftLine:
    inclusive, rate = Decimal(gross), Decimal(percentage)
    exclusive = (inclusive / (1 + rate / 100)).quantize(Decimal("0.01"))
    vat = StatedVat(
        code="RATE",
        percentage=rate,
        amount=inclusive - exclusive,
        exclusive=exclusive,
        inclusive=inclusive,
    )
    return a_line(gross, vat=vat, **more)


def back(gross: str) -> Draft:
    line = at_rate(gross, "20", direction=Direction.RETURN)
    return Draft(kind=DocumentKind.CORRECTION, lines=(line,), external_reference="X-1")


T = TypeVar("T")


def rolled_back(counter: Counter, do: Callable[[Connection], T]) -> T:
    """What was done in a transaction that failed in the end."""
    with counter.engine.connect() as tx, tx.begin() as begun:
        made = do(tx)
        begun.rollback()
    return made


class Inspector:
    """Reads a register's receipts as the regulation says, with nothing but the keys."""

    def __init__(self, counter: Counter, register: str = "", taxpayer: str = "") -> None:
        owner = taxpayer or counter.shop.taxpayer
        name = law_keys.seal_key_name("at", owner)
        self.register = register or counter.shop.register
        with reading(counter.engine) as tx:
            pem = signers.public_pem(tx, name)
            self.serial = certificates.serial(signers.certificate(tx, name))
            self.key = signers.secret(tx, a_vault(), law_keys.cipher_key_name("at", owner))
            rows = tx.execute(
                select(ENTRY)
                .where(ENTRY.c.chain == self.register, ENTRY.c.number.is_not(None))
                .order_by(ENTRY.c.number)
            ).all()
        public = serialization.load_pem_public_key(pem.encode())
        assert isinstance(public, ec.EllipticCurvePublicKey)
        self.public = public
        self.codes = [encode.decode(row.kind, row.body).seal.qr for row in rows]  # type: ignore[union-attr]

    def check(self) -> list[int]:
        """The turnover after each receipt, in cents. Fails where a chain is broken."""
        before, sum_, found = self.register, 0, []
        for place, code in enumerate(self.codes, start=1):
            text, _, signature = code.rpartition("_")
            members = text.split("_")
            assert members[:4] == ["", "R1-AT0", self.register, str(place)]
            amounts, (counter, serial, linked) = members[5:10], members[10:]
            assert serial == self.serial
            assert linked == b64encode(sha256(before.encode()).digest()[:8]).decode()
            if counter != b64encode(b"TRA").decode():
                sum_ += sum(int(amount.replace(",", "")) for amount in amounts)
                assert self._counted(counter, place) == sum_
            before = self._jws(text, signature)
            found.append(sum_)
        return found

    def _counted(self, counter: str, place: int) -> int:
        vector = sha256(f"{self.register}{place}".encode()).digest()[:16]
        decryptor = Cipher(algorithms.AES(self.key), modes.CTR(vector)).decryptor()
        clear = decryptor.update(b64decode(counter)) + decryptor.finalize()
        assert len(clear) == 8
        return int.from_bytes(clear, "big", signed=True)

    def _jws(self, text: str, signature: str) -> str:
        signed, raw = f"{_base64url(HEADER)}.{_base64url(text.encode())}", b64decode(signature)
        if len(raw) == 64:
            r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
            self.public.verify(
                encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256())
            )
        else:
            assert raw.decode() == "Sicherheitseinrichtung ausgefallen"
        return f"{signed}.{_base64url(raw)}"


def _base64url(raw: bytes) -> str:
    return b64encode(raw, altchars=b"-_").rstrip(b"=").decode()


def test_a_package_brings_its_law_without_a_line_elsewhere(law: regimes.Regime) -> None:
    assert (law.name, law.code) == ("Austria", "at")
    assert channels.find("finanzonline").code == "finanzonline"


def test_receipts_continue_the_signatures_and_the_encrypted_counter(counter: Counter) -> None:
    coffee, wine = at_rate("3.60", "20"), at_rate("11.00", "10")
    sold(counter, *(a_receipt(coffee, wine) for _ in range(20)))
    sold(counter, back("3.60"))
    closes(counter)

    turnover = Inspector(counter).check()

    assert turnover == [1460 * count for count in range(1, 21)] + [28840, 28840]
    counter.assert_proved()


def test_training_is_marked_and_not_counted(counter: Counter) -> None:
    coffee = at_rate("3.60", "20")
    sold(counter, a_receipt(coffee), a_receipt(coffee, is_training=True), a_receipt(coffee))

    inspector = Inspector(counter)

    assert inspector.check() == [360, 360, 720]
    assert "_VFJB_" in inspector.codes[1]


def test_a_sum_below_zero_is_encrypted_as_well(counter: Counter) -> None:
    sold(counter, back("3.60"))

    assert Inspector(counter).check() == [-360]


def test_each_taxpayer_has_keys_of_its_own_and_each_register_its_own_chains(
    counter: Counter,
) -> None:
    first, first_taxpayer = counter.shop.register, counter.shop.taxpayer
    with writing(counter.engine) as tx:
        second = another_register(tx, counter.shop)
        other = a_shop(tx, "at")
    coffee = a_receipt(at_rate("3.60", "20"))
    sold(counter, coffee, coffee)
    sold(counter, coffee, register=second)
    counter.shop = other
    sold(counter, coffee)

    inspectors = [
        Inspector(counter, first, first_taxpayer),
        Inspector(counter, second, first_taxpayer),
        Inspector(counter),
    ]

    assert [one.check() for one in inspectors] == [[360, 720], [360], [360]]
    assert inspectors[0].serial == inspectors[1].serial != inspectors[2].serial
    assert inspectors[0].key == inspectors[1].key != inspectors[2].key


def test_keys_of_a_group_that_was_rolled_back_sign_nothing_later(counter: Counter) -> None:
    coffee = a_receipt(at_rate("3.60", "20"))

    lost = rolled_back(
        counter,
        lambda tx: counter.services.seal_key(tx, regimes.find("at"), counter.shop.taxpayer),
    )
    sold(counter, coffee)

    assert Inspector(counter).check() == [360]
    with reading(counter.engine) as tx:
        now = counter.services.seal_key(tx, regimes.find("at"), counter.shop.taxpayer)
    assert now.public_pem != lost.public_pem


def test_a_live_taxpayer_sells_nothing_without_its_own_key(counter: Counter) -> None:
    counter.services.is_live = True

    [answer] = issued(counter, counter.issue(a_receipt(at_rate("3.60", "20"))))

    assert failure(answer) == "SIGNER-KEY-01"
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    owner = counter.shop.taxpayer
    with writing(counter.engine) as tx:
        name = law_keys.seal_key_name("at", owner)
        signers.import_key(tx, a_vault(), name, pem, "ecdsa-p256", counter.clock())
        cipher = law_keys.cipher_key_name("at", owner)
        signers.ensure(tx, a_vault(), cipher, "aes-256", counter.clock())
    sold(counter, a_receipt(at_rate("3.60", "20")))
    assert Inspector(counter).check() == [360]


def test_while_the_signer_is_out_the_receipt_says_so_and_the_chain_goes_on(
    counter: Counter,
) -> None:
    coffee = a_receipt(at_rate("3.60", "20"))
    sold(counter, coffee, coffee)
    [(place, working)] = counter.services.seal_keys.items()

    def silent(request: SignRequest) -> str:
        if type(request).__name__ == "EcdsaSha256":
            raise SignerDown("no card")
        return working.sign(request)

    counter.services.seal_keys[place] = Signer(sign=silent, public_pem="")
    [out] = sold(counter, coffee)
    counter.services.seal_keys[place] = working
    sold(counter, coffee)

    assert out.seal is not None
    assert out.seal.outage == "no card"
    assert Inspector(counter).check() == [360, 720, 1080, 1440]


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_law_does_what_it_lists(
    law: regimes.Regime, engine: Engine, tmp_path: Path, kind: DocumentKind
) -> None:
    till = Till(engine, law, tmp_path)
    till.prepares(kind)

    answer = till.out(till.order(till.draft(kind)))

    assert isinstance(answer, OrderDone) is (kind in law.issues), answer
    till.counter.assert_proved()


def test_what_is_listed_and_not_numbered_is_not_sealed(counter: Counter) -> None:
    opening = Enter(
        organization=counter.shop.organization,
        register=counter.shop.register,
        said=SAID,
        draft=a_drawer_event(DocumentKind.OPENING, "50.00", LinePurpose.FLOAT),
        claim=counter.claim(),
        session=SessionMove.OPEN,
    )

    body = done(issued(counter, opening)[0]).body

    assert (body.seal, body.numbered) == (None, None)


class Office:
    """The worker of the service, and what the tax office has."""

    def __init__(self, counter: Counter) -> None:
        assert counter.folder is not None
        self.counter, self.folder = counter, counter.folder
        services = ReportingServices(
            engine=counter.engine,
            clock=counter.clock,
            vault=counter.services.vault,
            channels=counter.channel,
            settings={},
        )
        do = partial(sending.do, services)
        self.worker = OutboxWorker(
            counter.engine,
            counter.clock,
            {
                lines.TASK_REPORT: (do, lambda tx, task, error: None),
                log.TASK: (self.forget, lambda tx, task, error: None),
            },
        )

    def forget(self, task: OutboxTask) -> None:
        """A checkpoint that a closing wants: not the office's affair."""
        with writing(self.counter.engine) as tx:
            queue.done(tx, task)

    def works(self) -> None:
        while self.worker.step():
            continue

    def has(self) -> list[str]:
        kept = self.folder / "finanzonline"
        return sorted(one.read_text().partition(" ")[0] for one in kept.iterdir())

    def states(self, record: EntryBody) -> list[tuple[str, ReportState, str]]:
        with reading(self.counter.engine) as tx:
            found = listing.of_record(tx, record.id)
        return [(one.kind, one.state, one.reference or one.words) for one in found]

    def waiting(self) -> int:
        with reading(self.counter.engine) as tx:
            return len(tx.execute(select(TASK).where(TASK.c.kind == lines.TASK_REPORT)).all())


def test_the_first_receipt_and_the_years_last_are_reported(counter: Counter) -> None:
    office, coffee = Office(counter), a_receipt(at_rate("3.60", "20"))
    first, second = sold(counter, coffee, coffee)
    closes(counter)
    year = closes(counter, ClosingType.ANNUAL)
    assert office.states(first) == [("Startbeleg", ReportState.PENDING, "")]

    office.works()

    [(_, state, reference)] = office.states(first)
    assert (state, reference[:4]) == (ReportState.ACCEPTED, "FON-")
    assert [one[:2] for one in office.states(year)] == [("Jahresbeleg", ReportState.ACCEPTED)]
    assert office.states(second) == []
    assert office.has() == ["Jahresbeleg", "Startbeleg"]
    assert office.waiting() == 0


def test_a_report_whose_answer_is_lost_is_sent_again_under_the_same_id(counter: Counter) -> None:
    office = Office(counter)
    (office.folder / "silent").touch()
    [first] = sold(counter, a_receipt(at_rate("3.60", "20")))

    office.works()

    assert office.states(first) == [("Startbeleg", ReportState.UNKNOWN, "no answer")]
    (office.folder / "silent").unlink()
    office.works()
    assert office.waiting() == 1, "it is not due yet"
    counter.clock.move(minutes=1)
    office.works()
    assert office.states(first)[0][1] is ReportState.ACCEPTED
    assert office.has() == ["Startbeleg"]
    assert office.waiting() == 0


def test_a_refused_report_is_kept_with_the_other_sides_words(
    law: regimes.Regime, engine: Engine, tmp_path: Path
) -> None:
    secrets = {"username": "u", "password": "wrong"}
    counter = Counter(engine, law.code, tmp_path, secrets=secrets)
    office = Office(counter)
    [first] = sold(counter, a_receipt(at_rate("3.60", "20")))

    office.works()

    [(_, state, answer)] = office.states(first)
    assert state is ReportState.REFUSED
    assert "die Session-ID ist ungültig" in answer
    assert office.waiting() == 1, "it goes on once the taxpayer has other credentials"


def test_a_report_that_cannot_even_be_sent_is_never_forgotten(counter: Counter) -> None:
    office = Office(counter)
    [first] = sold(counter, a_receipt(at_rate("3.60", "20")))
    (office.folder / "finanzonline").write_text("in the way")

    for _ in range(10):
        office.works()
        counter.clock.move(minutes=5)
    [(_, state, answer)] = office.states(first)
    assert (state, answer[:15]) == (ReportState.UNKNOWN, "FileExistsError")
    assert office.waiting() == 1

    (office.folder / "finanzonline").unlink()
    counter.clock.now += 2 * AN_HOUR
    office.works()
    assert office.states(first)[0][1] is ReportState.ACCEPTED


def test_a_receipt_that_was_rolled_back_obliges_to_nothing(counter: Counter) -> None:
    office = Office(counter)
    order = counter.issue(a_receipt(at_rate("3.60", "20")), counter.intends()[0])
    counter.prepare(counter.together(order)[0])  # type: ignore[arg-type]

    rolled_back(counter, lambda tx: carry_out(tx, counter.services, [QueuedOrder(order=order)]))

    assert office.waiting() == 0
    assert done(issued(counter, order)[0]).body.numbered is not None
    assert office.waiting() == 1
