import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Picture } from '../../../sim/draw/picture.ts';
import { pictureOf } from '../../../sim/draw/picture-of.ts';
import { wayOf } from '../../../sim/draw/way.ts';
import { letArrive, runScenario } from '../../../sim/scenario/runner.ts';
import { scenarioSchema } from '../../../sim/scenario/scenario-schema.ts';
import { type DiagramMoment, drawDiagram, idsOf } from '../../../sim/walk/diagram/draw.ts';
import { layout } from '../../../sim/walk/diagram/layout.ts';

import { type Language, type Line, lineText, type Size, type Tone } from '../../../sim/walk/styled.ts';
import type { World } from '../../../sim/world/world.ts';
import { chain, star, worldOf } from '../../draw/networks.ts';

const SMALL: Size = { width: 80, height: 11 };
const MIDDLE: Size = { width: 120, height: 20 };

function paper(name: string): World {
  return worldOf(parse(readFileSync(`topologies/whitepaper/${name}.yaml`, 'utf8')));
}

/** The way of the longest packet of one ping. */
function pingWay(world: World, from: string, to: string): { picture: Picture; way: string[] } {
  const steps = [{ ping: { from, to, count: 1 } }];
  const scenario = scenarioSchema.parse({ name: 'any', topology: 'none', steps });
  runScenario(world, scenario);
  letArrive(world, scenario);
  const picture = pictureOf(world);
  const ways = [...(world.recorder?.packets() ?? [])].map(({ number }) =>
    idsOf(wayOf(picture, world.recorder?.stepsOf(number) ?? [])),
  );
  return { picture, way: ways.reduce((longest, one) => (one.length > longest.length ? one : longest), []) };
}

function shown(lines: readonly Line[]): string {
  return `\n${lines.map((line) => lineText(line).trimEnd()).join('\n')}\n`;
}

/** The moment at which the packet comes to `at`. */
function atStation(way: readonly string[], at: string): DiagramMoment {
  return { way: way.slice(0, way.indexOf(at) + 1), at, dropped: false };
}

function drawn(
  { picture, way }: { picture: Picture; way: readonly string[] },
  at: string,
  size: Size,
  language?: Language,
): string {
  return shown(drawDiagram(layout(picture, new Set(way), size, language), atStation(way, at)));
}

const ROUTER = {
  topology: {
    nodes: {
      pc1: {
        kind: 'linux',
        interfaces: { eth0: { address: '192.0.2.1/24' } },
        routes: ['default via 192.0.2.254'],
      },
      router: {
        kind: 'linux',
        interfaces: { eth0: { address: '192.0.2.254/24' }, eth1: { address: '203.0.113.254/24' } },
        sysctls: { 'net.ipv4.ip_forward': 1 },
      },
      pc2: {
        kind: 'linux',
        interfaces: { eth0: { address: '203.0.113.1/24' } },
        routes: ['default via 203.0.113.254'],
      },
    },
    links: [{ endpoints: ['pc1:eth0', 'router:eth0'], delay: '3ms' }, { endpoints: ['router:eth1', 'pc2:eth0'] }],
  },
};

