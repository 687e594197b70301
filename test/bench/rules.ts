import { must } from '../../sim/core/assert.ts';
import { seconds, us } from '../../sim/core/time.ts';
import { parseIpv4 } from '../../sim/wire/address.ts';
import { build, hostOf, mustArrive, receivedBy, runAll } from './bench-world.ts';
import { connected, SINK_PORT, sendAll } from './flow.ts';
import type { JobOptions, Work } from './job.ts';
import { behindRouter } from './routes.ts';

/* One UDP flow through a router whose FORWARD chain has many rules that do not match before the one that does. */

const PACKETS = 50_000;
const PAYLOAD = 100;

export function rules(size: number, { packets = PACKETS, payload = PAYLOAD }: JobOptions): Work {
  const world = build(behindRouter({ iptables: tableOf(size) }, {}));
  const host = hostOf(world, 'source');
  const socket = connected(host, must(parseIpv4('10.0.1.2'), 'an address'));
  sendAll(host, socket, { payload: new Uint8Array(payload), count: packets, start: seconds(1), gap: us(10) });
  return {
    run: () => runAll(world),
    tally() {
      const arrived = receivedBy(world, 'sink');
      mustArrive(world, 'packets', arrived, packets);
      return { packets: arrived, hops: arrived * 2, events: world.clock.ran };
    },
  };
}

/** As iptables-save writes it. Whatever no rule lets pass is dropped, so that all were asked. */
function tableOf(count: number): string {
  const others = Array.from({ length: count }, (_, index) => {
    const network = `203.${(index >> 8) & 0xff}.${index & 0xff}.0/24`;
    return `-A FORWARD -s ${network} -p udp -m udp --dport ${1024 + (index % 60_000)} -j ACCEPT`;
  });
  const last = `-A FORWARD -p udp -m udp --dport ${SINK_PORT} -j ACCEPT`;
  const policies = [':INPUT ACCEPT [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
  return ['*filter', ...policies, ...others, last, 'COMMIT', ''].join('\n');
}
