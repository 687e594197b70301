import type { Ipv4 } from '../../../wire/address.ts';

/** Which half of a tuple a translation changes (enum nf_nat_manip_type). */
export type Manipulation = 'source' | 'destination';

/** What a translation may choose from (struct nf_nat_range2). */
export interface NatRange {
  /** First and last address; undefined keeps the address (NF_NAT_RANGE_MAP_IPS). */
  readonly addresses: readonly [Ipv4, Ipv4] | undefined;
  /** First and last port, or identifier of an ICMP query; undefined keeps it where it is free. */
  readonly ports: readonly [number, number] | undefined;
  /** `--random` and `--random-fully`, which the kernel treats alike. */
  readonly random?: boolean;
  /** `--persistent`: a client gets the same address whatever it talks to. */
  readonly persistent?: boolean;
  /** `--to-destination A:P-Q/BASE`: ports are shifted, counted from BASE (NF_NAT_RANGE_PROTO_OFFSET). */
  readonly basePort?: number;
}
