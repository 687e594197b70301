import { strerror } from '../core/errno.ts';
import type { ArpingAnswer, ArpingResult } from '../program/arping.ts';
import type { HttpResult } from '../program/http-client.ts';
import type { PullResult } from '../program/registry-client.ts';
import type { TcpResult } from '../program/tcp-client.ts';
import type { TftpResult } from '../program/tftp-client.ts';
import type { Hop, TracerouteResult } from '../program/traceroute.ts';
import { formatIpv4 } from '../wire/address.ts';
import { formatMac } from '../wire/mac.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { Probe } from './start-probe.ts';

/** What the program of a step prints on its terminal; ping and udp are told in the report's own words. */
export function outputOf(probe: Probe): string[] {
  switch (probe.kind) {
    case 'ping':
    case 'udp':
      return [];
    case 'tcp':
      return tcpOutput(probe);
    case 'http':
      return httpOutput(probe);
    case 'tftp':
      return tftpOutput(probe);
    case 'traceroute':
      return tracerouteOutput(probe);
    case 'pull':
      return pullOutput(probe);
    case 'arping':
      return arpingOutput(probe);
  }
}

/** As nc -v: what came of the connection, then what the server said. */
function tcpOutput({ destination, port, connected, error, received, closed, isResumed }: TcpResult): string[] {
  const peer = `${formatIpv4(destination)} ${port}`;
  const said = linesOf(received);
  if (!connected)
    return [`nc: connect to ${peer} (tcp) failed: ${error === undefined ? 'no answer' : strerror(error)}`];
  const end = error === undefined ? (closed ? [] : ['(open)']) : [`nc: ${strerror(error)}`];
  return [...(isResumed ? [] : [`Connection to ${peer} (tcp) succeeded!`]), ...said, ...end];
}

/** As curl -i: status line, headers, an empty line, the body. */
function httpOutput({ url, response, failure }: HttpResult): string[] {
  if (response === undefined) return [`curl ${url}`, failure ?? 'curl: no answer'];
  return [
    `curl -i ${url}`,
    `HTTP/1.1 ${response.status} ${response.reason}`,
    ...response.lines,
    '',
    ...linesOf(response.body),
  ];
}

/** As tftp-hpa, verbose. */
function tftpOutput({ verb, name, file, failure, took, size }: TftpResult): string[] {
  if (failure !== undefined) return [`tftp> ${verb} ${name}`, failure];
  if (file === undefined) return [`tftp> ${verb} ${name}`];
  const bytes = verb === 'put' ? size : file.length;
  const time = `${(took / 1e9).toFixed(3)} seconds`;
  return [`tftp> ${verb} ${name}`, `${verb === 'put' ? 'Sent' : 'Received'} ${bytes} bytes in ${time}`];
}

function tracerouteOutput(result: TracerouteResult): string[] {
  const { flavour, destination, maxHops, size, hops, failure } = result;
  const to = formatIpv4(destination);
  const isComware = flavour === 'Comware';
  const head = isComware
    ? `traceroute to ${to} (${to}), ${maxHops} hops at most, ${size} bytes each packet, press CTRL+C to break`
    : `traceroute to ${to} (${to}), ${maxHops} hops max, ${size} byte packets`;
  const gap = isComware ? ' ' : '  ';
  const rows = hops.map((hop) => `${String(hop.ttl).padStart(2)}${gap}${answersOf(hop, gap)}`);
  return [head, ...rows, ...(failure === undefined ? [] : [isComware ? failure : `send: ${failure}`])];
}

/** An address is printed once, until another one answers: `1.1.1.2 (1.1.1.2)  0.661 ms  0.618 ms *`. */
function answersOf(hop: Hop, gap: string): string {
  let last = 0;
  let text = '';
  for (const answer of hop.answers) {
    if (answer === undefined) {
      text += ' *';
      continue;
    }
    const who = formatIpv4(answer.from);
    if (answer.from !== last) text += `${text === '' ? '' : gap}${who} (${who})`;
    last = answer.from;
    text += `  ${(answer.roundTrip / 1e6).toFixed(3)} ms${answer.mark === '' ? '' : ` ${answer.mark}`}`;
  }
  return text.trimStart();
}

/** As docker pull. */
function pullOutput({ image, digest, layers, failure }: PullResult): string[] {
  if (failure !== undefined) return [failure];
  const colon = image.lastIndexOf(':');
  const repository = image.slice(image.indexOf('/') + 1, colon);
  return [
    `${image.slice(colon + 1)}: Pulling from ${repository}`,
    ...layers.map((layer) => `${layer.slice('sha256:'.length, 'sha256:'.length + 12)}: Pull complete`),
    `Digest: ${digest}`,
    `Status: Downloaded newer image for ${image}`,
    image,
  ];
}

/** As arping of iputils. */
function arpingOutput(result: ArpingResult): string[] {
  const { destination, source, device, sent, replies, answers, broadcasts, failure } = result;
  if (failure !== undefined && source === 0) return [failure];
  const answered = replies.map(({ from, roundTrip }, index) => {
    const { mac, unicast } = answers[index] as ArpingAnswer;
    const way = unicast ? 'Unicast' : 'Broadcast';
    return `${way} reply from ${formatIpv4(from)} [${formatMac(mac).toUpperCase()}]  ${(roundTrip / 1e6).toFixed(3)}ms`;
  });
  return [
    `ARPING ${formatIpv4(destination)} from ${formatIpv4(source)} ${device}`,
    ...answered,
    ...(failure === undefined ? [] : [failure]),
    `Sent ${sent.length} probes (${broadcasts} broadcast(s))`,
    `Received ${replies.length} response(s)`,
  ];
}

function linesOf(bytes: Uint8Array): string[] {
  const text = decodeUtf8(bytes);
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** Who answered at each hop, as an expectation names it: `10.0.1.1`, `*`, `20.1.1.2 !N`. */
export function hopText(hop: Hop): string {
  const texts = hop.answers.flatMap((answer) =>
    answer === undefined ? [] : [`${formatIpv4(answer.from)}${answer.mark === '' ? '' : ` ${answer.mark}`}`],
  );
  return texts.length === 0 ? '*' : [...new Set(texts)].join(' ');
}
