import { InvalidArgumentError, Option } from 'commander';
import { parseDuration, type SimTime } from '../../../core/time.ts';
import { parseIpv4 } from '../../../wire/address.ts';

/* What options accept, and what it becomes: shared by the commands. */

export function json(): Option {
  return new Option('--json', 'machine-readable output');
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number of 0 or more.');
  return Number(text);
}

export function namePrefix(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('write 1 to 40 letters, digits, "-", "_" and ".", a letter or digit first.');
}

export function ttl(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 255) throw new InvalidArgumentError('write 1 to 255.');
  return value;
}

export function address(text: string): number {
  const parsed = parseIpv4(text);
  if (parsed === undefined) throw new InvalidArgumentError('write an IPv4 address.');
  return parsed;
}

export function time(text: string): SimTime {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  if (text.startsWith('-')) throw new InvalidArgumentError('simulated time begins at 0.');
  const isLong =
    /^\d/.test(text) && /^[\d.nuµmsh]+$/.test(text) && parseDuration(text.replace(/\d+/g, '1')) !== undefined;
  throw new InvalidArgumentError(isLong ? 'simulated time ends after 104 days.' : 'write a time such as 500ms or 5s.');
}

export function target(text: string): { readonly address: number; readonly port: number } {
  const [, quad = '', port = '0'] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const parsed = parseIpv4(quad);
  if (parsed === undefined || Number(port) > 65535) throw new InvalidArgumentError('write ADDRESS or ADDRESS:PORT.');
  return { address: parsed, port: Number(port) };
}

/** `192.0.2.1=10.0.0.2`, added to what came before. */
export function mapping(text: string, before?: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const [from, to, ...more] = text.split('=').map(parseIpv4);
  if (from === undefined || to === undefined || more.length > 0) {
    throw new InvalidArgumentError('write ADDRESS=ADDRESS.');
  }
  return new Map([...(before ?? []), [from, to]]);
}

/** Threads: more of them than any machine has cores are a slip. */
export function threads(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 256) throw new InvalidArgumentError('write a whole number from 1 to 256.');
  return value;
}

/** `2/3`: the second of three. */
export function shard(text: string): { readonly shard: number; readonly of: number } {
  const [, part = '0', all = '0'] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const [index, of] = [Number(part), Number(all)];
  if (index < 1 || index > of) throw new InvalidArgumentError('write I/N such as 1/3, with I from 1 to N.');
  return { shard: index, of };
}
