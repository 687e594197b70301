import { takerOf } from '../packet/stations.ts';
import { fileServices } from '../scenario/check-application.ts';
import { contains, formatIpv4, parseInterfaceAddress, parseIpv4, prefixOf } from '../wire/address.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { type Finding, pathText, type Runs, replyFinding, tableFinding, tripFinding } from './finding.ts';
import { flowFindings } from './flow-findings.ts';
import { framesWith } from './headers.ts';
import { comwareAddresses, isOutside, links, linkText, separateContainers } from './rows-of.ts';

/* What the runs of chapter 4 show: figures 16 to 18. */

/** The transfers that one node sent to the server of another. */
function uploads(run: EvidenceRun): readonly Trip[] {
  return run.trips.filter(
    (trip) => trip.probe.kind === 'tftp' && trip.probe.verb === 'put' && trip.report.request !== 0,
  );
}

/**
 * Every upload of the run: to an address of the device, taken by a container that shares its namespace, and there byte
 * for byte. `who` picks the senders.
 */
export function uploadFindings(run: EvidenceRun, who: (sender: string) => boolean = () => true): Finding[] {
  return uploads(run)
    .filter((trip) => who(trip.sender))
    .map((trip) => {
      const { probe } = trip;
      const to = formatIpv4(probe.destination);
      const taker = takerOf(trip.report.requestSteps)?.title;
      const held = taker === undefined || probe.kind !== 'tftp' ? undefined : heldFile(run, taker, probe.name);
      const isWhole = probe.kind === 'tftp' && probe.file !== undefined && held !== undefined && same(probe.file, held);
      const holds = comwareAddresses(run).includes(to) && trip.to === 'shared' && isWhole;
      const [first] = run.headers(trip.report.replySteps);
      // The answer comes from a port of its own: no rule by port names it.
      const inc = first !== undefined && first.sourcePort !== 69 && probe.port === 69 ? 'INC-21' : undefined;
      const file = held === undefined ? 'no file' : `${held.length} bytes`;
      const name = probe.kind === 'tftp' ? probe.name : '';
      const text = `${trip.sender} to ${to}, ${taker ?? 'nobody'} has ${name}, ${file}; data from port ${first?.sourcePort}`;
      return tripFinding(run, trip, holds, text, inc);
    });
}

