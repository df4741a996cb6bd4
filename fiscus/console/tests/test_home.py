"""Which organization is looked at."""

from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role


def of_group(stranger: Browser) -> Browser:
    return stranger.as_(Role.OWNER, stranger.premises.first.organization_id)


def test_an_owner_of_a_group_looks_at_its_first_unit(stranger: Browser) -> None:
    page = of_group(stranger).get("/console/units")

    assert "Padaria do Cais</a>" in page.text
    assert "Look at Padaria do Cais" in page.text


def test_another_unit_is_chosen(stranger: Browser) -> None:
    owner = of_group(stranger)
    other = stranger.premises.unit("Café da Praça")

    answer = owner.post("/console/units", {"organization": other.organization})

    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert '<a href="/console/units">Café da Praça</a>' in owner.get("/console/units").text


def test_somebody_elses_organization_is_not_there(console: Browser) -> None:
    other = console.premises.unit("Café da Praça").organization
    group = console.premises.first.organization_id

    for id_ in (other, group, "nonsense"):
        assert console.post("/console/units", {"organization": id_}).status_code == 404
        assert console.get(f"/console/units?below={id_}").status_code == 404
    console.cookies.set("fiscus_unit", other)
    assert "Café da Praça" not in console.get("/console/units").text


def test_a_long_list_goes_on(stranger: Browser) -> None:
    owner = of_group(stranger)
    group = stranger.premises.group()
    for count in range(50):
        group.made("/organizations", {"type": "UNIT", "name": f"Shop {count}"})

    first = owner.get("/console/units").text
    assert "Shop 48" in first
    assert "Shop 49" not in first
    further = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Shop 49" in owner.get(further).text
