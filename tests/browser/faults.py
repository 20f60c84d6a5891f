"""What is wrong with a page that is open in a window: what was made of text, what ran, and what of ours is not seen."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from browser.window import Window

_FORBIDDEN: Final = (
    "a:not([href^='#']):not([href$='.html']):not([href*='.html#'])",
    "meta[http-equiv]:not([http-equiv='Content-Security-Policy'])",
    *("button:not([type=button])", "script[src]", "style ~ style"),
    *("area", "audio", "base", "embed", "form", "frame", "frameset", "iframe", "img", "image", "link", "object"),
    *("picture", "portal", "source", "video", "math", "foreignObject", "animate", "set", "slot", "template"),
    *("noscript", "plaintext", "textarea", "xmp"),
)
"""Elements of which no page of ours has any."""

_IN_DOCUMENT: Final = """
forbidden => {
  const found = [], plain = ['style', 'srcdoc', 'action', 'formaction', 'ping', 'background', 'target'];
  for (const e of document.querySelectorAll(forbidden)) found.push('element ' + e.outerHTML.slice(0, 200));
  for (const e of document.querySelectorAll('*')) for (const {name, value} of e.attributes) {
    if (/^on/i.test(name) || plain.includes(name)) found.push('attribute ' + name + '=' + value.slice(0, 200));
    const address = ['href', 'src', 'xlink:href', 'srcset', 'poster'].includes(name);
    if (address && /^\\s*[a-z][^/]*:|^[\\/\\\\]/i.test(value)) found.push('address ' + value.slice(0, 200));
  }
  const scripts = [...document.querySelectorAll('script')], policy = document.querySelector('meta[http-equiv]');
  if (scripts.length !== 1 || scripts[0] !== document.body.lastElementChild) found.push(scripts.length + ' scripts');
  if (document.querySelectorAll('style').length !== 1) found.push('not one style');
  if (!policy || policy !== document.head.children[1]) found.push('the policy is not in its place');
  return found;
}
"""

_UNSEEN: Final = """
(() => {
  const found = [], of = e => e.localName + ' ' + e.textContent.trim().slice(0, 60);
  const ours = 'h1, h2, h3, h4, summary, .st, nav a, th, footer p, button, input, select, label, legend, dt';
  for (const d of document.querySelectorAll('details')) d.open = true;
  for (const e of document.querySelectorAll(ours)) {
    if (e.closest('[hidden], dialog:not([open]), .only-print')) continue;
    const box = e.getClientRects()[0];
    const drawn = box && box.width && box.height && box.x >= 0 && box.y + scrollY >= 0;
    if (!drawn || !e.checkVisibility({opacityProperty: true, visibilityProperty: true})) found.push('hidden: ' + of(e));
    else if (!e.closest('.scroll') && box.x + 1 > innerWidth) found.push('beside the page: ' + of(e));
  }
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('dialog, .skip, svg')) continue;
    if (!['static', 'relative'].includes(getComputedStyle(e).position)) found.push('over others: ' + of(e));
  }
  for (const e of document.querySelectorAll('.end, td, .name, dd, .need span')) {
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth) found.push('cut off: ' + of(e));
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push('the page is ' + wide + ' px too wide');
  return found;
})()
"""

_SHAPE: Final = """
(() => {
  const shape = {};
  for (const e of document.querySelectorAll('*')) {
    const place = e.parentElement ? e.parentElement.localName : '';
    const name = [place, e.localName, ...e.getAttributeNames().sort()].join(' ');
    shape[name] = (shape[name] || 0) + 1;
  }
  return shape;
})()
"""


def faults(window: Window) -> list[str]:
    """Everything that a page should not have done, or be; empty for one in which no text is more than text."""
    here = window.path.as_uri()
    found = [f"asked for {url}" for url in window.asked_for if url != here]
    found += [f"went to {url}" for url in window.visited if url not in (here, "about:blank")]
    found += [f"dialog {text}" for text in window.dialogs]
    found += window.complaints
    if window.run_in_page("'pwned' in window"):
        found.append("a script ran")
    return found + list(window.run(_IN_DOCUMENT, ", ".join(_FORBIDDEN)))


def unseen(window: Window) -> list[str]:
    """What of our own is on the page and not to be seen, with all that is folded opened."""
    return list(window.run(_UNSEEN))


def shape(window: Window) -> dict[str, Any]:
    """How often each element stands in each other one, with which attributes."""
    return dict(window.run(_SHAPE))


def unnamed(window: Window) -> set[str]:
    """Signs that draw nothing or move others, and stand on the page as they are; line feeds and tabs are meant so."""
    text: str = window.run("document.documentElement.outerHTML")
    hidden = {sign for sign in set(text) if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    return {ascii(sign) for sign in hidden - {"\n", "\t"}}
