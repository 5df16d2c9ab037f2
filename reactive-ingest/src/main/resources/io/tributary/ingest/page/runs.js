// The runs with their pages as a strip, and of the one that is open the four stores.

import * as actions from './actions.js';
import { count, dayAndTime, duration, el, set, svg, text, timeOfDay } from './format.js';

const LETTERS = { P: 'planned', L: 'leased', C: 'captured', D: 'complete', Q: 'quarantined' };
const STATES = { RUNNING: 'running', COMPLETE: 'complete', INCOMPLETE: 'incomplete', CANCELLED: 'cancelled' };

export class Runs {
  #list;
  #none;
  #rows = new Map();
  #open = null; // the newest run is, until somebody chooses
  #chosen = false;

  constructor(list, none) {
    this.#list = list;
    this.#none = none;
    list.addEventListener('click', () => { this.#chosen = true; });
  }

  /** runs: null while the ledger does not answer; what was seen stays, and is said to be old. */
  show(runs, replays, at) {
    set(this.#list, 'data-old', runs == null ? '' : null);
    text(this.#none, runs == null ? 'The ledger does not answer: this is what it said last.' : runs.length === 0 ? 'No run yet: ./etl run begins one, or POST /api/v1/runs.' : '');
    this.#none.hidden = runs != null && runs.length > 0;
    if (runs == null) return;
    const ids = new Set(runs.map(run => run.id));
    for (const [id, row] of this.#rows) {
      if (!ids.has(id)) {
        row.root.remove();
        this.#rows.delete(id);
      }
    }
    let after = null;
    for (const run of runs) {
      const row = this.#rows.get(run.id) ?? this.#add(run.id);
      const place = after ? after.root.nextSibling : this.#list.firstChild;
      if (place !== row.root) this.#list.insertBefore(row.root, place);
      row.show(run, replays.find(replay => replay.run === run.id), at);
      after = row;
    }
    if (!this.#chosen && runs.length > 0 && this.#open !== runs[0].id) {
      this.#rows.get(this.#open)?.open(false);
      this.#open = runs[0].id;
      this.#rows.get(this.#open).open(true);
    }
  }

  #add(id) {
    const row = new Row(id);
    this.#rows.set(id, row);
    return row;
  }
}

class Row {
  #id;
  #parts;
  #details = null;
  #button;
  #last = null;

  constructor(id) {
    this.#id = id;
    const detailsId = `run-${id}`;
    this.#parts = {
      state: el('span', { class: 'badge' }), name: el('span', { class: 'id' }, id.slice(0, 8)), window: el('span', { class: 'window' }),
      users: el('span', { class: 'users' }), time: el('span', { class: 'took' }),
      strip: svg('svg', { class: 'strip', role: 'img', preserveAspectRatio: 'none', 'aria-label': '' }),
    };
    this.#button = el('button', { type: 'button', class: 'row', 'aria-expanded': 'false', 'aria-controls': detailsId },
      this.#parts.state, this.#parts.name, this.#parts.window, this.#parts.users, this.#parts.time);
    this.#button.onclick = () => this.open(this.#button.getAttribute('aria-expanded') !== 'true');
    this.body = el('div', { id: detailsId, hidden: '' });
    this.root = el('li', { class: 'card run', 'data-run': id }, this.#button, this.#parts.strip, this.body);
  }

  open(wanted) {
    set(this.#button, 'aria-expanded', wanted);
    this.body.hidden = !wanted;
    if (wanted && !this.#details) {
      this.#details = new Details(this.#id, this.body);
    }
    if (wanted && this.#last) this.#details.show(...this.#last);
  }

  show(run, replay, at) {
    this.#last = [run, replay, at];
    const parts = this.#parts;
    set(this.root, 'data-state', STATES[run.state]);
    text(parts.state, STATES[run.state]);
    text(parts.window, `window ${dayAndTime(run.windowStart)}`);
    text(parts.users, `${count(run.progress.captured)} of ${count(run.users)} users`);
    text(parts.time, took(run, at));
    strip(parts.strip, run);
    if (!this.body.hidden) this.#details.show(run, replay, at);
  }
}

/** How long it took; of one that goes on how long it still will, as fast as it was. */
function took(run, at) {
  const end = run.finishedAt ? Date.parse(run.finishedAt) : Date.parse(at);
  const ms = Math.max(0, end - Date.parse(run.createdAt));
  if (run.finishedAt || run.progress.published === 0) return duration(ms);
  const left = (ms * (run.users - run.progress.published)) / run.progress.published;
  return `${duration(ms)}, about ${duration(left)} to go`;
}

function strip(root, run) {
  if (root.dataset.cells === run.cells) return;
  root.dataset.cells = run.cells;
  const runs = [...run.cells.matchAll(/([PLCDQ])(\d+)/g)].map(([, letter, n]) => [LETTERS[letter], Number(n)]);
  const total = runs.reduce((sum, [, n]) => sum + n, 0);
  set(root, 'viewBox', `0 0 ${Math.max(1, total)} 1`);
  let x = 0;
  root.replaceChildren(...runs.map(([state, width]) => {
    const rect = svg('rect', { class: state, x, y: 0, width, height: 1 });
    x += width;
    return rect;
  }));
  const pages = Object.entries(run.pageStates).filter(([, n]) => n > 0).map(([state, n]) => `${n} ${state}`);
  set(root, 'aria-label', `${run.pages} pages: ${pages.join(', ')}`);
}

/** The four stores of one run and what can be done with it. */
class Details {
  #id;
  #stores = new Map();
  #says = el('p', { class: 'says', role: 'status' });
  #drift = el('ul', { class: 'drift' });
  #pages = el('p', { class: 'pages' });
  #buttons = {};
  #busy = false;

  constructor(id, body) {
    this.#id = id;
    const rows = [['ledger', 'Ledger', 'captured'], ['postgres', 'PostgreSQL', 'stored'], ['kafka', 'Kafka', 'published'], ['cassandra', 'Cassandra', 'counted']].map(([key, name, what]) => {
      const store = { users: el('td', { 'data-field': what }), left: el('td'), digest: el('td', { class: 'digest' }, ''), equal: el('td') };
      this.#stores.set(key, store);
      return el('tr', { 'data-store': key }, el('th', { scope: 'row' }, name, ' ', el('small', {}, what)), store.users, store.left, store.digest, store.equal);
    });
    const head = ['Store', 'Users', 'To come', 'Digest', 'Agrees'].map(name => el('th', { scope: 'col' }, name));
    body.append(
      el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Stores of run ${id.slice(0, 8)}` },
        el('table', { class: 'stores' }, el('caption', { class: 'hidden' }, `Users of run ${id} by store`), el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows))),
      this.#pages,
      el('p', { class: 'buttons' },
        this.#button('reconcile', 'Reconcile', () => this.#reconcile()),
        this.#button('replay', 'Replay', async () => `Replay ${(await actions.replay(this.#id)).id.slice(0, 8)} has begun.`),
        this.#button('redrive', 'Try given-up pages again', async () => `${(await actions.redrive(this.#id)).pages} pages are tried again.`),
        this.#button('cancel', 'Cancel', async () => ((await actions.cancel(this.#id)) ? 'The run is cancelled.' : '')),
        el('code', { class: 'whole-id' }, id)),
      this.#says, this.#drift);
  }

  #button(name, label, act) {
    const button = el('button', { type: 'button', 'data-action': name, class: name === 'cancel' ? 'danger' : null }, label);
    button.onclick = async () => {
      if (this.#busy) return;
      this.#busy = true;
      set(button, 'aria-busy', 'true');
      try {
        text(this.#says, name === 'reconcile' ? 'Comparing the four stores …' : '');
        text(this.#says, await act());
      } catch (refused) {
        text(this.#says, `Not done: ${refused.message}.`);
      }
      set(button, 'aria-busy', null);
      this.#busy = false;
    };
    this.#buttons[name] = button;
    return button;
  }

  async #reconcile() {
    const found = await actions.reconcile(this.#id);
    for (const [key, store] of this.#stores) {
      const agrees = found[key].users === found.ledger.users && found[key].digest === found.ledger.digest;
      text(store.digest, found[key].digest);
      text(store.equal, agrees ? '✓ yes' : '✗ no');
      set(store.equal, 'class', agrees ? 'agrees' : 'differs');
    }
    this.#drift.replaceChildren(...found.drift.slice(0, 10).map(d => el('li', {}, `${d.store}, page ${d.page}${d.position == null ? '' : `, position ${d.position}`}: ${d.what}`)));
    return found.equal ? `At ${timeOfDay(Date.now())} all four agree on ${count(found.ledger.users)} users.` : `At ${timeOfDay(Date.now())} they differ in ${count(found.driftTotal)} places.`;
  }

  show(run, replay, at) {
    const progress = run.progress;
    const due = progress.captured - progress.deadLetters;
    const users = { ledger: due, postgres: progress.stored, kafka: progress.published, cassandra: progress.counted };
    for (const [key, store] of this.#stores) {
      text(store.users, count(users[key]));
      const of = key === 'ledger' ? (run.state === 'RUNNING' ? run.users - progress.captured : 0) : users[key] == null ? null : due - users[key];
      text(store.left, of == null ? '–' : of === 0 ? '' : count(of));
    }
    const said = [`${count(run.pageStates.complete)} of ${count(run.pages)} pages complete`];
    if (run.pageStates.quarantined > 0) said.push(`${count(run.pageStates.quarantined)} given up`);
    if (progress.deadLetters > 0) said.push(`${count(progress.deadLetters)} users set aside`);
    if (run.seed) said.push(`seed ${run.seed}`);
    if (run.nat.length > 0) said.push(run.nat.join(' '));
    if (run.cause) said.push(run.cause);
    if (run.flag) said.push(`⚑ ${run.flag}`);
    if (replay) said.push(`replay ${replay.state.toLowerCase()}: ${count(replay.pages)} of ${count(replay.pagesTotal)} pages`);
    text(this.#pages, said.join(' · '));
    this.#buttons.cancel.hidden = run.state !== 'RUNNING';
    this.#buttons.redrive.hidden = run.pageStates.quarantined === 0;
  }
}
