"""dkim_dns.py RECORDS READY: answers TXT questions on 127.0.0.1:53 (a private network namespace) from lines of "NAME TXT"."""
import socket
import struct
import sys

RECORDS = dict(line.rstrip("\n").split(" ", 1) for line in open(sys.argv[1], encoding="ascii"))


def question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1").lower())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0], packet[12:at + 5]


def reply(packet):
    name, qtype, asked = question(packet)
    text = RECORDS.get(name)
    if text is None or qtype != 16:
        return packet[:2] + struct.pack("!HHHHH", 0x8580 | (3 if text is None else 0), 1, 0, 0, 0) + asked
    octets = text.encode()
    data = b"".join(bytes([len(octets[i:i + 255])]) + octets[i:i + 255] for i in range(0, len(octets), 255))
    return (packet[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0) + asked + b"\xc0\x0c" +
            struct.pack("!HHIH", 16, 1, 60, len(data)) + data)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
open(sys.argv[2], "w", encoding="ascii").write("ready\n")
while True:
    received, peer = server.recvfrom(4096)
    server.sendto(reply(received), peer)
