import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { ownValue } from '../core/own-value.ts';
import { formatIpv4, type InterfaceAddress, type Ipv4 } from '../wire/address.ts';
import type { Finding } from './finding.ts';
import { addressesOf, type ComwareNode, type LinuxNode, type Topology } from './topology-schema.ts';

type Path = readonly (string | number)[];

interface Claim {
  readonly address: Ipv4;
  readonly owner: string;
  readonly path: Path;
}

/** The layer 2 segments of a topology, and which addresses are claimed on each (union-find over interfaces). */
export class Segments {
  readonly #parents = new Map<string, string>();
  readonly #claims = new Map<string, Claim[]>();

  constructor(topology: Topology) {
    const { nodes, links } = topology.topology;
    for (const [name, node] of Object.entries(nodes)) {
      if (node.kind === 'linux') this.#addLinux(name, node);
      if (node.kind === 'comware') this.#addComware(name, node);
    }
    for (const link of links) {
      const [a, b] = link.endpoints.map((end) => {
        const node = ownValue(nodes, end.node);
        // All ports of a switch are one segment.
        if (node?.kind === 'bridge') return end.node;
        const short = node?.kind === 'comware' ? parseInterfaceName(end.interface)?.short : undefined;
        return `${end.node}:${short ?? end.interface}`;
      });
      if (a !== undefined && b !== undefined) this.#join(a, b);
    }
  }

  /** Each address that a segment has for the second time. */
  duplicateAddresses(): Finding[] {
    const bySegment = new Map<string, Claim[]>();
    for (const [key, claims] of this.#claims) {
      const root = this.#rootOf(key);
      const others = bySegment.get(root);
      if (others === undefined) bySegment.set(root, [...claims]);
      else for (const claim of claims) others.push(claim);
    }
    const findings: Finding[] = [];
    for (const claims of bySegment.values()) {
      const owners = new Map<Ipv4, string>();
      for (const { address, owner, path } of claims) {
        const before = owners.get(address);
        if (before === undefined) owners.set(address, owner);
        else
          findings.push({
            code: 'ADDRESS_TWICE',
            message: `${formatIpv4(address)} already is the address of ${before} on this segment`,
            path,
          });
      }
    }
    return findings;
  }

  #addLinux(name: string, node: LinuxNode): void {
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const key = `${name}:${interfaceName}`;
      const path = ['topology', 'nodes', name, 'interfaces', interfaceName, 'address'];
      for (const [index, address] of addressesOf(spec.address).entries()) {
        this.#claim(key, address.address, key, Array.isArray(spec.address) ? [...path, index] : path);
      }
      for (const port of spec.ports ?? []) this.#join(key, `${name}:${port}`);
    }
  }

  #addComware(name: string, node: ComwareNode): void {
    for (const [interfaceName, spec] of Object.entries(node.interfaces)) {
      const key = `${name}:${shortName(interfaceName)}`;
      const path = ['topology', 'nodes', name, 'interfaces', interfaceName, 'address'];
      if (spec.address !== undefined) this.#claim(key, spec.address.address, key, path);
    }
    for (const [container, spec] of Object.entries(node.containers)) {
      if (spec.networks === undefined || Array.isArray(spec.networks)) continue;
      for (const [network, options] of Object.entries(spec.networks)) {
        if (options?.ipv4_address === undefined) continue;
        const path = ['topology', 'nodes', name, 'containers', container, 'networks', network, 'ipv4_address'];
        this.#claim(`${name}:${shortName(network)}`, options.ipv4_address, container, path);
      }
    }
  }

  #claim(key: string, address: InterfaceAddress['address'], owner: string, path: Path): void {
    const claims = this.#claims.get(key) ?? [];
    this.#claims.set(key, claims);
    claims.push({ address, owner, path });
  }

  #join(a: string, b: string): void {
    this.#parents.set(this.#rootOf(a), this.#rootOf(b));
  }

  /** Every step on the way is cut short, so that no chain of joins has to be walked twice. */
  #rootOf(key: string): string {
    let at = key;
    for (;;) {
      const parent = this.#parents.get(at);
      if (parent === undefined || parent === at) return at;
      this.#parents.set(at, this.#parents.get(parent) ?? parent);
      at = parent;
    }
  }
}

function shortName(name: string): string {
  return parseInterfaceName(name)?.short ?? name;
}
