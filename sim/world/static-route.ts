import type { StaticRoute } from '../comware/forwarding/fib.ts';
import { parseIpv4, parsePrefix } from '../wire/address.ts';

/** Reads `PREFIX via NEXT-HOP [preference N]` or `PREFIX dev NULL0`; the sentence of what is wrong otherwise. */
export function parseStaticRoute(text: string): StaticRoute | string {
  const [destination = '', verb = '', target = '', ...options] = text.trim().split(/\s+/);
  const prefix = parsePrefix(destination);
  if (prefix === undefined) return `"${destination}" is no prefix; write such as 10.0.0.0/8 or default`;
  let preference = 60;
  if (options.length > 0) {
    preference = options[0] === 'preference' && options.length === 2 ? Number(options[1]) : Number.NaN;
    if (!Number.isInteger(preference) || preference < 1 || preference > 255) {
      return `"${options.join(' ')}" is no option; write preference 1 to 255`;
    }
  }
  if (verb === 'dev' && target.toUpperCase() === 'NULL0') return { prefix, nextHop: 0, interface: 'NULL0', preference };
  const nextHop = parseIpv4(target);
  if (verb !== 'via' || nextHop === undefined)
    return `write "${destination} via NEXT-HOP" or "${destination} dev NULL0"`;
  return { prefix, nextHop, interface: undefined, preference };
}
