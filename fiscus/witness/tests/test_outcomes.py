"""An alarm holds what a person needs to look at."""

from fiscus.witness.outcomes import AlarmReason, WitnessAlarm


def test_the_evidence_of_an_alarm_holds_both_notes() -> None:
    alarm = WitnessAlarm(
        reason=AlarmReason.FORKED, ours="ours\n", answer="422 no", theirs="theirs\n"
    )

    text = alarm.evidence()

    assert [one in text for one in ("forked", "422 no", "ours", "theirs")] == [True] * 4


def test_a_witness_that_shows_nothing_leaves_no_empty_place() -> None:
    alarm = WitnessAlarm(reason=AlarmReason.ROLLED_BACK, ours="ours\n", answer="409 9")

    assert "newest note" not in alarm.evidence()
    assert alarm.evidence().startswith("The log is rolled back.\n")
