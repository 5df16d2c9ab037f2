// A chart for each stage: what comes through, and how long it takes.

import { STAGES, STATES, compact, count, duration, el, set, text } from './format.js';

const POINTS = 300; // five minutes; more is never held
const HEIGHT = 100;

const dark = matchMedia('(prefers-color-scheme: dark)');

export class Charts {
  #cards = new Map();
  #seconds = [];

  constructor(root) {
    for (const name of Object.keys(STAGES)) {
      this.#cards.set(name, new Card(root, name));
    }
    dark.addEventListener('change', () => this.#cards.forEach(card => card.draw(this.#seconds)));
  }

  show(at, stages) {
    const seconds = this.#seconds;
    const now = Date.parse(at) / 1_000;
    if (seconds.length > 0 && now <= seconds[seconds.length - 1]) return; // another instance's clock
    seconds.push(now);
    if (seconds.length > POINTS) seconds.shift();
    stages.forEach(stage => this.#cards.get(stage.name).show(stage, seconds));
  }
}

class Card {
  #name;
  #root;
  #figures;
  #canvas;
  #plot = null;
  #rates = [];
  #times = [];

  constructor(parent, name) {
    const says = STAGES[name];
    this.#name = name;
    this.#figures = { rate: el('b'), time: el('span'), waiting: el('span'), state: el('span', { class: 'badge' }), words: el('p', { class: 'words' }) };
    this.#canvas = el('div', { class: 'plot', role: 'img', 'aria-label': `${says.name}: users a second over time` });
    this.#root = el('article', { class: 'card stage', 'data-card': name, 'data-state': 'unknown' },
      el('header', {}, el('h3', {}, says.name), this.#figures.state),
      el('p', { class: 'figures' }, this.#figures.rate, this.#figures.time, this.#figures.waiting),
      this.#canvas, this.#figures.words);
    parent.append(this.#root);
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#canvas.clientWidth, height: HEIGHT })).observe(this.#canvas);
  }

  show(stage, seconds) {
    const says = STAGES[this.#name];
    push(this.#rates, stage.usersPerSecond);
    push(this.#times, stage.millis == null ? null : stage.millis / 1_000);
    set(this.#root, 'data-state', stage.state);
    text(this.#figures.rate, stage.usersPerSecond == null ? '– users/s' : `${compact(stage.usersPerSecond)} users/s`);
    text(this.#figures.time, stage.millis == null ? '' : `${duration(stage.millis)} ${says.time}`);
    text(this.#figures.waiting, stage.waiting == null ? '' : `${count(stage.waiting)} ${says.waiting}`);
    text(this.#figures.state, STATES[stage.state]);
    text(this.#figures.words, stage.words ?? '');
    if (document.hidden) return; // nobody looks; the points are there when somebody does
    if (this.#plot) this.#plot.setData([seconds, this.#rates, this.#times]);
    else this.draw(seconds);
  }

  draw(seconds) {
    this.#plot?.destroy();
    const style = getComputedStyle(this.#root);
    const colour = name => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui', size: 44, gap: 3 };
    this.#plot = new uPlot({
      width: this.#canvas.clientWidth, height: HEIGHT, legend: { show: false }, padding: [6, 0, 0, 0],
      cursor: { sync: { key: 'stages' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true }, users: { range: (plot, low, high) => [0, Math.max(10, high * 1.1)] }, time: { range: (plot, low, high) => [0, Math.max(0.1, high * 1.1)] } },
      axes: [
        { ...axis, size: 26, gap: 8, space: 70, values: '{HH}:{mm}:{ss}' },
        { ...axis, scale: 'users', space: 28, values: (plot, ticks) => ticks.map(compact) },
        { ...axis, scale: 'time', side: 1, space: 28, grid: { show: false }, values: (plot, ticks) => ticks.map(t => duration(t * 1_000)) },
      ],
      series: [
        {},
        { label: 'users/s', scale: 'users', stroke: colour('--water'), fill: colour('--wash'), width: 2, points: { show: false } },
        { label: 'time', scale: 'time', stroke: colour('--muted'), width: 1, dash: [4, 3], points: { show: false } },
      ],
    }, [seconds, this.#rates, this.#times], this.#canvas);
  }
}

function push(points, value) {
  points.push(value);
  if (points.length > POINTS) points.shift();
}
