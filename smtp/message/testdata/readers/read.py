"""Reads the mails named on standard input, one path a line, and prints what it
finds in each as a line of JSON. Every defect is an error."""
import email
import hashlib
import json
import sys
from email import policy
from email.header import decode_header, make_header
from email.utils import getaddresses

strict = policy.SMTP.clone(raise_on_defect=True)


def boxes(msg, raw, name):
    """Names are decoded apart: in old versions display_name has a blank between
    two encoded-words, where RFC 2047 section 6.2 has none."""
    field = msg[name]
    if field is None:
        return []
    names = [str(make_header(decode_header(n))) for n, _ in getaddresses([raw[name]])]
    return [[n, a.addr_spec] for n, a in zip(names, field.addresses)]


def content(part):
    if part is None:
        return None
    return part.get_content().replace("\r\n", "\n")


for path in sys.stdin.read().split("\n"):
    if not path:
        continue
    with open(path, "rb") as f:
        octets = f.read()
    msg = email.message_from_bytes(octets, policy=strict)
    raw = email.message_from_bytes(octets)
    plain = msg.get_body(("plain",))
    found = {
        "from": boxes(msg, raw, "From"), "to": boxes(msg, raw, "To"),
        "cc": boxes(msg, raw, "Cc"), "reply_to": boxes(msg, raw, "Reply-To"),
        "subject": str(msg["Subject"] or ""), "text": content(plain), "html": content(msg.get_body(("html",))) or "",
        "flowed": plain.get_param("format") == "flowed",
        "files": [],
    }
    for part in msg.walk():
        if part.get_content_disposition() is None:
            continue
        if part.get_content_type() == "message/rfc822":
            data = part.get_payload(0).as_bytes()
        else:
            data = part.get_payload(decode=True)
        found["files"].append([part["Content-Disposition"].params["filename"], hashlib.sha256(data).hexdigest(), (part["Content-ID"] or "").strip("<>")])
        if part.get_content_type() == "message/rfc822":
            break
    print(json.dumps(found))
