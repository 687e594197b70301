import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../sim/app/package-root.ts';
import { loadScenario } from '../../sim/app/sources.ts';
import { Chance } from '../../sim/core/chance.ts';
import { runScenario } from '../../sim/scenario/runner.ts';
import { buildSource } from '../../sim/world/topology-source.ts';
import { hex } from '../capture/frames.ts';

export interface Corpus {
  readonly ether: readonly Uint8Array[];
  readonly raw: readonly Uint8Array[];
}

const SCENARIOS = ['whitepaper/fig11', 'whitepaper/fig16', 'whitepaper/fig18', 'linux/office'];

/** Most frames of one scenario and link type. */
const MOST = 50;

/** Frames of scenarios that come with the program, what they never hold, and pieces and mutations of all of them. */
export function corpus(): Corpus {
  const ether: Uint8Array[] = [];
  const raw: Uint8Array[] = [];
  for (const name of SCENARIOS) {
    const loaded = loadScenario(join(PACKAGE_ROOT, 'scenarios', `${name}.yaml`));
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { scenario, topology } = loaded.source;
    const { world } = buildSource(topology, { seed: 1, trace: true, capture: true });
    runScenario(world, scenario);
    const all = { ether: [] as Uint8Array[], raw: [] as Uint8Array[] };
    for (const { device, frames } of world.captures?.captures() ?? []) {
      for (const { bytes } of frames) all[device.headerLength === 0 ? 'raw' : 'ether'].push(bytes);
    }
    ether.push(...thinned(all.ether));
    raw.push(...thinned(all.raw));
  }
  const strange = STRANGE.map(hex);
  ether.push(...strange, ...broken([...ether, ...strange]));
  const packets = strange.filter((frame) => frame[12] === 0x08 && frame[13] === 0).map((frame) => frame.slice(14));
  raw.push(
    ...packets,
    ...strange.filter((frame) => frame[12] === 0x86).map((frame) => frame.slice(14)),
    ...broken(raw),
  );
  return { ether, raw };
}

function thinned(frames: readonly Uint8Array[]): Uint8Array[] {
  const step = Math.max(1, Math.floor(frames.length / MOST));
  return frames.filter((_, index) => index % step === 0);
}

/** Frames cut short and frames with a changed byte. */
function broken(frames: readonly Uint8Array[]): Uint8Array[] {
  const chance = new Chance(1, 'filter');
  return Array.from({ length: 100 }, (_, index) => {
    const frame = (frames[chance.below(frames.length)] as Uint8Array).slice();
    if (index % 2 === 0) return frame.slice(0, 1 + chance.below(Math.min(80, frame.length)));
    frame[chance.below(Math.min(60, frame.length))] = chance.below(256);
    return frame;
  });
}

const MACS = '02 00 00 00 00 02 02 00 00 00 00 01';
const PORTS = '04 00 00 50 00 0c 00 00 61 62 63 64';
const ADDRESSES = '0a 00 00 01 0a 00 00 02';
const IP6 = '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02';

/** What the simulator never sends. */
const STRANGE = [
  // A VLAN tag, two of them, 802.1ad.
  `${MACS} 81 00 00 64 08 00 45 00 00 20 00 00 00 00 40 11 00 00 ${ADDRESSES} ${PORTS}`,
  `${MACS} 81 00 00 c8 81 00 00 64 08 00 45 00 00 20 00 00 00 00 40 11 00 00 ${ADDRESSES} ${PORTS}`,
  `${MACS} 88 a8 20 64 08 06 00 01 08 00 06 04 00 01 02 00 00 00 00 01 0a 00 00 01 00 00 00 00 00 00 0a 00 00 02`,
  // Fragments, first and later; a header with options.
  `${MACS} 08 00 45 00 00 20 12 34 20 00 40 11 00 00 ${ADDRESSES} ${PORTS}`,
  `${MACS} 08 00 45 00 00 20 12 34 00 03 40 11 00 00 ${ADDRESSES} ${PORTS}`,
  `${MACS} 08 00 47 00 00 28 00 00 00 00 40 11 00 00 ${ADDRESSES} 01 01 01 01 01 01 01 00 ${PORTS}`,
  `${MACS} 08 00 46 00 00 30 00 00 00 00 40 06 00 00 ${ADDRESSES} 01 01 01 00 00 50 04 00 00 00 00 01 00 00 00 02 50 12 72 10 00 00 00 00 00`,
  // SCTP, IGMP, VRRP, ESP, GRE, and IP in IP.
  `${MACS} 08 00 45 00 00 20 00 00 00 00 40 84 00 00 ${ADDRESSES} ${PORTS}`,
  `${MACS} 08 00 45 00 00 1c 00 00 00 00 01 02 00 00 0a 00 00 01 e0 00 00 01 16 00 00 00 e0 00 00 01`,
  `${MACS} 08 00 45 00 00 1c 00 00 00 00 ff 70 00 00 0a 00 00 01 e0 00 00 12 21 01 64 01 00 00 00 00`,
  `${MACS} 08 00 45 00 00 1c 00 00 00 00 40 32 00 00 ${ADDRESSES} 00 00 00 01 00 00 00 01`,
  `${MACS} 08 00 45 00 00 1c 00 00 00 00 40 2f 00 00 ${ADDRESSES} 00 00 08 00 00 00 00 01`,
  // IPv6: UDP, TCP, ICMPv6, a fragment, a group.
  `${MACS} 86 dd 60 00 00 00 00 0c 11 40 ${IP6} ${PORTS}`,
  `${MACS} 86 dd 60 00 00 00 00 14 06 40 ${IP6} 04 00 00 50 00 00 00 01 00 00 00 00 50 02 72 10 00 00 00 00`,
  `${MACS} 86 dd 60 00 00 00 00 08 3a ff ${IP6} 80 00 00 00 00 01 00 01`,
  `${MACS} 86 dd 60 00 00 00 00 14 2c 40 ${IP6} 11 00 00 01 00 00 00 01 ${PORTS}`,
  `33 33 00 00 00 01 02 00 00 00 00 01 86 dd 60 00 00 00 00 08 3a ff fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01 86 00 00 00 40 00 00 00`,
  // STP over LLC, RARP, a pause frame, LLDP, broadcast and multicast IP.
  '01 80 c2 00 00 00 02 00 00 00 00 01 00 26 42 42 03 00 00 00 00 00 80 00 02 00 00 00 00 01 00 00 00 00',
  'ff ff ff ff ff ff 02 00 00 00 00 01 80 35 00 01 08 00 06 04 00 03 02 00 00 00 00 01 00 00 00 00 02 00 00 00 00 01 0a 00 00 02',
  '01 80 c2 00 00 01 02 00 00 00 00 01 88 08 00 01 ff ff 00 00',
  '01 80 c2 00 00 0e 02 00 00 00 00 01 88 cc 02 07 04 02 00 00 00 00 01 00 00',
  `ff ff ff ff ff ff 02 00 00 00 00 01 08 00 45 00 00 20 00 00 00 00 40 11 00 00 0a 00 00 01 ff ff ff ff ${PORTS}`,
  `01 00 5e 00 00 09 02 00 00 00 00 01 08 00 45 00 00 20 00 00 00 00 01 11 00 00 0a 00 00 01 e0 00 00 09 02 08 02 08 00 0c 00 00 61 62 63 64`,
];
