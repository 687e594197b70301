import { takerOf } from '../packet/stations.ts';
import { routeLine } from '../show/linux-route.ts';
import type { IncId } from '../whitepaper/data/contradictions.ts';
import { contains, formatIpv4, parseInterfaceAddress, parseIpv4, prefixOf } from '../wire/address.ts';
import type { StackSnapshot } from '../world/stack-snapshot.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { type Finding, type Judge, over, overAll, tableFinding, tripFinding } from './finding.ts';
import { flowFindings } from './flow-findings.ts';
import { framesWith, type SeenHeader } from './headers.ts';
import { addresses, groupOf, isOutside, links, linkText, mainRoutes, separateContainers } from './rows-of.ts';

/* Section 3.5.2: containers with a namespace of their own. */

const NO_BRIDGE = 'no TPA bridge';

export const SEPARATE_JUDGES: Readonly<Record<string, Judge>> = {
  // A separate namespace hides Comware's addresses and interfaces.
  'CLM-43': over('fig09', (run) => {
    const comwares = addresses(run.end(`${run.device?.name}/comware`));
    return separateContainers(run).map((title) => {
      const own = links(run.end(title));
      const isHidden = own.length === 1 && own[0]?.ifname === 'eth0' && !hasAny(comwares, addresses(run.end(title)));
      return tableFinding(run, isHidden, `${title} ip addr`, own.map(linkText).join(', '));
    });
  }),

  // Creating Virtual-Eth-Group0 creates the bridge, ahead of its address (INC-17), and undoing it takes the bridge away.
  'CLM-44': over('virtual-eth-group', (run) => [
    bridgeFinding(run, run.before('create it', hostOf(run)), false, 'ahead of the interface'),
    bridgeFinding(run, run.after('create it', hostOf(run)), true, 'with the interface, without an address', 'INC-17'),
    bridgeFinding(run, run.after('remove it', hostOf(run)), false, 'after its removal'),
  ]),

  // Addressing it brings eth1; the bridge was there before (INC-17), and figure 6 gives that name away too (INC-02).
  'CLM-45': overAll({
    fig06: (run) => {
      const other = run.end(run.device?.name ?? '')?.comware?.kernelMap.find((one) => one.device === 'eth1');
      const inc = other === undefined || other.interface.startsWith('VEth') ? undefined : 'INC-02';
      return [tableFinding(run, true, 'eth1 in figure 6', other?.interface ?? 'nothing', inc)];
    },
    'virtual-eth-group': (run) => {
      const kernel = `${run.device?.name}/comware`;
      const legs = (stack: StackSnapshot | undefined): string =>
        links(stack)
          .filter((one) => one.info_kind === 'veth' && one.ifname !== 'eth0')
          .map(linkText)
          .join(', ');
      const before = legs(run.before('address it', kernel));
      const after = legs(run.after('address it', kernel));
      const wasThere = bridgesOf(run.before('address it', hostOf(run))).length > 0;
      return [
        tableFinding(run, before === '', `${kernel} ip addr ahead of the address`, before === '' ? 'no leg' : before),
        tableFinding(run, /^eth1 /.test(after), `${kernel} ip addr with the address`, after === '' ? 'no leg' : after),
        tableFinding(
          run,
          bridgesOf(run.after('address it', hostOf(run))).length > 0,
          `${hostOf(run)} bridges`,
          wasThere ? 'the bridge was there ahead of the address' : 'the bridge came with the address',
          wasThere ? 'INC-17' : undefined,
        ),
      ];
    },
  }),

  // A free address of the subnet for each.
  'CLM-46': over('fig09', (run) => {
    const group = groupOf(run);
    const all = separateContainers(run).map((title) => ({ title, own: links(run.end(title)) }));
    const taken = all.flatMap(({ own }) => own.flatMap((one) => one.addr_info.map((info) => info.local)));
    return all.map(({ title, own }) => {
      const info = own.find((one) => one.ifname === 'eth0')?.addr_info[0];
      const isOnce = taken.filter((one) => one === info?.local).length === 1;
      const inSubnet = group !== undefined && info !== undefined && isInSubnet(info.local, group.address);
      const isFree = info !== undefined && isOnce && info.local !== group?.address.split('/')[0];
      return tableFinding(run, inSubnet && isFree, `${title} ip addr`, own.map(linkText).join(', '));
    });
  }),

  'CLM-47': over('fig09', (run) => {
    const gateway = groupOf(run)?.address.split('/')[0];
    return separateContainers(run).map((title) => {
      const route = mainRoutes(run.end(title)).find((one) => one.dst === 'default');
      const holds = route?.gateway !== undefined && route.gateway === gateway;
      return tableFinding(run, holds, `${title} ip route`, route === undefined ? 'no default route' : routeLine(route));
    });
  }),

  'CLM-48': over('fig09', (run) => {
    const title = `${run.device?.name}/container3`;
    const routes = mainRoutes(run.end(title));
    return [
      tableFinding(run, routes.length === 2, `${title} ip route`, routes.map((one) => routeLine(one)).join('; ')),
    ];
  }),

  // Directly over the bridge: no kernel in between, so the TTL stays.
  'CLM-49': over('fig10', (run) =>
    flowFindings(run, '10-containers').map(({ finding, trip }) => {
      const ttls = new Set(run.headers(trip.report.requestSteps).map((one) => one.ttl));
      const between = trip.request.filter((one) => one.what.startsWith('Comware ') || one.place.role === 'comware');
      const holds = finding.holds && ttls.size === 1 && between.length === 0;
      return { ...finding, holds, evidence: `${finding.evidence}; TTL ${[...ttls].join(', ')}` };
    }),
  ),

  'CLM-50': over('fig10', (run) =>
    flowFindings(run, '10').map(({ finding, trip }) => {
      const byVrfif0 = trip.request.some((one) => one.what === 'vrfif0');
      // Only figure 10 names vrfif0 on this way (INC-18).
      const incs: readonly IncId[] = byVrfif0 ? [...(finding.incs ?? []), 'INC-18'] : (finding.incs ?? []);
      return { ...finding, holds: finding.holds && byVrfif0, incs };
    }),
  ),

  // One that Comware's stack supports and one that only the kernel's has.
  'CLM-51': over('fig10', (run) => {
    const found = flowFindings(run, '10');
    const byInet = ({ trip }: (typeof found)[number]): boolean =>
      trip.request.some((one) => one.what === 'Inet stack' && one.place.role === 'comware');
    const supported = found.find((one) => !byInet(one));
    const other = found.find(byInet);
    const first = supported === undefined ? [] : [supported.finding];
    const second = other === undefined ? [] : [other.finding];
    return first.length + second.length === 2 ? [...first, ...second] : [];
  }),

  'CLM-52': overAll({
    fig11: (run) =>
      inboundTrips(run).map((trip) => {
        const taker = takerOf(trip.report.requestSteps)?.title ?? '';
        const to = formatIpv4(trip.probe.destination);
        const holds = addresses(run.end(taker)).includes(to) && trip.report.reply !== 0;
        return tripFinding(run, trip, holds, `sent to ${to}, taken by ${taker}`);
      }),
    // Behind NAT it is another address that they use (INC-20).
    'container-nat': (run) =>
      run.trips
        .filter((trip) => isOutside(trip.from) && takerOf(trip.report.requestSteps)?.role === 'container')
        .map((trip) => {
          const taker = takerOf(trip.report.requestSteps)?.title ?? '';
          const to = formatIpv4(trip.probe.destination);
          const isOwn = addresses(run.end(taker)).includes(to);
          const text = `behind NAT: sent to ${to}, taken by ${taker}`;
          return tripFinding(run, trip, trip.report.reply !== 0, text, isOwn ? undefined : 'INC-20');
        }),
  }),

  'CLM-53': over('fig11', (run) => flowFindings(run, '11').map((one) => one.finding)),

  // Without NAT where the address is announced, and with NAT where it is not.
  'CLM-54': overAll({
    fig11: (run) => outboundTrips(run).map((trip) => leavingFinding(run, trip, false)),
    'container-nat': (run) => outboundTrips(run).map((trip) => leavingFinding(run, trip, true)),
    'container-unannounced': (run) => {
      const trips = run.trips.filter((one) => one.from === 'separate' && isOutside(one.to));
      const text = 'without a route back and without NAT there is no answer';
      return trips.map((trip) => tripFinding(run, trip, trip.report.reply === 0 && trip.report.request !== 0, text));
    },
  }),

  // Nothing on the outer link carries the container's address; what does there need not be Comware's (INC-20).
  'CLM-55': over('container-nat', (run) => [
    ...outboundTrips(run).map((trip) => hiddenFinding(run, trip, run.headers(trip.report.requestSteps))),
    ...run.trips
      .filter((trip) => isOutside(trip.from) && takerOf(trip.report.requestSteps)?.role === 'container')
      .map((trip) => hiddenFinding(run, trip, run.headers(trip.report.replySteps))),
  ]),

  // What comes in passes the boxes that what goes out passes, the other way round.
  'CLM-56': over('fig11', (run) => {
    const outward = outboundTrips(run)[0];
    return inboundTrips(run).map((trip) => {
      const there = outward === undefined ? [] : boxes(run, outward.request).reverse();
      const holds = outward !== undefined && boxes(run, trip.request).join() === there.join();
      return tripFinding(run, trip, holds, boxes(run, trip.request).join(' > '));
    });
  }),
};

