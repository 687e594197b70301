import type { SimTime } from '../core/time.ts';
import type { DropReason } from './drop-reasons.ts';
import type { Place, Site } from './place.ts';

/**
 * What the code that decides says at the moment it decides. Facts are the values it decided on, written as the device
 * would print them.
 */
export type Step =
  /** Born: sent by a program, made by a stack, or asked and answered to resolve an address. */
  | { readonly kind: 'originate'; readonly by: string; readonly origin: 'stack' | 'arp' }
  | { readonly kind: 'originate'; readonly by: string; readonly origin: 'program'; readonly program: Place }
  /** Born as a copy of its parent: `why` is flooding, or delivery to a further socket. */
  | { readonly kind: 'clone'; readonly why: string }
  /** Born as a piece of its parent. Offset and length of the data, in bytes. */
  | { readonly kind: 'segment'; readonly offset: number; readonly length: number }
  | { readonly kind: 'fragment'; readonly offset: number; readonly length: number; readonly more: boolean }
  /** Born from `pieces`, the packets it was put together from. */
  | { readonly kind: 'reassemble'; readonly pieces: readonly number[] }
  /** `isPort`: the device is a port of a bridge. */
  | { readonly kind: 'receive'; readonly device: string; readonly isPort: boolean }
  | { readonly kind: 'transmit'; readonly device: string; readonly isPort: boolean }
  /** Between the kernel and Comware's stack, over a device that ends in a program. */
  | { readonly kind: 'punt'; readonly device: string; readonly to: 'kernel' | 'Comware stack'; readonly why: string }
  | { readonly kind: 'rule'; readonly priority: number; readonly rule: string; readonly table: string }
  | {
      readonly kind: 'route';
      readonly destination: string;
      /** `unicast`, `local`, `broadcast`, ... or `none` when nothing matched. */
      readonly type: string;
      readonly prefix: string;
      readonly table: string;
      readonly device: string;
      /** '' where the destination is on the link. */
      readonly gateway: string;
      /** Of several routes to a prefix the lowest is taken; absent for 0, and where entries have none. */
      readonly metric?: number;
      /** With type `none`: the tables that were asked in vain. */
      readonly asked?: readonly string[];
    }
  | {
      readonly kind: 'neighbour';
      readonly nextHop: string;
      readonly device: string;
      /** Its state before this use: the kernel's NUD state, or Comware's entry type. */
      readonly state: string;
      readonly mac: string;
    }
  /**
   * `rule`: of iptables; absent where a function that has no rules decided. `nat`: the rule of Comware's NAT.
   * `connection`: what the packet belongs to, of conntrack or of Comware's NAT.
   */
  | {
      readonly kind: 'hook';
      readonly hook: string;
      readonly by: string;
      readonly verdict: string;
      readonly rule?: DecidingRule;
      readonly nat?: NatRuleName;
      readonly connection?: FlowName;
    }
  /** `rule`: that sets it. `connection`: of conntrack, or of Comware's NAT, by which it is translated. */
  | {
      readonly kind: 'rewrite';
      readonly field: string;
      readonly before: string;
      readonly after: string;
      readonly rule?: DecidingRule;
      readonly connection?: FlowName;
    }
  | {
      readonly kind: 'bridge';
      /** Figures call it by its title, such as `TPA bridge`. */
      readonly bridge: string;
      readonly decision: 'forward' | 'flood' | 'local';
      readonly port: string;
      readonly mac: string;
      /** The port that the entry of the forwarding database names; absent where there was none to ask. */
      readonly entry?: string;
    }
  /**
   * Who gets it: a socket, a listener, a session, or another stack. `socket`: its ends, its own first. `connection`: the
   * session that says who began it, as its near end sends.
   */
  | {
      readonly kind: 'demultiplex';
      readonly key: string;
      readonly to: string;
      readonly why: string;
      readonly socket?: FlowName;
      readonly connection?: FlowName;
      /** Where the program runs whose socket it is, where the packet may end in the stack and not with the program. */
      readonly program?: Place;
    }
  | { readonly kind: 'hold'; readonly where: string }
  /** What decided that a packet dies, where no step before tells it: recorded right before the drop. */
  | { readonly kind: 'because'; readonly of: Because; readonly text: string; readonly facts: Facts }
  /** The end: a program has it, which runs at `program`: a container that shares the namespace of `place`, or the place itself. */
  | { readonly kind: 'deliver'; readonly to: string; readonly program: Place }
  /** The end: a protocol used it up. */
  | { readonly kind: 'consume'; readonly by: string }
  | { readonly kind: 'drop'; readonly reason: DropReason; readonly detail: string };

export type StepKind = Step['kind'];

/** A rule of a table of iptables, or with number 0 the policy of a chain. */
export interface DecidingRule {
  readonly table: string;
  readonly chain: string;
  /** Counts from 1 within its chain. */
  readonly number: number;
  /** As iptables-save prints it; '' for a policy. */
  readonly text: string;
}

/** A rule of Comware's NAT: the number-th, from 1, of those that `display nat outbound`, `server` or `static` lists. */
export interface NatRuleName {
  readonly list: 'outbound' | 'server' | 'static';
  readonly number: number;
}

/**
 * Names an entry of a table of connections, sessions or sockets: a connection by its first packet. Ports as the table has
 * them; in conntrack the identifier of ICMP is the first and type * 256 + code the second.
 */
export interface FlowName {
  /** The IP protocol. */
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** What kind of entry or setting decided. */
export type Because =
  | 'sysctl'
  | 'sockets'
  | 'mtu'
  | 'ttl'
  | 'route'
  | 'neighbour'
  | 'port'
  | 'cable'
  | 'device'
  | 'setting';

/** The values it decided on, by name: addresses as text, numbers as numbers. */
export type Facts = Readonly<Record<string, string | number>>;

/** When and where a step was made, and of which packet. */
interface Circumstances {
  /** Counts all steps of the run: of two steps at one time the lower came first. */
  readonly order: number;
  readonly time: SimTime;
  readonly packet: number;
  readonly place: Place;
  readonly component: Site['component'];
  readonly function: string;
}

/** A step with its time, packet and place. */
export type RecordedStep = Step & Circumstances;

/** Where packets come from: its parent (a copy's original), and the packet that caused it (a reply's request). */
export interface Lineage {
  readonly number: number;
  readonly parent: number;
  readonly cause: number;
}

/** A packet that a stack would not send, so that there is none: where to, and the errno that the sender saw. */
export interface Refusal {
  readonly place: Place;
  readonly time: SimTime;
  readonly by: string;
  /** The packet it would have answered; 0 for what a program began. */
  readonly cause: number;
  readonly destination: string;
  readonly errno: string;
  /** What decided: `no route to 10.0.0.2; asked: local, main, default`; '' where the errno says all. */
  readonly why: string;
}
