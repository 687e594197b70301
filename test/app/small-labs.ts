/** The topology of a scenario, as YAML: two hosts on one cable. */
export const TWO_HOSTS = `topology:
  topology:
    nodes:
      a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
      b: { kind: linux, interfaces: { eth0: { address: 10.0.0.2/24 } } }
    links:
      - endpoints: ["a:eth0", "b:eth0"]
`;

/** A scenario in which an ARP request goes round between two switches for ever. */
export const LOOP = `name: loop
topology:
  topology:
    nodes:
      a: { kind: linux, interfaces: { eth0: { address: 10.0.0.1/24 } } }
      s: { kind: bridge }
      t: { kind: bridge }
    links:
      - endpoints: ["a:eth0", "s:p0"]
      - endpoints: ["s:p1", "t:p1"]
      - endpoints: ["s:p2", "t:p2"]
steps:
  - ping: { from: a, to: 10.0.0.2 }
`;
