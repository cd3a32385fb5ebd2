"""Bytes of a file, damaged: at random, in numbers that decoders trust, and behind checksums that still hold."""

import struct
import zlib

MAGIC = b"\x89PNG\r\n\x1a\n"
NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)


def mutated(rng, data):
    """Return damaged bytes of a file."""
    if data.startswith(MAGIC) and rng.random() < 0.5:
        return _chunks_changed(rng, data)
    if data.startswith(b"\x93NUMPY") and rng.random() < 0.5:
        return _header_changed(rng, data)
    changes = (_flip, _flip, _number, _number, _cut, _doubled, _removed)
    for _ in range(rng.integers(1, 4)):
        data = changes[rng.integers(len(changes))](rng, data)
    return data


def _place(rng, data):
    """Return a place in the data, in one case of two near the front: there are the headers."""
    return int(rng.integers(0, max(min(len(data), 200) if rng.random() < 0.5 else len(data), 1)))


def _flip(rng, data):
    out = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        if out:
            out[_place(rng, out)] = rng.integers(0, 256)
    return bytes(out)


def _number(rng, data):
    """Overwrite two or four bytes with a number at which something may turn."""
    value = NUMBERS[rng.integers(len(NUMBERS))]
    code = ("<H", ">H")[rng.integers(2)] if value < 65536 and rng.random() < 0.5 else ("<L", ">L")[rng.integers(2)]
    at = _place(rng, data)
    number = struct.pack(code, value)
    return data[:at] + number + data[at + len(number) :]


def _cut(rng, data):
    return data[: rng.integers(0, len(data) + 1)]


def _doubled(rng, data):
    first = _place(rng, data)
    return data[: first + rng.integers(1, 64)] + data[first:]


def _removed(rng, data):
    first = _place(rng, data)
    return data[:first] + data[first + rng.integers(1, 64) :]


def _chunks_changed(rng, data):
    """Change the content of a chunk of a PNG, and let its checksum be right."""
    chunks, at = [], len(MAGIC)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">L", data, at)
        chunks.append([data[at + 4 : at + 8], data[at + 8 : at + 8 + length]])
        at += 12 + length
    chunk = chunks[rng.integers(len(chunks))]
    if chunk[0] == b"IDAT" and rng.random() < 0.5:
        chunk[1] = zlib.compress(_flip(rng, zlib.decompressobj().decompress(chunk[1])))
    else:
        chunk[1] = (_flip, _number, _cut)[rng.integers(3)](rng, chunk[1])
    if rng.random() < 0.2:
        chunks.insert(int(rng.integers(len(chunks))), chunks[rng.integers(len(chunks))])
    whole = [
        struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return MAGIC + b"".join(whole)


def _header_changed(rng, data):
    """Give an array another shape, type or order than its data have."""
    words = (
        b"(3, 3)",
        b"(-1, 4)",
        b"(0,)",
        b"()",
        b"(9999999999999999999, 3)",
        b"(4294967296, 4294967296)",
        b"('3', 3)",
        b"((",
    )
    types = (
        b"'<f8'",
        b"'|O'",
        b"'<U9'",
        b"[('a', '<f4')]",
        b"'<c16'",
        b"'<M8[s]'",
        b"'>f2'",
        b"'|V3'",
        b"'<f16'",
        b"'<i8'",
    )
    descr, order, shape = (
        types[rng.integers(len(types))],
        (b"True", b"False", b"7")[rng.integers(3)],
        words[rng.integers(len(words))],
    )
    text = b"{'descr': " + descr + b", 'fortran_order': " + order + b", 'shape': " + shape + b", }"
    size = 118 if rng.random() < 0.8 else int(NUMBERS[rng.integers(10)])
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", min(size, 65535)) + text.ljust(117) + b"\n" + data[128:]
