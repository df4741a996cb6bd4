"""The names of log files, as the guideline writes them and no other way."""

import pytest

from fiscus.signers.tse.log.logtime import LogTime, TimeFormat
from fiscus.signers.tse.log.messages import LogOperation
from fiscus.signers.tse.log.names import LogName, parse

UNIX = LogTime(TimeFormat.UNIX, "1777888807")
UTC = LogTime(TimeFormat.UTC, "260504100007Z")
GENERALIZED = LogTime(TimeFormat.GENERALIZED, "20260504100007.25Z")

NAMES = {
    "Unixt_1777888807_Sig-7_Log-Tra_No-3_Start_Client-K 1_2.log": LogName(
        time=UNIX, counter=7, number=3, operation=LogOperation.START, client_id="K 1_2"
    ),
    "Utc_260504100007Z_Sig-0_Log-Tra_No-0_Finish_Client-k_Fc-2.log": LogName(
        time=UTC, counter=0, number=0, operation=LogOperation.FINISH, client_id="k", copy=2
    ),
    "Gent_20260504100007.25Z_Sig-12_Log-Sys_updateTime.log": LogName(
        time=GENERALIZED, counter=12, event="updateTime"
    ),
    "Unixt_1777888807_Sig-1_Log-Aud_Fc-1.log": LogName(time=UNIX, counter=1, copy=1),
}


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_taken_apart_and_written_the_same(text: str) -> None:
    assert parse(text) == NAMES[text]
    assert NAMES[text].text() == text


@pytest.mark.parametrize(
    "text",
    [
        "info.csv",
        "Unixt_1777888807_Sig-7_Log-Aud",
        "Unixt_1777888807_Sig-7_Log-Aud.log.log",
        "Unixt_1777888807Z_Sig-7_Log-Aud.log",
        "Utc_260504100007_Sig-7_Log-Aud.log",
        "Gent_20260504100007_Sig-7_Log-Aud.log",
        "Unixt_1777888807_Sig-07_Log-Aud.log",
        "Unixt_1777888807_Sig-7_Log-Aud_Fc-0.log",
        "Unixt_1777888807_Sig-7_Log-Tra_No-3_Begin_Client-k.log",
        "Unixt_1777888807_Sig-7_Log-Tra_No-3_Start_Client-.log",
        "Unixt_1777888807_Sig-7_Log-Sys_.log",
        "Unixt_" + "1" * 21 + "_Sig-7_Log-Aud.log",
    ],
)
def test_what_is_no_name_of_a_log_file_is_none(text: str) -> None:
    assert parse(text) is None
