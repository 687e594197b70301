import { parentPort, workerData } from 'node:worker_threads';
import type { Play } from '../../scenario/scenario-schema.ts';
import type { Change } from '../../whatif/change.ts';
import { findRemedies } from '../../whatif/remedies.ts';
import { remedyLines } from '../../whatif/remedy-text.ts';
import { stepSubject } from '../../whatif/subject.ts';
import type { Topology } from '../../world/topology-schema.ts';
import { limitsOf } from '../cli/limits.ts';

/** What is looked for: changes that let a step of a scenario pass. */
export interface RemedyTask {
  readonly topology: Topology;
  readonly play: Play;
  /** Of the network, before what is tried. */
  readonly changes: readonly Change[];
  readonly step: number;
}

/* Looking takes seconds: it is done beside the terminal's own thread. */
const { topology, play, changes, step } = workerData as RemedyTask;
const subject = stepSubject({ ...play, topology }, topology, step, limitsOf({}));
parentPort?.postMessage(remedyLines(findRemedies({ run: (more) => subject.run([...changes, ...more]) })));
