import type { Net } from '../kernel/net.ts';
import type { BridgeDevice } from '../link/bridge.ts';

export function runCommand(_net: Net, _bridges: readonly BridgeDevice[], line: string): string | undefined {
  return `temporary: ${line}`;
}
