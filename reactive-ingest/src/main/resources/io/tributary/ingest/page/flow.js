// The flow as a picture: pipes as thick as what runs through them, red where it is held up.

import { STAGES, STATES, compact, duration, set, svg, text } from './format.js';

const FULL = 5_000; // users a second that fill a pipe
const THINNEST = 3;
const THICKEST = 26;

const LAYOUTS = {
  wide: {
    box: [1120, 242], node: [184, 94],
    at: { source: [4, 142], capture: [236, 142], postgres: [468, 6], kafka: [468, 142], spark: [700, 142], cassandra: [932, 142] },
  },
  tall: {
    box: [384, 612], node: [184, 94],
    at: { source: [100, 6], capture: [100, 132], postgres: [4, 258], kafka: [196, 258], spark: [196, 384], cassandra: [196, 510] },
  },
};

/** Into which stage, and out of which; who has none comes from outside. */
const PIPES = [['source', 'capture'], ['capture', 'postgres'], ['capture', 'kafka'], ['kafka', 'spark'], ['spark', 'cassandra']];

const narrow = matchMedia('(max-width: 760px)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

export class Flow {
  #root;
  #words;
  #nodes = new Map();
  #pipes = new Map();
  #last = [];

  constructor(root, words) {
    this.#root = root;
    this.#words = words;
    this.#draw();
    narrow.addEventListener('change', () => this.#draw());
    still.addEventListener('change', () => this.#draw());
  }

  show(stages) {
    this.#last = stages;
    for (const stage of stages) {
      this.#node(stage);
    }
    for (const [from, to] of PIPES) {
      this.#pipe(stages.find(s => s.name === from), stages.find(s => s.name === to));
    }
    text(this.#words, stages.map(s => `${STAGES[s.name].name} ${STATES[s.state]}`).join(', '));
  }

  #node(stage) {
    const node = this.#nodes.get(stage.name);
    set(node.group, 'data-state', stage.state);
    const says = STAGES[stage.name];
    text(node.rate, stage.usersPerSecond == null ? '–' : `${compact(stage.usersPerSecond)}/s`);
    text(node.time, stage.millis == null ? says.does : `${duration(stage.millis)} ${says.time}`);
    text(node.state, STATES[stage.state]);
    text(node.title, stage.words ?? STATES[stage.state]);
  }

  /** What comes into a stage is held up where the stage is. */
  #pipe(from, to) {
    const pipe = this.#pipes.get(to.name);
    const rate = Math.min(from.usersPerSecond ?? 0, to.usersPerSecond ?? from.usersPerSecond ?? 0);
    const width = THINNEST + (THICKEST - THINNEST) * Math.sqrt(Math.min(1, rate / FULL));
    set(pipe.group, 'data-state', to.state);
    set(pipe.water, 'stroke-width', width.toFixed(1));
    set(pipe.shine, 'stroke-width', Math.max(1.5, width / 4).toFixed(1));
    if (pipe.motion) {
      pipe.motion.playbackRate = rate === 0 || to.state === 'down' ? 0 : 0.5 + Math.sqrt(rate / FULL) * 2;
    }
  }

  #draw() {
    const layout = narrow.matches ? LAYOUTS.tall : LAYOUTS.wide;
    this.#pipes.forEach(pipe => pipe.motion?.cancel());
    this.#root.replaceChildren();
    set(this.#root, 'viewBox', `0 0 ${layout.box[0]} ${layout.box[1]}`);
    for (const [from, to] of PIPES) this.#pipes.set(to, this.#newPipe(layout, from, to));
    for (const name of Object.keys(STAGES)) this.#nodes.set(name, this.#newNode(layout, name));
    if (this.#last.length > 0) this.show(this.#last);
  }

  #newPipe(layout, from, to) {
    const way = path(layout, from, to);
    const water = svg('path', { d: way, class: 'water', 'stroke-width': THINNEST });
    const shine = svg('path', { d: way, class: 'shine', 'stroke-width': 1.5 });
    const group = svg('g', { class: 'pipe', 'data-pipe': to, 'data-state': 'idle' }, svg('path', { d: way, class: 'bed', 'stroke-width': THICKEST + 4 }), water, shine);
    this.#root.append(group);
    const motion = still.matches ? null : shine.animate([{ strokeDashoffset: 48 }, { strokeDashoffset: 0 }], { duration: 2_000, iterations: Infinity });
    if (motion) motion.playbackRate = 0;
    return { group, water, shine, motion };
  }

  #newNode(layout, name) {
    const [x, y] = layout.at[name];
    const [width, height] = layout.node;
    const title = svg('title', {}, STATES.unknown);
    const rate = svg('text', { x: 14, y: 52, class: 'rate' }, '–');
    const time = svg('text', { x: 14, y: 69, class: 'time' }, STAGES[name].does);
    const state = svg('text', { x: 26, y: 84, class: 'state' }, STATES.unknown);
    const group = svg('g', { class: 'node', 'data-stage': name, 'data-state': 'unknown', transform: `translate(${x} ${y})` },
      title,
      svg('rect', { width, height, rx: 12 }),
      svg('text', { x: 14, y: 26, class: 'name' }, STAGES[name].name),
      rate, time,
      svg('circle', { cx: 18, cy: 80, r: 4 }), state);
    this.#root.append(group);
    return { group, rate, time, state, title };
  }
}

/** From the end of one node to the beginning of the other. */
function path(layout, from, to) {
  const [width, height] = layout.node;
  const [fx, fy] = layout.at[from];
  const [tx, ty] = layout.at[to];
  if (layout === LAYOUTS.wide) {
    const y1 = fy + height / 2, y2 = ty + height / 2, x1 = fx + width - 6, x2 = tx + 6, middle = (x1 + x2) / 2;
    return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  }
  const x1 = fx + width / 2, x2 = tx + width / 2, y1 = fy + height - 6, y2 = ty + 6, middle = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}
