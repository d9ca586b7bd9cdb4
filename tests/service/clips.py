"""Short recordings for jobs that end quickly: the beginning of a FLAC file, cut between frames."""


def crc8(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value


def header_length(flac, at):
    """Bytes of the frame header at `at` with its CRC-8 (RFC 9639, 9.1), or 0 when it is none."""
    if flac[at] != 0xFF or flac[at + 1] not in (0xF8, 0xF9) or flac[at + 3] & 1:
        return 0
    first = flac[at + 4]
    number = 1 if first < 0x80 else next((n for n in range(2, 8) if not first << n & 0x80), 0)
    block, rate = flac[at + 2] >> 4, flac[at + 2] & 15
    length = 4 + number + {6: 1, 7: 2}.get(block, 0) + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    return length + 1 if crc8(flac[at:at + length]) == flac[at + length] else 0


def beginning(flac, seconds):
    """The first `seconds` of a FLAC file with blocks of one size."""
    assert flac[:4] == b"fLaC" and flac[4] & 0x7F == 0
    packed = int.from_bytes(flac[18:26], "big")
    rate, block = packed >> 44, int.from_bytes(flac[8:10], "big")
    frames = max(1, round(seconds * rate / block))
    start = 4
    while True:
        last, start = flac[start] & 0x80, start + 4 + int.from_bytes(flac[start + 1:start + 4], "big")
        if last:
            break
    end, seen = start, 0
    while seen <= frames:
        if header_length(flac, end):
            seen += 1
            if seen > frames:
                break
        end = flac.index(b"\xff", end + 1)
    # Only STREAMINFO stays, as the last block: the length is the cut one's, the MD5 unknown.
    packed = packed >> 36 << 36 | frames * block
    return b"fLaC\x80" + flac[5:18] + packed.to_bytes(8, "big") + bytes(16) + flac[start:end]
