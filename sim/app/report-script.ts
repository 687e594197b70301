/**
 * Runs in the page: plays the events of a scenario one after the other, in the order in which they happened (most of
 * them at the same simulated time). Texts of the run go into the page as text nodes, never as markup.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
const { strings, runs } = JSON.parse(document.getElementById('data').textContent);
const SVG = 'http://www.w3.org/2000/svg';
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const text = (index) => strings[index];
const make = (tag, parent, words, attributes = {}) => {
  const one = document.createElement(tag);
  if (words !== undefined) one.textContent = words;
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  parent.append(one);
  return one;
};
const draw = (tag, parent, attributes) => {
  const one = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  parent.append(one);
  return one;
};
let active;

class Player {
  constructor(section, run) {
    this.section = section;
    this.root = section.querySelector('.player');
    this.layer = section.querySelector('.ways');
    this.dots = section.querySelector('.dots');
    this.items = [...section.querySelectorAll('.steps > li')];
    this.said = section.querySelector('.now');
    this.trace = section.querySelector('.trace');
    this.boxes = new Map([...section.querySelectorAll('rect[data-id]')].map((rect) => [rect.dataset.id, rect]));
    this.packets = run.packets.map(([number, title, step, look, dropped, points, rows]) => ({
      number, title: text(title), step, look: text(look), dropped: dropped === 1, rows,
      points: points.map(([order, id, line, row]) => ({ order, id: text(id), line: text(line), row })),
    }));
    this.steps = run.steps.map(text);
    this.at = -1;
    this.speed = 1;
    this.playing = false;
    this.controls();
    this.choose();
    this.root.addEventListener('keydown', (event) => this.key(event));
    this.root.addEventListener('pointerdown', () => { active = this; });
    this.root.addEventListener('focusin', () => { active = this; });
  }

  controls() {
    const bar = this.root.querySelector('.controls');
    bar.hidden = false;
    const button = (words, label, act) => {
      const one = make('button', bar, words, { type: 'button', 'aria-label': label, title: label });
      one.addEventListener('click', act);
      return one;
    };
    button('|\\u25c0\\ufe0e', 'to the beginning (Home)', () => { this.stop(); this.go(-1); });
    button('\\u25c0\\ufe0e', 'one event back (left arrow)', () => { this.stop(); this.go(this.at - 1); });
    this.playButton = button('\\u25b6\\ufe0e play', 'play or pause (space)', () => this.toggle());
    this.playButton.classList.add('play');
    button('\\u25b6\\ufe0e|', 'one event on (right arrow)', () => { this.stop(); this.go(this.at + 1, true); }).classList.add('next');
    const list = (label, name, options, act) => {
      const one = make('select', make('label', bar, label), undefined, { 'aria-label': label, name });
      for (const [value, words] of options) make('option', one, words, { value });
      one.addEventListener('change', () => act(one.value));
      return one;
    };
    list('speed', 'speed', [[0.5, 'half'], [1, 'normal'], [2, 'double'], [5, 'fast']].map(([a, b]) => [a, b]), (value) => { this.speed = Number(value); }).value = '1';
    this.stepList = list('step', 'step', [['all', 'all steps'], ...this.steps.map((title, index) => [index, (index + 1) + ' ' + title])], () => { this.packetList.value = 'all'; this.choose(); });
    this.packetList = list('packet', 'packet', [], () => this.choose());
    this.fillPackets();
  }

  fillPackets() {
    const wanted = this.stepList.value;
    const before = this.packetList.value;
    this.packetList.replaceChildren();
    make('option', this.packetList, 'all packets', { value: 'all' });
    make('option', this.packetList, 'all but ARP', { value: 'noarp' });
    for (const [index, { number, title, step, dropped }] of this.packets.entries()) {
      if (wanted !== 'all' && step !== Number(wanted)) continue;
      make('option', this.packetList, '#' + number + ' ' + title + (dropped ? ' \\u2715' : ''), { value: index });
    }
    this.packetList.value = before === '' ? 'all' : before;
    if (this.packetList.selectedIndex < 0) this.packetList.value = 'all';
  }

  choose() {
    this.stop();
    this.fillPackets();
    const [step, packet] = [this.stepList.value, this.packetList.value];
    const wanted = this.packets.map((one, index) =>
      packet === 'all' || packet === 'noarp'
        ? (step === 'all' || one.step === Number(step)) && (packet === 'all' || one.look !== 'arp')
        : index === Number(packet));
    this.events = this.packets
      .flatMap((one, index) => wanted[index] ? one.points.map((point, place) => ({ packet: one, point, place })) : [])
      .sort((a, b) => a.point.order - b.point.order || a.place - b.place);
    this.go(-1);
    const only = this.packets[Number(packet)];
    if (only !== undefined) this.showTrace(only, -1);
  }

  toggle() {
    if (this.playing) return this.stop();
    if (this.at >= this.events.length - 1) this.go(-1);
    this.playing = true;
    this.playButton.textContent = '\\u275a\\u275a pause';
    this.next();
  }

  stop() {
    this.playing = false;
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    if (this.playButton !== undefined) this.playButton.textContent = '\\u25b6\\ufe0e play';
  }

  next() {
    if (!this.playing) return;
    if (this.at >= this.events.length - 1) return this.stop();
    const moved = this.go(this.at + 1, true);
    this.timer = setTimeout(() => this.next(), moved + 90 / this.speed);
  }

  /** Shows the event \`index\`, -1 for none yet. Gives how long the packet takes to move there, in ms. */
  go(index, move = false) {
    this.at = Math.max(-1, Math.min(this.events.length - 1, index));
    cancelAnimationFrame(this.frame);
    this.layer.replaceChildren();
    this.dots.replaceChildren();
    for (const rect of this.boxes.values()) rect.classList.remove('here');
    this.root.dataset.at = String(this.at);
    const event = this.events[this.at];
    const step = event === undefined ? this.stepList.value : String(event.packet.step);
    for (const item of this.items) item.classList.toggle('now', item.dataset.step === step);
    if (event === undefined) {
      this.say();
      this.trace.hidden = true;
      this.shown = undefined;
      return 0;
    }
    const { packet, point, place } = event;
    for (const before of packet.points.slice(1, place + 1)) draw('path', this.layer, { class: 'way ' + packet.look, d: before.line });
    const last = place === packet.points.length - 1 && packet.dropped;
    const line = draw('path', this.layer, { d: point.line, fill: 'none' });
    const length = line.getTotalLength();
    const end = length === 0 ? startOf(point.line) : line.getPointAtLength(length);
    const dot = draw('g', this.dots, { class: 'dot', transform: 'translate(' + end.x + ' ' + end.y + ')' });
    draw('circle', dot, { class: 'packet mark ' + (last ? 'dropped' : packet.look), r: 11 });
    const label = draw('text', dot, { class: 'on-mark', 'text-anchor': 'middle', y: 3.5, 'font-size': 10, 'font-weight': 600 });
    label.textContent = last ? '\\u2715' : String(packet.number);
    this.boxes.get(point.id)?.classList.add('here');
    this.follow(end);
    this.root.dataset.place = point.id;
    this.root.dataset.packet = String(packet.number);
    this.say(event, last);
    this.showTrace(packet, point.row);
    if (!move || length === 0 || calm.matches) return 260 / this.speed;
    const span = Math.min(900, 160 + length * 1.6) / this.speed;
    let begun;
    const glide = (now) => {
      begun ??= now;
      const share = Math.min(1, (now - begun) / span);
      const { x, y } = line.getPointAtLength(length * share);
      dot.setAttribute('transform', 'translate(' + x + ' ' + y + ')');
      if (share < 1) this.frame = requestAnimationFrame(glide);
    };
    this.frame = requestAnimationFrame(glide);
    return span;
  }

  /** Keeps the packet in sight where the picture is wider than its window. */
  follow({ x }) {
    const frame = this.layer.ownerSVGElement.parentElement;
    const at = x * this.layer.getScreenCTM().a;
    if (at < frame.scrollLeft + 40 || at > frame.scrollLeft + frame.clientWidth - 40) frame.scrollLeft = at - frame.clientWidth / 2;
  }

  say(event, last) {
    const { events, at } = this;
    if (event === undefined) {
      this.said.textContent = events.length + ' events of ' + new Set(events.map(({ packet }) => packet)).size + ' packets. Space plays, the arrows step.';
      return;
    }
    const { packet, point } = event;
    const row = packet.rows[point.row];
    this.said.textContent = (at + 1) + ' of ' + events.length + ' \\u00b7 ' + text(row[0]) + ' s \\u00b7 packet #' + packet.number + ' \\u00b7 ' + point.id + ' \\u00b7 ' + text((last ? packet.rows.at(-1) : row)[4]);
  }

  showTrace(packet, now) {
    this.trace.hidden = false;
    if (this.shown !== packet) {
      this.shown = packet;
      this.trace.replaceChildren();
      const table = make('table', this.trace);
      make('caption', table, 'packet #' + packet.number + ': ' + packet.title);
      const head = make('tr', make('thead', table));
      for (const words of ['time', 'place', 'component', 'function', 'decision']) make('th', head, words);
      const body = make('tbody', table);
      this.rows = packet.rows.map(([time, place, component, name, decision, drop, ...changes], index) => {
        const row = make('tr', body);
        for (const words of [time, place, component, name]) make('td', row, text(words));
        const cell = make('td', row, text(decision));
        if (drop === 1) cell.className = 'drop';
        for (const change of changes) make('div', cell, text(change), { class: 'changes' });
        row.addEventListener('click', () => this.toRow(packet, index));
        return row;
      });
    }
    const until = packet.points.find(({ row }) => row > now)?.row ?? packet.rows.length;
    for (const [index, row] of this.rows.entries()) {
      row.classList.toggle('now', now >= 0 && index >= now && index < until);
      row.classList.toggle('ahead', now >= 0 && index >= until);
    }
    const line = this.rows[now];
    if (line !== undefined) this.trace.scrollTop = Math.max(0, line.offsetTop - this.trace.clientHeight / 2);
  }

  toRow(packet, index) {
    const place = packet.points.findLastIndex(({ row }) => row <= index);
    this.stop();
    this.go(this.events.findIndex((event) => event.packet === packet && event.place === place));
  }

  key(event) {
    if (event.target.tagName === 'SELECT' || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter')) return;
    const act = { ' ': () => this.toggle(), ArrowRight: () => { this.stop(); this.go(this.at + 1, true); }, ArrowLeft: () => { this.stop(); this.go(this.at - 1); }, Home: () => { this.stop(); this.go(-1); }, End: () => { this.stop(); this.go(this.events.length - 1); } }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }
}

function startOf(line) {
  const [, x, y] = /^M(\\S+) ([^LC\\s]+)/.exec(line) ?? [0, 0, 0];
  return { x: Number(x), y: Number(y) };
}

// A player is made when its scenario comes near the window: a page may have many.
const sections = [...document.querySelectorAll('section[data-scenario]')];
const players = new Map();
const begin = (section) => {
  if (players.has(section)) return;
  const player = new Player(section, runs[Number(section.dataset.scenario)]);
  players.set(section, player);
  active ??= player;
};
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) { begin(target); seen.unobserve(target); }
}, { rootMargin: '800px' });
for (const section of sections) seen.observe(section);
if (sections[0] !== undefined) begin(sections[0]);
document.addEventListener('keydown', (event) => {
  if (event.target === document.body) active?.key(event);
});
})();
`;
