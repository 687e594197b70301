import { concat } from '../wire/bytes.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { sha256 } from './sha256.ts';

/*
 * Container images as a registry keeps them: blobs named after their SHA-256, and a manifest that lists them (Docker
 * image manifest, version 2, schema 2; the layer is an uncompressed tar archive).
 */

export const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG_TYPE = 'application/vnd.docker.container.image.v1+json';
const LAYER_TYPE = 'application/vnd.docker.image.rootfs.diff.tar';

export interface Blob {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface StoredImage {
  /** `sha256:...` of the manifest. */
  readonly digest: string;
  /** Manifest, configuration and layers, by digest. */
  readonly blobs: ReadonlyMap<string, Blob>;
}

/** An image of one layer, with one file of `size` bytes in it; the same name makes the same bytes. */
export function makeImage(repository: string, tag: string, size: number): StoredImage {
  const program = encodeUtf8(`#!/bin/sh\n# ${repository}:${tag}\n`);
  const content = Uint8Array.from({ length: size }, (_, index) => program[index % program.length] as number);
  const name = repository.split('/').at(-1) ?? repository;
  const layer = tarOf(`bin/${name}`.slice(0, 100), content);
  const layerDigest = digestOf(layer);
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: [`/bin/${name}`] },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
  });
  const configDigest = digestOf(config);
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, size: config.length, digest: configDigest },
    layers: [{ mediaType: LAYER_TYPE, size: layer.length, digest: layerDigest }],
  });
  const digest = digestOf(manifest);
  return {
    digest,
    blobs: new Map([
      [digest, { type: MANIFEST_TYPE, bytes: manifest }],
      [configDigest, { type: CONFIG_TYPE, bytes: config }],
      [layerDigest, { type: LAYER_TYPE, bytes: layer }],
    ]),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes)}`;
}

function json(value: object): Uint8Array {
  return encodeUtf8(JSON.stringify(value, undefined, 2));
}

/** A tar archive (POSIX ustar) of one executable file, of the beginning of time. */
function tarOf(name: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  const put = (offset: number, text: string): void => header.set(encodeUtf8(text), offset);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(0, name);
  put(100, octal(0o755, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(content.length, 11));
  put(136, octal(0, 11));
  // The checksum counts its own field as spaces.
  put(148, '        0');
  put(257, 'ustar\u000000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  const padding = new Uint8Array((512 - (content.length % 512)) % 512);
  return concat([header, content, padding, new Uint8Array(1024)]);
}
