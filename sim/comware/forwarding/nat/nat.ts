import type { Clock } from '../../../core/events.ts';
import type { Place } from '../../../packet/place.ts';
import type { Ipv4 } from '../../../wire/address.ts';
import { type Acl, type AclSubject, aclMatch } from '../acl.ts';
import { Flow, protocolOf } from '../flow.ts';
import { FragmentTracker } from './fragments.ts';
import { NatPool, type NoPatMapping } from './pool.ts';
import { Rewritten } from './rewrite.ts';
import type { AddressGroup, AddressRange, NatOutbound, NatServer, NatStatic, RuleInterface } from './rules.ts';
import { type NatSession, NatSessions } from './session.ts';

/** What NAT asks of the device's interfaces. */
export interface NatInterfaces {
  /** By long or short name. */
  find(name: string): RuleInterface | undefined;
}

/** The NAT of a device: what the system view configures, and the sessions. Rules of an interface hang on it. */
export class Nat {
  readonly acls = new Map<number, Acl>();
  readonly groups = new Map<number, AddressGroup>();
  readonly statics: NatStatic[] = [];
  /** `nat alg`: the protocols whose contents are looked into. Not modelled: FTP, RTSP and the rest. */
  readonly alg = { icmpError: true, tftp: false };
  readonly sessions: NatSessions;
  readonly pool: NatPool;
  readonly fragments: FragmentTracker;
  /** For the packet at work: one at a time. */
  readonly flow = new Flow();
  readonly back = new Flow();
  readonly target = new Rewritten();
  readonly #interfaces: NatInterfaces;
  readonly #mappings = new Map<NatSession, NoPatMapping>();
  readonly #ports = new Set<NatSession>();

  constructor(clock: Clock, place: Place, interfaces: NatInterfaces) {
    this.#interfaces = interfaces;
    this.sessions = new NatSessions(clock, (session) => this.#release(session));
    this.pool = new NatPool(() => this.sessions);
    this.fragments = new FragmentTracker(clock, place);
  }

  /** Packets that wait for the first fragment of their datagram. */
  get held(): number {
    return this.fragments.held;
  }

  /** What an ACL says: no ACL permits all, one that does not exist or has no rule for it permits nothing. */
  permits(acl: number | undefined, subject: AclSubject): boolean {
    if (acl === undefined) return true;
    const found = this.acls.get(acl);
    return found !== undefined && aclMatch(found, subject)?.permits === true;
  }

  /** Where a server's global address is now; undefined while its interface has none. */
  globalOf(server: NatServer): Ipv4 | undefined {
    const { global } = server;
    if (global.kind === 'address') return global.address;
    const one = global.kind === 'current-interface' ? server.interface : this.#interfaces.find(global.name);
    return one?.address?.address;
  }

  /** The addresses an outbound rule translates to now; none where the rule is not active. */
  addressesOf(rule: NatOutbound): readonly AddressRange[] {
    if (rule.group !== undefined) return this.groups.get(rule.group)?.ranges ?? [];
    const own = rule.interface.address?.address;
    return own === undefined ? [] : [{ first: own, last: own }];
  }

  /** A session has taken what the pool gave: it goes back with the session. */
  keepMapping(session: NatSession, mapping: NoPatMapping): void {
    mapping.sessions++;
    this.#mappings.set(session, mapping);
  }

  keepPort(session: NatSession): void {
    this.#ports.add(session);
  }

  /** Rules changed: what no rule translated is looked at afresh. */
  forgetUntranslated(): void {
    this.sessions.removeIf((session) => !session.isTranslated);
    this.pool.lookAgain();
  }

  #release(session: NatSession): void {
    const mapping = this.#mappings.get(session);
    if (mapping !== undefined) this.pool.releaseAddress(mapping);
    this.#mappings.delete(session);
    this.pool.release(session.initiator, false);
    this.pool.release(session.responder, this.#ports.delete(session));
  }
}

/** What an ACL sees of a flow. */
export function subjectOf(flow: Flow): AclSubject {
  const { kind, source, sourcePort, destination, destinationPort } = flow;
  return { protocol: protocolOf(kind), source, sourcePort, destination, destinationPort };
}