describe('a packet from host to host', () => {
  const walk = pingWay(worldOf(ROUTER), 'pc1', '203.0.113.1');

  it('goes down a column, along a cable and up again', () => {
    expect(drawn(walk, 'Kernel forwarding@router', SMALL)).toMatchInlineSnapshot(`
      "
        ┌─ pc1 ──────────┐  ┌─ router ────────────────────────┐  ┌─ pc2 ──────────┐
        │     ● App      │  │               App               │  │       App      │
        │        ┃       │  │                │                │  │        │       │
        │ ● Inet stack   │  │           Inet stack            │  │   Inet stack   │
        │        ┃       │  │                │                │  │        │       │
        │ ● Kernel fwd   │  │         ◆ Kernel fwd            │  │   Kernel fwd   │
        │        ┃       │  │        ┏━━━━━━━┹───────┐        │  │        │       │
        │    ● eth0      │  │    ● eth0            eth1       │  │      eth0      │
        │  192.0.2.1/24  │  │ 192.0.2.254/24 203.0.113.254/24 │  │ 203.0.113.1/24 │
        └────────╂───────┘  └────────╂───────────────┼────────┘  └────────┼───────┘
                 ┗━━━━━━━ 3ms ━━━━━━━┛               └────────────────────┘
      "
    `);
  });

  it('glides along the cable', () => {
    const diagram = layout(walk.picture, new Set(walk.way), SMALL);
    const moment = atStation(walk.way, 'eth0@router');
    const places = [0, 0.25, 0.5, 0.75, 1].map((glide) => {
      const rows = drawDiagram(diagram, { ...moment, glide }).map(lineText);
      const row = rows.findIndex((text) => text.includes('◆'));
      return `${rows[row]?.indexOf('◆')},${row}`;
    });
    expect(places).toMatchInlineSnapshot(`
      [
        "11,9",
        "14,10",
        "24,10",
        "28,10",
        "27,7",
      ]
    `);
  });

  it('dies where it is dropped', () => {
    const way = walk.way.slice(0, walk.way.indexOf('Kernel forwarding@router') + 1);
    const diagram = layout(walk.picture, new Set(way), SMALL);
    const lines = drawDiagram(diagram, { way, at: 'Kernel forwarding@router', dropped: true });
    expect(shown(lines)).toMatchInlineSnapshot(`
      "
        ┌─ pc1 ──────────┐  ┌─ router ────────────────────────┐  ┌─ pc2 ──────────┐
        │     ● App      │  │               App               │  │       App      │
        │        ┃       │  │                │                │  │        │       │
        │ ● Inet stack   │  │           Inet stack            │  │   Inet stack   │
        │        ┃       │  │                │                │  │        │       │
        │ ● Kernel fwd   │  │         ✗ Kernel fwd            │  │   Kernel fwd   │
        │        ┃       │  │        ┏━━━━━━━┹───────┐        │  │        │       │
        │    ● eth0      │  │    ● eth0            eth1       │  │      eth0      │
        │  192.0.2.1/24  │  │ 192.0.2.254/24 203.0.113.254/24 │  │ 203.0.113.1/24 │
        └────────╂───────┘  └────────╂───────────────┼────────┘  └────────┼───────┘
                 ┗━━━━━━━ 3ms ━━━━━━━┛               └────────────────────┘
      "
    `);
    expect(
      lines
        .flat()
        .filter(({ tone }) => tone === 'bad')
        .map(({ text }) => text),
    ).toMatchInlineSnapshot(`
      [
        "✗ Kernel fwd",
      ]
    `);
  });

  it('is lit where it is, and its way has a tone of its own', () => {
    const diagram = layout(walk.picture, new Set(walk.way), SMALL);
    const spans = drawDiagram(diagram, atStation(walk.way, 'eth1@router')).flat();
    const textsOf = (tone: Tone): string[] => spans.filter((one) => one.tone === tone).map(({ text }) => text);
    expect({ lit: textsOf('lit'), packet: textsOf('packet') }).toMatchInlineSnapshot(`
      {
        "lit": [
          " eth1",
        ],
        "packet": [
          "◆",
        ],
      }
    `);
    expect(textsOf('path').join('')).toContain('●Inet stack');
  });
});

