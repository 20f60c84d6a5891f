"""The one script of all pages: the theme, the filter, sorting and keys. Nothing needs it to be read.

It writes text only as text (Trusted Types are on, so nothing else would work), loads nothing and sends nothing.
"""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
'use strict';
(() => {
const root = document.documentElement;
const all = (s, e = document) => [...e.querySelectorAll(s)], one = s => document.querySelector(s);
for (const e of all('.js')) e.hidden = false;

const theme = one('#theme');
const use = value => {
  if (value === 'light' || value === 'dark') root.dataset.theme = value;
  else delete root.dataset.theme;
};
let kept = 'system';
try { kept = localStorage.getItem('subagents-theme') || kept; } catch {}
if (!['system', 'light', 'dark'].includes(kept)) kept = 'system';
use(kept);
if (theme) {
  theme.value = kept;
  theme.addEventListener('change', () => {
    use(theme.value);
    try { localStorage.setItem('subagents-theme', theme.value); } catch {}
  });
}

const reveal = e => { for (let d = e; d; d = d.parentElement) if (d.tagName === 'DETAILS') d.open = true; };
const go = e => {
  if (!e) return;
  reveal(e.parentElement);
  const target = e.tagName === 'DETAILS' ? e.querySelector('summary') : e;
  if (target.tabIndex < 0 && !target.hasAttribute('tabindex')) target.setAttribute('tabindex', '-1');
  target.focus({preventScroll: true});
  target.scrollIntoView({block: 'center'});
};

const table = one('#subagents-table'), filter = one('#filter');
if (table && filter) {
  const body = table.tBodies[0], rows = [...body.rows], count = one('#shown'), clear = one('#clear');
  const state = new URLSearchParams(location.hash.startsWith('#?') ? location.hash.slice(2) : '');
  let sorted = state.get('sort') || '';
  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  const keep = () => {
    const now = new URLSearchParams();
    if (filter.value.trim()) now.set('q', filter.value.trim());
    if (sorted) now.set('sort', sorted);
    const hash = String(now) ? '#?' + now : '';
    if (hash !== location.hash && (hash || location.hash.startsWith('#?'))) {
      try { history.replaceState(null, '', hash || location.pathname + location.search); } catch {}
    }
  };
  const quick = all('.quick button');
  const split = () => filter.value.trim().toLowerCase().split(/\\s+/).filter(Boolean);
  const matches = (row, words, of) => (!of.length || of.includes('s:' + row.dataset.s)) && words.every(word =>
    word.startsWith('v:') ? (row.dataset.v || '').toLowerCase() === word.slice(2) : texts.get(row).includes(word));
  const show = () => {
    const words = split(), of = words.filter(word => word.startsWith('s:'));
    const rest = words.filter(word => !word.startsWith('s:'));
    let number = 0;
    for (const row of rows) { const on = matches(row, rest, of); row.hidden = !on; number += on; }
    for (const button of quick) button.setAttribute('aria-pressed', String(of.includes(button.dataset.q)));
    const noun = rows.length === 1 ? ' subagent' : ' subagents';
    count.textContent = !words.length ? '' : number ? number + ' of ' + rows.length + noun + ' shown' :
      'No subagent matches \\u201c' + filter.value.trim() + '\\u201d.';
    clear.hidden = !words.length;
    keep();
  };
  const sort = key => {
    const down = key.startsWith('-'), name = key.replace('-', '');
    const head = all('th', table.tHead).find(th => th.dataset.sort === name);
    for (const th of all('th', table.tHead)) th.removeAttribute('aria-sort');
    sorted = head ? key : '';
    const order = [...rows];
    if (head) {
      const index = head.cellIndex, value = row => row.cells[index].dataset.n;
      const number = head.classList.contains('n');
      order.sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === y) return 0;
        if (x === '') return 1;
        if (y === '') return -1;
        const less = number ? Number(x) - Number(y) : x < y ? -1 : 1;
        return down ? -less : less;
      });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    }
    body.append(...order);
    keep();
  };
  for (const th of all('th[data-sort]', table.tHead)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = th.textContent;
    th.textContent = '';
    th.append(button);
    button.addEventListener('click', () => {
      const name = th.dataset.sort, first = th.classList.contains('n') ? '-' + name : name;
      const second = th.classList.contains('n') ? name : '-' + name;
      sort(sorted === first ? second : sorted === second ? '' : first);
    });
  }
  for (const button of quick) button.addEventListener('click', () => {
    const words = split(), q = button.dataset.q;
    filter.value = (words.includes(q) ? words.filter(word => word !== q) : [...words, q]).join(' ');
    show();
  });
  filter.addEventListener('input', show);
  clear.addEventListener('click', () => { filter.value = ''; show(); filter.focus(); });
  filter.value = state.get('q') || '';
  if (sorted) sort(sorted);
  if (filter.value) show();
}

