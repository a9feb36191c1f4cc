"""What the proof says of bodies that a row names and that do not count all the same."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from services.routing.directory import Directory
from services.routing.explaining.words import Words
from services.routing.packs import Pack
from services.routing.proof import check
from services.routing.proof.bodies import Bodies, Spot
from services.routing.proof.chains import Situation
from services.routing.proof.remedies import Remedies
from services.routing.proof.troubles import Trouble
from shared.body_kinds import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import RouteReason, Source, Tier
from shared.hours import Hours
from shared.region import Region
from tests.unit.test_proof_packs import village_pack, without

PACK, REGION = Pack.load("sample"), Region.load("sample")
NIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)
SPOT = Spot("330681109201", date(2026, 3, 2), "neighbour", Source.POLICE)
REGISTERED = Situation()
DISPATCHED = Situation(RouteReason.DISPATCHED, holder="pmc-zhuji")
COUNTY, TOWN = "pmc-zhuji", "pmc-fengqiao"


def remedies(there, spot=SPOT, here=REGISTERED, sender=None, lowest=None, **row):
    """For a row that names the people's mediation committees of the county."""
    way = SimpleNamespace(
        action=Action.OFFER, designators=(), from_tier=lambda reached: lowest
    )
    answer = SimpleNamespace(
        way=way,
        bodies=row.get("bodies", (BodyKind.PMC_COUNTY,)),
        designators=row.get("designators", ()),
        rows=(("way", "W1"), ("lead", "L1"), ("nobody", "N1")),
    )
    step = SimpleNamespace(found=SimpleNamespace(answer=answer), here=here)
    found = SimpleNamespace(
        trouble=Trouble.NO_DESIGNATOR if row.get("designators") else Trouble.NO_BODY,
        future=SimpleNamespace(alike=SimpleNamespace(bodies=there)),
        steps=(step,),
        bodies=Bodies(Directory(REGION), spot, {}),
        sender=sender,
    )
    return Remedies(Words(REGION, PACK), found)


def body(id=COUNTY, **changes):
    return REGION.bodies[id].model_copy(update=changes)


@pytest.mark.parametrize(
    ("changes", "asked", "why"),
    [
        ({}, {"here": DISPATCHED}, "正由其持有"),
        ({}, {"sender": COUNTY}, "由其送来"),
        (
            {"hours": Hours.model_validate("work 08:00-18:00")},
            {"spot": SPOT._replace(at=NIGHT)},
            "当时不办公",
        ),
        ({"fields": frozenset({"medical"})}, {}, "只受理其他类别"),
        ({"chambers": frozenset({"chamber-a"})}, {}, "只为成员服务"),
        ({"tier": Tier.VILLAGE}, {"lowest": Tier.TOWN}, "层级不够"),
    ],
)
def test_a_body_that_is_there_and_does_not_count_is_told_with_the_reason(
    changes, asked, why
):
    county, town = body(**changes), body(TOWN)
    found = remedies([county, town], **asked)

    assert found.row == "L1"
    assert found.why().zh == f"{why}：{county.name}"
    assert county.name_en in found.why().en
    assert "乡镇人民调解委员会" in found.advice().zh
    assert "县级人民调解委员会" not in found.advice().zh


def test_a_body_of_a_kind_that_holds_the_dispute_is_not_advised_either():
    """Its kind is in no row, and it would not count if it were."""
    found = remedies([body()], here=DISPATCHED, bodies=(BodyKind.PMC_SOCIAL,))

    assert found.why().zh == "当地没有行业性专业性人民调解委员会"
    assert found.advice().zh == "当地没有其他可以写入该行的机构"


def test_who_may_act_itself_may_be_advised_although_it_sent_the_dispute():
    own = SPOT._replace(source=Source.HOTLINE)
    found = remedies([body()], own, sender=COUNTY, bodies=(BodyKind.PMC_SOCIAL,))

    assert "县级人民调解委员会" in found.advice().zh


def test_of_many_bodies_with_one_reason_three_are_named():
    many = [body(name=f"{n}号", fields=frozenset({"medical"})) for n in range(5)]
    there = [one.model_copy(update={"id": f"pmc-{n}"}) for n, one in enumerate(many)]
    found = remedies(there)

    assert found.why().zh == "只受理其他类别：pmc-0、pmc-1、pmc-2等 5 个"


def test_bodies_that_are_not_public_are_told_where_one_must_designate():
    kinds = (BodyKind.PMC_COUNTY, BodyKind.COURT)
    there = [body(), body("justice-zhuji")]
    found = remedies(there, designators=kinds)

    assert found.row == "N1"
    assert found.why().zh == f"当地没有人民法院；不是公共机构：{body().name}"
    assert found.advice().zh == "当地可以写入该行的公共机构：司法局"


def test_one_that_dispatches_is_advised_only_where_another_one_mediates():
    county, centre = body(), body("centre-zhuji")
    wanted = {"bodies": (BodyKind.PMC_SOCIAL,)}
    together = remedies([county, centre], **wanted).advice().zh

    assert "社会矛盾纠纷调处化解中心" in together
    assert "没有其他" in remedies([centre], **wanted).advice().zh


def test_the_proof_advises_no_body_that_holds_the_dispute_itself():
    """The county's committee dispatches to itself, for nobody else is there."""
    region = without("centre-zhuji", "pmc-trade-zhuji")
    county = region.bodies[COUNTY].model_copy(update={"dispatcher": True})
    found = check(
        village_pack(), replace(region, bodies=region.bodies | {COUNTY: county})
    )

    held = [one for one in found.failures if "正由其持有" in one.zh]
    assert held
    for one in held:
        why, advice = one.zh.split("来件机构")
        assert f"正由其持有：{county.name}" in why
        assert "县级人民调解委员会" not in why + advice
        assert "dispatcher 写 no" in advice
