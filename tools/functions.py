"""Finds the functions of a C++ source: name, line, length and complexity.

A scanner of braces, not a parser: comments, strings and preprocessor lines are blanked, then every
'{' is told apart by the text before it. Lambdas count to the function around them. Complexity is
McCabe's with a switch counting once: 1 + if, for, while, switch, catch, ?, && and ||.
"""
import collections
import re

Function = collections.namedtuple("Function", "name line lines complexity")

_BLANKED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>\w*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", re.S)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b[^()=]*$|\bextern\s*$")
_BODY = re.compile(
    r"[)\]}]\s*(?:const|noexcept|override|final|mutable|&&?|try|requires[^;{]*|->[^;{]*|\s)*$")
_NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\(")
_BRANCH = re.compile(r"\b(?:if|for|while|switch|catch)\b|\?|&&|\|\|")


def _blank(match):
    return "".join(c if c == "\n" else " " for c in match.group(0))


def functions(source):
    text = _PREPROCESSOR.sub(_blank, _BLANKED.sub(_blank, source))
    stack, found, head_start = [], [], 0
    for at, char in enumerate(text):
        if char == "{":
            head = text[head_start:at].strip()
            outside = all(kind == "scope" for kind, _ in stack)
            if outside and _SCOPE.search(head):
                stack.append(("scope", at))
                head_start = at + 1
            elif outside and _BODY.search(head) and "(" in head:
                stack.append(("function", head_start + len(text[head_start:at])
                              - len(text[head_start:at].lstrip())))
            else:
                stack.append(("block", at))
        elif char == "}" and stack:
            kind, start = stack.pop()
            if kind == "function":
                body = text[start:at]
                name = _NAME.search(body)
                line = text.count("\n", 0, start) + 1
                found.append(Function(name.group(1) if name else "?", line,
                                      body.count("\n") + 1, 1 + len(_BRANCH.findall(body))))
            if kind != "block":
                head_start = at + 1
        elif char == ";" and all(kind == "scope" for kind, _ in stack):
            head_start = at + 1
    return found
