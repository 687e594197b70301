/** Where the paper contradicts itself, a real stack, or leaves out what decides. One sentence each. */
export const CONTRADICTIONS = {
  'INC-01': "figure 6 prints 10.10.0.0/24 for LoopBack0's 10.10.3.3/24, whose mask makes it 10.10.3.0/24",
  'INC-02':
    'eth1 is GE1/0/1 in figure 6 and the leg of Virtual-Eth-Group0 in figure 9, but one namespace has each name once',
  'INC-03': 'Loop0 and InLoop0 are names of Comware; in a Linux kernel 127.0.0.0/8 is a local route of lo',
  'INC-04':
    '127.1.1.1 and 127.1.1.2 lie in 127.0.0.0/8, which a stock kernel neither sends nor accepts outside a host: it needs route_localnet=1',
  'INC-05':
    "the host's default route cannot leave by eth0, which is the far end, in Comware's namespace: it leaves by docker0",
  'INC-06':
    'a connected route leads to 127.1.1.0/n only; any other address of Comware matches the default route and counts as outside',
  'INC-07':
    "section 3.5.3 speaks of applications in containers where it means the host's: a sentence copied from 3.5.2",
  'INC-08':
    "a packet that left the host with LoopBack0's address as its source is a martian to Comware's kernel unless accept_local=1",
  'INC-09':
    "LoopBack0's address is Comware's own: what comes in for the host stays with Comware unless it is a reply or a port is given away",
  'INC-10':
    'a kernel decides that an address is local before any route, so ethX is reached only by rules that stand ahead of the local table',
  'INC-11':
    "packets from another network to a port's own address could come up by the port's ethX or by vrfif0: the paper decides by the peer",
  'INC-12':
    "the default source is LoopBack0's address, but without one a kernel holds no such route, and other guides require a source to be configured",
  'INC-13':
    'two listeners on one address and port cannot be in one kernel: it takes two stacks, and nothing is said of connections already open',
  'INC-14':
    'container:comware names a container of the other Docker instance, which the user cannot reach: the name must be translated',
  'INC-15':
    'the Guest Shell does not share the namespace, yet other guides give it the source address that only sharing needs',
  'INC-16':
    'a restart of a container keeps its layer in upstream Docker; only removing it, or restarting the device, loses it',
  'INC-17':
    'the TPA bridge appears when Virtual-Eth-Group0 is created by one sentence, and when it gets its address by another',
  'INC-18':
    'figure 10 passes vrfif0 and figures 11, 13 and 14 do not, though a kernel takes the same way from the leg to the Comware stack in all of them',
  'INC-19':
    "the application is Comware's in both branches although its stack does not support it: applications are of two kinds, on either stack",
  'INC-20':
    'with NAT outside peers do not use the address of the container, and which NAT, to which address, and who answers for it is not said',
  'INC-21':
    'only the first packet of TFTP goes to port 69; the data runs between two fresh ports that no rule by port names',
  'INC-22': '--cpuset-shared is no option of docker; --cpu-shares is meant',
  'INC-23':
    "the device's address is hidden only as long as Comware sends no ICMP errors, and the gateway of the container is an address of it too",
  'INC-24': 'addresses of different chapters collide, and figures 16 to 18 give no masks, clients or uplinks',
  'INC-25': 'the paper never says what decrements the TTL',
  'INC-26':
    'the default route by 127.1.1.2 alone makes a kernel send from 0.0.0.0, as 127/8 has scope host: it needs a source',
  'INC-27': 'ICMP has no ports, so neither protocol nor port tells which stack an echo is for',
  'INC-28': 'IPv6 appears in the option --ip6 and nowhere else',
  'INC-29':
    'containers are isolated from each other by 3.2.3, and share addresses, routes and ports with Comware by 3.5.1',
  'INC-30': 'which free address a container gets, and when it becomes free again, is not said',
  'INC-31':
    'a Kubernetes worker must be reached by its master, which the host behind Comware is not; the pod network is not described',
  'INC-32':
    'small slips: IPC as communication within a process, containers that route, steps 4 and 5 numbered as if both happened',
} as const satisfies Readonly<Record<string, string>>;

export type IncId = keyof typeof CONTRADICTIONS;
