import { expect, it } from 'vitest';

import { routerLab } from './router-lab.ts';
import { connect, pass, Server } from './tcp-lab.ts';

it('a', () => {
  const lab = routerLab();
  const server = new Server(lab, 'b', 80);
  const client = connect(lab, 'a', '10.0.2.2', 80);
  pass(lab);
  expect(client.notes).toEqual(['connect']);
  client.write('GET');
  pass(lab);
  expect(server.peer.text).toBe('GET');
  server.peer.socket.write(new Uint8Array(3000));
  server.peer.socket.close();
  pass(lab);
  expect(client.received.length).toBe(3000);
  client.socket.close();
  pass(lab);
});
