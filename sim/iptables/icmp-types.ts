/** Names of ICMP types, with the code where the name stands for one (libxt_icmp.h); 255 is any. */
const ICMP_NAMES: readonly (readonly [name: string, type: number, code?: number])[] = [
  ['any', 255],
  ['echo-reply', 0],
  ['pong', 0],
  ['destination-unreachable', 3],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4],
  ['redirect', 5],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8],
  ['ping', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['ttl-exceeded', 11],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['parameter-problem', 12],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
  ['address-mask-request', 17],
  ['address-mask-reply', 18],
];

/** A type by name, begun or whole, or as `TYPE` or `TYPE/CODE` in numbers. Models parse_icmp(). */
export function readIcmpType(text: string): { type: number; codes: readonly [number, number] } | string {
  const wanted = text.toLowerCase();
  const fits = ICMP_NAMES.filter(([name]) => name.toLowerCase().startsWith(wanted));
  if (fits.length > 1) return `Ambiguous ICMP type \`${text}': \`${fits[0]?.[0]}' or \`${fits[1]?.[0]}'?`;
  const [named] = fits;
  if (named !== undefined) return { type: named[1], codes: named[2] === undefined ? [0, 255] : [named[2], named[2]] };
  const [type = '', code, ...rest] = text.split('/');
  if (!/^\d{1,3}$/.test(type) || Number(type) > 255) return `Unknown ICMP type \`${type}'`;
  if (code === undefined) return { type: Number(type), codes: [0, 255] };
  if (!/^\d{1,3}$/.test(code) || Number(code) > 255 || rest.length > 0) return `Unknown ICMP code \`${text}'`;
  return { type: Number(type), codes: [Number(code), Number(code)] };
}
