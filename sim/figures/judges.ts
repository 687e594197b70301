import type { Judge } from './finding.ts';
import { SEPARATE_JUDGES } from './judges-separate.ts';

/** How each claim is decided: by its number. */
export const JUDGES: Readonly<Record<string, Judge>> = { ...SEPARATE_JUDGES };
