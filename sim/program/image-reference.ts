import { type Ipv4, parseIpv4 } from '../wire/address.ts';

/** `2.2.2.2:5000/monitoring/cadvisor:v1`, taken apart. */
export interface ImageReference {
  readonly text: string;
  readonly registry: Ipv4;
  readonly port: number;
  readonly repository: string;
  readonly tag: string;
}

const PATTERN = /^(\d+\.\d+\.\d+\.\d+)(?::(\d{1,5}))?\/([a-z0-9]+(?:[._/-][a-z0-9]+)*)(?::(\w[\w.-]{0,127}))?$/;

/**
 * Reads REGISTRY[:PORT]/REPOSITORY[:TAG]; undefined when it is none. The registry is an address, since there are no
 * names to resolve; it is asked in plain HTTP on port 80, as an insecure registry is, unless a port is named.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const [, host = '', port = '80', repository, tag = 'latest'] = PATTERN.exec(text) ?? [];
  const registry = parseIpv4(host);
  if (registry === undefined || repository === undefined || Number(port) < 1 || Number(port) > 65535) return undefined;
  return {
    text: `${host}${port === '80' ? '' : `:${port}`}/${repository}:${tag}`,
    registry,
    port: Number(port),
    repository,
    tag,
  };
}
