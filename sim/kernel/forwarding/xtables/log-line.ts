import type { Packet } from '../../../packet/packet.ts';
import { formatIpv4 } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/bytes.ts';
import { IP_DF, IP_MF, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../../wire/ipv4.ts';
import type { PacketFacts } from './packet-facts.ts';
import type { Target } from './target.ts';

/** XT_LOG_TCPSEQ. */
const TCP_SEQUENCE = 1;

/**
 * The line that LOG writes into the kernel's log. Models net/netfilter/nf_log_syslog.c nf_log_ip_packet(). Not
 * modelled: MAC addresses, the options of IP and TCP, the packet that an ICMP error quotes, uid.
 */
export function logLine(target: Target & { readonly kind: 'LOG' }, packet: Packet, facts: PacketFacts): string {
  const header = packet.ip;
  const { fragment } = header;
  const words = [
    `IN=${facts.input?.name ?? ''}`,
    `OUT=${facts.output?.name ?? ''}`,
    `SRC=${formatIpv4(facts.source)}`,
    `DST=${formatIpv4(facts.destination)}`,
    `LEN=${header.totalLength}`,
    `TOS=${byteText(header.tos & 0x1e)}`,
    `PREC=${byteText(header.tos & 0xe0)}`,
    `TTL=${header.ttl}`,
    `ID=${header.identification}`,
    ...((fragment & IP_DF) === 0 ? [] : ['DF']),
    ...((fragment & IP_MF) === 0 ? [] : ['MF']),
    ...(facts.fragmentOffset === 0 ? [] : [`FRAG:${facts.fragmentOffset}`]),
    ...transportWords(target, facts),
    ...(packet.mark === 0 ? [] : [`MARK=0x${packet.mark.toString(16)}`]),
  ];
  return `${target.prefix}${words.join(' ')}`;
}

function transportWords(target: Target & { readonly kind: 'LOG' }, facts: PacketFacts): string[] {
  const { bytes, transport: at, protocol } = facts;
  const room = facts.end - at;
  const isLater = facts.fragmentOffset !== 0;
  const cut = (name: string, needed: number): string[] | undefined => {
    if (isLater) return [`PROTO=${name}`];
    return room < needed ? [`PROTO=${name}`, `INCOMPLETE [${room} bytes]`] : undefined;
  };
  switch (protocol) {
    case PROTOCOL_TCP:
      return cut('TCP', 20) ?? ['PROTO=TCP', ...portWords(bytes, at), ...tcpWords(bytes, at, target.flags)];
    case PROTOCOL_UDP:
      return cut('UDP', 8) ?? ['PROTO=UDP', ...portWords(bytes, at), `LEN=${u16(bytes, at + 4)}`];
    case PROTOCOL_ICMP:
      return cut('ICMP', 8) ?? ['PROTO=ICMP', ...icmpWords(bytes, at)];
    default:
      return [`PROTO=${protocol}`];
  }
}

function portWords(bytes: Uint8Array, at: number): string[] {
  return [`SPT=${u16(bytes, at)}`, `DPT=${u16(bytes, at + 2)}`];
}

const FLAGS = [
  ['CWR', 128],
  ['ECE', 64],
  ['URG', 32],
  ['ACK', 16],
  ['PSH', 8],
  ['RST', 4],
  ['SYN', 2],
  ['FIN', 1],
] as const;

function tcpWords(bytes: Uint8Array, at: number, flags: number): string[] {
  const set = u8(bytes, at + 13);
  return [
    ...((flags & TCP_SEQUENCE) === 0 ? [] : [`SEQ=${u32(bytes, at + 4)}`, `ACK=${u32(bytes, at + 8)}`]),
    `WINDOW=${u16(bytes, at + 14)}`,
    `RES=0x${((u8(bytes, at + 12) & 0x0f) << 2).toString(16).padStart(2, '0')}`,
    ...FLAGS.flatMap(([name, bit]) => ((set & bit) === 0 ? [] : [name])),
    `URGP=${u16(bytes, at + 18)}`,
  ];
}

function icmpWords(bytes: Uint8Array, at: number): string[] {
  const type = u8(bytes, at);
  const words = [`TYPE=${type}`, `CODE=${u8(bytes, at + 1)}`];
  if (type === 0 || type === 8) words.push(`ID=${u16(bytes, at + 4)}`, `SEQ=${u16(bytes, at + 6)}`);
  if (type === 3 && u8(bytes, at + 1) === 4) words.push(`MTU=${u16(bytes, at + 6)}`);
  return words;
}

const byteText = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, '0')}`;
