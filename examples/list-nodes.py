#!/usr/bin/env python3
"""Lists the nodes of the cluster, without any package: docs/protocol.md spoken in another language.
Usage: list-nodes.py [SOCKET]   (else $AIS_SOCKET, else /run/ais/ais.sock)"""
import os, socket, struct, sys

HELLO, REQUEST, ANSWER, FAILURE, EVENT, GOODBYE = range(6)
SIZES = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xCA: ">f", 0xCB: ">d", 0xD0: ">b", 0xD1: ">h",
         0xD2: ">i", 0xD3: ">q", 0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I",
         0xDC: ">H", 0xDD: ">I", 0xDE: ">H", 0xDF: ">I"}  # what follows the first octet

def pack(value):
    """A value as MessagePack: short texts, arrays and maps, and whole numbers from 0 on."""
    if isinstance(value, int): return bytes([value]) if value < 128 else b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str): return bytes([0xA0 | len(value.encode())]) + value.encode()
    items = [item for pair in value.items() for item in pair] if isinstance(value, dict) else value
    return bytes([(0x80 if isinstance(value, dict) else 0x90) | len(value)]) + b"".join(map(pack, items))

def unpack(octets, at=0):
    """The value of MessagePack at this place, and where it ends."""
    first, at = octets[at], at + 1
    if first < 0x80: return first, at
    if first >= 0xE0: return first - 256, at
    if first in (0xC0, 0xC2, 0xC3): return {0xC0: None, 0xC2: False, 0xC3: True}[first], at
    if first < 0x90: return collect(octets, at, first & 15, dict)
    if first < 0xA0: return collect(octets, at, first & 15, list)
    if first < 0xC0: return octets[at : at + (first & 31)].decode(), at + (first & 31)
    number, at = struct.unpack_from(SIZES[first], octets, at)[0], at + struct.calcsize(SIZES[first])
    if first in (0xDC, 0xDD): return collect(octets, at, number, list)
    if first in (0xDE, 0xDF): return collect(octets, at, number, dict)
    if first in (0xC4, 0xC5, 0xC6): return octets[at : at + number], at + number
    if first in (0xD9, 0xDA, 0xDB): return octets[at : at + number].decode(), at + number
    return number, at

def collect(octets, at, count, kind):
    """So many elements of an array, or keys with their values of a map."""
    items = []
    for _ in range(count * (2 if kind is dict else 1)):
        item, at = unpack(octets, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if kind is dict else items), at

def exchange(stream, message):
    """Send a message, and read the next one: four octets of length in front of either."""
    body = pack(message)
    stream.write(struct.pack("<I", len(body)) + body)
    stream.flush()
    kind, *rest = unpack(stream.read(struct.unpack("<I", stream.read(4))[0]))[0]
    if kind in (FAILURE, GOODBYE): sys.exit(": ".join(rest[-2:]))
    return rest

path = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AIS_SOCKET", "/run/ais/ais.sock")
connection = socket.socket(socket.AF_UNIX)
try: connection.connect(path)
except OSError as error: sys.exit(f"no executive listens on {path}: {error.strerror}")
stream = connection.makefile("rwb")
exchange(stream, [HELLO, {"magic": "ais", "versions": [1], "program": "list-nodes.py", "pid": os.getpid()}])
_, view = exchange(stream, [REQUEST, 1, "clm.clusterTrack", {"flags": 1}])
for node in (item["clusterNode"] for item in view["items"]):
    print(node["nodeId"], node["nodeAddress"], node["nodeName"])
