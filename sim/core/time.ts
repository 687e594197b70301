import { bug } from './assert.ts';

declare const simTime: unique symbol;

/** A moment of simulated time, or a span of it: whole nanoseconds, exact up to 2^53 (104 days). */
export type SimTime = number & { readonly [simTime]: true };

/** `value` nanoseconds, rounded to a whole one; asserts 0 <= value <= 2^53. */
export function ns(value: number): SimTime {
  const whole = Math.round(value);
  if (!(whole >= 0 && whole <= Number.MAX_SAFE_INTEGER)) bug(`${value} ns is outside simulated time (0 to 104 days)`);
  return whole as SimTime;
}

export const us = (value: number): SimTime => ns(value * 1e3);
export const ms = (value: number): SimTime => ns(value * 1e6);
export const seconds = (value: number): SimTime => ns(value * 1e9);
export const ZERO = 0 as SimTime;

/** Simulated time does not come to this moment: nothing that is due then, or would be later, ever happens. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER as SimTime;

/** The moment `span` after `time`, END_OF_TIME at the latest. */
export function later(time: SimTime, span: SimTime): SimTime {
  const sum = time + span;
  return sum < END_OF_TIME ? (sum as SimTime) : END_OF_TIME;
}

const UNITS = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/** Reads `5s`, `50ms`, `1.5us`, `2m`, `1m30s` (Go's duration form); undefined when it is none, or longer than 104 days. */
export function parseDuration(text: string): SimTime | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text) && text !== '0') return undefined;
  let total = 0;
  for (const [, number, , unit] of text.matchAll(/(\d+(\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(number) * (UNITS.get(unit ?? '') ?? 0);
  }
  return Number.isSafeInteger(Math.round(total)) ? ns(total) : undefined;
}

/** `1.002345678` : seconds with nine digits. */
export function formatSeconds(time: SimTime): string {
  return `${Math.floor(time / 1e9)}.${String(time % 1e9).padStart(9, '0')}`;
}
