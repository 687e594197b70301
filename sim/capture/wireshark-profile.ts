import { formatIpv4, type Ipv4 } from '../wire/address.ts';
import { formatMac, type Mac } from '../wire/mac.ts';

/** The words that the colour rules look for in a frame's comment. */
const COMMENT_WORDS = { drop: 'DROPPED', noise: 'DROPPED OTHERHOST', snat: 'SNAT', dnat: 'DNAT' } as const;

/** A line of Wireshark's `hosts` file. */
export interface HostName {
  readonly address: Ipv4;
  readonly name: string;
}

/** A line of its `ethers` file. */
export interface EtherName {
  readonly mac: Mac;
  readonly name: string;
}

/**
 * A configuration profile: file name to content. It belongs into `profiles/cutaway/` of the configuration folder
 * (`~/.config/wireshark`, on Windows `%APPDATA%\Wireshark`) and is chosen by `wireshark -C cutaway`.
 */
export function wiresharkProfile(hosts: readonly HostName[], ethers: readonly EtherName[] = []): Map<string, string> {
  return new Map([
    ['preferences', preferences()],
    ['colorfilters', colorFilters()],
    ['hosts', hostsFile(hosts)],
    ['ethers', ethersFile(ethers)],
  ]);
}

/** Title and format. Time is the simulation's own clock; addresses stay numbers, since a name may stand for several. */
const COLUMNS: readonly (readonly [title: string, format: string])[] = [
  ['No.', '%m'],
  ['Time', '%Cus:frame.time_epoch:0:R'],
  ['Interface', '%Cus:frame.interface_name:0:R'],
  ['Packet', '%Cus:frame.packet_id:0:R'],
  ['Source', '%us'],
  ['Destination', '%ud'],
  ['Protocol', '%p'],
  ['TTL', '%Cus:ip.ttl:1:R'], // the first one: an ICMP error quotes a second
  ['Info', '%i'],
  ['Comment', '%Cus:frame.comment:0:R'],
];

const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  // A packet captured at several points is not a retransmission.
  ['tcp.analyze_sequence_numbers', 'FALSE'],
  // Checksums are computed, never left to hardware: a wrong one is a finding.
  ['ip.check_checksum', 'TRUE'],
  ['tcp.check_checksum', 'TRUE'],
  ['udp.check_checksum', 'TRUE'],
  // Names come from the hosts and ethers files beside this one and from nowhere else.
  ['nameres.network_name', 'TRUE'],
  ['nameres.hosts_file_handling', 'TRUE'],
  ['nameres.use_external_name_resolver', 'FALSE'],
  ['nameres.dns_pkt_addr_resolution', 'FALSE'],
  ['nameres.mac_name', 'TRUE'],
  ['nameres.transport_name', 'FALSE'],
];

function preferences(): string {
  const columns = COLUMNS.map(([title, format]) => `\t"${title}", "${format}"`);
  const settings = SETTINGS.map(([name, value]) => `${name}: ${value}`);
  return `gui.column.format: \n${columns.join(',\n')}\n${settings.join('\n')}\n`;
}

interface ColorRule {
  readonly name: string;
  readonly filter: string;
  readonly background: string;
  readonly foreground: string;
}

const DARK = '#12272e';
const LIGHT = '#ffffff';

/**
 * The first rule that matches colours the row. Names and hues are those of Wireshark's own rules where it has one; its
 * `TTL low or unexpected` is left out, because small TTLs are on purpose here.
 */
const COLOR_RULES: readonly ColorRule[] = [
  // What a bridge floods past a station that it is not for is no loss.
  rule('Not for this station', `frame.comment contains "${COMMENT_WORDS.noise}"`, '#d8d8d8', '#6a6a6a'),
  rule('Dropped', `frame.comment contains "${COMMENT_WORDS.drop}"`, '#a40000', LIGHT),
  rule('Checksum Errors', badChecksum(['ip', 'icmp', 'tcp', 'udp']), '#12272e', '#f78787'),
  rule('ICMP errors', 'icmp.type in {3..5, 11}', '#12272e', '#b7f774'),
  rule('TCP RST', 'tcp.flags.reset == 1', '#d55e00', LIGHT),
  rule('DNAT', `frame.comment contains "${COMMENT_WORDS.dnat}"`, '#ffd9a0', DARK),
  rule('SNAT', `frame.comment contains "${COMMENT_WORDS.snat}"`, '#fff3a8', DARK),
  rule('ARP', 'arp', '#faf0d7', DARK),
  rule('Tunnels', 'vxlan || gre || ip.proto == 4', '#c8efe6', DARK),
  rule('ICMP', 'icmp', '#fce0ff', DARK),
  rule('HTTP', 'http', '#e4ffc7', DARK),
  rule('TCP SYN/FIN', 'tcp.flags.syn == 1 || tcp.flags.fin == 1', '#a0a0a0', DARK),
  rule('TCP', 'tcp', '#e7e6ff', DARK),
  rule('UDP', 'udp', '#daeeff', DARK),
];

function rule(name: string, filter: string, background: string, foreground: string): ColorRule {
  return { name, filter, background, foreground };
}

function badChecksum(protocols: readonly string[]): string {
  return protocols.map((protocol) => `${protocol}.checksum.status == "Bad"`).join(' || ');
}

function colorFilters(): string {
  return COLOR_RULES.map(
    ({ name, filter, background, foreground }) =>
      `@${name}@${filter}@${sixteenBit(background)}${sixteenBit(foreground)}\n`,
  ).join('');
}

/** `#rrggbb` as the file has it, `[red,green,blue]` from 0 to 65535. */
function sixteenBit(color: string): string {
  const components = color.match(/[0-9a-f]{2}/g) ?? [];
  return `[${components.map((component) => Number.parseInt(component, 16) * 257).join(',')}]`;
}

function hostsFile(hosts: readonly HostName[]): string {
  return hosts.map(({ address, name }) => `${formatIpv4(address)}\t${hostName(name)}\n`).join('');
}

function ethersFile(ethers: readonly EtherName[]): string {
  return ethers.map(({ mac, name }) => `${formatMac(mac)}\t${hostName(name)}\n`).join('');
}

/** A blank would end the name and `#` begin a comment. */
function hostName(name: string): string {
  return name.replace(/[\s#]/g, '_');
}
