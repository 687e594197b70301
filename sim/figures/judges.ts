import type { Judge } from './finding.ts';
import { SEPARATE_JUDGES } from './judges-separate.ts';
import { SHARING_JUDGES } from './judges-sharing.ts';

/** How each claim is decided: by its number. */
export const JUDGES: Readonly<Record<string, Judge>> = { ...SHARING_JUDGES, ...SEPARATE_JUDGES };
