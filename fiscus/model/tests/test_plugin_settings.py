"""What a plug-in is given: the operator's values, and test values where nothing is live."""

import pytest

from fiscus.model.plugin_settings import Setting, filled

NUMBER = Setting(name="number", help="The program's number.", test_value="0")
SECRET = Setting(name="secret", help="What only an operator has.")


@pytest.mark.parametrize(
    ("given", "is_live", "found"),
    [
        ({}, False, {"number": "0"}),
        ({}, True, {}),
        ({"number": "7"}, False, {"number": "7"}),
        ({"number": "7"}, True, {"number": "7"}),
        ({"number": ""}, False, {"number": "0"}),
        ({"number": ""}, True, {}),
        ({"secret": "s"}, False, {"number": "0", "secret": "s"}),
        ({"secret": ""}, True, {}),
        ({"somebody_elses": "x"}, True, {}),
    ],
)
def test_what_was_given_counts_and_a_test_value_never_in_live(
    given: dict[str, str], is_live: bool, found: dict[str, str]
) -> None:
    assert filled((NUMBER, SECRET), given, is_live=is_live) == found
