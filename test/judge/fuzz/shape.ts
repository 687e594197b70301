import type { Choices } from './choices.ts';

/*
 * The shape of a random network: hosts, and segments that connect some of them. Every segment is a star (a cable, a
 * switch, or a bridge device of one of its hosts), so frames never circle; packets may.
 */

/** A place of a host on a segment. */
export interface Member {
  readonly host: Host;
  readonly segment: Segment;
  /** The device that has the address: `eth0`, or the bridge device `br0`. */
  readonly device: string;
  /** With their lengths; the first is of the segment's own subnet, unless it was given a wrong one. */
  readonly addresses: string[];
}

export interface Host {
  readonly name: string;
  readonly members: Member[];
  forwards: boolean;
}

export interface Segment {
  readonly index: number;
  readonly medium: 'cable' | 'switch' | 'bridge device';
  readonly members: Member[];
  /** Of its subnet 10.0.THIRD.x. */
  third: number;
  length: number;
}

export interface Shape {
  readonly hosts: readonly Host[];
  readonly segments: readonly Segment[];
}

const MOST_NODES = 6;

export function chooseShape(choose: Choices): Shape {
  const count = choose.weighted([3, 2], [8, 3], [7, 4], [4, 5], [2, 6], [1, 1]);
  const groups = chooseGroups(choose, count);
  const hosts = Array.from(
    { length: count },
    (_, index): Host => ({ name: `n${index}`, members: [], forwards: false }),
  );
  let nodes = count;
  const segments: Segment[] = [];
  for (const [index, group] of groups.entries()) {
    const medium = chooseMedium(choose, group.length, nodes < MOST_NODES);
    if (medium === 'switch') nodes++;
    const length = choose.weighted([82, 24], [6, 29], [3, 30], [2, 31], [1, 32], [6, 16]);
    const third = index > 0 && choose.chance(6) ? choose.below(index) : index;
    const segment: Segment = { index, medium, members: [], third, length };
    segments.push(segment);
    for (const [place, at] of group.entries()) {
      const host = hosts[at];
      if (host === undefined) continue;
      const device = medium === 'bridge device' && place === 0 ? `br${index}` : `eth${index}`;
      const member: Member = { host, segment, device, addresses: chooseAddresses(choose, segment, place) };
      segment.members.push(member);
      host.members.push(member);
    }
  }
  for (const host of hosts) host.forwards = choose.chance(host.members.length > 1 ? 92 : 10);
  return { hosts, segments };
}

/** Which hosts meet on which segment: a tree, sometimes with a second way. The first of a group may have the bridge. */
function chooseGroups(choose: Choices, count: number): number[][] {
  const groups: number[][] = [];
  for (let host = 1; host < count; host++) {
    const joined = groups.length > 0 && choose.chance(25) ? choose.pick(groups) : undefined;
    if (joined !== undefined) joined.push(host);
    else groups.push([choose.chance(30) ? choose.below(host) : host - 1, host]);
  }
  if (count > 2 && choose.chance(20)) {
    const one = choose.below(count);
    groups.push([one, (one + 1 + choose.below(count - 1)) % count]);
  }
  return groups;
}

function chooseMedium(choose: Choices, members: number, room: boolean): Segment['medium'] {
  if (members > 2) return room && choose.chance(50) ? 'switch' : 'bridge device';
  return choose.weighted([8, 'cable'], [room ? 1 : 0, 'switch'], [1, 'bridge device']);
}

/** Mostly one address of the subnet; hosts of different segments never share one. */
function chooseAddresses(choose: Choices, segment: Segment, place: number): string[] {
  const { third, length, index } = segment;
  const low = 8 * index + place + (length === 31 ? 0 : 1);
  const right = `10.0.${third}.${low}/${length}`;
  return choose.weighted<() => string[]>(
    [91, () => [right]],
    [4, () => [right, `10.1.${third}.${low}/24`]],
    [2, () => [right, `10.0.${third}.${low + 100}/${choose.pick([length, 32])}`]],
    [2, () => [`10.0.${third}.${low}/${choose.pick([16, 25, 28, 30, 32, 8])}`]],
    [1, () => [`10.9.${third}.${low}/24`]],
    [1, () => []],
  )();
}

/** `10.0.1.9/24` without its length. */
export function bare(address: string): string {
  return address.slice(0, address.indexOf('/'));
}

/** The subnets that the addresses of a segment span, as `10.0.1.0/24`. */
export function subnetsOf(segment: Segment): string[] {
  return [...new Set(segment.members.flatMap(({ addresses }) => addresses.map(networkOf)))];
}

/** The network of an address with its length. */
export function networkOf(address: string): string {
  const [quad = '', length = '32'] = address.split('/');
  const value = quad.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const network = Math.floor(value / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.')}/${length}`;
}
