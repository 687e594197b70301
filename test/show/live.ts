import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/* Programs on a real network that do what the steps of a scenario do. */

const SERVER = `
import socket
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 53))
tcp = socket.socket()
tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
tcp.bind(("0.0.0.0", 80))
tcp.listen(4096)
print("ready", flush=True)
data, peer = udp.recvfrom(2048)
udp.sendto(data, peer)
connection, _ = tcp.accept()
connection.sendall(connection.recv(2048))
print("served", flush=True)
input()
`;

/** The web server of pc2, whom nobody asks. */
const LISTENER = `
import socket
tcp = socket.socket()
tcp.bind(("0.0.0.0", 80))
tcp.listen(4096)
print("ready", flush=True)
input()
`;

const CLIENT = `
import socket
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 5000))
udp.sendto(b"who", ("203.0.113.1", 53))
udp.recv(2048)
udp.close()
tcp = socket.socket()
tcp.connect(("203.0.113.1", 80))
tcp.sendall(b"hello")
tcp.recv(2048)
print("done", flush=True)
input()
`;

/** Pings, asks by UDP and leaves a connection open, from pc1 to isp of the office; gives what ends the programs. */
export async function liveOffice(prefix: string): Promise<() => void> {
  const started = [program(`${prefix}isp`, SERVER), program(`${prefix}pc2`, LISTENER)];
  for (const one of started) await once(one.stdout, 'data');
  spawnSync('ip', ['netns', 'exec', `${prefix}pc1`, 'ping', '-c1', '192.168.7.12']);
  spawnSync('ip', ['netns', 'exec', `${prefix}pc1`, 'ping', '-c2', '-i0.2', '203.0.113.1']);
  const client = program(`${prefix}pc1`, CLIENT);
  started.push(client);
  await once(client.stdout, 'data');
  return () => {
    for (const one of started) one.kill('SIGKILL');
  };
}

function program(namespace: string, text: string) {
  return spawn('ip', ['netns', 'exec', namespace, 'python3', '-c', text], { stdio: ['pipe', 'pipe', 'inherit'] });
}
