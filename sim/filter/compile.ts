import { calculation } from './calculate.ts';
import type { Expression } from './expression.ts';
import { both, etherType, ipProtocol, protocol, type Test } from './header-tests.ts';
import { type Layers, type LinkType, Scope } from './layers.ts';
import { group, host, host6, macs, port, vlan, vxlan } from './value-tests.ts';

/** The test of an expression, for frames of a link type. The order of the parts is that of the text (gencode.c). */
export function testOf(expression: Expression, linkType: LinkType): Test {
  return compile(expression, new Scope(linkType));
}

function compile(expression: Expression, scope: Scope): Test {
  const { layers } = scope;
  switch (expression.kind) {
    case 'and': {
      const left = compile(expression.left, scope);
      const right = compile(expression.right, scope);
      return (view) => left(view) && right(view);
    }
    case 'or': {
      const left = compile(expression.left, scope);
      const right = compile(expression.right, scope);
      return (view) => left(view) || right(view);
    }
    case 'not': {
      const of = compile(expression.of, scope);
      return (view) => !of(view);
    }
    case 'protocol':
      return protocol(layers, expression.word);
    case 'ip-protocol':
      return ipProtocol(layers, expression.family, expression.number);
    case 'ether-type':
      return etherType(layers, expression.value);
    case 'host':
      return host(layers, expression);
    case 'host6':
      return host6(layers, expression);
    case 'mac':
      return macs(layers, expression.direction, expression.macs);
    case 'port':
      return port(layers, expression);
    case 'group':
      return group(layers, expression.of);
    case 'vlan':
      return vlan(scope, expression.id);
    case 'vxlan':
      return vxlan(scope, expression.id);
    case 'compare':
      return comparison(layers, expression);
  }
}

/** Models gen_relation(): a protocol whose bytes are asked for has to be there, or the comparison does not hold. */
function comparison(layers: Layers, expression: Expression & { kind: 'compare' }): Test {
  const guards: Test[] = [];
  const left = calculation(expression.left, layers, guards);
  const right = calculation(expression.right, layers, guards);
  const isThere: Test = (view) => guards.every((guard) => guard(view));
  const holds = (relate: (a: number, b: number) => boolean): Test =>
    both(isThere, (view) => relate(left(view), right(view)));
  switch (expression.relation) {
    case '=':
      return holds((a, b) => a === b);
    case '!=':
      return holds((a, b) => a !== b);
    case '<':
      return holds((a, b) => a < b);
    case '<=':
      return holds((a, b) => a <= b);
    case '>':
      return holds((a, b) => a > b);
    case '>=':
      return holds((a, b) => a >= b);
  }
}
