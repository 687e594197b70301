import { nearest } from '../core/nearest.ts';
import type { Expression } from './expression.ts';
import type { Qualifiers } from './qualifiers.ts';
import type { Token } from './token.ts';
import type { TokenReader } from './token-reader.ts';
import { SERVICES, type Transport } from './words.ts';

const TRANSPORTS: readonly Transport[] = ['tcp', 'udp', 'sctp'];

interface PortName {
  readonly port: number;
  /** Those that have the name: libpcap asks for TCP or UDP alone where only one of them does. */
  readonly transports: readonly Transport[];
}

/** `port 80`, `udp port domain`, `portrange 8000-8080`. Models gencode.c gen_port(), gen_portrange(). */
export function portTest(reader: TokenReader, qualifiers: Qualifiers, token: Token): Expression | undefined {
  const { protocol, type, direction } = qualifiers;
  const wanted = TRANSPORTS.find((one) => one === protocol);
  if (protocol !== '' && wanted === undefined) return reader.wrong(token, `there is no port of ${protocol}`);
  const dash = type === 'portrange' && token.kind === 'id' ? token.text.indexOf('-') : -1;
  const ends = dash < 0 ? [token.text] : [token.text.slice(0, dash), token.text.slice(dash + 1)];
  const ports = token.kind === 'number' ? [ofNumber(token.value)] : ends.map(portNamed);
  const [first] = ports;
  const last = ports.at(-1);
  if (first === undefined || last === undefined) return unknownPort(reader, token, type);
  if (Math.max(first.port, last.port) > 65535) return reader.wrong(token, 'a port is 65535 at most');
  const named = first.transports.filter((one) => last.transports.includes(one));
  const transports = wanted === undefined ? named : named.filter((one) => one === wanted);
  if (transports.length === 0) {
    return reader.wrong(token, `port "${token.text}" is ${first.transports.join(' and ')}, not ${protocol}`);
  }
  const [low, high] = [Math.min(first.port, last.port), Math.max(first.port, last.port)];
  return { kind: 'port', transports, direction, low, high };
}

function ofNumber(port: number): PortName {
  return { port, transports: TRANSPORTS };
}

function portNamed(text: string): PortName | undefined {
  if (/^\d+$/.test(text)) return ofNumber(Number(text));
  const service = SERVICES.get(text);
  // Known to both means any: libpcap then looks at SCTP too.
  return service && { port: service.port, transports: service.transports.length > 1 ? TRANSPORTS : service.transports };
}

function unknownPort(reader: TokenReader, token: Token, type: string): undefined {
  if (token.kind !== 'id') return reader.wrong(token, `"${token.text}" is no port`);
  const close = nearest(token.text, SERVICES.keys());
  const hint = close === undefined ? 'write its number' : `did you mean "${close}"?`;
  return reader.wrong(token, `unknown ${type} "${token.text}"`, hint);
}
