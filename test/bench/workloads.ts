import { bridge } from './bridge.ts';
import { chain, trace } from './chain.ts';
import type { Job, JobOptions, Work, WorkloadName } from './job.ts';

const WORKLOADS: Readonly<Record<WorkloadName, (size: number, options: JobOptions) => Work>> = { chain, bridge, trace };

/** Builds what a job runs, up to the moment at which the clock starts. */
export function prepare({ workload, size, options }: Job): Work {
  return WORKLOADS[workload](size, options);
}
