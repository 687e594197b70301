import type { SimTime } from '../core/time.ts';
import type { Net } from '../kernel/net.ts';
import type { SysctlValue } from '../kernel/sysctl.ts';
import type { Place } from '../packet/place.ts';
import type { InterfaceAddress, Ipv4 } from '../wire/address.ts';

/** The Comware container belongs to another Docker instance and may not be touched (whitepaper 3.3, 3.7). */
export const COMWARE_NAME = 'comware';

/** `--restart`. */
export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** Of on-failure; 0 for any number. */
  readonly retries: number;
}

export const NEVER: RestartPolicy = { name: 'no', retries: 0 };

/** What of the machine a container may use; undefined where no limit was asked for. */
export interface Limits {
  /** Bytes. */
  readonly memory: number | undefined;
  /** Thousand-millionths of a CPU. */
  readonly nanoCpus: number | undefined;
  /** Relative weight. */
  readonly cpuShares: number | undefined;
  /** CPUs by number, as `0-3,7` lists them. */
  readonly cpuset: string | undefined;
}

export const UNLIMITED: Limits = {
  memory: undefined,
  nanoCpus: undefined,
  cpuShares: undefined,
  cpuset: undefined,
};

/** `docker create`. */
export interface ContainerOptions {
  readonly name: string;
  /** As it was written: `tftpd`, `lmke/h3c_openr:v2`. */
  readonly image: string;
  readonly command: readonly string[];
  /** `--network`: none, host, container:NAME, default, or the name of a network. */
  readonly network: string;
  /** `--ip`. */
  readonly address: Ipv4 | undefined;
  readonly restart: RestartPolicy;
  readonly limits: Limits;
  /** `--rm`: gone as soon as it ends. */
  readonly autoRemove: boolean;
  /** `--sysctl`, set in its namespace before its programs start. */
  readonly sysctls: readonly (readonly [string, SysctlValue])[];
  /** `-e` and `-v`, for inspect alone. */
  readonly environment: readonly string[];
  readonly volumes: readonly string[];
}

/** Options of a container that was asked for nothing but a name and a network. */
export function plainOptions(name: string, network: string): ContainerOptions {
  return {
    name,
    image: name,
    command: [],
    network,
    address: undefined,
    restart: NEVER,
    limits: UNLIMITED,
    autoRemove: false,
    sysctls: [],
    environment: [],
    volumes: [],
  };
}

export type ContainerState = 'created' | 'running' | 'restarting' | 'exited';

/** A container of the user's Docker instance. */
export interface Container {
  readonly options: ContainerOptions;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly created: SimTime;
  /** Whose steps its programs record: the container, whatever namespace it is in. */
  readonly place: Place;
  state: ContainerState;
  /** Its namespace while it runs: its own, that of another container, of Comware or of the host. */
  net: Net | undefined;
  /** The Docker network it is in while it runs in a namespace of its own that has one. */
  network: string | undefined;
  address: InterfaceAddress | undefined;
  /** When it last changed between running and not. */
  changed: SimTime;
  exitCode: number;
  /** Stopped by a command: policies leave it alone until it is started, `always` until the next boot. */
  stoppedByHand: boolean;
  /** Restarts by its policy since it was last started by hand. */
  restarts: number;
  /** What its programs said: why a service could not listen. */
  readonly log: string[];
  /** The container layer: files written while it runs, by path, which no image holds (whitepaper 3.4). */
  readonly layer: Map<string, string>;
}
