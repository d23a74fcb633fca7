"""What a plan costs: the examples whose price is fixed."""

import asyncio
from dataclasses import replace

import pytest

from leadops.core.errors import CallBudgetError, RefusedError
from leadops.engine.select import noncompliant as compliance
from leadops.engine.select.selector import SelectAround, select
from leadops.model import predicate as p
from leadops.model.plan import Assign, Constant, Permissions, SetField, When
from leadops.model.schema import Field
from leadops.model.schema import FieldType as T
from leadops.planner.filters import pushed

STATUSES = ["Fresh", "Contacted", "Qualified", "Won", "Lost"]


@pytest.fixture(scope="module")
def world(fake):
    """5,000 leads: a status each 1,000, ratings 1 to 5, a call for each third one."""
    day = 24 * fake.HOUR
    return [
        fake.row(
            number,
            created=fake.NOW - number * fake.HOUR,
            status=STATUSES[number % 5],
            rating=5 if number % 5 == 3 else number % 5 + 1,
            assignee=["agent@company.com", "boss@company.com"][number % 2],
            actions=[
                {"type": "OUTGOING_CALL", "by": "agent@company.com", "at": fake.NOW - (number % 40) * day}
            ]
            if number % 3 == 0
            else [],
        )
        for number in range(5000)
    ]


def status(label):
    return p.Equals("status", T.STATUS, label)


def called(fake, days=14, by=("agent@company.com",)):
    return p.Activity(
        ("OUTGOING_CALL",), by, p.Window(fake.NOW - days * 24 * fake.HOUR, fake.NOW + 1, "a", "b", "then")
    )


def run(
    fake,
    world,
    condition,
    *,
    goal=None,
    max_calls=None,
    judge=None,
    permissions=None,
    service=None,
    **step,
):
    service = service or fake.Fake(world)
    made = fake.step_of(condition, permissions=permissions or Permissions(), **step)
    around = SelectAround(fake.Verdicts(), fake.index_of(world), goal=goal, max_calls=max_calls, judge=judge)
    found = asyncio.run(select(made, fake.plan_of(made), service, around))
    assert found.calls == service.calls.reads <= found.bound
    return found, service


