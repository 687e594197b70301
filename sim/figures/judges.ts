import type { Judge } from './finding.ts';
import { BOOT_JUDGES } from './judges-boot.ts';
import { NAMESPACE_JUDGES } from './judges-namespace.ts';
import { SEPARATE_JUDGES } from './judges-separate.ts';
import { SHARING_JUDGES } from './judges-sharing.ts';

/** How each claim is decided: by its number. */
export const JUDGES: Readonly<Record<string, Judge>> = {
  ...BOOT_JUDGES,
  ...NAMESPACE_JUDGES,
  ...SHARING_JUDGES,
  ...SEPARATE_JUDGES,
};
