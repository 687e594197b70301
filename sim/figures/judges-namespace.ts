import type { EvidenceRun, Trip } from './evidence-run.ts';
import { type Finding, type Judge, over, overAll, pathText, tableFinding, tripFinding } from './finding.ts';
import { addresses, comwareAddresses, isOutside, links, linkText, mainRoutes } from './rows-of.ts';

/** Section 3.5 and 2.1.1: kinds of traffic, and who shares a namespace with whom. */
export const NAMESPACE_JUDGES: Readonly<Record<string, Judge>> = {
  // East-west stays inside, north-south passes Comware and a port of the device.
  'CLM-18': overAll({
    fig07: trafficFindings,
    fig08: trafficFindings,
    fig10: trafficFindings,
    fig11: trafficFindings,
  }),

  'CLM-19': over('fig09', (run) => {
    const [own, comware] = [run.end(`${run.device?.name}/container3`), run.end(`${run.device?.name}/comware`)];
    if (own === undefined || comware === undefined) return [];
    const parts = [
      ['ip addr', addresses(own), addresses(comware)],
      ['ip route', mainRoutes(own).map((one) => one.dst), mainRoutes(comware).map((one) => `${one.dst} ${one.dev}`)],
      ['listeners', socketsOf(own), socketsOf(comware)],
    ] as const;
    return parts.map(([what, ours, theirs]) => {
      const holds = ours.length > 0 && ours.join() !== theirs.join();
      return tableFinding(
        run,
        holds,
        `${what} of container3 and of Comware's namespace`,
        `${ours.join(', ')} | ${theirs.join(', ')}`,
      );
    });
  }),

  'CLM-20': over('docker', (run) => [sharingFinding(run, 'shared', true), sharingFinding(run, 'own', false)]),

  'CLM-21': over('docker', (run) => [sharingFinding(run, 'guestshell', false), sharingFinding(run, 'gs', true)]),

  // The same boxes, whether the image is a Guest Shell or not.
  'CLM-22': over('docker', (run) => [
    sameWay(run, 'from a third-party container', 'from the Guest Shell'),
    sameWay(run, 'from a third-party container that shares', 'from the Guest Shell that shares'),
  ]),
};

function trafficFindings(run: EvidenceRun): Finding[] {
  const sent = run.trips.filter((one) => one.from === 'shared' || one.from === 'separate');
  const eastWest = sent.find((one) => one.to === 'comware' && one.report.reply !== 0);
  const northSouth = sent.find((one) => isOutside(one.to) && one.report.reply !== 0);
  return [eastWest, northSouth].flatMap((trip) => {
    if (trip === undefined) return [];
    const outward = isOutside(trip.to);
    const holds = passesPort(run, trip) === outward;
    return [tripFinding(run, trip, holds, `${outward ? 'north-south' : 'east-west'}: ${pathText(trip.request)}`)];
  });
}

function passesPort(run: EvidenceRun, trip: Trip): boolean {
  const own = trip.request.filter((one) => one.place.node === run.device?.name);
  const isPort = own.some((one) => one.kind === 'device' && one.what.includes('/'));
  return isPort && own.some((one) => one.what === 'Comware forwarding');
}

function socketsOf(stack: NonNullable<ReturnType<EvidenceRun['end']>>): readonly string[] {
  return stack.namespace.socket.map((one) => `${one.netid} ${one.port} ${one.process}`);
}

/** Whether a container sees Comware's addresses. */
function sharingFinding(run: EvidenceRun, name: string, shares: boolean): Finding {
  const stack = run.end(`${run.device?.name}/${name}`);
  const own = addresses(stack);
  const sees = comwareAddresses(run).filter((one) => own.includes(one)).length;
  const holds = stack !== undefined && (shares ? sees === comwareAddresses(run).length : sees === 0);
  const [route] = mainRoutes(stack).filter((one) => one.dst === 'default');
  // Sharing gives up the isolation of 3.2.3; what does not share has a gateway and no source to be configured.
  const inc = shares ? 'INC-29' : name === 'guestshell' && route?.prefsrc === undefined ? 'INC-15' : undefined;
  return tableFinding(run, holds, `${name} ip addr`, links(stack).map(linkText).join(', '), holds ? inc : undefined);
}

/** Two containers' requests pass the same boxes of the device. */
function sameWay(run: EvidenceRun, one: string, other: string): Finding {
  const [first, second] = [run.trip(one), run.trip(other)];
  if (first === undefined || second === undefined)
    return { holds: false, evidence: `${run.name}: ${other} is not there` };
  const names = (trip: Trip): string => trip.request.map((station) => station.what).join(' > ');
  const holds = names(first) === names(second) && second.report.reply !== 0;
  return tripFinding(run, second, holds, `${names(second)}; packet ${first.report.request} (${one}) likewise`);
}
