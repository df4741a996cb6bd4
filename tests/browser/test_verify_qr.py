"""Texts of QR codes in the browser: named, judged, and never called more than they are."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscus.regimes.pt.identity import is_nif
from fiscus.signers.tse.log import algorithms, qr
from fiscus.signers.tse.log.logtime import TimeFormat, log_time
from fiscus.signers.tse.log.messages import MessageProof, TransactionLog, signed_bytes
from tests.browser.scripts import Scripts

Json = dict[str, Any]
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo

JUDGE = 'return (await load("qr")).judgeQr(given.text);'


def judged(alone: Scripts, text: str) -> Json:
    report: Json = alone.run(JUDGE, text=text)
    return report


def codes(report: Json) -> list[tuple[str, str]]:
    return [(one["code"], one["place"]["field"]) for one in report["findings"]]


def keys(report: Json, name: str) -> set[str]:
    return {one["key"] for one in report[name]}


def test_the_authoritys_examples_are_right_and_no_proof(alone: Scripts, shared_data: Path) -> None:
    vectors = json.loads((shared_data / "pt/vectors/qr_vectors_at_spec.json").read_text())
    for one in vectors:
        report = judged(alone, one["string"] + "\n")
        assert (report["kind"], report["verdict"]) == ("qr-pt", "good"), one["title"]
        assert report["findings"] == []
        assert "qr-pt-no-proof" in keys(report, "unchecked")
        shown = [f"{field['name']}:{field['value']}" for field in report["fields"]]
        assert "*".join(shown) == one["string"]
        assert all(field["label"] for field in report["fields"])


EXAMPLE = (
    "A:123456789*B:999999990*C:PT*D:FS*E:N*F:20230812*G:FS CDVF/12345*H:CDF7T5HD-12345*I1:PT"
    "*I7:0.65*I8:0.15*N:0.15*O:0.80*Q:YhGV*R:9999*S:NU;0.80"
)

WRONG = [
    ("A:123456789", "A:123456788", "QR-PT-08", "A"),
    ("A:123456789", "A:12345678", "QR-PT-07", "A"),
    ("*C:PT", "*C:PT*C:PT", "QR-PT-03", "C"),
    ("*C:PT", "", "QR-PT-05", "C"),
    ("*D:FS", "*D:XX", "QR-PT-07", "D"),
    ("*E:N", "*E:X", "QR-PT-07", "E"),
    ("*F:20230812", "*F:20230230", "QR-PT-07", "F"),
    ("*G:FS CDVF/12345", "*G:FS CDVF/12346", "QR-PT-10", "H"),
    ("*H:CDF7T5HD-12345", "*H:0", "QR-PT-09", "H"),
    ("*H:CDF7T5HD-12345", "*H:CDF7T5H-12345", "QR-PT-07", "H"),
    ("*I8:0.15*", "*I8:0.15 *", "QR-PT-07", "I8"),
    ("*I7:0.65*I8:0.15", "*I8:0.15*I7:0.65", "QR-PT-04", "I7"),
    ("*N:0.15", "*N:0.14", "QR-PT-11", "N"),
    ("*O:0.80", "*O:0.79", "QR-PT-12", "O"),
    ("*O:0.80", "*O:0,80", "QR-PT-07", "O"),
    ("*Q:YhGV", "*Q:YhGVx", "QR-PT-06", "Q"),
    ("*R:9999", "*R:9999*Z:1", "QR-PT-02", "Z"),
    ("*R:9999", "*R:9999*words", "QR-PT-01", ""),
    ("*I8:0.15", "", "QR-PT-05", "I8"),
]


@pytest.mark.parametrize(("part", "other", "code", "field"), WRONG)
def test_each_fault_of_a_portuguese_text_is_named_with_its_field(
    alone: Scripts, part: str, other: str, code: str, field: str
) -> None:
    assert part in EXAMPLE

    report = judged(alone, EXAMPLE.replace(part, other))

    assert (code, field) in codes(report)
    assert report["verdict"] == "not good"


def test_a_tax_that_no_rate_gives_is_a_warning(alone: Scripts) -> None:
    text = EXAMPLE.replace("*I7:0.65*I8:0.15*N:0.15*O:0.80", "*I7:10.00*I8:1.30*N:1.30*O:11.30")

    report = judged(alone, text)

    assert [(one["code"], one["severity"]) for one in report["findings"]] == [
        ("QR-PT-13", "warning")
    ]


@settings(max_examples=5)
@given(st.lists(st.integers(1, 999_999_999), min_size=200, max_size=200))
def test_check_digits_are_as_the_law_of_the_product_has_them(
    served_scripts: Scripts, numbers: list[int]
) -> None:
    texts = [f"{one:09}" for one in numbers]
    code = 'const {isNif} = await load("qr_pt"); return given.texts.map(isNif);'

    assert served_scripts.run(code, texts=texts) == [is_nif(one) for one in texts]


def test_german_receipts_are_verified_by_the_key_in_them(alone: Scripts, shared_data: Path) -> None:
    samples = json.loads((shared_data / "de/sample_qr.json").read_text())["valid"]
    for text in samples:
        report = judged(alone, text)
        assert (report["verdict"], report["findings"]) == ("good", []), text
        assert "qr-de-signed" in keys(report, "checked")
        assert "qr-de-no-certificate" in keys(report, "unchecked")
        assert report["facts"]["serial"] == qr.parse(text).serial


def a_receipt(curve: ec.EllipticCurve, **more: Any) -> str:
    """The text of a receipt as a TSE with a key on this curve signs it."""
    key = ec.generate_private_key(curve)
    public = key.public_key()
    algorithm = more.get("algorithm") or algorithms.DEFAULTS[curve.name]
    time_format = more.get("time_format", TimeFormat.UNIX)
    version = more.get("version", 2)
    finished = datetime(2026, 3, 1, 9, 5, 30, 250_000, UTC)
    data = more.get("data", "Beleg^119.00_0.00_0.00_0.00_0.00^119.00:Unbar")
    log = TransactionLog(
        version=version,
        operation_type="FinishTransaction" if version == 2 else "finishTransaction",
        client_id="KASSE-1",
        process_type=more.get("process_type", "Kassenbeleg-V1"),
        process_data=data.encode(),
        number=129,
        proof=MessageProof(
            serial=algorithms.serial(public),
            algorithm=algorithms.OIDS[algorithm],
            counter=70_000,
            time=log_time(finished, time_format),
        ),
    )
    point = algorithms.point(public)
    return qr.text(
        qr.ReceiptQr(
            client_id=log.client_id,
            process_type=str(log.process_type),
            process_data=data,
            number=129,
            signature_counter=70_000,
            started=finished - timedelta(seconds=30),
            finished=finished,
            algorithm=algorithm,
            time_format=time_format,
            signature=algorithms.sign(key, algorithm, signed_bytes(log)),
            public_key=public.public_bytes(serialization.Encoding.DER, SPKI)
            if more.get("is_der")
            else point,
        )
    )


@pytest.mark.parametrize(
    ("curve", "more"),
    [
        (ec.SECP256R1(), {"version": 3}),
        (ec.SECP256R1(), {"time_format": TimeFormat.UTC, "is_der": True}),
        (ec.SECP384R1(), {"time_format": TimeFormat.GENERALIZED}),
        (ec.SECP521R1(), {}),
        (ec.SECP256R1(), {"process_type": "Bestellung-V1", "data": '2;"a ""b"";c";3.50\r-1;"d";1'}),
    ],
    ids=["version 3", "utcTime, DER", "P-384", "P-521", "order"],
)
def test_signatures_of_all_forms_are_verified_and_each_changed_field_is_found(
    alone: Scripts, curve: ec.EllipticCurve, more: Json
) -> None:
    text = a_receipt(curve, **more)
    assert qr.verifies(qr.parse(text))
    report = judged(alone, text)
    assert "qr-de-signed" in keys(report, "checked"), report
    assert report["verdict"] == "good"

    for part, other in (
        ("KASSE-1", "KASSE-2"),
        (";129;", ";130;"),
        (";70000;", ";70001;"),
        ("09:05:30", "09:05:31"),
    ):
        changed = text.replace(part, other)
        assert changed != text
        assert ("QR-DE-12", "11") in codes(judged(alone, changed)), part
    data = text.replace("119.00", "118.00") if "119.00" in text else text.replace("3.50", "3.60")
    assert ("QR-DE-12", "11") in codes(judged(alone, data))


@pytest.mark.parametrize(
    ("curve", "algorithm", "name"),
    [
        (ec.BrainpoolP384R1(), "", "brainpoolP384r1"),
        (ec.BrainpoolP256R1(), "", "brainpoolP256r1"),
        (ec.SECP256R1(), "ecdsa-plain-SHA3-256", "ecdsa-plain-SHA3-256"),
        (ec.SECP256R1(), "ecdsa-plain-SHA224", "ecdsa-plain-SHA224"),
    ],
)
def test_what_no_browser_computes_is_named_and_called_neither_good_nor_bad(
    alone: Scripts, curve: ec.EllipticCurve, algorithm: str, name: str
) -> None:
    text = a_receipt(curve, algorithm=algorithm)
    assert qr.verifies(qr.parse(text))

    report = judged(alone, text)

    missing = [one for one in report["unchecked"] if one["key"] == "algorithm-foreign"]
    assert [one["values"]["name"] for one in missing] == [name]
    assert "qr-de-signed" not in keys(report, "checked")
    assert not any(one["severity"] == "error" for one in report["findings"])


WRONG_GERMAN = [
    (0, "V1", None),
    (3, "Beleg^1.00_0.00_0.00_0.00_0.00^2.00:Bar", "QR-DE-05"),
    (3, "Beleg^1.00^1.00:Bar", "QR-DE-04"),
    (3, "Bon^1.00_0.00_0.00_0.00_0.00^1.00:Bar", "QR-DE-04"),
    (4, "x", "QR-DE-06"),
    (6, "2026-03-01 09:05:00", "QR-DE-07"),
    (6, "2027-03-01T09:05:00.000Z", "QR-DE-08"),
    (8, "md5", "QR-DE-09"),
    (9, "sundial", "QR-DE-09"),
    (10, "!", "QR-DE-11"),
    (11, "AAAA", "QR-DE-10"),
]


@pytest.mark.parametrize(("place", "value", "code"), WRONG_GERMAN)
def test_each_fault_of_a_german_text_is_named(
    alone: Scripts, shared_data: Path, place: int, value: str, code: str | None
) -> None:
    text = json.loads((shared_data / "de/sample_qr.json").read_text())["valid"][1]
    fields = text.split(";")
    fields[place] = value

    report = judged(alone, ";".join(fields))

    if code is None:
        assert report["verdict"] == "not judged"
    else:
        assert code in {one for one, _ in codes(report)}
        assert report["verdict"] == "not good"


@pytest.mark.parametrize(
    "text", ["", "hello", "https://example.org/?A:1", "V0", "A:", "V0;" * 5000, "\x00" * 100]
)
def test_what_is_no_receipt_is_said_to_be_none(alone: Scripts, text: str) -> None:
    report = judged(alone, text)

    assert report["verdict"] in ("not judged", "not good")
    assert report["checked"] == []
