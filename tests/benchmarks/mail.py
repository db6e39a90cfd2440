"""Messages out of a seed, as mail systems deliver them: 20 fields, a text in plain and HTML, or a large attachment."""

from base64 import encodebytes
from random import Random

_WORDS = (
    "minutes of the meeting about invoices and deliveries please find attached our offer for march with kind regards"
)


def message(number: int, attachment: int = 0) -> bytes:
    """One of some 5 KB, to two people of the organisation; with an attachment of so many bytes as it is sent."""
    random = Random(number)  # noqa: S311 - figures that are made again, not secrets
    words = _WORDS.split()
    text = "\r\n".join(" ".join(random.choices(words, k=11)) for _ in range(18))
    first, second = (f"person{random.randrange(1000):07}@example.com" for _ in range(2))
    fields = {
        "Return-Path": f"<bounce-{number}@lists.example.org>",
        "Received": "from mail.example.org (mail.example.org [192.0.2.10])\r\n\tby mx1.example.com with ESMTPS id "
        f"{number:012x}\r\n\tfor <{first}>; Sun, 01 Mar 2026 10:30:{number % 60:02} +0100",
        "received": "from desk.example.org ([198.51.100.7]) by mail.example.org with ESMTPSA;\r\n\tSun, 01 Mar 2026 "
        "10:29:59 +0100",
        "Received-SPF": "pass (mx1.example.com: domain of example.org designates 192.0.2.10 as permitted sender)",
        "Authentication-Results": "mx1.example.com; spf=pass smtp.mailfrom=example.org;\r\n\tdkim=pass header.d="
        "example.org; dmarc=pass header.from=example.org",
        "DKIM-Signature": "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=march;\r\n\th=from:to:subject:date;"
        f"\r\n\tbh={random.getrandbits(256):064x};\r\n\tb={random.getrandbits(1024):0256x}",
        "From": f'"Bob Example" <bob{random.randrange(100)}@example.org>',
        "To": f'"First Person" <{first}>, Second Person <{second}>',
        "Cc": "=?utf-8?q?Zo=C3=AB?= <zoe@example.net>, dora@example.org",
        "Subject": "=?utf-8?b?w4RuZGVydW5n?= of the minutes " + " ".join(random.choices(words, k=4)),
        "Date": f"Sun, 01 Mar 2026 10:29:{number % 60:02} +0100",
        "Message-ID": f"<{number}@example.org>",
        "In-Reply-To": f"<{number - number % 4}@example.org>",
        "References": f"<0.{number}@example.net> <{number - number % 4}@example.org>",
        "List-Id": "Project <project.lists.example.org>",
        "List-Unsubscribe": "<https://lists.example.org/leave>",
        "Precedence": "list",
        "X-Mailer": "Desk 7.1",
        "X-Spam-Status": "No, score=-2.1",
        "MIME-Version": "1.0",
    }
    parts = [
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{text}</p></body></html>",
    ]
    if attachment:
        content = encodebytes(random.randbytes(attachment * 3 // 4)).decode().replace("\n", "\r\n")
        parts.append(f"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}")
    kind = "mixed" if attachment else "alternative"
    body = "".join(f"--part\r\n{each}\r\n" for each in parts) + "--part--\r\n"
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f'{header}Content-Type: multipart/{kind}; boundary="part"\r\n\r\n{body}'.encode()
