from fiscus.formats.dsfinvk.check.values import TextNumbers

MORE_THAN_ARE_NUMBERED = 70_000


def test_a_text_has_one_number_and_beyond_the_bound_stands_for_itself():
    names = TextNumbers()
    texts = [f"KASSE-{at}" for at in range(MORE_THAN_ARE_NUMBERED)]
    cells = [names.number(text) for text in texts]

    assert [names.number(text) for text in texts] == cells
    assert len(set(cells)) == MORE_THAN_ARE_NUMBERED
    assert [names.spelled(cell) for cell in cells] == texts
    assert cells[-1] == texts[-1]


def test_what_is_not_there_is_spelled_as_nothing():
    assert TextNumbers().spelled(None) is None
