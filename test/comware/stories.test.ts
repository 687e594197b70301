import { describe, expect, it } from 'vitest';
import { Lab } from '../bench.ts';
import { single, twoDevices, container, host } from './topologies.ts';
const show = (s: any) => console.log(JSON.stringify({ path: s.path, reply: s.replyPath, drops: s.drops.map((d: any)=>d.reason+'@'+d.place.title+' '+d.detail), replies: s.probe.replies.map((r: any)=>[r.ttl,r.sequence]), errors: s.probe.errors, sent: s.probe.sent.map((x:any)=>x.errno) }));
describe('x', () => {
  it('single', () => {
    const lab = new Lab(single.nodes, single.links);
    show(lab.ping('c4', '192.168.7.77'));
    show(lab.ping('c4', '172.20.0.1'));
    show(lab.ping('c4', '10.9.0.1'));
    show(lab.ping('far', '172.20.0.5'));
    show(lab.udp('far', '172.20.0.5:7'));
    show(lab.udp('far', '10.9.0.1:161'));
    show(lab.udp('far', '10.9.0.1:50051'));
    show(lab.udp('router', '10.9.0.1:50051'));
    show(lab.ping('far', '10.9.0.1'));
    show(lab.ping('dev', '192.168.7.77'));
    show(lab.ping('dev/comware', '192.168.7.77'));
    show(lab.ping('dev/comware', '10.9.0.2'));
    show(lab.ping('dev/comware', '172.20.0.2'));
    show(lab.ping('dev/host', '127.1.1.2'));
    console.log(lab.show('dev','addr'), lab.show('dev','route'), lab.show('dev/comware','route','linux'), lab.show('dev/comware','rule'), lab.show('dev','neigh'), lab.show('dev', 'socket'));
  });
  it('two', () => {
    const lab = new Lab(twoDevices.nodes, twoDevices.links);
    show(lab.ping('alpha', '10.2.0.1'));
    show(lab.ping('beta', '10.1.0.1'));
    show(lab.udp('alpha', '10.30.0.30:7'));
    show(lab.ping('alpha', '10.30.0.30'));
    console.log(lab.drops());
  });
});
