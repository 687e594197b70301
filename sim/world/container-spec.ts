import type { Comware } from '../comware/comware.ts';
import { parseInterfaceName } from '../comware/forwarding/interface-name.ts';
import { type ContainerOptions, type Limits, plainOptions } from '../container/container.ts';
import { hexId } from '../container/hex-id.ts';
import { GUESTSHELL_IMAGE, type Image, withTag } from '../container/image.ts';
import type { Quota } from '../container/limits.ts';
import { groupsOf } from '../container/network.ts';
import type { Chance } from '../core/chance.ts';
import type { Ipv4 } from '../wire/address.ts';
import type { ComwareNode, ContainerSpec } from './topology-schema.ts';

/** A container of the topology as `docker create` takes it. */
export function optionsOf(name: string, spec: ContainerSpec, comware: Comware): ContainerOptions {
  const { network, address } = networkOf(spec, comware);
  return {
    ...plainOptions(name, network),
    image: spec.image ?? name,
    address,
    restart: spec.restart ?? { name: 'no', retries: 0 },
    limits: limitsOf(spec.mem_limit, spec.cpus, spec.cpu_shares, spec.cpuset),
    sysctls: Object.entries(spec.sysctls ?? {}),
  };
}

/** What `--network` and `--ip` would be: the network it names, else the default one. */
function networkOf(spec: ContainerSpec, comware: Comware): { network: string; address: Ipv4 | undefined } {
  if (spec.network_mode !== undefined) return { network: spec.network_mode, address: undefined };
  const named = Array.isArray(spec.networks) ? spec.networks[0] : Object.keys(spec.networks ?? {})[0];
  const wanted = named ?? groupsOf(comware)[0] ?? 'default';
  const options = Array.isArray(spec.networks) ? undefined : spec.networks?.[wanted];
  // Docker compares names letter by letter; interface names are read in any case.
  return { network: parseInterfaceName(wanted)?.long ?? wanted, address: options?.ipv4_address };
}

export function quotaOf({ quota }: ComwareNode): Quota {
  return limitsOf(quota.memory, quota.cpus, quota.cpu_shares, quota.cpuset);
}

function limitsOf(
  memory: number | undefined,
  cpus: number | undefined,
  cpuShares: number | undefined,
  cpuset: string | undefined,
): Limits {
  return { memory, nanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9), cpuShares, cpuset };
}

/** The images of a device: those of the topology, and the Guest Shell's, which it comes with. */
export function imagesOf(spec: ComwareNode, chance: Chance): Image[] {
  const images = Object.entries(spec.images).map(
    ([name, one]): Image => ({
      reference: withTag(name),
      id: hexId(chance.fork(withTag(name))),
      size: one.size,
      files: new Map(Object.entries(one.files)),
      local: one.local,
    }),
  );
  // A container of the topology may name an image that is listed nowhere: it is there, and holds nothing.
  const named = Object.entries(spec.containers).map(([name, one]) => withTag(one.image ?? name));
  const known = new Set(images.map(({ reference }) => reference));
  const missing = [...new Set([...named, GUESTSHELL_IMAGE])].filter((reference) => !known.has(reference));
  return [
    ...images,
    ...missing.map(
      (reference): Image => ({
        reference,
        id: hexId(chance.fork(reference)),
        size: 0,
        files: new Map(),
        local: true,
      }),
    ),
  ];
}
