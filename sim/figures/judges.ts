import type { Judge } from './finding.ts';
import { BOOT_JUDGES } from './judges-boot.ts';
import { DEPLOYMENT_JUDGES } from './judges-deployments.ts';
import { HOST_JUDGES } from './judges-host.ts';
import { NAMESPACE_JUDGES } from './judges-namespace.ts';
import { SEPARATE_JUDGES } from './judges-separate.ts';
import { SHARING_JUDGES } from './judges-sharing.ts';

/** How each claim is decided: by its number. */
export const JUDGES: Readonly<Record<string, Judge>> = {
  ...BOOT_JUDGES,
  ...DEPLOYMENT_JUDGES,
  ...HOST_JUDGES,
  ...NAMESPACE_JUDGES,
  ...SHARING_JUDGES,
  ...SEPARATE_JUDGES,
};
