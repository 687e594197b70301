import { formatIpv4 } from '../wire/address.ts';
import type { EvidenceRun, Trip } from './evidence-run.ts';
import { isOutside, loopbackOf, sharedContainers } from './rows-of.ts';
import type { StatementCheck } from './statement-check.ts';

/** Sentences of figures 6, 12, 14 and 16 to 18. */
export const HOST_STATEMENTS: Readonly<Record<string, StatementCheck>> = {
  '6/shares-namespace': (run) => {
    const kernel = run.end(`${run.device?.name}/comware`)?.namespace;
    const [title = ''] = sharedContainers(run);
    const own = run.end(title)?.namespace;
    if (own === undefined || kernel === undefined) return { run: 'no container shares it', verdict: 'contradicted' };
    const parts = [own.addr, own.route, own.socket].map((rows) => JSON.stringify(rows));
    const theirs = [kernel.addr, kernel.route, kernel.socket].map((rows) => JSON.stringify(rows));
    const text = `${run.name} ${title}: ${own.addr.map((one) => one.ifname).join(', ')}; ${own.route.length} routes; ${own.socket.length} sockets`;
    return { run: text, verdict: parts.join() === theirs.join() ? 'agreed' : 'contradicted' };
  },

  '12/host-namespace': (run) => {
    const host = run.end(`${run.device?.name}/host`)?.namespace;
    const kernel = run.end(`${run.device?.name}/comware`)?.namespace;
    if (host === undefined || kernel === undefined) return { run: 'there is no host', verdict: 'contradicted' };
    const addresses = (rows: typeof host.addr): string[] =>
      rows.filter((one) => one.ifname !== 'lo').flatMap((one) => one.addr_info.map(({ local }) => local));
    const shared = addresses(host.addr).filter((one) => addresses(kernel.addr).includes(one));
    const text = `${run.name}: the host has ${addresses(host.addr).join(', ')}, Comware's namespace ${addresses(kernel.addr).join(', ')}`;
    return { run: text, verdict: shared.length === 0 ? 'agreed' : 'contradicted' };
  },

  '12/docker0-bridge': (run) => {
    const rows = run.end(`${run.device?.name}/host`)?.namespace.addr ?? [];
    const bridge = rows.find((one) => one.info_kind === 'bridge' && one.ifname === 'docker0');
    const ports = rows.filter((one) => one.master === bridge?.ifname);
    if (bridge === undefined || ports.length === 0)
      return { run: 'there is no Docker0 bridge', verdict: 'contradicted' };
    return { run: `${run.name}: bridge docker0 with ${ports.map((one) => one.ifname).join(', ')}`, verdict: 'agreed' };
  },

  '14/host-snat': (run) => {
    const trip = outwardTrip(run);
    const out =
      trip && run.headers(trip.report.requestSteps).find((one) => one.point === `${run.device?.name}/host:docker0`);
    if (trip === undefined || out === undefined) return { run: 'nothing left by docker0', verdict: 'contradicted' };
    const sent = formatIpv4(trip.probe.source);
    const text = `${run.name} packet ${out.packet}: ${sent} leaves docker0 as ${out.source}`;
    const kernel = run.end(`${run.device?.name}/comware`)?.namespace.sysctl;
    const accepts = kernel?.find((one) => one.key === 'net.ipv4.conf.eth0.accept_local')?.value === 1;
    if (out.source !== loopbackOf(run)) return { run: text, verdict: 'contradicted', inc: 'INC-08' };
    return {
      run: accepts ? `${text}; Comware's eth0 has accept_local=1` : text,
      verdict: 'agreed',
      ...(accepts ? { inc: 'INC-08' } : {}),
    };
  },

  '14/loopback-address': (run, runs) => {
    const trip = outwardTrip(run);
    const last = trip === undefined ? undefined : run.headers(trip.report.requestSteps).at(-1);
    if (trip === undefined || last === undefined) return { run: 'nothing went out', verdict: 'contradicted' };
    const answered = trip.report.reply !== 0 && last.source === loopbackOf(run);
    const inbound = runs('host-inbound');
    const lost = inbound?.trips.find((one) => isOutside(one.from) && one.to !== 'host');
    const text = `${run.name} packet ${last.packet}: ${last.point} sees ${last.source}, and its answer comes back`;
    const more =
      lost === undefined ? '' : `; ${inbound?.name} packet ${lost.report.request}: unasked it stays with Comware`;
    const inc = lost === undefined ? {} : ({ inc: 'INC-09' } as const);
    return { run: `${text}${more}`, verdict: answered ? 'agreed' : 'contradicted', ...inc };
  },
};

function outwardTrip(run: EvidenceRun): Trip | undefined {
  return run.trips.find((one) => one.from === 'host' && isOutside(one.to));
}
