import { Chance } from '../../sim/core/chance.ts';
import { strerror } from '../../sim/core/errno.ts';
import { EventQueue } from '../../sim/core/events.ts';
import { applyCommand } from '../../sim/iproute2/apply.ts';
import { parseCommand } from '../../sim/iproute2/command.ts';
import { controlErrorText } from '../../sim/iproute2/error-text.ts';
import { isFault } from '../../sim/iproute2/fault.ts';
import { registerDevice } from '../../sim/kernel/control.ts';
import { ipRouteOutput } from '../../sim/kernel/forwarding/route-output.ts';
import type { Net } from '../../sim/kernel/net.ts';
import { createNetNamespace } from '../../sim/kernel/net-namespace.ts';
import { type NamespaceSnapshot, snapshotNamespace } from '../../sim/kernel/snapshot.ts';
import { BridgeDevice } from '../../sim/link/bridge.ts';
import { createVethPair } from '../../sim/link/veth.ts';
import { Ledger } from '../../sim/packet/ledger.ts';
import { showIpAddr } from '../../sim/show/linux-addr.ts';
import { showIpRoute } from '../../sim/show/linux-route.ts';
import { showIpRule } from '../../sim/show/linux-rule.ts';
import { formatIpv4, parseIpv4 } from '../../sim/wire/address.ts';

/** A namespace of its own with a shell in it: `unshare -n` with veth pairs whose ends are both there. */
export class Shell {
  readonly clock = new EventQueue();
  readonly net: Net;
  readonly bridges: BridgeDevice[] = [];
  #mac = 0x020000000001;

  constructor() {
    const environment = { clock: this.clock, chance: new Chance(1), ledger: new Ledger() };
    this.net = createNetNamespace({ node: 'shell', role: 'linux', title: 'shell' }, environment);
  }

  /** `ip link add A type veth peer name B`; both are down. */
  veth(a: string, b: string): this {
    const pair = createVethPair(
      this.clock,
      { name: a, mac: this.#mac++, mtu: 1500 },
      { name: b, mac: this.#mac++, mtu: 1500 },
    );
    for (const device of pair) registerDevice(this.net, device);
    return this;
  }

  /** `ip link add NAME type bridge`. */
  bridge(name: string, options: { readonly keepsMac?: boolean; readonly keepsMtu?: boolean } = {}): BridgeDevice {
    const bridge = new BridgeDevice(this.clock, { name, mac: this.#mac++, mtu: 1500, ...options });
    registerDevice(this.net, bridge);
    this.bridges.push(bridge);
    return bridge;
  }

  /** Runs lines; what the tools complain of, '' when every command was done. */
  run(...lines: readonly string[]): string {
    return lines
      .map((line) => this.#runOne(line))
      .filter((text) => text !== '')
      .join('\n');
  }

  #runOne(line: string): string {
    const command = parseCommand(line);
    if (isFault(command)) return `${command.message} (column ${command.column})`;
    const refused = applyCommand(this.net, command);
    return refused === undefined ? '' : controlErrorText(refused);
  }

  get snapshot(): NamespaceSnapshot {
    return snapshotNamespace(this.net, this.bridges);
  }

  routes(table = 'main'): string[] {
    return linesOf(showIpRoute(this.snapshot, table));
  }

  rules(): string[] {
    return linesOf(showIpRule(this.snapshot));
  }

  /** The `inet` lines of `ip addr show dev DEVICE`. */
  addresses(device: string): string[] {
    const addr = this.snapshot.addr.filter((row) => row.ifname === device);
    const lines = linesOf(showIpAddr({ ...this.snapshot, addr }));
    return lines.filter((line) => line.startsWith('    inet ')).map((line) => line.trim());
  }

  /** First line of `ip route get DESTINATION [from SOURCE] [oif DEVICE]`, without the table and the uid. */
  routeGet(destination: string, options: { readonly from?: string; readonly oif?: string } = {}): string {
    const { from = '0.0.0.0', oif = '' } = options;
    const query = { destination: parseIpv4(destination) ?? 0, source: parseIpv4(from) ?? 0, device: oif };
    const rest = { tos: 0, mark: 0, protocol: 0, sourcePort: 0, destinationPort: 0 };
    const route = ipRouteOutput(this.net, { ...query, ...rest });
    if ('errno' in route) return `RTNETLINK answers: ${strerror(route.errno)}`;
    const { type, gateway, device, source } = route.rtable;
    const words = [type === 'unicast' ? destination : `${type} ${destination}`];
    if (options.from !== undefined) words.push(`from ${options.from}`);
    if (gateway !== 0) words.push(`via ${formatIpv4(gateway)}`);
    words.push(`dev ${device.name}`);
    if (options.from === undefined && source !== 0) words.push(`src ${formatIpv4(source)}`);
    return words.join(' ');
  }
}

/** Without the blanks that iproute2 leaves at their ends. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trimEnd());
}
