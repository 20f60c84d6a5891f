"""Tokens as makers form them, drawn by lot, and texts in which a password stands behind a name."""

from __future__ import annotations

import base64
import random
import string

HEX = "0123456789abcdef"


def drawn(size: int, letters: str = string.ascii_letters + string.digits) -> str:
    """Characters drawn by lot, the same each time, with a digit: nothing in this file is a real token."""
    return "".join(random.Random(size).choices(letters, k=size - 1)) + "7"


WEB_TOKEN = ".".join(
    base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()
    for part in ('{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890"}', drawn(32))
)
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{drawn(64)}\n{drawn(40)}==\n-----END RSA PRIVATE KEY-----"

TOKENS = {
    "openai": f"sk-{drawn(48)}",
    "openai project": f"sk-proj-{drawn(40)}_{drawn(20)}",
    "anthropic": f"sk-ant-api03-{drawn(80)}",
    "stripe": f"sk_live_{drawn(24)}",
    "aws": f"AKIA{drawn(16, string.ascii_uppercase + string.digits)}",
    "github": f"ghp_{drawn(36)}",
    "github app": f"ghs_{drawn(36)}",
    "github fine": f"github_pat_{drawn(22)}_{drawn(59)}",
    "gitlab": f"glpat-{drawn(20)}",
    "slack": f"xoxb-{drawn(12, string.digits)}-{drawn(24)}",
    "google": f"AIza{drawn(35)}",
    "google oauth": f"ya29.{drawn(60)}",
    "web token": WEB_TOKEN,
    "private key": PEM,
    "npm": f"npm_{drawn(36)}",
    "hugging face": f"hf_{drawn(34)}",
    "pypi": f"pypi-AgEIcHlwaS5vcmc{drawn(60)}",
    "telegram": f"{drawn(10, string.digits)}:AA{drawn(33)}",
    "vault": f"hvs.{drawn(24)}",
    "vault batch": f"hvb.{drawn(90)}",
    "gitlab, routable": f"glpat-{drawn(27)}.01.{drawn(9, HEX)}",
    "gitlab feature flags": f"glffct-{drawn(20)}",
    "twilio": f"SK{drawn(32, HEX)}",
    "databricks": f"dapi{drawn(32, HEX)}",
    "azure client": f"{drawn(3)}8Q~{drawn(34)}",
    "bedrock": f"ABSK{drawn(100)}",
    "supabase": f"sb_secret_{drawn(31)}",
    "cursor": f"crsr_{drawn(64, HEX)}",
    "cerebras": f"csk-{drawn(48)}",
    "elevenlabs": f"sk_{drawn(48, HEX)}",
    "fly": f"fm2_{drawn(120)}",
    "grafana": f"glsa_{drawn(32)}_{drawn(8, HEX)}",
    "figma": f"figd_{drawn(40)}",
    "airtable": f"pat{drawn(14)}.{drawn(64, HEX)}",
    "atlassian": f"ATATT3xFfGF0{drawn(180)}=ABCDEF01",
    "terraform": f"{drawn(14)}.atlasv1.{drawn(67)}",
    "doppler": f"dp.pt.{drawn(43)}",
    "langsmith": f"lsv2_pt_{drawn(32, HEX)}_{drawn(10, HEX)}",
    "private key, with headers": PEM.replace(
        "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0F\n\n", 1
    ),
    "private key, as a tool reads it": PEM.replace("\n", "\n    12\u2192"),
    "private key, quoted": PEM.replace("\n", "\n> "),
    "private key, in a diff": PEM.replace("\n", "\n-"),
}

BEHIND_A_NAME = [
    (f"Authorization: Bearer {drawn(20)}", "Authorization: Bearer <redacted>"),
    (f"curl -H 'authorization: Basic {drawn(20)}=='", "curl -H 'authorization: Basic <redacted>'"),
    (f'"x-api-key": "{drawn(20)}"', '"x-api-key": "<redacted>"'),
    (f"x-goog-api-key={drawn(20)}", "x-goog-api-key=<redacted>"),
    (f"postgres://app:{drawn(10)}@db.local/x", "postgres://app:<redacted>@db.local/x"),
    (f"https://x-access-token:{drawn(10)}@github.com/a/b", "https://x-access-token:<redacted>@github.com/a/b"),
    (f"API_KEY={drawn(24)}", "API_KEY=<redacted>"),
    (f'"apiKey": "{drawn(24)}",', '"apiKey": "<redacted>",'),
    (f"AWS_SECRET_ACCESS_KEY = '{drawn(40)}'", "AWS_SECRET_ACCESS_KEY = '<redacted>'"),
    (f"db_password: {drawn(18)}", "db_password: <redacted>"),
    (f"client_secret={drawn(32, '0123456789abcdef')}", "client_secret=<redacted>"),
    (f"Authorization: Key {drawn(12)}:{drawn(32, HEX)}", "Authorization: Key <redacted>"),
    (f"Cookie: sid={drawn(24)}; csrf={drawn(24)}", "Cookie: <redacted>"),
    (f"set-cookie: JSESSIONID={drawn(32, HEX)}; Path=/", "set-cookie: <redacted>"),
    ("Server=tcp:db;User ID=app;Password=S3cr3t!Passw0rd;", "Server=tcp:db;User ID=app;Password=<redacted>;"),
    ("jdbc:mysql://db/x?user=app&password=Xy7Zq9w2Kd81", "jdbc:mysql://db/x?user=app&password=<redacted>"),
    ("DB_PASSWORD='S3cr3t!Passw0rd#99'", "DB_PASSWORD='<redacted>'"),
    ("machine api.example login me password Xy7Zq9w2Kd8!", "machine api.example login me password <redacted>"),
    ("curl -sS -u app:Xy7Zq9w2Kd81 https://x", "curl -sS -u app:<redacted> https://x"),
    ("postgresql://app:p@ss1word@db/x", "postgresql://app:<redacted>@db/x"),
    ("amqp://app:p%40ss%2Fword1@mq", "amqp://app:<redacted>@mq"),
    (f"https://{drawn(40, HEX)}@github.com/a/b", "https://<redacted>@github.com/a/b"),
    (
        f"https://x.blob.core.windows.net/c?sp=r&sig={drawn(43)}%3D",
        "https://x.blob.core.windows.net/c?sp=r&sig=<redacted>",
    ),
    (f"//registry.npmjs.org/:_auth={drawn(24)}==", "//registry.npmjs.org/:_auth=<redacted>"),
    (f"<apiKey>{drawn(32)}</apiKey>", "<apiKey><redacted></apiKey>"),
    (f"| API_KEY | `{drawn(32)}` |", "| API_KEY | `<redacted>` |"),
    (
        f"https://hooks.slack.com/services/T{drawn(9)}/B{drawn(9)}/{drawn(24)}",
        "https://hooks.slack.com/services/<redacted>",
    ),
    (
        f"https://discord.com/api/webhooks/{drawn(18, string.digits)}/{drawn(68)}",
        f"https://discord.com/api/webhooks/{drawn(18, string.digits)}/<redacted>",
    ),
]
