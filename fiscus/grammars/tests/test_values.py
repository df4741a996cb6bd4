"""Simple values are judged as XML Schema 1.0 judges them."""

import pytest
import xmlschema

from fiscus.grammars.values import SimpleType, ValueVerdict, judge, one_of

FACETS = {
    "low": {"string": "minLength", "other": "minInclusive"},
    "high": {"string": "maxLength", "other": "maxInclusive"},
}
TEXTS = {
    "string": ["", "a", "ab", "abc", "é\n", " ", "12"],
    "integer": ["0", "-0", "+7", "007", "-1", "12", "1.0", "", " 5 ", "1e2", "9" * 40],
    "decimal": ["0", "-0.0", ".5", "5.", "+1.50", "1e2", "NaN", "INF", "", " 2 ", "1,5", "-3"],
    "date": [
        *("2026-05-04", "2024-02-29", "2026-02-29", "2100-02-29", "2000-02-29", "2026-04-31"),
        *("2026-13-01", "2026-00-01", "2026-01-00", "0000-01-01", "12026-05-04", "02026-05-04"),
        *("2026-05-04Z", "2026-05-04+01:00", "2026-05-04+14:00", "2026-05-04+14:01", "26-05-04"),
        *("2026-05-04T00:00:00", "", " 2026-05-04\t", "2026-5-4", "2026-05-04z"),
    ],
    "dateTime": [
        *("2026-05-04T10:15:00", "2026-05-04T10:15:00.123Z", "2026-05-04T24:00:00", "2026-05-04"),
        *(
            "2026-05-04T24:00:01",
            "2026-05-04T24:00:00.0",
            "2026-05-04T23:59:60",
            "2026-05-04T10:15",
        ),
        *("2026-05-04 10:15:00", "2026-05-04T10:15:00+01:00", "2026-02-30T10:15:00", ""),
    ],
    "boolean": ["true", "false", "1", "0", "TRUE", "yes", "", " true "],
}
TYPES = [
    *(SimpleType(base=base) for base in TEXTS),
    SimpleType(base="string", low="1", high="2"),
    SimpleType(base="string", pattern="[0-9]+|a."),
    SimpleType(base="integer", low="0", high="12"),
    SimpleType(base="integer", low="-1", digits=2),
    SimpleType(base="decimal", low="0"),
    SimpleType(base="decimal", low="-3", high="1.5"),
    SimpleType(base="date", low="2025-01-01", high="2026-05-04"),
]


def schema(rule: SimpleType) -> xmlschema.XMLSchema10:
    """The same type as a schema says it."""
    kind = "string" if rule.base == "string" else "other"
    facets = "".join(
        f'<xs:{names[kind]} value="{value}"/>'
        for field, names in FACETS.items()
        if (value := getattr(rule, field))
    )
    facets += f'<xs:pattern value="{rule.pattern}"/>' if rule.pattern else ""
    facets += f'<xs:totalDigits value="{rule.digits}"/>' if rule.digits else ""
    return xmlschema.XMLSchema10(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a">'
        f'<xs:simpleType><xs:restriction base="xs:{rule.base}">{facets}'
        "</xs:restriction></xs:simpleType></xs:element></xs:schema>"
    )


@pytest.mark.parametrize("rule", TYPES, ids=str)
def test_a_value_is_right_where_the_schema_allows_it(rule: SimpleType) -> None:
    official, ours = schema(rule), judge(rule)

    for text in TEXTS[rule.base]:
        valid = official.elements["a"].type.is_valid(text)
        assert (ours(text) is ValueVerdict.RIGHT) is valid, text


def test_what_is_of_another_type_is_told_from_what_is_out_of_bounds() -> None:
    number = judge(SimpleType(base="integer", low="1"))
    day = judge(SimpleType(base="date", low="2026-01-01"))

    assert [number(text) for text in ("x", "0")] == [
        ValueVerdict.MALFORMED,
        ValueVerdict.OUT_OF_BOUNDS,
    ]
    assert [day(text) for text in ("x", "2025-12-31")] == [
        ValueVerdict.MALFORMED,
        ValueVerdict.OUT_OF_BOUNDS,
    ]


def test_an_empty_element_has_its_default() -> None:
    flag = SimpleType(base="integer", low="0", high="1", default="0")

    assert judge(flag)("") is ValueVerdict.RIGHT
    assert judge(flag)(" ") is ValueVerdict.MALFORMED


def test_words_of_a_list_are_taken_as_they_are() -> None:
    test = judge(one_of("1.04_01 N"))

    assert [test(word) for word in ("1.04_01", "N")] == [ValueVerdict.RIGHT] * 2
    assert test("1x04_01") is ValueVerdict.OUT_OF_BOUNDS


@pytest.mark.parametrize("base", ["integer", "decimal", "date", "dateTime"])
def test_endless_numbers_are_refused_unread(base: str) -> None:
    assert judge(SimpleType(base=base))("9" * 5000) is ValueVerdict.MALFORMED


def test_digits_are_those_of_ascii() -> None:
    """The standard says so; the library that we compare with takes any that Python takes."""
    for base in ("integer", "decimal", "date"):
        assert judge(SimpleType(base=base))("１") is ValueVerdict.MALFORMED