describe('the whitepaper, figure 11', () => {
  const walk = pingWay(paper('separate-namespace'), 'device-a/container3', '203.0.113.10');

  it('stands whole in the smallest terminal', () => {
    expect(drawn(walk, 'Comware stack@device-a', SMALL)).toMatchInlineSnapshot(`
      "
      ┌ container3 ┬──────────── comware ────────────┐┌─ router ───────┐┌─ host-b ───┐
      │    ●App    │                    Comware app  ││       App      ││     App    │
      │●Inet stack │  Inet stack    ┏╸◆Comware stack ││   Inet stack   ││ Inet stack │
      │●Kernel fwd │ ●Kernel fwd +2 ┃   Comware fwd  ││   Kernel fwd   ││ Kernel fwd │
      │      ┃     │    ┏━━┻━━━━┓   ┃        │       ││    ┌───┴─┐     ││      │     │
      │   ●eth0    │ ●eth1  ●vrfif0 ┃     GE1/0/1    ││  eth0  eth1    ││    eth0    │
      │   1.1.1.3  │1.1.1.200   ┃   ┃    20.1.1.1    ││20.1.1.2  │     ││203.0.113.10│
      │      ┃     │    ┃       ┃   ┃        │       ││    │203.0.113.1││      │     │
      │     ╺┻● TPA bridge ━━━╸ ┗━━━┛        │       │└────┼─────┼─────┘└──────┼─────┘
      └─ device-a +3 ────────────────────────┼───────┘     │     │             │
                                             └─────────────┘     └─────────────┘
      "
    `);
  });

  it('has lines between its layers where there is room', () => {
    expect(drawn(walk, 'Comware stack@device-a', MIDDLE)).toMatchInlineSnapshot(`
      "



       ┌─ device-a +3 ──┬──────────────────────────────────────────────┐  ┌─ router ───────────────────┐  ┌─ host-b ────────┐
       │   container3   │                   comware                    │  │                            │  │                 │
       │     ● App      │                               Comware app    │  │             App            │  │       App       │
       │        ┃       │                                    │         │  │              │             │  │        │        │
       │ ● Inet stack   │       Inet stack        ┏━╸◆ Comware stack   │  │         Inet stack         │  │   Inet stack    │
       │        ┃       │            │            ┃          │         │  │              │             │  │        │        │
       │ ● Kernel fwd   │     ● Kernel fwd        ┃     Comware fwd    │  │         Kernel fwd         │  │   Kernel fwd    │
       │        ┃       │       ┏━━━━┻━━┱───────┐ ┃          │         │  │      ┌───────┴─────┐       │  │        │        │
       │    ● eth0      │   ● eth1 ● vrfif0    +2 ┃       GE1/0/1      │  │    eth0          eth1      │  │      eth0       │
       │   1.1.1.3/24   │ 1.1.1.200/24  ┃         ┃     20.1.1.1/24    │  │ 20.1.1.2/24 203.0.113.1/24 │  │ 203.0.113.10/24 │
       ├────────╂───────┴───────╂───────╂─────────╂──────────┼─────────┤  └──────┼─────────────┼───────┘  └────────┼────────┘
       │       ╺┻━● TPA bridge ━┻╸      ┗━━━━━━━━━┛          │         │         │             │                   │
       └─────────────────────────────────────────────────────┼─────────┘         │             │                   │
                                                             └─── 1gbit 50us ────┘             └─── 1gbit 50us ────┘



      "
    `);
  });
});

describe('the whitepaper, figure 14', () => {
  it('in Chinese', () => {
    const walk = pingWay(paper('host-applications'), 'device-a/host', '203.0.113.10');
    expect(drawn(walk, 'Docker0 bridge@device-a/host', MIDDLE, 'zh')).toMatchInlineSnapshot(`
      "



       ┌─ device-a ─────┬──────────────────────────────────────────────┐  ┌─ router ───────────────────┐  ┌─ master ────────┐
       │     宿主机     │                   comware                    │  │                            │  │                 │
       │    ● 应用      │                               Comware应用    │  │            应用            │  │      应用       │
       │        ┃       │                                    │         │  │              │             │  │        │        │
       │ ● 内核协议栈   │       内核协议栈        ┌─╴  Comware协议栈   │  │         内核协议栈         │  │   内核协议栈    │
       │        ┃       │            │            │          │         │  │              │             │  │        │        │
       │  ● 内核转发    │        内核转发         │     Comware转发    │  │          内核转发          │  │    内核转发     │
       │        ┃       │       ┌────┴──┬───────┐ │          │         │  │      ┌───────┴─────┐       │  │        │        │
       │     docker0    │     eth0   vrfif0    +2 │       GE1/0/1      │  │    eth0          eth1      │  │      eth0       │
       │  127.1.1.1/24  │ 127.1.1.2/24  │         │     20.1.1.1/24    │  │ 20.1.1.2/24 203.0.113.1/24 │  │ 203.0.113.10/24 │
       ├────────╂───────┴───────┼───────┼─────────┼──────────┼─────────┤  └──────┼─────────────┼───────┘  └────────┼────────┘
       │       ╺┻ ◆ Docker0网桥 ┷━╸     └─────────┘          │         │         │             │                   │
       └─────────────────────────────────────────────────────┼─────────┘         │             │                   │
                                                             └─── 1gbit 50us ────┘             └─── 1gbit 50us ────┘



      "
    `);
  });
});

