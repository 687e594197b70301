import { fileURLToPath } from 'node:url';

/** The folder of the package: topologies/ and scenarios/ lie in it. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));
