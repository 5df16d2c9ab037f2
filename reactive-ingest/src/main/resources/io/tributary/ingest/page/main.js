// One stream of snapshots, given to every part of the page.

import { askForToken, headers } from './actions.js';
import { Charts } from './charts.js';
import { Flow } from './flow.js';
import { STAGES, count, duration, el, set, text } from './format.js';
import { Runs } from './runs.js';
import { watch } from './stream.js';
import { Aside, Windows } from './windows.js';

const of = id => document.getElementById(id);
const flow = new Flow(of('flow'), of('flow-words'));
const charts = new Charts(of('stages'));
const runs = new Runs(of('runs-list'), of('runs-none'));
const windows = new Windows(of('windows'));
const aside = new Aside(of('aside'));

const WORDS = { live: 'live', lost: 'lost, coming back', refused: 'a token is needed' };

function headline(stages) {
  const named = state => stages.filter(stage => stage.state === state).map(stage => STAGES[stage.name].name);
  const down = named('down');
  if (down.length > 0) return ['down', `${down.join(' and ')} ${down.length > 1 ? 'do' : 'does'} not answer`];
  const holding = named('holding');
  if (holding.length > 0) return ['holding', `Flowing, ${holding[0]} holds the others back`];
  return named('flowing').length > 0 ? ['flowing', 'Flowing'] : ['idle', 'At rest'];
}

const facts = new Map();
function fact(name, value) {
  if (!facts.has(name)) {
    const shown = el('dd', {});
    of('facts').append(el('div', {}, el('dt', {}, name), shown));
    facts.set(name, shown);
  }
  text(facts.get(name), value);
}

function source(seen) {
  const { concurrency, quotaUsers, quotaPeriodMs, refused, pauses, pauseMs } = seen.source;
  fact('Requests at once', count(concurrency));
  fact('Quota of the source', quotaUsers > 0 ? `${count(quotaUsers)} users in ${quotaPeriodMs > 0 ? duration(quotaPeriodMs) : 'a time not known yet'}` : 'none found yet');
  fact('Pauses for it', pauseMs > 0 ? `${count(pauses)}, now for ${duration(pauseMs)}` : count(pauses));
  fact('Requests refused', count(refused));
  const missing = Object.entries(seen.servers).filter(([, why]) => why != null);
  fact('Servers', missing.length === 0 ? 'all answer' : missing.map(([name, why]) => `${name}: ${why}`).join('; '));
}

function show(seen) {
  const [state, words] = headline(seen.stages);
  set(of('headline'), 'data-state', state);
  text(of('headline'), words);
  text(of('instance'), `Seen by ${seen.instance}.`);
  flow.show(seen.stages);
  charts.show(seen.at, seen.stages);
  source(seen);
  runs.show(seen.runs, seen.replays, seen.at);
  windows.show(seen.windows);
  aside.show(seen.runs, seen.setAside);
}

function connection(state) {
  set(of('connection'), 'data-state', state);
  text(of('connection-words'), WORDS[state]);
}

of('token-open').onclick = () => askForToken('It stays in this tab’s memory and is gone when the tab is.');
watch('/api/v1/live', headers, { snapshot: show, state: connection }, () => askForToken('To watch, a token with the scope runs:read is needed. It stays in this tab’s memory and is gone when the tab is.'));
