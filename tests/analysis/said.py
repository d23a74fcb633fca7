"""Texts as people type them who have not read the reference: conditions of other query languages, and whole playbooks."""

CONDITIONS = (
    "created > -7d", "created >= startOfMonth()", "created after 1 April 2026", "created before yesterday", "created in last week",
    "created in next 7 days", "follow_up_on = tomorrow", "follow_up_on in next week", "follow_up_on < today",
    "created in the last 7 days", "created within 7 days", "created in last 24 hours", "status is Won", "status is not Won",
    "status was Won", 'name like "%asha%"', 'name ~ "asha"', "rating is null", "rating is empty", "rating > 3 and < 5",
    "status in (Won, Lost)", "status = Won or Lost", "city = Pune, status = Won", "created between 1/4/2026 and 30/4/2026",
    "called more than 3 times", "assignee = me", "deal_size > 50 lakh", "deal_size > 5,00,000", "deal_size >= 50k",
    "deal_size >= ₹5,00,000", 'deal_size > "1.5 Cr"', "created more than 30 days ago", "created older than 2 weeks",
    "follow_up_on < 3 days ago", "follow_up_on = today + 3 days", "status = Won and called last week", "created today",
    "created last month and status = Won", "not called for 14 days", "has no payment", "called at least 3 times in April",
    "created in April 2026 IST", "follow_up_on is overdue", "created on 2026-04-01", "created after 2026-04-01 18:30",
    "status is neither Won nor Lost", "name does not contain asha", "status = Won && rating >= 4", "naam = Asha",
    'owner = "neha@company.com"', "status = Wonn", "Status = won", "interests contains VIP", "status <> Won", "statu = Won",
    "rating at least 4", "created in 2026-04-01 to 2026-04-30", "created in Apr 2026", "rating between 1 to 5",
    "status = Not Interested", "phone = +91 98765 43210", "status isn't Won", "email exists", "never called",
)  # fmt: skip
"""What stands behind ``find leads where``."""

EFFECTS = (
    "set follow_up_on = today + 3 days", "set follow_up_on = tomorrow", "set rating to five", "set status: Won", "set remarks = 'x'",
    "add site visit with note = x", "first 3", "limit to 20", 'set city = "{name}"', 'set remarks = "{remarks} x"',
    "set name = $lead.city", 'set remarks = "{{ name }}"', "set deal_size = 1,00,000", "status = Lost", "set Rating = 5",
    "set assignee = Neha Joshi", "set remarks = Won then called", "set contact_source = Websit", "add tag VIP to interests",
    "send whatsapp Hello", "delete", "max 20 leads", "expect 5 leads", "set rating = rating + 1", "stp when 5 % fail",
)  # fmt: skip
"""What stands behind ``find leads where status = Won``."""

WHOLE = (
    "timezone IST\nfind leads where status = Won; set rating = 5", "timezone Asia/Kolkata\nfind leads where status = Won; set rating = 5",
    "let cutoff = 2026-04-01\nfind leads where created < $cutoff\nset status = Lost", 'import leads from "new.csv"',
    "create a lead with name = Asha, phone = 9876543210", "add lead with name = Asha, phone = 9876543210",
    "leads where status = Won; set rating = 5", "SELECT * FROM leads WHERE status = Won", "find top 10 leads where status = Won; set rating = 5",
)  # fmt: skip
