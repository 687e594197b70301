/** A sentence of the white paper, and what it says in English. */
export interface Said {
  /** Verbatim, in Chinese. */
  readonly quote: string;
  readonly text: string;
}

/** A statement of the paper that can be checked. Whether it is true is found out elsewhere, from runs. */
export interface Claim extends Said {
  /** `CLM-01` to `CLM-80`. */
  readonly id: string;
  readonly section: string;
  /** What would show it: packets, the state of tables, or the order of things at boot. */
  readonly level: 'packet' | 'state' | 'boot';
  /** The figure it speaks of, null for none. */
  readonly figure: number | null;
}
