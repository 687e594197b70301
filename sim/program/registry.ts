import type { Errno } from '../core/errno.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { type HttpAnswer, type HttpSite, startHttpServer } from './http-server.ts';
import type { Blob, StoredImage } from './image.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import type { TcpServerOptions } from './tcp-server.ts';

/** Images by `REPOSITORY:TAG`. */
export type ImageStore = ReadonlyMap<string, StoredImage>;

/** A registry to pull from: Docker Registry HTTP API V2, without authentication, over plain HTTP. */
export function startRegistry(host: ProgramHost, options: TcpServerOptions, images: ImageStore): Service | Errno {
  return startHttpServer(host, options, registrySite(images));
}

const VERSION = { 'Docker-Distribution-Api-Version': 'registry/2.0' } as const;

function registrySite(images: ImageStore): HttpSite {
  return (path) => {
    if (path === '/v2/') return answer(200, 'OK', 'application/json', encodeUtf8('{}'));
    const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (repository === undefined || reference === undefined) return undefined;
    const stored = [...images].filter(([name]) => name.slice(0, name.lastIndexOf(':')) === repository);
    if (stored.length === 0) return refusal('NAME_UNKNOWN', 'repository name not known to registry');
    const isDigest = reference.startsWith('sha256:');
    if (kind === 'manifests' && !isDigest) {
      const image = images.get(`${repository}:${reference}`);
      const manifest = image?.blobs.get(image.digest);
      return image === undefined || manifest === undefined
        ? refusal('MANIFEST_UNKNOWN', 'manifest unknown')
        : found(image.digest, manifest);
    }
    const blob = stored.map(([, image]) => image.blobs.get(reference)).find((one) => one !== undefined);
    if (blob !== undefined) return found(reference, blob);
    return kind === 'manifests'
      ? refusal('MANIFEST_UNKNOWN', 'manifest unknown')
      : refusal('BLOB_UNKNOWN', 'blob unknown to registry');
  };
}

function found(digest: string, { type, bytes }: Blob): HttpAnswer {
  const plain = answer(200, 'OK', type, bytes);
  return { ...plain, headers: { ...plain.headers, 'Docker-Content-Digest': digest } };
}

function refusal(code: string, message: string): HttpAnswer {
  const body = encodeUtf8(JSON.stringify({ errors: [{ code, message }] }));
  return answer(404, 'Not Found', 'application/json', body);
}

function answer(status: number, reason: string, type: string, body: Uint8Array): HttpAnswer {
  return { status, reason, headers: { ...VERSION, 'Content-Type': type }, body };
}
