import type { ContainerRow, DeviceSnapshot, EndpointRow, ImageRow, NetworkInfo } from '../container/snapshot.ts';
import type { SimTime } from '../core/time.ts';
import { deviceTime } from './comware-time.ts';

/** `docker inspect NAME...`: the keys of the real command, those that mean something here. */
export function showDockerInspect(device: DeviceSnapshot, ids: readonly string[]): string {
  return jsonText(inspectContainers(device, ids));
}

/** What `docker inspect` tells of containers. */
export function inspectContainers(device: DeviceSnapshot, ids: readonly string[]): object[] {
  const { containers, images } = device.instances.user;
  return ids
    .flatMap((id) => containers.find((one) => one.id === id) ?? [])
    .map((one) =>
      inspectContainer(
        one,
        images.find(({ reference }) => reference === one.image),
      ),
    );
}

/** `docker network inspect NAME...`. */
export function showNetworkInspect(device: DeviceSnapshot, names: readonly string[]): string {
  return jsonText(inspectNetworks(device, names));
}

/** What `docker network inspect` tells of networks. */
export function inspectNetworks(device: DeviceSnapshot, names: readonly string[]): object[] {
  const { networks, containers } = device.instances.user;
  return names
    .flatMap((name) => networks.find((one) => one.name === name) ?? [])
    .map((one) => inspectNetwork(one, containers));
}

/** Docker indents by four. */
function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}

function inspectContainer(one: ContainerRow, image: ImageRow | undefined): object {
  const { endpoint, limits, restartPolicy, state } = one;
  const [path = '', ...args] = one.command;
  return {
    Id: one.id,
    Created: dockerTime(one.created),
    Path: path,
    Args: args,
    State: {
      Status: state,
      Running: state === 'running',
      Paused: false,
      Restarting: state === 'restarting',
      OOMKilled: false,
      Dead: false,
      ExitCode: one.exitCode,
      Error: '',
      ...(state === 'running' ? { StartedAt: dockerTime(one.changed) } : {}),
      ...(state === 'exited' ? { FinishedAt: dockerTime(one.changed) } : {}),
    },
    Image: image === undefined ? '' : `sha256:${image.id}`,
    Name: `/${one.name}`,
    RestartCount: one.restarts,
    Platform: 'linux',
    HostConfig: {
      Binds: one.volumes.length === 0 ? null : one.volumes,
      NetworkMode: one.networkMode,
      PortBindings: {},
      RestartPolicy: { Name: restartPolicy.name, MaximumRetryCount: restartPolicy.retries },
      AutoRemove: false,
      CpuShares: limits.cpuShares ?? 0,
      Memory: limits.memory ?? 0,
      NanoCpus: limits.nanoCpus ?? 0,
      CpusetCpus: limits.cpuset ?? '',
    },
    Config: {
      Hostname: one.id.slice(0, 12),
      Env: one.environment,
      Cmd: one.command.length === 0 ? null : one.command,
      Image: one.image,
    },
    NetworkSettings: {
      Bridge: '',
      Ports: {},
      EndpointID: endpoint === undefined ? '' : endpointId(one, endpoint),
      Gateway: endpoint?.gateway ?? '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: endpoint?.address ?? '',
      IPPrefixLen: endpoint?.prefixLength ?? 0,
      IPv6Gateway: '',
      MacAddress: endpoint?.mac ?? '',
      Networks: networksOf(one),
    },
  };
}

function networksOf(one: ContainerRow): object {
  const { endpoint, fixedAddress } = one;
  if (endpoint === undefined) return {};
  return {
    [endpoint.network]: {
      IPAMConfig: fixedAddress === undefined ? null : { IPv4Address: fixedAddress },
      Links: null,
      Aliases: null,
      NetworkID: endpoint.networkId,
      EndpointID: endpointId(one, endpoint),
      Gateway: endpoint.gateway,
      IPAddress: endpoint.address,
      IPPrefixLen: endpoint.prefixLength,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      MacAddress: endpoint.mac,
      DriverOpts: null,
    },
  };
}

function inspectNetwork(network: NetworkInfo, containers: readonly ContainerRow[]): object {
  const { name, id, created, driver, subnet, range, gateway, bridge, group } = network;
  const config = subnet === undefined ? [] : [{ Subnet: subnet, ...(range && { IPRange: range }), Gateway: gateway }];
  const members = containers.filter((one) => one.endpoint?.network === name);
  return {
    Name: name,
    Id: id,
    Created: dockerTime(created),
    Scope: 'local',
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: config },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(members.map((one) => [one.id, inspectMember(one)])),
    Options: bridge === undefined ? {} : { 'com.docker.network.bridge.name': bridge, parent: group },
    Labels: {},
  };
}

function inspectMember(one: ContainerRow): object {
  const { endpoint } = one;
  return {
    Name: one.name,
    EndpointID: endpoint === undefined ? '' : endpointId(one, endpoint),
    MacAddress: endpoint?.mac ?? '',
    IPv4Address: endpoint === undefined ? '' : `${endpoint.address}/${endpoint.prefixLength}`,
    IPv6Address: '',
  };
}

/** What ties a container to a network has an identity of its own, made here from theirs. */
function endpointId(one: ContainerRow, endpoint: EndpointRow): string {
  const digits = [...one.id].map((digit, index) => {
    const other = endpoint.networkId[endpoint.networkId.length - 1 - index] ?? '0';
    return (Number.parseInt(digit, 16) ^ Number.parseInt(other, 16)).toString(16);
  });
  return digits.join('');
}

/** As Docker writes times (RFC 3339 with nanoseconds), by the clock of a device that has none. */
function dockerTime(time: SimTime): string {
  return `${deviceTime(time / 1e9).replace(' ', 'T')}.${String(time % 1e9).padStart(9, '0')}Z`;
}