describe('what is larger than the terminal', () => {
  const hosts = pictureOf(worldOf(star(40)));
  const way = ['Inet stack@h3', 'Kernel forwarding@h3', 'eth0@h3', 'sw@sw', 'eth0@h7', 'Kernel forwarding@h7'];

  it('is folded where no packet passes', () => {
    expect(drawn({ picture: hosts, way }, 'sw@sw', SMALL)).toMatchInlineSnapshot(`
      "
         ┌─ h3 ──────────────────┐      ┌─ h7 ──────────────────┐      ┌ +38 more ┐
         │      Application      │      │      Application      │      │          │
         │           │           │      │           │           │      │ h0       │
         │    ● Inet stack       │      │      Inet stack       │      │ h1       │
         │           ┃           │      │           │           │      │ h2       │
         │ ● Kernel forwarding   │      │   Kernel forwarding   │      │ h4       │
         │           ┃           │      │           │           │      │ h5       │
         │       ● eth0          │      │         eth0          │      │ h6       │
         │      10.0.0.4/24      │      │      10.0.0.8/24      │      │ …        │
         └───────────╂───────────┘      └───────────┼───────────┘      └─────┬────┘
                    ╺┻━━━━━━━━━━━━ ◆ sw ━━━━━━━━━━━━┷━━━━━━━━━━━━━━━━━━━━━━━━┷╸
      "
    `);
  });

  it('shows a packet in the fold that it has gone to', () => {
    const diagram = layout(hosts, new Set(way), SMALL);
    expect(
      shown(drawDiagram(diagram, { way: [...way.slice(0, 4), 'eth0@h30'], at: 'eth0@h30', dropped: false })),
    ).toMatchInlineSnapshot(`
      "
         ┌─ h3 ──────────────────┐      ┌─ h7 ──────────────────┐      ┌ +38 more ┐
         │      Application      │      │      Application      │      │ ◆ h30    │
         │           │           │      │           │           │      │ h0       │
         │    ● Inet stack       │      │      Inet stack       │      │ h1       │
         │           ┃           │      │           │           │      │ h2       │
         │ ● Kernel forwarding   │      │   Kernel forwarding   │      │ h4       │
         │           ┃           │      │           │           │      │ h5       │
         │       ● eth0          │      │         eth0          │      │ h6       │
         │      10.0.0.4/24      │      │      10.0.0.8/24      │      │ …        │
         └───────────╂───────────┘      └───────────┼───────────┘      └─────┰────┘
                    ╺┻━━━━━━━━━━━━━● sw ━━━━━━━━━━━━┷━━━━━━━━━━━━━━━━━━━━━━━━┻╸
      "
    `);
  });

  const routers = pictureOf(worldOf(chain(9)));
  const along = Array.from({ length: 9 }, (_, index) => [
    ...(index === 0 ? [] : [`left@r${index}`]),
    `Kernel forwarding@r${index}`,
    ...(index === 8 ? [] : [`right@r${index}`]),
  ]).flat();

  it('stands in bands below one another', () => {
    expect(drawn({ picture: routers, way: along }, 'Kernel forwarding@r7', MIDDLE)).toMatchInlineSnapshot(`
      "
      ┌─ r0 ───────────┐  ┌─ r1 ───────────┐  ┌─ r2 ───────────┐  ┌─ r3 ───────────┐  ┌─ r4 ───────────┐  ┌─ r5 ───────────┐
      │       App      │  │       App      │  │       App      │  │       App      │  │       App      │  │       App      │
      │   Inet stack   │  │   Inet stack   │  │   Inet stack   │  │   Inet stack   │  │   Inet stack   │  │   Inet stack   │
      │ ● Kernel fwd   │  │ ● Kernel fwd   │  │ ● Kernel fwd   │  │ ● Kernel fwd   │  │ ● Kernel fwd   │  │ ● Kernel fwd   │
      │        ┃       │  │     ┏━━┻━━━┓   │  │     ┏━━┻━━━┓   │  │     ┏━━┻━━━┓   │  │     ┏━━┻━━━┓   │  │     ┏━━┻━━━┓   │
      │    ● right     │  │ ● left ● right │  │ ● left ● right │  │ ● left ● right │  │ ● left ● right │  │ ● left ● right │
      │        ┃       │  │     ┃      ┃   │  │     ┃      ┃   │  │     ┃      ┃   │  │     ┃      ┃   │  │     ┃      ┃   │
      └────────╂───────┘  └─────╂──────╂───┘  └─────╂──────╂───┘  └─────╂──────╂───┘  └─────╂──────╂───┘  └─────╂──────╂───┘
               ┗━━━━━━━━━━━━━━━━┛      ┗━━━━━━━━━━━━┛      ┗━━━━━━━━━━━━┛      ┗━━━━━━━━━━━━┛      ┗━━━━━━━━━━━━┛      ┗━━━━━┓
      ┌─ r6 ───────────┐    ┌─ r7 ───────────┐    ┌─ r8 ───────────┐                                                         ┃
      │       App      │    │       App      │    │       App      │                                                         ┃
      │   Inet stack   │    │   Inet stack   │    │   Inet stack   │                                                         ┃
      │ ● Kernel fwd   │    │ ◆ Kernel fwd   │    │   Kernel fwd   │                                                         ┃
      │     ┏━━┻━━━┓   │    │     ┏━━┹───┐   │    │        │       │                                                         ┃
      │ ● left ● right │    │ ● left   right │    │      left      │                                                         ┃
      │     ┃      ┃   │    │     ┃      │   │    │        │       │                                                         ┃
      └─────╂──────╂───┘    └─────╂──────┼───┘    └────────┼───────┘                                                         ┃
            ┃      ┗━━━━━━━━━━━━━━┛      └─────────────────┘                                                                 ┃
            ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛

      "
    `);
  });

  it('moves under a camera that follows the packet', () => {
    expect(drawn({ picture: routers, way: along }, 'Kernel forwarding@r4', SMALL)).toMatchInlineSnapshot(`
      "
       r3 ──────────────────┐ ┌─ r4 ──────────────────┐ ┌─ r5 ──────────────────┐ ┌─ r
           Application      │ │      Application      │ │      Application      │ │
                │           │ │           │           │ │           │           │ │
           Inet stack       │ │      Inet stack       │ │      Inet stack       │ │
      ◀         │           │ │           │           │ │           │           │ │
      ● Kernel forwarding   │ │ ◆ Kernel forwarding   │ │   Kernel forwarding   │ │  ▶
            ┏━━━┻━━━━━┓     │ │       ┏━━━┹─────┐     │ │       ┌───┴─────┐     │ │
        ● left    ● right   │ │   ● left      right   │ │     left      right   │ │
            ┃         ┃     │ │       ┃         │     │ │       │         │     │ │
      ──────╂─────────╂─────┘ └───────╂─────────┼─────┘ └───────┼─────────┼─────┘ └───
      ━━━━━━┛         ┗━━━━━━━━━━━━━━━┛         └───────────────┘         └───────────
      "
    `);
  });
});

