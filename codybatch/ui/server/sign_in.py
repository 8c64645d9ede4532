"""The two pages that are not Streamlit's: to sign in, and to sign out."""

from __future__ import annotations

import html
from urllib.parse import parse_qs

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
MOST_BYTES = 8192
"""How long a form may be."""

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: light-dark(#F6F6F9, #0D0D11); color: light-dark(#1B1B22, #EDEDF2); }
main { box-sizing: border-box; width: min(24rem, 100vw - 2rem); padding: 2rem; border-radius: .5rem;
  background: light-dark(#FFFFFF, #121217); border: 1px solid light-dark(#E3E3EA, #2C2C36); }
svg { width: 2.5rem; height: 2.5rem; }
h1 { font-size: 1.25rem; font-weight: 600; margin: .75rem 0 .25rem; }
p { margin: 0 0 1.25rem; color: light-dark(#62626F, #A0A0AE); }
p[role=alert] { color: light-dark(#B01E31, #FF919E); }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input, button { box-sizing: border-box; width: 100%; font: inherit; padding: .55rem .75rem;
  border-radius: .4rem; border: 1px solid light-dark(#6B6B78, #8A8A98); background: none;
  color: inherit; }
button { margin-top: 1rem; border-color: transparent; background: light-dark(#5047D6, #685EEA);
  color: #FFFFFF; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid light-dark(#5047D6, #B3AEFF); outline-offset: 2px; }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Cody Batch</title><style>{style}</style></head>
<body><main>
<svg viewBox="0 0 24 24" aria-hidden="true"><g fill="#6D63F0">
<rect x="6" y="2" width="15" height="3" rx="1.5"/>
<rect x="3" y="6.25" width="9" height="3" rx="1.5"/>
<rect x="2" y="10.5" width="7" height="3" rx="1.5"/>
<rect x="3" y="14.75" width="9" height="3" rx="1.5"/>
<rect x="6" y="19" width="15" height="3" rx="1.5"/></g>
<rect x="12" y="10.5" width="10" height="3" rx="1.5" fill="#22A55B"/></svg>
<h1>{title}</h1>
{body}
</main></body></html>
"""

_FORM = """<form method="post" action="{action}">
{fields}<button type="submit">{button}</button>
</form>"""

_FIELDS = """<label for="token">Access token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input name="next" type="hidden" value="{next}">
"""


def sign_in_page(next_address: str, problem: str = "") -> str:
    """Asks for the token.

    Args:
        next_address: of the workbench, where it leads afterwards.
        problem: why it was not let in, if it was not.
    """
    told = f'<p role="alert">{html.escape(problem)}</p>' if problem else (
        "<p>Whoever started this workbench knows its access token.</p>"
    )  # fmt: skip
    fields = _FIELDS.format(next=html.escape(next_address))
    form = _FORM.format(action=SIGN_IN, fields=fields, button="Sign in")
    return _PAGE.format(title="Sign in", style=STYLE, body=told + form)


def sign_out_page() -> str:
    """Asks whether to sign out."""
    told = "<p>Jobs go on. Other browsers stay signed in.</p>"
    form = _FORM.format(action=SIGN_OUT, fields="", button="Sign out")
    return _PAGE.format(title="Sign out", style=STYLE, body=told + form)


def offered(form: bytes) -> tuple[str, str]:
    """The token and the address to go on to, of a form that was sent."""
    try:
        fields = parse_qs(form.decode("ascii"), max_num_fields=8)
    except (UnicodeDecodeError, ValueError):
        return "", "/"
    return fields.get("token", [""])[0], own_address(fields.get("next", [""])[0])


def own_address(written: str) -> str:
    """An address of the workbench's own, else its first page: never another server's."""
    is_own = written.startswith("/") and not written.startswith(("//", "/\\"))
    is_plain = all("!" <= character <= "~" for character in written)
    return written if is_own and is_plain and "\\" not in written else "/"
