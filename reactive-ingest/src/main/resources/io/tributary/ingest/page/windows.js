// The newest windows by nationality, and what was set aside.

import { count, dayAndTime, el, set, svg, text, timeOfDay } from './format.js';

const HEIGHT = 150;
const BAR = 26;

export class Windows {
  #root;
  #tabs = null;
  #chart = null;
  #chosen = null; // the start of a window; null: the newest
  #drawn = '';

  constructor(root) {
    this.#root = root;
  }

  show(windows) {
    if (windows == null) return;
    const drawn = JSON.stringify([windows, this.#chosen]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (windows.length === 0) {
      this.#root.replaceChildren(el('p', { class: 'note' }, 'No window is counted yet.'));
      this.#tabs = null;
      return;
    }
    if (!this.#tabs) {
      this.#tabs = el('div', { class: 'tabs', role: 'group', 'aria-label': 'Window' });
      this.#chart = el('figure');
      this.#root.replaceChildren(this.#tabs, this.#chart);
    }
    const shown = windows.find(window => window.windowStart === this.#chosen) ?? windows[0];
    this.#choose(windows, shown);
    this.#draw(shown);
  }

  #choose(windows, shown) {
    const oldestFirst = [...windows].reverse();
    while (this.#tabs.children.length > oldestFirst.length) this.#tabs.lastChild.remove();
    oldestFirst.forEach((window, i) => {
      const button = this.#tabs.children[i] ?? this.#tabs.appendChild(el('button', { type: 'button', class: 'tab' }, el('span'), el('b')));
      text(button.firstChild, timeOfDay(window.windowStart));
      text(button.lastChild, count(window.users));
      set(button, 'aria-pressed', window === shown);
      button.onclick = () => {
        this.#chosen = window === windows[0] ? null : window.windowStart;
        this.show(windows);
      };
    });
  }

  #draw(window) {
    const byNation = new Map();
    for (const group of window.groups) {
      const nation = byNation.get(group.nationality) ?? { female: 0, male: 0, age: 0, aged: 0 };
      nation[group.gender === 'female' ? 'female' : 'male'] += group.users;
      if (group.meanAge != null) {
        nation.age += group.meanAge * group.users;
        nation.aged += group.users;
      }
      byNation.set(group.nationality, nation);
    }
    const nations = [...byNation].sort(([a], [b]) => (a < b ? -1 : 1));
    const most = Math.max(1, ...nations.map(([, n]) => n.female + n.male));
    const root = svg('svg', { class: 'bars', role: 'img', viewBox: `0 0 ${nations.length * BAR} ${HEIGHT + 34}`, 'aria-label': `Users by nationality: ${nations.map(([name, n]) => `${name} ${n.female + n.male}`).join(', ')}` });
    nations.forEach(([name, n], i) => {
      const high = users => (HEIGHT * users) / most;
      const x = i * BAR + 3;
      const mean = n.aged ? `, mean age ${(n.age / n.aged).toFixed(1)}` : '';
      root.append(svg('g', {}, svg('title', {}, `${name}: ${count(n.female)} women, ${count(n.male)} men${mean}`),
        svg('rect', { class: 'female', x, y: 14 + HEIGHT - high(n.female), width: BAR - 6, height: high(n.female) }),
        svg('rect', { class: 'male', x, y: 14 + HEIGHT - high(n.female + n.male), width: BAR - 6, height: high(n.male) }),
        svg('text', { x: x + (BAR - 6) / 2, y: HEIGHT + 30, class: 'nation' }, name)));
    });
    this.#chart.replaceChildren(root, el('figcaption', {}, el('b', { 'data-field': 'window-users' }, count(window.users)), ` users, ${dayAndTime(window.windowStart)} `, el('span', { class: 'key female' }, 'women'), el('span', { class: 'key male' }, 'men')));
  }
}

/** Dead letters by reason, and pages that were given up with their cause. */
export class Aside {
  #root;
  #drawn = '';

  constructor(root) {
    this.#root = root;
  }

  show(runs, setAside) {
    if (runs == null) return;
    const reasons = new Map();
    const pages = [];
    for (const run of runs) {
      for (const { reason, users } of run.deadLetters) reasons.set(reason, (reasons.get(reason) ?? 0) + users);
      for (const page of run.quarantined) pages.push({ run: run.id, ...page });
    }
    const drawn = JSON.stringify([[...reasons], pages, setAside]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const parts = [];
    if (reasons.size > 0) {
      parts.push(table('Users by reason', ['Reason', 'Users'], [...reasons].sort(([, a], [, b]) => b - a).map(([reason, users]) => [reason, count(users)])));
    }
    if (pages.length > 0) {
      parts.push(table('Pages that were given up', ['Run', 'Page', 'Tries', 'Last cause'], pages.slice(0, 12).map(page => [page.run.slice(0, 8), count(page.page), count(page.attempts), page.cause])));
    }
    if (setAside > 0) parts.push(el('p', {}, `${count(setAside)} records lie in the stream's dead letters: ./etl dlq shows them.`));
    this.#root.replaceChildren(...(parts.length > 0 ? parts : [el('p', { class: 'note good' }, 'Nothing: every user of these runs went on.')]));
  }
}

function table(caption, head, rows) {
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', {}, el('caption', {}, caption), el('thead', {}, el('tr', {}, ...head.map(name => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, ...rows.map(cells => el('tr', {}, ...cells.map(cell => el('td', {}, cell)))))));
}
