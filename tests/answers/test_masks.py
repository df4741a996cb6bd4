"""What is new each time has a placeholder, the same one wherever it stands; nothing else has."""

import json
from base64 import b64encode, urlsafe_b64encode
from uuid import UUID, uuid4

import pytest

from tests.answers.masks import Masks

ID = "0196a1f0-1c2d-7abc-8def-0123456789ab"
OTHER = "0196a1f0-1c2d-4abc-8def-0123456789ac"
RANDOM = bytes(range(128, 168))


def masked(*texts: str) -> list[str]:
    masks = Masks()
    return [masks.text(text) for text in texts]


def test_ids_are_numbered_by_their_first_appearance() -> None:
    assert masked(f"/records/{ID}", f"{OTHER} and {ID}") == [
        "/records/<id7-1>",
        "<id4-2> and <id7-1>",
    ]


def test_one_id_has_one_number_however_it_is_written() -> None:
    digits = ID.replace("-", "")

    assert masked(ID, digits, digits.upper(), f"op_{digits}", ID.upper()) == [
        "<id7-1>",
        "<hexid7-1>",
        "<HEXID7-1>",
        "op_<hexid7-1>",
        "<ID7-1>",
    ]


def test_a_serial_number_that_looks_like_an_id_is_none() -> None:
    """One in 32 does: the record would differ from run to run."""
    assert masked(uuid4().hex, UUID(int=5).hex[:30] + "ab") == ["<hex-1>", "<hex-2>"]


def test_an_id_stands_behind_a_word_and_a_hyphen() -> None:
    """So do the clients in the names of a TSE's messages."""
    assert masked(f"Unixt_1794819600_Sig-8_Log-Tra_No-1_Start_Client-{ID}.log") == [
        "Unixt_1794819600_Sig-8_Log-Tra_No-1_Start_Client-<id7-1>.log"
    ]


def test_names_that_end_like_an_id_show_whose_end_it_is() -> None:
    assert masked("caixa-6789AB", f"{OTHER} {ID}", "caixa-6789AB", "6789AB/1 6789AC 678900") == [
        "caixa-6789AB",
        "<id4-1> <id7-2>",
        "caixa-<end of id-2>",
        "<end of id-2>/1 <end of id-1> 678900",
    ]


def test_an_id_that_was_cut_off_is_masked() -> None:
    assert masked("refused at PUT /tx/c14bcba5-11ee (down)") == [
        "refused at PUT /tx/<cut id-1> (down)"
    ]


def test_what_a_token_says_is_shown_once() -> None:
    parts = [{"alg": "RS256"}, {"sub": ID, "exp": 1794906000}]
    token = ".".join(
        [
            *(urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts),
            "c2ln",
        ]
    )

    assert masked(f"Bearer {token}", f"Bearer {token}") == [
        'Bearer <jws-1:{"alg": "RS256"} {"sub": "<id7-1>", "exp": 1794906000}>',
        "Bearer <jws-1>",
    ]


def test_a_cursor_is_read() -> None:
    cursor = urlsafe_b64encode(ID.encode()).decode()

    assert masked(f"?cursor={cursor}&limit=7") == ["?cursor=<base64-1:<id7-1>>&limit=7"]


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_signatures_are_masked(encode: object) -> None:
    assert callable(encode)
    signature = encode(RANDOM).decode()

    assert masked(f"V0;{signature};end", signature) == ["V0;<base64-1>;end", "<base64-1>"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ab" * 32, "<hex-1>"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "<pem certificate-1>"),
        ("test_" + "aB3_" * 9, "<api key-1>"),
        ("of_test_deu_" + "aB3_" * 19, "<api key-1>"),
        ("connect to 127.0.0.1:43211 refused", "connect to 127.0.0.1:<port-1> refused"),
        ("no file '/tmp/pytest-1/x.db', sorry", "no file '<folder-1>', sorry"),
    ],
)
def test_what_is_new_each_time_is_masked(text: str, shown: str) -> None:
    assert masked(text) == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-16T09:00:00+00:00",
        "A:509876544*B:999999990*H:U467KFU2-1*Q:IQ/Y*R:9999",
        "/v1/registers/closings/exports/and/so/on/and/so/on/and/so/on",
        "2.46",
        "U467KFU2-1",
        "Unixt_1794819600_Sig-12_Log-Tra_No-3_Start_Client-Kasse1.log",
        "9" * 40,
        "",
        "caf\u00e9 " * 20,
        "https://docs.example/ThisIsALongPathWithWordsInItButNoDigits",
    ],
)
def test_what_is_the_same_each_time_stays(text: str) -> None:
    assert masked(text) == [text]


def test_a_secret_is_known_by_its_member_and_found_everywhere() -> None:
    masks, secret = Masks(), "onlylettersandnodigitsinthisonehere_______x"

    shown = masks.json({"content": {"key": "k", "secret": secret}})

    assert shown == {"content": {"key": "k", "secret": "<secret-1>"}}
    assert masks.text(f"Bearer of_{secret}") == "Bearer of_<secret-1>"


def test_members_keep_their_order_and_names() -> None:
    masks = Masks(names={ID.replace("-", ""): "entry 1.2"})

    assert list(masks.json({"b": 1, ID: [ID, None, True]}).items()) == [
        ("b", 1),
        ("<entry 1.2>", ["<entry 1.2>", None, True]),
    ]