function hostOf(run: EvidenceRun): string {
  return `${run.device?.name}/host`;
}

function hasAny(list: readonly string[], others: readonly string[]): boolean {
  return others.some((one) => list.includes(one));
}

function isInSubnet(address: string, gateway: string): boolean {
  const value = parseIpv4(address);
  const parsed = parseInterfaceAddress(gateway);
  return value !== undefined && parsed !== undefined && contains(prefixOf(parsed.address, parsed.length), value);
}

function bridgesOf(host: StackSnapshot | undefined): readonly string[] {
  return links(host)
    .filter((one) => one.info_kind === 'bridge' && one.ifname.startsWith('tpa-'))
    .map((one) => one.ifname);
}

/** `inc` is shown by a bridge that is there. */
function bridgeFinding(
  run: EvidenceRun,
  host: StackSnapshot | undefined,
  wanted: boolean,
  when: string,
  inc?: IncId,
): Finding {
  const found = bridgesOf(host);
  const row = found.length === 0 ? NO_BRIDGE : found.join(', ');
  const where = `${hostOf(run)} bridges ${when}`;
  return tableFinding(
    run,
    host !== undefined && found.length > 0 === wanted,
    where,
    row,
    row === NO_BRIDGE ? undefined : inc,
  );
}

/** Answered requests of a container to the outside. */
function outboundTrips(run: EvidenceRun): readonly Trip[] {
  return run.trips.filter((one) => one.from === 'separate' && isOutside(one.to) && one.report.reply !== 0);
}

