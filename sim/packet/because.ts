import type { Because, Facts, Step } from './trace.ts';

/*
 * Steps that say what decided a drop. They are built only where a recorder asks for them:
 * `packet.ledger.recorder?.step(packet, place, SITE, bySysctl(...))`.
 */

function step(of: Because, text: string, facts: Facts): Step {
  return { kind: 'because', of, text, facts };
}

/** `net.ipv4.ip_forward = 0`, as sysctl prints it; `why` is what made it matter. */
export function bySysctl(name: string, value: number, why = '', facts: Facts = {}): Step {
  return step('sysctl', `${name} = ${value}${why === '' ? '' : `; ${why}`}`, { name, value, ...facts });
}

/** Lengths in bytes: the packet's as the device counts it, IP header included. */
export function byMtu(device: string, mtu: number, length: number, why = ''): Step {
  return step('mtu', `${device} mtu ${mtu}, ${length} bytes${why === '' ? '' : `; ${why}`}`, { device, mtu, length });
}

export function byTtl(ttl: number): Step {
  return step('ttl', `TTL ${ttl}: the next router would get 0`, { ttl });
}

/** `listeners`: `0.0.0.0:7 echo`, each with the program that holds it. */
export function bySockets(protocol: 'TCP' | 'UDP', address: string, port: number, listeners: readonly string[]): Step {
  const near = listeners.filter((one) => one.split(' ')[0]?.endsWith(`:${port}`) === true);
  const there =
    listeners.length === 0
      ? `no program listens on ${protocol} here`
      : near.length > 0
        ? `port ${port} is open on ${near.join(', ')} alone`
        : `open: ${listeners.join(', ')}`;
  const facts = { protocol, address, port, listeners: listeners.join(', ') };
  return step('sockets', `no ${protocol} socket at ${address}:${port}; ${there}`, facts);
}

/** A listener whose program does not take the connections that wait. */
export function byBacklog(listener: string, backlog: number): Step {
  return step('sockets', `${listener}: more than its backlog of ${backlog} wait for the program`, {
    listener,
    backlog,
  });
}

/** A device that is down, without carrier, or has nobody behind it. */
export function byDevice(device: string, state: string): Step {
  return step('device', `${device}: ${state}`, { device, state });
}

export function byCable(device: string, state: string, facts: Facts = {}): Step {
  return step('cable', `the cable at ${device}: ${state}`, { device, state, ...facts });
}

/** A port of a bridge: `state`, `isolated on`, `flood off`, `hairpin off`. */
export function byPort(bridge: string, text: string, facts: Facts): Step {
  return step('port', text, { bridge, ...facts });
}

/** A setting of Comware, in its own words. */
export function bySetting(command: string): Step {
  return step('setting', command, { command });
}
