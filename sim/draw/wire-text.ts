import { ms, type SimTime, us, ZERO } from '../core/time.ts';
import type { PictureWire } from './picture.ts';

/** What stands beside a cable: what is special about it; '' for a few metres of cable without a limit. */
export function cableLabel(wire: PictureWire | undefined): string {
  if (wire === undefined || wire.kind === 'veth') return '';
  const { plugged, rate, delay, jitter, loss } = wire;
  return [
    ...(plugged ? [] : ['unplugged']),
    ...(rate === undefined ? [] : [rateText(rate)]),
    ...(delay === USUAL_DELAY ? [] : [spanText(delay)]),
    ...(jitter === ZERO ? [] : [`jitter ${spanText(jitter)}`]),
    ...(loss === 0 ? [] : [`loss ${loss * 100}%`]),
  ].join(' ');
}

/** Of a link that names none. */
const USUAL_DELAY = us(10);

/** Everything about a wire, in one line. */
export function wireTip({ kind, ends: [a, b], ...wire }: PictureWire): string {
  if (kind === 'veth') return `${a} - ${b}: veth pair`;
  const { plugged, rate, delay, jitter, loss } = wire;
  const facts = [
    plugged ? 'cable' : 'cable, unplugged',
    ...(rate === undefined ? [] : [rateText(rate)]),
    `delay ${spanText(delay)}`,
    ...(jitter === ZERO ? [] : [`jitter ${spanText(jitter)}`]),
    ...(loss === 0 ? [] : [`loss ${loss * 100}%`]),
  ];
  return `${a} - ${b}: ${facts.join(', ')}`;
}

function rateText(rate: number): string {
  if (rate >= 1e9) return `${rate / 1e9}gbit`;
  return rate >= 1e6 ? `${rate / 1e6}mbit` : `${rate / 1e3}kbit`;
}

function spanText(span: SimTime): string {
  if (span >= 1e9) return `${span / 1e9}s`;
  if (span >= ms(1)) return `${span / 1e6}ms`;
  return span >= us(1) ? `${span / 1e3}us` : `${span}ns`;
}
