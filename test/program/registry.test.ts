import { describe, expect, it } from 'vitest';
import { makeImage, type StoredImage } from '../../sim/program/image.ts';
import { parseImageReference } from '../../sim/program/image-reference.ts';
import { startRegistry } from '../../sim/program/registry.ts';
import { type PullResult, startRegistryPull } from '../../sim/program/registry-client.ts';
import { StreamPair } from './stream-pair.ts';

function pull(text: string, images: Record<string, StoredImage>, running = true): PullResult {
  const pair = new StreamPair(() => 333);
  if (running) startRegistry(pair.server, { name: 'registry', address: 0, port: 80 }, new Map(Object.entries(images)));
  const image = parseImageReference(text);
  if (image === undefined) throw new Error(`no reference: ${text}`);
  const result = startRegistryPull(pair.client, { image, source: 0 }, () => {});
  pair.run();
  expect(result.finished).toBe(true);
  return result;
}

const CADVISOR = makeImage('cadvisor', 'latest', 3000);

describe('docker pull', () => {
  it('gets manifest, configuration and layer, each held against its digest', () => {
    const result = pull('10.0.0.2/cadvisor', { 'cadvisor:latest': CADVISOR });
    const sizes = [...CADVISOR.blobs.values()].map((blob) => blob.bytes.length);
    expect(result).toMatchObject({ image: '10.0.0.2/cadvisor:latest', digest: CADVISOR.digest, failure: undefined });
    expect(result.layers).toHaveLength(1);
    expect(result.bytes).toBe(sizes.reduce((a, b) => a + b));
  });

  it.each([
    ['10.0.0.2/cadvisor:v2', 'manifest for 10.0.0.2/cadvisor:v2 not found: manifest unknown: manifest unknown'],
    ['10.0.0.2/other', 'repository 10.0.0.2/other not found: name unknown: repository name not known to registry'],
  ])('of %s, which the registry has not, says so', (text, message) => {
    expect(pull(text, { 'cadvisor:latest': CADVISOR }).failure).toBe(`Error response from daemon: ${message}`);
  });

  it('finds out that a layer was changed on its way', () => {
    const blobs = new Map(CADVISOR.blobs);
    const [digest = '', layer] = [...blobs].at(-1) ?? [];
    const bytes = Uint8Array.from(layer?.bytes ?? []);
    bytes[700] = 0;
    blobs.set(digest, { type: layer?.type ?? '', bytes });
    const { failure, layers } = pull('10.0.0.2/cadvisor', { 'cadvisor:latest': { ...CADVISOR, blobs } });
    expect(failure).toBe(`Error response from daemon: filesystem layer verification failed for digest ${digest}`);
    expect(layers).toEqual([]);
  });

  it('from nobody says what the connection said', () => {
    expect(pull('10.0.0.2/cadvisor', {}, false).failure).toBe(
      'Error response from daemon: Get "http://10.0.0.2/v2/": dial tcp 10.0.0.2:80: connect: connection refused',
    );
  });
});

describe('a reference', () => {
  it.each([
    ['2.2.2.2/cadvisor', '2.2.2.2/cadvisor:latest', 80],
    ['2.2.2.2:5000/monitoring/cadvisor:v1.2', '2.2.2.2:5000/monitoring/cadvisor:v1.2', 5000],
  ])('%s is %s', (text, whole, port) => {
    expect(parseImageReference(text)).toMatchObject({ text: whole, port });
  });

  it.each(['cadvisor', '2.2.2.2', '2.2.2.2/', '2.2.2.2/Cadvisor', '2.2.2.999/a', '2.2.2.2:0/a', '2.2.2.2/a:'])(
    '%s is none',
    (text) => {
      expect(parseImageReference(text)).toBeUndefined();
    },
  );
});

it('an image of the same name is the same bytes, with digests of its content', () => {
  expect(makeImage('cadvisor', 'latest', 3000)).toEqual(CADVISOR);
  expect(makeImage('cadvisor', 'v1', 3000).digest).not.toBe(CADVISOR.digest);
});
