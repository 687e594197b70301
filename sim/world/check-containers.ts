import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { GUESTSHELL_IMAGE, withTag } from '../container/image.ts';
import { ownValue } from '../core/own-value.ts';
import { contains, formatIpv4, formatPrefix, prefixOf } from '../wire/address.ts';
import type { Finding } from './finding.ts';
import type { ComwareNode, ContainerSpec } from './topology-schema.ts';

type Path = readonly (string | number)[];

/** What is wrong with the containers of a device: names, images, namespaces, networks, addresses. */
export function checkContainers(node: ComwareNode, path: Path): Finding[] {
  const device = deviceOf(node);
  return Object.entries(node.containers).flatMap(([name, spec]) => {
    const at = [...path, 'containers', name];
    return [
      ...checkImage(device, name, spec, at),
      ...checkPublished(spec, at),
      ...checkContainer(device, name, spec, at),
    ];
  });
}

/** What of a device is asked for with each of its containers. */
interface Device {
  readonly node: ComwareNode;
  /** By name with its tag, as it is listed; of two that come to the same the first. */
  readonly images: ReadonlyMap<string, string>;
  /** Which of the containers one is, in the order of the file. */
  readonly places: ReadonlyMap<string, number>;
  readonly groups: readonly string[];
}

function deviceOf(node: ComwareNode): Device {
  const images = Object.keys(node.images).map((name) => [withTag(name), name] as const);
  return {
    node,
    images: new Map(images.toReversed()),
    places: new Map(Object.keys(node.containers).map((name, place) => [name, place])),
    groups: Object.keys(node.interfaces).filter((one) => parseInterfaceName(one)?.kind === 'virtual-eth-group'),
  };
}

/** An image matters where the container lists no services of its own: it brings them. */
function checkImage({ node, images }: Device, name: string, spec: ContainerSpec, path: Path): Finding[] {
  if (spec.image === undefined) return [];
  const image = images.get(withTag(spec.image));
  const at = [...path, 'image'];
  if (image !== undefined && ownValue(node.images, image)?.local === false) {
    const message = `image "${spec.image}" is not on the device: it has to be pulled before ${name} can be made`;
    return [{ code: 'BAD_VALUE', message, path: at }];
  }
  const isGuestShell = withTag(spec.image) === GUESTSHELL_IMAGE;
  if (image !== undefined || isGuestShell || images.size === 0 || spec.services.length > 0) return [];
  const hint = `images are ${Object.keys(node.images).join(', ')}`;
  return [{ code: 'BAD_VALUE', message: `there is no image "${spec.image}" on this device`, hint, path: at }];
}

function checkPublished(spec: ContainerSpec, path: Path): Finding[] {
  if (spec.ports === undefined || spec.ports.length === 0 || spec.network_mode === 'host') return [];
  const message = 'ports are not published by Docker on this device';
  const hint = "let Comware translate, with nat server on its uplink; the host's own are under host: ports";
  return [{ code: 'BAD_VALUE', message, hint, path: [...path, 'ports'] }];
}

/** A namespace that is shared: it must be there when the container starts, so its owner comes first. */
function checkMode({ node, places }: Device, name: string, spec: ContainerSpec, path: Path): Finding[] {
  if (spec.network_mode === undefined) return [];
  const at = [...path, 'network_mode'];
  if (spec.networks !== undefined) {
    const message = `network_mode and networks cannot be combined`;
    return [{ code: 'BAD_VALUE', message, path: at }];
  }
  const other = /^container:(.+)$/.exec(spec.network_mode)?.[1];
  if (other === undefined || other === 'comware') return [];
  if (other === name) return [{ code: 'BAD_VALUE', message: 'a container cannot join its own namespace', path: at }];
  const place = places.get(other);
  if (place === undefined) {
    const names = Object.keys(node.containers);
    const hint = `containers are ${['comware', ...names.filter((one) => one !== name)].join(', ')}`;
    return [{ code: 'UNKNOWN_NODE', message: `there is no container "${other}" on this device`, hint, path: at }];
  }
  const isRunning = place < (places.get(name) ?? 0) && ownValue(node.containers, other)?.autostart !== false;
  if (isRunning || !spec.autostart) return [];
  const message = `${other} does not run yet when ${name} joins its namespace`;
  return [{ code: 'BAD_VALUE', message, hint: `list ${other} first, without autostart: false`, path: at }];
}

function checkContainer(device: Device, name: string, spec: ContainerSpec, path: Path): Finding[] {
  if (name === 'comware' || name === 'host') {
    return [{ code: 'NAME_TWICE', message: `"${name}" is reserved`, path, part: 'key' }];
  }
  const { node, groups } = device;
  const mode = checkMode(device, name, spec, path);
  const isDefault = spec.network_mode === undefined || ['bridge', 'default'].includes(spec.network_mode);
  if (mode.length > 0 || !isDefault) return mode;
  const named = Array.isArray(spec.networks) ? spec.networks : Object.keys(spec.networks ?? {});
  if (node.configuration !== undefined) return [];
  if (named.length > 1)
    return [{ code: 'BAD_VALUE', message: 'a container joins one network', path: [...path, 'networks'] }];
  const [network = groups.length === 1 ? groups[0] : undefined] = named;
  if (network === undefined) {
    const message = `${name} names no network, and the device has ${groups.length === 0 ? 'no' : 'more than one'} Virtual-Eth-Group`;
    return [{ code: 'MISSING_KEY', message, path, part: 'key' }];
  }
  const group = groups.find((one) => shortNameOf(one) === shortNameOf(network));
  if (group === undefined) {
    const hint = groups.length === 0 ? 'it has none' : `it has ${groups.join(', ')}`;
    return [
      {
        code: 'UNKNOWN_INTERFACE',
        message: `there is no network "${network}" on this device`,
        hint,
        path: [...path, 'networks'],
      },
    ];
  }
  return checkFixedAddress(node, spec, group, network, path);
}

function checkFixedAddress(
  node: ComwareNode,
  spec: ContainerSpec,
  group: string,
  network: string,
  path: Path,
): Finding[] {
  const fixed = Array.isArray(spec.networks) ? undefined : spec.networks?.[network]?.ipv4_address;
  const gateway = ownValue(node.interfaces, group)?.address;
  if (fixed === undefined || gateway === undefined) return [];
  const prefix = prefixOf(gateway.address, gateway.length);
  if (contains(prefix, fixed)) return [];
  const message = `${formatIpv4(fixed)} is outside ${formatPrefix(prefix)}, the subnet of ${group}`;
  return [{ code: 'GATEWAY_OUTSIDE', message, path: [...path, 'networks', network, 'ipv4_address'] }];
}

function shortNameOf(name: string): string {
  return parseInterfaceName(name)?.short ?? name;
}
