import type { ContainerRow, DeviceSnapshot } from '../container/snapshot.ts';
import type { SimTime } from '../core/time.ts';
import { renderTable } from './table.ts';

/** How Docker lists: three blanks between columns, each of them ten wide at least with its blanks. */
function dockerTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  return renderTable(
    headers.map((header) => ({ header, width: 7, gap: '   ' })),
    rows,
  );
}

/** `docker ps`; the Comware container is in another instance and never in this list. */
export function showDockerPs(device: DeviceSnapshot, now: SimTime, all: boolean): string {
  const rows = listed(device, all).map((one) => [
    one.id.slice(0, 12),
    one.image,
    commandText(one.command),
    `${ago(now, one.created)} ago`,
    statusText(one, now),
    '',
    one.name,
  ]);
  return dockerTable(['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], rows);
}

/** `docker ps -q`. */
export function showDockerIds(device: DeviceSnapshot, all: boolean): string {
  return listed(device, all)
    .map((one) => `${one.id.slice(0, 12)}\n`)
    .join('');
}

/** The newest first. */
function listed(device: DeviceSnapshot, all: boolean): readonly ContainerRow[] {
  const { containers } = device.instances.user;
  return containers.filter((one) => all || one.state === 'running' || one.state === 'restarting').toReversed();
}

/** `docker images`. */
export function showDockerImages(device: DeviceSnapshot): string {
  const rows = device.instances.user.images.map(({ reference, id, size }) => {
    const colon = reference.lastIndexOf(':');
    return [reference.slice(0, colon), reference.slice(colon + 1), id.slice(0, 12), 'N/A', sizeText(size)];
  });
  return dockerTable(['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], rows);
}

/** `docker network ls`. */
export function showDockerNetworks(device: DeviceSnapshot): string {
  const rows = device.instances.user.networks.map(({ id, name, driver }) => [id.slice(0, 12), name, driver, 'local']);
  return dockerTable(['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE'], rows);
}

/** Boot events, oldest first: seconds of simulated time, and what happened. */
export function showBootLog(device: DeviceSnapshot): string {
  return device.boot.map(({ at, text }) => `${(at / 1e9).toFixed(6)}  ${text}\n`).join('');
}

/** Cut to 20 characters, and in quotes. */
function commandText(command: readonly string[]): string {
  const text = command.join(' ');
  return JSON.stringify(text.length > 20 ? `${text.slice(0, 19)}…` : text);
}

function statusText({ state, exitCode, changed }: ContainerRow, now: SimTime): string {
  if (state === 'created') return 'Created';
  if (state === 'running') return `Up ${ago(now, changed)}`;
  const word = state === 'restarting' ? 'Restarting' : 'Exited';
  return `${word} (${exitCode}) ${ago(now, changed)} ago`;
}

/** A span as Docker rounds it (docker/go-units HumanDuration). */
function ago(now: SimTime, then: SimTime): string {
  const seconds = Math.floor((now - then) / 1e9);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(hours / 24);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  return days < 730 ? `${Math.floor(days / 30)} months` : `${Math.floor(days / 365)} years`;
}

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Three significant figures, in powers of 1000 (docker/go-units HumanSizeWithPrecision). */
function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < SIZE_UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(3))}${SIZE_UNITS[unit]}`;
}
