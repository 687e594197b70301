import type { SimTime } from '../core/time.ts';
import { formatIpv4, formatPrefix } from '../wire/address.ts';
import { formatMac } from '../wire/mac.ts';
import type { Archive } from './archive.ts';
import { ARCHIVE_PATH } from './archive.ts';
import type { BootEvent, BootLog } from './boot-log.ts';
import type { ComwareInstance } from './comware-instance.ts';
import type { Container, ContainerState, Limits, RestartPolicy } from './container.ts';
import type { DockerEngine } from './docker-engine.ts';
import type { NetworkRow } from './docker-networks.ts';
import { groupInterface } from './network.ts';
import type { Machine } from './sandbox.ts';

/** A container of the user's instance. Times in nanoseconds. */
export interface ContainerRow {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly state: ContainerState;
  readonly exitCode: number;
  readonly created: SimTime;
  /** When it last began or ceased to run. */
  readonly changed: SimTime;
  readonly restarts: number;
  /** As it was asked for. */
  readonly networkMode: string;
  readonly fixedAddress: string | undefined;
  readonly restartPolicy: RestartPolicy;
  readonly limits: Limits;
  readonly environment: readonly string[];
  readonly volumes: readonly string[];
  /** While it runs in a network of its own. */
  readonly endpoint: EndpointRow | undefined;
  readonly log: readonly string[];
  /** Paths of its layer. */
  readonly layer: readonly string[];
}

export interface EndpointRow {
  readonly network: string;
  readonly networkId: string;
  readonly gateway: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly mac: string;
}

export interface NetworkInfo {
  readonly name: string;
  readonly id: string;
  readonly driver: NetworkRow['driver'];
  readonly created: SimTime;
  /** Name of the bridge device on the host, of a bridge network. */
  readonly bridge: string | undefined;
  readonly group: string | undefined;
  readonly subnet: string | undefined;
  readonly range: string | undefined;
  readonly gateway: string | undefined;
}

export interface ImageRow {
  readonly reference: string;
  readonly id: string;
  readonly size: number;
}

/** Of a Comware device: its Docker instances, how it booted, and what was saved. */
export interface DeviceSnapshot {
  readonly instances: {
    readonly comware: { readonly containers: readonly { name: string; id: string; image: string; state: string }[] };
    readonly user: {
      readonly containers: readonly ContainerRow[];
      readonly networks: readonly NetworkInfo[];
      readonly images: readonly ImageRow[];
    };
  };
  readonly quota: Limits;
  readonly boot: readonly BootEvent[];
  /** The archive on flash: its path, and the containers it holds. */
  readonly saved: { readonly path: string; readonly containers: readonly string[] } | undefined;
}

/** What a docker command prints of the state after it; the text is made from a snapshot. */
export type DockerView =
  | { readonly kind: 'ps'; readonly all: boolean; readonly quiet: boolean }
  | { readonly kind: 'images' | 'networks' }
  | { readonly kind: 'inspect' | 'network inspect'; readonly names: readonly string[] };

/** What of a device is shown. */
export interface DeviceState extends Machine {
  readonly docker: DockerEngine;
  readonly instance: ComwareInstance;
  readonly boot: BootLog;
  readonly archive: Archive | undefined;
}

export function snapshotDevice(device: DeviceState): DeviceSnapshot {
  const { docker, instance, boot, archive } = device;
  const { name, id, image, state } = instance;
  return {
    instances: {
      comware: { containers: state === 'absent' ? [] : [{ name, id, image, state }] },
      user: {
        containers: docker.containers.map((container) => containerRow(device, container)),
        networks: docker.networks.list().map((row) => networkInfo(device, row)),
        images: [...docker.images.values()]
          .filter((one) => one.local)
          .map((one) => ({ reference: one.reference, id: one.id, size: one.size })),
      },
    },
    quota: docker.quota,
    boot: [...boot.events],
    saved: archive === undefined ? undefined : { path: ARCHIVE_PATH, containers: [...archive.keys()] },
  };
}

function containerRow(device: DeviceState, container: Container): ContainerRow {
  const { options, id, state, exitCode, created, changed, restarts } = container;
  return {
    name: options.name,
    id,
    image: options.image,
    command: options.command,
    state,
    exitCode,
    created,
    changed,
    restarts,
    networkMode: options.network,
    fixedAddress: options.address === undefined ? undefined : formatIpv4(options.address),
    restartPolicy: options.restart,
    limits: options.limits,
    environment: options.environment,
    volumes: options.volumes,
    endpoint: endpointOf(device, container),
    log: [...container.log],
    layer: [...container.layer.keys()],
  };
}

function endpointOf({ comware, docker }: DeviceState, { network, address, net }: Container): EndpointRow | undefined {
  const row = network === undefined ? undefined : docker.networks.find(network);
  const eth0 = net?.device('eth0');
  // The Virtual-Eth-Group may have gone, and the container's eth0 with it.
  if (row === undefined || address === undefined || eth0 === undefined) return undefined;
  const gateway = groupInterface(comware, row.group ?? '')?.address;
  return {
    network: row.name,
    networkId: row.id,
    gateway: gateway === undefined ? '' : formatIpv4(gateway.address),
    address: formatIpv4(address.address),
    prefixLength: address.length,
    mac: formatMac(eth0.mac),
  };
}

function networkInfo({ comware, host }: DeviceState, network: NetworkRow): NetworkInfo {
  const { name, id, driver, created, group, range } = network;
  const one = group === undefined ? undefined : groupInterface(comware, group);
  const { address, prefix } = one ?? {};
  return {
    name,
    id,
    driver,
    created,
    bridge: one === undefined ? undefined : host.bridge(one.name.number)?.name,
    group,
    subnet: prefix === undefined ? undefined : formatPrefix(prefix),
    range: range === undefined ? undefined : formatPrefix(range),
    gateway: address === undefined ? undefined : formatIpv4(address.address),
  };
}