describe('what does not work', () => {
  it('is marked: a cable that is unplugged, and the interfaces at its ends', () => {
    const [first, ...rest] = ROUTER.topology.links;
    const world = worldOf({ topology: { ...ROUTER.topology, links: [{ ...first, state: 'down' }, ...rest] } });
    const way = ['Inet stack@pc1', 'Kernel forwarding@pc1', 'eth0@pc1'];
    expect(drawn({ picture: pictureOf(world), way }, 'eth0@pc1', SMALL)).toMatchInlineSnapshot(`
      "
        ┌─ pc1 ──────────┐  ┌─ router ────────────────────────┐  ┌─ pc2 ──────────┐
        │       App      │  │               App               │  │       App      │
        │        │       │  │                │                │  │        │       │
        │ ● Inet stack   │  │           Inet stack            │  │   Inet stack   │
        │        ┃       │  │                │                │  │        │       │
        │ ● Kernel fwd   │  │           Kernel fwd            │  │   Kernel fwd   │
        │        ┃       │  │        ┌───────┴───────┐        │  │        │       │
        │    ◆ ╳eth0     │  │      ╳eth0           eth1       │  │      eth0      │
        │  192.0.2.1/24  │  │ 192.0.2.254/24 203.0.113.254/24 │  │ 203.0.113.1/24 │
        └────────┼───────┘  └────────┼───────────────┼────────┘  └────────┼───────┘
                 └─────────╳─────────┘               └────────────────────┘
      "
    `);
  });
});
