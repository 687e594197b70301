import { Chance } from '../../sim/core/chance.ts';
import { ms, seconds, us } from '../../sim/core/time.ts';
import { COMWARE_PROFILE, LINUX_PROFILE } from '../../sim/transport/profile.ts';
import type { TcpSocket } from '../../sim/transport/tcp/socket.ts';
import { TcpPair } from '../transport/tcp-bench.ts';
import { Digest } from './digest.ts';

/** Without what the IP layer of a kernel would cut: the wire of these two takes nothing longer than it is. */
const LINUX = { ...LINUX_PROFILE, tcp: { ...LINUX_PROFILE.tcp, segmentationOffload: false } };

/** Two TCPs talk over a bad line as chance has it: every segment with its time, what was read, and what was counted. */
export function digestOfConversation(kind: 'chat' | 'bulk', seed: number): string {
  const chance = new Chance(seed, kind);
  const pick = <T>(from: readonly T[]): T => from[chance.below(from.length)] as T;
  const profile = () => pick([LINUX, LINUX, LINUX, COMWARE_PROFILE]);
  const digest = new Digest();
  let segments = 0;
  const line = {
    delay: pick([us(50), ms(1), ms(20), ms(150)]),
    jitter: pick([us(0), us(0), ms(3)]),
    loss: pick(kind === 'bulk' ? [0.01, 0.03, 0.1] : [0, 0.02, 0.1, 0.25]),
    duplication: pick([0, 0, 0.05]),
    mtu: pick([1500, 1500, 576, 9000]),
  };
  const pair: TcpPair = new TcpPair(
    {
      ...line,
      loses: (packet, from) => {
        segments++;
        digest.text(`${pair.clock.now} ${from}`).bytes(packet.data());
        return false;
      },
    },
    seed,
    [profile(), profile()],
  );
  const isBulk = kind === 'bulk';
  const sizes = isBulk ? [200_000, 600_000] : [1, 100, 1448, 5000, 60_000];
  const receiveBuffer = pick([undefined, undefined, 4096, 20_000]);
  const options = receiveBuffer === undefined ? {} : { receiveBuffer };
  const talk = (socket: TcpSocket): void => {
    let left = pick(sizes);
    const write = (): void => {
      // As long as it is taken whole: the rest goes when there is room.
      for (let asked = 1, taken = 1; left > 0 && taken === asked; left -= taken) {
        asked = Math.min(left, 20_000);
        taken = socket.write(new Uint8Array(asked).fill(seed));
      }
      if (left === 0) pick([() => socket.end(), isBulk ? () => {} : () => socket.close()])();
    };
    let read = 0;
    socket.onWritable = write;
    socket.onData = (data) => {
      read += data.length;
      digest.text(`read ${data.length}`);
      if (chance.below(isBulk ? 50 : 4) === 0) {
        socket.pause();
        pair.clock.after(pick([ms(30), seconds(2)]), () => socket.resume(), undefined);
      }
      if (read < 3000) socket.write(new Uint8Array(pick([1, 50, 600])));
    };
    socket.onEnd = () => pick([() => socket.end(), () => socket.close()])();
    socket.onError = ({ errno }) => digest.text(errno);
    socket.onClose = () => digest.text('closed');
    write();
  };
  pair.b.tcp.listen({ name: 's', place: pair.b.place }, 0, 80, talk, options);
  const client = pair.a.tcp.open({ name: 'c', place: pair.a.place }, options);
  client.onConnect = () => talk(client);
  client.bind(0, 40000);
  client.connect(pair.b.address, 80);
  pair.run(seconds(200));
  for (const { tcp } of [pair.a, pair.b]) digest.text(JSON.stringify(tcp.counters));
  return `${segments} segments ${digest.value}`;
}
