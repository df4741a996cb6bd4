"""What a visit says."""

import pytest

from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.test_visitors import visit_of
from fiscus.model.faults import Missing


def test_texts_are_in_the_visitors_language(stranger: Browser) -> None:
    visit = visit_of(stranger)

    assert visit.text("Version %(version)s.", version="1 %") == "Version 1 %."
    assert visit.text("100 % of nothing") == "100 % of nothing"


def test_what_is_missing_is_a_trouble_that_is_shown(stranger: Browser) -> None:
    with pytest.raises(Missing):
        visit_of(stranger).missing()
