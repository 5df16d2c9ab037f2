// Numbers, times and elements, as the whole page shows them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat('en-GB', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

export const NONE = '–';

export const count = n => (n == null ? NONE : whole.format(n));
export const compact = n => (n == null ? NONE : n < 10_000 ? whole.format(n) : short.format(n));
export const timeOfDay = at => clock.format(new Date(at));
export const dayAndTime = at => minute.format(new Date(at));

/** 420 ms, 3.2 s, 2 min 5 s, 3 h 4 min. */
export function duration(ms) {
  if (ms == null) return NONE;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An element with its attributes and children; a child that is no node is text. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children);
  return element;
}

/** Only what has changed: a page that is written again every second loses selections and wakes screen readers. */
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

export function set(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

export const STAGES = {
  source: { name: 'Source', does: 'asked for pages', time: 'a page', waiting: 'at work' },
  capture: { name: 'Capture', does: 'kept byte for byte', time: 'a page', waiting: 'at work' },
  postgres: { name: 'PostgreSQL', does: 'rows of users', time: 'a page', waiting: 'at work' },
  kafka: { name: 'Kafka', does: 'records of users', time: 'a page', waiting: 'at work' },
  spark: { name: 'Spark', does: 'counts and windows', time: 'behind', waiting: 'records to go' },
  cassandra: { name: 'Cassandra', does: 'windows to read', time: 'behind', waiting: 'users to come' },
};

export const STATES = {
  idle: 'at rest',
  flowing: 'flowing',
  holding: 'holds the others back',
  down: 'does not answer',
  unknown: 'not known',
};
