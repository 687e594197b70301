/** In what one IP stack differs from another: numbers, not code. */
export interface StackProfile {
  readonly name: 'Linux' | 'Comware';
  /** TTL of what sockets send and of echo replies, unless the sender says otherwise. */
  readonly defaultTtl: number;
  /** Range of ports chosen for a socket that binds none, both ends included. */
  readonly ephemeralPorts: readonly [number, number];
}

/** net.ipv4.ip_default_ttl, net.ipv4.ip_local_port_range. */
export const LINUX_PROFILE: StackProfile = { name: 'Linux', defaultTtl: 64, ephemeralPorts: [32768, 60999] };

/**
 * TTL 255 as Comware's ping and echo replies show. The port range is an assumption: disjoint from the kernel's, because
 * both stacks share addresses (whitepaper 3.5.1).
 */
export const COMWARE_PROFILE: StackProfile = { name: 'Comware', defaultTtl: 255, ephemeralPorts: [1024, 32767] };
