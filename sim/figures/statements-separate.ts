import { takerOf } from '../packet/stations.ts';
import { routeLine } from '../show/linux-route.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { isOutside } from './rows-of.ts';
import type { Shown, StatementCheck } from './statement-check.ts';

/** Sentences of figures 9 and 11. */
export const SEPARATE_STATEMENTS: Readonly<Record<string, StatementCheck>> = {
  '9/tpa-bridge': (run) => {
    const rows = run.end(`${run.device?.name}/host`)?.namespace.addr ?? [];
    const bridge = rows.find((one) => one.info_kind === 'bridge' && one.ifname.startsWith('tpa-'));
    const ports = rows.filter((one) => one.master === bridge?.ifname);
    const attached = (run.device?.docker.containers ?? []).filter((one) => one.net !== undefined).length;
    if (bridge === undefined) return { run: 'there is no TPA bridge', verdict: 'contradicted' };
    const text = `${run.name}: ${bridge.ifname} has ${ports.length} ports, for ${attached} containers and Comware`;
    return { run: text, verdict: ports.length === attached + 1 ? 'agreed' : 'contradicted' };
  },

  '9/two-routes': (run) => {
    const routes = run.end(`${run.device?.name}/container3`)?.namespace.route.filter((one) => one.table === undefined);
    if (routes === undefined) return { run: 'there is no container3', verdict: 'contradicted' };
    const text = `${run.name} container3: ${routes.map((one) => routeLine(one)).join('; ')}`;
    return { run: text, verdict: routes.length === 2 ? 'agreed' : 'contradicted' };
  },

  '11/container-address': (run) => {
    const trip = run.trips.find((one) => isOutside(one.from) && one.to === 'separate');
    if (trip === undefined) return { run: `${run.name}: nobody outside sent to a container`, verdict: 'contradicted' };
    return addressUsed(run, trip);
  },

  '11/nat-optional': (run, runs) => {
    const without = leavesAs(run);
    const natted = runs('container-nat');
    const withNat = natted === undefined ? undefined : leavesAs(natted);
    const text = [without?.text, withNat?.text].filter((one) => one !== undefined).join('; ');
    const agreed = without?.isTranslated === false && withNat?.isTranslated === true;
    return { run: text === '' ? 'nothing went out' : text, verdict: agreed ? 'agreed' : 'contradicted' };
  },
};

/** Whether the address that a request was sent to is the one of the container that got it. */
function addressUsed(run: EvidenceRun, trip: Trip): Shown {
  const used = formatIpv4(trip.probe.destination);
  const taker = takerOf(trip.report.requestSteps)?.title ?? '';
  const own = run.end(taker)?.namespace.addr.flatMap((one) => one.addr_info.map((info) => info.local)) ?? [];
  const text = `${run.name} packet ${trip.report.request}: to ${used}, taken by ${taker}`;
  return { run: text, verdict: own.includes(used) && trip.report.reply !== 0 ? 'agreed' : 'contradicted' };
}

/** The source with which a container's packet leaves the device by a physical port. */
function leavesAs(run: EvidenceRun): { readonly text: string; readonly isTranslated: boolean } | undefined {
  const node = run.device?.name ?? '';
  const trip = run.trips.find((one) => one.from === 'separate' && isOutside(one.to) && one.report.reply !== 0);
  const headers = trip === undefined ? [] : run.headers(trip.report.requestSteps);
  const [first] = headers;
  const out = headers.find((one) => one.direction === 'out' && one.point.startsWith(`${node}:`));
  if (first === undefined || out === undefined) return undefined;
  const text = `${run.name} packet ${out.packet}: ${first.source} leaves ${out.point} as ${out.source}`;
  return { text, isTranslated: first.source !== out.source };
}
