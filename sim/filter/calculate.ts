import type { Arithmetic, Operator } from './expression.ts';
import {
  both,
  ETHERTYPE_IP,
  ETHERTYPE_IP6,
  etherType,
  firstFragment,
  IP6_LENGTH,
  ipv4Protocol,
  ipv6Next,
  protocol,
  type Test,
} from './header-tests.ts';
import type { Layers } from './layers.ts';
import type { View } from './view.ts';
import { PROTOCOL_WORDS } from './words.ts';

/** A number that depends on the frame. */
type Calculation = (view: View) => number;

/** How to work a number out. What has to hold before its bytes may be looked at is added to `guards`. */
export function calculation(arithmetic: Arithmetic, layers: Layers, guards: Test[]): Calculation {
  switch (arithmetic.kind) {
    case 'number': {
      const { value } = arithmetic;
      return () => value;
    }
    case 'length':
      return (view) => view.wireLength;
    case 'negative': {
      const of = calculation(arithmetic.of, layers, guards);
      return (view) => -of(view) >>> 0;
    }
    case 'load':
      return load(arithmetic, layers, guards);
    case 'operation': {
      const left = calculation(arithmetic.left, layers, guards);
      // gen_arth() keeps what guards the left side and forgets the right one's: 1 / ip[1] is asked of every frame.
      const right = calculation(arithmetic.right, layers, []);
      const { operator } = arithmetic;
      return (view) => operate(operator, left(view), right(view), view);
    }
  }
}

/** 32 bits without sign, as BPF calculates; to divide by zero ends the filter. */
function operate(operator: Operator, left: number, right: number, view: View): number {
  switch (operator) {
    case '+':
      return (left + right) >>> 0;
    case '-':
      return (left - right) >>> 0;
    case '*':
      return Math.imul(left, right) >>> 0;
    case '/':
    case '%':
      if (right === 0) view.beyond = true;
      if (right === 0) return 0;
      return operator === '/' ? Math.floor(left / right) : left % right;
    case '&':
      return (left & right) >>> 0;
    case '|':
      return (left | right) >>> 0;
    case '^':
      return (left ^ right) >>> 0;
    case '<<':
      return right > 31 ? 0 : (left << right) >>> 0;
    case '>>':
      return right > 31 ? 0 : left >>> right;
  }
}

/** Models gen_load(): the protocol has to be there, a transport's in IPv4 and in the first fragment. */
function load(arithmetic: Arithmetic & { kind: 'load' }, layers: Layers, guards: Test[]): Calculation {
  const { word, size } = arithmetic;
  const index = calculation(arithmetic.index, layers, guards);
  if (word === 'ether') return (view) => view.load(view.at(layers.link) + index(view), size);
  const known = PROTOCOL_WORDS.get(word);
  const start = layers.payload;
  if (known === undefined || known.over === 'link') {
    guards.push(protocol(layers, word));
    return (view) => view.load(view.at(start) + index(view), size);
  }
  if (known.over === 'ip6') {
    guards.push(both(etherType(layers, ETHERTYPE_IP6), ipv6Next(layers, known.number)));
    return (view) => view.load(view.at(start) + IP6_LENGTH + index(view), size);
  }
  const isOurs = both(ipv4Protocol(layers, known.number), firstFragment(layers));
  guards.push(both(etherType(layers, ETHERTYPE_IP), isOurs));
  const { payload } = layers;
  // The sum with the header's length wraps: tcp[0-2] are the last bytes of the IP header (BPF_LD | BPF_IND).
  return (view) => {
    const header = 4 * (view.load(view.at(payload), 1) & 15);
    return view.load(view.at(payload) + ((header + index(view)) >>> 0), size);
  };
}
