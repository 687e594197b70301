/*
 * What the package exports: a simulated network in code, and the plain data that it answers with. The matchers for tests
 * are an entry of their own, cutaway/vitest.
 */

export type { Problem, ProblemCode, SourcePlace } from '../../core/problem.ts';
export type { SimTime } from '../../core/time.ts';
export type { ErrorAccount, FlowAccount, Leg, RefusalAccount } from '../../explain/account.ts';
export type { HeaderChange } from '../../explain/changes.ts';
export type { DecidedBy } from '../../explain/decided-by.ts';
export type { DropAccount } from '../../explain/drop-account.ts';
export type { Hop } from '../../explain/hops.ts';
export type { Layer } from '../../explain/layers.ts';
export type { Verdict } from '../../explain/verdict.ts';
export type { LabCapture, LabFrame, LabSighting } from '../../lab/captures.ts';
export type { FlowOptions, FlowRequest } from '../../lab/flow-request.ts';
export { Lab, type LabLimits, type LabOptions, type LabTopology, type ReadOptions } from '../../lab/lab.ts';
export { CommandError, HaltError, LabError, StormError, TopologyError } from '../../lab/lab-error.ts';
export type { LabStack } from '../../lab/lab-stack.ts';
export { type DropReason, dropReasons, sentenceOf } from '../../packet/drop-reasons.ts';
export type { RecordedStep } from '../../packet/trace.ts';
export type { Check } from '../../scenario/check.ts';
export type { ProbeSummary, ScenarioReport, StepReport } from '../../scenario/report.ts';
export type { EpisodeInput, StepInput } from '../../scenario/scenario-schema.ts';
export type { Halt, HaltedFrame, HaltReason } from '../../world/halt.ts';
export type { StackSnapshot } from '../../world/stack-snapshot.ts';
export { type FileName, openLab, openScenario } from './open.ts';
