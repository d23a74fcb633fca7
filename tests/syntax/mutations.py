"""Texts that went wrong: a good playbook with bytes flipped, tokens dropped or doubled, nested, or with odd characters."""

import re

ODD = ["\x00", "\ufeff", "\r\n", "\r", "\u202e", "\u2066", "\u200b", "\u00a0", "“", "’", '"', "`", "#", "\\", "{", "}",
       "(", ")", "[", "]", ";", ",", "..", "==", "$", "row.", "\ud800", "\x85", "1/2/2026", "1,00,000", "9.19E+11", "@", "é"]  # fmt: skip
_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\w+|\s+|.', re.DOTALL)


def mutate(text, random):
    """Return ``text`` with one to four mistakes."""
    for _ in range(random.randint(1, 4)):
        text = random.choice(_WAYS)(text, random)
    return text


def _flip(text, random):
    data = bytearray(text.encode("utf-8", errors="surrogatepass"))
    for _ in range(random.randint(1, 8)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return data.decode("utf-8", errors="replace")


def _drop(text, random):
    tokens = _TOKENS.findall(text)
    del tokens[random.randrange(len(tokens))]
    return "".join(tokens) or " "


def _double(text, random):
    tokens = _TOKENS.findall(text)
    at = random.randrange(len(tokens))
    tokens.insert(at, tokens[at])
    return "".join(tokens)


def _swap(text, random):
    tokens = _TOKENS.findall(text)
    one, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def _insert(text, random):
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(ODD) + text[at:]


def _cut(text, random):
    start = random.randrange(len(text))
    return (text[:start] + text[start + random.randint(1, 40) :]) or " "


def _nest(text, random):
    at = random.randrange(len(text) + 1)
    opening, closing = random.choice(
        [("(", ")"), ("[", "]"), ("{", "}"), ("not ", ""), ("when a = 1 { ", "}")]
    )
    return text[:at] + opening * 900 + closing * random.choice([0, 899, 900]) + text[at:]


_WAYS = [_flip, _flip, _drop, _drop, _double, _swap, _insert, _insert, _cut, _nest]
