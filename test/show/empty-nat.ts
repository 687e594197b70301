import type { NatSnapshot } from '../../sim/comware/nat-snapshot-rows.ts';

/** A device without NAT. */
export const EMPTY_NAT: NatSnapshot = {
  addressGroups: [],
  outbound: [],
  servers: [],
  statics: [],
  staticInterfaces: [],
  hairpinInterfaces: [],
  sessions: [],
  acls: [],
};
