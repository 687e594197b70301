import type { Container } from './container.ts';

/** Where `save` packs the data of the containers (whitepaper 3.4). */
export const ARCHIVE_PATH = 'flash:/third-party/dockerfs.cpio.gz';

/** The layer of each container that ran when it was saved, by name. */
export type Archive = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** All run-time data of all containers that run now. */
export function packArchive(containers: readonly Container[]): Archive {
  const running = containers.filter((container) => container.state === 'running');
  return new Map(running.map((container) => [container.options.name, new Map(container.layer)]));
}

/**
 * /var/lib/docker after a boot: what the archive holds and no more. A container that it does not hold is again what
 * its image says.
 */
export function unpackArchive(archive: Archive | undefined, containers: readonly Container[]): void {
  for (const container of containers) {
    container.layer.clear();
    for (const [path, content] of archive?.get(container.options.name) ?? []) container.layer.set(path, content);
  }
}
