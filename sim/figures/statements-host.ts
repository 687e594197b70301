import { sharedContainers } from './rows-of.ts';
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
};
