/** One run of one workload: what the parent asks of a process of its own. */
export interface Job {
  readonly workload: WorkloadName;
  /** What grows: packets, routes, flows, containers. */
  readonly size: number;
  readonly options: JobOptions;
}

export type WorkloadName =
  | 'chain'
  | 'bridge'
  | 'trace'
  | 'tcp'
  | 'routes'
  | 'nat'
  | 'rules'
  | 'containers'
  | 'whitepaper';

export interface JobOptions {
  /** Of the chain: every interface is captured to a file. */
  readonly capture?: boolean;
  readonly routers?: number;
  /** Bytes of data in each datagram. */
  readonly payload?: number;
  /** Of tcp: one frame in a hundred gets lost on the cable in the middle. */
  readonly loss?: boolean;
  /** How many are sent where the size is something else. */
  readonly packets?: number;
  /** How many of the containers ping. */
  readonly pings?: number;
  /** Datagrams of each ordered pair of hosts. */
  readonly each?: number;
}

/** What a run counts, once its clock has stopped. */
export interface Tally {
  readonly packets: number;
  /** Frames carried over one link, of those packets. */
  readonly hops: number;
  readonly events: number;
  /** Where it is not for the job to say. */
  readonly size?: number;
  /** Where the work was done by another process than the one that counts: that one's memory. */
  readonly elsewhere?: { readonly peak_rss_kb: number };
  /** Figures that only this workload has. */
  readonly more?: Readonly<Record<string, number>>;
}

/** A workload that is ready: `run` is what the clock measures. */
export interface Work {
  run(): void | Promise<void>;
  /** Throws where the run did not do the work. */
  tally(): Tally | Promise<Tally>;
}

/** One line of --json. */
export interface Result {
  readonly workload: string;
  readonly size: number;
  readonly packets: number;
  readonly hops: number;
  readonly events: number;
  readonly wall_s: number;
  /** From the start of the process until the clock starts: Node, loading the modules, and building the world. */
  readonly setup_s: number;
  readonly peak_rss_kb: number;
  readonly hops_per_s: number;
  /** Share of wall_s in which the garbage collector held the program up. */
  readonly gc_share?: number;
  /** CPU time within wall_s: less where others had the processor, more where V8's own threads helped. */
  readonly cpu_s?: number;
  readonly [more: string]: string | number | undefined;
}
