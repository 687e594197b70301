import type { SimTime } from '../core/time.ts';
import { seconds } from '../core/time.ts';
import { formatIpv4 } from '../wire/address.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { HttpConnection, type HttpOutcome, type HttpResponse } from './http-client.ts';
import { digestOf, MANIFEST_TYPE } from './image.ts';
import type { ImageReference } from './image-reference.ts';
import { newProbe } from './probe.ts';
import type { ProgramHost } from './program-host.ts';
import { lowerText, type TcpProbe } from './tcp-connection.ts';

export interface PullResult extends TcpProbe {
  readonly kind: 'pull';
  readonly image: string;
  /** Digest of the manifest, '' until it is known. */
  digest: string;
  /** Digests of the layers that came whole. */
  readonly layers: string[];
  /** Bytes of manifest, configuration and layers. */
  bytes: number;
  /** What docker prints when it fails; undefined while all is well. */
  failure: string | undefined;
  took: SimTime;
}

/** Docker waits this long for a registry to take the connection and begin to answer. */
const PATIENCE = seconds(15);

/**
 * `docker pull`: the API's version, the manifest of the tag, then configuration and layers, all over one connection,
 * and every digest held against the bytes.
 */
export function startRegistryPull(
  host: ProgramHost,
  options: { readonly image: ImageReference; readonly source: number },
  done: (result: PullResult) => void,
): PullResult {
  const { image, source } = options;
  const result: PullResult = {
    ...newProbe('pull', host.flavour, { destination: image.registry, port: image.port, size: 0 }),
    ...{ connected: false, error: undefined, closed: false, firstData: { there: 0, back: 0 } },
    ...{ image: image.text, digest: '', layers: [], bytes: 0, failure: undefined, took: 0 as SimTime },
  };
  new Pull(host, image, source, result, done).start();
  return result;
}

class Pull {
  readonly #host: ProgramHost;
  readonly #image: ImageReference;
  readonly #result: PullResult;
  readonly #done: (result: PullResult) => void;
  readonly #connection: HttpConnection;
  readonly #started: SimTime;

  constructor(
    host: ProgramHost,
    image: ImageReference,
    source: number,
    result: PullResult,
    done: (result: PullResult) => void,
  ) {
    this.#host = host;
    this.#image = image;
    this.#result = result;
    this.#done = done;
    this.#started = host.clock.now;
    const { registry: destination, port } = image;
    const target = { destination, port, source, sourcePort: 0, connectTimeout: PATIENCE, socket: {} };
    this.#connection = new HttpConnection(host, { target, probe: result, agent: 'docker/28.5.1', silence: PATIENCE });
  }

  start(): void {
    this.#get('/v2/', '*/*', () => this.#manifest());
  }

  #manifest(): void {
    const { repository, tag } = this.#image;
    this.#get(`/v2/${repository}/manifests/${tag}`, MANIFEST_TYPE, (response) => {
      const digest = digestOf(response.body);
      const promised = response.headers.get('docker-content-digest');
      if (promised !== undefined && promised !== digest) {
        this.#fail(`manifest verification failed for digest ${promised}`);
        return;
      }
      this.#result.digest = digest;
      this.#result.bytes += response.body.length;
      const manifest = readManifest(response.body);
      if (manifest === undefined) this.#fail('missing signature key');
      else this.#blob(manifest, 0);
    });
  }

  /** The configuration is the first of the blobs, the layers are the others. */
  #blob(digests: readonly string[], index: number): void {
    const digest = digests[index];
    if (digest === undefined) {
      this.#finish();
      return;
    }
    this.#get(`/v2/${this.#image.repository}/blobs/${digest}`, '*/*', ({ body }) => {
      if (digestOf(body) !== digest) {
        this.#fail(`filesystem layer verification failed for digest ${digest}`);
        return;
      }
      this.#result.bytes += body.length;
      if (index > 0) this.#result.layers.push(digest);
      this.#blob(digests, index + 1);
    });
  }

  #get(path: string, accept: string, then: (response: HttpResponse) => void): void {
    this.#connection.request('GET', path, accept, (outcome) => {
      if ('failure' in outcome) this.#fail(`Get "${this.#url(path)}": ${this.#why(outcome)}`);
      else if (outcome.response.status === 200) then(outcome.response);
      else this.#fail(this.#refusal(path, outcome.response));
    });
  }

  #url(path: string): string {
    const { registry, port } = this.#image;
    return `http://${formatIpv4(registry)}${port === 80 ? '' : `:${port}`}${path}`;
  }

  /** As Go's net/http words it. */
  #why({ failure, errno }: Exclude<HttpOutcome, { response: HttpResponse }>): string {
    const { registry, port } = this.#image;
    const { connected, source } = this.#result;
    const address = `${formatIpv4(registry)}:${port}`;
    if (failure === 'late') return 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)';
    if (failure === 'ended') return 'EOF';
    if (failure === 'garbage' || errno === undefined)
      return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response';
    if (connected) return `read tcp ${formatIpv4(source)}->${address}: read: ${lowerText(errno)}`;
    if (errno !== 'ETIMEDOUT') return `dial tcp ${address}: connect: ${lowerText(errno)}`;
    return 'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)';
  }

  #refusal(path: string, { status, reason, body }: HttpResponse): string {
    const code = /"code":\s*"([A-Z_]+)"/.exec(decodeUtf8(body))?.[1];
    const { text, repository } = this.#image;
    if (code === 'MANIFEST_UNKNOWN') return `manifest for ${text} not found: manifest unknown: manifest unknown`;
    if (code === 'NAME_UNKNOWN')
      return `repository ${text.slice(0, text.lastIndexOf(':'))} not found: name unknown: repository name not known to registry`;
    if (code === 'BLOB_UNKNOWN') return `blob of ${repository} unknown: blob unknown to registry`;
    return `unexpected status from GET request to ${this.#url(path)}: ${status} ${reason}`;
  }

  #fail(message: string): void {
    this.#result.failure = `Error response from daemon: ${message}`;
    this.#finish();
  }

  #finish(): void {
    this.#connection.close();
    this.#result.took = (this.#host.clock.now - this.#started) as SimTime;
    this.#result.finished = true;
    this.#done(this.#result);
  }
}

/** The digests that a manifest lists: the configuration's, then the layers'. */
function readManifest(bytes: Uint8Array): string[] | undefined {
  let manifest: unknown;
  try {
    manifest = JSON.parse(decodeUtf8(bytes));
  } catch {
    return undefined;
  }
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const { config, layers } = manifest as { config?: unknown; layers?: unknown };
  if (!Array.isArray(layers)) return undefined;
  const digests = [config, ...layers].map((one) => {
    const digest = typeof one === 'object' && one !== null ? (one as { digest?: unknown }).digest : undefined;
    return typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : '';
  });
  return digests.includes('') ? undefined : digests;
}
