// bridge [HOSTS [EACH]]: hosts on Ethernet cables of their own around one learning bridge; each sends so many datagrams
// to every other, one host after the other, 5 us between any two sends.
#include "meter.h"

#include "ns3/bridge-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

using namespace ns3;

namespace
{
constexpr uint32_t PAYLOAD = 100;
constexpr uint16_t PORT = 9;
constexpr int64_t SLOT = 5000;

uint64_t g_received = 0;

void
Receive(Ptr<Socket> socket)
{
    while (socket->Recv())
    {
        ++g_received;
    }
}

// What one host has to do: its peers in turn, beginning with the one after it.
struct Host
{
    Ptr<Socket> socket;
    std::vector<InetSocketAddress> peers;
    uint64_t each;
    Time gap;
    uint64_t sent = 0;

    void Send()
    {
        socket->SendTo(Create<Packet>(PAYLOAD), 0, peers[sent / each]);
        if (++sent < each * peers.size())
        {
            Simulator::Schedule(gap, &Host::Send, this);
        }
    }
};
} // namespace

int
main(int argc, char* argv[])
{
    Meter meter("bridge");
    const uint32_t count = argc > 1 ? std::stoul(argv[1]) : 32;
    const uint64_t each = argc > 2 ? std::stoull(argv[2]) : 200;

    // A first request that waits at random, or packets that are thrown away while it does, would be less work.
    Config::SetDefault("ns3::ArpL3Protocol::RequestJitter", StringValue("ns3::ConstantRandomVariable[Constant=0]"));
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));

    NodeContainer nodes;
    nodes.Create(count);
    Ptr<Node> bridge = CreateObject<Node>();
    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("1Gbps"));
    csma.SetChannelAttribute("Delay", StringValue("1us"));
    NetDeviceContainer devices;
    NetDeviceContainer ports;
    for (uint32_t index = 0; index < count; ++index)
    {
        NetDeviceContainer ends = csma.Install(NodeContainer(nodes.Get(index), bridge));
        devices.Add(ends.Get(0));
        ports.Add(ends.Get(1));
    }
    BridgeHelper().Install(bridge, ports);

    InternetStackHelper stack;
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.SetIpv6StackInstall(false);
    stack.Install(nodes);
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.0.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);

    std::vector<Host> hosts(count);
    for (uint32_t index = 0; index < count; ++index)
    {
        Host& host = hosts[index];
        host.socket = Socket::CreateSocket(nodes.Get(index), UdpSocketFactory::GetTypeId());
        host.socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        host.socket->SetRecvCallback(MakeCallback(&Receive));
        host.each = each;
        host.gap = NanoSeconds(SLOT * count);
        for (uint32_t step = 1; step < count; ++step)
        {
            host.peers.emplace_back(interfaces.GetAddress((index + step) % count), PORT);
        }
        Simulator::ScheduleWithContext(nodes.Get(index)->GetId(), NanoSeconds(SLOT * index), &Host::Send, &host);
    }
    meter.Simulate();

    const uint64_t expected = each * count * (count - 1);
    return meter.Print(count, g_received, 2 * g_received, g_received == expected);
}
