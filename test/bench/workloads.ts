import { bridge } from './bridge.ts';
import { chain, trace } from './chain.ts';
import { containers } from './containers.ts';
import type { Job, JobOptions, Work, WorkloadName } from './job.ts';
import { nat } from './nat.ts';
import { routes } from './routes.ts';
import { rules } from './rules.ts';
import { tcp } from './tcp.ts';
import { whitepaper } from './whitepaper.ts';

const WORKLOADS: Readonly<Record<WorkloadName, (size: number, options: JobOptions) => Work>> = {
  chain,
  bridge,
  trace,
  tcp,
  routes,
  nat,
  rules,
  containers,
  whitepaper,
};

/** Builds what a job runs, up to the moment at which the clock starts. */
export function prepare({ workload, size, options }: Job): Work {
  return WORKLOADS[workload](size, options);
}