function inboundTrips(run: EvidenceRun): readonly Trip[] {
  return run.trips.filter((one) => isOutside(one.from) && one.to === 'separate');
}

/** A container's packet, seen on its way out: its own address is nowhere on that wire. */
function hiddenFinding(run: EvidenceRun, trip: Trip, headers: readonly SeenHeader[]): Finding {
  const own = headers[0]?.source ?? '';
  const out = headers.find((one) => one.direction === 'out' && one.point.startsWith(`${run.device?.name}:`));
  const capture = out === undefined ? undefined : run.capture(out.point);
  const exposed = capture === undefined ? [] : framesWith(capture, parseIpv4(own) ?? 0);
  const interfaces = run.end(run.device?.name ?? '')?.comware?.interfaces ?? [];
  const isComwares = interfaces.some((one) => one.address.split('/')[0] === out?.source);
  const text = `${own} leaves ${out?.point ?? 'nowhere'} as ${out?.source ?? 'nothing'}; ${exposed.length} frames there carry ${own}`;
  return tripFinding(run, trip, out !== undefined && exposed.length === 0, text, isComwares ? undefined : 'INC-20');
}

function leavingFinding(run: EvidenceRun, trip: Trip, translated: boolean): Finding {
  const headers = run.headers(trip.report.requestSteps);
  const out = headers.find((one) => one.direction === 'out' && one.point.startsWith(`${run.device?.name}:`));
  const isTranslated = out !== undefined && out.source !== headers[0]?.source;
  const text = `answered; ${headers[0]?.source} leaves ${out?.point ?? 'nowhere'} as ${out?.source ?? 'nothing'}`;
  return tripFinding(run, trip, out !== undefined && isTranslated === translated, text);
}

/** Boxes and devices of the device alone; the programs at the ends are left out. */
function boxes(run: EvidenceRun, stations: Trip['request']): string[] {
  return stations
    .filter((one) => one.place.node === run.device?.name && one.kind !== 'application')
    .map((one) => one.what);
}
