"""Who keeps failing gets less time, and the whole of it now and then."""

from fiscus.webhooks.failures import FailureCounts


def test_after_five_failures_in_a_row_each_sixth_attempt_alone_gets_the_whole_time() -> None:
    counts, brief = FailureCounts(), []
    for _ in range(18):
        brief.append(counts.is_brief("slow"))
        counts.note("slow", is_taken=False)

    assert brief == [False] * 5 + [True] * 5 + [False] + [True] * 5 + [False] + [True]
    assert not counts.is_brief("another")


def test_what_is_taken_begins_the_count_again() -> None:
    counts = FailureCounts()
    for _ in range(5):
        counts.note("slow", is_taken=False)
    counts.note("another", is_taken=True)
    assert counts.is_brief("slow")

    counts.note("slow", is_taken=True)
    for _ in range(4):
        assert not counts.is_brief("slow")
        counts.note("slow", is_taken=False)
    assert not counts.is_brief("slow")
