// One chart over time, as SVG: stacked bars or lines, a scale, a pointer that tells the values, and a table of the same.

import { h, setVars, svg } from '../core/dom.js';
import { withoutZeros } from '../core/format.js';
import { tickStep } from '../trace/waterfall.js';

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {string} tone colour, by name, of charts.css
 * @property {readonly (number | null)[]} values one for each bucket
 */

const [width, height] = [600, 190];
const [right, top, bottom] = [8, 10, 22];
/** The width of a letter on the scale, and the least space for the scale, in units of the drawing. */
const [letterWidth, leastLeft] = [6.2, 40];

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {string} chart.sum the sum of all values, as text beside the title
 * @param {'bars' | 'lines'} chart.as
 * @param {readonly string[]} chart.labels of the buckets
 * @param {readonly Series[]} chart.series
 * @param {(value: number) => string} chart.format
 */
export function drawChart({ title, sum, as, labels, series, format }) {
  const highest = Math.max(0, ...labels.map((_, at) => heightAt(series, at, as)));
  const step = highest === 0 ? 1 : tickStep(highest, 4);
  const ceiling = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
  const ticks = ticksOf(ceiling, step, format);
  const left = Math.max(leastLeft, 14 + letterWidth * Math.max(...ticks.map(({ text }) => text.length)));
  const [plotWidth, plotHeight] = [width - left - right, height - top - bottom];
  const slot = plotWidth / labels.length;
  const y = (/** @type {number} */ value) => top + plotHeight * (1 - value / ceiling);
  const x = (/** @type {number} */ at) => left + slot * (at + 0.5);

  const drawing = svg('svg', {
    viewBox: `0 0 ${width} ${height}`,
    class: 'chart',
    role: 'img',
    'aria-label': `${title}: ${sum}`,
  });
  for (const { at, text } of ticks) {
    drawing.append(
      svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(at), y2: y(at) }),
      svg('text', { class: 'scale', x: left - 8, y: y(at) + 3.5, 'text-anchor': 'end' }, text),
    );
  }
  const every = Math.ceil(labels.length / 6);
  labels.forEach((label, at) => {
    const half = (label.length * letterWidth) / 2;
    // The last one would be cut off.
    if (at % every === 0 && x(at) + half < width && x(at) - half > 0)
      drawing.append(svg('text', { class: 'scale', x: x(at), y: height - 5, 'text-anchor': 'middle' }, label));
  });
  drawing.append(...(as === 'bars' ? bars() : lines()));
  const cursor = svg('line', { class: 'cursor', y1: top, y2: height - bottom });
  drawing.append(cursor);

  function bars() {
    const bar = Math.max(1, Math.min(28, slot * 0.72));
    return labels.flatMap((_, at) => {
      let below = 0;
      return series.map(({ tone, values }) => {
        const value = values[at] ?? 0;
        const from = y(below);
        below += value;
        return svg('rect', {
          class: 'mark',
          'data-tone': tone,
          x: x(at) - bar / 2,
          width: bar,
          y: y(below),
          height: Math.max(0, from - y(below)),
          rx: 1,
        });
      });
    });
  }

  function lines() {
    return series.flatMap(({ tone, values }) => {
      let path = '';
      let isDown = false;
      values.forEach((value, at) => {
        if (value !== null) path += `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
        isDown = value !== null;
      });
      // A point for each value: one alone between gaps has no line.
      const points = values.flatMap((value, at) =>
        value === null ? [] : [svg('circle', { class: 'mark', 'data-tone': tone, cx: x(at), cy: y(value), r: 2 })],
      );
      return [svg('path', { class: 'line', 'data-tone': tone, d: path }), ...points];
    });
  }

  const tip = h('div', { class: 'tip', hidden: true });
  const plot = h('div', { class: 'plot' }, drawing, tip);
  plot.addEventListener('pointermove', (event) => {
    const box = drawing.getBoundingClientRect();
    const at = Math.floor((((event.clientX - box.left) / box.width) * width - left) / slot);
    const label = labels[at];
    tip.hidden = label === undefined;
    cursor.classList.toggle('shown', label !== undefined);
    if (label === undefined) return;
    cursor.setAttribute('x1', String(x(at)));
    cursor.setAttribute('x2', String(x(at)));
    setVars(tip, { '--at': x(at) / width });
    tip.dataset.side = at > labels.length / 2 ? 'left' : 'right';
    tip.replaceChildren(
      h('strong', {}, label),
      ...series.map(({ name, tone, values }) =>
        h(
          'div',
          {},
          h('span', { class: 'swatch', 'data-tone': tone }),
          `${name} `,
          h('b', {}, told(values[at] ?? null, format)),
        ),
      ),
    );
  });
  plot.addEventListener('pointerleave', () => {
    tip.hidden = true;
    cursor.classList.remove('shown');
  });

  const legend =
    series.length > 1 &&
    h(
      'div',
      { class: 'legend' },
      ...series.map(({ name, tone }) => h('span', {}, h('span', { class: 'swatch', 'data-tone': tone }), name)),
    );
  return h(
    'figure',
    { class: 'card' },
    h('figcaption', {}, h('h2', {}, title), h('span', { class: 'sum' }, sum), legend),
    plot,
    asTable(labels, series, format),
  );
}

/** @param {readonly string[]} labels @param {readonly Series[]} series @param {(value: number) => string} format */
function asTable(labels, series, format) {
  const details = h('details', { class: 'as-table' }, h('summary', {}, 'As a table'));
  details.addEventListener(
    'toggle',
    () => {
      const head = h(
        'tr',
        {},
        h('th', { scope: 'col' }, 'Time'),
        ...series.map(({ name }) => h('th', { scope: 'col' }, name)),
      );
      const rows = labels.flatMap((label, at) =>
        series.every(({ values }) => (values[at] ?? 0) === 0)
          ? []
          : [
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, label),
                ...series.map(({ values }) => h('td', {}, told(values[at] ?? null, format))),
              ),
            ],
      );
      details.append(h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows)));
    },
    { once: true },
  );
  return details;
}

/** The lines of the scale. A line with the same text as the one below it has no text. @param {number} ceiling @param {number} step @param {(value: number) => string} format */
function ticksOf(ceiling, step, format) {
  const ticks = [];
  let before = '';
  for (let at = 0; at <= ceiling * (1 + 1e-9); at += step) {
    const text = at === 0 ? '0' : withoutZeros(format(at));
    ticks.push({ at, text: text === before ? '' : text });
    before = text;
  }
  return ticks;
}

/** @param {readonly Series[]} series @param {number} at @param {'bars' | 'lines'} as */
function heightAt(series, at, as) {
  const values = series.map(({ values }) => values[at] ?? 0);
  return as === 'bars' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
}

/** @param {number | null} value @param {(value: number) => string} format */
function told(value, format) {
  return value === null ? '–' : format(value);
}
