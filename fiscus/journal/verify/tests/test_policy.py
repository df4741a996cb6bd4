from pathlib import Path

import pytest

from fiscus.journal.tests.small_keys import a_log_key
from fiscus.journal.verify.policy import load_policy, read_policy
from fiscus.journal.verify.report import UnreadableFile

W = [a_log_key(f"w{n}", 4).verifier_key(f"w{n}.example") for n in range(5)]
LOG = a_log_key("log").verifier_key("log.example")
TWO_LEVELS = f"""
# a comment
log {LOG} https://log.example
 \twitness X1 {W[0]}
witness X2 {W[1]} https://x2.example
witness X3 {W[2]}
group X 2 X1 X2 X3
witness Y1 {W[3]}
witness Y2 {W[4]}
group Y any Y1 Y2
group both all X Y
quorum both
"""


@pytest.mark.parametrize(
    ("seen", "is_met"),
    [
        ("X1 X2 Y1", True),
        ("X1 X3 Y2", True),
        ("X1 Y1 Y2", False),
        ("X1 X2 X3", False),
        ("", False),
    ],
)
def test_a_quorum_of_two_levels_is_counted(seen: str, is_met: bool) -> None:
    policy = read_policy(TWO_LEVELS)

    assert policy.is_met(frozenset(seen.split())) is is_met
    assert (len(policy.logs), len(policy.witnesses)) == (1, 5)


def test_no_quorum_is_always_met_and_one_witness_can_be_enough() -> None:
    assert read_policy("quorum none\n").is_met(frozenset())
    assert read_policy(f"witness a {W[0]}\nquorum a\n").is_met(frozenset("a"))
    assert not read_policy(f"witness a {W[0]}\nquorum a\n").is_met(frozenset("b"))


def test_a_witness_with_an_unknown_type_of_key_never_counts_and_is_named() -> None:
    policy = read_policy("witness a a+00000000+/w==\nquorum a\n")

    assert policy.unknown == {"a": "key type 0xff is unknown"}
    assert not policy.is_met(frozenset())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "quorum a\n",
        "quorum none\nquorum none\n",
        f"log {W[0]}\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"witness a {LOG}\nquorum a\n",
        f"witness a {W[0]}\nwitness b {W[0]}\nquorum a\n",
        f"witness a {W[0]}\nwitness a {W[1]}\nquorum a\n",
        f"witness none {W[0]}\nquorum none\n",
        f"witness a {W[0]}\ngroup g 2 a\nquorum g\n",
        f"witness a {W[0]}\ngroup g 0 a\nquorum g\n",
        f"witness a {W[0]}\ngroup g x a\nquorum g\n",
        f"witness a {W[0]}\ngroup g any a a\nquorum g\n",
        "group g any g\nquorum g\n",
        "group g any\nquorum g\n",
        "nonsense\nquorum none\n",
    ],
    ids=lambda content: f"{len(content)} characters",
)
def test_what_is_no_policy_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_policy(content)


def test_a_file_that_is_no_policy_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    with pytest.raises(UnreadableFile, match="is no policy"):
        load_policy(path)
    path.write_text("nonsense\n")
    with pytest.raises(UnreadableFile, match="line 1: it is not understood"):
        load_policy(path)
    path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(UnreadableFile, match="too large"):
        load_policy(path)
