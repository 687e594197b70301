import type { Claim } from './claim.ts';
import { STARTING_CLAIMS } from './data/claims-boot.ts';
import { DEPLOYMENTS_CLAIMS } from './data/claims-deployments.ts';
import { HOST_CLAIMS } from './data/claims-host.ts';
import { SEPARATE_CLAIMS } from './data/claims-separate.ts';
import { SHARING_CLAIMS } from './data/claims-sharing.ts';

/** All 80, by their numbers. */
export const CLAIMS: readonly Claim[] = [
  ...STARTING_CLAIMS,
  ...SHARING_CLAIMS,
  ...SEPARATE_CLAIMS,
  ...HOST_CLAIMS,
  ...DEPLOYMENTS_CLAIMS,
].sort((a, b) => (a.id < b.id ? -1 : 1));
