"""Forty playbooks and more, each with its meaning in plain Python and the price of the best plan that is known."""

import math
from dataclasses import dataclass
from itertools import islice

from tests.conformance.judge import APRIL, INCOMING, OUTGOING, did, text, within
from tests.independent.definitions import AGENT

PRIYA = "priya.nair@company.com"
MARK = 'set home_page = "https://judged.example.com"'


@dataclass(frozen=True, slots=True)
class Case:
    """A playbook, which leads it is to change, and in how many pages they can be found.

    Attributes:
        text: the condition, or (with ``whole``) the playbook; ``{…}`` is filled from ``words``.
        chosen: (oracle, lead) → whether the condition selects it.
        best: oracle → pages of the best plan known.
        effect: the statement that changes the leads.
        complies: lead → whether it needs nothing.
        rest: statements between the condition and the effect.
        words: oracle → words for ``{…}``.
    """

    name: str
    text: str
    chosen: object
    best: object
    effect: str = MARK
    complies: object = lambda lead: False
    rest: str = ""
    words: object = None
    head: str = ""

    def playbook(self, oracle):
        """Return the playbook's text."""
        words = self.words(oracle) if self.words else {}
        body = f"{self.head}\nfind leads where {self.text}\n{self.rest}\n{self.effect}\n"
        for key, value in words.items():
            body = body.replace("{" + key + "}", str(value))
        return body

    def expected(self, oracle):
        """Return the ids of the leads to change."""
        return {lead.id for lead in oracle.leads if self.chosen(oracle, lead) and not self.complies(lead)}


def f(lead, name):
    return lead.fields.get(name)


def status(*labels):
    return lambda lead: f(lead, "status") in labels


def rating_of_5(lead):
    return f(lead, "rating") == 5


def both(*tests):
    return lambda lead: all(test(lead) for test in tests)


def pages(*tests):
    """The pages of the leads that satisfy all tests."""
    return lambda o: o.pages(both(*tests))


def money(lead):
    return float(f(lead, "deal_size") or "nan")


RATE = {"effect": "set rating = 5", "complies": rating_of_5}
RECENT = 14


def called_april(by=None):
    return lambda lead: did(lead, OUTGOING, APRIL, by)


def fresh_two(o):
    """Return the two newest Fresh leads."""
    return list(islice((lead for lead in o.leads if status("Fresh")(lead)), 2))


