"""Words of which seeded leads are made. Real in form, nobody in particular."""

FIRST = (
    "Aarav", "Aditi", "Akash", "Amit", "Ananya", "Anil", "Anjali", "Arjun", "Asha", "Ayesha", "Bhavna", "Chetan",
    "Deepa", "Deepak", "Divya", "Farhan", "Gaurav", "Geeta", "Harish", "Imran", "Isha", "Jyoti", "Karan", "Kavita",
    "Kiran", "Lakshmi", "Manoj", "Meera", "Mohit", "Nandini", "Neeraj", "Nikhil", "Nisha", "Pooja", "Pranav", "Priya",
    "Rahul", "Rajesh", "Ramesh", "Rekha", "Ritu", "Rohan", "Sameer", "Sandeep", "Sanjay", "Shalini", "Shreya", "Siddharth",
    "Sneha", "Sunil", "Sunita", "Swati", "Tarun", "Usha", "Varun", "Vidya", "Vijay", "Vikas", "Vinod", "Zoya",
)  # fmt: skip
LAST = (
    "Agarwal", "Ahmed", "Banerjee", "Bhat", "Chatterjee", "Chauhan", "Chopra", "Das", "Desai", "Deshmukh", "Fernandes",
    "Ghosh", "Gill", "Gupta", "Hegde", "Iyer", "Jain", "Joshi", "Kapoor", "Kaur", "Khan", "Kulkarni", "Kumar", "Malhotra",
    "Mehta", "Menon", "Mishra", "Mukherjee", "Naidu", "Nair", "Pandey", "Patel", "Patil", "Pillai", "Rao", "Rastogi",
    "Reddy", "Saxena", "Sen", "Shah", "Sharma", "Shetty", "Singh", "Sinha", "Srinivasan", "Thakur", "Tiwari", "Varma",
    "Verma", "Yadav",
)  # fmt: skip
COMPANIES = (
    "Sahyadri Textiles", "Kaveri Foods", "Nilgiri Exports", "Ganga Logistics", "Deccan Tools", "Malabar Spices",
    "Konark Motors", "Aravali Stone", "Coromandel Pumps", "Narmada Papers",
)  # fmt: skip
VISIT_NOTES = (
    "Saw the sample flat, liked the balcony",
    "Came with family; asks for a lower floor",
    "Wants to see the papers of the plot",
    "Second visit, compares with another project",
    "Parking was the main question",
)
BROCHURE_NOTES = ("Sent by WhatsApp", "Sent by e-mail", "Handed over at the event")
CALL_NOTES = (
    "Will decide after the holidays",
    "Asked for the price list",
    "Call again on Monday",
    "Busy",
    "",
)
USER_NOTES = (
    "Budget is flexible if possession is within the year.",
    "Prefers WhatsApp over calls.",
    "Brother of an existing customer.",
)
HOSTILE_NAMES = (
    '=HYPERLINK("http://evil.example","click")',
    "+91-SUM(A1:A9)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\x1b[31mRed\x1b[0m \x1b]0;title\x07",
    "<script>alert('x')</script>",
    "**bold** | [link](javascript:alert(1)) | `tick`",
    "\u202egnp.exe Kumar",
    "नया ग्राहक – प्रिया शर्मा",
    "தமிழ்ச்செல்வி",
    "محمد علی",
    "👩‍👩‍👧 Family Iyer 🏠",
    "Zoe\u0308 D\u2019Souza",
    "{{ 7 * 7 }} {% raw %}",
    '::error file=x::"quoted", comma; \\ back\ttab',
    "Robert'); DROP TABLE leads;--",
    "  padded\u00a0name  ",
)
"""Names that break careless spreadsheets, terminals, pages, templates and sorters."""
