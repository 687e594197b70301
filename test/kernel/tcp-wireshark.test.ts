import { afterEach, describe, expect, it } from 'vitest';
import { writePcapng } from '../../sim/capture/pcapng.ts';
import { ms, seconds } from '../../sim/core/time.ts';
import type { Lab } from '../bench.ts';
import { hasTshark, needsTshark, TemporaryFolder, tsharkFields } from '../tools.ts';
import { connect, pass, Server, tcpLab } from './tcp-lab.ts';

/* Wireshark's expert looks over TCP where nothing gets lost: it must find nothing to remark on. */

let folder: TemporaryFolder | undefined;
afterEach(() => {
  folder?.dispose();
  folder = undefined;
});

/** Frames of both hosts' ports that tshark remarks on, or whose checksums are wrong. */
function remarks(lab: Lab): string[] {
  folder = new TemporaryFolder();
  const captures = (lab.world.captures?.captures() ?? []).filter(({ name }) => /^[ab]:eth0$/.test(name));
  return captures.flatMap(({ name, device, frames }, index) => {
    const point = { name, description: '', mac: device.mac, linkType: 'ether' } as const;
    const commented = Array.from(frames, (frame) => ({ ...frame, comment: '' }));
    const file = folder?.write(`${index}.pcapng`, writePcapng([{ point, frames: commented }])) ?? '';
    // A window that is used to the last byte, as Linux does, is nothing wrong.
    const fields = [
      'tcp.analysis.flags',
      'tcp.analysis.window_full',
      'tcp.checksum.status',
      'ip.checksum.status',
      '_ws.col.info',
    ];
    return tsharkFields(file, fields)
      .filter(([flags, full, tcp, ip]) => (flags !== '' && full === '') || tcp === '0' || ip === '0')
      .map((row) => `${name} ${row.join(' | ')}`);
  });
}

/** Serves `size` bytes for each request and closes when the client does. */
function serve(lab: Lab, size: number): Server {
  return new Server(lab, 'b', 80, {}, ({ socket }) => {
    let left = 0;
    const speak = () => {
      for (let taken = 1; left > 0 && taken > 0; left -= taken)
        taken = socket.write(new Uint8Array(Math.min(left, 65536)));
    };
    socket.onWritable = speak;
    socket.onData = () => {
      left += size;
      speak();
    };
    socket.onEnd = () => socket.close();
  });
}

describe.skipIf(!hasTshark)(`Wireshark finds nothing wrong with ${needsTshark}`, () => {
  it.each([0, 1, 1448, 3000, 100_000])('requests and answers of %i bytes', (size) => {
    const lab = tcpLab({ cable: { delay: '3ms' } });
    serve(lab, size);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    for (let request = 0; request < 5; request++) {
      pass(lab, ms(250));
      client.write(`GET ${request}`);
    }
    pass(lab);
    client.socket.close();
    pass(lab, seconds(2));
    expect(client.received.length).toBe(5 * size);
    expect(remarks(lab)).toEqual([]);
  });

  it.each([
    ['without delay', {}],
    ['of 100 Mbit/s and 5 ms', { rate: '100mbit', delay: '5ms' }],
  ])('a megabyte over cables %s', (_, cable) => {
    const lab = tcpLab({ cable });
    serve(lab, 1_000_000);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    client.write('GET');
    pass(lab, seconds(4));
    client.socket.close();
    pass(lab, seconds(2));
    expect(client.received.length).toBe(1_000_000);
    expect(remarks(lab)).toEqual([]);
  });

  it('half-closed connections, writes of one byte, and resets', () => {
    const lab = tcpLab({ cable: { delay: '1ms' } });
    const server = new Server(lab, 'b', 80);
    const client = connect(lab, 'a', '10.0.2.2', 80);
    pass(lab);
    for (let byte = 0; byte < 30; byte++) {
      client.write('x');
      pass(lab, ms(7));
    }
    client.socket.end();
    pass(lab);
    server.peer.write('answer');
    server.peer.socket.close();
    const other = connect(lab, 'a', '10.0.2.2', 80, 40002);
    pass(lab);
    other.socket.abort();
    pass(lab);
    expect(remarks(lab)).toEqual([]);
  });
});
