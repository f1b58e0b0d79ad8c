"""Event files of TensorBoard, read by their specification."""
import struct


def crc32c(content):
    total = 0xffffffff
    for byte in content:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ 0x82f63b78 * (total & 1)
    return total ^ 0xffffffff


def masked(content):
    total = crc32c(content)
    return ((total >> 15 | total << 17) + 0xa282ead8) & 0xffffffff


def varint(content, at):
    value = shift = 0
    while True:
        value |= (content[at] & 0x7f) << shift
        shift, at = shift + 7, at + 1
        if content[at - 1] < 0x80:
            return value, at


def fields(message):
    """[(number, value)] of a protobuf message; of a text or message its bytes."""
    found, at = [], 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 0:
            value, at = varint(message, at)
        else:
            size, at = varint(message, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = message[at:at + size], at + size
        found.append((key >> 3, value))
    return found


def events(path):
    """Of each record its fields, the checksums checked."""
    content, at, found = path.read_bytes(), 0, []
    while at < len(content):
        size, check = struct.unpack_from("<QI", content, at)
        assert check == masked(content[at:at + 8]), "the length's checksum"
        event = content[at + 12:at + 12 + size]
        check, = struct.unpack_from("<I", content, at + 12 + size)
        assert check == masked(event), "the event's checksum"
        found.append(dict(fields(event)))
        at += 16 + size
    assert at == len(content)
    return found


def scalars(folder):
    """{tag: [(step, value)]} as TensorBoard shows them: a start takes back what it repeats."""
    found = {}
    for path in sorted(folder.iterdir()):
        for event in events(path):
            step = event.get(2, 0)
            if event.get(7) is not None:  # SessionLog: START
                assert dict(fields(event[7])) == {1: 1}
                found = {tag: [one for one in all_ if one[0] < step] for tag, all_ in found.items()}
            for _, value in fields(event.get(5, b"")):
                value = dict(fields(value))
                point = (step, struct.unpack("<f", value[2])[0])
                found.setdefault(value[1].decode(), []).append(point)
    return found