function heldFile(run: EvidenceRun, owner: string, name: string): Uint8Array | undefined {
  return fileServices(run.world, owner)[0]?.files.get(name);
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** The server listens in the namespace of Comware, and the device's address is Comware's. */
export function sharedListenerFindings(run: EvidenceRun): Finding[] {
  const sockets = run.end(`${run.device?.name}/comware`)?.namespace.socket ?? [];
  const listener = sockets.find((one) => one.netid === 'udp' && one.port === 69);
  const used = uploads(run).map((trip) => formatIpv4(trip.probe.destination));
  const address = comwareAddresses(run).find((one) => used.includes(one));
  const row = listener === undefined ? 'nobody listens on port 69' : `udp ${listener.local}:69 ${listener.process}`;
  return [
    tableFinding(run, listener !== undefined, "listeners of Comware's namespace", row),
    tableFinding(run, address !== undefined, 'address of both', address ?? 'none'),
  ];
}

/** Users' requests for a page; what a traceroute asks on the way is not meant for the container. */
function userTrips(run: EvidenceRun): readonly Trip[] {
  return run.trips.filter((trip) => trip.to === 'separate' && isOutside(trip.from) && trip.probe.kind === 'http');
}

/** The container has the address itself, and it is what users see, both ways. */
export function fixedAddressFindings(run: EvidenceRun): Finding[] {
  return userTrips(run).map((trip) => {
    const used = formatIpv4(trip.probe.destination);
    const owner = separateContainers(run).find((title) =>
      links(run.end(title)).some((one) => linkText(one).includes(` ${used}/`)),
    );
    const there = run.headers(trip.report.requestSteps);
    const back = run.headers(trip.report.replySteps);
    const isKept = there.every((one) => one.destination === used) && back.every((one) => one.source === used);
    const text = `${used} is ${owner ?? "nobody's"}, at every point there and back`;
    return tripFinding(run, trip, owner !== undefined && isKept && back.length > 0, text);
  });
}

/** No frame at the user's own interface carries this address of the device. */
export function hiddenFindings(run: EvidenceRun, address: string): Finding[] {
  const isDevices = comwareAddresses(run).includes(address);
  const points = new Set(userTrips(run).flatMap((trip) => run.headers(trip.report.requestSteps)[0]?.point ?? []));
  const own = tableFinding(run, isDevices, `${run.device?.name} addresses`, comwareAddresses(run).join(', '));
  const found = [...points].flatMap((point) => {
    const capture = run.capture(point);
    if (capture === undefined) return [];
    const frames = framesWith(capture, parseIpv4(address) ?? 0);
    const text = `${frames.length} of ${capture.frames.length} frames carry ${address}`;
    return [tableFinding(run, frames.length === 0 && capture.frames.length > 0, point, text)];
  });
  return found.length === 0 ? [] : [own, ...found];
}

/** With ICMP errors on, the user gets to see an address of the device after all. */
export function exposedFindings(run: EvidenceRun): Finding[] {
  return run.trips
    .filter((trip) => trip.probe.kind === 'traceroute')
    .map((trip) => {
      const { probe } = trip;
      const hops =
        probe.kind === 'traceroute'
          ? probe.hops.flatMap((hop) => hop.answers.flatMap((one) => (one === undefined ? [] : [formatIpv4(one.from)])))
          : [];
      const shown = comwareAddresses(run).filter((one) => hops.includes(one));
      const text = `traceroute shows ${shown.length === 0 ? 'nothing of the device' : shown.join(', ')}`;
      return tripFinding(run, trip, true, text, shown.length === 0 ? undefined : 'INC-23');
    });
}

/** The image came whole from the registry, by the way of figure 14. */
export function pullFindings(run: EvidenceRun, runs: Runs): Finding[] {
  const pulls = run.trips.filter((trip) => trip.probe.kind === 'pull');
  return pulls.map((trip) => {
    const { probe } = trip;
    const isWhole = probe.kind === 'pull' && probe.failure === undefined && probe.layers.length > 0;
    const flow = flowFindings(run, '14').find((one) => one.trip === trip);
    const to = formatIpv4(probe.destination);
    const layers = probe.kind === 'pull' ? probe.layers.length : 0;
    const text = `${layers} layers from ${to}; ${pathText(trip.request)}`;
    return tripFinding(run, trip, isWhole && flow?.finding.holds === true, text, collides(runs, probe.destination));
  });
}

/** In figure 6 the registry's address lies on the device's own link. */
function collides(runs: Runs, address: number): 'INC-24' | undefined {
  const other = runs('fig06');
  const interfaces = other?.end(other.device?.name ?? '')?.comware?.interfaces ?? [];
  const isThere = interfaces.some((one) => {
    const parsed = parseInterfaceAddress(one.address);
    return parsed !== undefined && contains(prefixOf(parsed.address, parsed.length), address);
  });
  return isThere ? 'INC-24' : undefined;
}

/** A request to the global address reaches the container's own, and the session has the pair. */
export function natFindings(run: EvidenceRun): Finding[] {
  const node = run.device?.name ?? '';
  return userTrips(run).flatMap((trip) => {
    const used = formatIpv4(trip.probe.destination);
    const last = run.headers(trip.report.requestSteps).at(-1);
    const sessions = run.end(node)?.comware?.nat.sessions ?? [];
    const session = sessions.find(
      (one) => one.initiator.destination === used && one.responder.source === last?.destination,
    );
    const isTranslated = last !== undefined && last.destination !== used && trip.report.reply !== 0;
    const pair =
      session === undefined ? 'no session' : `${session.initiator.destination} is ${session.responder.source}`;
    // An address that is no interface's: NAT by static or server, and Comware answers for it.
    const inc = comwareAddresses(run).includes(used) ? undefined : 'INC-20';
    return [
      tripFinding(run, trip, isTranslated, `sent to ${used}, arrives at ${last?.point} for ${last?.destination}`, inc),
      tableFinding(run, session !== undefined, `${node} display nat session`, pair),
    ];
  });
}

/** The page was fetched over a connection of its own, and is cAdvisor's. */
export function pageFindings(run: EvidenceRun): Finding[] {
  return userTrips(run).flatMap((trip) => {
    const { probe } = trip;
    if (probe.kind !== 'http') return [];
    const { response } = probe;
    const isPage = response?.status === 200 && decodeUtf8(response.body).includes('cAdvisor');
    const text = `HTTP ${response?.status ?? 'no answer'}, ${response?.body.length ?? 0} bytes`;
    return [replyFinding(run, trip, isPage, text)];
  });
}
