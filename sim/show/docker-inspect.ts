import type { ContainerRow, DeviceSnapshot, NetworkInfo } from '../container/snapshot.ts';

/** `docker inspect NAME...`: the keys of the real command, those that mean something here. */
export function showDockerInspect(device: DeviceSnapshot, ids: readonly string[]): string {
  const { containers } = device.instances.user;
  return jsonText(ids.flatMap((id) => containers.find((one) => one.id === id) ?? []).map(inspectContainer));
}

/** `docker network inspect NAME...`. */
export function showNetworkInspect(device: DeviceSnapshot, names: readonly string[]): string {
  const { networks, containers } = device.instances.user;
  return jsonText(
    names
      .flatMap((name) => networks.find((one) => one.name === name) ?? [])
      .map((one) => inspectNetwork(one, containers)),
  );
}

/** Docker indents by four. */
function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`;
}

function inspectContainer(one: ContainerRow): object {
  const { endpoint, limits, restartPolicy } = one;
  return {
    Id: one.id,
    State: {
      Status: one.state,
      Running: one.state === 'running',
      Paused: false,
      Restarting: one.state === 'restarting',
      Dead: false,
      ExitCode: one.exitCode,
      Error: '',
    },
    Name: `/${one.name}`,
    RestartCount: one.restarts,
    HostConfig: {
      Binds: one.volumes.length === 0 ? null : one.volumes,
      NetworkMode: one.networkMode,
      RestartPolicy: { Name: restartPolicy.name, MaximumRetryCount: restartPolicy.retries },
      CpuShares: limits.cpuShares ?? 0,
      Memory: limits.memory ?? 0,
      NanoCpus: limits.nanoCpus ?? 0,
      CpusetCpus: limits.cpuset ?? '',
    },
    Config: {
      Env: one.environment,
      Cmd: one.command.length === 0 ? null : one.command,
      Image: one.image,
    },
    NetworkSettings: {
      Gateway: endpoint?.gateway ?? '',
      IPAddress: endpoint?.address ?? '',
      IPPrefixLen: endpoint?.prefixLength ?? 0,
      MacAddress: endpoint?.mac ?? '',
      Networks: networksOf(one),
    },
  };
}

function networksOf({ endpoint, fixedAddress }: ContainerRow): object {
  if (endpoint === undefined) return {};
  return {
    [endpoint.network]: {
      IPAMConfig: fixedAddress === undefined ? null : { IPv4Address: fixedAddress },
      MacAddress: endpoint.mac,
      NetworkID: endpoint.networkId,
      Gateway: endpoint.gateway,
      IPAddress: endpoint.address,
      IPPrefixLen: endpoint.prefixLength,
    },
  };
}

function inspectNetwork(network: NetworkInfo, containers: readonly ContainerRow[]): object {
  const { name, id, driver, subnet, range, gateway, bridge, group } = network;
  const config = subnet === undefined ? [] : [{ Subnet: subnet, ...(range && { IPRange: range }), Gateway: gateway }];
  return {
    Name: name,
    Id: id,
    Scope: 'local',
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: config },
    Internal: false,
    Containers: Object.fromEntries(
      containers.flatMap((one) =>
        one.endpoint?.network === name ? [[one.id, inspectMember(one, one.endpoint)] as const] : [],
      ),
    ),
    Options: bridge === undefined ? {} : { 'com.docker.network.bridge.name': bridge, parent: group },
    Labels: {},
  };
}

function inspectMember(one: ContainerRow, endpoint: NonNullable<ContainerRow['endpoint']>): object {
  return {
    Name: one.name,
    MacAddress: endpoint.mac,
    IPv4Address: `${endpoint.address}/${endpoint.prefixLength}`,
    IPv6Address: '',
  };
}
