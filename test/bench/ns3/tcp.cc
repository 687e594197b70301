// tcp [BYTES]: one TCP flow over three routers; point-to-point links of 1 Gb/s and 100 us, segments of 1448 bytes. A hop
// is any frame that a device has sent, a packet one of those on the last link towards the sink.
#include "meter.h"
#include "row.h"

#include "ns3/applications-module.h"
#include "ns3/point-to-point-module.h"

using namespace ns3;

namespace
{
constexpr uint32_t ROUTERS = 3;
constexpr uint32_t SEGMENT = 1448;
constexpr uint32_t BUFFER = 1 << 20;
constexpr uint16_t PORT = 5001;

uint64_t g_frames = 0;
uint64_t g_lastLink = 0;
uint64_t g_bytes = 0;

void
Count(uint64_t* counter, Ptr<const Packet>)
{
    ++*counter;
}

void
Received(Ptr<const Packet> packet, const Address&)
{
    g_bytes += packet->GetSize();
}
} // namespace

int
main(int argc, char* argv[])
{
    Meter meter("tcp");
    const uint64_t bytes = argc > 1 ? std::stoull(argv[1]) : 100000000;
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(SEGMENT));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(BUFFER));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(BUFFER));

    PointToPointHelper cable;
    cable.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    cable.SetChannelAttribute("Delay", StringValue("100us"));
    Row row(ROUTERS, [&cable](NodeContainer pair) { return cable.Install(pair); });
    for (const NetDeviceContainer& ends : row.Devices())
    {
        for (uint32_t end = 0; end < 2; ++end)
        {
            ends.Get(end)->TraceConnectWithoutContext("PhyTxEnd", MakeBoundCallback(&Count, &g_frames));
        }
    }
    row.Devices().back().Get(0)->TraceConnectWithoutContext("PhyTxEnd", MakeBoundCallback(&Count, &g_lastLink));

    BulkSendHelper sender("ns3::TcpSocketFactory", InetSocketAddress(row.SinkAddress(), PORT));
    sender.SetAttribute("MaxBytes", UintegerValue(bytes));
    sender.SetAttribute("SendSize", UintegerValue(SEGMENT));
    sender.Install(row.Source()).Start(Seconds(0.1));
    PacketSinkHelper receiver("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), PORT));
    ApplicationContainer sink = receiver.Install(row.Sink());
    sink.Get(0)->TraceConnectWithoutContext("Rx", MakeCallback(&Received));
    meter.Simulate();

    return meter.Print(bytes, g_lastLink, g_frames, g_bytes == bytes);
}