CASES = [
    Case(
        "status and call in one window",
        f"status=Won and called by {AGENT} in April 2026",
        lambda o, lead: status("Won")(lead) and called_april({AGENT})(lead),
        pages(status("Won"), called_april({AGENT})),
        **RATE,
    ),
    Case("one status", "status = Won", lambda o, lead: status("Won")(lead), pages(status("Won"))),
    Case(
        "one status, rated",
        "status = Won",
        lambda o, lead: status("Won")(lead),
        pages(status("Won"), lambda lead: not rating_of_5(lead)),
        **RATE,
    ),
    Case(
        "two statuses",
        "status in [Won, lost]",
        lambda o, lead: status("Won", "Lost")(lead),
        pages(status("Won", "Lost")),
    ),
    Case(
        "not one status",
        "status != Won",
        lambda o, lead: not status("Won")(lead),
        pages(lambda lead: not status("Won")(lead)),
    ),
    Case(
        "not in statuses, created in a month",
        "status not in [Won, Lost] and created in {month}",
        lambda o, lead: not status("Won", "Lost")(lead) and within(lead.created, o.month(-4)[1]),
        lambda o: o.pages(
            lambda lead: not status("Won", "Lost")(lead) and within(lead.created, o.month(-4)[1])
        ),
        words=lambda o: {"month": o.month(-4)[0]},
    ),
    Case(
        "rating at least 4",
        "rating >= 4",
        lambda o, lead: (f(lead, "rating") or 0) >= 4,
        pages(lambda lead: (f(lead, "rating") or 0) >= 4),
    ),
    Case(
        "rating below 3",
        "rating < 3 and status = Fresh",
        lambda o, lead: f(lead, "rating") in (1, 2) and status("Fresh")(lead),
        pages(status("Fresh"), lambda lead: f(lead, "rating") in (1, 2)),
    ),
    Case(
        "rating not 3",
        "rating != 3 and status = Won",
        lambda o, lead: f(lead, "rating") != 3 and status("Won")(lead),
        pages(status("Won")),
        effect="set city = Pune",
        complies=lambda lead: text(f(lead, "city")) == "pune",
    ),
    Case(
        "rating missing",
        "rating is missing and status = Contacted",
        lambda o, lead: f(lead, "rating") is None and status("Contacted")(lead),
        pages(status("Contacted")),
    ),
    Case(
        "rating present",
        "rating is present and status = Contacted",
        lambda o, lead: f(lead, "rating") is not None and status("Contacted")(lead),
        pages(status("Contacted"), lambda lead: f(lead, "rating") is not None),
    ),
    Case(
        "name contains",
        'name contains "rao" and status = Fresh',
        lambda o, lead: "rao" in text(f(lead, "name")) and status("Fresh")(lead),
        pages(status("Fresh")),
        **RATE,
    ),
    Case(
        "name starts, in a city",
        "name starts with asha and city = pune and status in [Won, Qualified]",
        lambda o, lead: (
            text(f(lead, "name")).startswith("asha")
            and text(f(lead, "city")) == "pune"
            and status("Won", "Qualified")(lead)
        ),
        pages(status("Won", "Qualified"), lambda lead: text(f(lead, "city")) == "pune"),
    ),
    Case(
        "e-mail ends",
        'email ends with "9@MAIL.example.com" and contact_source = Referral and status = Lost',
        lambda o, lead: (
            text(f(lead, "email")).endswith("9@mail.example.com")
            and f(lead, "contact_source") == "Referral"
            and status("Lost")(lead)
        ),
        pages(status("Lost"), lambda lead: f(lead, "contact_source") == "Referral"),
    ),
    Case(
        "e-mail missing",
        "email is missing and status = Qualified",
        lambda o, lead: not f(lead, "email") and status("Qualified")(lead),
        pages(status("Qualified")),
    ),
    Case(
        "city missing or blank",
        "city is missing and status = Won and contact_source = Website",
        lambda o, lead: (
            not f(lead, "city") and status("Won")(lead) and f(lead, "contact_source") == "Website"
        ),
        pages(status("Won"), lambda lead: f(lead, "contact_source") == "Website"),
    ),
    Case(
        "a city with a mark",
        'city = "NĀGPUR"',
        lambda o, lead: text(f(lead, "city")) == "nāgpur",
        pages(lambda lead: text(f(lead, "city")) == "nāgpur"),
    ),
    Case(
        "any of two tags",
        'interests has any ["vip", "3BHK"]',
        lambda o, lead: bool({"VIP", "3BHK"} & set(f(lead, "interests") or ())),
        pages(lambda lead: bool({"VIP", "3BHK"} & set(f(lead, "interests") or ()))),
    ),
    Case(
        "all of two tags",
        "interests has all [VIP, 3BHK]",
        lambda o, lead: {"VIP", "3BHK"} <= set(f(lead, "interests") or ()),
        lambda o: min(o.pages(lambda lead, t=t: t in (f(lead, "interests") or ())) for t in ("VIP", "3BHK")),
        **RATE,
    ),
    Case(
        "a tag to add",
        "status = Won and created in last 200 days",
        lambda o, lead: status("Won")(lead) and within(lead.created, o.last(200)),
        lambda o: o.pages(lambda lead: status("Won")(lead) and within(lead.created, o.last(200))),
        effect='add "VIP" to interests',
        complies=lambda lead: "VIP" in (f(lead, "interests") or ()),
    ),
    Case(
        "phones in several spellings",
        'phone in ["{a}", "{b}", {c}, "{d}"]',
        lambda o, lead: lead in o.leads[3:7],
        lambda o: 1,
        words=lambda o: {
            "a": "+" + o.leads[3].fields["phone"],
            "b": o.leads[4].fields["phone"][2:],
            "c": o.leads[5].fields["phone"],
            "d": "+91 {} {}".format(o.leads[6].fields["phone"][2:7], o.leads[6].fields["phone"][7:]),
        },
    ),
    Case(
        "not these phones",
        'phone not in ["{a}", "{b}"] and status = Fresh',
        lambda o, lead: status("Fresh")(lead) and lead not in fresh_two(o),
        pages(status("Fresh")),
        words=lambda o: dict(zip("ab", [one.fields["phone"][2:] for one in fresh_two(o)], strict=True)),
    ),
    Case(
        "money at least",
        "deal_size >= 20000 and status = Won",
        lambda o, lead: money(lead) >= 20000 and status("Won")(lead),
        pages(status("Won")),
    ),
    Case(
        "money equal",
        "deal_size = 2500 and status = Fresh",
        lambda o, lead: money(lead) == 2500 and status("Fresh")(lead),
        pages(status("Fresh")),
    ),
    Case(
        "number between",
        "budget between 50000 and 90000 and status = Lost",
        lambda o, lead: 50000 <= f(lead, "budget") <= 90000 and status("Lost")(lead),
        pages(status("Lost")),
        **RATE,
    ),
    Case(
        "number in a list",
        "budget in [120000, 121000, 122000]",
        lambda o, lead: f(lead, "budget") in (120000, 121000, 122000),
        pages(lambda lead: f(lead, "budget") in (120000, 121000, 122000)),
    ),
    Case(
        "date in a period",
        "visit_on in last 30 days",
        lambda o, lead: within(f(lead, "visit_on"), o.last(30)),
        lambda o: o.pages(lambda lead: within(f(lead, "visit_on"), o.last(30))),
    ),
    Case(
        "date range of days",
        "visit_on in {from}..{to} and status != Lost",
        lambda o, lead: (
            within(f(lead, "visit_on"), o.window(o.day(-20), o.day(20))) and not status("Lost")(lead)
        ),
        lambda o: o.pages(
            lambda lead: (
                within(f(lead, "visit_on"), o.window(o.day(-20), o.day(20))) and not status("Lost")(lead)
            )
        ),
        words=lambda o: {"from": o.day(-20), "to": o.day(20)},
    ),
    Case(
        "date before a day",
        "visit_on < {day} and status = Won",
        lambda o, lead: (
            (f(lead, "visit_on") or 9e99) < o.window(o.day(-5), o.day(-5))[0] and status("Won")(lead)
        ),
        lambda o: o.pages(
            lambda lead: (
                (f(lead, "visit_on") or 9e99) < o.window(o.day(-5), o.day(-5))[0] and status("Won")(lead)
            )
        ),
        words=lambda o: {"day": o.day(-5)},
    ),
    Case(
        "date missing",
        "visit_on is missing and status = Won",
        lambda o, lead: f(lead, "visit_on") is None and status("Won")(lead),
        pages(status("Won")),
        **RATE,
    ),
    Case(
        "date not in a period",
        "not (visit_on in {month}) and status = Fresh",
        lambda o, lead: not within(f(lead, "visit_on"), o.month(-1)[1]) and status("Fresh")(lead),
        pages(status("Fresh")),
        words=lambda o: {"month": o.month(-1)[0]},
    ),
    Case(
        "created in a month",
        "created in {month}",
        lambda o, lead: within(lead.created, o.month(-3)[1]),
        lambda o: o.pages(lambda lead: within(lead.created, o.month(-3)[1])),
        words=lambda o: {"month": o.month(-3)[0]},
        **RATE,
    ),
    Case(
        "not created lately",
        "not (created in last 300 days) and status = Won",
        lambda o, lead: not within(lead.created, o.last(300)) and status("Won")(lead),
        lambda o: o.pages(lambda lead: not within(lead.created, o.last(300)) and status("Won")(lead)),
    ),
    Case(
        "member with statuses",
        f"assignee = {PRIYA} and status in [Won, Lost]",
        lambda o, lead: f(lead, "assignee") == PRIYA and status("Won", "Lost")(lead),
        lambda o: sum(
            o.pages(lambda lead, s=s: f(lead, "assignee") == PRIYA and status(s)(lead))
            for s in ("Won", "Lost")
        ),
    ),
    Case(
        "members, not one status, lately",
        f'assignee in [{PRIYA}, "{AGENT}"] and status != Lost and created in last 120 days',
        lambda o, lead: (
            f(lead, "assignee") in (PRIYA, AGENT)
            and not status("Lost")(lead)
            and within(lead.created, o.last(120))
        ),
        lambda o: o.pages(
            lambda lead: f(lead, "assignee") in (PRIYA, AGENT) and within(lead.created, o.last(120))
        ),
        **RATE,
    ),
    Case(
        "member missing",
        "assignee is missing and status = Lost",
        lambda o, lead: not f(lead, "assignee") and status("Lost")(lead),
        pages(status("Lost")),
    ),
    Case(
        "not a member",
        f"assignee != {AGENT} and status = Won",
        lambda o, lead: f(lead, "assignee") != AGENT and status("Won")(lead),
        pages(status("Won")),
    ),
    Case(
        "called us",
        "called us in April 2026",
        lambda o, lead: did(lead, INCOMING, APRIL),
        pages(lambda lead: did(lead, INCOMING, APRIL)),
    ),
    Case(
        "missed call",
        f"missed call by {AGENT} in last 30 days and status != Won",
        lambda o, lead: did(lead, {"MISSED_CALL"}, o.last(30), {AGENT}) and not status("Won")(lead),
        lambda o: o.pages(
            lambda lead: did(lead, {"MISSED_CALL"}, o.last(30), {AGENT}) and not status("Won")(lead)
        ),
        **RATE,
    ),
    Case(
        "one of two callers",
        f"called by {AGENT} in April 2026 or called by {PRIYA} in April 2026",
        lambda o, lead: called_april({AGENT, PRIYA})(lead),
        pages(called_april({AGENT, PRIYA})),
        effect="set budget = 7",
        complies=lambda lead: f(lead, "budget") == 7,
    ),
    Case(
        "two call phrases",
        f"called by {PRIYA} in April 2026 and called by {AGENT} in last 30 days",
        lambda o, lead: called_april({PRIYA})(lead) and did(lead, OUTGOING, o.last(30), {AGENT}),
        lambda o: (
            2
            * min(
                o.pages(called_april({PRIYA})), o.pages(lambda lead: did(lead, OUTGOING, o.last(30), {AGENT}))
            )
        ),
    ),
    Case(
        "a call in, a call out",
        "status = Won and called us in April 2026 and called in April 2026",
        lambda o, lead: status("Won")(lead) and did(lead, INCOMING, APRIL) and did(lead, OUTGOING, APRIL),
        lambda o: (
            2
            * min(
                o.pages(both(status("Won"), lambda lead, t=t: did(lead, t, APRIL)))
                for t in (INCOMING, OUTGOING)
            )
        ),
        **RATE,
    ),
    Case(
        "not called lately",
        "not called in last 14 days and status = Fresh",
        lambda o, lead: status("Fresh")(lead) and not did(lead, OUTGOING, o.last(RECENT)),
        lambda o: (
            o.pages(status("Fresh"))
            + o.pages(lambda lead: status("Fresh")(lead) and did(lead, OUTGOING, o.last(RECENT)))
        ),
    ),
    Case(
        "not called lately, rated",
        "not called in last 14 days and status = Fresh",
        lambda o, lead: status("Fresh")(lead) and not did(lead, OUTGOING, o.last(RECENT)),
        lambda o: (
            o.pages(both(status("Fresh"), lambda lead: not rating_of_5(lead)))
            + o.pages(lambda lead: status("Fresh")(lead) and did(lead, OUTGOING, o.last(RECENT)))
        ),
        **RATE,
    ),
    Case(
        "never called, by month",
        "not called and created in {month}",
        lambda o, lead: not did(lead, OUTGOING) and within(lead.created, o.month(-6)[1]),
        lambda o: (
            o.pages(lambda lead: within(lead.created, o.month(-6)[1]))
            + o.pages(lambda lead: did(lead, OUTGOING) and within(lead.created, o.month(-6)[1]))
        ),
        words=lambda o: {"month": o.month(-6)[0]},
    ),
    Case(
        "an action's fields",
        "has action 1001 with outcome = Interested by agent@company.com in last 45 days and status = Won",
        lambda o, lead: (
            status("Won")(lead)
            and any(
                e.type == "1001" and e.fields["outcome"] == "Interested" and within(e.at, o.last(45))
                for e in lead.timeline
            )
        ),
        lambda o: o.pages(lambda lead: status("Won")(lead) and did(lead, {"1001"}, o.last(45), {AGENT})),
        rest="allow timelines at most 200",
    ),
    Case(
        "an action by name",
        'has action "Price talk" and status in [Won, Fresh]',
        lambda o, lead: did(lead, {"1002"}) and status("Won", "Fresh")(lead),
        pages(status("Won", "Fresh"), lambda lead: did(lead, {"1002"})),
        **RATE,
    ),
    Case(
        "no such action",
        "not has action 1001 and status = Qualified",
        lambda o, lead: not did(lead, {"1001"}) and status("Qualified")(lead),
        lambda o: (
            o.pages(status("Qualified"))
            + o.pages(both(status("Qualified"), lambda lead: did(lead, {"1001"})))
        ),
    ),
    Case(
        "a payment",
        "has payment in last 45 days",
        lambda o, lead: did(lead, {"PAYMENT"}, o.last(45)),
        lambda o: o.pages(lambda lead: did(lead, {"PAYMENT"}, o.last(45))),
    ),
    Case(
        "a payment's status",
        "has payment with status = COMPLETED in last 45 days and status = Lost",
        lambda o, lead: (
            status("Lost")(lead)
            and any(
                e.type == "PAYMENT" and e.extra["status"] == "COMPLETED" and within(e.at, o.last(45))
                for e in lead.timeline
            )
        ),
        lambda o: o.pages(lambda lead: status("Lost")(lead) and did(lead, {"PAYMENT"}, o.last(45))),
        rest="allow timelines at most 200",
    ),
    Case(
        "either, in a city",
        "(status = Won or rating = 1) and city = Indore",
        lambda o, lead: (status("Won")(lead) or f(lead, "rating") == 1) and text(f(lead, "city")) == "indore",
        lambda o: min(
            o.pages(lambda lead: text(f(lead, "city")) == "indore"),
            o.pages(lambda lead: text(f(lead, "city")) == "indore" and status("Won")(lead))
            + o.pages(lambda lead: text(f(lead, "city")) == "indore" and f(lead, "rating") == 1),
        ),
    ),
    Case(
        "either of two fields",
        "status = Won or city = Kochi",
        lambda o, lead: status("Won")(lead) or text(f(lead, "city")) == "kochi",
        lambda o: (
            o.pages(status("Won"))
            + o.pages(lambda lead: text(f(lead, "city")) == "kochi" and not status("Won")(lead))
        ),
    ),
    Case(
        "a call or a rating",
        f"status = Contacted and (called by {PRIYA} in April 2026 or rating >= 4)",
        lambda o, lead: (
            status("Contacted")(lead) and (called_april({PRIYA})(lead) or (f(lead, "rating") or 0) >= 4)
        ),
        lambda o: (
            o.pages(both(status("Contacted"), called_april({PRIYA})))
            + o.pages(both(status("Contacted"), lambda lead: (f(lead, "rating") or 0) >= 4))
        ),
    ),
    Case(
        "a name for a condition",
        "matches warm and not matches small and created in last 400 days",
        lambda o, lead: (
            (status("Contacted", "Qualified")(lead) and (f(lead, "rating") or 0) > 2)
            and not f(lead, "budget") < 100000
            and within(lead.created, o.last(400))
        ),
        lambda o: o.pages(
            lambda lead: (
                status("Contacted", "Qualified")(lead)
                and (f(lead, "rating") or 0) > 2
                and within(lead.created, o.last(400))
            )
        ),
        head="define warm as status in [Contacted, Qualified] and rating > 2\ndefine small as budget < 100000",
    ),
    Case(
        "parameters",
        "assignee = $who and created in $time",
        lambda o, lead: f(lead, "assignee") == PRIYA and within(lead.created, o.month(-5)[1]),
        lambda o: o.pages(lambda lead: f(lead, "assignee") == PRIYA and within(lead.created, o.month(-5)[1])),
        head='param who: email = "PRIYA.nair@company.com"\nparam time: period = "{month}"',
        words=lambda o: {"month": o.month(-5)[0]},
        **RATE,
    ),
    Case(
        "not either",
        "not (status = Won or rating >= 3) and created in {month}",
        lambda o, lead: (
            not (status("Won")(lead) or (f(lead, "rating") or 0) >= 3)
            and within(lead.created, o.month(-2)[1])
        ),
        lambda o: o.pages(lambda lead: not status("Won")(lead) and within(lead.created, o.month(-2)[1])),
        words=lambda o: {"month": o.month(-2)[0]},
    ),
    Case(
        "not either of two cities",
        "status = Won and not (city = Pune or city = Kochi)",
        lambda o, lead: status("Won")(lead) and text(f(lead, "city")) not in ("pune", "kochi"),
        pages(status("Won")),
    ),
    Case(
        "a label left out",
        "contact_source != Website",
        lambda o, lead: f(lead, "contact_source") != "Website",
        pages(lambda lead: f(lead, "contact_source") != "Website"),
        **RATE,
    ),
    Case(
        "a reason",
        'lost_reason = "Too expensive" and rating is present',
        lambda o, lead: f(lead, "lost_reason") == "Too expensive" and f(lead, "rating") is not None,
        pages(lambda lead: f(lead, "lost_reason") == "Too expensive" and f(lead, "rating") is not None),
    ),
    Case(
        "not called by one, called by another",
        f"called by {PRIYA} in April 2026 and not called by {AGENT} in April 2026",
        lambda o, lead: called_april({PRIYA})(lead) and not called_april({AGENT})(lead),
        lambda o: 2 * o.pages(called_april({PRIYA})),
        **RATE,
    ),
    Case(
        "an action once",
        f"status = Won and called by {AGENT} in April 2026",
        lambda o, lead: status("Won")(lead) and called_april({AGENT})(lead),
        pages(status("Won"), called_april({AGENT})),
        effect='add action 1001 note "Thanks"',
    ),
    Case(
        "an action once for many",
        "status = Won and created in last 500 days",
        lambda o, lead: status("Won")(lead) and within(lead.created, o.last(500)),
        lambda o: (
            o.pages(lambda lead: status("Won")(lead) and within(lead.created, o.last(500)))
            + o.pages(
                lambda lead: status("Won")(lead) and within(lead.created, o.last(500)) and did(lead, {"1001"})
            )
        ),
        effect='add action 1001 note "Thanks"',
    ),
]


def allowed(best):
    """Return the most pages that a playbook may take: ceil(1.1 x best) + 1."""
    return math.ceil(best * 11 / 10) + 1
