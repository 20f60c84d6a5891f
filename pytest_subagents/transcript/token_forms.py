"""How the tokens of known makers begin, and what follows: a beginning that nothing else has is told from a UUID, a
digest or the base64 of prose.

The makers' own pages, and what was seen; a form that only an account's number tells from a word is not here.
"""

from __future__ import annotations

from typing import Final

_W: Final = r"[A-Za-z0-9_-]"
_END: Final = r"(?![A-Za-z0-9])"
"""Behind a form of one length, so that a longer run of letters is none of it."""
_HEX_32: Final = rf"[0-9a-f]{{32}}{_END}"

TOKENS: Final = (
    ("sk-", rf"(?={_W}*[0-9]){_W}{{16,}}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM, ...
    ("sess-", rf"(?={_W}*[0-9])[A-Za-z0-9]{{40,}}"),  # OpenAI
    *((f"{kind}k_{mode}_", r"[A-Za-z0-9]{16,}") for kind in "rs" for mode in ("live", "test", "prod")),  # Stripe
    ("whsec_", r"[A-Za-z0-9]{20,}[A-Za-z0-9+/=]*"),
    *((kind, r"[A-Z0-9]{16}(?![A-Za-z0-9])") for kind in ("AKIA", "ASIA")),  # AWS
    ("ABSK", r"(?=[A-Za-z0-9+/]*[0-9])[A-Za-z0-9+/]{80,}={0,2}"),  # Bedrock
    *((f"gh{kind}_", r"[A-Za-z0-9]{20,}") for kind in "pousr"),  # GitHub
    ("github_pat_", rf"{_W}{{22,}}"),
    *(
        (f"gl{kind}-", rf"{_W}{{16,}}(?:\.[0-9a-z]{{2}}\.[0-9a-z]{{9}})?")  # GitLab
        for kind in ("pat", "dt", "rt", "cbt", "ptt", "oas", "agent", "soat", "ft", "imt", "ffct")
    ),
    ("xox", r"(?:[abeoprs]|e\.xox[bp])-[A-Za-z0-9-]{10,}"),  # Slack
    ("xoxd-", r"[A-Za-z0-9+/]{16,}[A-Za-z0-9%+/=]*"),
    ("xapp-", r"[0-9]-[A-Za-z0-9-]{10,}"),
    ("AIza", rf"{_W}{{35}}(?![A-Za-z0-9_-])"),  # Google
    ("AQ.Ab", rf"(?={_W}*[0-9]){_W}{{40,}}"),
    ("ya29.", rf"{_W}{{20,}}"),
    ("GOCSPX-", rf"{_W}{{20,}}"),
    ("1//0", rf"{_W}{{30,}}"),
    ("eyJ", rf"{_W}{{14,}}\.(?:eyJ{_W}{{8,}}\.{_W}{{8,}}|{_W}*\.{_W}{{8,}}\.{_W}{{8,}}\.{_W}{{8,}})"),  # web tokens
    *((f"{kind}.eyJ", rf"{_W}{{30,}}\.{_W}{{16,}}") for kind in ("sk", "tk")),  # Mapbox
    ("ops_eyJ", rf"{_W}{{80,}}"),  # 1Password
    ("glc_eyJ", rf"{_W}{{40,}}={{0,2}}"),  # Grafana
    ("glsa_", r"[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"),
    ("npm_", r"[A-Za-z0-9]{36}"),
    ("rubygems_", r"[0-9a-f]{48}"),
    ("hf_", r"[A-Za-z0-9]{30,}"),  # Hugging Face
    ("pypi-AgE", rf"{_W}{{40,}}"),
    *((f"do{kind}_v1_", r"[a-f0-9]{64}") for kind in "opr"),  # DigitalOcean
    ("SG.", rf"{_W}{{16,}}\.{_W}{{16,}}"),  # SendGrid
    ("SK", _HEX_32),  # Twilio
    ("key-", _HEX_32),  # Mailgun
    ("xkeysib-", r"[0-9a-f]{64}-[A-Za-z0-9]{16}"),  # Brevo
    ("re_", rf"[A-Za-z0-9]{{8}}_(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{{24}}{_END}"),  # Resend
    *((f"shp{kind}_", r"[a-fA-F0-9]{32}") for kind in ("at", "ca", "pa", "ss")),  # Shopify
    *((f"sq0{kind}-", rf"{_W}{{22,}}") for kind in ("atp", "csp", "idp")),  # Square
    *((f"hv{kind}.", rf"(?={_W}*[0-9]){_W}{{20,}}") for kind in "sbr"),  # Vault
    ("gsk_", r"[A-Za-z0-9]{40,}"),  # Groq
    ("xai-", r"[A-Za-z0-9]{60,}"),
    ("csk-", r"[A-Za-z0-9]{40,}"),  # Cerebras
    ("tgp_v1_", rf"{_W}{{40,}}"),  # Together
    ("pplx-", r"[A-Za-z0-9]{40,}"),  # Perplexity
    ("r8_", r"[A-Za-z0-9]{36,}"),  # Replicate
    ("nvapi-", rf"{_W}{{40,}}"),
    ("crsr_", r"[0-9a-f]{64}"),  # Cursor
    ("sgp_", r"(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}"),  # Sourcegraph
    ("sgamp_user_", r"[A-Za-z0-9_]{40,}"),
    *((f"lsv2_{kind}_", r"[0-9a-f]{32}_[0-9a-f]{10}") for kind in ("pt", "sk")),  # LangSmith
    ("tvly-", rf"(?={_W}*[0-9]){_W}{{28,}}"),  # Tavily
    ("fc-", _HEX_32),  # Firecrawl
    ("jina_", r"[A-Za-z0-9]{60}"),
    ("e2b_", r"[0-9a-f]{40}"),
    ("sk_", rf"[0-9a-f]{{48}}{_END}"),  # ElevenLabs
    *((f"ph{kind}_", r"[A-Za-z0-9]{43}") for kind in "xr"),  # PostHog
    ("dckr_", rf"(?:pat|oat)_{_W}{{20,}}"),  # Docker
    ("lin_", rf"(?:api|oauth)_{_W}{{30,}}"),  # Linear
    ("ntn_", r"[A-Za-z0-9]{40,}"),  # Notion
    ("figd_", rf"{_W}{{38,}}"),  # Figma
    ("pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),  # Airtable
    *((f"AT{kind}", rf"{_W}{{60,}}(?:=[0-9A-F]{{8}})?") for kind in ("ATT3x", "CTT3x")),  # Atlassian
    ("ATBB", rf"(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{{32}}{_END}"),  # Bitbucket
    ("PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),  # Postman
    ("CFPAT-", rf"{_W}{{40,}}"),  # Contentful
    ("sntry", rf"[su]_{_W}{{30,}}"),  # Sentry
    ("tskey-", r"[a-z]+-[A-Za-z0-9-]{16,}"),  # Tailscale
    ("dapi", rf"[0-9a-f]{{32}}(?:-[0-9])?{_END}"),  # Databricks
    ("NRAK-", r"[A-Z0-9]{27}"),  # New Relic
    ("nfp_", r"[A-Za-z0-9]{36,}"),  # Netlify
    ("HRKU-", rf"(?={_W}*[0-9]){_W}{{36,}}"),  # Heroku
    ("fm2_", r"(?=[A-Za-z0-9+/]*[0-9])[A-Za-z0-9+/]{80,}={0,3}"),  # Fly
    ("sbp_", r"(?:v0_)?[0-9a-f]{40}"),  # Supabase
    ("sb_secret_", rf"{_W}{{20,}}"),
    *((f"pscale_{kind}_", rf"{_W}{{32,}}") for kind in ("tkn", "pw", "oauth")),  # PlanetScale
    ("napi_", r"[a-zA-Z0-9]{60,}"),  # Neon
    ("pul-", rf"[0-9a-f]{{40}}{_END}"),  # Pulumi
    *((f"dp.{kind}.", r"[A-Za-z0-9]{40,}") for kind in ("pt", "ct", "sa", "scim", "audit")),  # Doppler
    ("dt0c01.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),  # Dynatrace
    ("CCIPAT_", r"[A-Za-z0-9]{20,}_[0-9a-f]{40}"),  # CircleCI
    ("bkua_", r"[0-9a-f]{40}"),  # Buildkite
    ("AKCp", r"(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{60,}"),  # JFrog
    ("LTAI", rf"(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{{20}}{_END}"),  # Alibaba
    ("AGE-SECRET-KEY-1", r"[0-9A-Z]{50,}"),
)  # fmt: skip
"""How each begins, and what follows; no letter or digit stands before it."""

INNER: Final = (
    (":AA", r"(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),  # Telegram
    ("8Q~", r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])"),  # Azure
    (".atlasv1.", rf"(?<![A-Za-z0-9])[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{60,}}"),  # Terraform
    (
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/]{30,})",
    ),
    ("/api/webhooks/", rf"/api/webhooks/[0-9]{{15,20}}/(?P<secret>{_W}{{50,}})"),  # Discord
    (
        "Private-Lines:",
        r"Private-Lines: ?[0-9]{1,3}(?:\s|\\[nr]){1,4}(?P<secret>[A-Za-z0-9+/=\s\\]{40,20000}+)",
    ),  # PuTTY
    (
        "/IncomingWebhook/",
        r"/webhookb2/(?P<secret>[0-9a-f@-]{60,80}/IncomingWebhook/[0-9A-Za-z/-]{60,120})",
    ),
)
"""Forms whose beginning tells nothing: what stands inside each, and the whole."""
