// routes ROUTES [PACKETS]: source, router, sink; the router has so many static routes, all by the link to the sink, and
// each datagram goes to a random address within a random one. The same numbers as in test/bench/routes.ts, which draws
// the same prefixes. The sink has no addresses: it counts what its device is given.
#include "meter.h"

#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <set>
#include <vector>

using namespace ns3;

namespace
{
constexpr uint32_t PAYLOAD = 100;
constexpr uint16_t PORT = 9;
constexpr uint32_t LENGTHS[] = {24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 23, 23, 22, 22, 21, 20, 19, 18, 32};

uint32_t g_random = 12345;
uint64_t g_received = 0;

uint32_t
Random()
{
    g_random ^= g_random << 13;
    g_random ^= g_random >> 17;
    g_random ^= g_random << 5;
    return g_random;
}

struct Prefix
{
    uint32_t address;
    uint32_t mask;

    bool operator<(const Prefix& other) const
    {
        return address != other.address ? address < other.address : mask < other.mask;
    }
};

std::vector<Prefix> g_prefixes;

void
Draw(uint32_t count)
{
    std::set<Prefix> seen;
    while (g_prefixes.size() < count)
    {
        const uint32_t length = LENGTHS[Random() % std::size(LENGTHS)];
        const uint32_t mask = ~uint32_t(0) << (32 - length);
        const Prefix prefix{Random() & mask, mask};
        const uint32_t first = prefix.address >> 24;
        if (first >= 11 && first != 127 && first <= 223 && seen.insert(prefix).second)
        {
            g_prefixes.push_back(prefix);
        }
    }
}

void
Send(Ptr<Socket> socket, uint64_t left)
{
    const Prefix& prefix = g_prefixes[Random() % g_prefixes.size()];
    const Ipv4Address destination(prefix.address | (Random() & ~prefix.mask));
    socket->SendTo(Create<Packet>(PAYLOAD), 0, InetSocketAddress(destination, PORT));
    if (left > 1)
    {
        Simulator::Schedule(MicroSeconds(10), &Send, socket, left - 1);
    }
}

void
Receive(Ptr<NetDevice>, Ptr<const Packet>, uint16_t, const Address&, const Address&, NetDevice::PacketType)
{
    ++g_received;
}
} // namespace

int
main(int argc, char* argv[])
{
    Meter meter("routes");
    const uint32_t count = argc > 1 ? std::stoul(argv[1]) : 1000;
    const uint64_t packets = argc > 2 ? std::stoull(argv[2]) : 50000;
    Draw(count);

    NodeContainer nodes;
    nodes.Create(3);
    InternetStackHelper stack;
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.SetIpv6StackInstall(false);
    stack.Install(NodeContainer(nodes.Get(0), nodes.Get(1)));
    PointToPointHelper cable;
    cable.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    cable.SetChannelAttribute("Delay", StringValue("1us"));
    NetDeviceContainer near = cable.Install(nodes.Get(0), nodes.Get(1));
    NetDeviceContainer far = cable.Install(nodes.Get(1), nodes.Get(2));
    Ipv4AddressHelper("10.0.0.0", "255.255.255.0").Assign(near);
    Ipv4AddressHelper("10.0.1.0", "255.255.255.0").Assign(NetDeviceContainer(far.Get(0)));
    nodes.Get(2)->RegisterProtocolHandler(MakeCallback(&Receive), 0x0800, far.Get(1));

    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(nodes.Get(0)->GetObject<Ipv4>())->SetDefaultRoute("10.0.0.2", 1);
    Ptr<Ipv4StaticRouting> table = routing.GetStaticRouting(nodes.Get(1)->GetObject<Ipv4>());
    for (const Prefix& prefix : g_prefixes)
    {
        table->AddNetworkRouteTo(Ipv4Address(prefix.address), Ipv4Mask(prefix.mask), "10.0.1.2", 2);
    }

    Ptr<Socket> source = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    source->Bind();
    Simulator::ScheduleWithContext(nodes.Get(0)->GetId(), Seconds(1), &Send, source, packets);
    meter.Simulate();

    return meter.Print(count, g_received, 2 * g_received, g_received == packets);
}