def pages(count):
    return -(-count // 100)


def test_status_and_call_in_one_window_is_one_search(fake, world):
    found, service = run(fake, world, p.And((status("Won"), called(fake))))
    assert len(found.leads) == 125
    assert (service.pages, service.probes) == (2, 4)
    [(body, _, _), *_] = [entry for entry in service.log if entry[2] > 1]
    assert body["fields"]["status"] == "Won"
    assert body["actions"]["type"] == "OUTGOING_CALL"
    assert body["actions"]["performed_at"]["to"] == fake.NOW


def test_not_called_is_a_difference_whose_subtrahend_is_narrowed_and_read_last(fake, world):
    found, service = run(fake, world, p.And((p.Not(called(fake, by=())), status("Fresh"))))
    fresh = [lead for lead in world if lead["fields"]["status"] == "Fresh"]
    assert len(found.leads) + 125 == len(fresh)
    assert service.pages == pages(1000) + pages(125)
    assert service.probes <= 6
    last = service.log[-1][0]
    assert last["actions"]
    assert last["fields"]["status"] == "Fresh"


def test_a_range_of_ratings_is_one_list(fake, world):
    found, service = run(fake, world, p.Compare("rating", T.RATING, ">=", 4))
    wanted = [lead for lead in world if lead["fields"]["rating"] >= 4]
    assert {lead.id for lead in found.leads} == {lead["id"] for lead in wanted}
    assert service.pages == pages(len(wanted))
    assert service.log[0][0] == {"fields": {"rating": [4, 5]}}


def test_not_equal_asks_for_the_other_labels_when_they_cover(fake, world):
    found, service = run(fake, world, p.Not(status("Won")))
    assert len(found.leads) == 4000
    assert service.pages == pages(4000)
    assert service.probes <= 6


def test_not_equal_needs_a_full_scan_when_a_lead_has_no_value(fake, world):
    gap = [*world[:-1], fake.row(9999, rating=1)]
    with pytest.raises(RefusedError, match="no search can find"):
        run(fake, gap, p.Not(status("Won")))
    found, _ = run(fake, gap, p.Not(status("Won")), permissions=Permissions(full_scan=True))
    assert f"{9999:024x}" in {lead.id for lead in found.leads}
    assert any("have no status" in note for note in found.notes)


def test_a_limit_reads_one_page(fake, world):
    found, service = run(fake, world, status("Won"), limit=20)
    assert service.pages == 1
    assert [lead.id for lead in found.leads] == [
        lead["id"] for lead in world if lead["fields"]["status"] == "Won"
    ][:20]
    assert not found.exact
    assert found.matched == 1000


def test_the_oldest_are_read_from_the_last_page(fake, world):
    found, service = run(fake, world, status("Won"), limit=20, newest=False)
    assert service.pages == 1
    oldest = [lead["id"] for lead in reversed(world) if lead["fields"]["status"] == "Won"]
    assert [lead.id for lead in found.leads] == oldest[:20]


def test_a_limit_counts_only_leads_that_need_a_change(fake, world):
    class EveryOther:
        judged = 0

        async def prepare(self, leads, facts):
            pass

        async def complying(self, leads, facts):
            self.judged += len(leads)
            return [int(lead.fields["phone"]) % 2 == 0 for lead in leads]

        def rank(self, lead):
            return None

    judge = EveryOther()
    found, service = run(fake, world, status("Won"), limit=60, judge=judge)
    assert len(found.leads) == 60
    assert 0 < found.compliant < 61
    assert service.pages == 2
    assert judge.judged == 60 + found.compliant


@pytest.mark.parametrize(
    ("limit", "newest", "sizes"),
    [
        (50, True, [(0, 50)]),
        (250, True, [(0, 100), (100, 100), (200, 50)]),
        (50, False, [(950, 50)]),
        (250, False, [(900, 100), (800, 100), (750, 50)]),
    ],
)
def test_a_step_that_only_finds_reads_no_row_beyond_its_limit(fake, world, limit, newest, sizes):
    found, service = run(fake, world, status("Won"), limit=limit, newest=newest)
    won = [lead["id"] for lead in world if lead["fields"]["status"] == "Won"]
    assert [lead.id for lead in found.leads] == (won if newest else won[::-1])[:limit]
    assert [(skip, size) for _, skip, size in service.log if size > 1] == sizes
    assert found.bound <= len(sizes) + 10
    assert (found.matched, found.exact) == (1000, False)


def test_a_limit_beyond_what_is_found_reads_all(fake, world):
    wanted = p.And((status("Won"), called(fake)))
    found, service = run(fake, world, wanted, limit=130)
    assert (len(found.leads), found.exact, service.pages) == (125, True, 2)


def test_compliance_reads_only_the_four_that_do_not_comply(fake, world):
    won = [lead for lead in world if lead["fields"]["status"] == "Won"]
    changed = {lead["id"] for lead in won[5:800:200]}
    now = [
        {**lead, "fields": {**lead["fields"], "rating": 2}} if lead["id"] in changed else lead
        for lead in world
    ]
    effect = SetField(Assign("rating", T.RATING, Constant(5)))
    goal = compliance.goal(fake.step_of(status("Won"), effects=(effect,)))
    found, service = run(fake, now, status("Won"), goal=goal)
    assert {lead.id for lead in found.leads} == changed
    assert len(changed) == 4
    assert (found.matched, found.compliant) == (1000, 996)
    assert service.pages == 1
    assert service.probes <= 6


def test_compliance_reads_no_page_when_all_comply(fake, world):
    found, service = run(fake, world, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert (found.leads, found.matched, found.compliant) == ((), 1000, 1000)
    assert service.pages == 0
    assert service.probes <= 6


def test_a_text_with_blanks_to_spare_is_not_counted_as_found_where_others_are(fake, world):
    texts = {**dict.fromkeys(range(3), "Acme Ltd"), **dict.fromkeys(range(990, 993), "Other")}
    won = [lead for lead in world if lead["fields"]["status"] == "Won"]
    names = {lead["id"]: texts.get(at, "Acme  Ltd") for at, lead in enumerate(won)}
    now = [
        {**lead, "fields": {**lead["fields"], "name": names.get(lead["id"], "Acme  Ltd")}} for lead in world
    ]
    other = {key for key, name in names.items() if name == "Other"}
    goal = p.Equals("name", T.TEXT, "Acme  Ltd")
    found, _ = run(fake, now, status("Won"), goal=goal)
    assert other <= {lead.id for lead in found.leads}
    exact, _ = run(fake, now, p.And((status("Won"), goal)))
    assert (exact.matched, len(exact.leads)) == (994, 994)


def test_compliance_under_when_reads_only_the_leads_of_its_condition_that_lack_it(fake, world):
    now = [
        {**lead, "fields": {**lead["fields"], "rating": 2}} if number in {3, 103, 2003} else lead
        for number, lead in enumerate(world)
    ]
    effect = SetField(Assign("rating", T.RATING, Constant(5)))
    low = p.Compare("rating", T.RATING, "<", 5)
    goal = compliance.goal(fake.step_of(status("Won"), effects=(When(low, (effect,)),)))
    found, service = run(fake, now, status("Won"), goal=goal)
    assert {lead.id for lead in found.leads} == {now[number]["id"] for number in (3, 103, 2003)}
    assert (found.matched, found.compliant) == (1000, 997)
    assert service.pages == 1


def test_counting_who_complies_is_left_out_where_it_cannot_pay(fake, world):
    wanted = p.And(
        (
            p.OneOf("status", T.STATUS, ("Fresh", "Won", "Lost")),
            p.Equals("assignee", T.MEMBER, "agent@company.com"),
            p.Equals("rating", T.RATING, 5),
        )
    )
    some = world[:1200]
    found, service = run(fake, some, wanted, goal=p.Equals("source", T.DROPDOWN, "Website"))
    assert len(found.leads) == 240
    assert service.calls.reads <= 3 + 6


def test_an_ignored_filter_never_makes_leads_look_compliant(fake, world):
    service = fake.Fake(world, lies=(("ignore", "rating"),))
    found, _ = run(fake, world, status("Fresh"), goal=p.Equals("rating", T.RATING, 5), service=service)
    assert len(found.leads) == 1000


def test_a_second_activity_is_looked_up_by_identifiers(fake, world):
    few = p.And((called(fake, 4), status("Won")))
    both = p.And((*few.terms, called(fake, 400, ())))
    found, service = run(fake, world, both)
    assert len(found.leads) == len(run(fake, world, few)[0].leads) > 0
    assert service.pages == 2


def test_assignee_with_a_list_of_statuses_is_one_search_a_status(fake, world):
    condition = p.And(
        (p.Equals("assignee", T.MEMBER, "agent@company.com"), p.OneOf("status", T.STATUS, ("Won", "Lost")))
    )
    found, service = run(fake, world, condition)
    assert len(found.leads) == 1000
    assert service.pages == 10


def test_a_moved_clock_does_not_hide_leads(fake, world):
    made = fake.step_of(status("Won"))
    plan = fake.plan_of(made)
    around = SelectAround(fake.Verdicts(), fake.Index(), wall_ms=fake.NOW)
    past = type(plan)(
        **{name: getattr(plan, name) for name in plan.__slots__} | {"clock_ms": fake.NOW - 10**10}
    )
    found = asyncio.run(select(made, past, fake.Fake(world), around))
    assert found.matched == 1000
    unaware = SelectAround(fake.Verdicts(), fake.Index())
    assert asyncio.run(select(made, past, fake.Fake(world), unaware)).matched == 1000


def test_the_budget_of_calls_refuses_before_the_first_page(fake, world):
    service = fake.Fake(world)
    with pytest.raises(CallBudgetError, match="the limit is 12"):
        run(fake, world, p.Compare("rating", T.RATING, ">=", 4), max_calls=12, service=service)
    assert service.pages == 0


def test_nothing_pushable_is_refused_by_name(fake, world):
    condition = p.TextMatch("name", T.TEXT, "contains", "7", text='name contains "7"')
    with pytest.raises(RefusedError, match=r'name contains "7"') as refused:
        run(fake, world, condition)
    assert "allow full scan" in refused.value.help


def test_fields_of_actions_need_timelines_of_the_leads_that_a_search_finds(fake):
    visit = {"type": "1001", "by": "", "at": fake.NOW - 5, "fields": {"outcome": "Interested"}}
    cold = {**visit, "fields": {"outcome": "Cold"}}
    world = [
        fake.row(n, status="Won", actions=[visit] if n == 1 else [cold] if 0 < n < 5 else [])
        for n in range(60)
    ]
    having = p.Activity(("1001",), having=(p.Having("outcome", T.TEXT, "interested"),))
    condition = p.And((status("Won"), having))
    with pytest.raises(RefusedError, match="timelines of up to 4 leads"):
        run(fake, world, condition)
    found, service = run(fake, world, condition, permissions=Permissions(timelines=True))
    assert [lead.id for lead in found.leads] == [world[1]["id"]]
    assert service.timelines == 4
    with pytest.raises(RefusedError, match="the step allows 3"):
        run(fake, world, condition, permissions=Permissions(timelines=True, timelines_at_most=3))


@pytest.mark.parametrize("lie", ["ignore actions", ("ignore", "performed_by"), ("ignore", "performed_at")])
def test_an_ignored_actions_block_is_refused_or_made_good_from_timelines(fake, world, lie):
    small = world[:90]
    condition = p.And((status("Won"), called(fake)))
    with pytest.raises(RefusedError, match="ignores"):
        run(fake, small, condition, service=fake.Fake(small, lies=(lie,)))
    service = fake.Fake(small, lies=(lie,))
    found, _ = run(fake, small, condition, permissions=Permissions(timelines=True), service=service)
    truth, _ = run(fake, small, condition)
    assert {lead.id for lead in found.leads} == {lead.id for lead in truth.leads} != set()


def test_a_refusal_names_the_filter_that_the_service_ignores(fake, world):
    service = fake.Fake(world, lies=("ignore actions",))
    with pytest.raises(RefusedError, match="the service ignores the filter on the type of an action"):
        run(fake, world, called(fake), service=service)


def test_an_ignored_field_filter_is_refused_by_name(fake, world):
    service = fake.Fake(world, lies=(("ignore", "status"),))
    with pytest.raises(RefusedError, match="ignore the filter on status"):
        run(fake, world, status("Won"), service=service)
    assert service.pages == 0


def test_a_refused_range_becomes_a_local_test(fake):
    world = [fake.row(n, status="Won", due=fake.NOW + n * fake.HOUR) for n in range(150)]
    due = p.InWindow("due", p.Window(fake.NOW, fake.NOW + 5 * fake.HOUR, "a", "b", "soon"))
    service = fake.Fake(world, lies=(("refuse range", "due"),))
    found, _ = run(fake, world, p.And((status("Won"), due)), service=service)
    assert len(found.leads) == 5


@pytest.mark.parametrize("held", ["+91 98765 43210", "09876543210", "9876543210", "+91-9876543210"])
def test_a_phone_that_is_no_identifier_is_searched_for_as_people_type_it(fake, held):
    numbers = replace(fake.SCHEMA, fields=(*fake.SCHEMA.fields, Field("second_phone", T.PHONE)))
    test = p.Equals("second_phone", T.PHONE, "9876543210")
    one = pushed(test, numbers)
    assert held in one.values
    assert len(one.values) <= 16
    assert len(pushed(p.Equals("phone", T.PHONE, "9876543210"), numbers).values) == 3


def test_long_lists_are_split_and_halved_when_refused(fake):
    world = [fake.row(n) for n in range(120)]
    phones = tuple(lead["fields"]["phone"] for lead in world)
    found, _ = run(fake, world, p.OneOf("phone", T.PHONE, phones), service=fake.Fake(world, cap=20))
    assert len(found.leads) == 120


def test_find_lead_wants_exactly_one(fake, world):
    with pytest.raises(RefusedError, match="1000 leads match"):
        run(fake, world, status("Won"), single=True)
    one, _ = run(fake, world, p.Equals("phone", T.PHONE, "+91 90000 00007"), single=True)
    assert one.leads[0].id == world[7]["id"]


def test_the_plan_is_explained(fake, world):
    found, _ = run(
        fake, world, p.And((status("Won"), p.TextMatch("name", T.TEXT, "contains", "7"), p.Not(called(fake))))
    )
    text = "\n".join(found.explain)
    assert '{"fields":{"status":"Won"}}' in text
    assert "1000 leads, 10 pages" in text
    assert 'pushed: status = "Won"' in text
    assert "a search knows only whole values" in text
    assert "difference" in text
    assert found.tree["calls"]["bound"] == found.bound
    assert next(use.count for use in found.searches) == 1000
    assert next(use.pages for use in found.searches) == 10


def test_a_union_reads_no_lead_twice_where_a_search_can_leave_it_out(fake):
    world = [
        fake.row(
            n, created=fake.NOW - n * fake.HOUR, status=STATUSES[n % 5], name="Asha" if n % 2 else "Ravi"
        )
        for n in range(2000)
    ]
    either = p.Or((p.Equals("name", T.TEXT, "Asha"), p.OneOf("status", T.STATUS, ("Won", "Lost"))))
    found, service = run(fake, world, either)
    wanted = [
        one for one in world if one["fields"]["name"] == "Asha" or one["fields"]["status"] in ("Won", "Lost")
    ]
    assert {lead.id for lead in found.leads} == {one["id"] for one in wanted}
    assert service.pages == 8 + 6
    assert len(service.log) - service.pages <= 6


def lacking(fake, world, numbers):
    """Return the world with the Won leads of these places without a rating."""
    won = [lead["id"] for lead in world if lead["fields"]["status"] == "Won"]
    gone = {won[number] for number in numbers}
    kept = [
        {**lead, "fields": {k: v for k, v in lead["fields"].items() if k != "rating"}}
        if lead["id"] in gone
        else lead
        for lead in world
    ]
    return kept, gone


def test_new_leads_without_a_value_are_found_on_the_first_page(fake, world):
    now, gone = lacking(fake, world, [0, 3, 40, 99])
    found, service = run(fake, now, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert {lead.id for lead in found.leads} == gone
    assert (found.matched, found.compliant) == (1000, 996)
    assert service.pages == 1


@pytest.mark.parametrize("numbers", [[0], [4_999], [2_345], [1_111, 4_321]])
def test_few_leads_without_a_value_among_many_are_found_by_halving(fake, numbers):
    world = [fake.row(n, created=fake.NOW - n * fake.HOUR, status="Won", rating=5) for n in range(5000)]
    now, gone = lacking(fake, world, numbers)
    found, service = run(fake, now, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert {lead.id for lead in found.leads} == gone
    assert (found.matched, found.compliant) == (5000, 5000 - len(numbers))
    assert service.pages <= 1 + len(numbers)
    assert service.calls.reads < 36


def test_leads_with_another_value_are_searched_for_and_only_those_without_any_are_hunted(fake):
    world = [fake.row(n, created=fake.NOW - n * fake.HOUR, status="Won", rating=5) for n in range(5000)]
    now, gone = lacking(fake, world, [1_111, 4_321])
    for number in (40, 2_222, 3_333):
        now[number] = fake.row(
            number, created=fake.NOW - number * fake.HOUR, status="Won", rating=number % 4 + 1
        )
        gone.add(now[number]["id"])
    found, service = run(fake, now, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert {lead.id for lead in found.leads} == gone
    assert (found.matched, found.compliant) == (5000, 4995)
    assert service.pages <= 1 + 1 + 2
    assert service.calls.reads <= found.bound
    assert service.calls.reads < 40


def test_a_value_in_another_form_complies_though_no_search_finds_it(fake):
    world = [
        fake.row(n, created=fake.NOW - n * fake.HOUR, status="Won", rating="5" if n == 2_345 else 5)
        for n in range(5000)
    ]
    now, gone = lacking(fake, world, [1_111])
    found, service = run(fake, now, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert {lead.id for lead in found.leads} == gone
    assert (found.matched, found.compliant) == (5000, 4999)
    assert service.pages <= 3


def test_leads_of_one_moment_are_read_page_by_page(fake):
    world = [fake.row(n, status="Won", rating=5) for n in range(3000)]
    now, gone = lacking(fake, world, [2_345])
    found, _ = run(fake, now, status("Won"), goal=p.Equals("rating", T.RATING, 5))
    assert {lead.id for lead in found.leads} == gone


# ── tags ─────────────────────────────────────────────────────────────────────────────────────────

VIP = p.HasTags("interests", "any", ("VIP",))


def tagged(fake, *tags):
    return [
        fake.row(n, created=fake.NOW - n * fake.HOUR, status="Won", interests=list(some))
        for n, some in enumerate(tags)
    ]


def test_a_search_for_one_tag_is_used_when_it_finds_leads_with_several(fake):
    world = tagged(fake, ["VIP", "Loan"], ["VIP"], ["Loan"])
    found, service = run(fake, world, VIP)
    assert len(found.leads) == 2
    assert service.pages == 1
    assert found.notes == ()


def test_a_service_that_compares_whole_lists_of_tags_hides_no_lead(fake):
    world = tagged(fake, ["VIP"], ["VIP", "Loan"], ["Loan"])
    service = fake.Fake(world, lies=("whole tags",))
    with pytest.raises(RefusedError, match="no search can find"):
        run(fake, world, VIP, service=service)
    both = p.And((status("Won"), VIP))
    found, service = run(fake, world, both, service=fake.Fake(world, lies=("whole tags",)))
    assert len(found.leads) == 2
    assert "interests" not in str([body for body, _, size in service.log if size > 1][-1])


def test_tags_of_which_nobody_has_several_are_searched_for_with_a_note(fake):
    world = tagged(fake, ["VIP"], ["Loan"])
    found, _ = run(fake, world, VIP)
    assert len(found.leads) == 1
    assert "nobody knows whether a search for one finds such leads" in found.notes[0]


def test_complying_tags_are_not_counted_by_a_search_that_hides_them(fake):
    tags = [["VIP", "Loan"] if n % 3 else ["VIP"] for n in range(300)]
    world = tagged(fake, *tags, ["Loan"])
    goal = p.HasTags("interests", "all", ("VIP",))
    found, _ = run(fake, world, status("Won"), goal=goal, service=fake.Fake(world, lies=("whole tags",)))
    assert {lead.fields["phone"] for lead in found.leads if "VIP" not in lead.fields["interests"]} == {
        world[-1]["fields"]["phone"]
    }


@pytest.mark.parametrize(("lack", "pages"), [((), 0), ((0, 7), 1)])
def test_two_tags_are_counted_one_by_one(fake, lack, pages):
    world = tagged(fake, *[["Loan"] if n in lack else ["VIP", "Loan"] for n in range(700)])
    goal = p.HasTags("interests", "all", ("VIP", "Loan"))
    found, service = run(fake, world, status("Won"), goal=goal)
    assert [lead.id for lead in found.leads] == [world[n]["id"] for n in lack]
    assert (found.matched, found.compliant) == (700, 700 - len(lack))
    assert service.pages <= pages + 1  # and one to learn what a search for a tag finds


def test_tags_are_sent_in_the_workspaces_own_spelling(fake):
    world = tagged(fake, ["VIP", "Loan"])
    _, service = run(fake, world, p.HasTags("interests", "any", ("vip",)))
    assert service.log[-1][0] == {"fields": {"interests": ["VIP", "vip"]}}


def test_the_query_plan_is_data_too(fake, world):
    found, _ = run(fake, world, p.And((status("Won"), p.Not(called(fake)))))
    [arm] = found.tree["union"]
    assert arm["search"]["count"] == 1000
    assert [one["kind"] for one in arm["activities"]] == ["difference"]
    assert arm["calls"] == arm["search"]["pages"] + sum(one["calls"] for one in arm["activities"])
    assert found.tree["calls"]["made"] <= found.tree["calls"]["bound"]
    assert found.tree["compliance"] is None
