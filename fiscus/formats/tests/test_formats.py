"""What can be asked of formats without naming one."""

import pytest

from fiscus import formats
from fiscus.formats import Format, FormatSource
from fiscus.model.documents import DocumentKind
from fiscus.model.faults import Missing


def a_format(**more: object) -> Format:
    said: dict[str, object] = {
        "code": "a",
        "title": "a file",
        "version": "1",
        "media_type": "text/plain",
        "extension": "txt",
        "check": lambda path, settings: (),
    }
    return Format(**(said | more))  # type: ignore[arg-type]


def test_a_format_that_names_no_law_is_for_any() -> None:
    assert a_format().is_for("pt")
    assert a_format().is_for("de")
    assert not a_format(laws=frozenset({"de"})).is_for("pt")


def test_what_is_installed_says_what_it_is_made_of_and_what_a_law_prescribes() -> None:
    found = {code: (one.reads, one.is_prescribed) for code, one in formats.installed().items()}

    assert found["dsfinvk"] == (FormatSource.CLOSINGS, True)
    assert found["saft-pt"] == (FormatSource.RECORDS, True)
    assert found["tse"] == (FormatSource.ARCHIVES, False)


def test_a_print_is_found_by_the_kind_of_record_it_shows() -> None:
    assert DocumentKind.CLOSING in formats.print_of(DocumentKind.CLOSING).kinds
    with pytest.raises(Missing):
        formats.print_of(DocumentKind.RECEIPT)


def test_a_law_has_a_notification_or_none() -> None:
    germany = formats.notification_of("de")

    assert germany is not None
    assert list(germany.forms) == ["xml", "text"]
    assert formats.notification_of("pt") is None


@pytest.mark.parametrize("code", [*formats.checkers()])
def test_each_checker_says_how_far_it_goes(code: str) -> None:
    scope = formats.scope(code, {})

    assert scope.checked
    assert scope.unchecked
    assert scope.needed
    assert "All else" not in scope.unchecked[0]


def test_a_format_that_says_nothing_of_its_checker_claims_nothing() -> None:
    assert a_format().scope({}).unchecked[0].startswith("All else")
    with pytest.raises(Missing):
        formats.scope("cuneiform", {})
