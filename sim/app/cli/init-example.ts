/** What `cutaway init` writes; a test runs it. */
export const EXAMPLE_TOPOLOGY = `# yaml-language-server: $schema=./topology.schema.json
#
# What exists. A Comware device with one container, a router, and a host behind it:
#
#   web (10.1.0.1) --- TPA bridge --- device-a --- GE1/0/1 192.0.2.1 --- 192.0.2.2 router 198.51.100.1 --- host-b
#
name: example
topology:
  nodes:
    device-a:
      kind: comware
      interfaces:
        # In this order each interface with an address gets a name in the kernel: eth1, eth2, ...
        Virtual-Eth-Group0: { address: 10.1.0.254/24 }   # makes the TPA bridge; the containers' gateway
        GE1/0/1: { address: 192.0.2.1/24 }
        # LoopBack0: { address: 10.10.3.3/32 }
      routes:
        - default via 192.0.2.2
      # The same in the device's own words, applied after the above:
      # configuration: |
      #   interface GigabitEthernet1/0/2
      #    ip address 192.0.2.129 25
      #   #
      #   ip route-static 203.0.113.0 24 192.0.2.2 preference 70
      #   ip ttl-expires enable
      applications:
        - { name: snmp, port: 161, stack: comware }       # listens on Comware's own stack
        - { name: telemetry, port: 50051, stack: kernel } # listens on the Linux kernel's stack
      containers:
        web:
          # networks: { Virtual-Eth-Group0: { ipv4_address: 10.1.0.80 } }   # a fixed address; default: the lowest free
          services:
            - { port: 7, program: echo }
    router:
      kind: linux
      interfaces:
        eth0: { address: 192.0.2.2/24 }
        eth1: { address: 198.51.100.1/24 }
      sysctls: { net.ipv4.ip_forward: 1 }
      routes:
        - 10.1.0.0/24 via 192.0.2.1     # the way back to the containers
    host-b:
      kind: linux
      interfaces:
        eth0: { address: 198.51.100.10/24 }
      routes:
        - default via 198.51.100.1
      services:
        - { port: 7, program: echo }
  links:
    - endpoints: ["device-a:GE1/0/1", "router:eth0"]
      delay: 1ms
    - endpoints: ["router:eth1", "host-b:eth0"]
      # rate: 100mbit
      # loss: 1          # percent, by seeded chance
`;

export const EXAMPLE_SCENARIO = `# yaml-language-server: $schema=./scenario.schema.json
#
# What happens, and what must be seen. Steps run one after the other unless they say \`at: 5s\`.
name: example
title: A container talks to a host outside
topology: topology.yaml
seed: 1
steps:
  - name: the container pings the host
    ping: { from: web, to: 198.51.100.10 }
    expect:
      replies: 1
      reply_ttl: 62
      passes: [eth0@web, TPA bridge, vrfif0@comware, Comware stack, Comware forwarding, GE1/0/1@device-a]
      dropped: none
      header:
        - { at: "device-a:GE1/0/1", direction: out, is: { ttl: 63, source: 10.1.0.1 } }
  - name: the host sends to the container
    udp: { from: host-b, to: "10.1.0.1:7", payload: hello }
    expect: { replies: 1 }
  - name: the router loses its way back
    exec: { on: router, commands: [ip route del 10.1.0.0/24] }
  - name: the answer does not find the container any more
    ping: { from: web, to: 198.51.100.10, timeout: 1s }
    expect:
      replies: 0
      dropped: { reason: kernel:IP_INNOROUTES, at: router }
expect:
  - show: route
    of: web
    is: |
      default via 10.1.0.254 dev eth0
      10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.1
  - show: route
    of: device-a
    has: ["10.1.0.0/24 Direct 0 0 10.1.0.254 Virtual-Eth-Group0"]
    lacks: ["10.1.0.1/32 Direct 0 0 127.0.0.1 InLoop0"]
`;
