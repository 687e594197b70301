// chain PACKETS [CAPTURE-PREFIX]: one UDP flow over eight routers; Ethernet (CSMA) of 1 Gb/s and 1 us, real ARP.
#include "meter.h"
#include "row.h"

#include "ns3/csma-module.h"

using namespace ns3;

namespace
{
constexpr uint32_t ROUTERS = 8;
constexpr uint32_t PAYLOAD = 100;
constexpr uint16_t PORT = 9;

uint64_t g_received = 0;

void
Send(Ptr<Socket> socket, uint64_t left)
{
    socket->Send(Create<Packet>(PAYLOAD));
    if (left > 1)
    {
        Simulator::Schedule(MicroSeconds(10), &Send, socket, left - 1);
    }
}

void
Receive(Ptr<Socket> socket)
{
    while (socket->Recv())
    {
        ++g_received;
    }
}
} // namespace

int
main(int argc, char* argv[])
{
    const bool captures = argc > 2;
    Meter meter(captures ? "chain-capture" : "chain");
    const uint64_t count = argc > 1 ? std::stoull(argv[1]) : 200000;

    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("1Gbps"));
    csma.SetChannelAttribute("Delay", StringValue("1us"));
    Row row(ROUTERS, [&csma](NodeContainer pair) { return csma.Install(pair); });
    if (captures)
    {
        csma.EnablePcapAll(argv[2]);
    }

    Ptr<Socket> sink = Socket::CreateSocket(row.Sink(), UdpSocketFactory::GetTypeId());
    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    sink->SetRecvCallback(MakeCallback(&Receive));
    Ptr<Socket> source = Socket::CreateSocket(row.Source(), UdpSocketFactory::GetTypeId());
    source->Bind();
    source->Connect(InetSocketAddress(row.SinkAddress(), PORT));

    // The first finds the neighbours; those that count begin at one second.
    const uint32_t context = row.Source()->GetId();
    Simulator::ScheduleWithContext(context, Seconds(0), &Send, source, uint64_t(1));
    Simulator::ScheduleWithContext(context, Seconds(1), &Send, source, count);
    meter.Simulate();

    const uint64_t packets = g_received > 0 ? g_received - 1 : 0;
    return meter.Print(count, packets, packets * row.Links(), packets == count);
}
