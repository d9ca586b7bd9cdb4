#!/usr/bin/env python3
"""Writes src/engine/tokenizer/unicode_ranges.inc: code points that are letters, numbers or spaces.

Usage: tools/gen_unicode_tables.py [--check]

Letters are general category L*, numbers N*, spaces the property White_Space: what \\p{L}, \\p{N}
and \\s mean in tiktoken's regular expression (Rust's regex-syntax). Unicode 16.0.0 is wanted;
Python's own unicodedata is often older, so the package unicodedata2 (16.0.0) must be installed.
With --check nothing is written, and the exit status says whether the file is current.
"""
import pathlib
import sys

import unicodedata2

VERSION = "16.0.0"
TARGET = pathlib.Path(__file__).resolve().parent.parent / "src/engine/tokenizer/unicode_ranges.inc"
# PropList.txt, White_Space; not derivable from the general category alone.
SPACES = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
          0x202F, 0x205F, 0x3000}


def class_of(code_point):
    if code_point in SPACES:
        return "kSpace"
    return {"L": "kLetter", "N": "kNumber"}.get(unicodedata2.category(chr(code_point))[0])


def ranges():
    """(first, last, class) of every maximal run that has a class."""
    runs = []
    for code_point in range(0x110000):
        kind = class_of(code_point)
        if kind is None:
            continue
        if runs and runs[-1][1] == code_point - 1 and runs[-1][2] == kind:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point, kind])
    return runs


def text():
    lines = [f"// Written by tools/gen_unicode_tables.py from Unicode {VERSION}: "
             "{first, last, class}."]
    line = ""
    for first, last, kind in ranges():
        entry = f"{{0x{first:X}, 0x{last:X}, {kind}}},"
        if line and len(line) + 1 + len(entry) > 100:
            lines.append(line)
            line = ""
        line += (" " if line else "") + entry
    return "\n".join([*lines, line]) + "\n"


def main():
    if unicodedata2.unidata_version != VERSION:
        sys.exit(f"unicodedata2 is of Unicode {unicodedata2.unidata_version}, {VERSION} is wanted")
    if "--check" in sys.argv[1:]:
        sys.exit(0 if TARGET.read_text() == text() else f"{TARGET} is not current")
    TARGET.write_text(text())


main()
