/** Whether a rule works as the configuration stands; `missing` names what it lacks, in the device's words. */
export interface NatStatus {
  readonly active: boolean;
  readonly missing: readonly string[];
}

/** One rule of `display nat outbound`. */
export interface NatOutboundRow extends NatStatus {
  /** Long name. */
  readonly interface: string;
  readonly acl: number | null;
  /** Null for Easy IP. */
  readonly addressGroup: number | null;
  readonly portPreserved: boolean;
  readonly noPat: boolean;
  readonly reversible: boolean;
}

/** One server of `display nat server`. */
export interface NatServerRow extends NatStatus {
  readonly interface: string;
  readonly protocol: number;
  /** '' while the interface it follows has no address. */
  readonly global: string;
  /** `80`, `80-90`, or '' for none. */
  readonly globalPorts: string;
  /** One address, or `A-B`. */
  readonly inside: string;
  readonly insidePorts: string;
  readonly acl: number | null;
}

/** One mapping of `display nat static`. */
export interface NatStaticRow extends NatStatus {
  /** One address, or `A - B` of a net-to-net mapping. */
  readonly local: string;
  /** The address, or the net. */
  readonly global: string;
  /** Of a net-to-net mapping, '' otherwise. */
  readonly netmask: string;
  readonly acl: number | null;
  readonly reversible: boolean;
}

export interface NatAddressGroupRow {
  readonly number: number;
  readonly ports: string;
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
}

/** One direction of a session as `display nat session` prints it: of ICMP the ports are the identifier and the type. */
export interface NatFlowRow {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Where its packets come in; long name, `InLoopBack0` for the device itself. */
  readonly interface: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface NatSessionRow {
  readonly protocol: number;
  readonly state: string;
  readonly initiator: NatFlowRow;
  readonly responder: NatFlowRow;
  /** Simulated seconds at which it began. */
  readonly started: number;
  /** Seconds it has left without a packet. */
  readonly ttl: number;
}

export interface AclRow {
  readonly number: number;
  readonly type: 'Basic' | 'Advanced';
  readonly step: number;
  readonly rules: readonly { readonly id: number; readonly rule: string }[];
}

/** What of NAT and its ACLs a device has configured, and its sessions. */
export interface NatSnapshot {
  readonly addressGroups: readonly NatAddressGroupRow[];
  readonly outbound: readonly NatOutboundRow[];
  readonly servers: readonly NatServerRow[];
  readonly statics: readonly NatStaticRow[];
  /** Interfaces with `nat static enable`, and with `nat hairpin enable`; long names. */
  readonly staticInterfaces: readonly string[];
  readonly hairpinInterfaces: readonly string[];
  readonly sessions: readonly NatSessionRow[];
  readonly acls: readonly AclRow[];
}