for (const box of all('.kinds input')) box.addEventListener('change', () => {
  const scope = box.closest('.transcript');
  for (const step of all('.step.k-' + box.value, scope)) step.hidden = !box.checked;
});

const group = one('#group'), byFile = one('#by-file'), regrouped = one('#regrouped');
if (group) {
  const found = all('li[id]', byFile), homes = found.map(e => e.parentElement);
  const number = e => Number(e.id.slice(e.id.lastIndexOf('-') + 1));
  group.addEventListener('change', () => {
    const files = group.value === 'file';
    regrouped.replaceChildren();
    if (files) found.forEach((e, i) => homes[i].append(e));
    else {
      const lists = new Map();
      for (const e of [...found].sort((a, b) => number(a) - number(b))) {
        const name = e.dataset[group.value];
        if (!lists.has(name)) {
          const head = document.createElement('h3'), list = document.createElement('ul');
          head.textContent = name;
          list.className = 'findings';
          regrouped.append(head, list);
          lists.set(name, list);
        }
        lists.get(name).append(e);
      }
    }
    byFile.hidden = !files;
    regrouped.hidden = files;
  });
}

const keys = one('#keys');
if (keys) {
  one('#keys-close').addEventListener('click', () => keys.close());
  const opener = one('#keys-open');
  if (opener) opener.addEventListener('click', () => keys.showModal());
}
const visible = e => !e.closest('[hidden]');
const step = (selector, forward) => {
  const list = all(selector).filter(visible), here = document.activeElement;
  const place = e => e.compareDocumentPosition(here);
  const behind = e => place(e) & Node.DOCUMENT_POSITION_PRECEDING && !e.contains(here);
  const before = e => place(e) & Node.DOCUMENT_POSITION_FOLLOWING && !e.contains(here);
  if (forward) go(here === document.body ? list[0] : list.find(behind));
  else go(list.reverse().find(before));
};
document.addEventListener('keydown', event => {
  if (event.target.matches('input,select,textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (keys && keys.open) return;
  const parts = all('nav.parts a');
  if (event.key === '/' && filter) { event.preventDefault(); filter.focus(); filter.select(); }
  else if (event.key === '?' && keys) keys.showModal();
  else if (event.key === 'j') step('.problem', true);
  else if (event.key === 'k') step('.problem', false);
  else if (event.key === ']') step('.agent h3,h3.agent', true);
  else if (event.key === '[') step('.agent h3,h3.agent', false);
  else if (event.key === 't' && theme) {
    const order = ['system', 'light', 'dark'];
    theme.value = order[(order.indexOf(theme.value) + 1) % 3];
    theme.dispatchEvent(new Event('change'));
  }
  else if (/^[1-9]$/.test(event.key) && parts[event.key - 1]) parts[event.key - 1].click();
});
const target = () => {
  const name = location.hash.slice(1);
  if (!name || name.startsWith('?')) return;
  let e = null;
  try { e = document.getElementById(decodeURIComponent(name)); } catch {}
  if (e) { reveal(e); e.scrollIntoView(); }
};
addEventListener('hashchange', target);
target();
})();
"""
