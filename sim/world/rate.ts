const FORM = /^(\d+(?:\.\d+)?)(kbit|mbit|gbit)$/;
const UNITS: Readonly<Record<string, number>> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** At less, one large frame would take ten minutes; at more, none takes the nanosecond that time counts. */
const SLOWEST = 1e3;
const FASTEST = 1e15;

/** Bits a second of `100mbit`; undefined where it is no rate, or none that a cable here can have. */
export function bitsPerSecond(rate: string): number | undefined {
  const [, number = '', unit = ''] = FORM.exec(rate) ?? [];
  const bits = Number(number) * (UNITS[unit] ?? 0);
  return bits >= SLOWEST && bits <= FASTEST ? bits : undefined;
}
