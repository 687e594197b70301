import { z } from 'zod';
import { parseDuration } from '../core/time.ts';
import { parseInterfaceAddress, parseIpv4 } from '../wire/address.ts';
import { parseMac } from '../wire/mac.ts';

/* Single values of topology and scenario files. */

/** A string that `parse` reads; the issue says what was expected. */
export function text<T>(
  parse: (value: string) => T | undefined,
  expected: string,
  description: string,
  example: string,
) {
  return z
    .string()
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.addIssue({ code: 'custom', message: `expected ${expected}, such as ${example}; found "${value}"` });
      return z.NEVER;
    })
    .describe(`${description} Example: ${example}`);
}

export const ipv4 = text(parseIpv4, 'an IPv4 address', 'An IPv4 address.', '192.0.2.1');
export const interfaceAddress = text(
  (value) => {
    const parsed = parseInterfaceAddress(value);
    return parsed === undefined ? undefined : parsed;
  },
  'an address with its prefix length',
  'An interface address with its prefix length.',
  '192.0.2.1/24',
);
export const mac = text(parseMac, 'a MAC address', 'A MAC address.', '02:00:00:00:00:01');
export const duration = text(parseDuration, 'a time span', 'A time span: ns, us, ms, s, m, h.', '50ms');

export const port = z.int().min(1).max(65535);
