import type { PullEnd } from '../container/docker-engine.ts';
import { parseImageReference } from '../program/image-reference.ts';
import { type PullResult, startRegistryPull } from '../program/registry-client.ts';
import { programHost, type World } from './world.ts';

/**
 * The Docker daemon of a device fetches an image: it runs on the host, and its requests go the way of all traffic of
 * the host (whitepaper 3.5.3). Why it cannot begin, or undefined.
 */
export function pullImage(
  world: World,
  device: string,
  reference: string,
  ended: (end: PullEnd) => void,
): string | undefined {
  const image = parseImageReference(reference);
  const host = world.find(`${device}/host`);
  if (image === undefined || host === undefined) {
    return `pull access denied for ${reference}, no registry can be asked for it: write ADDRESS[:PORT]/REPOSITORY[:TAG]`;
  }
  startRegistryPull(programHost(world, host), { image, source: 0 }, (result) => {
    ended({ lines: linesOf(reference, image.tag, image.repository, result), error: result.failure });
  });
  return undefined;
}

/** What docker pull prints of an image that has come. */
function linesOf(reference: string, tag: string, repository: string, result: PullResult): string[] {
  if (result.failure !== undefined) return [];
  return [
    `${tag}: Pulling from ${repository}`,
    ...result.layers.map((digest) => `${digest.replace('sha256:', '').slice(0, 12)}: Pull complete`),
    `Digest: ${result.digest}`,
    `Status: Downloaded newer image for ${reference}`,
  ];
}
