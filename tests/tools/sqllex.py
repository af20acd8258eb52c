"""A lexer for SQL by PostgreSQL's rules, to hold what our tools write to.

It knows both readings of a backslash in '...': Redshift (and PostgreSQL with
standard_conforming_strings off) takes it for an escape, PostgreSQL as it is
today for itself. A statement of ours has to mean the same in both.
"""
import re

TOKEN = re.compile(r"""
    (?P<space>\s+)
  | (?P<comment>--[^\n]*|/\*)
  | (?P<dollar>\$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$)
  | (?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<quote>["'])
  | (?P<other>.)
""", re.X | re.S)


class Broken(Exception):
    """The text is not one sound statement."""


def quoted(text, start, quote, escapes):
    """The end and the value of the quoted piece that starts at start."""
    value, at = [], start + 1
    while at < len(text):
        c = text[at]
        if c == quote and text[at + 1:at + 2] == quote:
            value.append(c)
            at += 2
        elif c == quote:
            return at + 1, "".join(value)
        elif c == "\\" and escapes and quote == "'":
            value.append(text[at + 1:at + 2])
            at += 2
        else:
            value.append(c)
            at += 1
    raise Broken(f"a {quote} is never closed")


def tokens(text, escapes):
    """Yield (sort, value) for each token."""
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        sort = match.lastgroup
        if sort == "quote":
            at, value = quoted(text, at, match[0], escapes)
            yield ("name" if match[0] == '"' else "string"), value
            continue
        at = match.end()
        if sort != "space":
            yield sort, match[0]


def one_statement(text):
    """The tokens of text, which is one statement however it is read."""
    if not text.strip():
        raise Broken("there is nothing")
    readings = [list(tokens(text, escapes)) for escapes in (True, False)]
    if readings[0] != readings[1]:
        raise Broken("a backslash makes two readings of it")
    depth = 0
    for sort, value in readings[0]:
        if sort in ("comment", "dollar"):
            raise Broken(f"it has {value!r} outside quotes")
        if sort == "other":
            if value in ";\\":
                raise Broken(f"it has {value!r} outside quotes")
            depth += (value == "(") - (value == ")")
            if depth < 0:
                raise Broken("a ')' too many")
    if depth != 0:
        raise Broken("a '(' is never closed")
    return readings[0]


def script_statements(text):
    """The statements of a script; its comments have to end with their line."""
    found, current = [], []
    for sort, value in tokens(text, False):
        if sort == "comment":
            if value == "/*":
                raise Broken("a comment that may not end")
        elif sort == "other" and value == ";":
            found.append(current)
            current = []
        else:
            current.append((sort, value))
    if current:
        raise Broken("the last statement has no ';'")
    return found
